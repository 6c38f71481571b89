package elementwise_test

import (
	"errors"
	"testing"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// fuzzShape makes a shape of small numbers, zero included, of a few bytes.
func fuzzShape(v uint32) []int {
	var s []int
	for rank := v % 6; rank > 0; rank-- {
		v = v / 6
		s = append(s, int(v%6))
	}
	return s
}

// FuzzBinary holds operators on integers against the definition: the right
// numbers, or an error where broadcasting has none.
func FuzzBinary(f *testing.F) {
	f.Add(uint32(2+6*3), uint32(1), uint8(0))
	f.Add(uint32(7654321), uint32(1234567), uint8(1))
	f.Add(uint32(2+6*5+36*4), uint32(2+6*5+36*1), uint8(2))
	f.Fuzz(func(t *testing.T, sa, sb uint32, which uint8) {
		operators := []struct {
			name string
			f    func(x, y int32) int32
		}{
			{"Sub", func(x, y int32) int32 { return x - y }},
			{"Max", func(x, y int32) int32 { return max(x, y) }},
			{"Mul", func(x, y int32) int32 { return x * y }},
		}
		o := operators[int(which)%len(operators)]
		counted := func(shape []int) *tensor.Tensor {
			n, _ := tensor.Count(shape)
			x := make([]int32, n)
			for i := range x {
				x[i] = int32(i*7 - 3)
			}
			return tensor.From(x, shape...)
		}
		a, b := counted(fuzzShape(sa)), counted(fuzzShape(sb))
		want, shape, wrong := naive(a, b, o.f)
		out, err := optest.Run(elementwise.Table, node(o.name, 2), 13, a, b)
		switch {
		case wrong != nil:
			if !errors.Is(err, quintet.ErrInput) {
				t.Fatalf("%v and %v: %v", a, b, err)
			}
		case err != nil:
			t.Fatal(err)
		default:
			if err := optest.Compare(out[0], tensor.From(want, shape...), 0, 0); err != nil {
				t.Fatal(err)
			}
		}
	})
}

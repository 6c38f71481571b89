package nn_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
)

// feedFor returns inputs of the given shapes with values of a few units.
func feedFor(seed uint64, shapes [][]int) []*tensor.Tensor {
	rng := rand.New(rand.NewPCG(seed, 7))
	in := make([]*tensor.Tensor, len(shapes))
	for i, shape := range shapes {
		n, err := tensor.Count(shape)
		if err != nil {
			panic(err)
		}
		v := make([]float32, n)
		for j := range v {
			v[j] = float32(rng.NormFloat64())
		}
		in[i] = tensor.From(v, shape...)
	}
	return in
}

// sameOutputs reports how two lists of outputs differ by more than rounding, relative to
// the largest element of each.
func sameOutputs(got, want []*tensor.Tensor) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d outputs, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		if g.String() != w.String() {
			return fmt.Errorf("output %d is %v, want %v", i, g, w)
		}
		if w.Type != onnxpb.Float {
			continue
		}
		if err := sameFloats(tensor.Of[float32](g), tensor.Of[float32](w)); err != nil {
			return fmt.Errorf("output %d, %v: %w", i, g, err)
		}
	}
	return nil
}

func sameFloats(got, want []float32) error {
	largest := 1.0
	for _, x := range want {
		if a := math.Abs(float64(x)); !math.IsInf(a, 0) && a > largest {
			largest = a
		}
	}
	for i := range want {
		g, w := float64(got[i]), float64(want[i])
		if g != w && math.IsNaN(g) != math.IsNaN(w) || math.Abs(g-w) > 2e-3*largest {
			return fmt.Errorf("element %d is %v, want %v", i, g, w)
		}
	}
	return nil
}

// agree loads a random graph in both forms and compares what they compute. ok is
// false if both refuse it.
func agree(seed uint64, size int) (ok bool, err error) {
	s := testmodel.RandomGraph(seed, size)
	in := feedFor(seed, s.Shapes)
	var results [2][]*tensor.Tensor
	for i, plain := range []bool{true, false} {
		p, err := nn.Load(s.Model, nn.Options{Plain: plain})
		if errors.Is(err, quintet.ErrUnsupported) && plain {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("plain %v: %w", plain, err)
		}
		for range 2 { // the second run is by plan
			if results[i], err = p.Run(context.Background(), in); err != nil {
				return false, fmt.Errorf("plain %v: %w", plain, err)
			}
		}
	}
	return true, sameOutputs(results[1], results[0])
}

func TestRandomGraphsKeepTheirNumbers(t *testing.T) {
	loaded := 0
	for seed := range uint64(150) {
		ok, err := agree(seed, 4+int(seed%24))
		require.NoError(t, err, "RandomGraph(%d, %d)", seed, 4+seed%24)
		if ok {
			loaded++
		}
	}
	require.Greater(t, loaded, 140, "most graphs load")
}

// FuzzGraph checks that a random valid graph gives the same numbers as it is and
// rewritten, or is refused.
func FuzzGraph(f *testing.F) {
	f.Add(uint64(1), uint8(12))
	f.Fuzz(func(t *testing.T, seed uint64, size uint8) {
		if _, err := agree(seed, 1+int(size%40)); err != nil {
			t.Fatal(err)
		}
	})
}

package optest

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Compare says how got differs from want, nil if it does not: the same type and
// shape, integers equal, floats within |got-want| <= abs + rel*|want|, NaN equal
// to NaN and infinities to themselves. A bfloat16 may be off by its last bit.
func Compare(got, want *tensor.Tensor, rel, abs float64) error {
	if got.Type != want.Type || !slices.Equal(got.Shape, want.Shape) {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	switch want.Type {
	case onnxpb.Float:
		return floats(tensor.Of[float32](got), tensor.Of[float32](want), rel, abs)
	case onnxpb.Double:
		return floats(tensor.Of[float64](got), tensor.Of[float64](want), rel, abs)
	case onnxpb.Float16:
		return floats(halves(got), halves(want), rel, abs)
	case onnxpb.BFloat16: // the suite cuts off what we round, as its successors do
		return floats(brains(got), brains(want), max(rel, 1.0/128), abs)
	}
	if !bytes.Equal(got.Data, want.Data) {
		return fmt.Errorf("%v: elements differ, first at byte %d", got, firstDifference(got.Data, want.Data))
	}
	return nil
}

func firstDifference(a, b []byte) int {
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return len(a)
}

func halves(t *tensor.Tensor) []float32 {
	x := make([]float32, t.Len())
	for i, h := range tensor.Of[uint16](t) {
		x[i] = onnxpb.HalfToFloat32(h)
	}
	return x
}

func brains(t *tensor.Tensor) []float32 {
	x := make([]float32, t.Len())
	for i, h := range tensor.Of[uint16](t) {
		x[i] = math.Float32frombits(uint32(h) << 16)
	}
	return x
}

func floats[T float32 | float64](got, want []T, rel, abs float64) error {
	for i := range want {
		g, w := float64(got[i]), float64(want[i])
		switch {
		case g == w, math.IsNaN(g) && math.IsNaN(w):
		case math.IsInf(w, 0), math.IsNaN(g), math.IsNaN(w), math.Abs(g-w) > abs+rel*math.Abs(w):
			return fmt.Errorf("element %d is %v, want %v", i, g, w)
		}
	}
	return nil
}

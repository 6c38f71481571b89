package quant_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/quant"
)

// quantised returns a weight of a MatMul as integers and scales.
func quantised(t *testing.T, w *onnxpb.Tensor, o quant.Options) (q []int8, scales []float32, l quant.Layer) {
	t.Helper()
	m := graph(func(b *onnxpb.Builder, x string) string { return b.Op("MatMul", x, b.Weight(w)) })
	r, err := quant.Dynamic(m, o)
	require.NoError(t, err)
	q, err = m.Graph.Initializers[0].Int8s()
	require.NoError(t, err)
	scales, err = m.Graph.Initializers[1].Float32s()
	require.NoError(t, err)
	return q, scales, r.Layers[0]
}

// TestWeightsAreRoundedToTheNearestStep holds every weight against the
// definition, for weights of very different columns.
func TestWeightsAreRoundedToTheNearestStep(t *testing.T) {
	const rows, cols = 64, 70
	values := random(5, rows*cols)
	for i := range values {
		values[i] *= float32(math.Pow(10, float64(i%cols%9)-4)) // columns from 1e-4 to 1e4
	}
	for _, o := range []quant.Options{{}, {Bits: 8}, {OneScale: true}, {Bits: 8, OneScale: true}} {
		t.Run(fmt.Sprintf("bits=%d,one=%v", o.Bits, o.OneScale), func(t *testing.T) {
			limit := 64
			if o.Bits == 8 {
				limit = 127
			}
			q, scales, l := quantised(t, onnxpb.NewTensor("w", values, rows, cols), o)
			require.Len(t, scales, map[bool]int{false: cols, true: 1}[o.OneScale])
			worst, reached := 0.0, make([]int, len(scales))
			for i, v := range values {
				k := i % cols % len(scales)
				s := float64(scales[k])
				e := math.Abs(float64(v) - s*float64(q[i]))
				require.LessOrEqual(t, e, s/2*(1+1e-6), "element %d", i)
				worst = max(worst, e)
				reached[k] = max(reached[k], int(math.Abs(float64(q[i]))))
			}
			require.Equal(t, worst, l.MaxError)
			for _, top := range reached {
				require.Equal(t, limit, top, "the largest weight of a scale takes the whole range")
			}
		})
	}
}

func TestStrangeWeightsHaveFiniteScales(t *testing.T) {
	fill := func(v float32) []float32 {
		list := make([]float32, 64*64)
		for i := range list {
			list[i] = v
		}
		return list
	}
	tests := map[string]struct {
		v     float32
		q     int8
		scale float32
	}{
		"zero":                 {0, 0, 1},
		"the smallest number":  {math.SmallestNonzeroFloat32, 0, 1},
		"the largest number":   {math.MaxFloat32, 64, math.MaxFloat32 / 64},
		"its negative":         {-math.MaxFloat32, -64, math.MaxFloat32 / 64},
		"a denormal of a step": {64 * math.SmallestNonzeroFloat32, 64, math.SmallestNonzeroFloat32},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			q, scales, l := quantised(t, onnxpb.NewTensor("w", fill(tt.v), 64, 64), quant.Options{})
			for i := range q {
				require.Equal(t, tt.q, q[i])
			}
			for _, s := range scales {
				require.Equal(t, tt.scale, s)
			}
			require.LessOrEqual(t, l.MaxError, math.Abs(float64(tt.v)))
		})
	}
}

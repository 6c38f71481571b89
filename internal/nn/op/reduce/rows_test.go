package reduce_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op/reduce"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// alongAxis applies f to each row of x along an axis; behind means that the row
// goes on over all dimensions behind it.
func alongAxis(x *tensor.Tensor, axis int, behind bool, f func(row []float64)) *tensor.Tensor {
	outer, n, inner := 1, 1, 1
	for i, d := range x.Shape {
		switch {
		case i < axis:
			outer *= d
		case i == axis || behind:
			n *= d
		default:
			inner *= d
		}
	}
	y := make([]float32, x.Len())
	if len(y) == 0 {
		return tensor.From(y, x.Shape...)
	}
	for o := range outer {
		for i := range inner {
			row := make([]float64, n)
			for j := range n {
				row[j] = float64(tensor.Of[float32](x)[(o*n+j)*inner+i])
			}
			f(row)
			for j := range n {
				y[(o*n+j)*inner+i] = float32(row[j])
			}
		}
	}
	return tensor.From(y, x.Shape...)
}

func naiveSoftmax(row []float64) {
	sum := 0.0
	for _, v := range row {
		sum += math.Exp(v)
	}
	for i, v := range row {
		row[i] = math.Exp(v) / sum
	}
}

var rowOps = map[string]func(row []float64){
	"Softmax": naiveSoftmax,
	"LogSoftmax": func(row []float64) {
		naiveSoftmax(row)
		for i, v := range row {
			row[i] = math.Log(v)
		}
	},
	"Hardmax": func(row []float64) {
		best := 0
		for i, v := range row {
			if v > row[best] {
				best = i
			}
		}
		clear(row)
		row[best] = 1
	},
	"LpNormalization": func(row []float64) {
		d := math.Sqrt(squares(row))
		for i := range row {
			row[i] /= d
		}
	},
}

func TestRowsAreTheirDefinitions(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for name, f := range rowOps {
		for _, shape := range [][]int{{9}, {2, 33}, {3, 5, 17}, {2, 21, 3, 40}, {1, 1, 1}, {2, 0, 3}} {
			for axis := range shape {
				t.Run(fmt.Sprintf("op=%s/shape=%v/axis=%d", name, shape, axis), func(t *testing.T) {
					x := random(rng, shape...)
					want := alongAxis(x, axis, false, f)
					n := node(name, 1, 1, onnxpb.IntAttr("axis", int64(axis-len(shape))))
					got, err := optest.Run(reduce.Table, n, 13, x)
					require.NoError(t, err)
					require.NoError(t, optest.Compare(got[0], want, 1e-5, 1e-6))
					double := make([]float64, x.Len())
					for i, v := range tensor.Of[float32](x) {
						double[i] = float64(v)
					}
					got, err = optest.Run(reduce.Table, n, 13, tensor.From(double, shape...))
					require.NoError(t, err)
					for i, v := range tensor.Of[float64](got[0]) {
						require.InDelta(t, tensor.Of[float32](want)[i], v, 1e-6)
					}
				})
			}
		}
	}
}

func TestSoftmaxBeforeOpset13GoesOnBehindTheAxis(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	x := random(rng, 2, 3, 4)
	for axis := range 4 {
		got, err := optest.Run(reduce.Table, node("Softmax", 1, 1, onnxpb.IntAttr("axis", int64(axis))), 11, x)
		require.NoError(t, err)
		if axis == 3 {
			require.NoError(t, optest.Compare(got[0], tensor.From(ones(24), 2, 3, 4), 0, 0))
			continue
		}
		require.NoError(t, optest.Compare(got[0], alongAxis(x, axis, true, naiveSoftmax), 1e-5, 1e-6))
	}
	got, err := optest.Run(reduce.Table, node("Softmax", 1, 1), 11, x)
	require.NoError(t, err)
	require.NoError(t, optest.Compare(got[0], alongAxis(x, 1, true, naiveSoftmax), 1e-5, 1e-6))
}

func ones(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// naiveNorm is LayerNormalization of a row by its definition; rms leaves the mean.
func naiveNorm(row []float64, gamma, beta []float32, eps float64, rms bool) {
	mean := total(row) / float64(len(row))
	if rms {
		mean = 0
	}
	variance := 0.0
	for _, v := range row {
		variance += (v - mean) * (v - mean) / float64(len(row))
	}
	for i, v := range row {
		row[i] = (v - mean) / math.Sqrt(variance+eps) * float64(gamma[i])
		if beta != nil {
			row[i] += float64(beta[i])
		}
	}
}

func TestNormsAreTheirDefinitions(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, shape := range [][]int{{5}, {3, 7}, {2, 3, 40}, {4, 1}, {0, 4}, {4, 0}} {
		for axis := range shape {
			t.Run(fmt.Sprint(shape, axis), func(t *testing.T) {
				x := random(rng, shape...)
				gamma, beta := random(rng, shape[axis:]...), random(rng, shape[axis:]...)
				at := onnxpb.IntAttr("axis", int64(axis))
				g, b := tensor.Of[float32](gamma), tensor.Of[float32](beta)
				got, err := optest.Run(reduce.Table, node("LayerNormalization", 3, 1, at), 17, x, gamma, beta)
				require.NoError(t, err)
				want := alongAxis(x, axis, true, func(row []float64) { naiveNorm(row, g, b, 1e-5, false) })
				require.NoError(t, optest.Compare(got[0], want, 1e-4, 1e-5))
				got, err = optest.Run(reduce.Table, node("RMSNormalization", 2, 1, at), 23, x, gamma)
				require.NoError(t, err)
				want = alongAxis(x, axis, true, func(row []float64) { naiveNorm(row, g, nil, 1e-5, true) })
				require.NoError(t, optest.Compare(got[0], want, 1e-4, 1e-5))
			})
		}
	}
}

func TestAScaleBroadcastsToTheRows(t *testing.T) {
	x := random(rand.New(rand.NewPCG(9, 9)), 2, 3, 4)
	gamma := tensor.From([]float32{1, 2, 3}, 3, 1)
	got, err := optest.Run(reduce.Table, node("LayerNormalization", 2, 1, onnxpb.IntAttr("axis", 1)), 17, x, gamma)
	require.NoError(t, err)
	full := []float32{1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3}
	want := alongAxis(x, 1, true, func(row []float64) { naiveNorm(row, full, nil, 1e-5, false) })
	require.NoError(t, optest.Compare(got[0], want, 1e-4, 1e-5))
}

func TestHalfNormsGiveFloatStatistics(t *testing.T) {
	x, gamma := tensor.From([]uint16{0x3c00, 0x4200}, 1, 2), tensor.From([]uint16{0x3c00, 0x3c00}, 2) // 1, 3 and 1, 1
	x.Type, gamma.Type = onnxpb.Float16, onnxpb.Float16
	got, err := optest.Run(reduce.Table, node("LayerNormalization", 2, 3), 17, x, gamma)
	require.NoError(t, err)
	require.Equal(t, onnxpb.Float16, got[0].Type)
	require.NoError(t, optest.Compare(got[1], tensor.From([]float32{2}, 1, 1), 0, 0))
	require.NoError(t, optest.Compare(got[2], tensor.From([]float32{1}, 1, 1), 1e-4, 0))
	y := make([]float32, 2)
	vec.HalfToFloat(y, tensor.Of[uint16](got[0]))
	require.InDeltaSlice(t, []float32{-1, 1}, y, 1e-3)
}

func TestAddNormsAreASumAndANorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	const n = 37
	x := random(rng, 2, 3, n)
	bias, gamma, beta := random(rng, n), random(rng, n), random(rng, n)
	for _, r := range []*tensor.Tensor{random(rng, 2, 3, n), random(rng, 3, n), random(rng, 1, 3, n), random(rng, n)} {
		for _, withBias := range []bool{true, false} {
			t.Run(fmt.Sprintf("r=%v/bias=%v", r.Shape, withBias), func(t *testing.T) {
				sum, bias := x.Clone(), bias
				for i := range tensor.Of[float32](sum) {
					tensor.Of[float32](sum)[i] += tensor.Of[float32](r)[i%r.Len()]
					if withBias {
						tensor.Of[float32](sum)[i] += tensor.Of[float32](bias)[i%n]
					}
				}
				if !withBias {
					bias = nil
				}
				g, b := tensor.Of[float32](gamma), tensor.Of[float32](beta)
				want := alongAxis(sum, 2, false, func(row []float64) { naiveNorm(row, g, b, 1e-3, false) })
				rms := alongAxis(sum, 2, false, func(row []float64) { naiveNorm(row, g, nil, 1e-3, true) })
				eps := onnxpb.FloatAttr("epsilon", 1e-3)

				got, err := optest.Run(reduce.Fused, node("AddLayerNormalization", 5, 2, eps), 1, x, r, bias, gamma, beta)
				require.NoError(t, err)
				require.NoError(t, optest.Compare(got[0], want, 1e-4, 1e-5))
				require.NoError(t, optest.Compare(got[1], sum, 1e-6, 1e-6))
				got, err = optest.Run(reduce.Fused, node("AddLayerNormalization", 5, 1, eps), 1, x, r, bias, gamma, beta)
				require.NoError(t, err)
				require.NoError(t, optest.Compare(got[0], want, 1e-4, 1e-5))

				skip := node("SkipLayerNormalization", 5, 4, eps)
				got, err = optest.Run(reduce.Microsoft, skip, 1, x, r, gamma, beta, bias)
				require.NoError(t, err)
				require.NoError(t, optest.Compare(got[0], want, 1e-4, 1e-5))
				require.NoError(t, optest.Compare(got[3], sum, 1e-6, 1e-6))
				require.Equal(t, []int{2, 3, 1}, got[1].Shape)
				skip = node("SkipSimplifiedLayerNormalization", 4, 4, eps)
				skip.Outputs[1], skip.Outputs[2] = "", ""
				got, err = optest.Run(reduce.Microsoft, skip, 1, x, r, gamma, bias)
				require.NoError(t, err)
				require.NoError(t, optest.Compare(got[0], rms, 1e-4, 1e-5))
				require.NoError(t, optest.Compare(got[3], sum, 1e-6, 1e-6))
			})
		}
	}
	_, err := optest.Run(reduce.Fused, node("AddLayerNormalization", 4, 1), 1, x, random(rng, 2, n), nil, gamma)
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = optest.Run(reduce.Fused, node("AddLayerNormalization", 4, 1), 1, x, x, nil, tensor.From([]float32{1}, 1))
	require.ErrorIs(t, err, quintet.ErrInput)
}

package spatial_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func TestPoolsAreTheDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range 120 {
		rank := 1 + i%3
		s, size := randomWindow(rng, rank)
		ceil, padded, mean := rng.IntN(2) == 0, rng.IntN(2) == 0, rng.IntN(2) == 0
		channels := []int{1, 3, 8, 17}[rng.IntN(4)]
		x := randomVolume(rng, 1+rng.IntN(2), channels, size)
		attrs, name := s.attrs(rank), "MaxPool"
		if ceil {
			attrs = append(attrs, onnxpb.IntAttr("ceil_mode", 1))
		}
		if mean {
			name = "AveragePool"
			if padded {
				attrs = append(attrs, onnxpb.IntAttr("count_include_pad", 1))
			}
		}
		want, index := naivePool(x, s, s.outSize(size, ceil), mean, padded)
		for _, last := range []bool{false, true} {
			got, err := run(node(last, name, attrs), way{19, false, 1}, x.tensor(rank, last))
			require.NoError(t, err)
			require.NoError(t, optest.Compare(got[0], want.tensor(rank, last), 1e-5, 1e-6), "%d: %s %+v", i, name, s)
		}
		if !mean {
			got, err := run(node(false, name, attrs, "indices"), way{19, false, 1}, x.tensor(rank, false))
			require.NoError(t, err)
			require.NoError(t, optest.Compare(got[0], want.tensor(rank, false), 0, 0))
			require.Equal(t, index, tensor.Of[int64](got[1]))
		}
	}
}

func TestPoolsSplitOverThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	one := [3]int{1, 1, 1}
	s := sliding{kernel: [3]int{1, 2, 2}, stride: [3]int{1, 1, 2}, dilation: one, begin: [3]int{0, 1, 1}}
	x := randomVolume(rng, 1, 64, [3]int{1, 64, 130})
	for name, mean := range map[string]bool{"MaxPool": false, "AveragePool": true} {
		want, _ := naivePool(x, s, s.outSize(x.size, false), mean, false)
		got, err := run(node(true, name, s.attrs(2)), way{13, false, 3}, x.tensor(2, true))
		require.NoError(t, err)
		require.NoError(t, optest.Compare(got[0], want.tensor(2, true), 1e-5, 1e-6))
	}
}

func TestMaxPoolTakesManyTypes(t *testing.T) {
	attrs := []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", 2), onnxpb.IntsAttr("pads", 1, 1)}
	tests := map[string]struct{ x, want *tensor.Tensor }{
		"int8":    {tensor.From([]int8{-5, -7, 3}, 1, 1, 3), tensor.From([]int8{-5, -5, 3, 3}, 1, 1, 4)},
		"uint8":   {tensor.From([]uint8{200, 7, 3}, 1, 1, 3), tensor.From([]uint8{200, 200, 7, 3}, 1, 1, 4)},
		"float64": {tensor.From([]float64{-1e300, -2, 1}, 1, 1, 3), tensor.From([]float64{-1e300, -2, 1, 1}, 1, 1, 4)},
		"float16": {
			&tensor.Tensor{Type: onnxpb.Float16, Shape: []int{1, 1, 3}, Data: tensor.Bytes([]uint16{0xbc00, 0x3c00, 0})},
			&tensor.Tensor{Type: onnxpb.Float16, Shape: []int{1, 1, 4}, Data: tensor.Bytes([]uint16{0xbc00, 0x3c00, 0x3c00, 0})},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := run(node(false, "MaxPool", attrs), way{13, false, 1}, tt.x)
			require.NoError(t, err)
			require.NoError(t, optest.Compare(got[0], tt.want, 0, 0))
		})
	}
}

func TestMaxPoolKeepsNaN(t *testing.T) {
	nan := float32(math.NaN())
	x := tensor.From([]float32{1, nan, 3, 4}, 1, 1, 4)
	attrs := []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", 2), onnxpb.IntsAttr("strides", 2)}
	for _, outputs := range [][]string{nil, {"indices"}} {
		got, err := run(node(false, "MaxPool", attrs, outputs...), way{13, false, 1}, x)
		require.NoError(t, err)
		require.NoError(t, optest.Compare(got[0], tensor.From([]float32{nan, 4}, 1, 1, 2), 0, 0))
	}
}

func TestWindowsInThePaddingHaveNothing(t *testing.T) {
	x, inf := tensor.From([]float32{5}, 1, 1, 1), float32(math.Inf(-1))
	attrs := []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", 1), onnxpb.IntsAttr("pads", 1, 1)}
	for name, nothing := range map[string]float32{"MaxPool": inf, "AveragePool": 0, "LpPool": 0} {
		got, err := run(node(false, name, attrs), way{13, false, 1}, x)
		require.NoError(t, err)
		require.Equal(t, []float32{nothing, 5, nothing}, tensor.Of[float32](got[0]), name)
	}
}

func TestIndicesCountColumnsFirstIfAsked(t *testing.T) {
	x := blank(1, 1, 2, 3, 4)
	tensor.Of[float32](x)[1*12+2*4+3] = 1 // depth 1, row 2, column 3
	attrs := []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", 2, 3, 4), onnxpb.IntAttr("storage_order", 1)}
	got, err := run(node(false, "MaxPool", attrs, "indices"), way{13, false, 1}, x)
	require.NoError(t, err)
	require.Equal(t, []int64{1 + 2*2 + 3*6}, tensor.Of[int64](got[1]))
}

func TestLpPoolIsTheNorm(t *testing.T) {
	x := tensor.From([]float32{3, -4, 0, 12, 5, -2}, 1, 1, 6)
	attrs := []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", 2), onnxpb.IntsAttr("strides", 2)}
	got, err := run(node(false, "LpPool", attrs), way{18, false, 1}, x)
	require.NoError(t, err)
	require.NoError(t, optest.Compare(got[0], tensor.From([]float32{5, 12, 5.3851648}, 1, 1, 3), 1e-6, 0))
	got, err = run(node(false, "LpPool", append(attrs, onnxpb.IntAttr("p", 1))), way{18, false, 1}, x)
	require.NoError(t, err)
	require.NoError(t, optest.Compare(got[0], tensor.From([]float32{7, 12, 7}, 1, 1, 3), 1e-6, 0))
}

func TestGlobalPoolsTakeAnyRank(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	x := randomVolume(rng, 2, 13, [3]int{2, 3, 5})
	mean, most, norm := newVolume(2, 13, [3]int{1, 1, 1}), newVolume(2, 13, [3]int{1, 1, 1}), newVolume(2, 13, [3]int{1, 1, 1})
	for i := range mean.v {
		plane := x.v[i*30:][:30]
		most.v[i] = plane[0]
		for _, v := range plane {
			mean.v[i] += v / 30
			most.v[i] = max(most.v[i], v)
			norm.v[i] += v * v
		}
		norm.v[i] = float32(math.Sqrt(float64(norm.v[i])))
	}
	for name, want := range map[string]volume{"GlobalAveragePool": mean, "GlobalMaxPool": most, "GlobalLpPool": norm} {
		for _, last := range []bool{false, true} {
			if name == "GlobalLpPool" && last {
				continue
			}
			got, err := run(node(last, name, nil), way{13, false, 1}, x.tensor(3, last))
			require.NoError(t, err)
			require.NoError(t, optest.Compare(got[0], want.tensor(3, last), 1e-5, 1e-6), name)
		}
	}
}

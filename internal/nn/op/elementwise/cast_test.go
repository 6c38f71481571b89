package elementwise_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

var types = []tensor.DType{
	onnxpb.Float, onnxpb.Double, onnxpb.Float16, onnxpb.BFloat16, onnxpb.Bool, onnxpb.Int8, onnxpb.Int16,
	onnxpb.Int32, onnxpb.Int64, onnxpb.Uint8, onnxpb.Uint16, onnxpb.Uint32, onnxpb.Uint64,
}

func cast(t *testing.T, x *tensor.Tensor, to tensor.DType) *tensor.Tensor {
	t.Helper()
	out, err := optest.Run(elementwise.Table, node("Cast", 1, onnxpb.IntAttr("to", int64(to))), 19, x)
	require.NoError(t, err)
	return out[0]
}

func TestSmallNumbersSurviveAnyTwoCasts(t *testing.T) {
	small := tensor.From([]float32{0, 1, 2, 100, 127}, 5)
	for _, from := range types {
		for _, to := range types {
			t.Run(fmt.Sprintf("from=%s/to=%s", from, to), func(t *testing.T) {
				want := small
				if from == onnxpb.Bool || to == onnxpb.Bool {
					want = tensor.From([]float32{0, 1, 1, 1, 1}, 5)
				}
				got := cast(t, cast(t, cast(t, small, from), to), onnxpb.Float)
				require.NoError(t, optest.Compare(got, want, 0, 0))
			})
		}
	}
}

func TestCastsThatDoNotFit(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	x := tensor.From([]float64{-1.9, 300.7, 1e10, -1e30, 1e30, inf, nan, 1.8e19, 65519, 1 + 1.0/2048 + 1e-12}, 10)
	const least32, least64 = math.MinInt32, math.MinInt64
	tests := map[string]struct {
		to   tensor.DType
		want *tensor.Tensor
	}{
		"int8":   {onnxpb.Int8, tensor.From([]int8{-1, 44, 0, 0, 0, 0, 0, 0, -17, 1}, 10)},
		"int32":  {onnxpb.Int32, tensor.From([]int32{-1, 300, least32, least32, least32, least32, least32, least32, 65519, 1}, 10)},
		"int64":  {onnxpb.Int64, tensor.From([]int64{-1, 300, 1e10, least64, least64, least64, least64, least64, 65519, 1}, 10)},
		"uint32": {onnxpb.Uint32, tensor.From([]uint32{math.MaxUint32, 300, 1410065408, 0, 0, 0, 0, 0, 65519, 1}, 10)},
		"uint64": {onnxpb.Uint64, tensor.From([]uint64{math.MaxUint64, 300, 1e10, 1 << 63, 1 << 63, 1 << 63, 1 << 63, 18e18, 65519, 1}, 10)},
		"bool":   {onnxpb.Bool, &tensor.Tensor{Type: onnxpb.Bool, Shape: []int{10}, Data: []byte{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}},
		"float16, rounded once": {onnxpb.Float16, &tensor.Tensor{Type: onnxpb.Float16, Shape: []int{10}, Data: tensor.Bytes(
			[]uint16{0xbf9a, 0x5cb3, 0x7c00, 0xfc00, 0x7c00, 0x7c00, 0x7e00, 0x7c00, 0x7bff, 0x3c01})}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, optest.Compare(cast(t, x, tt.to), tt.want, 0, 0))
		})
	}
}

func TestBFloat16RoundsToEven(t *testing.T) {
	x := tensor.From([]float32{1, 1 + 1.0/256, 1 + 3.0/256, 3e38, 3.4e38, float32(math.NaN()), -2.5}, 7)
	got := cast(t, x, onnxpb.BFloat16)
	require.Equal(t, []uint16{0x3f80, 0x3f80, 0x3f82, 0x7f62, 0x7f80, 0x7fc0, 0xc020}, append([]uint16{}, tensor.Of[uint16](got)...))
}

package optest_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func TestCompare(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	one := tensor.From([]float32{1, 2}, 2)
	halves := func(v ...uint16) *tensor.Tensor {
		return &tensor.Tensor{Type: onnxpb.Float16, Shape: []int{len(v)}, Data: tensor.Bytes(v)}
	}
	tests := map[string]struct {
		got, want *tensor.Tensor
		same      bool
	}{
		"equal":                       {one, tensor.From([]float32{1, 2}, 2), true},
		"within what is allowed":      {tensor.From([]float32{1.0005, 2}, 2), one, true},
		"beyond":                      {tensor.From([]float32{1.005, 2}, 2), one, false},
		"another shape":               {tensor.From([]float32{1, 2}, 2, 1), one, false},
		"another type":                {tensor.From([]int32{1, 2}, 2), one, false},
		"NaN as wanted":               {tensor.From([]float32{nan}, 1), tensor.From([]float32{nan}, 1), true},
		"NaN for a number":            {tensor.From([]float32{nan}, 1), tensor.From([]float32{1}, 1), false},
		"a number for NaN":            {tensor.From([]float32{1}, 1), tensor.From([]float32{nan}, 1), false},
		"infinity as wanted":          {tensor.From([]float32{inf}, 1), tensor.From([]float32{inf}, 1), true},
		"the other infinity":          {tensor.From([]float32{-inf}, 1), tensor.From([]float32{inf}, 1), false},
		"infinity for a number":       {tensor.From([]float32{inf}, 1), tensor.From([]float32{1e38}, 1), false},
		"a large number for infinity": {tensor.From([]float32{3e38}, 1), tensor.From([]float32{inf}, 1), false},
		"integers off by one":         {tensor.From([]int64{1, 3}, 2), tensor.From([]int64{1, 2}, 2), false},
		"doubles":                     {tensor.From([]float64{1.0001}, 1), tensor.From([]float64{1}, 1), true},
		"halves off by a bit":         {halves(0x3c01), halves(0x3c00), true},
		"halves off by more":          {halves(0x3c10), halves(0x3c00), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.same, optest.Compare(tt.got, tt.want, 1e-3, 1e-5) == nil)
		})
	}
}

//go:build cgo && !race

package onnx_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// A run of a batch allocates as often as a run of one item, 64 times here with
// more memory, which is that of the output. The binding's part is 16 to 17; the
// rest are the outputs as tensors and what a context that can end costs.
func TestRunAllocatesNothingPerItem(t *testing.T) {
	rt, err := optimize.New(optimize.Options{Backend: open(t, onnx.Options{Devices: []string{"cpu"}})})
	require.NoError(t, err)
	b := onnxpb.NewBuilder("double")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(384))
	b.Rename(b.Op("Add", x, x), "y")
	b.Output("y", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(384))
	s, err := rt.Session(context.Background(), inMemory(b.Model(17)), optimize.SessionOptions{})
	require.NoError(t, err)
	defer s.Close()
	ending, cancel := context.WithCancel(context.Background())
	defer cancel()
	tests := map[string]struct {
		ctx  context.Context
		most float64
	}{"a context that cannot end": {context.Background(), 21}, "a context that can": {ending, 27}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			allocs := func(items int) float64 {
				in := []optimize.Tensor{tensor(t, make([]float32, items*384), items, 384)}
				return testing.AllocsPerRun(200, func() {
					if _, err := s.Run(tt.ctx, in); err != nil {
						t.Error(err)
					}
				})
			}
			one, many := allocs(1), allocs(64)
			t.Logf("%v allocations for one item, %v for 64", one, many)
			require.LessOrEqual(t, one, tt.most)
			require.LessOrEqual(t, many, tt.most)
		})
	}
}

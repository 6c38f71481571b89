//go:build cgo

package onnx_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// TestAScalarWhoseShapeTheModelDoesNotTell sums a matrix to an output that the model
// declares without a shape, which the binding cannot read.
func TestAScalarWhoseShapeTheModelDoesNotTell(t *testing.T) {
	b, err := onnx.New(onnx.Options{Dev: true})
	if err != nil {
		t.Skipf("no ONNX Runtime (go run ./optimize/onnx/install): %v", err)
	}
	defer b.Close()
	g := onnxpb.NewBuilder("sum")
	x := g.Input("x", onnxpb.Float, onnxpb.FixedDim(2), onnxpb.FixedDim(2))
	g.Rename(g.OpWith("Einsum", []onnxpb.Attribute{onnxpb.TextAttr("equation", "ij->")}, x), "y")
	g.Output("y", onnxpb.Float)
	m := g.Model(17)
	m.Graph.Outputs[0].Type.Tensor.Shape = nil
	s, err := b.Load(context.Background(), optimize.ModelBytes(m.Append(nil)), optimize.SessionOptions{})
	require.NoError(t, err)
	defer s.Close()
	in, err := optimize.NewTensor([]float32{1, 2, 3, 4}, 2, 2)
	require.NoError(t, err)
	_, err = s.Run(context.Background(), []optimize.Tensor{in})
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	require.ErrorContains(t, err, "scalar")
}

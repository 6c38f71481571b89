package optimize_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// determinant is a model that ONNX Runtime can run and the native backend cannot.
func determinant() optimize.Model {
	b := onnxpb.NewBuilder("determinant")
	b.Rename(b.Op("Det", b.Input("x", onnxpb.Float, onnxpb.FixedDim(2), onnxpb.FixedDim(2))), "y")
	b.Output("y", onnxpb.Float)
	return optimize.ModelBytes(b.Model(17).Append(nil))
}

func TestPreferTakesTheOtherBackendForWhatNativeRefuses(t *testing.T) {
	ort, err := onnx.New(onnx.Options{Dev: true})
	if err != nil {
		t.Skipf("no ONNX Runtime (go run ./optimize/onnx/install): %v", err)
	}
	native, err := optimize.NewNative(optimize.NativeOptions{})
	require.NoError(t, err)
	_, err = native.Load(context.Background(), determinant(), optimize.SessionOptions{})
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	require.ErrorContains(t, err, "Det-17 of float32")

	both := optimize.Prefer(native, ort)
	defer both.Close()
	s, err := both.Load(context.Background(), determinant(), optimize.SessionOptions{})
	require.NoError(t, err)
	defer s.Close()
	x, err := optimize.NewTensor([]float32{3, 1, 4, 2}, 2, 2)
	require.NoError(t, err)
	y, err := s.Run(context.Background(), []optimize.Tensor{x})
	require.NoError(t, err)
	d, err := optimize.Data[float32](y[0])
	require.NoError(t, err)
	require.InDelta(t, 2, d[0], 1e-6)
	r, ok := s.(interface{ Reason() error })
	require.True(t, ok)
	require.ErrorContains(t, r.Reason(), "Det-17 of float32", "the session says why it is not native")
}

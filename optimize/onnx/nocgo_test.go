//go:build !cgo

package onnx_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

func TestWithoutCgoThereIsNoBackend(t *testing.T) {
	_, err := onnx.New(onnx.Options{})
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	require.ErrorContains(t, err, "cgo")
	_, err = onnx.New(onnx.Options{Devices: []string{"abacus"}})
	require.ErrorIs(t, err, quintet.ErrOption)

	var b onnx.Backend
	require.Equal(t, "onnxruntime", b.Name())
	require.Empty(t, b.Library()+b.Version())
	_, err = b.Load(context.Background(), optimize.Model{}, optimize.SessionOptions{})
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	for _, d := range b.Devices() {
		require.False(t, d.Available)
		require.NotEmpty(t, d.Reason)
	}
	require.NoError(t, b.Close())
}

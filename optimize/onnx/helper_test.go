//go:build cgo

package onnx_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// open returns a backend on the library that is installed. Without one the test
// is skipped, unless the environment names one.
func open(t testing.TB, o onnx.Options) *onnx.Backend {
	t.Helper()
	o.Dev = true
	b, err := onnx.New(o)
	if err != nil && os.Getenv("QUINTET_ORT_LIB") == "" {
		t.Skipf("run \"go run github.com/quintet-ai/quintet/optimize/onnx/install\" first: %v", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

// load returns a session on the CPU.
func load(t testing.TB, m optimize.Model) optimize.Session {
	t.Helper()
	b := open(t, onnx.Options{Devices: []string{"cpu"}})
	s, err := b.Load(context.Background(), m, optimize.SessionOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func inMemory(m *onnxpb.Model) optimize.Model { return optimize.ModelBytes(m.Append(nil)) }

// identity gives back what it gets.
func identity(elem onnxpb.DataType, dims ...onnxpb.Dim) *onnxpb.Model {
	b := onnxpb.NewBuilder("identity")
	b.Rename(b.Op("Identity", b.Input("x", elem, dims...)), "y")
	b.Output("y", elem, dims...)
	return b.Model(17)
}

// long multiplies a matrix of n x n with itself many times: seconds of work that
// consist of short operators.
func long(n int64, times int64) *onnxpb.Model {
	body := &onnxpb.Graph{
		Name: "body",
		Inputs: []onnxpb.ValueInfo{onnxpb.TensorInfo("i", onnxpb.Int64), onnxpb.TensorInfo("go", onnxpb.Bool),
			onnxpb.TensorInfo("a", onnxpb.Float, onnxpb.FixedDim(n), onnxpb.FixedDim(n))},
		Outputs: []onnxpb.ValueInfo{onnxpb.TensorInfo("on", onnxpb.Bool),
			onnxpb.TensorInfo("b", onnxpb.Float, onnxpb.FixedDim(n), onnxpb.FixedDim(n))},
		Nodes: []*onnxpb.Node{onnxpb.NewNode("Identity", []string{"go"}, []string{"on"}),
			onnxpb.NewNode("MatMul", []string{"a", "x"}, []string{"b"})},
	}
	b := onnxpb.NewBuilder("long")
	x := b.Input("x", onnxpb.Float, onnxpb.FixedDim(n), onnxpb.FixedDim(n))
	trips := b.Weight(onnxpb.NewTensor("trips", []int64{times}))
	b.Rename(b.OpWith("Loop", []onnxpb.Attribute{onnxpb.GraphAttr("body", body)}, trips, "", x), "y")
	b.Output("y", onnxpb.Float, onnxpb.FixedDim(n), onnxpb.FixedDim(n))
	return b.Model(17)
}

func tensor[T optimize.Element](t testing.TB, data []T, shape ...int) optimize.Tensor {
	t.Helper()
	x, err := optimize.NewTensor(data, shape...)
	require.NoError(t, err)
	return x
}

//go:build cgo

package onnx_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	ort "github.com/yalue/onnxruntime_go"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
)

// BenchmarkRun shows what a Run costs beside the same call of the binding, with a
// model that does nothing: checks, pinning and, with a context that can end, the
// options to stop it.
func BenchmarkRun(b *testing.B) {
	for _, size := range []struct {
		name string
		n    int
	}{{"floats=1", 1}, {"floats=49152", 128 * 384}} {
		data := identity(onnxpb.Float, onnxpb.FreeDim("n")).Append(nil)
		s := load(b, optimize.ModelBytes(data))
		in := []optimize.Tensor{tensor(b, make([]float32, size.n), size.n)}
		ending, cancel := context.WithCancel(context.Background())
		defer cancel()
		for name, ctx := range map[string]context.Context{"session": context.Background(), "session-ctx": ending} {
			b.Run(size.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.Run(ctx, in); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(size.name+"/binding", func(b *testing.B) { benchmarkBinding(b, data, size.n) })
	}
}

// benchmarkBinding runs the model with the binding alone, tensors made and freed
// per call.
func benchmarkBinding(b *testing.B, model []byte, n int) {
	o, err := ort.NewSessionOptions()
	require.NoError(b, err)
	defer o.Destroy()
	require.NoError(b, o.SetIntraOpNumThreads(1))
	s, err := ort.NewDynamicAdvancedSessionWithONNXData(model, []string{"x"}, []string{"y"}, o)
	require.NoError(b, err)
	defer s.Destroy()
	data := make([]float32, n)
	b.ReportAllocs()
	for b.Loop() {
		x, err := ort.NewTensor(ort.NewShape(int64(n)), data)
		if err != nil {
			b.Fatal(err)
		}
		out := make([]ort.Value, 1)
		if err := s.Run([]ort.Value{x}, out); err != nil {
			b.Fatal(err)
		}
		out[0].Destroy()
		x.Destroy()
	}
}

package vision_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
)

// answer is an output of a generated model: the same for every picture, times its
// brightness from 0 to 1 if scaled.
type answer struct {
	name   string
	shape  []int // without the batch
	data   []float32
	ints   []int64 // instead of data
	scaled bool
	hidden bool // the file does not tell the shape
}

// modelOf makes a model that gives known answers for pictures of w by h.
func modelOf(w, h int, answers ...answer) optimize.Model {
	return optimize.ModelBytes(graphOf(w, h, answers...))
}

func graphOf(w, h int, answers ...answer) []byte {
	b := onnxpb.NewBuilder("known")
	batch := onnxpb.FreeDim("batch")
	x := b.Input("images", onnxpb.Float, batch, onnxpb.FixedDim(3), onnxpb.FixedDim(int64(h)), onnxpb.FixedDim(int64(w)))
	mean := b.OpWith("ReduceMean", []onnxpb.Attribute{onnxpb.IntsAttr("axes", 1, 2, 3), onnxpb.IntAttr("keepdims", 0)}, x)
	zero := b.Op("Mul", mean, b.Weight(onnxpb.NewTensor("", []float32{0})))
	for _, a := range answers {
		dims, ones := []int64{1}, []int64{-1}
		info := []onnxpb.Dim{batch}
		for i, n := range a.shape {
			dims, ones = append(dims, int64(n)), append(ones, 1)
			if a.hidden {
				info = append(info, onnxpb.FreeDim(fmt.Sprint(a.name, i)))
			} else {
				info = append(info, onnxpb.FixedDim(int64(n)))
			}
		}
		shape := b.Weight(onnxpb.NewTensor("", ones, int64(len(ones))))
		kind := onnxpb.Float
		var out string
		switch {
		case a.ints != nil:
			kind = onnxpb.Int64
			add := b.OpWith("Cast", []onnxpb.Attribute{onnxpb.IntAttr("to", int64(onnxpb.Int64))}, zero)
			out = b.Op("Add", b.Weight(onnxpb.NewTensor("", a.ints, dims...)), b.Op("Reshape", add, shape))
		case a.scaled:
			out = b.Op("Mul", b.Weight(onnxpb.NewTensor("", a.data, dims...)), b.Op("Reshape", mean, shape))
		default:
			out = b.Op("Add", b.Weight(onnxpb.NewTensor("", a.data, dims...)), b.Op("Reshape", zero, shape))
		}
		b.Rename(out, a.name)
		b.Output(a.name, kind, info...)
	}
	return b.Model(17).Append(nil)
}

// stub is a backend whose models give the outputs that it holds.
type stub struct {
	inputs, outputs []optimize.TensorInfo
	run             func(ctx context.Context, n int) ([]optimize.Tensor, error)
	reply           func(in optimize.Tensor) []optimize.Tensor // instead of run
}

func (s *stub) Name() string               { return "stub" }
func (s *stub) Devices() []optimize.Device { return []optimize.Device{{Name: "cpu"}} }
func (s *stub) Close() error               { return nil }
func (s *stub) Load(context.Context, optimize.Model, optimize.SessionOptions) (optimize.Session, error) {
	return stubSession{s}, nil
}

type stubSession struct{ s *stub }

func (s stubSession) Inputs() []optimize.TensorInfo  { return s.s.inputs }
func (s stubSession) Outputs() []optimize.TensorInfo { return s.s.outputs }
func (s stubSession) Device() string                 { return "cpu" }
func (s stubSession) Close() error                   { return nil }
func (s stubSession) Run(ctx context.Context, in []optimize.Tensor) ([]optimize.Tensor, error) {
	if s.s.reply != nil {
		return s.s.reply(in[0]), nil
	}
	return s.s.run(ctx, in[0].Dim(0))
}

// pictureInput is the input of a model for pictures of w by h.
func pictureInput(w, h int) []optimize.TensorInfo {
	return []optimize.TensorInfo{{Name: "images", DType: optimize.Float32, Shape: []int{-1, 3, h, w}}}
}

func (s *stub) runtime(t testing.TB) *optimize.Runtime {
	t.Helper()
	rt, err := optimize.New(optimize.Options{Backend: s})
	require.NoError(t, err)
	return rt
}

func tensorOf[T optimize.Element](t testing.TB, data []T, shape ...int) optimize.Tensor {
	t.Helper()
	x, err := optimize.NewTensor(data, shape...)
	require.NoError(t, err)
	return x
}

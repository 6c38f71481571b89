//go:build cgo

package linear_test

import (
	"context"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/linear"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// open returns a backend on the library that is installed. Without one the test
// is skipped, unless the environment names one.
func open(t *testing.T) *onnx.Backend {
	t.Helper()
	b, err := onnx.New(onnx.Options{Dev: true, Devices: []string{"cpu"}})
	if err != nil && os.Getenv("QUINTET_ORT_LIB") == "" {
		t.Skipf("run \"go run github.com/quintet-ai/quintet/optimize/onnx/install\" first: %v", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

// oracle runs a node by ONNX Runtime.
func oracle(t *testing.T, b *onnx.Backend, n *onnxpb.Node, in []*tensor.Tensor, types []tensor.DType) []*tensor.Tensor {
	t.Helper()
	build := onnxpb.NewBuilder("one")
	var feed []optimize.Tensor
	for i, x := range in {
		if x == nil {
			continue
		}
		dims := make([]onnxpb.Dim, len(x.Shape))
		for d, size := range x.Shape {
			dims[d] = onnxpb.FixedDim(int64(size))
		}
		build.Input(n.Inputs[i], x.Type, dims...)
		feed = append(feed, foreign(t, x))
	}
	build.Add(n)
	for i, name := range n.Outputs {
		build.Output(name, types[i])
	}
	m := build.Model(23)
	m.Opsets = append(m.Opsets, onnxpb.Opset{Domain: "com.microsoft", Version: 1})
	m.IRVersion = 10
	for i := range m.Graph.Outputs {
		m.Graph.Outputs[i].Type.Tensor.Shape = nil
	}
	s, err := b.Load(context.Background(), optimize.ModelBytes(m.Append(nil)), optimize.SessionOptions{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	got, err := s.Run(context.Background(), feed)
	require.NoError(t, err)
	out := make([]*tensor.Tensor, len(got))
	for i, x := range got {
		out[i] = native(t, x)
	}
	return out
}

func foreign(t *testing.T, x *tensor.Tensor) (y optimize.Tensor) {
	t.Helper()
	var err error
	switch x.Type {
	case onnxpb.Float:
		y, err = optimize.NewTensor(tensor.Of[float32](x), x.Shape...)
	case onnxpb.Int32:
		y, err = optimize.NewTensor(tensor.Of[int32](x), x.Shape...)
	case onnxpb.Int64:
		y, err = optimize.NewTensor(tensor.Of[int64](x), x.Shape...)
	case onnxpb.Bool:
		flags := make([]bool, x.Len())
		for i, v := range tensor.Of[uint8](x) {
			flags[i] = v != 0
		}
		y, err = optimize.NewTensor(flags, x.Shape...)
	default:
		t.Fatalf("no tensor of %s", x.Type)
	}
	require.NoError(t, err)
	return y
}

func native(t *testing.T, x optimize.Tensor) *tensor.Tensor {
	t.Helper()
	if data, err := optimize.Data[int32](x); err == nil {
		return tensor.From(data, x.Shape()...)
	}
	data, err := optimize.Data[float32](x)
	require.NoError(t, err)
	return tensor.From(data, x.Shape()...)
}

// single is an operator with its inputs.
type single struct {
	domain, typ string
	outputs     int
	attrs       []onnxpb.Attribute
	in          func(rng *rand.Rand) []*tensor.Tensor
}

func TestNodesDoWhatONNXRuntimeDoes(t *testing.T) {
	b := open(t)
	tables := op.Domains{"": linear.Table, "com.microsoft": linear.Microsoft}
	all := cases{}
	for _, add := range []func(){
		all.merged, all.multiHead, all.groupQuery, all.rotary, all.embedding, all.standard, all.products,
	} {
		add()
	}
	for name, tt := range all {
		t.Run(name, func(t *testing.T) {
			in := tt.in(seeded())
			n := node(tt.typ, in, tt.outputs, tt.attrs...)
			n.Domain = tt.domain
			got, err := compute(tables[tt.domain], tt.typ, in, tt.outputs, tt.attrs...)
			require.NoError(t, err)
			var types []tensor.DType
			for _, x := range got {
				types = append(types, x.Type)
			}
			for i, want := range oracle(t, b, n, in, types) {
				near(t, want, got[i])
			}
		})
	}
}

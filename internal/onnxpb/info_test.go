package onnxpb_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func TestReadInfoTellsWhatStandsAtTheTop(t *testing.T) {
	b := onnxpb.NewBuilder("net")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(3))
	b.Input("w", onnxpb.Float, onnxpb.FixedDim(3)) // an initializer that is an input too
	b.Weight(onnxpb.NewTensor("w", []float32{1, 2, 3}, 3))
	b.Rename(b.Op("Mul", x, "w"), "y")
	b.Output("y", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(3))
	m := b.Model(17)
	m.Opsets = append(m.Opsets, onnxpb.Opset{Domain: "our.ops", Version: 2})
	m.Metadata = []onnxpb.Entry{{Key: "author", Value: "us"}}
	m.Functions = []*onnxpb.Function{{Name: "f"}}
	m.ProducerVersion, m.Domain, m.ModelVersion, m.Doc = "1.0", "d", 3, "doc"

	got, err := onnxpb.ReadInfo(m.Append(nil))
	require.NoError(t, err)
	require.Len(t, got.Inputs, 1)
	require.Equal(t, "float32[batch,3]", got.Inputs[0].Type.String())
	require.Len(t, got.Outputs, 1)
	require.Equal(t, "y", got.Outputs[0].Name)
	got.Inputs, got.Outputs = nil, nil
	require.Equal(t, onnxpb.Info{IRVersion: 8, ProducerName: "quintet", ProducerVersion: "1.0", Domain: "d", ModelVersion: 3,
		Doc: "doc", Opsets: m.Opsets, Metadata: m.Metadata, GraphName: "net", Nodes: 1, Initializers: 1, Functions: 1}, got)
}

func TestReadInfoSkipsNodesAndWeightsUnread(t *testing.T) {
	broken := model(node([]byte{1<<3 | 2, 99}), initializer(textField(8, "w"), intField(9, 1)), textField(2, "g"))
	_, err := onnxpb.Read(broken)
	require.ErrorIs(t, err, quintet.ErrModel)
	info, err := onnxpb.ReadInfo(broken)
	require.NoError(t, err)
	require.Equal(t, onnxpb.Info{GraphName: "g", Nodes: 1, Initializers: 1}, info)
}

func TestReadInfoRefusesWhatIsNoModel(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing": nil, "no graph": intField(1, 8), "cut off": {7<<3 | 2, 9},
		"an input of another kind": model(intField(11, 1)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := onnxpb.ReadInfo(data)
			require.ErrorIs(t, err, quintet.ErrModel)
		})
	}
}

func TestOpsetsOfONNXHaveTwoNames(t *testing.T) {
	m := &onnxpb.Model{Opsets: []onnxpb.Opset{{Domain: "x", Version: 1}, {Domain: "ai.onnx", Version: 17}}}
	require.EqualValues(t, 17, m.Opset(""))
	require.EqualValues(t, 17, m.Opset("ai.onnx"))
	require.EqualValues(t, 1, m.Opset("x"))
	require.Zero(t, m.Opset("y"))
}

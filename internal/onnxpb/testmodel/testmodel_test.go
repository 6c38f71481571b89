package testmodel_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
)

// small are encoder options for tests.
var small = testmodel.EncoderOptions{Layers: 2, Hidden: 8, Heads: 2, Inner: 16, Vocab: 20, Positions: 12}

func TestTheSameOptionsGiveTheSameModel(t *testing.T) {
	other := small
	other.Seed = 1
	one := testmodel.Encoder(small).Append(nil)
	require.True(t, bytes.Equal(one, testmodel.Encoder(small).Append(nil)))
	require.False(t, bytes.Equal(one, testmodel.Encoder(other).Append(nil)))
}

// TestNetworksHaveTheirPublishedSizes counts weights; that of a quarter ResNet is
// worked out by hand.
func TestNetworksHaveTheirPublishedSizes(t *testing.T) {
	thin := testmodel.PictureOptions{Thin: 8, BatchNorm: true, Size: 64, Classes: 10}
	tests := map[string]struct {
		m       *onnxpb.Model
		weights int // floats of rank 2 and 4
		ops     map[string]int
	}{
		"a quarter ResNet-18": {testmodel.ResNet18(testmodel.PictureOptions{Thin: 4}), 828696, map[string]int{"Conv": 20, "Relu": 17, "Gemm": 1}},
		"MobileNetV2":         {testmodel.MobileNetV2(testmodel.PictureOptions{}), 3469760 + 1000, map[string]int{"Conv": 52, "Clip": 35, "Add": 10}},
		"thin ResNet-18":      {testmodel.ResNet18(thin), 0, map[string]int{"Conv": 20, "BatchNormalization": 20}},
		"thin MobileNetV2":    {testmodel.MobileNetV2(thin), 0, map[string]int{"Conv": 52, "BatchNormalization": 52}},
		"an encoder":          {testmodel.Encoder(small), 0, map[string]int{"MatMul": 16, "LayerNormalization": 5, "Erf": 2}},
		"an encoder of today": {testmodel.Encoder(testmodel.EncoderOptions{Layers: 1, Inner: 8, Vocab: 8, Positions: 8}), 0, map[string]int{"MatMul": 8}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := map[string]int{}
			for _, n := range tt.m.Graph.Nodes {
				got[n.OpType]++
			}
			for op, n := range tt.ops {
				require.Equal(t, n, got[op], op)
			}
			if tt.weights > 0 {
				require.Equal(t, tt.weights, matrices(t, tt.m))
			}
			requireSound(t, tt.m)
		})
	}
}

// matrices counts the weights of products and convolutions, and of the last bias.
func matrices(t *testing.T, m *onnxpb.Model) (n int) {
	t.Helper()
	for _, w := range m.Graph.Initializers {
		if size, err := w.Len(); len(w.Dims) > 1 || w.Name == "fc.bias" {
			require.NoError(t, err)
			n += size
		}
	}
	return n
}

func TestOlderEncodersUseOnlyWhatTheirOperatorSetHas(t *testing.T) {
	for opset, ops := range map[int64][]string{11: {"ReduceMean", "ReduceSum", "Sqrt"}, 13: {"ReduceMean", "Pow"}, 17: {"LayerNormalization"}} {
		o := small
		o.Opset, o.Pooled = opset, true
		m := testmodel.Encoder(o)
		requireSound(t, m)
		require.Equal(t, opset, m.Opset(""))
		require.Len(t, m.Graph.Outputs, 2)
		seen := map[string]bool{}
		for _, n := range m.Graph.Nodes {
			seen[n.OpType] = true
		}
		for _, op := range ops {
			require.True(t, seen[op], "opset %d: %s", opset, op)
		}
		require.Equal(t, opset == 17, seen["LayerNormalization"])
	}
}

// requireSound requires that names are unique, that every value is made before
// it is used, and that weights have as many elements as their shapes say.
func requireSound(t *testing.T, m *onnxpb.Model) {
	t.Helper()
	made := map[string]bool{}
	add := func(name string) {
		require.False(t, made[name], "%s is made twice", name)
		made[name] = true
	}
	for _, v := range m.Graph.Inputs {
		add(v.Name)
	}
	for _, w := range m.Graph.Initializers {
		_, err := w.Bytes()
		require.NoError(t, err)
		add(w.Name)
	}
	for _, n := range m.Graph.Nodes {
		for _, in := range n.Inputs {
			require.True(t, in == "" || made[in], "%s of %s", in, n.Name)
		}
		for _, out := range n.Outputs {
			add(out)
		}
	}
	for _, v := range m.Graph.Outputs {
		require.True(t, made[v.Name], v.Name)
	}
	again, err := onnxpb.Read(m.Append(nil))
	require.NoError(t, err)
	require.Equal(t, len(m.Graph.Nodes), len(again.Graph.Nodes))
}

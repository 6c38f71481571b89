package nn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// TestFusedConvIsTakenApart compares what ONNX Runtime writes into a saved optimised
// model with the nodes that it stands for.
func TestFusedConvIsTakenApart(t *testing.T) {
	for name, c := range map[string]struct {
		fused []onnxpb.Attribute
		node  *onnxpb.Node // the activation alone
		add   bool
	}{
		"Relu":             {attrs(onnxpb.TextAttr("activation", "Relu")), onnxpb.NewNode("Relu", nil, nil), false},
		"a sum and a Tanh": {attrs(onnxpb.TextAttr("activation", "Tanh")), onnxpb.NewNode("Tanh", nil, nil), true},
		"a sum alone":      {nil, nil, true},
		"LeakyRelu": {attrs(onnxpb.TextAttr("activation", "LeakyRelu"), onnxpb.FloatsAttr("activation_params", 0.3)),
			onnxpb.NewNode("LeakyRelu", nil, nil, onnxpb.FloatAttr("alpha", 0.3)), false},
	} {
		t.Run(name, func(t *testing.T) {
			p := pattern{opset: 13, x: []int{1, 3, 6, 5}}
			p.build = func(b builder, x string) string {
				in := []string{x, b.weight(4, 3, 3, 3), b.weight(4)}
				if c.add {
					in = append(in, b.weight(1, 4, 6, 5))
				}
				n := onnxpb.NewNode("FusedConv", in, []string{"y"}, append(c.fused, onnxpb.IntsAttr("pads", 1, 1, 1, 1))...)
				n.Domain = "com.microsoft"
				b.Add(n)
				return "y"
			}
			m := p.model(false)
			m.Opsets = append(m.Opsets, onnxpb.Opset{Domain: "com.microsoft", Version: 1})
			got, ops := runOnce(t, m, nn.Options{}, p.input())
			require.Contains(t, ops, "ai.quintet.Conv")

			p.build = func(b builder, x string) string {
				y := b.conv(x, b.weight(4, 3, 3, 3), onnxpb.IntsAttr("pads", 1, 1, 1, 1))
				n := b.Graph().Nodes[len(b.Graph().Nodes)-1]
				n.Inputs = append(n.Inputs, b.weight(4))
				if c.add {
					y = b.Op("Add", y, b.weight(1, 4, 6, 5))
				}
				if c.node != nil {
					y = b.OpWith(c.node.OpType, c.node.Attributes, y)
				}
				return y
			}
			want, _ := runOnce(t, p.model(false), nn.Options{Plain: true}, p.input())
			require.NoError(t, optest.Compare(got[0], want[0], 1e-5, 1e-5))
		})
	}
}

package graph

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// expanded returns the nodes of ONNX itself that a fused node of ONNX Runtime's
// stands for, or the node alone. What a saved optimised model has joined is taken
// apart, so that passes can join it as they know how.
func expanded(n *onnxpb.Node) []*onnxpb.Node {
	if n.Domain != Microsoft || n.OpType != "FusedConv" || len(n.Inputs) < 2 || len(n.Outputs) != 1 {
		return []*onnxpb.Node{n}
	}
	var own, rest []onnxpb.Attribute
	for _, a := range n.Attributes {
		if a.Name == "activation" || a.Name == "activation_params" {
			own = append(own, a)
			continue
		}
		rest = append(rest, a)
	}
	act, ok := activationNode(own)
	if !ok {
		return []*onnxpb.Node{n}
	}
	conv := onnxpb.NewNode("Conv", slices.Clone(n.Inputs[:min(3, len(n.Inputs))]), nil, rest...)
	conv.Name = n.Name
	list := []*onnxpb.Node{conv}
	if n.Input(3) != "" {
		list = append(list, onnxpb.NewNode("Add", []string{"", n.Input(3)}, nil))
	}
	if act != nil {
		list = append(list, act)
	}
	chain(list, n)
	return list
}

// chain feeds each node's output to the next one, under names that no exporter
// writes, and gives the last the output of n.
func chain(list []*onnxpb.Node, n *onnxpb.Node) {
	for i, m := range list {
		if m.Name == "" {
			m.Name = n.Name + "/" + m.OpType
		}
		if i > 0 {
			m.Inputs[0] = list[i-1].Outputs[0]
		}
		m.Outputs = []string{n.Outputs[0] + "\x00" + m.OpType}
	}
	list[len(list)-1].Outputs[0] = n.Outputs[0]
}

// activationNode is the node for the attributes "activation" and
// "activation_params", nil for none. ok is false for one that has no operator.
func activationNode(attrs []onnxpb.Attribute) (n *onnxpb.Node, ok bool) {
	var name string
	var params []float32
	for _, a := range attrs {
		if a.Name == "activation" {
			name = string(a.String)
		} else {
			params = a.Floats
		}
	}
	in := []string{""}
	switch {
	case name == "" || name == "Identity":
		return nil, true
	case slices.Contains([]string{"Relu", "Tanh", "Sigmoid"}, name):
		return onnxpb.NewNode(name, in, nil), true
	case name == "LeakyRelu" && len(params) == 1:
		return onnxpb.NewNode(name, in, nil, onnxpb.FloatAttr("alpha", params[0])), true
	case name == "HardSigmoid" && len(params) == 2:
		return onnxpb.NewNode(name, in, nil, onnxpb.FloatAttr("alpha", params[0]), onnxpb.FloatAttr("beta", params[1])), true
	case name == "Clip" && len(params) == 2:
		n = onnxpb.NewNode("Activation", in, nil, named(name, params[0], params[1])...)
		n.Domain = Fused
		return n, true
	}
	return nil, false
}

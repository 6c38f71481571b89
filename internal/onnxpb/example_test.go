package onnxpb_test

import (
	"fmt"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func ExampleBuilder() {
	b := onnxpb.NewBuilder("mlp")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(2))
	h := b.Op("MatMul", x, b.Weight(onnxpb.NewTensor("w", []float32{1, 2, 3, 4}, 2, 2)))
	h = b.OpWith("LeakyRelu", []onnxpb.Attribute{onnxpb.FloatAttr("alpha", 0.1)}, h)
	b.Rename(h, "y")
	b.Output("y", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(2))
	data := b.Model(17).Append(nil)

	m, err := onnxpb.Read(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range m.Graph.Nodes {
		fmt.Println(n.OpType, n.Inputs, "->", n.Outputs)
	}
	w, err := m.Graph.Initializer("w").Float32s()
	fmt.Println(w, err)
	// Output:
	// MatMul [x w] -> [MatMul_1]
	// LeakyRelu [MatMul_1] -> [y]
	// [1 2 3 4] <nil>
}

func ExampleRead_error() {
	m := &onnxpb.Model{Graph: &onnxpb.Graph{Nodes: []*onnxpb.Node{
		onnxpb.NewNode("Add", []string{"a", "b"}, []string{"c"}), onnxpb.NewNode("Neg", []string{"c"}, []string{"d"})}}}
	data := m.Append(nil)
	data[len(data)-4] = 9 // the length of "Neg"
	_, err := onnxpb.Read(data)
	fmt.Println(err)
	// Output:
	// graph.node[1] at byte 26: length 9 exceeds the 3 bytes left: model cannot be used
}

func ExampleReadInfo() {
	b := onnxpb.NewBuilder("net")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(384))
	b.Rename(b.Op("Relu", x), "y")
	b.Output("y", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(384))
	info, err := onnxpb.ReadInfo(b.Model(17).Append(nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Inputs[0].Name, info.Inputs[0].Type, info.Outputs[0].Name, info.Outputs[0].Type)
	// Output:
	// x float32[batch,384] y float32[batch,384]
}

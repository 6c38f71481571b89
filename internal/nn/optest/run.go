package optest

import (
	"context"
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// heap is memory without reuse. It fills what it gives out, so that an operator
// that leaves elements unwritten is found.
type heap struct{}

func (heap) Get(n int) ([]byte, *tensor.Buffer, error) {
	b := tensor.Alloc(n)
	for i := range b {
		b[i] = 0xCD
	}
	return b, &tensor.Buffer{Refs: 1}, nil
}

func (heap) Put(*tensor.Buffer) {}

// NewCtx returns what an operator needs to run in a test.
func NewCtx() *op.Ctx { return &op.Ctx{Context: context.Background(), Mem: heap{}} }

// Describe returns what is known of an input when the value itself is not: its
// type and shape.
func Describe(t *tensor.Tensor) op.Value {
	if t == nil {
		return op.Value{Missing: true}
	}
	return op.Value{Type: t.Type, Shape: t.Shape, Ranked: true}
}

// Build makes the operator of a node. Inputs whose place is in constant are known
// when it is built.
func Build(tables op.Domains, n *onnxpb.Node, opset int, in []*tensor.Tensor, constant ...int) (op.Op, []tensor.DType, error) {
	domain := n.Domain
	if domain == "ai.onnx" {
		domain = ""
	}
	builder, ok := tables[domain][n.OpType]
	if !ok {
		return nil, nil, fmt.Errorf("operator %s.%s: %w", domain, n.OpType, quintet.ErrUnsupported)
	}
	node := &op.Node{Domain: domain, Type: n.OpType, Name: n.Name, Opset: opset, Attrs: n.Attributes}
	for _, t := range in {
		node.In = append(node.In, Describe(t))
	}
	for _, i := range constant {
		node.In[i].Const = in[i]
	}
	for _, name := range n.Outputs {
		node.Out = append(node.Out, name != "")
	}
	return builder(node)
}

// Run builds a node and computes its outputs. A nil input is left out. It checks
// that the outputs have the types that the builder promised.
func Run(table op.Table, n *onnxpb.Node, opset int, in ...*tensor.Tensor) ([]*tensor.Tensor, error) {
	return run(op.Domains{n.Domain: table}, n, opset, in)
}

// RunConst is Run with all inputs but the first known when the node is built.
func RunConst(table op.Table, n *onnxpb.Node, opset int, in ...*tensor.Tensor) ([]*tensor.Tensor, error) {
	var constant []int
	for i := 1; i < len(in); i++ {
		if in[i] != nil {
			constant = append(constant, i)
		}
	}
	return run(op.Domains{n.Domain: table}, n, opset, in, constant...)
}

func run(tables op.Domains, n *onnxpb.Node, opset int, in []*tensor.Tensor, constant ...int) ([]*tensor.Tensor, error) {
	o, types, err := Build(tables, n, opset, in, constant...)
	if err != nil {
		return nil, err
	}
	if len(types) < len(n.Outputs) {
		return nil, fmt.Errorf("%s has %d outputs, its builder gave %d types", n.OpType, len(n.Outputs), len(types))
	}
	out := make([]*tensor.Tensor, len(n.Outputs))
	for i, name := range n.Outputs {
		if name != "" {
			out[i] = new(tensor.Tensor)
		}
	}
	c := NewCtx()
	c.Outs = out
	if err := o.Run(c, in, out); err != nil {
		return nil, err
	}
	c.EndScratch()
	for i, t := range out {
		if t != nil && t.Type != types[i] {
			return nil, fmt.Errorf("%s promised output %d as %s and gave %v", n.OpType, i, types[i], t)
		}
	}
	return out, nil
}

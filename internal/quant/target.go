package quant

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// target is a node whose weight is to be quantised.
type target struct {
	node   *onnxpb.Node
	slot   int // of the weight among the inputs
	weight weight
}

// targets finds what can be quantised and why the rest cannot.
func (x *index) targets(o Options) (map[*onnxpb.Node]*target, []Skipped) {
	found := map[*onnxpb.Node]*target{}
	why := map[*onnxpb.Node]string{}
	nodes := x.model.Graph.Nodes
	for _, n := range nodes {
		t, reason := x.target(n, o)
		if t != nil {
			found[n] = t
		} else if reason != "" {
			why[n] = reason
		}
	}
	blocked := map[string]string{} // by weight: all who share one share its fate
	for _, n := range nodes {
		t := found[n]
		if t == nil {
			continue
		}
		name := t.weight.name
		if _, asked := blocked[name]; !asked {
			blocked[name] = x.blocked(name, found)
		}
		why[n] = blocked[name]
	}
	for n, reason := range why {
		if reason != "" {
			delete(found, n)
		}
	}
	return found, x.skipped(why)
}

// skipped lists the reasons in the order of the nodes.
func (x *index) skipped(why map[*onnxpb.Node]string) (list []Skipped) {
	for _, n := range x.model.Graph.Nodes {
		if why[n] != "" {
			list = append(list, Skipped{title(n), n.OpType, why[n]})
		}
	}
	for sub := range x.model.Graph.All() {
		if sub != x.model.Graph {
			list = append(list, linears(sub.Nodes, "is in a subgraph")...)
		}
	}
	for _, f := range x.model.Functions {
		list = append(list, linears(f.Nodes, "is in function "+f.Name)...)
	}
	return list
}

func linears(nodes []*onnxpb.Node, why string) (list []Skipped) {
	for _, n := range nodes {
		if n.Is("MatMul") || n.Is("Gemm") {
			list = append(list, Skipped{title(n), n.OpType, why})
		}
	}
	return list
}

// target looks at one node by itself.
func (x *index) target(n *onnxpb.Node, o Options) (*target, string) {
	if len(n.Outputs) != 1 || len(n.Inputs) > 3 || !onnxpb.IsONNX(n.Domain) {
		return nil, ""
	}
	t := &target{node: n}
	var reason string
	switch n.OpType {
	case "MatMul", "Gemm":
		t.slot = 1
		reason = x.linear(t, o)
	case "Gather":
		if o.Embeddings == Float32 {
			return nil, ""
		}
		table, constant := x.weight(n.Input(0))
		if !constant || table.tensor.DataType != onnxpb.Float {
			return nil, "" // shapes and indexes are no embeddings
		}
		reason = x.embedding(t, table, o)
	case "Conv", "ConvTranspose", "LSTM", "GRU", "RNN":
		return nil, n.OpType + " is not quantised"
	default:
		return nil, ""
	}
	if reason == "" && slices.Contains(o.Keep, n.Name) {
		reason = "was to be kept"
	}
	if reason != "" {
		return nil, reason
	}
	return t, ""
}

// linear fills t for a MatMul or Gemm, or says why it cannot.
func (x *index) linear(t *target, o Options) string {
	n := t.node
	left, leftConstant := x.weight(n.Input(0))
	w, constant := x.weight(n.Input(1))
	switch {
	case leftConstant && constant:
		return "both operands are constant"
	case leftConstant:
		return fmt.Sprintf("weight %s is on the left", left.name)
	case !constant:
		return "both operands are computed"
	}
	if n.OpType == "Gemm" {
		flip, reason := gemm(n)
		if reason != "" {
			return reason
		}
		w.flipped = w.flipped != flip
	}
	t.weight = w
	if reason := unfit(w, o.MinWeights); reason != "" {
		return reason
	}
	if rows, _ := w.shape(); rows > math.MaxInt32/(255*o.limit()) {
		return fmt.Sprintf("a sum of %d products can overflow 32 bits", rows)
	}
	return ""
}

// gemm reports whether a Gemm sees its weight transposed, or why it is more than
// a product and a sum.
func gemm(n *onnxpb.Node) (flip bool, reason string) {
	alpha, err1 := n.Float("alpha", 1)
	beta, err2 := n.Float("beta", 1)
	transA, err3 := n.Int("transA", 0)
	transB, err4 := n.Int("transB", 0)
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			return false, err.Error()
		}
	}
	switch {
	case transA != 0:
		return false, "its input is transposed"
	case alpha != 1 || beta != 1 && n.Input(2) != "":
		return false, fmt.Sprintf("alpha is %v and beta is %v, not 1", alpha, beta)
	}
	return transB != 0, ""
}

// embedding fills t for a Gather from a table of floats, or says why it cannot.
func (x *index) embedding(t *target, table weight, o Options) string {
	axis, err := t.node.Int("axis", 0)
	switch {
	case err != nil:
		return err.Error()
	case axis != 0:
		return fmt.Sprintf("picks along axis %d", axis)
	}
	t.weight = table
	return unfit(table, o.MinWeights)
}

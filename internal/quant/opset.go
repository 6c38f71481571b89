package quant

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// quantOpset is the first version of ONNX's operators that has
// DynamicQuantizeLinear.
const quantOpset = 11

// oldestOpset is the first version in which elementwise operators broadcast as
// the rewritten nodes need it.
const oldestOpset = 7

// raisable has the operators that mean the same in version 11 as in the version
// given here and all between. Left out are those whose attributes became inputs,
// which raise knows or does not, those whose rounding changed (Resize, Upsample)
// and those that went away (Scatter).
var raisable = map[string]int64{
	"Abs": 7, "Acos": 7, "Add": 7, "And": 7, "ArgMax": 7, "ArgMin": 7, "Asin": 7, "Atan": 7, "AveragePool": 7,
	"Cast": 7, "Ceil": 7, "Concat": 7, "Constant": 7, "ConstantOfShape": 9, "Conv": 7, "ConvTranspose": 7,
	"Cos": 7, "DepthToSpace": 7, "Div": 7, "Elu": 7, "Equal": 7, "Erf": 9, "Exp": 7, "Expand": 8, "Flatten": 7,
	"Floor": 7, "GRU": 7, "Gather": 7, "Gemm": 7, "GlobalAveragePool": 7, "GlobalMaxPool": 7, "Greater": 7,
	"HardSigmoid": 7, "Identity": 7, "If": 7, "InstanceNormalization": 7, "LRN": 7, "LSTM": 7, "LeakyRelu": 7,
	"Less": 7, "Log": 7, "LogSoftmax": 7, "Loop": 7, "MatMul": 7, "Max": 7, "MaxPool": 7, "Mean": 7, "Min": 7,
	"Mul": 7, "Neg": 7, "Not": 7, "OneHot": 9, "Or": 7, "PRelu": 7, "Pow": 7, "RNN": 7, "Reciprocal": 7,
	"ReduceL1": 7, "ReduceL2": 7, "ReduceLogSum": 7, "ReduceLogSumExp": 7, "ReduceMax": 7, "ReduceMean": 7,
	"ReduceMin": 7, "ReduceProd": 7, "ReduceSum": 7, "ReduceSumSquare": 7, "Relu": 7, "Reshape": 7, "Selu": 7,
	"Shape": 7, "Sigmoid": 7, "Sign": 9, "Sin": 7, "Size": 7, "Slice": 10, "Softmax": 7, "Softplus": 7,
	"Softsign": 7, "SpaceToDepth": 7, "Split": 7, "Sqrt": 7, "Squeeze": 7, "Sub": 7, "Sum": 7, "Tan": 7,
	"Tanh": 7, "Tile": 7, "TopK": 10, "Transpose": 7, "Unsqueeze": 7, "Where": 9, "Xor": 7,
}

// raised is a node in the form that version 11 has.
type raised struct {
	node   *onnxpb.Node
	inputs []string
	attrs  []onnxpb.Attribute
}

// raise makes sure that the model's operators can be of version 11 or later
// without meaning something else, and notes what has to change for it.
func (w *rewriter) raise() error {
	have := w.model.Opset("")
	switch {
	case have >= quantOpset:
		return nil
	case have < oldestOpset:
		return fmt.Errorf("model has opset %d, want at least %d: %w", have, oldestOpset, quintet.ErrUnsupported)
	}
	w.float32Only = w.onlyFloat32()
	for g := range w.model.Graph.All() {
		for _, n := range g.Nodes {
			if onnxpb.IsONNX(n.Domain) && !w.raiseNode(n, have) {
				return fmt.Errorf("opset %d has no DynamicQuantizeLinear, and %s %s would change in opset %d: %w",
					have, n.OpType, title(n), quantOpset, quintet.ErrUnsupported)
			}
		}
	}
	return nil
}

// raiseNode reports whether n means the same in version 11 as in have, if need be
// with attributes turned into inputs.
func (w *rewriter) raiseNode(n *onnxpb.Node, have int64) bool {
	if since, ok := raisable[n.OpType]; ok && have >= since {
		return true
	}
	switch n.OpType {
	case "BatchNormalization": // lost an attribute
		return n.Attr("spatial") == nil && len(n.Outputs) == 1
	case "Dropout": // its mask changed its type
		return len(n.Outputs) == 1
	case "Clip":
		return w.float32Only && w.raiseAttrs(n, onnxpb.AttrFloat, "min", "max")
	case "Slice":
		return n.Attr("starts") != nil && n.Attr("ends") != nil &&
			w.raiseAttrs(n, onnxpb.AttrInts, "starts", "ends", "axes")
	}
	return false
}

// onlyFloat32 reports whether the model knows no floats of another width, so that
// a bound that was an attribute can become a float32.
func (w *rewriter) onlyFloat32() bool {
	other := func(d onnxpb.DataType) bool {
		return d == onnxpb.Float16 || d == onnxpb.Double || d == onnxpb.BFloat16
	}
	for t := range w.model.Tensors() {
		if other(t.DataType) {
			return false
		}
	}
	for g := range w.model.Graph.All() {
		for _, v := range g.Inputs {
			if v.Type != nil && v.Type.Tensor != nil && other(v.Type.Tensor.Elem) {
				return false
			}
		}
		for _, n := range g.Nodes {
			if to, err := n.Int("to", 0); err != nil || n.Is("Cast") && other(onnxpb.DataType(to)) {
				return false
			}
		}
	}
	return true
}

// raiseAttrs turns the named attributes, which must be of the given type, into
// inputs behind the only one that n has. One that is absent leaves its input out.
func (w *rewriter) raiseAttrs(n *onnxpb.Node, kind onnxpb.AttributeType, names ...string) bool {
	if len(n.Inputs) != 1 {
		return false
	}
	r := raised{node: n, inputs: []string{n.Inputs[0]}}
	for _, name := range names {
		var t *onnxpb.Tensor
		switch a := n.Attr(name); {
		case a == nil:
			r.inputs = append(r.inputs, "")
			continue
		case a.Ref != "" || a.Kind() != kind:
			return false
		case kind == onnxpb.AttrFloat:
			t = onnxpb.NewTensor("", []float32{a.Float})
		default:
			t = onnxpb.NewTensor("", a.Ints, int64(len(a.Ints)))
		}
		t.Name = w.fresh(n.Output(0) + "_" + name)
		w.weights = append(w.weights, t)
		r.inputs = append(r.inputs, t.Name)
	}
	for len(r.inputs) > 1 && r.inputs[len(r.inputs)-1] == "" {
		r.inputs = r.inputs[:len(r.inputs)-1]
	}
	became := func(a onnxpb.Attribute) bool { return slices.Contains(names, a.Name) }
	r.attrs = slices.DeleteFunc(slices.Clone(n.Attributes), became)
	w.raised = append(w.raised, r)
	return true
}

// applyRaised makes the model ask for version 11 if it asks for less.
func (w *rewriter) applyRaised() {
	for _, r := range w.raised {
		r.node.Inputs, r.node.Attributes = r.inputs, r.attrs
	}
	for i := range w.model.Opsets {
		if o := &w.model.Opsets[i]; onnxpb.IsONNX(o.Domain) && o.Version < quantOpset {
			o.Version = quantOpset
		}
	}
}

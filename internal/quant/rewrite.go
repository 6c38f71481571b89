package quant

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// rewriter makes the new nodes and weights beside the old ones, so that an error
// leaves the model as it was.
type rewriter struct {
	*index
	o        Options
	nodes    []*onnxpb.Node   // the new graph
	weights  []*onnxpb.Tensor // new initializers
	matrices map[key]*stored
	inputs   map[string][]string // value -> its quantised form, scale and zero point
	layers   []Layer

	raised      []raised // nodes that version 11 wants in another form
	float32Only bool     // the model has no floats of another width
}

// key tells apart the forms in which one weight may be needed.
type key struct {
	name    string
	flipped bool
	table   bool
}

// stored is a quantised weight by the names of its initializers.
type stored struct {
	values, scales string
	matrix         matrix
}

// rewrite goes through the nodes and replaces the targets.
func (w *rewriter) rewrite(found map[*onnxpb.Node]*target) error {
	for _, n := range w.model.Graph.Nodes {
		t := found[n]
		if t == nil {
			w.nodes = append(w.nodes, n)
			continue
		}
		s, err := w.store(t)
		if err != nil {
			return err
		}
		switch {
		case n.OpType != "Gather":
			w.linear(t, s)
		case w.o.Embeddings == PerRow:
			w.rowwise(t, s)
		default:
			w.tablewise(t, s)
		}
		w.layers = append(w.layers, Layer{Node: title(n), Op: n.OpType, Weight: t.weight.name,
			Rows: s.matrix.rows, Cols: s.matrix.cols, MaxError: s.matrix.maxError})
	}
	return nil
}

// store quantises the weight of t unless another node already needed it so.
func (w *rewriter) store(t *target) (*stored, error) {
	k := key{t.weight.name, t.weight.flipped, t.node.OpType == "Gather"}
	if s := w.matrices[k]; s != nil {
		return s, nil
	}
	a, limit := perColumn, w.o.limit()
	switch {
	case k.table && w.o.Embeddings == PerRow:
		a, limit = perRow, 127
	case k.table:
		a, limit = whole, 127
	case w.o.OneScale:
		a = whole
	}
	m, err := quantise(t.weight, a, limit)
	if err != nil {
		return nil, err
	}
	s := &stored{w.fresh(k.name + "_quantized"), w.fresh(k.name + "_scale"), m}
	var shape []int64
	switch a {
	case perColumn:
		shape = []int64{int64(m.cols)}
	case perRow:
		shape = []int64{int64(m.rows), 1}
	}
	w.weights = append(w.weights, m.tensors(s.values, s.scales, shape...)...)
	s.matrix.values, s.matrix.scales = nil, nil // they live on as raw data
	w.matrices[k] = s
	return s, nil
}

// add adds a node and returns the name of its output. The last node of a
// replacement takes over the output of the node that it replaces.
func (w *rewriter) add(out, opType string, inputs []string, attrs ...onnxpb.Attribute) string {
	n := onnxpb.NewNode(opType, inputs, []string{out}, attrs...)
	n.Name = w.fresh(out + "_" + opType)
	w.nodes = append(w.nodes, n)
	return out
}

func (w *rewriter) toFloat(out, in string) string {
	return w.add(out, "Cast", []string{in}, onnxpb.IntAttr("to", int64(onnxpb.Float)))
}

// linear replaces a MatMul or Gemm.
func (w *rewriter) linear(t *target, s *stored) {
	out, bias := t.node.Outputs[0], ""
	if t.node.OpType == "Gemm" {
		bias = t.node.Input(2)
	}
	x := w.quantised(t.node.Inputs[0])
	sum := w.add(w.fresh(out+"_int32"), "MatMulInteger", []string{x[0], s.values, x[2]})
	sum = w.toFloat(w.fresh(out+"_float"), sum)
	scale := w.add(w.fresh(out+"_scale"), "Mul", []string{x[1], s.scales})
	if bias == "" {
		w.add(out, "Mul", []string{sum, scale})
		return
	}
	y := w.add(w.fresh(out+"_product"), "Mul", []string{sum, scale})
	w.add(out, "Add", []string{y, bias})
}

// quantised returns the names of a value in 8 bits, its scale and its zero point,
// which all layers that read the value share.
func (w *rewriter) quantised(value string) []string {
	if names := w.inputs[value]; names != nil {
		return names
	}
	names := []string{w.fresh(value + "_quantized"), w.fresh(value + "_scale"), w.fresh(value + "_zero_point")}
	n := onnxpb.NewNode("DynamicQuantizeLinear", []string{value}, names)
	n.Name = w.fresh(value + "_DynamicQuantizeLinear")
	w.nodes = append(w.nodes, n)
	w.inputs[value] = names
	return names
}

// rowwise replaces a Gather from a table with a scale for each row. The scales
// are a table of one column, so what is picked broadcasts.
func (w *rewriter) rowwise(t *target, s *stored) {
	out, ids := t.node.Outputs[0], t.node.Input(1)
	rows := w.add(w.fresh(out+"_int8"), "Gather", []string{s.values, ids})
	rows = w.toFloat(w.fresh(out+"_float"), rows)
	scale := w.add(w.fresh(out+"_scale"), "Gather", []string{s.scales, ids})
	w.add(out, "Mul", []string{rows, scale})
}

// tablewise replaces a Gather from a table with one scale.
func (w *rewriter) tablewise(t *target, s *stored) {
	out := t.node.Outputs[0]
	rows := w.add(w.fresh(out+"_int8"), "Gather", []string{s.values, t.node.Input(1)})
	w.add(out, "DequantizeLinear", []string{rows, s.scales})
}

// apply puts the new graph into the model, without the constants that nothing
// uses any more.
func (w *rewriter) apply() {
	g := w.model.Graph
	old := map[string]bool{} // constants that were quantised, and their copies
	for k := range w.matrices {
		old[k.name] = true
	}
	for _, n := range w.nodes { // in order, so that copies of copies are found
		if copies(n) && old[n.Inputs[0]] {
			old[n.Outputs[0]] = true
		}
	}
	g.Nodes = slices.DeleteFunc(w.nodes, func(n *onnxpb.Node) bool { return old[n.Output(0)] })
	g.Initializers = slices.DeleteFunc(slices.Clone(g.Initializers), func(t *onnxpb.Tensor) bool { return old[t.Name] })
	gone := func(v onnxpb.ValueInfo) bool { return old[v.Name] }
	g.ValueInfos = slices.DeleteFunc(slices.Clone(g.ValueInfos), gone)
	g.Inputs = slices.DeleteFunc(slices.Clone(g.Inputs), gone)
	g.Initializers = append(g.Initializers, w.weights...)
	if w.model.IRVersion < 4 { // an initializer had to be an input too
		for _, t := range w.weights {
			g.Inputs = append(g.Inputs, info(t))
		}
	}
	w.applyRaised()
}

// info describes an initializer as an input.
func info(t *onnxpb.Tensor) onnxpb.ValueInfo {
	dims := make([]onnxpb.Dim, len(t.Dims))
	for i, d := range t.Dims {
		dims[i] = onnxpb.FixedDim(d)
	}
	return onnxpb.TensorInfo(t.Name, t.DataType, dims...)
}

package quant

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Dynamic rewrites the linear layers of m, and its embeddings if the options say
// so, to integers of 8 bits; the package comment says how. The same model and
// options give the same result. A model in which nothing can be quantised is
// returned unchanged, without an error: the report says why.
//
// It refuses, and leaves m unchanged: options out of range and names in Keep that
// no node has (ErrOption); a model that is quantised already, weights that are
// not finite, weights outside the model that were not loaded (ErrModel); a model
// of operators older than version 11 in which one of them changed its meaning up
// to there (ErrUnsupported).
func Dynamic(m *onnxpb.Model, o Options) (Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Report{}, err
	}
	if err := refuse(m, o); err != nil {
		return Report{}, err
	}
	x := newIndex(m)
	found, skipped := x.targets(o)
	r := Report{Skipped: skipped, BytesBefore: m.Size(), OpsetBefore: m.Opset("")}
	r.BytesAfter, r.OpsetAfter = r.BytesBefore, r.OpsetBefore
	if len(found) == 0 {
		return r, nil
	}
	w := rewriter{index: x, o: o, matrices: map[key]*stored{}, inputs: map[string][]string{}}
	if err := w.raise(); err != nil {
		return Report{}, err
	}
	if err := w.rewrite(found); err != nil {
		return Report{}, err
	}
	w.apply()
	r.Layers, r.BytesAfter, r.OpsetAfter = w.layers, m.Size(), m.Opset("")
	return r, nil
}

// integerOps are the operators that only quantised models have.
var integerOps = []string{
	"DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear", "MatMulInteger", "ConvInteger", "QLinearMatMul",
	"QLinearConv", "QGemm", "QAttention", "QLinearAdd", "MatMulNBits", "MatMulBnb4", "MatMulIntegerToFloat",
	"DynamicQuantizeMatMul", "DynamicQuantizeLSTM",
}

// refuse finds what is wrong with the model or the options as a whole.
func refuse(m *onnxpb.Model, o Options) error {
	if m.Graph == nil {
		return fmt.Errorf("model has no graph: %w", quintet.ErrModel)
	}
	tables := map[string]bool{} // what an embedding has become
	for _, t := range m.Graph.Initializers {
		tables[t.Name] = t.DataType == onnxpb.Int8 && len(t.Dims) == 2
	}
	names := map[string]bool{}
	for g := range m.Graph.All() {
		if len(g.Annotations) > 0 {
			return fmt.Errorf("model is quantised already: it has quantisation annotations: %w", quintet.ErrModel)
		}
		for _, n := range g.Nodes {
			names[n.Name] = true
			if slices.Contains(integerOps, n.OpType) || n.Is("Gather") && tables[n.Input(0)] {
				return fmt.Errorf("model is quantised already: it has %s %s: %w", n.OpType, title(n), quintet.ErrModel)
			}
		}
	}
	for _, name := range o.Keep {
		if !names[name] {
			return fmt.Errorf("quant: no node is called %q: %w", name, quintet.ErrOption)
		}
	}
	return nil
}

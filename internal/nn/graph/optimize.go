package graph

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Folder computes the outputs of a node whose inputs are all constants; nil stands
// for an output that nobody wants. An error leaves the node as it is.
type Folder func(n *Node) ([]*tensor.Tensor, error)

// pass is one kind of rewriting. It reports whether it changed anything.
type pass struct {
	name string
	run  func(r *rewriter) bool
}

// passes are applied in this order, over and over until none changes anything.
var passes = []pass{
	{"identity", identities},
	{"activation", activations},
	{"layernorm", layerNorms},
	{"linear", linears},
	{"bias", biases},
	{"attention", attentions},
	{"qkv", mergeProjections},
	{"headattention", headAttentions},
	{"addnorm", addNorms},
	{"epilogue", epilogues},
	{"conv", convolutions},
	{"quantised", quantised},
	{"nhwc", channelsLast},
}

// last are applied once when the others have come to an end: what they take could
// have become part of something larger before.
var last = []pass{{"addactivation", addActivations}}

// Passes returns the names of all passes, in the order in which they run.
func Passes() []string {
	var names []string
	for _, p := range slices.Concat(passes, last) {
		names = append(names, p.name)
	}
	return names
}

// maxRounds bounds how often the passes are repeated. Each round but the last has
// made the graph smaller or moved it forward, so few are needed.
const maxRounds = 12

// Optimize folds constants, drops what nobody needs and applies all passes but
// those named by without. It keeps inputs and outputs as they are.
func Optimize(g *Graph, without []string, fold Folder) error {
	r := &rewriter{g: g, fold: fold}
	r.settle()
	for range maxRounds {
		changed := false
		for _, p := range passes {
			if !slices.Contains(without, p.name) && p.run(r) {
				changed = true
				r.settle()
			}
		}
		if !changed {
			break
		}
	}
	for _, p := range last {
		if !slices.Contains(without, p.name) && p.run(r) {
			r.settle()
		}
	}
	return nil
}

// rewriter is a graph being rewritten.
type rewriter struct {
	g    *Graph
	fold Folder

	// As of the last settle; nodes that a pass has made unused still count.
	uses    map[*Value]int
	leaves  map[*Value]bool  // the outputs
	readers map[*Value]*Node // the first of each; nil until somebody asks
}

// settle brings the graph in order after changes: unused nodes are dropped, nodes
// stand behind those they read from, constants are folded, and what is known of
// values and their uses is up to date.
func (r *rewriter) settle() {
	r.prune()
	r.sort()
	r.g.Infer()
	if r.foldAll() {
		r.prune()
		r.g.Infer()
	}
	r.uses, r.leaves, r.readers = r.g.Uses(), map[*Value]bool{}, nil
	for _, v := range r.g.Outputs {
		r.leaves[v] = true
	}
}

// prune drops nodes whose outputs nobody reads, and forgets single outputs that
// nobody reads of those that may leave them out.
func (r *rewriter) prune() {
	uses := r.g.Uses()
	keep := make([]*Node, 0, len(r.g.Nodes))
	for i := len(r.g.Nodes) - 1; i >= 0; i-- {
		n := r.g.Nodes[i]
		wanted := slices.ContainsFunc(n.Out, func(v *Value) bool { return v != nil && uses[v] > 0 })
		if wanted {
			keep = append(keep, n)
			for j, v := range n.Out {
				if v != nil && uses[v] == 0 {
					n.Out[j] = nil
				}
			}
			continue
		}
		for _, v := range n.In {
			if v != nil {
				uses[v]--
			}
		}
		for _, c := range n.Captures {
			uses[c.Value]--
		}
	}
	slices.Reverse(keep)
	r.g.Nodes = keep
}

// sort puts nodes behind those they read from, otherwise keeping their order.
func (r *rewriter) sort() {
	placed := map[*Node]bool{}
	ordered := make([]*Node, 0, len(r.g.Nodes))
	var place func(n *Node)
	place = func(n *Node) {
		if n == nil || placed[n] {
			return
		}
		placed[n] = true
		for _, v := range n.In {
			if v != nil {
				place(v.From)
			}
		}
		for _, c := range n.Captures {
			place(c.Value.From)
		}
		ordered = append(ordered, n)
	}
	for _, n := range r.g.Nodes {
		place(n)
	}
	r.g.Nodes = ordered
}

// foldAll replaces nodes whose inputs or outputs are known by constants.
func (r *rewriter) foldAll() (changed bool) {
	for _, n := range r.g.Nodes {
		if len(n.Captures) > 0 || len(n.Out) == 0 || slices.ContainsFunc(n.Attrs, hasGraph) {
			continue
		}
		if t := n.knownElems(); t != nil {
			r.become(n.Out[0], t)
			n.Out[0] = nil
			changed = true
			continue
		}
		if !n.constant() {
			continue
		}
		out, err := r.fold(n)
		if err != nil {
			continue
		}
		for i, t := range out {
			if v := n.Output(i); v != nil && t != nil {
				r.become(v, t)
				n.Out[i] = nil
				changed = true
			}
		}
	}
	return changed
}

func hasGraph(a onnxpb.Attribute) bool { return a.Graph != nil || len(a.Graphs) > 0 }

// constant reports whether all inputs of n are constants and n gives the same
// outputs in every run.
func (n *Node) constant() bool {
	switch n.Type {
	case "RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Multinomial", "Bernoulli":
		return false
	}
	for _, v := range n.In {
		if v != nil && v.Const == nil {
			return false
		}
	}
	return true
}

// knownElems is the output of a node that computes shapes, if all its elements
// have been inferred; otherwise nil.
func (n *Node) knownElems() *tensor.Tensor {
	v := n.Out[0]
	if len(n.Out) != 1 || v == nil || v.Type != onnxpb.Int64 || !v.Ranked || len(v.Shape) > 1 {
		return nil
	}
	all, ok := v.ints()
	if !ok || len(v.Shape) == 1 && !v.Shape[0].Is(int64(len(all))) || len(v.Shape) == 0 && len(all) != 1 {
		return nil
	}
	if len(v.Shape) == 0 {
		return tensor.From(all)
	}
	return tensor.From(all, len(all))
}

// become makes v the constant t.
func (r *rewriter) become(v *Value, t *tensor.Tensor) {
	v.Const, v.From = t, nil
	v.describeConst()
}

// only reports whether v has a single reader, and that is a node.
func (r *rewriter) only(v *Value) bool {
	return v != nil && r.uses[v] == 1 && !r.leaves[v]
}

// into turns n into another operator that gives the same first output.
func (n *Node) into(domain, typ string, attrs []onnxpb.Attribute, in ...*Value) {
	n.Domain, n.Type, n.Attrs, n.In, n.Opset, n.Captures = domain, typ, attrs, in, 1, nil
}

// identities removes nodes that pass their input on: readers of the output read the
// input instead. Where the output leaves the graph and the input is one of the graph,
// a constant or an output too, the node stays: an output must be computed.
func identities(r *rewriter) (changed bool) {
	with := map[*Value]*Value{}
	for _, n := range r.g.Nodes {
		if n.Output(0) == nil || !n.passes() {
			continue
		}
		v, out := n.In[0], n.Out[0]
		if w := with[v]; w != nil {
			v = w
		}
		if r.leaves[out] {
			if v.From == nil || r.leaves[v] {
				continue
			}
			v.Name, r.leaves[v] = out.Name, true // the caller knows it
		}
		with[out], n.Out[0] = v, nil
	}
	if len(with) > 0 {
		r.g.Replace(with)
	}
	return len(with) > 0
}

// passes reports whether n's only wanted output is its first input.
func (n *Node) passes() bool {
	x := n.Input(0)
	if x == nil || slices.ContainsFunc(n.Out[1:], func(v *Value) bool { return v != nil }) {
		return false
	}
	switch {
	case n.Is("Identity"):
		return true
	case n.Is("Dropout"):
		training := n.Input(2)
		return training == nil || training.Const != nil && training.Const.Len() == 1 && training.Const.Data[0] == 0
	case n.Is("Cast"):
		return x.Type != onnxpb.Undefined && n.Int("to", 0) == int64(x.Type)
	case n.Is("Transpose"):
		perm := n.Ints("perm")
		return len(perm) > 0 && slices.IsSorted(perm) && len(perm) == x.Rank() && perm[0] == 0
	}
	return false
}

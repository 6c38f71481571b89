package graph

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Oldest and Newest are the versions of ONNX's operators that are understood.
const (
	Oldest = 1
	Newest = 25
)

// Read reads the graph of a model. Names that are not defined, defined twice or
// used before they are defined, and inputs that are no tensors, are
// [quintet.ErrModel] or [quintet.ErrUnsupported].
func Read(m *onnxpb.Model) (*Graph, error) {
	opsets := map[string]int{}
	for _, o := range m.Opsets {
		opsets[domain(o.Domain)] = int(min(max(o.Version, 0), 1<<20))
	}
	if v := opsets[""]; v > Newest {
		return nil, fmt.Errorf("operators of version %d, the newest known is %d: %w", v, Newest, quintet.ErrUnsupported)
	}
	if len(m.Functions) > 0 {
		return nil, fmt.Errorf("%d functions of the model's own: %w", len(m.Functions), quintet.ErrUnsupported)
	}
	return read(m.Graph, opsets, nil)
}

// ReadBody reads a graph in an attribute of a node of a graph with the given
// operator sets. outer gives the values around it by name; those it reads are in
// Captured and Held of the result. in is what is known of the graph's inputs.
func ReadBody(g *onnxpb.Graph, opsets map[string]int, outer map[string]*Value, in []*Value) (*Graph, error) {
	b, err := read(g, opsets, outer)
	if err != nil {
		return nil, err
	}
	if len(b.Inputs) != len(in) {
		return nil, fmt.Errorf("graph %s has %d inputs and gets %d: %w", g.Name, len(b.Inputs), len(in), quintet.ErrModel)
	}
	for i, v := range b.Inputs {
		v.Type, v.Ranked, v.Const = in[i].Type, in[i].Ranked, in[i].Const
		v.Shape = nil
		for _, d := range in[i].Shape {
			v.Shape = append(v.Shape, b.own(d))
		}
	}
	return b, nil
}

// own returns a dimension of another graph as one of g: its number, or a symbol.
func (g *Graph) own(d Dim) Dim {
	if _, ok := d.Known(); ok {
		return d
	}
	return g.symbol()
}

func domain(name string) string {
	if onnxpb.IsONNX(name) {
		return ""
	}
	return name
}

// reader is a graph being read.
type reader struct {
	*Graph
	values map[string]*Value
	outer  map[string]*Value
}

func read(p *onnxpb.Graph, opsets map[string]int, outer map[string]*Value) (*Graph, error) {
	r := &reader{&Graph{Name: p.Name, Opsets: opsets}, map[string]*Value{}, outer}
	if len(p.SparseInitializers) > 0 {
		return nil, fmt.Errorf("graph %s has sparse initializers: %w", p.Name, quintet.ErrUnsupported)
	}
	if err := r.initializers(p.Initializers); err != nil {
		return nil, err
	}
	for _, info := range p.Inputs {
		if err := r.input(info, outer == nil); err != nil {
			return nil, err
		}
	}
	for i, n := range p.Nodes {
		if n.Domain == Fused {
			return nil, fmt.Errorf("node %s of domain %s: %w", n.Name, n.Domain, quintet.ErrUnsupported)
		}
		for _, m := range expanded(n) {
			if err := r.node(i, m); err != nil {
				return nil, err
			}
		}
	}
	for _, info := range p.Outputs {
		v, err := r.value(info.Name)
		if err != nil {
			return nil, fmt.Errorf("output: %w", err)
		}
		r.Outputs = append(r.Outputs, v)
	}
	return r.Graph, nil
}

func (r *reader) initializers(all []*onnxpb.Tensor) error {
	for _, p := range all {
		t, err := tensor.FromProto(p)
		if err != nil {
			return err
		}
		if err := r.define(p.Name, r.Constant(p.Name, t)); err != nil {
			return err
		}
	}
	return nil
}

// input declares an input, unless it only repeats an initializer.
func (r *reader) input(info onnxpb.ValueInfo, typed bool) error {
	if v := r.values[info.Name]; v != nil && v.Const != nil {
		return nil
	}
	v := &Value{Name: info.Name}
	t := info.Type
	switch {
	case t != nil && t.Tensor != nil:
		v.Type = t.Tensor.Elem
		r.shape(v, t.Tensor.Shape)
	case typed || t != nil:
		return fmt.Errorf("input %s is not a tensor: %w", info.Name, quintet.ErrUnsupported)
	}
	if typed && tensor.Size(v.Type) == 0 {
		return fmt.Errorf("input %s of %s: %w", info.Name, v.Type, quintet.ErrUnsupported)
	}
	r.Inputs = append(r.Inputs, v)
	return r.define(info.Name, v)
}

// shape takes over what a file says about an input. Free dimensions of one name are
// not taken as equal: files are wrong about them, and nobody checks.
func (r *reader) shape(v *Value, s *onnxpb.Shape) {
	if s == nil {
		return
	}
	v.Ranked = true
	for _, d := range s.Dims {
		switch {
		case d.Fixed && d.Value >= 0:
			v.Shape = append(v.Shape, number(d.Value))
		default:
			v.Shape = append(v.Shape, r.symbol())
		}
	}
}

func (r *reader) define(name string, v *Value) error {
	if name == "" {
		return fmt.Errorf("a value without a name: %w", quintet.ErrModel)
	}
	if r.values[name] != nil {
		return fmt.Errorf("%s is defined twice: %w", name, quintet.ErrModel)
	}
	r.values[name] = v
	return nil
}

// value returns the value with the given name, from the graph around if need be.
func (r *reader) value(name string) (*Value, error) {
	if v := r.values[name]; v != nil {
		return v, nil
	}
	o := r.outer[name]
	if o == nil {
		return nil, fmt.Errorf("%q is not defined before it is used: %w", name, quintet.ErrModel)
	}
	v := &Value{Name: name, Type: o.Type, Ranked: o.Ranked, Const: o.Const}
	r.values[name] = v
	if v.Const != nil {
		v.describeConst()
		return v, nil
	}
	for _, d := range o.Shape {
		v.Shape = append(v.Shape, r.own(d))
	}
	r.Captured, r.Held = append(r.Captured, name), append(r.Held, v)
	return v, nil
}

func (r *reader) node(i int, p *onnxpb.Node) error {
	n := &Node{Domain: domain(p.Domain), Type: p.OpType, Name: p.Name, Attrs: p.Attributes}
	if n.Name == "" {
		n.Name = fmt.Sprintf("%s_%d", p.OpType, i)
	}
	n.Opset = r.Opsets[n.Domain]
	if err := n.check(len(p.Inputs)); err != nil {
		return err
	}
	for _, name := range p.Inputs {
		var v *Value
		if name != "" {
			var err error
			if v, err = r.value(name); err != nil {
				return fmt.Errorf("node %s: %w", n.Name, err)
			}
		}
		n.In = append(n.In, v)
	}
	if err := n.complete(); err != nil {
		return err
	}
	if err := r.captures(n, p); err != nil {
		return fmt.Errorf("node %s: %w", n.Name, err)
	}
	for _, name := range p.Outputs {
		if name == "" {
			n.Out = append(n.Out, nil)
			continue
		}
		v := &Value{Name: name, From: n}
		n.Out = append(n.Out, v)
		if err := r.define(name, v); err != nil {
			return fmt.Errorf("node %s: %w", n.Name, err)
		}
	}
	r.Nodes = append(r.Nodes, n)
	return nil
}

// check refuses what the passes rely on not being there, such as element-wise
// operators of other than two operands.
func (n *Node) check(inputs int) error {
	switch {
	case n.Domain == "" && n.Opset < Oldest:
		return fmt.Errorf("node %s of operators of version %d: %w", n.Name, n.Opset, quintet.ErrModel)
	case n.Is("Add", "Sub", "Mul", "Div", "Pow", "PRelu") && inputs != 2:
		return fmt.Errorf("node %s (%s) has %d inputs: %w", n.Name, n.Type, inputs, quintet.ErrModel)
	}
	return nil
}

// complete refuses nodes without the inputs that no node of their kind can do
// without.
func (n *Node) complete() error {
	for i := range needed(n) {
		if n.Input(i) == nil {
			return fmt.Errorf("node %s (%s) lacks input %d: %w", n.Name, n.Type, i, quintet.ErrModel)
		}
	}
	return nil
}

// needed is how many inputs a node must have, as far as it is known here.
func needed(n *Node) int {
	if rule := rules[key{n.Domain, n.Type}]; rule != nil && !n.Is("Resize") {
		return rule.least
	}
	return 0
}

// captures resolves the names that graphs in the attributes read from outside.
func (r *reader) captures(n *Node, p *onnxpb.Node) error {
	free := map[string]bool{}
	for g := range p.Graphs() {
		freeNames(g, free)
	}
	names := make([]string, 0, len(free))
	for name := range free {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		v, err := r.value(name)
		if err != nil {
			return err
		}
		n.Captures = append(n.Captures, Capture{name, v})
	}
	return nil
}

// freeNames adds to free the names that g reads and does not define.
func freeNames(g *onnxpb.Graph, free map[string]bool) {
	own := map[string]bool{}
	for _, t := range g.Initializers {
		own[t.Name] = true
	}
	for _, in := range g.Inputs {
		own[in.Name] = true
	}
	read := func(name string) {
		if name != "" && !own[name] {
			free[name] = true
		}
	}
	for _, n := range g.Nodes {
		for _, name := range n.Inputs {
			read(name)
		}
		for sub := range n.Graphs() {
			inner := map[string]bool{}
			freeNames(sub, inner)
			for name := range inner {
				read(name)
			}
		}
		for _, name := range n.Outputs {
			own[name] = true
		}
	}
	for _, o := range g.Outputs {
		read(o.Name)
	}
}

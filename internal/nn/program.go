package nn

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/graph"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Options say how a model is loaded. The zero value is good.
type Options struct {
	// Plain runs the nodes as the file has them, without rewriting.
	Plain bool

	// Without names passes that are left out, for those who compare.
	Without []string

	// Threads is how many threads one run may use. Default: 1.
	Threads int

	// MaxBytes is the most memory that the intermediate values of one run may
	// take at once, and the most that its outputs may take. Default: 4 GiB.
	MaxBytes int64
}

func (o Options) withDefaults() Options {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 4 << 30
	}
	o.Threads = max(o.Threads, 1)
	return o
}

// Info describes an input or output.
type Info struct {
	Name   string
	Type   tensor.DType
	Shape  []int // -1 where any size will do
	Ranked bool  // Shape counts
}

// Program is a model that is ready to run. It is immutable and safe for concurrent
// use.
type Program struct {
	Name string

	steps  []step
	consts map[int]*tensor.Tensor // by slot
	slots  int
	infos  struct{ in, out []Info }
	in     []int // slots of the inputs, behind them those of captured values
	out    []int // slots of the outputs
	o      Options
	weight int64
	team   *team

	pool  sync.Mutex
	idle  []*frame
	plans map[uint64]*placement

	bodies []*body
}

// step is one operator with the slots it works on.
type step struct {
	op       op.Op
	node     *graph.Node
	in, out  []int // slots, -1 where nothing is
	explicit int   // inputs that the node names; the others are captured
	last     uint64
	fresh    uint64
	drop     []int // slots that nobody reads after this step
}

// Refusal says why a node cannot run.
type Refusal struct {
	Node, Op string // Op with its domain, if that is not ONNX itself
	Types    []tensor.DType
	Opset    int
	Err      error
}

// String is the refusal on one line.
func (r Refusal) String() string {
	names := make([]string, len(r.Types))
	for i, t := range r.Types {
		names[i] = t.String()
	}
	return fmt.Sprintf("%s (%s-%d of %s): %v", r.Node, r.Op, r.Opset, strings.Join(names, ", "), r.Err)
}

// UnsupportedError lists the nodes of a model that cannot run.
type UnsupportedError struct{ Refusals []Refusal }

// Error names the first refusals and the number of all.
func (e *UnsupportedError) Error() string {
	const most = 5
	lines := make([]string, 0, most)
	for _, r := range e.Refusals[:min(most, len(e.Refusals))] {
		lines = append(lines, r.String())
	}
	more := ""
	if n := len(e.Refusals) - most; n > 0 {
		more = fmt.Sprintf("; and %d more", n)
	}
	return fmt.Sprintf("%d nodes cannot run: %s%s", len(e.Refusals), strings.Join(lines, "; "), more)
}

// Unwrap returns the causes of all refusals.
func (e *UnsupportedError) Unwrap() []error {
	all := make([]error, len(e.Refusals))
	for i, r := range e.Refusals {
		all[i] = r.Err
	}
	return all
}

// Load makes a program of a model, whose memory it keeps using. A model that
// breaks the rules of ONNX is [quintet.ErrModel]; one that asks for what the engine
// does not have is [quintet.ErrUnsupported], as an [*UnsupportedError] where nodes are
// to blame.
func Load(m *onnxpb.Model, o Options) (*Program, error) {
	g, err := graph.Read(m)
	if err != nil {
		return nil, err
	}
	o = o.withDefaults()
	return build(g, o)
}

// build makes a program of a graph. What goes wrong beyond what the passes and
// operators foresee becomes an error.
func build(g *graph.Graph, o Options) (p *Program, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("graph %s: %v\n%s", g.Name, r, debug.Stack())
		}
	}()
	if err := prepare(g, o); err != nil {
		return nil, err
	}
	return compile(g, o)
}

// prepare infers what is known of a graph's values and rewrites it.
func prepare(g *graph.Graph, o Options) error {
	g.Infer()
	if o.Plain {
		return nil
	}
	return graph.Optimize(g, o.Without, fold)
}

// compile builds the operators of a graph and gives every value a slot.
func compile(g *graph.Graph, o Options) (*Program, error) {
	b := &builder{g: g, o: o, slot: map[*graph.Value]int{}, p: &Program{
		Name: g.Name, o: o, consts: map[int]*tensor.Tensor{}, plans: map[uint64]*placement{}, team: teamOf(o.Threads),
	}}
	for _, v := range slices.Concat(g.Inputs, g.Held) {
		b.p.in = append(b.p.in, b.slotOf(v))
	}
	for _, v := range g.Inputs {
		b.p.infos.in = append(b.p.infos.in, infoOf(v))
	}
	var refused []Refusal
	for _, n := range g.Nodes {
		if err := b.node(n); err != nil {
			r := Refusal{Node: n.Name, Op: strings.TrimPrefix(n.Domain+"."+n.Type, "."), Opset: n.Opset, Err: err}
			for _, v := range n.In {
				if v != nil {
					r.Types = append(r.Types, v.Type)
				}
			}
			refused = append(refused, r)
		}
	}
	if refused != nil {
		return nil, &UnsupportedError{refused}
	}
	for _, v := range g.Outputs {
		b.p.out = append(b.p.out, b.slotOf(v))
		b.p.infos.out = append(b.p.infos.out, infoOf(v))
	}
	b.p.slots = len(b.slot)
	b.lifetimes()
	return b.p, nil
}

func infoOf(v *graph.Value) Info { return Info{v.Name, v.Type, v.Sizes(), v.Ranked} }

// Inputs describes what Run takes, in order.
func (p *Program) Inputs() []Info { return p.infos.in }

// Outputs describes what Run gives, in order.
func (p *Program) Outputs() []Info { return p.infos.out }

// Steps lists what a run does, in order, without times.
func (p *Program) Steps() []StepTime {
	list := make([]StepTime, len(p.steps))
	for i, s := range p.steps {
		list[i] = StepTime{Node: s.node.Name, Op: s.operator()}
	}
	return list
}

// operator is the operator's name, with its domain where that is not ONNX itself.
func (s *step) operator() string { return strings.TrimPrefix(s.node.Domain+"."+s.node.Type, ".") }

// Close ends the threads that help runs. Runs must be over; a program of one thread
// need not be closed.
func (p *Program) Close() {
	p.team.close()
	for _, b := range p.bodies {
		b.p.Close()
	}
}

// Bytes is the memory that the program holds: constants, and what idle runs keep.
// Packed weights count with the size of the constants they were made of.
func (p *Program) Bytes() int64 {
	p.pool.Lock()
	defer p.pool.Unlock()
	n := p.weight
	for _, f := range p.idle {
		n += f.mem.bytes()
	}
	return n
}

// builder is a program being made.
type builder struct {
	g    *graph.Graph
	o    Options
	p    *Program
	slot map[*graph.Value]int
}

// slotOf returns the slot of a value, a new one the first time.
func (b *builder) slotOf(v *graph.Value) int {
	if v == nil {
		return -1
	}
	i, ok := b.slot[v]
	if !ok {
		i = len(b.slot)
		b.slot[v] = i
		if v.Const != nil {
			b.p.consts[i] = v.Const
			b.p.weight += int64(len(v.Const.Data))
		}
	}
	return i
}

// node builds the operator of n and adds its step.
func (b *builder) node(n *graph.Node) error {
	build := builderOf(n)
	if build == nil {
		return fmt.Errorf("no such operator here: %w", quintet.ErrUnsupported)
	}
	s := step{node: n, explicit: len(n.In)}
	desc := describeNode(n)
	desc.Compile = b.bodies(n)
	for i, v := range n.In {
		if v != nil && v.Type == onnxpb.Undefined {
			return fmt.Errorf("the type of input %d is not known: %w", i, quintet.ErrUnsupported)
		}
		s.in = append(s.in, b.slotOf(v))
	}
	for _, c := range n.Captures {
		s.in = append(s.in, b.slotOf(c.Value))
	}
	for _, v := range n.Out {
		s.out = append(s.out, b.slotOf(v))
	}
	o, types, err := build(desc)
	if err != nil {
		return err
	}
	if len(types) < len(n.Out) {
		return fmt.Errorf("has %d outputs, %d make sense: %w", len(n.Out), len(types), quintet.ErrModel)
	}
	for i, v := range n.Out {
		if v != nil {
			v.Type = types[i]
		}
	}
	s.op = o
	b.p.steps = append(b.p.steps, s)
	return nil
}

// describeNode is what an operator is told of its node, without the graphs inside.
func describeNode(n *graph.Node) *op.Node {
	d := &op.Node{Domain: n.Domain, Type: n.Type, Name: n.Name, Opset: n.Opset, Attrs: n.Attrs}
	for _, v := range n.In {
		d.In = append(d.In, describe(v))
	}
	for _, v := range n.Out {
		d.Out = append(d.Out, v != nil)
	}
	return d
}

// describe is what an operator is told of an input.
func describe(v *graph.Value) op.Value {
	if v == nil {
		return op.Value{Missing: true}
	}
	return op.Value{Type: v.Type, Shape: v.Sizes(), Ranked: v.Ranked, Const: v.Const}
}

// lifetimes finds out for every step which inputs nobody reads later and which
// outputs leave the program.
func (b *builder) lifetimes() {
	leaves := map[int]bool{}
	for _, s := range b.p.out {
		leaves[s] = true
	}
	seen := map[int]bool{}
	for i := len(b.p.steps) - 1; i >= 0; i-- {
		s := &b.p.steps[i]
		for j, slot := range s.out {
			if slot >= 0 && leaves[slot] {
				s.fresh |= 1 << min(j, 63)
			}
			if slot >= 0 && !leaves[slot] && !seen[slot] {
				s.drop = append(s.drop, slot) // nobody reads it at all
				seen[slot] = true
			}
		}
		for j, slot := range s.in {
			if slot < 0 || leaves[slot] || b.p.consts[slot] != nil || seen[slot] {
				continue
			}
			seen[slot] = true
			s.drop = append(s.drop, slot)
			if j < 64 && j < s.explicit && !slices.Contains(s.in[j+1:], slot) {
				s.last |= 1 << j
			}
		}
	}
}

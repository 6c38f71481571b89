package nn

import (
	"github.com/quintet-ai/quintet/internal/nn/graph"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// body is a graph in an attribute of a node. It implements op.Body.
type body struct {
	p        *Program
	types    []tensor.DType
	captures []int
}

// bodies returns what builds the graphs in the attributes of n.
func (b *builder) bodies(n *graph.Node) func(g *onnxpb.Graph, in []op.Value) (op.Body, error) {
	return func(g *onnxpb.Graph, in []op.Value) (op.Body, error) {
		outer := map[string]*graph.Value{}
		for _, c := range n.Captures {
			outer[c.Name] = c.Value
		}
		values := make([]*graph.Value, len(in))
		for i, v := range in {
			values[i] = &graph.Value{Type: v.Type, Const: v.Const}
		}
		sub, err := graph.ReadBody(g, b.g.Opsets, outer, values)
		if err != nil {
			return nil, err
		}
		if err := prepare(sub, b.o); err != nil {
			return nil, err
		}
		p, err := compile(sub, b.o)
		if err != nil {
			return nil, err
		}
		b.p.weight += p.weight
		r := &body{p: p}
		b.p.bodies = append(b.p.bodies, r)
		for _, name := range sub.Captured {
			for i, c := range n.Captures {
				if c.Name == name {
					r.captures = append(r.captures, len(n.In)+i)
				}
			}
		}
		for _, o := range sub.Outputs {
			r.types = append(r.types, o.Type)
		}
		return r, nil
	}
}

// Outputs implements op.Body.
func (b *body) Outputs() []tensor.DType { return b.types }

// Captures implements op.Body.
func (b *body) Captures() []int { return b.captures }

// Run implements op.Body. The outputs' memory is c's.
func (b *body) Run(c *op.Ctx, in, captured, out []*tensor.Tensor) error {
	f := b.p.acquire()
	f.ctx.Context, f.ctx.Away = c.Context, c.Mem
	f.args = append(append(f.args[:0], in...), captured...)
	_, err := f.run(f.args, false)
	if err != nil {
		return err
	}
	for i, s := range b.p.out {
		if err := f.hand(c, out[i], s); err != nil {
			return err
		}
	}
	f.ctx.Context, f.ctx.Away = nil, nil
	b.p.release(f)
	return nil
}

// hand gives the tensor in a slot to the run around: its memory if it is that
// run's, a copy if it is a constant or an input.
func (f *frame) hand(c *op.Ctx, out *tensor.Tensor, slot int) error {
	t := &f.slots[slot]
	if k := f.p.consts[slot]; k != nil {
		t = k
	}
	if t.Buf == nil || f.handed(slot) {
		if err := c.NewShape(out, t.Type, t.Shape); err != nil {
			return err
		}
		copy(out.Data, t.Data)
		return nil
	}
	c.Drop(out)
	out.Type, out.Data, out.Buf, out.Shape = t.Type, t.Data, t.Buf, append(out.Shape[:0], t.Shape...)
	return nil
}

// handed reports whether the slot is that of an earlier output too.
func (f *frame) handed(slot int) bool {
	n := 0
	for _, s := range f.p.out {
		if s == slot {
			n++
		}
	}
	return n > 1
}

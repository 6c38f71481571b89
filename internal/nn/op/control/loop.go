package control

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// loop is the op Loop. Its graph takes the number of the iteration, the condition
// and the carried values, and gives the condition, the carried values and one
// element for each list that the loop collects.
type loop struct {
	body    op.Body
	carried int
}

func newLoop(n *op.Node) (op.Op, []tensor.DType, error) {
	if len(n.In) < 2 {
		return nil, nil, n.Wrong("has %d inputs", len(n.In))
	}
	if n.Has(0) && n.Dtype(0) != onnxpb.Int64 || n.Has(1) && n.Dtype(1) != onnxpb.Bool {
		return nil, nil, n.Unsupported("a count of %s and a condition of %s", n.Dtype(0), n.Dtype(1))
	}
	l := loop{carried: len(n.In) - 2}
	in := []op.Value{{Type: onnxpb.Int64}, {Type: onnxpb.Bool}}
	for i := range l.carried {
		if !n.Has(i + 2) {
			return nil, nil, n.Wrong("lacks input %d", i+2)
		}
		in = append(in, op.Value{Type: n.In[i+2].Type})
	}
	g, err := n.Graph("body")
	if err != nil {
		return nil, nil, err
	}
	if l.body, err = n.Compile(g, in); err != nil {
		return nil, nil, err
	}
	types := l.body.Outputs()
	if len(types) != 1+len(n.Out) || len(types) < 1+l.carried || types[0] != onnxpb.Bool {
		return nil, nil, n.Wrong("has %d outputs and %d carried values, its body gives %v", len(n.Out), l.carried, types)
	}
	for i := range l.carried {
		if types[1+i] != in[2+i].Type {
			return nil, nil, n.Unsupported("carried value %d that turns from %s to %s", i, in[2+i].Type, types[1+i])
		}
	}
	return l, types[1:], nil
}

func (l loop) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	trips, cond, err := l.bounds(in)
	if err != nil {
		return err
	}
	r := buffersOf(c)
	r.take(in, l.body.Captures())
	r.state = clean(r.state, l.carried)
	for i, t := range r.state {
		view(t, in[2+i])
	}
	lists := make([]list, len(out)-l.carried)
	for n := int64(0); n < trips && cond; n++ {
		if err := c.Done(); err != nil {
			return err
		}
		if cond, err = l.once(c, r, n, cond); err != nil {
			return err
		}
		for i := range lists {
			lists[i].add(c, r.out[1+l.carried+i], out[l.carried+i] != nil)
		}
	}
	for i, t := range r.state {
		if err := hand(c, out[i], t); err != nil {
			return err
		}
	}
	types := l.body.Outputs()[1+l.carried:]
	for i := range lists {
		if err := lists[i].stack(c, out[l.carried+i], types[i]); err != nil {
			return err
		}
	}
	return nil
}

// bounds returns how often the loop runs at most, and the first condition.
func (l loop) bounds(in []*tensor.Tensor) (trips int64, cond bool, err error) {
	trips, cond = math.MaxInt64, true
	if in[0] != nil {
		if in[0].Len() != 1 {
			return 0, false, wrongInput("a trip count of shape %v", in[0].Shape)
		}
		trips = tensor.Of[int64](in[0])[0]
	}
	if in[1] != nil {
		cond, err = truth(in[1])
	}
	return trips, cond, err
}

// once runs the body and puts the new carried values into r.state.
func (l loop) once(c *op.Ctx, r *buffers, n int64, cond bool) (bool, error) {
	r.in = clean(r.in, 2+l.carried)
	count, flag := [1]int64{n}, [1]uint8{0}
	if cond {
		flag[0] = 1
	}
	*r.in[0] = tensor.Tensor{Type: onnxpb.Int64, Shape: r.in[0].Shape[:0], Data: tensor.Bytes(count[:])}
	*r.in[1] = tensor.Tensor{Type: onnxpb.Bool, Shape: r.in[1].Shape[:0], Data: flag[:]}
	for i, t := range r.state {
		view(r.in[2+i], t)
	}
	r.out = clean(r.out, len(l.body.Outputs()))
	if err := l.body.Run(c, r.in, r.captured, r.out); err != nil {
		return false, err
	}
	next, err := truth(r.out[0])
	c.Drop(r.out[0])
	for i, t := range r.state {
		c.Drop(t)
		r.state[i], r.out[1+i] = r.out[1+i], t
	}
	return next, err
}

// list collects what a graph gives in each iteration.
type list struct{ all []*tensor.Tensor }

// add takes t over, or drops it if nobody wants the list.
func (l *list) add(c *op.Ctx, t *tensor.Tensor, wanted bool) {
	if !wanted {
		c.Drop(t)
		return
	}
	own := &tensor.Tensor{Type: t.Type, Shape: slices.Clone(t.Shape), Data: t.Data, Buf: t.Buf}
	t.Data, t.Buf = nil, nil
	l.all = append(l.all, own)
}

// stack makes out of the collected elements, along a new first dimension.
func (l *list) stack(c *op.Ctx, out *tensor.Tensor, typ tensor.DType) error {
	if out == nil {
		return nil
	}
	if len(l.all) == 0 {
		return c.New(out, typ, 0)
	}
	first := l.all[0]
	if len(first.Shape) == tensor.MaxRank {
		return wrongInput("a list of elements with %d dimensions", len(first.Shape))
	}
	if err := c.NewShape(out, typ, append([]int{len(l.all)}, first.Shape...)); err != nil {
		return err
	}
	for i, t := range l.all {
		if !slices.Equal(t.Shape, first.Shape) {
			return wrongInput("element %d of a list has shape %v, the first %v", i, t.Shape, first.Shape)
		}
		copy(out.Data[i*len(t.Data):], t.Data)
		c.Drop(t)
	}
	return nil
}

func wrongInput(format string, a ...any) error {
	return fmt.Errorf(format+": %w", append(a, quintet.ErrInput)...)
}

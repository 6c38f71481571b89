package control

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// scan is the op Scan: a loop over the first dimension of its last inputs.
type scan struct {
	body     op.Body
	states   int
	backIn   []bool // the input is read from its end
	backOut  []bool
	scanned  int
	produced int
}

func newScan(n *op.Node) (op.Op, []tensor.DType, error) {
	if n.Opset < 9 {
		return nil, nil, n.Unsupported("version %d", n.Opset)
	}
	scanned, err := n.Int("num_scan_inputs", 0)
	if err != nil {
		return nil, nil, err
	}
	if scanned < 1 || scanned > len(n.In) {
		return nil, nil, n.Wrong("num_scan_inputs %d of %d inputs", scanned, len(n.In))
	}
	s := scan{states: len(n.In) - scanned, scanned: scanned}
	s.produced = len(n.Out) - s.states
	var in []op.Value
	for i := range n.In {
		if !n.Has(i) {
			return nil, nil, n.Wrong("lacks input %d", i)
		}
		in = append(in, op.Value{Type: n.In[i].Type})
	}
	g, err := n.Graph("body")
	if err != nil {
		return nil, nil, err
	}
	if s.body, err = n.Compile(g, in); err != nil {
		return nil, nil, err
	}
	types := s.body.Outputs()
	if len(types) != len(n.Out) || s.produced < 0 {
		return nil, nil, n.Wrong("has %d outputs, its body gives %v", len(n.Out), types)
	}
	for i := range s.states {
		if types[i] != in[i].Type {
			return nil, nil, n.Unsupported("state %d that turns from %s to %s", i, in[i].Type, types[i])
		}
	}
	if s.backIn, err = directions(n, "scan_input_directions", "scan_input_axes", s.scanned); err != nil {
		return nil, nil, err
	}
	if s.backOut, err = directions(n, "scan_output_directions", "scan_output_axes", s.produced); err != nil {
		return nil, nil, err
	}
	return s, types, nil
}

// directions reads which of count tensors are walked from their end. Axes other
// than the first are not supported.
func directions(n *op.Node, name, axes string, count int) ([]bool, error) {
	at, err := n.Ints(axes)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(at, func(a int) bool { return a != 0 }) {
		return nil, n.Unsupported("%s %v", axes, at)
	}
	list, err := n.Ints(name)
	if err != nil {
		return nil, err
	}
	if list != nil && len(list) != count {
		return nil, n.Wrong("%s has %d entries for %d tensors", name, len(list), count)
	}
	back := make([]bool, count)
	for i, d := range list {
		back[i] = d == 1
	}
	return back, nil
}

func (s scan) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	steps, err := s.length(in)
	if err != nil {
		return err
	}
	r := buffersOf(c)
	r.take(in, s.body.Captures())
	r.state = clean(r.state, s.states)
	for i, t := range r.state {
		view(t, in[i])
	}
	lists := make([]list, s.produced)
	for step := range steps {
		if err := c.Done(); err != nil {
			return err
		}
		s.feed(r, in, step, steps)
		if err := s.body.Run(c, r.in, r.captured, r.out); err != nil {
			return err
		}
		for i, t := range r.state {
			c.Drop(t)
			r.state[i], r.out[i] = r.out[i], t
		}
		for i := range lists {
			lists[i].add(c, r.out[s.states+i], out[s.states+i] != nil)
		}
	}
	return s.finish(c, r, lists, out)
}

// length is how many elements the scanned inputs have, which must agree.
func (s scan) length(in []*tensor.Tensor) (int, error) {
	steps := -1
	for _, t := range in[s.states : s.states+s.scanned] {
		if len(t.Shape) == 0 || steps >= 0 && t.Shape[0] != steps {
			return 0, wrongInput("scanned input of shape %v, another has %d elements", t.Shape, steps)
		}
		steps = t.Shape[0]
	}
	return steps, nil
}

// feed prepares the inputs and outputs of the body for one step.
func (s scan) feed(r *buffers, in []*tensor.Tensor, step, steps int) {
	r.in = clean(r.in, s.states+s.scanned)
	for i, t := range r.state {
		view(r.in[i], t)
	}
	for i, back := range s.backIn {
		at, x, t := step, in[s.states+i], r.in[s.states+i]
		if back {
			at = steps - 1 - step
		}
		size := len(x.Data) / steps
		view(t, x)
		t.Shape, t.Data = append(t.Shape[:0], x.Shape[1:]...), x.Data[at*size:(at+1)*size]
	}
	r.out = clean(r.out, s.states+s.produced)
}

func (s scan) finish(c *op.Ctx, r *buffers, lists []list, out []*tensor.Tensor) error {
	for i, t := range r.state {
		if err := hand(c, out[i], t); err != nil {
			return err
		}
	}
	types := s.body.Outputs()[s.states:]
	for i := range lists {
		if s.backOut[i] {
			slices.Reverse(lists[i].all)
		}
		if err := lists[i].stack(c, out[s.states+i], types[i]); err != nil {
			return err
		}
	}
	return nil
}

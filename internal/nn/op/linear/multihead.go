package linear

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// multiHead is the op MultiHeadAttention of com.microsoft.
type multiHead struct {
	heads         int
	scale, hidden float32 // hidden is added where a mask says that there is no key
	causal        bool
}

// The inputs of MultiHeadAttention behind query, key and value.
const (
	headBias = 3 + iota
	headMask
	headAdd
	headPastKey
	headPastValue
)

func newMultiHead(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 10); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0, 1, 2, headBias, headAdd, headPastKey, headPastValue); err != nil {
		return nil, nil, err
	}
	if n.Has(headMask) {
		if err := n.Typed(headMask, onnxpb.Int32); err != nil {
			return nil, nil, err
		}
	}
	r := reader{n: n}
	r.refuseInputs(8, 9)
	r.refuseOutputs(3)
	a := multiHead{
		heads: r.int("num_heads", 0), scale: r.float("scale", 0), hidden: r.float("mask_filter_value", -10000),
		causal: r.flag("unidirectional", false),
	}
	switch {
	case r.err != nil:
	case a.heads < 1:
		r.err = n.Wrong("%d heads", a.heads)
	case n.Has(headPastKey) != n.Has(headPastValue):
		r.err = n.Wrong("one of past key and value is missing")
	case !n.Has(1) && n.Has(2):
		r.err = n.Wrong("values without keys")
	}
	return a, []tensor.DType{onnxpb.Float, onnxpb.Float, onnxpb.Float}, r.err
}

func (a multiHead) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	j := job{scale: a.scale, causal: a.causal}
	if err := a.operands(c, &j, in); err != nil {
		return err
	}
	if a.scale == 0 {
		j.scale = rootScale(j.q.width)
	}
	if err := j.history(c, in[min(len(in), headPastKey-1):], out); err != nil {
		return err
	}
	if m := input(in, headMask); m != nil {
		if err := j.keyMask(c, m, a.hidden); err != nil {
			return err
		}
	}
	if err := j.addMask(input(in, headAdd)); err != nil {
		return err
	}
	if err := j.output(c, out[0], true); err != nil {
		return err
	}
	return j.run(c)
}

// operands finds query, key and value, in whichever form they come, and adds the
// bias.
func (a multiHead) operands(c *op.Ctx, j *job, in []*tensor.Tensor) (err error) {
	q, k, v := in[0], input(in, 1), input(in, 2)
	if len(q.Shape) == 0 {
		return fmt.Errorf("query of shape %v: %w", q.Shape, quintet.ErrInput)
	}
	j.batch = q.Shape[0]
	switch {
	case k == nil:
		err = j.interleaved(q, a.heads, &j.q, &j.k, &j.v)
	case v == nil:
		if j.q, err = j.joined(q, a.heads); err == nil {
			err = j.interleaved(k, a.heads, &j.k, &j.v)
		}
	case len(k.Shape) == 4:
		if j.q, err = j.joined(q, a.heads); err == nil {
			if j.k, err = j.apart(k); err == nil {
				j.v, err = j.apart(v)
			}
		}
	default:
		err = j.operands(q, k, v, a.heads, a.heads)
	}
	if err != nil {
		return err
	}
	if err := j.check(); err != nil {
		return err
	}
	if j.q.heads != a.heads || j.k.heads != a.heads {
		return fmt.Errorf("keys of %d heads for %d: %w", j.k.heads, a.heads, quintet.ErrInput)
	}
	return j.addBias(c, input(in, headBias), k != nil && len(k.Shape) == 4)
}

// interleaved takes operands from one tensor [batch, length, heads, operands, width].
func (j *job) interleaved(t *tensor.Tensor, heads int, operands ...*operand) error {
	s, n := t.Shape, len(operands)
	if len(s) != 5 || s[0] != j.batch || s[2] != heads || s[3] != n {
		return fmt.Errorf("shape %v for %d heads of %d parts: %w", s, heads, n, quintet.ErrInput)
	}
	x := tensor.Of[float32](t)
	for i, o := range operands {
		*o = operand{
			x: x[min(len(x), i*s[4]):], heads: heads, length: s[1], width: s[4],
			batch: s[1] * heads * n * s[4], row: heads * n * s[4], head: n * s[4],
		}
	}
	return nil
}

// addBias adds a row to queries, keys and values, or to the queries alone where the
// others are what an earlier run has left.
func (j *job) addBias(c *op.Ctx, t *tensor.Tensor, queries bool) (err error) {
	if t == nil {
		return nil
	}
	q, k, v := j.q.heads*j.q.width, j.k.heads*j.k.width, j.v.heads*j.v.width
	if !slices.Equal(t.Shape, []int{q + k + v}) {
		return fmt.Errorf("bias of shape %v for %d elements: %w", t.Shape, q+k+v, quintet.ErrInput)
	}
	x := tensor.Of[float32](t)
	if j.q, err = j.biased(c, j.q, x[:q]); err != nil || queries {
		return err
	}
	if j.k, err = j.biased(c, j.k, x[q:q+k]); err != nil {
		return err
	}
	j.v, err = j.biased(c, j.v, x[q+k:])
	return err
}

// keyMask adds a mask of int32 in one of these forms: how many keys of each batch
// count [batch], after these the places of the first that do [2*batch], or 0 for a
// key that does not in [batch, keys], [batch, rows, keys] or, of the last rows and
// first keys, [batch, 1, most, most].
func (j *job) keyMask(c *op.Ctx, t *tensor.Tensor, hidden float32) error {
	s, x := t.Shape, tensor.Of[int32](t)
	rows, keys := j.q.length, j.k.length
	switch {
	case len(s) == 1 && s[0] == j.batch:
		return j.addRanges(c, nil, x, hidden)
	case len(s) == 1 && s[0] == 2*j.batch:
		return j.addRanges(c, x[j.batch:], x[:j.batch], hidden)
	case len(s) == 2 && s[0] == j.batch && s[1] == keys:
		shape := [4]int{j.batch, 1, 1, keys}
		return addAllowed(c, j, x, shape[:], hidden)
	case len(s) == 3 && s[0] == j.batch && s[1] == rows && s[2] == keys:
		shape := [4]int{j.batch, 1, rows, keys}
		return addAllowed(c, j, x, shape[:], hidden)
	case len(s) == 4 && s[0] == j.batch && s[1] == 1 && s[2] == s[3] && s[2] >= keys && keys >= rows:
		return j.corner(c, x, s[2], hidden)
	}
	return fmt.Errorf("mask of shape %v for %d batches of %d x %d: %w", s, j.batch, rows, keys, quintet.ErrInput)
}

// corner adds the part of a mask [batch, most, most] that is of the last rows among
// the first keys.
func (j *job) corner(c *op.Ctx, x []int32, most int, hidden float32) error {
	rows, keys := j.q.length, j.k.length
	part, err := op.Scratch[int32](c, j.batch*rows*keys)
	if err != nil {
		return err
	}
	for b := range j.batch {
		for r := range rows {
			from := x[(b*most+keys-rows+r)*most:]
			copy(part[(b*rows+r)*keys:][:keys], from)
		}
	}
	shape := [4]int{j.batch, 1, rows, keys}
	return addAllowed(c, j, part, shape[:], hidden)
}

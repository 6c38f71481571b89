package linear

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// groupQuery is the op GroupQueryAttention of com.microsoft: causal attention of a
// decoder with its cache of keys and values.
type groupQuery struct {
	heads, shared  int
	scale, softcap float32
	window         int // 0: all
	rotary         bool
	interleaved    bool
}

// The inputs of GroupQueryAttention behind query, key and value.
const (
	groupPastKey = 3 + iota
	groupPastValue
	groupLengths
	groupTotal
	groupCos
	groupSin
	groupPositions
	groupAdd
)

func newGroupQuery(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 14); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0, 1, 2, groupPastKey, groupPastValue, groupCos, groupSin, groupAdd); err != nil {
		return nil, nil, err
	}
	for _, i := range []int{groupLengths, groupTotal} {
		if err := n.Typed(i, onnxpb.Int32); err != nil {
			return nil, nil, err
		}
	}
	r := reader{n: n}
	r.refuse("smooth_softmax", "qk_output")
	r.refuseInputs(groupPositions, 11, 12, 13)
	r.refuseOutputs(3)
	a := groupQuery{
		heads: r.int("num_heads", 0), shared: r.int("kv_num_heads", 0), scale: r.float("scale", 0),
		softcap: r.float("softcap", 0), window: max(0, r.int("local_window_size", -1)),
		rotary: r.flag("do_rotary", false), interleaved: r.flag("rotary_interleaved", false),
	}
	for _, name := range []string{"k_quant_type", "v_quant_type"} {
		if t := r.text(name, "NONE"); t != "NONE" && r.err == nil {
			r.err = n.Unsupported("%s %q", name, t)
		}
	}
	switch {
	case r.err != nil:
	case a.shared < 1 || a.heads < 1 || a.heads%a.shared != 0:
		r.err = n.Wrong("%d heads that share %d", a.heads, a.shared)
	case n.Has(1) != n.Has(2) || n.Has(groupPastKey) != n.Has(groupPastValue):
		r.err = n.Wrong("keys without values")
	case a.rotary && (!n.Has(groupCos) || !n.Has(groupSin)):
		r.err = n.Wrong("do_rotary without tables")
	}
	return a, []tensor.DType{onnxpb.Float, onnxpb.Float, onnxpb.Float}, r.err
}

func (a groupQuery) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	j := job{scale: a.scale, softcap: a.softcap, causal: true, window: a.window}
	if err := a.operands(&j, in); err != nil {
		return err
	}
	if a.scale == 0 {
		j.scale = rootScale(j.q.width)
	}
	first, err := j.totals(c, in)
	if err != nil {
		return err
	}
	if a.rotary {
		if err := a.turn(c, &j, in, first); err != nil {
			return err
		}
	}
	total := int(tensor.Of[int32](in[groupTotal])[0])
	if j.k, err = j.cached(c, in, groupPastKey, j.k, total, first, input(out, 1)); err != nil {
		return err
	}
	if j.v, err = j.cached(c, in, groupPastValue, j.v, total, first, input(out, 2)); err != nil {
		return err
	}
	if err := j.check(); err != nil {
		return err
	}
	if err := j.addMask(input(in, groupAdd)); err != nil {
		return err
	}
	if err := j.output(c, out[0], true); err != nil {
		return err
	}
	return j.run(c)
}

// operands finds query, key and value, which may stand behind each other in one.
func (a groupQuery) operands(j *job, in []*tensor.Tensor) error {
	if k := input(in, 1); k != nil {
		return j.operandsOf(in[0], k, in[2], a.heads, a.shared)
	}
	s, all := in[0].Shape, a.heads+2*a.shared
	if len(s) != 3 || s[2]%all != 0 {
		return fmt.Errorf("shape %v for %d heads: %w", s, all, quintet.ErrInput)
	}
	j.batch = s[0]
	x, width, at := tensor.Of[float32](in[0]), s[2]/all, 0
	heads := [3]int{a.heads, a.shared, a.shared}
	for i, o := range []*operand{&j.q, &j.k, &j.v} {
		*o = joined(x[min(len(x), at):], heads[i], s[1], width)
		o.row, o.batch = s[2], s[1]*s[2]
		at += heads[i] * width
	}
	return nil
}

// operandsOf is operands of keys that are as many as the queries.
func (j *job) operandsOf(q, k, v *tensor.Tensor, heads, shared int) error {
	if err := j.operands(q, k, v, heads, shared); err != nil {
		return err
	}
	if j.q.length != j.k.length {
		return fmt.Errorf("%d queries and %d keys: %w", j.q.length, j.k.length, quintet.ErrInput)
	}
	return nil
}

// totals reads how many keys each batch has. first says that no past counts.
func (j *job) totals(c *op.Ctx, in []*tensor.Tensor) (first bool, err error) {
	lengths, all := in[groupLengths], in[groupTotal]
	if lengths.Len() != j.batch || all.Len() != 1 {
		return false, fmt.Errorf("lengths of shape %v and total of %v for %d batches: %w", lengths.Shape, all.Shape, j.batch,
			quintet.ErrInput)
	}
	total := int(tensor.Of[int32](all)[0])
	first = total == j.q.length
	if j.lengths, err = op.Scratch[int32](c, j.batch); err != nil {
		return false, err
	}
	for b, n := range tensor.Of[int32](lengths) {
		if n < 0 || int(n) >= total || !first && int(n)+1 < j.q.length {
			return false, fmt.Errorf("%d keys of batch %d, %d in all for %d rows: %w", n, b, total, j.q.length, quintet.ErrInput)
		}
		j.lengths[b] = n + 1
	}
	j.fromEnd = !first
	return first, nil
}

// before is how many keys of the past count in a batch.
func (j *job) before(batch int, first bool) int {
	if first {
		return 0
	}
	return int(j.lengths[batch]) - j.q.length
}

// turn turns queries and keys by the angles of their places.
func (a groupQuery) turn(c *op.Ctx, j *job, in []*tensor.Tensor, first bool) error {
	t, err := anglesOf(in[groupCos], in[groupSin], a.interleaved)
	if err != nil {
		return err
	}
	if 2*t.width > j.q.width {
		return fmt.Errorf("tables of %d angles for heads of %d: %w", t.width, j.q.width, quintet.ErrInput)
	}
	for _, o := range []*operand{&j.q, &j.k} {
		x, err := op.Scratch[float32](c, j.batch*o.heads*o.length*o.width)
		if err != nil {
			return err
		}
		to := joined(x, o.heads, o.length, o.width)
		for b := range j.batch {
			for r := range o.length {
				at := j.before(b, first) + r
				if at >= t.count {
					return fmt.Errorf("position %d of %d: %w", at, t.count, quintet.ErrInput)
				}
				t.turnRow(to, *o, b, r, at)
			}
		}
		*o = to
	}
	return nil
}

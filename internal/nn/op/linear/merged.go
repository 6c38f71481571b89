package linear

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// merged is the op Attention of com.microsoft, which begins with the projection of
// its input by merged weights.
type merged struct {
	heads         int
	sizes         []int // of queries, keys and values; nil: a third each
	scale, hidden float32
	causal        bool
	w             *gemm.Packed // nil: the weights are not constant
}

func newMerged(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 7); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0, 1, 2, 4, 5); err != nil {
		return nil, nil, err
	}
	if n.Has(3) {
		if err := n.Typed(3, onnxpb.Int32); err != nil {
			return nil, nil, err
		}
	}
	r := reader{n: n}
	r.refuse("do_rotary", "past_present_share_buffer")
	r.refuseInputs(6)
	a := merged{
		heads: r.int("num_heads", 0), scale: r.float("scale", 0), hidden: r.float("mask_filter_value", -10000),
		causal: r.flag("unidirectional", false),
	}
	sizes, err := n.Ints("qkv_hidden_sizes")
	r.keep(err)
	if r.err != nil {
		return nil, nil, r.err
	}
	if a.heads < 1 || len(sizes) != 0 && (len(sizes) != 3 || sizes[0] != sizes[1] || slices.Min(sizes) < 0) {
		return nil, nil, n.Wrong("%d heads, sizes %v", a.heads, sizes)
	}
	if len(sizes) == 3 {
		a.sizes = sizes
	}
	a.w = constant(n, 1, false)
	return a, []tensor.DType{onnxpb.Float, onnxpb.Float}, nil
}

// Bytes is the memory of the packed weights.
func (a merged) Bytes() int64 { return packedBytes(a.w) }

func (a merged) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	j := job{scale: a.scale, causal: a.causal}
	if err := a.project(c, &j, in); err != nil {
		return err
	}
	if a.scale == 0 {
		j.scale = rootScale(j.q.width)
	}
	if err := j.pair(c, input(in, 4), input(out, 1)); err != nil {
		return err
	}
	if m := input(in, 3); m != nil {
		if err := j.keyMask(c, m, a.hidden); err != nil {
			return err
		}
	}
	if err := j.addMask(input(in, 5)); err != nil {
		return err
	}
	if err := j.output(c, out[0], true); err != nil {
		return err
	}
	return j.run(c)
}

// project multiplies the input with the weights and adds the bias.
func (a merged) project(c *op.Ctx, j *job, in []*tensor.Tensor) error {
	x, w, bias := in[0], in[1], input(in, 2)
	if len(x.Shape) != 3 || len(w.Shape) != 2 || x.Shape[2] != w.Shape[0] {
		return fmt.Errorf("input of shape %v for weights of %v: %w", x.Shape, w.Shape, quintet.ErrInput)
	}
	rows, k, n := x.Shape[0]*x.Shape[1], w.Shape[0], w.Shape[1]
	sizes := [3]int{n / 3, n / 3, n / 3}
	if a.sizes != nil {
		sizes = [3]int(a.sizes)
	}
	if sizes[0]+sizes[1]+sizes[2] != n || sizes[0]%a.heads != 0 || sizes[2]%a.heads != 0 {
		return fmt.Errorf("weights of shape %v for %v in %d heads: %w", w.Shape, sizes, a.heads, quintet.ErrInput)
	}
	var e gemm.Epilogue
	if bias != nil {
		if e.Bias = tensor.Of[float32](bias); !slices.Equal(bias.Shape, []int{n}) {
			return fmt.Errorf("bias of shape %v for %d columns: %w", bias.Shape, n, quintet.ErrInput)
		}
	}
	all, err := op.Scratch[float32](c, rows*n)
	if err != nil {
		return err
	}
	p := product{m: rows, k: k, n: n, packed: a.w, e: e}
	floats().run(c, p, all, tensor.Of[float32](x), tensor.Of[float32](w))
	j.batch = x.Shape[0]
	at := 0
	for i, o := range []*operand{&j.q, &j.k, &j.v} {
		length := x.Shape[1]
		*o = joined(all[min(at, len(all)):], a.heads, length, sizes[i]/a.heads)
		o.row, o.batch = n, length*n
		at += sizes[i]
	}
	return j.check()
}

// pair puts keys and values behind those of the past, [2, batch, heads, length,
// width], and gives the whole to out in the same form.
func (j *job) pair(c *op.Ctx, past, out *tensor.Tensor) error {
	if past == nil && out == nil {
		return nil
	}
	o, length := j.k, 0
	var x []float32
	if past != nil {
		s := past.Shape
		if len(s) != 5 || s[0] != 2 || s[1] != j.batch || s[2] != o.heads || s[4] != o.width {
			return fmt.Errorf("past of shape %v for %d batches of %d heads of %d: %w", s, j.batch, o.heads, o.width,
				quintet.ErrInput)
		}
		x, length = tensor.Of[float32](past), s[3]
	}
	if j.v.width != o.width {
		return fmt.Errorf("past with keys of %d and values of %d: %w", o.width, j.v.width, quintet.ErrInput)
	}
	j.past = length
	whole := [5]int{2, j.batch, o.heads, length + o.length, o.width}
	dst, err := memory(c, whole[:], out)
	if err != nil {
		return err
	}
	j.k = j.k.behind(x[:len(x)/2], length, j.batch, dst[:len(dst)/2])
	j.v = j.v.behind(x[len(x)/2:], length, j.batch, dst[len(dst)/2:])
	return nil
}

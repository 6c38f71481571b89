package linear

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/activation"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// dense is the fused op Linear: x times constant weights, plus a constant row, plus
// a tensor of the same shape, through an activation. Inputs: x [..., K], weights
// [K, N] or with attribute transposed [N, K], bias [N] or nothing, tensor to add or
// nothing.
type dense struct {
	w *gemm.Packed
	f activation.Func
	e gemm.Epilogue // Bias and Clamp
}

func newLinear(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 4); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0, 1, 2, 3); err != nil {
		return nil, nil, err
	}
	w := n.Const(1)
	if w == nil || len(w.Shape) != 2 {
		return nil, nil, n.Unsupported("weights that are no constant matrix")
	}
	trans, err := n.Flag("transposed", false)
	if err != nil {
		return nil, nil, err
	}
	k, width := w.Shape[0], w.Shape[1]
	if trans {
		k, width = width, k
	}
	d := &dense{w: gemm.Pack(tensor.Of[float32](w), k, width, w.Shape[1], trans)}
	if n.Has(2) {
		b := n.Const(2)
		if b == nil || !slices.Equal(b.Shape, []int{width}) {
			return nil, nil, n.Unsupported("a bias that is no constant of %d elements", width)
		}
		d.e.Bias = tensor.Of[float32](b)
	}
	if d.f, err = activation.Of(n); err != nil {
		return nil, nil, err
	}
	d.e.Lo, d.e.Hi, d.e.Clamp = d.f.Clamp()
	if d.e.Clamp && !(d.e.Lo <= d.e.Hi) {
		return nil, nil, n.Unsupported("bounds %v and %v", d.e.Lo, d.e.Hi)
	}
	return d, []tensor.DType{onnxpb.Float}, nil
}

// Bytes is the memory of the packed weights.
func (d *dense) Bytes() int64 { return d.w.Bytes() }

func (d *dense) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := in[0]
	last := len(x.Shape) - 1
	if last < 0 || x.Shape[last] != d.w.K {
		return fmt.Errorf("input of shape %v for weights of %d rows: %w", x.Shape, d.w.K, quintet.ErrInput)
	}
	var buf [tensor.MaxRank]int
	shape := append(buf[:0], x.Shape...)
	shape[last] = d.w.N
	var add []float32
	if len(in) > 3 && in[3] != nil {
		if !slices.Equal(in[3].Shape, shape) {
			return fmt.Errorf("tensor of shape %v added to one of %v: %w", in[3].Shape, slices.Clone(shape), quintet.ErrInput)
		}
		add = tensor.Of[float32](in[3])
	}
	if err := c.NewShape(out[0], onnxpb.Float, shape); err != nil {
		return err
	}
	dst := tensor.Of[float32](out[0])
	if len(dst) == 0 {
		return nil
	}
	m := len(dst) / d.w.N
	if c.Threads() > 1 && m*d.w.K*d.w.N > parallelWork {
		d.split(c, dst, tensor.Of[float32](x), add, m)
		return nil
	}
	d.rows(dst, tensor.Of[float32](x), add, 0, m)
	return nil
}

// block is how many rows are finished at a time, so that an activation finds them
// in the cache.
const block = 48

// rows computes the rows lo to hi-1.
func (d *dense) rows(dst, x, add []float32, lo, hi int) {
	step := hi - lo
	if d.f.Name != "" && !d.e.Clamp {
		step = block
	}
	n, k := d.w.N, d.w.K
	for ; lo < hi; lo += step {
		m := min(step, hi-lo)
		e := d.e
		if add != nil {
			e.Add, e.AddStride = add[lo*n:], n
		}
		part := dst[lo*n : (lo+m)*n]
		gemm.Mul(part, n, x[lo*k:], k, m, d.w, e)
		if !d.e.Clamp {
			d.f.Apply(part)
		}
	}
}

// hotFloats is how large the input may be to stay near a processor while that takes
// one part of the columns after the other. A larger one is read again for each part,
// of which there are few then.
const hotFloats = 1 << 16

// split shares the work among threads: columns, so that each reads only its part of
// the weights, and rows where there are few columns.
func (d *dense) split(c *op.Ctx, dst, x, add []float32, m int) {
	const least = 64 // columns for each thread
	n, k := d.w.N, d.w.K
	if n < least*c.Threads() {
		c.Split(m, 6, func(lo, hi, _ int) { d.rows(dst, x, add, lo, hi) })
		return
	}
	grain := 16
	if m*k > hotFloats {
		grain = (n/(2*c.Threads()) + grain - 1) &^ (grain - 1)
	}
	c.Split(n, grain, func(lo, hi, _ int) {
		e := d.e
		if add != nil {
			e.Add, e.AddStride = add, n
		}
		gemm.MulColumns(dst, n, x, k, m, d.w, lo, hi, e)
		if !d.e.Clamp && d.f.Name != "" {
			for i := range m {
				d.f.Apply(dst[i*n+lo : i*n+hi])
			}
		}
	})
}

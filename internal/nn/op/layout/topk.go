package layout

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// topK takes the k largest or smallest elements along an axis and their indices,
// best first, whether they are asked to be sorted or not. Of equal elements the one
// with the lower index is better; NaN is larger than all numbers.
type topK struct {
	axis, k  int // k is -1 if it is an input
	smallest bool
}

func newTopK(n *op.Node) (op.Op, []tensor.DType, error) {
	t := topK{k: -1}
	var err error
	if n.Opset < 10 {
		if err = n.Inputs(1, 1); err != nil {
			return nil, nil, err
		}
		if t.k, err = n.Int("k", -1); err == nil && t.k < 0 {
			err = n.Wrong("k is %d", t.k)
		}
	} else if err = n.Inputs(2, 2); err == nil {
		err = n.Typed(1, onnxpb.Int64)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := n.Typed(0, onnxpb.Float, onnxpb.Double, onnxpb.Float16, onnxpb.Int8, onnxpb.Int16, onnxpb.Int32,
		onnxpb.Int64, onnxpb.Uint8, onnxpb.Uint16, onnxpb.Uint32, onnxpb.Uint64); err != nil {
		return nil, nil, err
	}
	if t.axis, err = n.Int("axis", -1); err != nil {
		return nil, nil, err
	}
	largest, err := n.Flag("largest", true)
	t.smallest = !largest
	return t, []tensor.DType{n.Dtype(0), onnxpb.Int64}, err
}

func (t topK) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, k := in[0], t.k
	axis, err := tensor.Axis(t.axis, x.Rank())
	if err != nil {
		return err
	}
	if k < 0 {
		if k, err = scalar(in[1], "k"); err != nil {
			return err
		}
	}
	if k < 0 || k > x.Shape[axis] {
		return fmt.Errorf("best %d of %d: %w", k, x.Shape[axis], quintet.ErrInput)
	}
	var buf [tensor.MaxRank]int
	shape := append(buf[:0], x.Shape...)
	shape[axis] = k
	index, err := t.indices(c, out, shape)
	if err != nil {
		return err
	}
	if len(index) > 0 {
		if err := t.find(c, x, index, axis, k); err != nil {
			return err
		}
	}
	if out[0] == nil {
		return nil
	}
	if err := c.NewShape(out[0], x.Type, shape); err != nil {
		return err
	}
	alongAxis(out[0], x, index, shape, axis)
	return nil
}

// indices makes the memory of the output of indices, or instead of it.
func (t topK) indices(c *op.Ctx, out []*tensor.Tensor, shape []int) ([]int64, error) {
	if len(out) > 1 && out[1] != nil {
		err := c.NewShape(out[1], onnxpb.Int64, shape)
		if err != nil {
			return nil, err
		}
		return tensor.Of[int64](out[1]), nil
	}
	n, err := tensor.Count(shape)
	if err != nil {
		return nil, err
	}
	return op.Scratch[int64](c, n)
}

func (t topK) find(c *op.Ctx, x *tensor.Tensor, index []int64, axis, k int) error {
	switch x.Type {
	case onnxpb.Float:
		return best(c, t.smallest, tensor.Of[float32](x), x.Shape, index, axis, k)
	case onnxpb.Double:
		return best(c, t.smallest, tensor.Of[float64](x), x.Shape, index, axis, k)
	case onnxpb.Float16:
		wide, err := op.Scratch[float32](c, x.Len())
		if err != nil {
			return err
		}
		vec.HalfToFloat(wide, tensor.Of[uint16](x))
		return best(c, t.smallest, wide, x.Shape, index, axis, k)
	case onnxpb.Int8:
		return best(c, t.smallest, tensor.Of[int8](x), x.Shape, index, axis, k)
	case onnxpb.Int16:
		return best(c, t.smallest, tensor.Of[int16](x), x.Shape, index, axis, k)
	case onnxpb.Int32:
		return best(c, t.smallest, tensor.Of[int32](x), x.Shape, index, axis, k)
	case onnxpb.Int64:
		return best(c, t.smallest, tensor.Of[int64](x), x.Shape, index, axis, k)
	case onnxpb.Uint8:
		return best(c, t.smallest, tensor.Of[uint8](x), x.Shape, index, axis, k)
	case onnxpb.Uint16:
		return best(c, t.smallest, tensor.Of[uint16](x), x.Shape, index, axis, k)
	case onnxpb.Uint32:
		return best(c, t.smallest, tensor.Of[uint32](x), x.Shape, index, axis, k)
	}
	return best(c, t.smallest, tensor.Of[uint64](x), x.Shape, index, axis, k)
}

// best stores, for each line of x along the axis, the indices of its k best.
func best[T tensor.Elem](c *op.Ctx, smallest bool, x []T, shape []int, index []int64, axis, k int) error {
	n, inner := shape[axis], product(shape[axis+1:])
	h := heap[T]{smallest: smallest}
	var err error
	if h.order, err = op.Scratch[int32](c, k); err != nil {
		return err
	}
	if h.line = x; inner > 1 {
		if h.line, err = op.Scratch[T](c, n); err != nil {
			return err
		}
	}
	for ; len(x) > 0; x, index = x[n*inner:], index[k*inner:] {
		for i := range inner {
			if inner == 1 {
				h.line = x[:n]
			} else {
				gatherLine(h.line, x, i, inner)
			}
			h.take()
			for j, o := range h.order {
				index[j*inner+i] = int64(o)
			}
		}
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

// heap has the worst of the best on top while it looks for them.
type heap[T tensor.Elem] struct {
	smallest bool
	line     []T
	order    []int32 // places in line
}

// take fills order with the places of the best elements of line, best first.
func (h *heap[T]) take() {
	k := len(h.order)
	if k == 0 {
		return
	}
	for i := range h.order {
		h.order[i] = int32(i)
	}
	for i := k/2 - 1; i >= 0; i-- {
		h.down(i, k)
	}
	for i := k; i < len(h.line); i++ {
		if h.better(int32(i), h.order[0]) {
			h.order[0] = int32(i)
			h.down(0, k)
		}
	}
	for n := k - 1; n > 0; n-- {
		h.order[0], h.order[n] = h.order[n], h.order[0]
		h.down(0, n)
	}
}

// down lets element i of the first n sink until none below it is worse.
func (h *heap[T]) down(i, n int) {
	for {
		worst := 2*i + 1
		if worst >= n {
			return
		}
		if r := worst + 1; r < n && h.better(h.order[worst], h.order[r]) {
			worst = r
		}
		if !h.better(h.order[i], h.order[worst]) {
			return
		}
		h.order[i], h.order[worst] = h.order[worst], h.order[i]
		i = worst
	}
}

// better reports whether the element at place i comes before that at j.
func (h *heap[T]) better(i, j int32) bool {
	a, b := h.line[i], h.line[j]
	if h.smallest {
		a, b = b, a
	}
	switch {
	case a > b:
		return true
	case a < b:
		return false
	}
	if na, nb := a != a, b != b; na != nb {
		return na
	}
	return i < j
}

// gatherLine fills dst with every stride-th element of src from the one at i on.
func gatherLine[T tensor.Elem](dst, src []T, i, stride int) {
	for k := range dst {
		dst[k] = src[i]
		i += stride
	}
}

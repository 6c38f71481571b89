package layout

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// cut takes every step-th element of some dimensions, from a start to before an
// end. The bounds are attributes until version 9, then inputs.
type cut struct{ starts, ends, axes []int }

func newSlice(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := isMovable(n, 0); err != nil {
		return nil, nil, err
	}
	types := []tensor.DType{n.Dtype(0)}
	if n.Opset >= 10 {
		if err := n.Inputs(3, 5); err != nil {
			return nil, nil, err
		}
		for i := 1; i < len(n.In); i++ {
			if !n.Has(i) {
				continue
			}
			if err := isIndex(n, i); err != nil {
				return nil, nil, err
			}
		}
		return cut{}, types, nil
	}
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	var s cut
	for name, v := range map[string]*[]int{"starts": &s.starts, "ends": &s.ends, "axes": &s.axes} {
		var err error
		if *v, err = n.Ints(name); err != nil {
			return nil, nil, err
		}
	}
	if s.starts == nil || s.ends == nil {
		return nil, nil, n.Wrong("lacks starts or ends")
	}
	return s, types, nil
}

// bounds are what a run slices by; steps is nil if all are 1.
type bounds struct{ starts, ends, axes, steps []int }

// bounds returns them in buf, or as they stand in s.
func (s cut) bounds(buf *[5][tensor.MaxRank]int, in []*tensor.Tensor) (b bounds, err error) {
	if b.starts, err = list(buf[0][:0], in, 1, s.starts); err != nil {
		return b, err
	}
	if b.ends, err = list(buf[1][:0], in, 2, s.ends); err != nil {
		return b, err
	}
	axes, err := list(buf[2][:0], in, 3, s.axes)
	if err != nil {
		return b, err
	}
	if b.steps, err = list(buf[3][:0], in, 4, nil); err != nil {
		return b, err
	}
	k, rank := len(b.starts), in[0].Rank()
	if axes == nil && k <= rank {
		axes = buf[2][:k]
		for i := range axes {
			axes[i] = i
		}
	}
	if k > rank || len(b.ends) != k || len(axes) != k || b.steps != nil && len(b.steps) != k {
		return b, fmt.Errorf("%d starts, %d ends, %d axes and %d steps for %s: %w",
			k, len(b.ends), len(axes), len(b.steps), in[0], quintet.ErrInput)
	}
	b.axes, err = axesOf(buf[4][:0], axes, rank)
	return b, err
}

// list returns the integers of input i, or def if it is left out.
func list(buf []int, in []*tensor.Tensor, i int, def []int) ([]int, error) {
	if i >= len(in) || in[i] == nil {
		return def, nil
	}
	return small(buf, in[i], "bounds")
}

func (s cut) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := in[0]
	var buf [5][tensor.MaxRank]int
	b, err := s.bounds(&buf, in)
	if err != nil {
		return err
	}
	var shapeBuf, fromBuf, stepBuf, toBuf [tensor.MaxRank]int
	shape := append(shapeBuf[:0], x.Shape...)
	from := tensor.Strides(fromBuf[:0], x.Shape)
	step := append(stepBuf[:0], from...)
	var v view
	for i, axis := range b.axes {
		by := 1
		if b.steps != nil {
			by = b.steps[i]
		}
		if by == 0 {
			return fmt.Errorf("step 0 along axis %d: %w", axis, quintet.ErrInput)
		}
		first, n := span(b.starts[i], b.ends[i], by, x.Shape[axis])
		shape[axis] = n
		v.src += first * from[axis]
		step[axis] *= by
	}
	to := tensor.Strides(toBuf[:0], shape)
	for i, n := range shape {
		v.add(n, to[i], step[i])
	}
	if v.src == 0 && v.straight() && product(shape) == x.Len() {
		return c.Share(out[0], x, shape)
	}
	if err := c.NewShape(out[0], x.Type, shape); err != nil {
		return err
	}
	return v.copy(c, out[0], x)
}

// span returns the first index of a slice of length elements and how many there
// are, by the rules of numpy.
func span(start, end, step, length int) (first, n int) {
	if start < 0 {
		start += length
	}
	if end < 0 {
		end += length
	}
	if step > 0 {
		start, end = min(max(start, 0), length), min(max(end, 0), length)
		return start, max(0, (end-start+step-1)/step)
	}
	start, end = min(max(start, -1), length-1), min(max(end, -1), length-1)
	if start <= end {
		return 0, 0
	}
	return start, (start - end - step - 1) / -step
}

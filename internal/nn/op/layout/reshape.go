package layout

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// reshape gives a tensor the shape in its second input.
type reshape struct{ allowZero bool }

func newReshape(n *op.Node) (op.Op, []tensor.DType, error) {
	if n.Opset < 5 {
		return nil, nil, n.Unsupported("version %d, with the shape as an attribute", n.Opset)
	}
	if err := n.Inputs(2, 2); err != nil {
		return nil, nil, err
	}
	if err := isMovable(n, 0); err != nil {
		return nil, nil, err
	}
	if err := n.Typed(1, onnxpb.Int64); err != nil {
		return nil, nil, err
	}
	zero, err := n.Flag("allowzero", false)
	return reshape{zero}, []tensor.DType{n.Dtype(0)}, err
}

func (r reshape) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var buf [tensor.MaxRank]int
	shape, err := small(buf[:0], in[1], "dimensions")
	if err != nil {
		return err
	}
	if err := r.resolve(shape, in[0]); err != nil {
		return err
	}
	return c.Share(out[0], in[0], shape)
}

// resolve replaces the -1 and, unless they are allowed, the zeros of shape.
func (r reshape) resolve(shape []int, x *tensor.Tensor) error {
	free, known := -1, 1
	for i, d := range shape {
		switch {
		case d == -1 && free >= 0:
			return fmt.Errorf("shape %v has two free dimensions: %w", slices.Clone(shape), quintet.ErrInput)
		case d == -1:
			free = i
			continue
		case d == 0 && !r.allowZero:
			if i >= len(x.Shape) {
				return fmt.Errorf("dimension %d copied from %s: %w", i, x, quintet.ErrInput)
			}
			shape[i] = x.Shape[i]
		}
		if known = known * shape[i]; known > tensor.MaxLen || known < 0 {
			return fmt.Errorf("%s does not fit into shape %v: %w", x, slices.Clone(shape), quintet.ErrInput)
		}
	}
	if free < 0 {
		return nil
	}
	if known == 0 || x.Len()%known != 0 {
		return fmt.Errorf("%s does not fit into shape %v: %w", x, slices.Clone(shape), quintet.ErrInput)
	}
	shape[free] = x.Len() / known
	return nil
}

// flatten makes a matrix of a tensor, the dimensions before axis its rows.
type flatten struct{ axis int }

func newFlatten(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	if err := isMovable(n, 0); err != nil {
		return nil, nil, err
	}
	axis, err := n.Int("axis", 1)
	return flatten{axis}, []tensor.DType{n.Dtype(0)}, err
}

func (f flatten) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, axis := in[0], f.axis
	if axis < 0 {
		axis += x.Rank()
	}
	if axis < 0 || axis > x.Rank() {
		return fmt.Errorf("axis %d of %s: %w", f.axis, x, quintet.ErrInput)
	}
	shape := [2]int{product(x.Shape[:axis]), product(x.Shape[axis:])}
	return c.Share(out[0], x, shape[:])
}

// squeeze drops dimensions of 1, and unsqueeze adds them.
type (
	squeeze   struct{ axes []int }
	unsqueeze struct{ axes []int }
)

// newAxes reads the axes of a node from where its version has them. Until 12 they
// are an attribute, then an input, which is not read here.
func newAxes(n *op.Node) (axes []int, err error) {
	if n.Opset < 13 {
		if err := n.Inputs(1, 1); err != nil {
			return nil, err
		}
		if axes, err = n.Ints("axes"); err != nil {
			return nil, err
		}
	} else if err := n.Inputs(1, 2); err != nil {
		return nil, err
	} else if n.Has(1) {
		if err := n.Typed(1, onnxpb.Int64); err != nil {
			return nil, err
		}
	}
	return axes, isMovable(n, 0)
}

func newSqueeze(n *op.Node) (op.Op, []tensor.DType, error) {
	axes, err := newAxes(n)
	return squeeze{axes}, []tensor.DType{n.Dtype(0)}, err
}

func (s squeeze) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var buf, axesBuf, shapeBuf [tensor.MaxRank]int
	x, axes, given := in[0], s.axes, s.axes != nil
	var err error
	if len(in) > 1 && in[1] != nil {
		given = true
		if axes, err = small(buf[:0], in[1], "axes"); err != nil {
			return err
		}
	}
	if len(axes) > x.Rank() {
		return fmt.Errorf("%d axes of %s: %w", len(axes), x, quintet.ErrInput)
	}
	if axes, err = axesOf(axesBuf[:0], axes, x.Rank()); err != nil {
		return err
	}
	shape := shapeBuf[:0]
	for i, d := range x.Shape {
		switch drop := slices.Contains(axes, i); {
		case drop && d != 1:
			return fmt.Errorf("dimension %d of %s is not 1: %w", i, x, quintet.ErrInput)
		case !drop && (given || d != 1):
			shape = append(shape, d)
		}
	}
	return c.Share(out[0], x, shape)
}

func newUnsqueeze(n *op.Node) (op.Op, []tensor.DType, error) {
	axes, err := newAxes(n)
	if err == nil && axes == nil && !n.Has(1) {
		err = n.Wrong("lacks axes")
	}
	return unsqueeze{axes}, []tensor.DType{n.Dtype(0)}, err
}

func (u unsqueeze) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var buf, axesBuf, shapeBuf [tensor.MaxRank]int
	x, axes := in[0], u.axes
	var err error
	if len(in) > 1 && in[1] != nil {
		if axes, err = small(buf[:0], in[1], "axes"); err != nil {
			return err
		}
	}
	rank := x.Rank() + len(axes)
	if rank > tensor.MaxRank {
		return fmt.Errorf("%d more dimensions for %s: %w", len(axes), x, quintet.ErrInput)
	}
	if axes, err = axesOf(axesBuf[:0], axes, rank); err != nil {
		return err
	}
	shape, from := shapeBuf[:rank], x.Shape
	for i := range shape {
		if shape[i] = 1; !slices.Contains(axes, i) {
			shape[i], from = from[0], from[1:]
		}
	}
	return c.Share(out[0], x, shape)
}

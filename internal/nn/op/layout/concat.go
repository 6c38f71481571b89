package layout

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// concat joins tensors along an axis.
type concat struct{ axis int }

func newConcat(n *op.Node) (op.Op, []tensor.DType, error) {
	if len(n.In) == 0 {
		return nil, nil, n.Wrong("lacks inputs")
	}
	for i := range n.In {
		if err := isMovable(n, i); err != nil {
			return nil, nil, err
		}
		if err := sameType(n, 0, i); err != nil {
			return nil, nil, err
		}
	}
	if !n.HasAttr("axis") {
		return nil, nil, n.Wrong("lacks the axis")
	}
	axis, err := n.Int("axis", 0)
	return concat{axis}, []tensor.DType{n.Dtype(0)}, err
}

func (j concat) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := in[0]
	axis, err := tensor.Axis(j.axis, x.Rank())
	if err != nil {
		return err
	}
	if len(in) == 1 {
		return c.Share(out[0], x, x.Shape)
	}
	var buf [tensor.MaxRank]int
	shape := append(buf[:0], x.Shape...)
	for _, y := range in[1:] {
		if !fits(y, x, axis) {
			return fmt.Errorf("%s beside %s along axis %d: %w", y, x, axis, quintet.ErrInput)
		}
		shape[axis] += y.Shape[axis]
	}
	if err := c.NewShape(out[0], x.Type, shape); err != nil {
		return err
	}
	outer, inner, place := product(shape[:axis]), product(shape[axis+1:]), 0
	for _, y := range in {
		block := y.Shape[axis] * inner
		v := view{dst: place}
		v.add(outer, shape[axis]*inner, block)
		v.add(block, 1, 1)
		if err := v.copy(c, out[0], y); err != nil {
			return err
		}
		place += block
	}
	return nil
}

// fits reports whether x and y have the same shape apart from an axis.
func fits(x, y *tensor.Tensor, axis int) bool {
	if x.Rank() != y.Rank() {
		return false
	}
	for i, d := range x.Shape {
		if i != axis && d != y.Shape[i] {
			return false
		}
	}
	return true
}

// split cuts a tensor along an axis: in pieces of the given sizes, or in as many
// of one size as there are outputs, of which the last may be shorter if that was
// asked for by num_outputs.
type split struct {
	axis   int
	sizes  []int // nil: not an attribute
	uneven bool
}

func newSplit(n *op.Node) (op.Op, []tensor.DType, error) {
	most := 2
	if n.Opset < 13 && n.Opset != 1 {
		most = 1
	}
	if err := n.Inputs(1, most); err != nil {
		return nil, nil, err
	}
	if err := isMovable(n, 0); err != nil {
		return nil, nil, err
	}
	if n.Has(1) {
		if err := n.Typed(1, onnxpb.Int64); err != nil {
			return nil, nil, err
		}
	}
	s := split{uneven: n.Opset >= 18}
	var err error
	if s.axis, err = n.Int("axis", 0); err != nil {
		return nil, nil, err
	}
	if n.Opset < 13 {
		if s.sizes, err = n.Ints("split"); err != nil {
			return nil, nil, err
		}
	}
	if k, err := n.Int("num_outputs", len(n.Out)); err != nil {
		return nil, nil, err
	} else if k != len(n.Out) && !n.Has(1) {
		return nil, nil, n.Wrong("%d outputs, and num_outputs is %d", len(n.Out), k)
	}
	types := make([]tensor.DType, len(n.Out))
	for i := range types {
		types[i] = n.Dtype(0)
	}
	return s, types, nil
}

func (s split) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := in[0]
	axis, err := tensor.Axis(s.axis, x.Rank())
	if err != nil {
		return err
	}
	var sizesBuf [few]int
	sizes, err := s.pieces(sizesBuf[:0], in, len(out), x.Shape[axis])
	if err != nil {
		return err
	}
	var buf [tensor.MaxRank]int
	shape := append(buf[:0], x.Shape...)
	outer, inner, place := product(shape[:axis]), product(shape[axis+1:]), 0
	for i, o := range out {
		block := sizes[i] * inner
		if shape[axis] = sizes[i]; o != nil {
			if err := c.NewShape(o, x.Type, shape); err != nil {
				return err
			}
			v := view{src: place}
			v.add(outer, block, x.Shape[axis]*inner)
			v.add(block, 1, 1)
			if err := v.copy(c, o, x); err != nil {
				return err
			}
		}
		place += block
	}
	return nil
}

// pieces appends to dst the lengths of n pieces of length.
func (s split) pieces(dst []int, in []*tensor.Tensor, n, length int) ([]int, error) {
	sizes, given := s.sizes, s.sizes != nil
	if len(in) > 1 && in[1] != nil {
		if in[1].Len() != n {
			return nil, fmt.Errorf("%d sizes for %d outputs: %w", in[1].Len(), n, quintet.ErrInput)
		}
		sizes, _ = op.Ints(dst, in[1])
		given = true
	}
	if !given {
		size := (length + n - 1) / n
		if size*n != length && !s.uneven || size*(n-1) > length {
			return nil, fmt.Errorf("dimension of %d in %d pieces: %w", length, n, quintet.ErrInput)
		}
		for range n - 1 {
			dst = append(dst, size)
		}
		return append(dst, length-size*(n-1)), nil
	}
	left := length
	for _, size := range sizes {
		if left -= size; size < 0 || left < 0 {
			return nil, fmt.Errorf("a piece of %d in a dimension of %d: %w", size, length, quintet.ErrInput)
		}
	}
	if left != 0 || len(sizes) != n {
		return nil, fmt.Errorf("%d sizes for %d outputs, %d of %d left: %w", len(sizes), n, left, length, quintet.ErrInput)
	}
	return sizes, nil
}

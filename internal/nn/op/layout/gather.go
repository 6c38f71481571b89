package layout

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// gather takes slices along an axis, as an embedding takes rows.
type gather struct{ axis int }

func newGather(n *op.Node) (op.Op, []tensor.DType, error) {
	axis, err := newIndexed(n)
	return gather{axis}, []tensor.DType{n.Dtype(0)}, err
}

// newIndexed checks a tensor and its indices, and returns the axis.
func newIndexed(n *op.Node) (axis int, err error) {
	if err := n.Inputs(2, 2); err != nil {
		return 0, err
	}
	if err := isMovable(n, 0); err != nil {
		return 0, err
	}
	if err := isIndex(n, 1); err != nil {
		return 0, err
	}
	return n.Int("axis", 0)
}

func (g gather) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := in[0]
	axis, err := tensor.Axis(g.axis, x.Rank())
	if err != nil {
		return err
	}
	var buf [few]int
	shape := append(append(append(buf[:0], x.Shape[:axis]...), in[1].Shape...), x.Shape[axis+1:]...)
	if err := c.NewShape(out[0], x.Type, shape); err != nil {
		return err
	}
	var indexBuf [few]int64
	index, err := indices(c, indexBuf[:], in[1], x.Shape[axis])
	if err != nil {
		return err
	}
	switch inner := product(x.Shape[axis+1:]); {
	case len(out[0].Data) == 0:
	case inner > 1:
		return takeRows(c, out[0].Data, x.Data, index, x.Shape[axis], inner*tensor.Size(x.Type))
	default:
		return takeElements(c, out[0], x, index, x.Shape[axis])
	}
	return nil
}

// takeRows copies the indexed of every n rows, of the given size in bytes.
func takeRows(c *op.Ctx, dst, src []byte, index []int64, n, size int) error {
	for ; len(src) > 0; src = src[n*size:] {
		for _, i := range index {
			copy(dst[:size], src[int(i)*size:])
			dst = dst[size:]
		}
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

// takeElements is takeRows for rows of one element.
func takeElements(c *op.Ctx, dst, src *tensor.Tensor, index []int64, n int) error {
	switch tensor.Size(src.Type) {
	case 1:
		take(tensor.Of[uint8](dst), tensor.Of[uint8](src), index, n)
	case 2:
		take(tensor.Of[uint16](dst), tensor.Of[uint16](src), index, n)
	case 4:
		take(tensor.Of[uint32](dst), tensor.Of[uint32](src), index, n)
	default:
		take(tensor.Of[uint64](dst), tensor.Of[uint64](src), index, n)
	}
	return c.Done()
}

func take[T word](dst, src []T, index []int64, n int) {
	for ; len(src) > 0; src = src[n:] {
		line := src[:n]
		for k, i := range index {
			dst[k] = line[i]
		}
		dst = dst[len(index):]
	}
}

// gatherElements takes one element for each index: the one that lies there along
// the axis, and along the other axes where the index lies.
type gatherElements struct{ axis int }

func newGatherElements(n *op.Node) (op.Op, []tensor.DType, error) {
	axis, err := newIndexed(n)
	return gatherElements{axis}, []tensor.DType{n.Dtype(0)}, err
}

func (g gatherElements) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := in[0]
	axis, err := tensor.Axis(g.axis, x.Rank())
	if err != nil {
		return err
	}
	if err := within(in[1], x, axis); err != nil {
		return err
	}
	if err := c.NewShape(out[0], x.Type, in[1].Shape); err != nil {
		return err
	}
	var buf [few]int64
	index, err := indices(c, buf[:], in[1], x.Shape[axis])
	if err != nil {
		return err
	}
	alongAxis(out[0], x, index, in[1].Shape, axis)
	return c.Done()
}

// within checks that the index tensor ix has the rank of x and is no longer than
// x in any dimension but the axis.
func within(ix, x *tensor.Tensor, axis int) error {
	if ix.Rank() != x.Rank() {
		return fmt.Errorf("indices %s into %s: %w", ix, x, quintet.ErrInput)
	}
	for i, d := range ix.Shape {
		if i != axis && d > x.Shape[i] {
			return fmt.Errorf("indices %s into %s: %w", ix, x, quintet.ErrInput)
		}
	}
	return nil
}

// alongAxis stores in dst, of the given shape, the elements of x that are index
// away along the axis.
func alongAxis(dst, x *tensor.Tensor, index []int64, shape []int, axis int) {
	if len(index) == 0 {
		return
	}
	switch tensor.Size(x.Type) {
	case 1:
		pick(tensor.Of[uint8](dst), tensor.Of[uint8](x), index, newRows(shape, x.Shape, axis))
	case 2:
		pick(tensor.Of[uint16](dst), tensor.Of[uint16](x), index, newRows(shape, x.Shape, axis))
	case 4:
		pick(tensor.Of[uint32](dst), tensor.Of[uint32](x), index, newRows(shape, x.Shape, axis))
	default:
		pick(tensor.Of[uint64](dst), tensor.Of[uint64](x), index, newRows(shape, x.Shape, axis))
	}
}

func pick[T word](dst, src []T, index []int64, r rows) {
	for off, ok := 0, true; ok; off, ok = r.next(off) {
		for k, i := range index[:r.n] {
			dst[k] = src[off+k*r.step+int(i)*r.stride]
		}
		dst, index = dst[r.n:], index[r.n:]
	}
}

// rows walks the rows of a tensor of indices and knows where the elements that
// they point at lie: index i at place k of the row at offset off means element
// off + k·step + i·stride.
type rows struct {
	n, step, stride int
	rank            int
	at, shape, to   [tensor.MaxRank]int // of the dimensions but the last
}

// newRows is for indices of the given shape, with at least one dimension and no
// zero, along axis of a tensor of shape of.
func newRows(shape, of []int, axis int) rows {
	r := rows{rank: len(shape) - 1, step: 1}
	r.n = shape[r.rank]
	n := 1
	for i := len(of) - 1; i >= 0; i-- {
		if r.shape[i], r.to[i] = shape[i], n; i == axis {
			r.to[i], r.stride = 0, n
		}
		n *= of[i]
	}
	r.step = r.to[r.rank]
	return r
}

// next returns the offset of the row after the one at off, and whether there is
// one.
func (r *rows) next(off int) (int, bool) {
	for d := r.rank - 1; d >= 0; d-- {
		off += r.to[d]
		if r.at[d]++; r.at[d] < r.shape[d] {
			return off, true
		}
		off -= r.at[d] * r.to[d]
		r.at[d] = 0
	}
	return 0, false
}

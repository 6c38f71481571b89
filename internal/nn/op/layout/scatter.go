package layout

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// scatterElements is the reverse of gatherElements: it puts each update where its
// index says along the axis. Updates of one place are combined in their order.
type scatterElements struct {
	axis int
	how  reduction
}

func newScatterElements(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := newScatter(n); err != nil {
		return nil, nil, err
	}
	if err := isIndex(n, 1); err != nil {
		return nil, nil, err
	}
	axis, err := n.Int("axis", 0)
	if err != nil {
		return nil, nil, err
	}
	how, err := newReduction(n)
	return scatterElements{axis, how}, []tensor.DType{n.Dtype(0)}, err
}

// newScatter checks the inputs of operators that scatter.
func newScatter(n *op.Node) error {
	if err := n.Inputs(3, 3); err != nil {
		return err
	}
	if err := isMovable(n, 0); err != nil {
		return err
	}
	return sameType(n, 0, 2)
}

func (s scatterElements) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, ix, updates := in[0], in[1], in[2]
	axis, err := tensor.Axis(s.axis, x.Rank())
	if err != nil {
		return err
	}
	if err := within(ix, x, axis); err != nil {
		return err
	}
	if !slices.Equal(ix.Shape, updates.Shape) {
		return fmt.Errorf("updates %s at indices %s: %w", updates, ix, quintet.ErrInput)
	}
	var buf [few]int64
	index, err := indices(c, buf[:], ix, x.Shape[axis])
	if err != nil {
		return err
	}
	if err := overwritable(c, out[0], in); err != nil || len(index) == 0 {
		return err
	}
	s.scatter(out[0], updates, index, newRows(ix.Shape, out[0].Shape, axis))
	return c.Done()
}

func (s scatterElements) scatter(dst, updates *tensor.Tensor, index []int64, r rows) {
	switch dst.Type {
	case onnxpb.Float:
		put(s.how, tensor.Of[float32](dst), tensor.Of[float32](updates), index, r)
	case onnxpb.Double:
		put(s.how, tensor.Of[float64](dst), tensor.Of[float64](updates), index, r)
	case onnxpb.Int8:
		put(s.how, tensor.Of[int8](dst), tensor.Of[int8](updates), index, r)
	case onnxpb.Int16:
		put(s.how, tensor.Of[int16](dst), tensor.Of[int16](updates), index, r)
	case onnxpb.Int32:
		put(s.how, tensor.Of[int32](dst), tensor.Of[int32](updates), index, r)
	case onnxpb.Int64:
		put(s.how, tensor.Of[int64](dst), tensor.Of[int64](updates), index, r)
	case onnxpb.Uint8, onnxpb.Bool:
		put(s.how, tensor.Of[uint8](dst), tensor.Of[uint8](updates), index, r)
	case onnxpb.Uint16, onnxpb.Float16, onnxpb.BFloat16:
		put(s.how, tensor.Of[uint16](dst), tensor.Of[uint16](updates), index, r)
	case onnxpb.Uint32:
		put(s.how, tensor.Of[uint32](dst), tensor.Of[uint32](updates), index, r)
	case onnxpb.Uint64:
		put(s.how, tensor.Of[uint64](dst), tensor.Of[uint64](updates), index, r)
	}
}

func put[T tensor.Elem](how reduction, dst, updates []T, index []int64, r rows) {
	for off, ok := 0, true; ok; off, ok = r.next(off) {
		for k, i := range index[:r.n] {
			at := off + k*r.step + int(i)*r.stride
			combine(how, dst[at:at+1], updates[k:k+1])
		}
		updates, index = updates[r.n:], index[r.n:]
	}
}

// scatterND puts slices where tuples of indices point. Updates of one place are
// combined in their order.
type scatterND struct{ how reduction }

func newScatterND(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := newScatter(n); err != nil {
		return nil, nil, err
	}
	if err := n.Typed(1, onnxpb.Int64); err != nil {
		return nil, nil, err
	}
	how, err := newReduction(n)
	return scatterND{how}, []tensor.DType{n.Dtype(0)}, err
}

func (s scatterND) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, ix, updates := in[0], in[1], in[2]
	if ix.Rank() < 1 || ix.Shape[ix.Rank()-1] > x.Rank() {
		return fmt.Errorf("indices %s into %s: %w", ix, x, quintet.ErrInput)
	}
	last := ix.Rank() - 1
	k := ix.Shape[last]
	if u := updates.Shape; len(u) != last+x.Rank()-k ||
		!slices.Equal(u[:last], ix.Shape[:last]) || !slices.Equal(u[last:], x.Shape[k:]) {
		return fmt.Errorf("updates %s at indices %s into %s: %w", updates, ix, x, quintet.ErrInput)
	}
	if err := checkTuples(ix, x.Shape[:k]); err != nil {
		return err
	}
	if err := overwritable(c, out[0], in); err != nil || len(updates.Data) == 0 {
		return err
	}
	s.scatter(out[0], updates, tensor.Of[int64](ix), out[0].Shape, k)
	return c.Done()
}

func (s scatterND) scatter(dst, updates *tensor.Tensor, tuples []int64, shape []int, k int) {
	switch dst.Type {
	case onnxpb.Float:
		putSlices(s.how, tensor.Of[float32](dst), tensor.Of[float32](updates), tuples, shape, k)
	case onnxpb.Double:
		putSlices(s.how, tensor.Of[float64](dst), tensor.Of[float64](updates), tuples, shape, k)
	case onnxpb.Int8:
		putSlices(s.how, tensor.Of[int8](dst), tensor.Of[int8](updates), tuples, shape, k)
	case onnxpb.Int16:
		putSlices(s.how, tensor.Of[int16](dst), tensor.Of[int16](updates), tuples, shape, k)
	case onnxpb.Int32:
		putSlices(s.how, tensor.Of[int32](dst), tensor.Of[int32](updates), tuples, shape, k)
	case onnxpb.Int64:
		putSlices(s.how, tensor.Of[int64](dst), tensor.Of[int64](updates), tuples, shape, k)
	case onnxpb.Uint8, onnxpb.Bool:
		putSlices(s.how, tensor.Of[uint8](dst), tensor.Of[uint8](updates), tuples, shape, k)
	case onnxpb.Uint16, onnxpb.Float16, onnxpb.BFloat16:
		putSlices(s.how, tensor.Of[uint16](dst), tensor.Of[uint16](updates), tuples, shape, k)
	case onnxpb.Uint32:
		putSlices(s.how, tensor.Of[uint32](dst), tensor.Of[uint32](updates), tuples, shape, k)
	case onnxpb.Uint64:
		putSlices(s.how, tensor.Of[uint64](dst), tensor.Of[uint64](updates), tuples, shape, k)
	}
}

// putSlices is for tuples of k indices that have been checked.
func putSlices[T tensor.Elem](how reduction, dst, updates []T, tuples []int64, shape []int, k int) {
	n := product(shape[k:])
	for ; len(updates) > 0; updates = updates[n:] {
		at, err := offset(tuples[:k], shape[:k])
		if err != nil {
			return
		}
		combine(how, dst[at*n:at*n+n], updates[:n])
		tuples = tuples[k:]
	}
}

package layout

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// gatherND takes the slices that tuples of indices point at. The first batch
// dimensions are those of both the data and the tuples.
type gatherND struct{ batch int }

func newGatherND(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 2); err != nil {
		return nil, nil, err
	}
	if err := isMovable(n, 0); err != nil {
		return nil, nil, err
	}
	if err := n.Typed(1, onnxpb.Int64); err != nil {
		return nil, nil, err
	}
	batch, err := n.Int("batch_dims", 0)
	if err == nil && batch < 0 {
		err = n.Wrong("batch_dims is %d", batch)
	}
	return gatherND{batch}, []tensor.DType{n.Dtype(0)}, err
}

func (g gatherND) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, ix, b := in[0], in[1], g.batch
	if ix.Rank() < 1 || b >= ix.Rank() || b > x.Rank() {
		return fmt.Errorf("indices %s into %s: %w", ix, x, quintet.ErrInput)
	}
	last := ix.Rank() - 1
	k := ix.Shape[last]
	if k > x.Rank()-b {
		return fmt.Errorf("indices %s into %s: %w", ix, x, quintet.ErrInput)
	}
	for i := range b {
		if x.Shape[i] != ix.Shape[i] {
			return fmt.Errorf("indices %s into %s: %w", ix, x, quintet.ErrInput)
		}
	}
	var buf [few]int
	shape := append(append(buf[:0], ix.Shape[:last]...), x.Shape[b+k:]...)
	if err := c.NewShape(out[0], x.Type, shape); err != nil {
		return err
	}
	if len(out[0].Data) == 0 {
		return checkTuples(ix, x.Shape[b:b+k])
	}
	bytes := product(x.Shape[b+k:]) * tensor.Size(x.Type)
	perBatch := product(ix.Shape[b:last])
	dst, src, tuples := out[0].Data, x.Data, tensor.Of[int64](ix)
	for range product(x.Shape[:b]) {
		for range perBatch {
			at, err := offset(tuples[:k], x.Shape[b:b+k])
			if err != nil {
				return err
			}
			copy(dst[:bytes], src[at*bytes:])
			dst, tuples = dst[bytes:], tuples[k:]
		}
		src = src[product(x.Shape[b:b+k])*bytes:]
	}
	return c.Done()
}

// checkTuples checks the indices of ix, tuples over shape, that nothing is read
// with.
func checkTuples(ix *tensor.Tensor, shape []int) error {
	v := tensor.Of[int64](ix)
	for ; len(shape) > 0 && len(v) >= len(shape); v = v[len(shape):] {
		if _, err := offset(v[:len(shape)], shape); err != nil {
			return err
		}
	}
	return nil
}

// offset is the place of a tuple of indices in the given shape.
func offset(tuple []int64, shape []int) (int, error) {
	n := 0
	for i, x := range tuple {
		d := shape[i]
		if x < 0 {
			x += int64(d)
		}
		if uint64(x) >= uint64(d) {
			return 0, outside(tuple[i], d)
		}
		n = n*d + int(x)
	}
	return n, nil
}

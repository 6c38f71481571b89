package layout

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// nonZero gives the indices of the elements that are not zero, one row for each
// dimension. A scalar counts as a vector.
type nonZero struct{}

func newNonZero(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	return nonZero{}, []tensor.DType{onnxpb.Int64}, isMovable(n, 0)
}

func (nonZero) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := in[0]
	places, err := op.Scratch[int64](c, x.Len())
	if err != nil {
		return err
	}
	places = places[:found(places, x)]
	var one [1]int
	shape := x.Shape
	if len(shape) == 0 {
		one[0] = 1
		shape = one[:]
	}
	if err := c.New(out[0], onnxpb.Int64, len(shape), len(places)); err != nil {
		return err
	}
	to := tensor.Of[int64](out[0])
	stride := 1
	for d := len(shape) - 1; d >= 0 && len(places) > 0; d-- {
		row := to[d*len(places) : (d+1)*len(places)]
		for i, p := range places {
			row[i] = int64(int(p) / stride % shape[d])
		}
		stride *= shape[d]
	}
	return c.Done()
}

// found stores the places of the elements of x that are not zero and returns how
// many there are.
func found(places []int64, x *tensor.Tensor) int {
	switch x.Type {
	case onnxpb.Float:
		return nonZeros(places, tensor.Of[float32](x))
	case onnxpb.Double:
		return nonZeros(places, tensor.Of[float64](x))
	case onnxpb.Float16, onnxpb.BFloat16:
		n := 0
		for i, v := range tensor.Of[uint16](x) {
			if v<<1 != 0 { // whatever the sign
				places[n] = int64(i)
				n++
			}
		}
		return n
	}
	switch tensor.Size(x.Type) {
	case 1:
		return nonZeros(places, tensor.Of[uint8](x))
	case 2:
		return nonZeros(places, tensor.Of[uint16](x))
	case 4:
		return nonZeros(places, tensor.Of[uint32](x))
	}
	return nonZeros(places, tensor.Of[uint64](x))
}

func nonZeros[T tensor.Elem](places []int64, x []T) (n int) {
	for i, v := range x {
		if v != 0 {
			places[n] = int64(i)
			n++
		}
	}
	return n
}

// compress keeps the slices along an axis for which the condition holds; without
// an axis, the elements of the tensor in order.
type compress struct {
	axis int
	flat bool
}

func newCompress(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 2); err != nil {
		return nil, nil, err
	}
	if err := isMovable(n, 0); err != nil {
		return nil, nil, err
	}
	if err := n.Typed(1, onnxpb.Bool); err != nil {
		return nil, nil, err
	}
	axis, err := n.Int("axis", 0)
	return compress{axis, !n.HasAttr("axis")}, []tensor.DType{n.Dtype(0)}, err
}

func (o compress) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, axis := in[0], 0
	length := [1]int{x.Len()}
	shape := length[:]
	if !o.flat {
		var err error
		if axis, err = tensor.Axis(o.axis, x.Rank()); err != nil {
			return err
		}
		shape = x.Shape
	}
	if in[1].Rank() != 1 || in[1].Len() > shape[axis] {
		return fmt.Errorf("condition %s for %d slices: %w", in[1], shape[axis], quintet.ErrInput)
	}
	index, err := op.Scratch[int64](c, in[1].Len())
	if err != nil {
		return err
	}
	index = index[:found(index, in[1])]
	var buf [tensor.MaxRank]int
	to := append(buf[:0], shape...)
	to[axis] = len(index)
	if err := c.NewShape(out[0], x.Type, to); err != nil || len(out[0].Data) == 0 {
		return err
	}
	if inner := product(shape[axis+1:]); inner > 1 {
		return takeRows(c, out[0].Data, x.Data, index, shape[axis], inner*tensor.Size(x.Type))
	}
	return takeElements(c, out[0], x, index, shape[axis])
}

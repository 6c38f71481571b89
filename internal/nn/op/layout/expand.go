package layout

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// expand stretches dimensions of 1 as broadcasting with the given shape does.
type expand struct{}

func newExpand(n *op.Node) (op.Op, []tensor.DType, error) {
	return expand{}, []tensor.DType{n.Dtype(0)}, newShaped(n, 1)
}

// newShaped checks a tensor of any type and an input i of int64 that goes with
// its dimensions.
func newShaped(n *op.Node, i int) error {
	if err := n.Inputs(i+1, i+1); err != nil {
		return err
	}
	if err := isMovable(n, 0); err != nil {
		return err
	}
	return n.Typed(i, onnxpb.Int64)
}

func (expand) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var wantBuf, shapeBuf, fromBuf, toBuf [tensor.MaxRank]int
	x := in[0]
	want, err := small(wantBuf[:0], in[1], "dimensions")
	if err != nil {
		return err
	}
	shape, err := tensor.Broadcast(shapeBuf[:0], x.Shape, want)
	if err != nil {
		return err
	}
	if n, err := tensor.Count(shape); err != nil {
		return err
	} else if n == x.Len() {
		return c.Share(out[0], x, shape)
	}
	from, to := tensor.BroadcastStrides(fromBuf[:0], x.Shape, shape), tensor.Strides(toBuf[:0], shape)
	var v view
	for i, n := range shape {
		v.add(n, to[i], from[i])
	}
	if err := c.NewShape(out[0], x.Type, shape); err != nil {
		return err
	}
	return v.copy(c, out[0], x)
}

// tile repeats a tensor along each of its dimensions.
type tile struct{}

func newTile(n *op.Node) (op.Op, []tensor.DType, error) {
	if n.Opset < 6 {
		return nil, nil, n.Unsupported("version %d, with one axis", n.Opset)
	}
	return tile{}, []tensor.DType{n.Dtype(0)}, newShaped(n, 1)
}

func (tile) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var timesBuf, shapeBuf, fromBuf, toBuf [tensor.MaxRank]int
	x := in[0]
	times, err := small(timesBuf[:0], in[1], "repeats")
	if err != nil {
		return err
	}
	if len(times) != x.Rank() {
		return fmt.Errorf("%d repeats for %s: %w", len(times), x, quintet.ErrInput)
	}
	shape := append(shapeBuf[:0], x.Shape...)
	for i, k := range times {
		shape[i] *= k
	}
	if n, err := tensor.Count(shape); err != nil {
		return err
	} else if n == x.Len() {
		return c.Share(out[0], x, shape)
	}
	from, to := tensor.Strides(fromBuf[:0], x.Shape), tensor.Strides(toBuf[:0], shape)
	var v view
	for i, k := range times {
		v.add(k, to[i]*x.Shape[i], 0)
		v.add(x.Shape[i], to[i], from[i])
	}
	if err := c.NewShape(out[0], x.Type, shape); err != nil {
		return err
	}
	return v.copy(c, out[0], x)
}

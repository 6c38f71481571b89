package layout

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// depthToSpace makes squares of pixels of channels, and spaceToDepth channels of
// squares of pixels.
type (
	depthToSpace struct {
		block int
		inner bool // CRD: the pixels of a square are neighbouring channels
	}
	spaceToDepth struct{ block int }
)

func newBlocks(n *op.Node) (block int, err error) {
	if err := n.Inputs(1, 1); err != nil {
		return 0, err
	}
	if err := isMovable(n, 0); err != nil {
		return 0, err
	}
	if block, err = n.Int("blocksize", 0); err == nil && (block < 1 || block > 1<<15) {
		err = n.Wrong("blocksize %d", block)
	}
	return block, err
}

func newDepthToSpace(n *op.Node) (op.Op, []tensor.DType, error) {
	block, err := newBlocks(n)
	if err != nil {
		return nil, nil, err
	}
	mode, err := n.Text("mode", "DCR")
	if err == nil && mode != "DCR" && mode != "CRD" {
		err = n.Unsupported("mode %q", mode)
	}
	return depthToSpace{block, mode == "CRD"}, []tensor.DType{n.Dtype(0)}, err
}

func newSpaceToDepth(n *op.Node) (op.Op, []tensor.DType, error) {
	block, err := newBlocks(n)
	return spaceToDepth{block}, []tensor.DType{n.Dtype(0)}, err
}

func (o depthToSpace) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, b := in[0], o.block
	if x.Rank() != 4 || x.Shape[1]%(b*b) != 0 {
		return fmt.Errorf("squares of %d pixels of the depth of %s: %w", b, x, quintet.ErrInput)
	}
	n, h, w := x.Shape[0], x.Shape[2], x.Shape[3]
	depth := x.Shape[1] / (b * b)
	channel, square := h*w, depth*h*w // from one of the depth, or of the square, to the next
	if o.inner {
		channel, square = b*b*h*w, h*w
	}
	if err := c.New(out[0], x.Type, n, depth, h*b, w*b); err != nil {
		return err
	}
	var v view
	v.add(n, depth*h*w*b*b, depth*h*w*b*b)
	v.add(depth, h*w*b*b, channel)
	v.add(h, w*b*b, w)
	v.add(b, w*b, b*square)
	v.add(w, b, 1)
	v.add(b, 1, square)
	return v.copy(c, out[0], x)
}

func (o spaceToDepth) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, b := in[0], o.block
	if x.Rank() != 4 || x.Shape[2]%b != 0 || x.Shape[3]%b != 0 {
		return fmt.Errorf("depth of squares of %d pixels of %s: %w", b, x, quintet.ErrInput)
	}
	n, depth, h, w := x.Shape[0], x.Shape[1], x.Shape[2]/b, x.Shape[3]/b
	if err := c.New(out[0], x.Type, n, depth*b*b, h, w); err != nil {
		return err
	}
	var v view
	v.add(n, depth*h*w*b*b, depth*h*w*b*b)
	v.add(b, b*depth*h*w, w*b)
	v.add(b, depth*h*w, 1)
	v.add(depth, h*w, h*w*b*b)
	v.add(h, w, w*b*b)
	v.add(w, 1, b)
	return v.copy(c, out[0], x)
}

package layout

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// shapeOf gives the dimensions from start to before end, which are bounded to
// those there are.
type shapeOf struct{ start, end int }

func newShape(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	start, err := n.Int("start", 0)
	if err != nil {
		return nil, nil, err
	}
	end, err := n.Int("end", tensor.MaxRank)
	return shapeOf{start, end}, []tensor.DType{onnxpb.Int64}, err
}

func (s shapeOf) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := in[0]
	first, n := span(s.start, s.end, 1, x.Rank())
	if err := c.New(out[0], onnxpb.Int64, n); err != nil {
		return err
	}
	to := tensor.Of[int64](out[0])
	for i, d := range x.Shape[first : first+n] {
		to[i] = int64(d)
	}
	return nil
}

// sizeOf gives the number of elements.
type sizeOf struct{}

func newSize(n *op.Node) (op.Op, []tensor.DType, error) {
	return sizeOf{}, []tensor.DType{onnxpb.Int64}, n.Inputs(1, 1)
}

func (sizeOf) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	if err := c.New(out[0], onnxpb.Int64); err != nil {
		return err
	}
	tensor.Of[int64](out[0])[0] = int64(in[0].Len())
	return nil
}

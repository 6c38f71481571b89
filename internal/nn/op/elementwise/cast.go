package elementwise

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// newCast builds Cast to the type that an attribute names.
func newCast(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	to, err := n.Int("to", 0)
	if err != nil {
		return nil, nil, err
	}
	return castTo(n, tensor.DType(min(max(to, 0), math.MaxInt16)))
}

// newCastLike builds Cast to the type of the second input.
func newCastLike(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 2); err != nil {
		return nil, nil, err
	}
	return castTo(n, n.In[1].Type)
}

func castTo(n *op.Node, to tensor.DType) (op.Op, []tensor.DType, error) {
	from := n.In[0].Type
	f := converter(from, to)
	switch {
	case from == to && tensor.Size(to) > 0:
		return made(identity{}, to)
	case f == nil:
		return nil, nil, n.Unsupported("%s to %s", from, to)
	}
	return made(cast{f, to}, to)
}

// cast converts elements.
type cast struct {
	f  conversion
	to tensor.DType
}

func (o cast) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	if err := c.NewShape(out[0], o.to, in[0].Shape); err != nil {
		return err
	}
	o.f(out[0], in[0])
	return c.Done()
}

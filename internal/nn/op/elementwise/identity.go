package elementwise

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// newIdentity builds Identity.
func newIdentity(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	return made(identity{}, n.In[0].Type)
}

// identity gives its input on.
type identity struct{}

func (identity) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	return c.Share(out[0], in[0], in[0].Shape)
}

// newDropout builds Dropout for inference, which drops nothing: training is
// refused unless its ratio is the constant 0.
func newDropout(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 3); err != nil {
		return nil, nil, err
	}
	if err := n.Typed(0, onnxpb.Float, onnxpb.Double, onnxpb.Float16, onnxpb.BFloat16); err != nil {
		return nil, nil, err
	}
	switch trains, err := trains(n); {
	case err != nil:
		return nil, nil, err
	case trains:
		return nil, nil, n.Unsupported("training")
	}
	mask := onnxpb.Bool
	if n.Opset < 10 {
		mask = n.In[0].Type
	}
	return dropout{mask}, []tensor.DType{n.In[0].Type, mask}, nil
}

// trains reports whether a Dropout node may drop something.
func trains(n *op.Node) (bool, error) {
	if n.Opset < 7 {
		test, err := n.Flag("is_test", false)
		return !test, err
	}
	if !n.Has(2) {
		return false, nil
	}
	if mode := n.Const(2); mode != nil && mode.Len() == 1 && mode.Data[0] == 0 {
		return false, nil
	}
	ratio := n.Const(1)
	if n.Has(1) && ratio != nil && ratio.Len() == 1 {
		for _, b := range ratio.Data {
			if b != 0 {
				return true, nil
			}
		}
		return false, nil
	}
	return true, nil
}

// dropout gives its input on, with a mask that keeps all.
type dropout struct{ mask tensor.DType }

func (o dropout) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	if out[0] != nil {
		if err := c.Share(out[0], in[0], in[0].Shape); err != nil {
			return err
		}
	}
	if len(out) < 2 || out[1] == nil {
		return nil
	}
	if err := c.NewShape(out[1], o.mask, in[0].Shape); err != nil {
		return err
	}
	ones(out[1])
	return nil
}

// ones fills t, which is a boolean or float, with the number one.
func ones(t *tensor.Tensor) {
	switch t.Type {
	case onnxpb.Bool:
		fill(t.Data, 1)
	case onnxpb.Float:
		fill(tensor.Of[float32](t), 1)
	case onnxpb.Double:
		fill(tensor.Of[float64](t), 1)
	case onnxpb.Float16:
		fill(tensor.Of[uint16](t), 0x3c00)
	case onnxpb.BFloat16:
		fill(tensor.Of[uint16](t), 0x3f80)
	}
}

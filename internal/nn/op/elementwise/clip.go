package elementwise

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// newClip builds Clip: the bounds are attributes before opset 11, inputs after.
func newClip(n *op.Node) (op.Op, []tensor.DType, error) {
	if n.Opset < 11 {
		if err := n.Inputs(1, 1); err != nil {
			return nil, nil, err
		}
		v, err := floats(n, []string{"min", "max"}, -math.MaxFloat32, math.MaxFloat32)
		if err != nil {
			return nil, nil, err
		}
		return clipTo(n, v[0], v[1])
	}
	if err := n.Inputs(1, 3); err != nil {
		return nil, nil, err
	}
	typ := n.In[0].Type
	for i := range n.In {
		if n.Has(i) && n.In[i].Type != typ {
			return nil, nil, n.Wrong("inputs of %s and %s", typ, n.In[i].Type)
		}
	}
	o := clipOf(typ)
	if o == nil {
		return nil, nil, n.Unsupported("input of %s", typ)
	}
	return made(o, typ)
}

// clipTo clips to bounds that are attributes.
func clipTo(n *op.Node, lo, hi float32) (op.Op, []tensor.DType, error) {
	o := function{
		f32: func(dst, x []float32) { vec.Clip(dst, x, lo, hi) },
		f64: func(x float64) float64 { return clamp(x, float64(lo), float64(hi)) },
	}.op(n.In[0].Type)
	if o == nil {
		return nil, nil, n.Unsupported("input of %s", n.In[0].Type)
	}
	return made(o, n.In[0].Type)
}

func clipOf(typ tensor.DType) op.Op {
	switch typ {
	case onnxpb.Float:
		return clip[float32]{}
	case onnxpb.Double:
		return clip[float64]{}
	case onnxpb.Int8:
		return clip[int8]{}
	case onnxpb.Int16:
		return clip[int16]{}
	case onnxpb.Int32:
		return clip[int32]{}
	case onnxpb.Int64:
		return clip[int64]{}
	case onnxpb.Uint8:
		return clip[uint8]{}
	case onnxpb.Uint16:
		return clip[uint16]{}
	case onnxpb.Uint32:
		return clip[uint32]{}
	case onnxpb.Uint64:
		return clip[uint64]{}
	}
	return nil
}

// clip is Clip with bounds that are inputs, each optional and of one element.
type clip[T tensor.Elem] struct{}

func (clip[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var bound [2]T
	var given [2]bool
	for i, t := range in[1:] {
		if t == nil {
			continue
		}
		if t.Len() != 1 {
			return fmt.Errorf("a bound of %d elements: %w", t.Len(), quintet.ErrInput)
		}
		bound[i], given[i] = tensor.Of[T](t)[0], true
	}
	x := tensor.Of[T](in[0])
	if err := c.NewOver(out[0], in, 0, in[0].Type, in[0].Shape); err != nil {
		return err
	}
	dst := tensor.Of[T](out[0])
	for i := 0; i < len(dst); i += pause {
		clipRange(dst[i:min(i+pause, len(dst))], x[i:], bound, given)
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

func clipRange[T tensor.Elem](dst, x []T, bound [2]T, given [2]bool) {
	x = x[:len(dst)]
	if dst, ok := any(dst).([]float32); ok {
		lo, hi := float32(math.Inf(-1)), float32(math.Inf(1))
		if given[0] {
			lo = float32(bound[0])
		}
		if given[1] {
			hi = float32(bound[1])
		}
		vec.Clip(dst, any(x).([]float32), lo, hi)
		return
	}
	for i, v := range x {
		if given[0] {
			v = max(v, bound[0])
		}
		if given[1] {
			v = min(v, bound[1])
		}
		dst[i] = v
	}
}

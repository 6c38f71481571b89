package elementwise

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// unary is an operator of one input, element by element. T and R have one size
// if out is the type of the input.
type unary[T, R tensor.Elem] struct {
	f   func(dst []R, x []T) // dst may be the memory of x if T is R
	out tensor.DType
}

func (o *unary[T, R]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := tensor.Of[T](in[0])
	if in[0].Type == o.out {
		if err := c.NewOver(out[0], in, 0, o.out, in[0].Shape); err != nil {
			return err
		}
	} else if err := c.NewShape(out[0], o.out, in[0].Shape); err != nil {
		return err
	}
	return each(c, tensor.Of[R](out[0]), x, o.f)
}

// each computes dst by f, on threads if there is much.
func each[T, R tensor.Elem](c *op.Ctx, dst []R, x []T, f func(dst []R, x []T)) error {
	if len(dst) >= big && c.Threads() > 1 {
		eachSplit(c, dst, x, f)
		return c.Done()
	}
	for lo := 0; lo < len(dst); lo += pause {
		hi := min(lo+pause, len(dst))
		f(dst[lo:hi], x[lo:hi])
		if len(dst) > pause {
			if err := c.Done(); err != nil {
				return err
			}
		}
	}
	return nil
}

func eachSplit[T, R tensor.Elem](c *op.Ctx, dst []R, x []T, f func(dst []R, x []T)) {
	c.Split(len(dst), grain, func(lo, hi, _ int) { f(dst[lo:hi], x[lo:hi]) })
}

// function is a function of one number: f32 by a kernel if there is one, f64 as
// the definition.
type function struct {
	f32 func(dst, x []float32)
	f64 func(float64) float64
}

// newFloat returns the builder of a function of floats without attributes.
func newFloat(f32 func(dst, x []float32), f64 func(float64) float64) op.Builder {
	return newFunction(func(*op.Node) (function, error) { return function{f32, f64}, nil })
}

// newFunction returns the builder of a function of floats that the node's
// attributes define.
func newFunction(of func(n *op.Node) (function, error)) op.Builder {
	return Half(func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := n.Inputs(1, 1); err != nil {
			return nil, nil, err
		}
		f, err := of(n)
		if err != nil {
			return nil, nil, err
		}
		o := f.op(n.In[0].Type)
		if o == nil {
			return nil, nil, n.Unsupported("input of %s", n.In[0].Type)
		}
		return made(o, n.In[0].Type)
	})
}

// op returns the operator for floats of the given type, nil if there is none.
func (f function) op(typ tensor.DType) op.Op {
	switch typ {
	case onnxpb.Float:
		if f.f32 == nil {
			f.f32 = scalarLoop[float32](f.f64)
		}
		return &unary[float32, float32]{f: f.f32, out: typ}
	case onnxpb.Double:
		return &unary[float64, float64]{f: scalarLoop[float64](f.f64), out: typ}
	}
	return nil
}

func scalarLoop[T float32 | float64](f func(float64) float64) func(dst, x []T) {
	return func(dst, x []T) {
		for i, v := range x[:len(dst)] {
			dst[i] = T(f(float64(v)))
		}
	}
}

// newNumber returns the builder of a function that floats and integers have.
func newNumber(f function, integers func(typ tensor.DType) op.Op) op.Builder {
	return Half(func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := n.Inputs(1, 1); err != nil {
			return nil, nil, err
		}
		typ := n.In[0].Type
		o := f.op(typ)
		if o == nil {
			o = integers(typ)
		}
		if o == nil {
			return nil, nil, n.Unsupported("input of %s", typ)
		}
		return made(o, typ)
	})
}

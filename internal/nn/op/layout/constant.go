package layout

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// constant is the tensor in an attribute.
type constant struct{ value *tensor.Tensor }

func newConstant(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(0, 0); err != nil {
		return nil, nil, err
	}
	if len(n.Attrs) != 1 {
		return nil, nil, n.Wrong("%d attributes, one is the value", len(n.Attrs))
	}
	value, err := valueOf(n, &n.Attrs[0])
	if err != nil {
		return nil, nil, err
	}
	return constant{value}, []tensor.DType{value.Type}, nil
}

// valueOf returns the tensor that an attribute of Constant stands for.
func valueOf(n *op.Node, a *onnxpb.Attribute) (*tensor.Tensor, error) {
	switch a.Name {
	case "value":
		return n.Tensor("value")
	case "value_float":
		v, err := n.Float(a.Name, 0)
		return tensor.From([]float32{v}), err
	case "value_floats":
		v, err := n.Floats(a.Name)
		return tensor.From(v, len(v)), err
	case "value_int", "value_ints":
		want := onnxpb.AttrInt
		if a.Name == "value_ints" {
			want = onnxpb.AttrInts
		}
		if a.Kind() != want {
			return nil, n.Wrong("attribute %s is of type %s", a.Name, a.Kind())
		}
		if want == onnxpb.AttrInt { // the numbers count, beyond 32 bits too
			return tensor.From([]int64{a.Int}), nil
		}
		return tensor.From(a.Ints, len(a.Ints)), nil
	}
	return nil, n.Unsupported("attribute %s", a.Name)
}

func (k constant) Run(c *op.Ctx, _, out []*tensor.Tensor) error {
	return c.Share(out[0], k.value, k.value.Shape)
}

// constantOfShape repeats one element, a float32 of zero unless the attribute has
// another.
type constantOfShape struct{ value *tensor.Tensor }

func newConstantOfShape(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	if err := n.Typed(0, onnxpb.Int64); err != nil {
		return nil, nil, err
	}
	value, err := n.Tensor("value")
	if err != nil {
		return nil, nil, err
	}
	if value == nil {
		value = tensor.From([]float32{0}, 1)
	}
	if value.Len() != 1 {
		return nil, nil, n.Wrong("value %s is not one element", value)
	}
	return constantOfShape{value}, []tensor.DType{value.Type}, nil
}

func (k constantOfShape) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var buf [tensor.MaxRank]int
	shape, err := small(buf[:0], in[0], "dimensions")
	if err != nil {
		return err
	}
	if err := c.NewShape(out[0], k.value.Type, shape); err != nil {
		return err
	}
	fillTensor(out[0], k.value.Data)
	return nil
}

// sequence counts from a start to before a limit in steps.
type sequence struct{}

func newRange(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(3, 3); err != nil {
		return nil, nil, err
	}
	if err := n.Typed(0, onnxpb.Float, onnxpb.Double, onnxpb.Int16, onnxpb.Int32, onnxpb.Int64); err != nil {
		return nil, nil, err
	}
	for i := 1; i < 3; i++ {
		if err := sameType(n, 0, i); err != nil {
			return nil, nil, err
		}
	}
	return sequence{}, []tensor.DType{n.Dtype(0)}, nil
}

func (sequence) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	for _, x := range in {
		if x.Len() != 1 {
			return fmt.Errorf("bound %s is not one number: %w", x, quintet.ErrInput)
		}
	}
	switch in[0].Type {
	case onnxpb.Float:
		return count[float32](c, in, out[0])
	case onnxpb.Double:
		return count[float64](c, in, out[0])
	case onnxpb.Int16:
		return count[int16](c, in, out[0])
	case onnxpb.Int32:
		return count[int32](c, in, out[0])
	}
	return count[int64](c, in, out[0])
}

func count[T float32 | float64 | int16 | int32 | int64](c *op.Ctx, in []*tensor.Tensor, out *tensor.Tensor) error {
	start, limit, delta := tensor.Of[T](in[0])[0], tensor.Of[T](in[1])[0], tensor.Of[T](in[2])[0]
	if delta == 0 {
		return fmt.Errorf("range with a step of 0: %w", quintet.ErrInput)
	}
	n, err := steps(start, limit, delta)
	if err != nil {
		return err
	}
	if err := c.New(out, in[0].Type, n); err != nil {
		return err
	}
	for i, to := 0, tensor.Of[T](out); i < n; i++ {
		to[i] = start + T(i)*delta
	}
	return nil
}

// steps is ceil((limit-start)/delta), at least 0.
func steps[T float32 | float64 | int16 | int32 | int64](start, limit, delta T) (int, error) {
	half := T(1)
	if half /= 2; half != 0 {
		f := math.Ceil((float64(limit) - float64(start)) / float64(delta))
		if !(f <= tensor.MaxLen) {
			return 0, tooLong(f)
		}
		return max(int(f), 0), nil
	}
	if delta > 0 != (limit > start) || limit == start {
		return 0, nil
	}
	// As unsigned numbers the distance and the step do not overflow.
	far, by := uint64(int64(limit))-uint64(int64(start)), uint64(int64(delta))
	if delta < 0 {
		far, by = -far, -by
	}
	n := (far-1)/by + 1
	if n > tensor.MaxLen {
		return 0, tooLong(float64(n))
	}
	return int(n), nil
}

func tooLong(n float64) error {
	return fmt.Errorf("range of %g numbers, at most %d: %w", n, tensor.MaxLen, quintet.ErrInput)
}

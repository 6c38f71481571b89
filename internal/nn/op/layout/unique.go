package layout

import (
	"cmp"
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// unique gives the different elements, or the different slices along an axis,
// sorted or in the order of their first appearance; where each appears first;
// which one each element is; and how often it is there. NaN is one value, before
// all numbers.
type unique struct {
	axis         int
	flat, sorted bool
}

func newUnique(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	if err := isMovable(n, 0); err != nil {
		return nil, nil, err
	}
	if t := n.Dtype(0); t == onnxpb.Float16 || t == onnxpb.BFloat16 {
		return nil, nil, n.Unsupported("input of %s", t)
	}
	u := unique{flat: !n.HasAttr("axis")}
	var err error
	if u.axis, err = n.Int("axis", 0); err != nil {
		return nil, nil, err
	}
	u.sorted, err = n.Flag("sorted", true)
	return u, []tensor.DType{n.Dtype(0), onnxpb.Int64, onnxpb.Int64, onnxpb.Int64}, err
}

// classes says which slices are equal. What stands in order from start[i] to before
// start[i+1] is one.
type classes struct {
	order, start []int32
	rank         []int32 // of the classes in the output
}

func (u unique) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, axis := in[0], 0
	length := [1]int{x.Len()}
	shape := length[:]
	if !u.flat {
		var err error
		if axis, err = tensor.Axis(u.axis, x.Rank()); err != nil {
			return err
		}
		shape = x.Shape
	}
	var k classes
	if err := k.find(c, x, shape, axis); err != nil {
		return err
	}
	k.arrange(u.sorted)
	first, err := k.outputs(c, out, shape[axis])
	if err != nil || out[0] == nil {
		return err
	}
	var buf [tensor.MaxRank]int
	to := append(buf[:0], shape...)
	to[axis] = len(first)
	if err := c.NewShape(out[0], x.Type, to); err != nil || len(out[0].Data) == 0 {
		return err
	}
	if inner := product(shape[axis+1:]); inner > 1 {
		return takeRows(c, out[0].Data, x.Data, first, shape[axis], inner*tensor.Size(x.Type))
	}
	return takeElements(c, out[0], x, first, shape[axis])
}

// outputs makes the outputs of indices; it returns the first.
func (k *classes) outputs(c *op.Ctx, out []*tensor.Tensor, length int) ([]int64, error) {
	n := len(k.start) - 1
	var v [3][]int64
	for i, n := range [...]int{n, length, n} {
		var err error
		if i+1 < len(out) && out[i+1] != nil {
			if err = c.New(out[i+1], onnxpb.Int64, n); err == nil {
				v[i] = tensor.Of[int64](out[i+1])
			}
		} else {
			v[i], err = op.Scratch[int64](c, n)
		}
		if err != nil {
			return nil, err
		}
	}
	for class, at := range k.rank {
		lo, hi := k.start[class], k.start[class+1]
		v[0][at] = int64(k.order[lo])
		v[2][at] = int64(hi - lo)
		for _, i := range k.order[lo:hi] {
			v[1][i] = int64(at)
		}
	}
	return v[0], nil
}

// find sorts the slices of x along axis.
func (k *classes) find(c *op.Ctx, x *tensor.Tensor, shape []int, axis int) error {
	switch x.Type {
	case onnxpb.Float:
		return find[float32](c, k, x, shape, axis)
	case onnxpb.Double:
		return find[float64](c, k, x, shape, axis)
	case onnxpb.Int8:
		return find[int8](c, k, x, shape, axis)
	case onnxpb.Int16:
		return find[int16](c, k, x, shape, axis)
	case onnxpb.Int32:
		return find[int32](c, k, x, shape, axis)
	case onnxpb.Int64:
		return find[int64](c, k, x, shape, axis)
	case onnxpb.Uint16:
		return find[uint16](c, k, x, shape, axis)
	case onnxpb.Uint32:
		return find[uint32](c, k, x, shape, axis)
	case onnxpb.Uint64:
		return find[uint64](c, k, x, shape, axis)
	}
	return find[uint8](c, k, x, shape, axis)
}

func find[T tensor.Elem](c *op.Ctx, k *classes, x *tensor.Tensor, shape []int, axis int) error {
	n, inner := shape[axis], product(shape[axis+1:])
	outer := 0
	if x.Len() > 0 {
		outer = x.Len() / n / inner
	}
	data := tensor.Of[T](x)
	compare := func(i, j int32) int {
		for o := range outer {
			a := data[(o*n+int(i))*inner:][:inner]
			b := data[(o*n+int(j))*inner:][:inner]
			if d := slices.Compare(a, b); d != 0 {
				return d
			}
		}
		return 0
	}
	k.order = make([]int32, n)
	for i := range k.order {
		k.order[i] = int32(i)
	}
	slices.SortStableFunc(k.order, compare)
	for i := range k.order {
		if i == 0 || compare(k.order[i-1], k.order[i]) != 0 {
			k.start = append(k.start, int32(i))
		}
	}
	k.start = append(k.start, int32(n))
	return c.Done()
}

// arrange decides on the order of the classes in the output.
func (k *classes) arrange(sorted bool) {
	n := len(k.start) - 1
	k.rank = make([]int32, n)
	by := make([]int32, n)
	for i := range by {
		by[i] = int32(i)
	}
	if !sorted {
		slices.SortFunc(by, func(i, j int32) int {
			return cmp.Compare(k.order[k.start[i]], k.order[k.start[j]])
		})
	}
	for at, class := range by {
		k.rank[class] = int32(at)
	}
}

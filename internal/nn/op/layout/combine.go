package layout

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// reduction says what a scattered element does to the one that is there.
type reduction int

const (
	replace reduction = iota
	add
	multiply
	larger
	smaller
)

// newReduction reads the attribute of a node that scatters into elements of a
// type.
func newReduction(n *op.Node) (reduction, error) {
	name, err := n.Text("reduction", "none")
	if err != nil {
		return 0, err
	}
	known := map[string]reduction{"none": replace, "add": add, "mul": multiply, "max": larger, "min": smaller}
	r, ok := known[name]
	if !ok {
		return 0, n.Unsupported("reduction %q", name)
	}
	switch n.Dtype(0) {
	case onnxpb.Float16, onnxpb.BFloat16, onnxpb.Bool:
		if r != replace {
			return 0, n.Unsupported("reduction %q of %s", name, n.Dtype(0))
		}
	}
	return r, nil
}

// combine puts the elements of src onto those of dst, of equal length.
func combine[T tensor.Elem](r reduction, dst, src []T) {
	switch src = src[:len(dst)]; r {
	case replace:
		copy(dst, src)
	case add:
		for i, v := range src {
			dst[i] += v
		}
	case multiply:
		for i, v := range src {
			dst[i] *= v
		}
	case larger:
		for i, v := range src {
			dst[i] = max(dst[i], v)
		}
	case smaller:
		for i, v := range src {
			dst[i] = min(dst[i], v)
		}
	}
}

// overwritable makes out a tensor with the elements of in[0], in its memory if
// nobody else reads that.
func overwritable(c *op.Ctx, out *tensor.Tensor, in []*tensor.Tensor) error {
	x := in[0]
	for _, other := range in[1:] {
		if other == x {
			if err := c.NewShape(out, x.Type, x.Shape); err != nil {
				return err
			}
			copy(out.Data, x.Data)
			return nil
		}
	}
	if err := c.NewOver(out, in, 0, x.Type, x.Shape); err != nil {
		return err
	}
	if len(x.Data) > 0 && &out.Data[0] != &x.Data[0] {
		copy(out.Data, x.Data)
	}
	return nil
}

package spatial

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// resize is Resize or Upsample. The axes are done one after the other, since all
// modes weigh the product of the axes.
type resize struct {
	layout  layout
	mode    mode
	coord   coordinate
	round   rounding
	a       float32 // of the cubic
	exclude bool    // no weight for pixels outside
	smooth  bool    // antialias
	outside float32 // of pixels that the crop takes from outside
	policy  policy
	axes    []int // nil: all

	roi, scales, sizes int       // the inputs, 0 for none
	factors            []float32 // scales that are an attribute
}

type mode int

const (
	nearest mode = iota
	linear
	cubic
)

type coordinate int

const (
	halfPixel coordinate = iota
	halfPixelSymmetric
	pytorchHalfPixel
	alignCorners
	asymmetric
	tfHalfPixelForNN
	tfCropAndResize
)

type rounding int

const (
	preferFloor rounding = iota
	preferCeil
	down
	up
	outward // down to enlarge, up to shrink: the first version of Resize
)

type policy int

const (
	stretch policy = iota
	notLarger
	notSmaller
)

// choice reads an attribute that is one of names.
func choice(n *op.Node, name string, names ...string) (int, error) {
	s, err := n.Text(name, names[0])
	if err != nil {
		return 0, err
	}
	i := slices.Index(names, s)
	if i < 0 {
		return 0, n.Unsupported("%s %q", name, s)
	}
	return i, nil
}

func newResize(l layout) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		r := resize{layout: l, scales: 1, coord: asymmetric, round: outward}
		if err := n.Inputs(1, 4); err != nil {
			return nil, nil, err
		}
		if len(n.In) > 2 { // two inputs are those of version 10
			r.roi, r.scales, r.sizes = 1, 2, 0
			if len(n.In) > 3 {
				r.sizes = 3
			}
			if err := r.read(n); err != nil {
				return nil, nil, err
			}
		}
		return r.build(n)
	}
}

func newUpsample(l layout) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		r := resize{layout: l, scales: 1, coord: asymmetric, round: down}
		if len(n.In) == 1 {
			r.scales = 0
			var err error
			if r.factors, err = n.Floats("scales"); err != nil {
				return nil, nil, err
			}
			if len(r.factors) == 0 {
				return nil, nil, n.Wrong("lacks scales")
			}
		}
		if err := n.Inputs(1, 2); err != nil {
			return nil, nil, err
		}
		return r.build(n)
	}
}

// read reads what came with version 11 and later.
func (r *resize) read(n *op.Node) error {
	coord, err := choice(n, "coordinate_transformation_mode", "half_pixel", "half_pixel_symmetric",
		"pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize")
	if err != nil {
		return err
	}
	round, err := choice(n, "nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
	if err != nil {
		return err
	}
	keep, err := choice(n, "keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller")
	if err != nil {
		return err
	}
	r.coord, r.round, r.policy = coordinate(coord), rounding(round), policy(keep)
	if r.a, err = n.Float("cubic_coeff_a", -0.75); err != nil {
		return err
	}
	if r.exclude, err = n.Flag("exclude_outside", false); err != nil {
		return err
	}
	if r.smooth, err = n.Flag("antialias", false); err != nil {
		return err
	}
	if r.outside, err = n.Float("extrapolation_value", 0); err != nil {
		return err
	}
	if r.axes, err = n.Ints("axes"); err != nil {
		return err
	}
	if r.axes != nil && len(r.axes) == 0 {
		r.axes = nil
	}
	return nil
}

// build reads the mode and checks the types. Only nearest elements are taken as
// they are, whatever their type.
func (r resize) build(n *op.Node) (op.Op, []tensor.DType, error) {
	m, err := choice(n, "mode", "nearest", "linear", "cubic")
	if err != nil {
		return nil, nil, err
	}
	if r.mode = mode(m); r.mode == cubic && r.roi == 0 {
		return nil, nil, n.Unsupported("mode cubic before version 11")
	}
	if r.mode == nearest && r.coord != tfCropAndResize {
		return r, []tensor.DType{n.Dtype(0)}, r.typed(n)
	}
	return orHalf(func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := n.Float32(0); err != nil {
			return nil, nil, err
		}
		return r, []tensor.DType{onnxpb.Float}, r.typed(n)
	})(n)
}

// typed checks the types of the inputs behind the first.
func (r *resize) typed(n *op.Node) error {
	if r.roi > 0 && r.coord == tfCropAndResize {
		if err := n.Typed(r.roi, onnxpb.Float); err != nil {
			return err
		}
	}
	if r.scales > 0 {
		if err := n.Float32(r.scales); err != nil {
			return err
		}
	}
	if r.sizes > 0 && n.Has(r.sizes) {
		return n.Typed(r.sizes, onnxpb.Int64, onnxpb.Int32)
	}
	if (r.scales == 0 || !n.Has(r.scales)) && r.factors == nil {
		return n.Wrong("has neither scales nor sizes")
	}
	return nil
}

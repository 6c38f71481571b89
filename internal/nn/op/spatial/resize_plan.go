package spatial

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// stretchOf is what becomes of one axis.
type stretchOf struct {
	in, out    int
	scale      float32
	length     float32 // of the output before it is cut to whole pixels
	begin, end float32 // the region of a crop, as parts of the axis
}

// plan is what becomes of all axes, in the order of memory.
type plan struct {
	rank int
	axis [tensor.MaxRank]stretchOf
}

// plan reads scales, sizes and region. What it cannot make sense of is
// [quintet.ErrInput].
func (r *resize) plan(in []*tensor.Tensor) (plan, error) {
	p := plan{rank: in[0].Rank()}
	if p.rank < 1 || r.layout == last && p.rank < 2 {
		return p, fmt.Errorf("%v has no axis to resize: %w", in[0], quintet.ErrInput)
	}
	for i, d := range in[0].Shape {
		p.axis[i] = stretchOf{in: d, out: d, scale: 1, length: float32(d), end: 1}
	}
	scales, sizes := r.factors, input(in, r.sizes)
	if t := input(in, r.scales); t != nil {
		scales = tensor.Of[float32](t)
	}
	var err error
	switch {
	case sizes != nil && len(scales) > 0:
		err = fmt.Errorf("both scales and sizes: %w", quintet.ErrInput)
	case sizes != nil:
		err = r.fill(&p, sizes)
	default:
		err = r.multiply(&p, scales)
	}
	if t := input(in, r.roi); err == nil && r.coord == tfCropAndResize {
		err = r.crop(&p, t)
	}
	return p, err
}

// input returns input i if it is given and not empty, nil otherwise and for 0.
func input(in []*tensor.Tensor, i int) *tensor.Tensor {
	if i == 0 || i >= len(in) || in[i] == nil || in[i].Len() == 0 {
		return nil
	}
	return in[i]
}

// count is how many axes scales, sizes and region are for.
func (r *resize) count(p *plan) int {
	if r.axes != nil {
		return len(r.axes)
	}
	return p.rank
}

// place returns the axis, in the order of memory, of number i of those that
// scales, sizes and region are for.
func (r *resize) place(p *plan, i int) (*stretchOf, error) {
	if r.axes != nil {
		var err error
		if i, err = tensor.Axis(r.axes[i], p.rank); err != nil {
			return nil, err
		}
	}
	if r.layout == last && i > 0 {
		if i--; i == 0 {
			i = p.rank - 1
		}
	}
	return &p.axis[i], nil
}

func (r *resize) multiply(p *plan, scales []float32) error {
	if len(scales) != r.count(p) {
		return fmt.Errorf("%d scales for %d axes: %w", len(scales), r.count(p), quintet.ErrInput)
	}
	for i, s := range scales {
		a, err := r.place(p, i)
		if err != nil {
			return err
		}
		out := float32(a.in) * s
		if !(s > 0) || !(out < math.MaxInt32) {
			return fmt.Errorf("scale %v for %d: %w", s, a.in, quintet.ErrInput)
		}
		a.scale, a.length, a.out = s, out, int(out)
	}
	return nil
}

// fill takes the output sizes, or the largest or smallest scale that they allow.
func (r *resize) fill(p *plan, sizes *tensor.Tensor) error {
	if sizes.Len() != r.count(p) {
		return fmt.Errorf("%d sizes for %d axes: %w", sizes.Len(), r.count(p), quintet.ErrInput)
	}
	common := float32(0)
	for i := range sizes.Len() {
		a, err := r.place(p, i)
		if err != nil {
			return err
		}
		n := integer(sizes, i)
		if n < 0 || n > math.MaxInt32 || n > 0 && a.in == 0 {
			return fmt.Errorf("size %d for %d: %w", n, a.in, quintet.ErrInput)
		}
		if a.out, a.length, a.scale = int(n), float32(n), 1; a.in > 0 {
			a.scale = float32(n) / float32(a.in)
		}
		if i == 0 || r.policy == notLarger && a.scale < common || r.policy == notSmaller && a.scale > common {
			common = a.scale
		}
	}
	if r.policy == stretch {
		return nil
	}
	for i := range sizes.Len() {
		a, _ := r.place(p, i)
		out := math.Floor(float64(common)*float64(a.in) + 0.5)
		if !(out < math.MaxInt32) {
			return fmt.Errorf("scale %v for %d: %w", common, a.in, quintet.ErrInput)
		}
		a.scale, a.length, a.out = common, float32(out), int(out)
	}
	return nil
}

// integer is element i of a tensor of int64 or int32.
func integer(t *tensor.Tensor, i int) int64 {
	if t.Type == onnxpb.Int32 {
		return int64(tensor.Of[int32](t)[i])
	}
	return tensor.Of[int64](t)[i]
}

// crop takes the region: all beginnings, then all ends.
func (r *resize) crop(p *plan, roi *tensor.Tensor) error {
	n := r.count(p)
	if roi == nil || roi.Len() != 2*n {
		return fmt.Errorf("a region of %v for %d axes: %w", roi, n, quintet.ErrInput)
	}
	v := tensor.Of[float32](roi)
	for i := range n {
		a, err := r.place(p, i)
		if err != nil {
			return err
		}
		a.begin, a.end = v[i], v[n+i]
	}
	return nil
}

// same reports whether the axis stays as it is.
func (a *stretchOf) same() bool {
	return a.in == a.out && a.scale == 1 && a.begin == 0 && a.end == 1
}

// origin is the place on the axis that output pixel o comes from. The float32
// arithmetic decides ties, as it does in other engines.
func (a *stretchOf) origin(c coordinate, o int) float32 {
	x, in := float32(o), float32(a.in)
	switch c {
	case alignCorners:
		if a.length == 1 {
			return 0
		}
		return x * (in - 1) / (a.length - 1)
	case asymmetric:
		return x / a.scale
	case tfHalfPixelForNN:
		return (x + 0.5) / a.scale
	case pytorchHalfPixel:
		if a.out == 1 {
			return 0
		}
	case halfPixelSymmetric:
		adjust := float32(a.out) / (a.scale * in)
		return in/2*(1-adjust) + (x+0.5)/a.scale - 0.5
	case tfCropAndResize:
		if a.length == 1 {
			return 0.5 * (a.begin + a.end) * (in - 1)
		}
		return a.begin*(in-1) + x*(a.end-a.begin)*(in-1)/(a.length-1)
	}
	return (x+0.5)/a.scale - 0.5
}

package spatial

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// maxSamples bounds the attribute sampling_ratio.
const maxSamples = 1024

// roiAlign pools regions of pictures, each to the same size, from samples
// between the pixels: the mean of the samples, or the largest share that a pixel
// has in one. K. He et al., Mask R-CNN, ICCV 2017.
type roiAlign struct {
	h, w    int // of the output
	ratio   int // samples along each axis of an output pixel, 0: by the size of the region
	scale   float64
	largest bool
	half    bool // coordinates are of pixel centres
}

func newRoiAlign(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(3, 3); err != nil {
		return nil, nil, err
	}
	m, err := choice(n, "mode", "avg", "max")
	if err != nil {
		return nil, nil, err
	}
	names := []string{"output_half_pixel", "half_pixel"}
	if n.Opset >= 16 {
		names[0], names[1] = names[1], names[0]
	}
	coord, err := choice(n, "coordinate_transformation_mode", names...)
	if err != nil {
		return nil, nil, err
	}
	r := roiAlign{largest: m == 1, half: names[coord] == "half_pixel"}
	if r.h, err = n.Int("output_height", 1); err != nil {
		return nil, nil, err
	}
	if r.w, err = n.Int("output_width", 1); err != nil {
		return nil, nil, err
	}
	if r.ratio, err = n.Int("sampling_ratio", 0); err != nil {
		return nil, nil, err
	}
	scale, err := n.Float("spatial_scale", 1)
	if err != nil {
		return nil, nil, err
	}
	if r.scale = float64(scale); min(r.h, r.w) < 1 || r.ratio < 0 {
		return nil, nil, n.Wrong("output of %d x %d, sampling_ratio %d", r.h, r.w, r.ratio)
	}
	if r.ratio > maxSamples {
		return nil, nil, n.Unsupported("sampling_ratio %d", r.ratio)
	}
	if err := n.Typed(2, onnxpb.Int64); err != nil {
		return nil, nil, err
	}
	return r, []tensor.DType{onnxpb.Float}, n.Float32(0, 1)
}

func (r roiAlign) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	from, err := first.picture(in[0].Shape)
	if err != nil {
		return err
	}
	rois, batch := in[1], in[2]
	if from.rank != 2 || rois.Rank() != 2 || rois.Shape[1] != 4 || batch.Len() != rois.Shape[0] {
		return fmt.Errorf("regions %v of pictures %v for %v: %w", rois, batch, in[0], quintet.ErrInput)
	}
	to := picture{n: rois.Shape[0], c: from.c, rank: 2, size: [space]int{1, r.h, r.w}}
	if err := first.newPicture(c, out[0], onnxpb.Float, to); err != nil || out[0].Len() == 0 {
		return err
	}
	if from.area() == 0 {
		return fmt.Errorf("%v has no pixel: %w", in[0], quintet.ErrInput)
	}
	x, dst := tensor.Of[float32](in[0]), tensor.Of[float32](out[0])
	box, size := tensor.Of[float32](rois), from.c*from.area()
	for i, b := range tensor.Of[int64](batch) {
		if b < 0 || b >= int64(from.n) {
			return fmt.Errorf("region %d is of picture %d, of %d: %w", i, b, from.n, quintet.ErrInput)
		}
		a, err := r.region(box[4*i:][:4], from)
		if err != nil {
			return err
		}
		a.pool(c, dst[i*to.c*to.area():][:to.c*to.area()], x[int(b)*size:][:size], from.c)
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

// region is one region under way.
type region struct {
	roiAlign
	inH, inW         int
	top, left        float64
	height, width    float64 // of the part of an output pixel
	samplesH, sample int     // along the height and the width
}

// region reads a region's corners.
func (r roiAlign) region(box []float32, p picture) (region, error) {
	offset := 0.0
	if r.half {
		offset = 0.5
	}
	left, top := float64(box[0])*r.scale-offset, float64(box[1])*r.scale-offset
	width, height := float64(box[2])*r.scale-offset-left, float64(box[3])*r.scale-offset-top
	if !r.half {
		width, height = max(width, 1), max(height, 1)
	}
	a := region{roiAlign: r, inH: p.size[1], inW: p.size[2], top: top, left: left}
	a.height, a.width = height/float64(r.h), width/float64(r.w)
	a.samplesH, a.sample = r.ratio, r.ratio
	if r.ratio > 0 {
		if !(math.Abs(top)+math.Abs(left)+math.Abs(height)+math.Abs(width) < math.MaxFloat32) {
			return a, fmt.Errorf("region %v: %w", box, quintet.ErrInput)
		}
		return a, nil
	}
	// A region of a sensible size needs a sample for each pixel; far larger
	// ones would take forever.
	if !(a.height <= float64(4*a.inH+16)) || !(a.width <= float64(4*a.inW+16)) ||
		math.IsNaN(top+left) {
		return a, fmt.Errorf("region %v in %d x %d pixels: %w", box, a.inW, a.inH, quintet.ErrInput)
	}
	a.samplesH, a.sample = int(math.Ceil(a.height)), int(math.Ceil(a.width))
	return a, nil
}

// pool computes all channels of a region.
func (a *region) pool(c *op.Ctx, dst, x []float32, channels int) {
	area := a.inH * a.inW
	count := float32(max(a.samplesH*a.sample, 1))
	for o := range a.h * a.w {
		if c.Done() != nil {
			return
		}
		oy, ox := float64(o/a.w), float64(o%a.w)
		for ch := range channels {
			dst[ch*a.h*a.w+o] = 0
		}
		for i := range max(a.samplesH, 0) {
			y := a.top + oy*a.height + (float64(i)+0.5)*a.height/float64(a.samplesH)
			for j := range max(a.sample, 0) {
				s := a.corners(y, a.left+ox*a.width+(float64(j)+0.5)*a.width/float64(a.sample))
				for ch := range channels {
					a.take(&dst[ch*a.h*a.w+o], x[ch*area:], &s, i+j == 0)
				}
			}
		}
		if !a.largest {
			for ch := range channels {
				dst[ch*a.h*a.w+o] /= count
			}
		}
	}
}

// take adds a sample to an output element, which is the first if fresh.
func (a *region) take(dst *float32, x []float32, s *corners, fresh bool) {
	if !a.largest {
		for k, at := range s.at {
			*dst += s.weight[k] * x[at]
		}
		return
	}
	best := s.weight[0] * x[s.at[0]]
	for k, at := range s.at {
		best = max(best, s.weight[k]*x[at])
	}
	if *dst = max(*dst, best); fresh {
		*dst = best
	}
}

// corners is the four pixels around a sample.
type corners struct {
	at     [4]int
	weight [4]float32
}

// corners finds them. More than a pixel outside the picture there is nothing.
func (a *region) corners(y, x float64) (s corners) {
	h, w := float64(a.inH), float64(a.inW)
	if !(y >= -1 && y <= h && x >= -1 && x <= w) {
		return s
	}
	y, x = min(max(y, 0), h-1), min(max(x, 0), w-1)
	y0, x0 := int(y), int(x)
	y1, x1 := min(y0+1, a.inH-1), min(x0+1, a.inW-1)
	dy, dx := float32(y-float64(y0)), float32(x-float64(x0))
	s.at = [4]int{y0*a.inW + x0, y0*a.inW + x1, y1*a.inW + x0, y1*a.inW + x1}
	s.weight = [4]float32{(1 - dy) * (1 - dx), (1 - dy) * dx, dy * (1 - dx), dy * dx}
	return s
}

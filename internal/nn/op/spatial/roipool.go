package spatial

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// maxRoiPool is the largest element of each part of regions of whole pixels.
// R. Girshick, Fast R-CNN, ICCV 2015.
type maxRoiPool struct {
	h, w  int // of the output
	scale float64
}

func newMaxRoiPool(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 2); err != nil {
		return nil, nil, err
	}
	size, err := n.Ints("pooled_shape")
	if err != nil {
		return nil, nil, err
	}
	scale, err := n.Float("spatial_scale", 1)
	if err != nil {
		return nil, nil, err
	}
	if len(size) != 2 || min(size[0], size[1]) < 1 || !(scale > 0) {
		return nil, nil, n.Wrong("pooled_shape %v, spatial_scale %v", size, scale)
	}
	return maxRoiPool{size[0], size[1], float64(scale)}, []tensor.DType{onnxpb.Float}, n.Float32(0, 1)
}

func (m maxRoiPool) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	from, err := first.picture(in[0].Shape)
	if err != nil {
		return err
	}
	rois := in[1]
	if from.rank != 2 || rois.Rank() != 2 || rois.Shape[1] != 5 {
		return fmt.Errorf("regions %v for %v: %w", rois, in[0], quintet.ErrInput)
	}
	to := picture{n: rois.Shape[0], c: from.c, rank: 2, size: [space]int{1, m.h, m.w}}
	if err := first.newPicture(c, out[0], onnxpb.Float, to); err != nil || out[0].Len() == 0 {
		return err
	}
	x, dst := tensor.Of[float32](in[0]), tensor.Of[float32](out[0])
	for i := range to.n {
		box := tensor.Of[float32](rois)[5*i:][:5]
		if !(box[0] >= 0 && box[0] < float32(from.n)) {
			return fmt.Errorf("region %d is of picture %v, of %d: %w", i, box[0], from.n, quintet.ErrInput)
		}
		for ch := range from.c {
			plane := x[(int(box[0])*from.c+ch)*from.area():][:from.area()]
			m.plane(dst[(i*from.c+ch)*to.area():][:to.area()], plane, box[1:], from.size[1], from.size[2])
		}
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

// plane pools a region of one channel. A part without pixels gives 0.
func (m maxRoiPool) plane(dst, x, box []float32, h, w int) {
	for o := range dst {
		top, bottom := m.part(box[1], box[3], o/m.w, m.h, h)
		left, right := m.part(box[0], box[2], o%m.w, m.w, w)
		dst[o] = 0
		for y := top; y < bottom; y++ {
			for i := left; i < right; i++ {
				if v := x[y*w+i]; v > dst[o] || y == top && i == left {
					dst[o] = v
				}
			}
		}
	}
}

// part returns the pixels [lo, hi) of part o of parts of a region on an axis of n.
func (m maxRoiPool) part(begin, end float32, o, parts, n int) (lo, hi int) {
	from := math.Floor(float64(begin)*m.scale + 0.5)
	size := math.Max(math.Floor(float64(end)*m.scale+0.5)-from+1, 1) / float64(parts)
	bound := func(x float64) int { return pixel(x, n+1) }
	return bound(math.Floor(float64(o)*size) + from), bound(math.Ceil(float64(o+1)*size) + from)
}

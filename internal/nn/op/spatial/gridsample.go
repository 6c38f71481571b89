package spatial

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// gridSample takes pixels of pictures at the places that a grid names, of which
// (-1, -1) is the upper left and (1, 1) the lower right end.
type gridSample struct {
	layout  layout
	mode    mode
	beyond  beyond
	corners bool // the ends are the centres of the corner pixels
}

// beyond is what lies outside a picture.
type beyond int

const (
	zeros beyond = iota
	border
	reflection
)

func newGridSample(l layout) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := n.Inputs(2, 2); err != nil {
			return nil, nil, err
		}
		if v := n.In[0]; v.Ranked && len(v.Shape) != 4 {
			return nil, nil, n.Unsupported("%d dimensions", len(v.Shape))
		}
		// Version 20 has other names for the modes.
		m, err := choice(n, "mode", "bilinear", "linear", "nearest", "bicubic", "cubic")
		if err != nil {
			return nil, nil, err
		}
		pad, err := choice(n, "padding_mode", "zeros", "border", "reflection")
		if err != nil {
			return nil, nil, err
		}
		g := gridSample{layout: l, mode: [...]mode{linear, linear, nearest, cubic, cubic}[m], beyond: beyond(pad)}
		if g.corners, err = n.Flag("align_corners", false); err != nil {
			return nil, nil, err
		}
		return g, []tensor.DType{onnxpb.Float}, n.Float32(0, 1)
	}
}

func (s gridSample) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	from, err := s.layout.picture(in[0].Shape)
	if err != nil {
		return err
	}
	grid := in[1].Shape
	if from.rank != 2 || len(grid) != 4 || grid[0] != from.n || grid[3] != 2 {
		return fmt.Errorf("grid %v for %v: %w", in[1], in[0], quintet.ErrInput)
	}
	to := from
	to.size = [space]int{1, grid[1], grid[2]}
	if err := s.layout.newPicture(c, out[0], onnxpb.Float, to); err != nil || out[0].Len() == 0 {
		return err
	}
	if from.area() == 0 {
		return fmt.Errorf("%v has no pixel: %w", in[0], quintet.ErrInput)
	}
	x, g, dst := tensor.Of[float32](in[0]), tensor.Of[float32](in[1]), tensor.Of[float32](out[0])
	size, room := from.c*from.area(), to.c*to.area()
	for i := range from.n {
		k := samples{
			gridSample: s, h: from.size[1], w: from.size[2], c: from.c, area: to.area(),
			x: x[i*size:][:size], grid: g[i*to.area()*2:], dst: dst[i*room:][:room],
		}
		if parallel(c, room) {
			k.split(c)
		} else {
			k.pixels(0, k.area)
		}
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

// samples is one picture under way.
type samples struct {
	gridSample
	h, w, c, area int
	x, grid, dst  []float32
}

func (k samples) split(c *op.Ctx) {
	c.Split(k.area, 64, func(lo, hi, _ int) { k.pixels(lo, hi) })
}

// spots is the pixels that one place is made of, with their weights.
type spots struct {
	n      int
	at     [16]int
	weight [16]float32
}

// pixels computes the output pixels [lo, hi).
func (k *samples) pixels(lo, hi int) {
	inBy, outBy := k.h*k.w, k.area // floats between channels
	if k.layout == last {
		inBy, outBy = 1, 1
	}
	var s spots
	for i := lo; i < hi; i++ {
		k.locate(&s, float64(k.grid[2*i]), float64(k.grid[2*i+1]))
		to := i
		if k.layout == last {
			if to *= k.c; k.c >= short {
				k.row(k.dst[to:][:k.c], &s)
				continue
			}
		}
		for ch := range k.c {
			sum := float32(0)
			for j, at := range s.at[:s.n] {
				sum += s.weight[j] * k.x[at+ch*inBy]
			}
			k.dst[to+ch*outBy] = sum
		}
	}
}

// row computes one output pixel of many channels.
func (k *samples) row(dst []float32, s *spots) {
	if s.n == 0 {
		clear(dst)
		return
	}
	vec.MulScalar(dst, k.x[s.at[0]:][:len(dst)], s.weight[0])
	for j := 1; j < s.n; j++ {
		vec.Axpy(dst, k.x[s.at[j]:][:len(dst)], s.weight[j])
	}
}

// locate finds the pixels of a place of the grid.
func (k *samples) locate(s *spots, x, y float64) {
	var xs, ys [4]int
	var wx, wy [4]float64
	nx := k.along(&xs, &wx, x, k.w)
	ny := k.along(&ys, &wy, y, k.h)
	by := 1
	if k.layout == last {
		by = k.c
	}
	s.n = 0
	for j := range ny {
		for i := range nx {
			if xs[i] >= 0 && ys[j] >= 0 {
				s.at[s.n], s.weight[s.n] = (ys[j]*k.w+xs[i])*by, float32(wx[i]*wy[j])
				s.n++
			}
		}
	}
}

// along finds the pixels of one axis of n, -1 for those that count as zero, and
// their weights.
func (k *samples) along(at *[4]int, weight *[4]float64, place float64, n int) int {
	const far = 1 << 30 // where no picture is
	x := ((place+1)*float64(n) - 1) / 2
	if k.corners {
		x = (place + 1) / 2 * float64(n-1)
	}
	if x = max(min(x, far), -far); x != x {
		x = -far
	}
	if k.mode == nearest {
		at[0], weight[0] = k.pixel(math.RoundToEven(x), n), 1
		return 1
	}
	left := math.Floor(x)
	part := x - left
	if k.mode == linear {
		at[0], weight[0] = k.pixel(left, n), 1-part
		at[1], weight[1] = k.pixel(left+1, n), part
		return 2
	}
	for i := range at {
		d := float64(i - 1)
		at[i], weight[i] = k.pixel(left+d, n), keys(math.Abs(d-part), -0.75)
	}
	return 4
}

// pixel returns the pixel that stands for whole number x on an axis of n, -1 if
// none does.
func (k *samples) pixel(x float64, n int) int {
	if x >= 0 && x < float64(n) {
		return int(x)
	}
	switch k.beyond {
	case zeros:
		return -1
	case reflection:
		low, span := -0.5, float64(n)
		if k.corners {
			low, span = 0, float64(n-1)
		}
		if span > 0 {
			// There and back again is the period of the reflection.
			turn := math.Mod(math.Abs(x-low), 2*span)
			x = math.Round(low + min(turn, 2*span-turn))
		}
	}
	return pixel(x, n)
}

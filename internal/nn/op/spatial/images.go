package spatial

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// images hands out the images of a batch one after the other, channels last. In
// a layout with the channels first, they are copies.
type images struct {
	layout  layout
	in, out picture
	x, dst  []float32
	xs, ds  []float32 // the copies, nil where none are needed
}

func newImages(c *op.Ctx, l layout, in, out picture, x, dst *tensor.Tensor) (images, error) {
	m := images{layout: l, in: in, out: out, x: tensor.Of[float32](x), dst: tensor.Of[float32](dst)}
	var err error
	if swaps(l, in) {
		if m.xs, err = op.Scratch[float32](c, in.c*in.area()); err != nil {
			return m, err
		}
	}
	if swaps(l, out) {
		m.ds, err = op.Scratch[float32](c, out.c*out.area())
	}
	return m, err
}

// swaps reports whether the elements of p lie in another order with the channels
// last.
func swaps(l layout, p picture) bool { return l == first && p.c != 1 && p.area() != 1 }

// open returns image i and the room for its result.
func (m *images) open(i int) (x, dst []float32) {
	size := m.in.c * m.in.area()
	x = m.x[i*size:][:size]
	if m.xs != nil {
		vec.Transpose(m.xs, m.in.c, x, m.in.area(), m.in.c, m.in.area())
		x = m.xs
	}
	if m.ds != nil {
		return x, m.ds
	}
	size = m.out.c * m.out.area()
	return x, m.dst[i*size:][:size]
}

// done brings the result of image i to its place.
func (m *images) done(i int) {
	if m.ds == nil {
		return
	}
	size := m.out.c * m.out.area()
	vec.Transpose(m.dst[i*size:][:size], m.out.area(), m.ds, m.out.c, m.out.area(), m.out.c)
}

package spatial

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// pool is MaxPool or AveragePool of float32. Either is done row by row: first
// the rows below each other in the window become one, in long vectors, then the
// pixels beside each other.
type pool struct {
	layout  layout
	window  window
	average bool
	padded  bool // count_include_pad
}

func newAveragePool(l layout) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		w, err := newPoolWindow(n)
		if err != nil {
			return nil, nil, err
		}
		p := &pool{layout: l, window: w, average: true}
		if p.padded, err = n.Flag("count_include_pad", false); err != nil {
			return nil, nil, err
		}
		return p, []tensor.DType{onnxpb.Float}, n.Float32(0)
	}
}

// newPoolWindow reads the window of a node with one input, which must say the
// shape of its kernel.
func newPoolWindow(n *op.Node) (window, error) {
	if err := n.Inputs(1, 1); err != nil {
		return window{}, err
	}
	w, err := newWindow(n)
	if err == nil && !w.shaped {
		err = n.Wrong("lacks kernel_shape")
	}
	return w, err
}

// poolRows is what a worker needs: the rows of a window, the one they make, and
// that one pooled at every pixel.
type poolRows struct {
	rows     [][]float32
	one, all []float32
}

func (p *pool) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	from, err := p.layout.picture(in[0].Shape)
	if err != nil {
		return err
	}
	g, err := p.window.resolve(from, p.window.kernel)
	if err != nil {
		return err
	}
	to := g.picture(from, from.c)
	if err := p.layout.newPicture(c, out[0], onnxpb.Float, to); err != nil || out[0].Len() == 0 {
		return err
	}
	m, err := newImages(c, p.layout, from, to, in[0], out[0])
	if err != nil {
		return err
	}
	for i := range from.n {
		x, dst := m.open(i)
		p.image(c, &g, dst, x, from.c)
		m.done(i)
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

// image pools one image of ch channels.
func (p *pool) image(c *op.Ctx, g *grid, dst, x []float32, ch int) {
	if parallel(c, len(dst)) {
		p.split(c, *g, dst, x, ch)
		return
	}
	p.rows(c, g, dst, x, ch, 0, g[0].out*g[1].out, op.StateOf[poolRows](c, 0, "spatial.pool"))
}

// split is image on all threads.
func (p *pool) split(c *op.Ctx, g grid, dst, x []float32, ch int) {
	for w := range c.Threads() {
		op.StateOf[poolRows](c, w, "spatial.pool")
	}
	c.Split(g[0].out*g[1].out, 1, func(lo, hi, worker int) {
		p.rows(c, &g, dst, x, ch, lo, hi, op.StateOf[poolRows](c, worker, "spatial.pool"))
	})
}

// rows computes the output rows [lo, hi) of an image.
func (p *pool) rows(c *op.Ctx, g *grid, dst, x []float32, ch, lo, hi int, s *poolRows) {
	wide, out := g[2].in*ch, g[2].out*ch
	if len(s.one) < wide {
		s.one, s.all = make([]float32, wide), make([]float32, wide)
	}
	for r := lo; r < hi && c.Done() == nil; r++ {
		d, h := r/g[1].out, r%g[1].out
		atD, loD, hiD := g[0].taps(d)
		atH, loH, hiH := g[1].taps(h)
		s.rows = s.rows[:0]
		for i := loD; i < hiD; i++ {
			for j := loH; j < hiH; j++ {
				at := ((atD+i*g[0].dilation)*g[1].in + atH + j*g[1].dilation) * wide
				s.rows = append(s.rows, x[at:at+wide])
			}
		}
		row := dst[r*out:][:out]
		switch {
		case len(s.rows) == 0:
			p.nothing(row)
		case p.average:
			vec.SumOfRows(s.one[:wide], s.rows, 1)
			count := (hiD - loD) * (hiH - loH)
			if p.padded {
				count = g[0].counted(d) * g[1].counted(h)
			}
			p.row(&g[2], row, s.one[:wide], ch, count, s)
		case len(s.rows) == 1:
			p.row(&g[2], row, s.rows[0], ch, 1, s)
		default:
			vec.MaxOfRows(s.one[:wide], s.rows)
			p.row(&g[2], row, s.one[:wide], ch, 1, s)
		}
	}
}

// nothing is the result of windows without an element.
func (p *pool) nothing(dst []float32) {
	v := float32(math.Inf(-1))
	if p.average {
		v = 0
	}
	for i := range dst {
		dst[i] = v
	}
}

// row pools along the width: x is what the rows of the window have become, of
// count rows.
func (p *pool) row(a *axis, dst, x []float32, ch, count int, s *poolRows) {
	whole := a.in - (a.kernel-1)*a.dilation // places where a window is whole
	every := a.stride == 2 && ch <= narrow && a.kernel > 1 && whole > 0
	if every {
		p.combine(a, s.all[:whole*ch], x, ch, a.kernel*count, 0, a.kernel, s)
	}
	for o := 0; o < a.out; {
		at, lo, hi := a.taps(o)
		if hi-lo == a.kernel && every {
			copy(dst[o*ch:(o+1)*ch], s.all[at*ch:])
			o++
			continue
		}
		pixels := 1
		if a.stride == 1 && hi-lo == a.kernel {
			// Neighbours whose windows are whole are one long vector.
			pixels = max(min(whole-at, a.out-o), 1)
		}
		n := hi - lo
		if p.padded {
			n = a.counted(o)
		}
		part := dst[o*ch : (o+pixels)*ch]
		if lo == hi {
			p.nothing(part)
		} else {
			p.combine(a, part, x[at*ch+lo*a.dilation*ch:], ch, n*count, lo, hi, s)
		}
		o += pixels
	}
}

// narrow is the number of channels up to which pooling at every other pixel is
// slower than at every pixel, in long vectors, of which half are then copied.
const narrow = 128

// combine pools taps [lo, hi) of a row, the first of which is x: n elements to
// each mean.
func (p *pool) combine(a *axis, dst, x []float32, ch, n, lo, hi int, s *poolRows) {
	s.rows = s.rows[:0]
	for k := range hi - lo {
		s.rows = append(s.rows, x[k*a.dilation*ch:][:len(dst)])
	}
	if p.average {
		vec.SumOfRows(dst, s.rows, 1/float32(n))
	} else {
		vec.MaxOfRows(dst, s.rows)
	}
}

package spatial

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// lpPool is the p-norm of windows, element by element.
type lpPool struct {
	window window
	p      float64
}

func newLpPool(n *op.Node) (op.Op, []tensor.DType, error) {
	w, err := newPoolWindow(n)
	if err != nil {
		return nil, nil, err
	}
	p, err := exponent(n)
	if err != nil {
		return nil, nil, err
	}
	return lpPool{w, p}, []tensor.DType{onnxpb.Float}, n.Float32(0)
}

func (l lpPool) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	from, err := first.picture(in[0].Shape)
	if err != nil {
		return err
	}
	g, err := l.window.resolve(from, l.window.kernel)
	if err != nil {
		return err
	}
	to := g.picture(from, from.c)
	if err := first.newPicture(c, out[0], onnxpb.Float, to); err != nil || out[0].Len() == 0 {
		return err
	}
	x, dst := tensor.Of[float32](in[0]), tensor.Of[float32](out[0])
	for i := range from.n * from.c {
		l.plane(c, &g, dst[i*to.area():], x[i*from.area():])
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

func (l lpPool) plane(c *op.Ctx, g *grid, dst, x []float32) {
	o := 0
	for d := range g[0].out {
		for h := range g[1].out {
			if c.Done() != nil {
				return
			}
			for w := range g[2].out {
				dst[o] = float32(l.norm(g, d, h, w, x))
				o++
			}
		}
	}
}

func (l lpPool) norm(g *grid, d, h, w int, x []float32) float64 {
	atD, loD, hiD := g[0].taps(d)
	atH, loH, hiH := g[1].taps(h)
	atW, loW, hiW := g[2].taps(w)
	sum := 0.0
	for i := loD; i < hiD; i++ {
		for j := loH; j < hiH; j++ {
			row := ((atD+i*g[0].dilation)*g[1].in + atH + j*g[1].dilation) * g[2].in
			for k := loW; k < hiW; k++ {
				sum += math.Pow(math.Abs(float64(x[row+atW+k*g[2].dilation])), l.p)
			}
		}
	}
	return math.Pow(sum, 1/l.p)
}

package spatial

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func newMaxPool(l layout) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		w, err := newPoolWindow(n)
		if err != nil {
			return nil, nil, err
		}
		columns, err := n.Flag("storage_order", false)
		if err != nil {
			return nil, nil, err
		}
		if len(n.Out) > 2 {
			return nil, nil, n.Wrong("has %d outputs", len(n.Out))
		}
		types := []tensor.DType{n.Dtype(0), onnxpb.Int64}[:max(len(n.Out), 1)]
		if types[0] == onnxpb.Float && !n.Wants(1) {
			return &pool{layout: l, window: w}, types, nil
		}
		if l == last {
			return nil, nil, n.Unsupported("channels last of %s, or with indices", types[0])
		}
		i := indexed{window: w, columns: columns}
		switch types[0] {
		case onnxpb.Float:
			return maxPool[float32]{i, float32(math.Inf(-1))}, types, nil
		case onnxpb.Double:
			return maxPool[float64]{i, math.Inf(-1)}, types, nil
		case onnxpb.Int8:
			return maxPool[int8]{i, math.MinInt8}, types, nil
		case onnxpb.Uint8:
			return maxPool[uint8]{i, 0}, types, nil
		}
		return nil, nil, n.Unsupported("input 0 of %s", types[0])
	}
}

// indexed is a MaxPool that may say where its maxima are.
type indexed struct {
	window  window
	columns bool // indices count the outermost spatial dimension fastest
}

// maxPool is the MaxPool of any type, element by element, channels first.
type maxPool[T float32 | float64 | int8 | uint8] struct {
	indexed
	lowest T
}

func (m maxPool[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	from, err := first.picture(in[0].Shape)
	if err != nil {
		return err
	}
	g, err := m.window.resolve(from, m.window.kernel)
	if err != nil {
		return err
	}
	to := g.picture(from, from.c)
	var dst []T
	var index []int64
	if out[0] != nil {
		if err := first.newPicture(c, out[0], in[0].Type, to); err != nil {
			return err
		}
		dst = tensor.Of[T](out[0])
	}
	if len(out) > 1 && out[1] != nil {
		if err := first.newPicture(c, out[1], onnxpb.Int64, to); err != nil {
			return err
		}
		index = tensor.Of[int64](out[1])
	}
	if to.n*to.c == 0 {
		return nil
	}
	x := tensor.Of[T](in[0])
	for i := range from.n * from.c {
		m.plane(c, &g, i, dst, index, x)
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

// plane pools plane number i of all.
func (m maxPool[T]) plane(c *op.Ctx, g *grid, i int, dst []T, index []int64, x []T) {
	base := i * g[0].in * g[1].in * g[2].in
	o := i * g[0].out * g[1].out * g[2].out
	for d := range g[0].out {
		for h := range g[1].out {
			if c.Done() != nil {
				return
			}
			for w := range g[2].out {
				best, at := m.window1(g, d, h, w, x[base:])
				if dst != nil {
					dst[o] = best
				}
				if index != nil {
					index[o] = int64(base + m.place(g, at))
				}
				o++
			}
		}
	}
}

// window1 returns the largest element of a window, the first of equal ones, NaN
// above all, and its place in the plane x.
func (m maxPool[T]) window1(g *grid, d, h, w int, x []T) (best T, at int) {
	atD, loD, hiD := g[0].taps(d)
	atH, loH, hiH := g[1].taps(h)
	atW, loW, hiW := g[2].taps(w)
	best, at = m.lowest, -1
	for i := loD; i < hiD; i++ {
		for j := loH; j < hiH; j++ {
			row := ((atD+i*g[0].dilation)*g[1].in + atH + j*g[1].dilation) * g[2].in
			for k := loW; k < hiW; k++ {
				p := row + atW + k*g[2].dilation
				if v := x[p]; v > best || at < 0 || v != v && best == best {
					best, at = v, p
				}
			}
		}
	}
	return best, max(at, 0)
}

// place is the number of a pixel in the order that was asked for.
func (m indexed) place(g *grid, at int) int {
	if !m.columns {
		return at
	}
	d, h, w := at/(g[1].in*g[2].in), at/g[2].in%g[1].in, at%g[2].in
	if m.window.rank < 3 {
		return h + w*g[1].in
	}
	return d + (h+w*g[1].in)*g[0].in
}

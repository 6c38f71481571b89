package reduce

import "github.com/quintet-ai/quintet/internal/nn/tensor"

// groups is the shape of the input with neighbouring dimensions joined that are
// both reduced or both kept. It lives on the stack of one Run.
type groups struct {
	nd      int
	dims    [tensor.MaxRank]int
	stride  [tensor.MaxRank]int // with which the output moves; 0 for reduced dimensions
	reduced [tensor.MaxRank]bool
	kept    int // elements of the output
	count   int // elements of the input for each of them
}

// set joins the dimensions of shape, of which bit i of axes says whether it is
// reduced. The product of the shape has been checked.
func (g *groups) set(shape []int, axes uint) {
	*g = groups{kept: 1, count: 1}
	for i, d := range shape {
		reduced := axes>>i&1 != 0
		if reduced {
			g.count *= d
		} else {
			g.kept *= d
		}
		switch {
		case d == 1:
		case g.nd > 0 && g.reduced[g.nd-1] == reduced:
			g.dims[g.nd-1] *= d
		default:
			g.dims[g.nd], g.reduced[g.nd] = d, reduced
			g.nd++
		}
	}
	if g.nd == 0 {
		g.dims[0], g.nd = 1, 1
		g.reduced[0] = axes != 0
	}
	step := 1
	for i := g.nd - 1; i >= 0; i-- {
		if !g.reduced[i] {
			g.stride[i] = step
			step *= g.dims[i]
		}
	}
}

// inner is the length of the stretches that lie together in the input.
func (g *groups) inner() int { return g.dims[g.nd-1] }

// innerReduced says whether such a stretch goes into one element of the output.
func (g *groups) innerReduced() bool { return g.reduced[g.nd-1] }

// walk calls f for every stretch of those with an outermost index in [lo, hi),
// in the order of the input: with the place of its first element in the input
// and where that goes in the output. If there is one dimension only, lo and hi
// do not count.
func (g *groups) walk(lo, hi int, f func(x, y int)) {
	if g.kept == 0 || g.count == 0 {
		return
	}
	var index [tensor.MaxRank]int
	outer, x, y := 1, 0, 0
	for d := range g.nd - 1 {
		outer *= g.dims[d]
	}
	if g.nd > 1 {
		index[0], y = lo, lo*g.stride[0]
		x = lo * (outer / g.dims[0]) * g.inner()
		outer = outer / g.dims[0] * (hi - lo)
	}
	for range outer {
		f(x, y)
		x += g.inner()
		for d := g.nd - 2; d >= 0; d-- {
			index[d]++
			y += g.stride[d]
			if index[d] < g.dims[d] || d == 0 {
				break
			}
			y -= g.stride[d] * g.dims[d]
			index[d] = 0
		}
	}
}

package spatial

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// gather copies an array of which each axis is picked apart by a list of places.
type gather struct {
	levels int // axes, up to the last that has a list
	axis   [tensor.MaxRank]picked
}

// picked is one axis of a gather.
type picked struct {
	index       []int32 // nil: every place in order
	out         int
	inBy, outBy int // bytes between places
}

func newGather(p *plan, table *[tensor.MaxRank]taps, size int) gather {
	var g gather
	in, out := size, size
	for i := p.rank - 1; i >= 0; i-- {
		a := &g.axis[i]
		a.index, a.out, a.inBy, a.outBy = table[i].index, p.axis[i].out, in, out
		in, out = in*p.axis[i].in, out*p.axis[i].out
		if a.index != nil && g.levels == 0 {
			g.levels = i + 1
		}
	}
	return g
}

// run fills dst, which is not empty, from src.
func (g *gather) run(c *op.Ctx, dst, src []byte) {
	if g.levels == 0 {
		copy(dst, src)
		return
	}
	level := 0
	for level < g.levels-1 && g.axis[level].out == 1 {
		a := &g.axis[level]
		if a.index != nil {
			src = src[int(a.index[0])*a.inBy:]
		}
		level++
	}
	if !parallel(c, len(dst)/4) {
		g.copy(level, dst, src, 0, g.axis[level].out)
		return
	}
	g.split(c, level, dst, src)
}

func (g gather) split(c *op.Ctx, level int, dst, src []byte) {
	c.Split(g.axis[level].out, 1, func(lo, hi, _ int) { g.copy(level, dst, src, lo, hi) })
}

// copy fills the places [lo, hi) of an axis. A place that is that of its
// predecessor is copied from there.
func (g *gather) copy(level int, dst, src []byte, lo, hi int) {
	a := &g.axis[level]
	if level == g.levels-1 && a.elements(dst, src, lo, hi) {
		return
	}
	for i := lo; i < hi; i++ {
		to, j := dst[i*a.outBy:][:a.outBy], i
		if a.index != nil {
			if j = int(a.index[i]); i > lo && a.index[i] == a.index[i-1] {
				copy(to, dst[(i-1)*a.outBy:])
				continue
			}
		}
		if from := src[j*a.inBy:][:a.inBy]; level == g.levels-1 {
			copy(to, from)
		} else {
			g.copy(level+1, to, from, 0, g.axis[level+1].out)
		}
	}
}

// elements is copy where a place holds one element of a size that Go has a type
// for; otherwise it reports false.
func (a *picked) elements(dst, src []byte, lo, hi int) bool {
	switch {
	case a.inBy != a.outBy:
		return false
	case a.inBy == 1:
		pick(dst[lo:hi], src, a.index[lo:hi])
	case a.inBy == 2:
		pick(as[uint16](dst, onnxpb.Uint16)[lo:hi], as[uint16](src, onnxpb.Uint16), a.index[lo:hi])
	case a.inBy == 4:
		pick(as[uint32](dst, onnxpb.Uint32)[lo:hi], as[uint32](src, onnxpb.Uint32), a.index[lo:hi])
	case a.inBy == 8:
		pick(as[uint64](dst, onnxpb.Uint64)[lo:hi], as[uint64](src, onnxpb.Uint64), a.index[lo:hi])
	default:
		return false
	}
	return true
}

// as looks at bytes as elements of T, which typ names.
func as[T tensor.Elem](b []byte, typ tensor.DType) []T {
	return tensor.Of[T](&tensor.Tensor{Type: typ, Data: b})
}

func pick[T tensor.Elem](dst, src []T, index []int32) {
	for i, j := range index {
		dst[i] = src[j]
	}
}

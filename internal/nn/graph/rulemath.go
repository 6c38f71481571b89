package graph

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func matmul(f inference) { f.product(f.n.In[0].Type) }

func matmulInteger(f inference) { f.product(onnxpb.Int32) }

// product is the shape of a matrix product as numpy defines it.
func (f inference) product(typ tensor.DType) {
	a, b := f.n.In[0], f.n.In[1]
	if a.Rank() < 1 || b.Rank() < 1 {
		f.typed(0, typ)
		return
	}
	x, y := a.Shape, b.Shape
	var tail []Dim
	if len(x) == 1 {
		x = []Dim{number(1), x[0]}
	} else {
		tail = append(tail, x[len(x)-2])
	}
	if len(y) == 1 {
		y = []Dim{y[0], number(1)}
	} else {
		tail = append(tail, y[len(y)-1])
	}
	f.set(0, typ, append(f.broadcast(x[:len(x)-2], y[:len(y)-2]), tail...))
}

// linear is the fused product with a matrix of constants.
func linear(f inference) {
	x, w := f.n.In[0], f.n.In[1]
	if x.Rank() < 1 || w.Rank() != 2 {
		f.typed(0, onnxpb.Float)
		return
	}
	out := dims(x)
	out[len(out)-1] = w.Shape[1]
	if f.n.Int("transposed", 0) != 0 {
		out[len(out)-1] = w.Shape[0]
	}
	f.set(0, onnxpb.Float, out)
}

func gemm(f inference) {
	a, b := f.n.In[0], f.n.In[1]
	if a.Rank() != 2 || b.Rank() != 2 {
		f.rank(0, a.Type, 2)
		return
	}
	m, n := a.Shape[0], b.Shape[1]
	if f.n.Int("transA", 0) != 0 {
		m = a.Shape[1]
	}
	if f.n.Int("transB", 0) != 0 {
		n = b.Shape[0]
	}
	f.set(0, a.Type, []Dim{m, n})
}

func reduce(f inference) { f.reduced(f.n.In[0].Type, false) }

func argReduce(f inference) { f.reduced(onnxpb.Int64, true) }

func (f inference) reduced(typ tensor.DType, single bool) {
	x := f.n.In[0]
	if !x.Ranked {
		f.typed(0, typ)
		return
	}
	var axes []int
	switch {
	case single:
		a, ok := axis(f.n.Int("axis", 0), len(x.Shape))
		if !ok {
			f.typed(0, typ)
			return
		}
		axes = []int{a}
	case f.n.Attr("axes") == nil && f.n.Input(1) == nil:
		if f.n.Int("noop_with_empty_axes", 0) != 0 {
			f.set(0, typ, x.Shape)
			return
		}
		for i := range x.Shape {
			axes = append(axes, i)
		}
	default:
		var ok bool
		if axes, ok = f.axes(1, len(x.Shape)); !ok || len(axes) == 0 {
			if f.n.Int("keepdims", 1) != 0 {
				f.rank(0, typ, len(x.Shape))
				return
			}
			f.typed(0, typ)
			return
		}
	}
	out := []Dim{}
	for i, d := range x.Shape {
		switch {
		case !slices.Contains(axes, i):
			out = append(out, d)
		case f.n.Int("keepdims", 1) != 0:
			out = append(out, number(1))
		}
	}
	f.set(0, typ, out)
}

func globalPool(f inference)     { f.pooled(2) }
func globalPoolLast(f inference) { f.pooled(1) }

// pooled is a shape in which all dimensions from the one at first on are 1, except
// the last if first is 1: then channels are last.
func (f inference) pooled(first int) {
	x := f.n.In[0]
	if x.Rank() < 3 {
		f.typed(0, x.Type)
		return
	}
	out := dims(x)
	end := len(out)
	if first == 1 {
		end--
	}
	for i := first; i < end; i++ {
		out[i] = number(1)
	}
	f.set(0, x.Type, out)
}

// convolution is the shape of a convolution whose channels are at the given
// dimension, -1 for the last, and whose weights have them at weight.
func convolution(channels, weight int) func(f inference) {
	return func(f inference) {
		x, w := f.n.In[0], f.n.In[1]
		rank := w.Rank()
		if rank < 3 || x.Ranked && x.Rank() != rank {
			f.typed(0, x.Type)
			return
		}
		out := f.fresh(rank)
		if x.Ranked {
			out[0] = x.Shape[0]
		}
		out[(channels+rank)%rank] = w.Shape[weight]
		first := 2
		if channels < 0 {
			first = 1
		}
		for i := range rank - 2 {
			if d, ok := f.window(x, w, first+i, i); ok {
				out[first+i] = d
			}
		}
		f.set(0, x.Type, out)
	}
}

// window is what a convolution leaves of dimension at of x, the i-th in space.
func (f inference) window(x, w *Value, at, i int) (Dim, bool) {
	if !x.Ranked {
		return Dim{}, false
	}
	return f.slide(x.Shape[at], w.Shape[2+i], i, w.Rank()-2)
}

// slide is how many places a window of length k has in a dimension n, the i-th of
// those in space.
func (f inference) slide(n, k Dim, i, space int) (Dim, bool) {
	item := func(name string, i int, def int64) int64 {
		if all := f.n.Ints(name); i < len(all) {
			return all[i]
		}
		return def
	}
	size, ok := k.Known()
	s, d := item("strides", i, 1), item("dilations", i, 1)
	p := item("pads", i, 0) + item("pads", space+i, 0)
	if !ok || f.n.Text("auto_pad", "NOTSET") != "NOTSET" || f.n.Int("ceil_mode", 0) != 0 || s < 1 || d < 1 || size < 1 ||
		max(size, d, s) > bound || p < -bound || p > bound {
		return Dim{}, false
	}
	if s == 1 && p == d*(size-1) {
		return n, true // whatever it is
	}
	length, ok := n.Known()
	left := length + p - d*(size-1) - 1
	if !ok || length > bound || left < 0 {
		return Dim{}, false
	}
	return number(left/s + 1), true
}

// pool is the shape of a pooling whose channels are at the given dimension, -1 for
// the last.
func pool(channels int) func(f inference) {
	return func(f inference) {
		x := f.n.In[0]
		kernel := f.n.Ints("kernel_shape")
		rank := len(kernel) + 2
		if x.Rank() != rank {
			sameRank(f)
			return
		}
		out := f.fresh(rank)
		first := 2
		if channels < 0 {
			first = 1
		}
		out[0], out[(channels+rank)%rank] = x.Shape[0], x.Shape[(channels+rank)%rank]
		for i, k := range kernel {
			if d, ok := f.slide(x.Shape[first+i], number(k), i, len(kernel)); ok {
				out[first+i] = d
			}
		}
		f.set(0, x.Type, out)
		if f.n.Output(1) != nil {
			f.set(1, onnxpb.Int64, out)
		}
	}
}

func transposedConvolution(channels int) func(f inference) {
	return func(f inference) {
		x, w := f.n.In[0], f.n.In[1]
		rank := w.Rank()
		if rank < 3 {
			f.typed(0, x.Type)
			return
		}
		out := f.fresh(rank)
		if x.Rank() == rank {
			out[0] = x.Shape[0]
		}
		if m, ok := w.Shape[1].Known(); ok && m < bound {
			out[(channels+rank)%rank] = number(m * max(1, min(f.n.Int("group", 1), bound)))
		}
		f.set(0, x.Type, out)
	}
}

func topK(f inference) {
	x := f.n.In[0]
	if !x.Ranked {
		f.typed(0, x.Type)
		f.typed(1, onnxpb.Int64)
		return
	}
	out := dims(x)
	if at, ok := axis(f.n.Int("axis", -1), len(out)); ok {
		out[at] = f.g.symbol()
	} else {
		out = f.fresh(len(out))
	}
	f.set(0, x.Type, out)
	f.set(1, onnxpb.Int64, out)
}

func oneHot(f inference) {
	if r := f.n.In[0].Rank(); r >= 0 {
		f.rank(0, f.n.In[2].Type, r+1)
		return
	}
	f.typed(0, f.n.In[2].Type)
}

func recurrent(f inference) {
	typ := f.n.In[0].Type
	f.rank(0, typ, 4)
	f.rank(1, typ, 3)
	f.rank(2, typ, 3)
}

func quantize(f inference) {
	typ := onnxpb.Uint8
	if z := f.n.Input(2); z != nil {
		typ = z.Type
	}
	f.like(0, typ, f.n.In[0])
}

func dynamicQuantize(f inference) {
	f.like(0, onnxpb.Uint8, f.n.In[0])
	f.set(1, onnxpb.Float, []Dim{})
	f.set(2, onnxpb.Uint8, []Dim{})
}

// attention has the shape of its query, a third as wide where that is packed.
func attention(f inference) {
	q := f.n.In[0]
	if !q.Ranked || len(q.Shape) == 0 {
		f.typed(0, q.Type)
		return
	}
	out := dims(q)
	last := len(out) - 1
	if f.n.Int("packed", 0) != 0 {
		n, ok := out[last].Known()
		if out[last] = f.g.symbol(); ok {
			out[last] = number(n / 3)
		}
	} else if v := f.n.Input(2); v.Rank() == len(out) {
		out[last] = v.Shape[last]
	}
	f.set(0, q.Type, out)
}

// headAttention has the shape of its query, as wide as the value, with the heads
// joined if asked.
func headAttention(f inference) {
	q, v := f.n.In[0], f.n.In[2]
	if q.Rank() != 4 || v.Rank() != 4 {
		f.typed(0, q.Type)
		return
	}
	if f.n.Int("merge", 0) == 0 {
		f.set(0, q.Type, []Dim{q.Shape[0], q.Shape[1], q.Shape[2], v.Shape[3]})
		return
	}
	width := f.g.symbol()
	heads, ok1 := q.Shape[1].Known()
	each, ok2 := v.Shape[3].Known()
	if ok1 && ok2 && heads > 0 && each < bound/heads {
		width = number(heads * each)
	}
	f.set(0, q.Type, []Dim{q.Shape[0], q.Shape[2], width})
}

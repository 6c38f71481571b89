package graph

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func transpose(f inference) {
	x := f.n.In[0]
	if !x.Ranked {
		f.typed(0, x.Type)
		return
	}
	perm := f.n.Ints("perm")
	out := make([]Dim, len(x.Shape))
	for i := range out {
		from := len(out) - 1 - i
		if perm != nil {
			if len(perm) != len(out) || perm[i] < 0 || perm[i] >= int64(len(out)) {
				f.rank(0, x.Type, len(out))
				return
			}
			from = int(perm[i])
		}
		out[i] = x.Shape[from]
	}
	f.set(0, x.Type, out)
}

func reshape(f inference) {
	x, shape := f.n.In[0], f.n.In[1]
	switch {
	case shape.Elems != nil:
		f.set(0, x.Type, f.reshaped(x, shape.Elems))
	case shape.Rank() == 1:
		if n, ok := shape.Shape[0].Known(); ok && n <= tensor.MaxRank {
			f.rank(0, x.Type, int(n))
			return
		}
		f.typed(0, x.Type)
	default:
		f.typed(0, x.Type)
	}
}

// reshaped is the shape of x as the elements of Reshape's second input ask for.
func (f inference) reshaped(x *Value, want []Dim) []Dim {
	out := slices.Clone(want)
	open := -1
	for i, d := range out {
		switch {
		case d.Is(0) && f.n.Int("allowzero", 0) == 0:
			out[i] = f.g.symbol()
			if x.Ranked && i < len(x.Shape) {
				out[i] = x.Shape[i]
			}
		case d.Is(-1):
			open = i
			out[i] = f.g.symbol()
		case !d.length(): // it may turn out to be -1
			out[i] = f.g.symbol()
		}
	}
	if open >= 0 && x.Ranked {
		if d, ok := rest(x.Shape, out, open); ok {
			out[open] = d
		}
	}
	return out
}

// rest is the dimension at open of a shape with as many elements as from, if it
// follows: what is left when equal dimensions have been taken off both sides.
func rest(from, to []Dim, open int) (Dim, bool) {
	left := slices.Clone(from)
	product := int64(1)
	for i, d := range to {
		if i == open {
			continue
		}
		if j := slices.Index(left, d); j >= 0 {
			left = slices.Delete(left, j, j+1)
			continue
		}
		n, ok := d.Known()
		if !ok || n <= 0 || product > bound/n {
			return Dim{}, false
		}
		product *= n
	}
	total, symbols, last := int64(1), 0, Dim{}
	for _, d := range left {
		n, ok := d.Known()
		switch {
		case !ok:
			symbols, last = symbols+1, d
		case n <= 0 || total > bound/n:
			return Dim{}, false
		default:
			total *= n
		}
	}
	switch {
	case symbols == 0 && total%product == 0:
		return number(total / product), true
	case symbols == 1 && total == product:
		return last, true
	}
	return Dim{}, false
}

func flatten(f inference) { f.rank(0, f.n.In[0].Type, 2) }

func squeeze(f inference) {
	x := f.n.In[0]
	if f.n.Attr("axes") == nil && f.n.Input(1) == nil || !x.Ranked {
		f.typed(0, x.Type)
		return
	}
	axes, ok := f.axes(1, len(x.Shape))
	if !ok {
		f.typed(0, x.Type)
		return
	}
	out := []Dim{}
	for i, d := range x.Shape {
		if !slices.Contains(axes, i) {
			out = append(out, d)
		}
	}
	f.set(0, x.Type, out)
	f.keepElems()
}

// keepElems passes on the elements of an input whose shape only changed its rank.
func (f inference) keepElems() {
	if v := f.n.Output(0); v != nil && len(v.Shape) <= 1 {
		v.Elems = f.n.In[0].Elems
	}
}

func unsqueeze(f inference) {
	x := f.n.In[0]
	count := len(f.n.Ints("axes"))
	if f.n.Attr("axes") == nil {
		list, _ := f.n.Input(1).ints()
		count = len(list)
	}
	if !x.Ranked || count == 0 || len(x.Shape)+count > tensor.MaxRank {
		f.typed(0, x.Type)
		return
	}
	axes, ok := f.axes(1, len(x.Shape)+count)
	slices.Sort(axes)
	if !ok || len(slices.Compact(slices.Clone(axes))) != count {
		f.typed(0, x.Type)
		return
	}
	out := dims(x)
	for _, a := range axes {
		out = slices.Insert(out, a, number(1))
	}
	f.set(0, x.Type, out)
	f.keepElems()
}

func concat(f inference) {
	x := f.n.In[0]
	at, ok := axis(f.n.Int("axis", 0), x.Rank())
	if !x.Ranked || !ok {
		f.typed(0, x.Type)
		return
	}
	out, sum, known := dims(x), int64(0), true
	var elems []Dim
	follow := len(x.Shape) == 1
	for _, v := range f.n.In {
		if v == nil || len(v.Shape) != len(out) || !v.Ranked {
			f.typed(0, x.Type)
			return
		}
		n, ok := v.Shape[at].Known()
		known = known && ok && n < bound
		sum += min(n, bound)
		follow = follow && v.Elems != nil
		elems = append(elems, v.Elems...)
		for i, d := range v.Shape {
			if _, ok := out[i].Known(); !ok && i != at {
				out[i] = d // all are equal, and a number says more than a symbol
			}
		}
	}
	out[at] = f.g.symbol()
	if known {
		out[at] = number(sum)
	}
	f.set(0, x.Type, out)
	if follow && len(elems) <= maxElems && f.n.Output(0) != nil {
		f.n.Out[0].Elems = elems
	}
}

func shapeOf(f inference) {
	x := f.n.In[0]
	if !x.Ranked {
		f.rank(0, onnxpb.Int64, 1)
		return
	}
	rank := int64(len(x.Shape))
	cut := func(at int64) int64 {
		if at < 0 {
			at += rank
		}
		return min(max(at, 0), rank)
	}
	lo, hi := cut(f.n.Int("start", 0)), cut(f.n.Int("end", rank))
	part := x.Shape[lo:max(lo, hi)]
	f.set(0, onnxpb.Int64, []Dim{number(len(part))})
	if v := f.n.Output(0); v != nil {
		v.Elems = slices.Clone(part)
	}
}

func gather(f inference) {
	x, index := f.n.In[0], f.n.In[1]
	at, ok := axis(f.n.Int("axis", 0), x.Rank())
	if !x.Ranked || !index.Ranked || !ok {
		f.typed(0, x.Type)
		return
	}
	out := slices.Concat(x.Shape[:at], index.Shape, x.Shape[at+1:])
	f.set(0, x.Type, out)
	list, ok := index.ints()
	v := f.n.Output(0)
	if !ok || x.Elems == nil || len(out) > 1 || v == nil {
		return
	}
	elems := make([]Dim, len(list))
	for i, j := range list {
		k, ok := axis(j, len(x.Elems))
		if !ok {
			return
		}
		elems[i] = x.Elems[k]
	}
	v.Elems = elems
}

// slice knows the rank, dimensions that are not cut, and cuts of lists of shapes.
func slice(f inference) {
	x := f.n.In[0]
	if !x.Ranked {
		f.typed(0, x.Type)
		return
	}
	starts, ends, axes, steps, ok := f.cuts(len(x.Shape))
	if !ok {
		f.rank(0, x.Type, len(x.Shape))
		return
	}
	out := dims(x)
	for i, a := range axes {
		out[a] = f.g.symbol()
		steps[i] = min(steps[i], bound)
		if n, ok := x.Shape[a].Known(); ok && n < bound && steps[i] > 0 {
			lo, hi := clampIndex(starts[i], n), clampIndex(ends[i], n)
			out[a] = number((max(hi-lo, 0) + steps[i] - 1) / steps[i])
		} else if !ok && starts[i] == 0 && steps[i] == 1 && ends[i] >= bound-1 {
			out[a] = x.Shape[a]
		}
	}
	f.set(0, x.Type, out)
	if v := f.n.Output(0); v != nil && x.Elems != nil && len(axes) == 1 && steps[0] > 0 {
		n := int64(len(x.Elems))
		for j := clampIndex(starts[0], n); j < clampIndex(ends[0], n); j += steps[0] {
			v.Elems = append(v.Elems, x.Elems[j])
		}
	}
}

func clampIndex(i, n int64) int64 {
	if i < 0 {
		i += n
	}
	return min(max(i, 0), n)
}

// cuts returns what a Slice cuts, if that is known.
func (f inference) cuts(rank int) (starts, ends []int64, axes []int, steps []int64, ok bool) {
	if f.n.Attr("starts") != nil {
		starts, ends = f.n.Ints("starts"), f.n.Ints("ends")
	} else {
		var ok1, ok2 bool
		starts, ok1 = f.n.Input(1).ints()
		ends, ok2 = f.n.Input(2).ints()
		if !ok1 || !ok2 {
			return nil, nil, nil, nil, false
		}
	}
	if f.n.Attr("axes") != nil || f.n.Input(3) != nil {
		if axes, ok = f.axes(3, rank); !ok {
			return nil, nil, nil, nil, false
		}
	} else {
		for i := range min(len(starts), rank) {
			axes = append(axes, i)
		}
	}
	steps = slices.Repeat([]int64{1}, len(starts))
	if f.n.Input(4) != nil {
		if steps, ok = f.n.In[4].ints(); !ok {
			return nil, nil, nil, nil, false
		}
	}
	ok = len(ends) == len(starts) && len(axes) == len(starts) && len(steps) == len(starts) && !slices.Contains(steps, 0)
	return starts, ends, axes, steps, ok
}

func constantOfShape(f inference) {
	typ := onnxpb.Float
	if a := f.n.Attr("value"); a != nil && a.Tensor != nil {
		typ = a.Tensor.DataType
	}
	f.shapedBy(f.n.In[0], typ)
}

// shapedBy says that output 0 has the shape that the elements of v are.
func (f inference) shapedBy(v *Value, typ tensor.DType) {
	switch {
	case v.Elems != nil:
		f.set(0, typ, slices.Clone(v.Elems))
	case v.Rank() == 1:
		if n, ok := v.Shape[0].Known(); ok && n <= tensor.MaxRank {
			f.rank(0, typ, int(n))
			return
		}
		f.typed(0, typ)
	default:
		f.typed(0, typ)
	}
}

func expand(f inference) {
	x, shape := f.n.In[0], f.n.In[1]
	if x.Ranked && shape.Elems != nil {
		f.set(0, x.Type, f.broadcast(x.Shape, shape.Elems))
		return
	}
	f.typed(0, x.Type)
}

func split(f inference) {
	x := f.n.In[0]
	at, ok := axis(f.n.Int("axis", 0), x.Rank())
	sizes := f.n.Ints("split")
	if sizes == nil && f.n.Input(1) != nil {
		sizes, _ = f.n.In[1].ints()
	}
	for i := range f.n.Out {
		if !x.Ranked || !ok {
			f.typed(i, x.Type)
			continue
		}
		out := dims(x)
		n, known := x.Shape[at].Known()
		parts := int64(len(f.n.Out))
		switch {
		case i < len(sizes):
			out[at] = number(sizes[i])
		case known && f.n.Input(1) == nil && n%parts == 0:
			out[at] = number(n / parts)
		default:
			out[at] = f.g.symbol()
		}
		f.set(i, x.Type, out)
	}
}

func sameRank(f inference) {
	x := f.n.In[0]
	if !x.Ranked {
		f.typed(0, x.Type)
		return
	}
	f.rank(0, x.Type, len(x.Shape))
}

package linear

import "github.com/quintet-ai/quintet/internal/nn/tensor"

// gather writes the elements of f to dst in the given order of axes, summed over its
// others.
func gather[T tensor.Elem](a *axes, dst []T, f *factor[T], order []uint8) {
	if len(dst) == 0 {
		return
	}
	outer, n, step := order, 1, 0
	if len(order) > 0 {
		last := order[len(order)-1]
		outer, n, step = order[:len(order)-1], a.dim[last], f.stride[last]
	}
	rest := f.axes
	for _, l := range order {
		rest &^= 1 << l
	}
	var buf [maxLabels]uint8
	sums := newWalk(a, f.stride[:], a.order(buf[:0], rest))
	if sums.count == 1 {
		w := newWalk(a, f.stride[:], outer)
		for at := 0; at < len(dst); at += n {
			copyRun(dst[at:at+n], f.x[w.at:], step)
			w.next()
		}
		return
	}
	clear(dst)
	for range sums.count {
		w := newWalk(a, f.stride[:], outer)
		for at := 0; at < len(dst); at += n {
			addRun(dst[at:at+n], f.x[sums.at+w.at:], step)
			w.next()
		}
		sums.next()
	}
}

func copyRun[T tensor.Elem](dst, x []T, step int) {
	if step == 1 {
		copy(dst, x)
		return
	}
	for i := range dst {
		dst[i] = x[i*step]
	}
}

func addRun[T tensor.Elem](dst, x []T, step int) {
	for i := range dst {
		dst[i] += x[i*step]
	}
}

// walk visits all places along some axes, the last axis fastest.
type walk struct {
	at, count int
	axes      []uint8
	dim       *[maxLabels]int
	stride    []int
	index     [maxLabels]int32
}

func newWalk(a *axes, stride []int, order []uint8) walk {
	w := walk{count: 1, axes: order, dim: &a.dim, stride: stride}
	for _, l := range order {
		w.count *= a.dim[l]
	}
	return w
}

// next goes on to the next place.
func (w *walk) next() {
	for i := len(w.axes) - 1; i >= 0; i-- {
		l := w.axes[i]
		w.at += w.stride[l]
		if w.index[i]++; int(w.index[i]) < w.dim[l] {
			return
		}
		w.at -= w.stride[l] * w.dim[l]
		w.index[i] = 0
	}
}

package vision

import "github.com/quintet-ai/quintet/internal/simd"

// resampler scales planes of samples along both axes, row by row. Each source
// row is read once, made into numbers, and scaled horizontally; the vertical
// pass works on such short rows. Going down in size, few output rows are open at
// any time and every source row is added to those that it belongs to. Going up,
// an output row is made of few source rows, which are kept. So the memory is a
// handful of rows either way.
type resampler struct {
	xs, ys taps
	load   func(planes [][]float32, y int) // fills source row y
	in     [][]float32                     // a source row, plane by plane
	rows   [][][]float32                   // a ring of open output rows or kept source rows
	scaled [][]float32                     // a source row at output width
	next   int                             // the source row to be read next
}

func newResampler(xs, ys taps, width, planes int, load func(planes [][]float32, y int)) *resampler {
	r := &resampler{xs: xs, ys: ys, load: load, in: newPlanes(planes, width), next: ys.start[0]}
	r.scaled = newPlanes(planes, len(xs.start))
	ring := 1
	for i := range ys.start {
		if ys.shrinks {
			for i+ring < len(ys.start) && ys.start[i+ring] < ys.end(i) {
				ring++
			}
		} else {
			ring = max(ring, len(ys.weights[i]))
		}
	}
	ring++ // the row that has been handed out
	for range ring {
		r.rows = append(r.rows, newPlanes(planes, len(xs.start)))
	}
	return r
}

func newPlanes(n, width int) [][]float32 {
	p := make([][]float32, n)
	for i := range p {
		p[i] = make([]float32, width)
	}
	return p
}

// row returns output row i, plane by plane. Rows have to be asked for in order;
// each is valid until the next call.
func (r *resampler) row(i int) [][]float32 {
	if r.ys.shrinks {
		return r.scatter(i)
	}
	return r.gather(i)
}

func (r *resampler) scatter(i int) [][]float32 {
	if i > 0 { // the row handed out last is free now
		for _, p := range r.rows[(i-1)%len(r.rows)] {
			clear(p)
		}
	}
	for ; r.next < r.ys.end(i); r.next++ {
		r.scale(r.scaled)
		for o := i; o < len(r.ys.start) && r.ys.start[o] <= r.next; o++ {
			k := r.next - r.ys.start[o]
			if k >= len(r.ys.weights[o]) {
				continue
			}
			for c, dst := range r.rows[o%len(r.rows)] {
				addScaled(dst, r.scaled[c], r.ys.weights[o][k])
			}
		}
	}
	return r.rows[i%len(r.rows)]
}

func (r *resampler) gather(i int) [][]float32 {
	for ; r.next < r.ys.end(i); r.next++ {
		r.scale(r.rows[r.next%len(r.rows)])
	}
	for c, dst := range r.scaled {
		clear(dst)
		for k, w := range r.ys.weights[i] {
			addScaled(dst, r.rows[(r.ys.start[i]+k)%len(r.rows)][c], w)
		}
	}
	return r.scaled
}

// shortTaps is the number of weights below which a call of a kernel costs more
// than it saves.
const shortTaps = 6

// scale reads the next source row and scales it horizontally.
func (r *resampler) scale(dst [][]float32) {
	r.load(r.in, r.next)
	for c, out := range dst {
		in := r.in[c]
		for x, w := range r.xs.weights {
			in := in[r.xs.start[x]:]
			if len(w) > shortTaps {
				out[x] = simd.Dot(w, in)
				continue
			}
			sum := float32(0)
			in = in[:len(w)]
			for k, v := range w {
				sum += v * in[k]
			}
			out[x] = sum
		}
	}
}

// addScaled adds w times src to dst.
func addScaled(dst, src []float32, w float32) {
	src = src[:len(dst)]
	for len(dst) >= 4 && len(src) >= 4 {
		d, s := dst[:4], src[:4]
		d[0] += w * s[0]
		d[1] += w * s[1]
		d[2] += w * s[2]
		d[3] += w * s[3]
		dst, src = dst[4:], src[4:]
	}
	for i, v := range src {
		dst[i] += w * v
	}
}

package elementwise

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

const (
	// chunk is the number of elements of the buffers that stretched operands
	// are written out into.
	chunk = 1024

	// longRun is the length from which on a kernel call for each stretch
	// costs less than writing operands out.
	longRun = 32

	// pause is the number of elements between two looks at the context.
	pause = 1 << 22

	// big is the number of elements from which on threads are worth their start.
	big = 1 << 18

	// grain is the number of elements that threads divide by.
	grain = 1 << 14
)

// kernel is a function of two operands over whole slices, of the length of dst,
// which may be the memory of a or b.
type kernel[A, B, R tensor.Elem] struct {
	both  func(dst []R, a []A, b []B)
	right func(dst []R, a []A, b B) // b is one number; nil: write it out
	left  func(dst []R, a A, b []B) // a is one number; nil: write it out
}

// rows reports whether the kernel can do the plan stretch by stretch.
func (k *kernel[A, B, R]) rows(p *plan) bool {
	sa, sb := p.strides[0][p.nd-1], p.strides[1][p.nd-1]
	switch {
	case p.whole[0] && p.whole[1]:
		return true
	case p.inner() < longRun && p.nd > 1:
		return false
	case sa == 0:
		return sb != 0 && k.left != nil
	case sb == 0:
		return k.right != nil
	}
	return true
}

// pass is one application of a kernel: the output, the operands and, if those must
// be written out, room for chunk elements of each on every thread.
type pass[A, B, R tensor.Elem] struct {
	dst   []R
	a     []A
	b     []B
	roomA []A
	roomB []B
}

// apply computes dst of the operands a and b as p says.
func apply[A, B, R tensor.Elem](c *op.Ctx, p *plan, k *kernel[A, B, R], dst []R, a []A, b []B) error {
	if p.n == 0 {
		return nil
	}
	threads := 1
	if p.n >= big {
		threads = c.Threads()
	}
	x := pass[A, B, R]{dst: dst, a: a, b: b}
	var err error
	if !k.rows(p) {
		if x.roomA, err = op.Scratch[A](c, threads*chunk); err != nil {
			return err
		}
		if x.roomB, err = op.Scratch[B](c, threads*chunk); err != nil {
			return err
		}
	}
	if threads > 1 {
		x.split(c, *p, *k)
		return c.Done()
	}
	for lo := 0; lo < p.n; lo += pause {
		x.span(p, k, lo, min(lo+pause, p.n))
		if p.n > pause {
			if err := c.Done(); err != nil {
				return err
			}
		}
	}
	return nil
}

// split is apart from apply so that its closure costs nothing elsewhere.
func (x pass[A, B, R]) split(c *op.Ctx, p plan, k kernel[A, B, R]) {
	c.Split(p.n, grain, func(lo, hi, worker int) {
		own := x
		if len(x.roomA) > 0 {
			own.roomA, own.roomB = x.roomA[worker*chunk:][:chunk], x.roomB[worker*chunk:][:chunk]
		}
		own.span(&p, &k, lo, hi)
	})
}

// span computes the output elements [lo, hi).
func (x *pass[A, B, R]) span(p *plan, k *kernel[A, B, R], lo, hi int) {
	switch {
	case p.whole[0] && p.whole[1]:
		k.both(x.dst[lo:hi], x.a[lo:hi], x.b[lo:hi])
	case len(x.roomA) == 0:
		x.stretches(p, k, lo, hi)
	default:
		x.chunks(p, k, lo, hi)
	}
}

// stretches is span with a call of the kernel for every stretch.
func (x *pass[A, B, R]) stretches(p *plan, k *kernel[A, B, R], lo, hi int) {
	sa, sb := p.strides[0][p.nd-1], p.strides[1][p.nd-1]
	dst := x.dst[lo:hi]
	for c := p.at(lo); len(dst) > 0; p.next(&c) {
		n := min(len(dst), p.inner()-c.within)
		switch a, b := x.a[c.offset[0]:], x.b[c.offset[1]:]; {
		case sa == 0:
			k.left(dst[:n], a[0], b[c.within:c.within+n])
		case sb == 0:
			k.right(dst[:n], a[c.within:c.within+n], b[0])
		default:
			k.both(dst[:n], a[c.within:c.within+n], b[c.within:c.within+n])
		}
		dst = dst[n:]
	}
}

// chunks is span with operands that are not there element by element written out.
func (x *pass[A, B, R]) chunks(p *plan, k *kernel[A, B, R], lo, hi int) {
	step := p.chunks()
	a := newReader(p, 0, x.a, x.roomA, step)
	b := newReader(p, 1, x.b, x.roomB, step)
	for ; lo < hi; lo += step {
		n := min(step, hi-lo)
		k.both(x.dst[lo:lo+n], a.read(p, lo, n), b.read(p, lo, n))
	}
}

// chunks is how many elements to write out at a time: a multiple of the period
// of an operand that repeats itself soon, so that it is written once.
func (p *plan) chunks() int {
	step := chunk
	for k := range p.operands {
		if d := p.period[k]; d > 1 && d <= chunk/2 && !p.whole[k] {
			step -= step % d
		}
	}
	return step
}

// reader gives the elements of an operand for stretches of the output that begin
// step apart.
// The plan is not in it, as it would then live on the heap.
type reader[T tensor.Elem] struct {
	k     int
	src   []T
	room  []T
	fixed bool // every stretch reads the same, which lies in room from the first on
	ready bool
}

func newReader[T tensor.Elem](p *plan, k int, src, room []T, step int) reader[T] {
	d := p.period[k]
	return reader[T]{k: k, src: src, room: room[:step], fixed: d > 0 && step%d == 0}
}

// read returns the elements for the output elements [lo, lo+n).
func (r *reader[T]) read(p *plan, lo, n int) []T {
	switch {
	case p.whole[r.k]:
		return r.src[lo : lo+n]
	case !r.fixed:
		expand(r.room[:n], r.src, p, r.k, lo)
	case !r.ready:
		// The first stretch may be shorter than those to come only if it is the last.
		expand(r.room[:n], r.src, p, r.k, lo)
		r.ready = true
	}
	return r.room[:n]
}

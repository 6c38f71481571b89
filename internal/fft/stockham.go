package fft

// maxPrime is the largest prime factor that the quadratic radixes pay off for.
const maxPrime = 13

// transform is the forward complex transform of one length: a Stockham
// transform, which needs no bit reversal, or a convolution.
//
// Before a stage of radix r the data are s interleaved sequences of r·q
// elements; after it they are r·s sequences of q. The two buffers swap roles.
type transform struct {
	a, b   []complex64
	stages []stage
	chirp  *chirp // nil for Stockham
}

type stage struct {
	radix, q, s int
	twiddles    []complex64 // exp(-2πi·k·l/(q·radix)) for k < q and l = 1 … radix-1, see newStage
	roots       []complex64 // exp(-2πi·l/radix) for a radix without a butterfly of its own
}

func newTransform(n int) *transform {
	t := &transform{a: make([]complex64, n), b: make([]complex64, n)}
	radixes, rest := factor(n)
	if rest != 1 {
		t.chirp = newChirp(n)
		return t
	}
	q, s := n, 1
	for _, r := range radixes {
		t.stages = append(t.stages, newStage(r, q/r, s))
		q, s = q/r, s*r
	}
	return t
}

// newStage returns a stage with its tables. The twiddles are sorted by k, but by l
// in a first stage of radix 4, which has one of them for each of its butterflies.
func newStage(radix, q, s int) stage {
	st := stage{radix: radix, q: q, s: s, twiddles: make([]complex64, q*(radix-1))}
	for k := range q {
		for l := 1; l < radix; l++ {
			at := k*(radix-1) + l - 1
			if radix == 4 && s == 1 {
				at = (l-1)*q + k
			}
			st.twiddles[at] = root(k*l, q*radix)
		}
	}
	for l := 0; radix > 5 && l < radix; l++ {
		st.roots = append(st.roots, root(l, radix))
	}
	return st
}

// factor splits n into radixes and what is left of it. Fours come first: the
// first stage has a loop of its own for them.
func factor(n int) (radixes []int, rest int) {
	for _, r := range []int{4, 2, 3, 5, 7, 11, maxPrime} {
		for n%r == 0 {
			radixes = append(radixes, r)
			n /= r
		}
	}
	return radixes, n
}

func (t *transform) clone() *transform {
	c := &transform{a: make([]complex64, len(t.a)), b: make([]complex64, len(t.a)), stages: t.stages}
	if t.chirp != nil {
		c.chirp = t.chirp.clone()
	}
	return c
}

// in returns where run finds its input.
func (t *transform) in() []complex64 { return t.a }

// run returns the transform of in(), valid until the next call.
func (t *transform) run() []complex64 {
	if t.chirp != nil {
		t.chirp.run(t.b, t.a)
		return t.b
	}
	src, dst := t.a, t.b
	for i := range t.stages {
		st := &t.stages[i]
		switch {
		case st.passAVX2(dst, src):
		case st.radix == 4 && st.s == 1:
			st.first4(dst, src)
		case st.radix == 4:
			st.pass4(dst, src)
		case st.radix == 2:
			st.pass2(dst, src)
		case st.radix == 3:
			st.pass3(dst, src)
		case st.radix == 5:
			st.pass5(dst, src)
		default:
			st.pass(dst, src)
		}
		src, dst = dst, src
	}
	return src
}

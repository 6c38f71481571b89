package audio

import "slices"

// resampleStream is a resampler of sound that comes part by part. Its outputs are
// those of [resampler.run] on the whole, to the bit, if there is at most one stage
// beforehand.
type resampleStream struct {
	r     *resampler
	first *resampleStream // of r.first
	y     []float32       // what first gave
	x     []float32       // inputs that outputs to come need
	base  int             // inputs before x
	at, p int             // position of the next output, as in run
	made  int             // outputs so far
}

func newResampleStream(r *resampler) *resampleStream {
	s := &resampleStream{r: r}
	if r.first != nil {
		s.first = newResampleStream(r.first)
	}
	return s
}

// add appends to dst the outputs that no later input will change.
func (s *resampleStream) add(dst, x []float32) []float32 {
	if s.first != nil {
		s.y = s.first.add(s.y[:0], x)
		x = s.y
	}
	s.x = append(s.x, x...)
	// Position at+p/l + i·m/l must lie before the last sample that has half others
	// after it.
	ready := (s.base+len(s.x)-s.r.half-s.at)*s.r.l - s.p
	dst = s.make(dst, max(ready+s.r.m-1, 0)/s.r.m)
	if done := s.at - s.r.half + 1 - s.base; done > len(s.x)/2 { // seldom enough to cost nothing
		s.x = append(s.x[:0], s.x[done:]...)
		s.base += done
	}
	return dst
}

// end appends the rest of the outputs, of which there are n in all.
func (s *resampleStream) end(dst []float32, n int) []float32 {
	if s.first != nil {
		f := s.first
		s.x = f.end(s.x, int(resampledLen(f.base+len(f.x), f.r.m, f.r.l)))
	}
	return s.make(dst, n-s.made)
}

// make appends the next n outputs.
func (s *resampleStream) make(dst []float32, n int) []float32 {
	s.made += n
	for block := s.r.blockLen(); n > 0; n -= block {
		from := len(dst)
		dst = slices.Grow(dst, min(n, block))[:from+min(n, block)]
		at, p := s.r.fill(dst[from:], 1, s.x, s.at-s.base, s.p)
		s.at, s.p = s.base+at, p
	}
	return dst
}

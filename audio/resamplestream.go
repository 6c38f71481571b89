package audio

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
	for s.at+s.r.half < s.base+len(s.x) {
		dst = append(dst, s.next())
	}
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
	for s.made < n {
		dst = append(dst, s.next())
	}
	return dst
}

// next returns the output at the position and moves that on.
func (s *resampleStream) next() float32 {
	v := s.r.output(s.x, s.at-s.base, s.p)
	s.at += s.r.m / s.r.l
	if s.p += s.r.m % s.r.l; s.p >= s.r.l {
		s.at, s.p = s.at+1, s.p-s.r.l
	}
	s.made++
	return v
}

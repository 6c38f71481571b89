package vision

// weighGeneric is
//
//	for i := range acc {
//		acc[i] += w[0]*r0[i] + w[1]*r1[i] + w[2]*r2[i] + w[3]*r3[i]
//	}
//
// up to the order and fusing of additions. The rows are as long as acc.
func weighGeneric(acc []float32, r0, r1, r2, r3 []uint8, w *[4]float32) {
	r0, r1, r2, r3 = r0[:len(acc)], r1[:len(acc)], r2[:len(acc)], r3[:len(acc)]
	for i := range acc {
		acc[i] += w[0]*float32(r0[i]) + w[1]*float32(r1[i]) + w[2]*float32(r2[i]) + w[3]*float32(r3[i])
	}
}

// evenTaps are taps in the form that the kernels like: n weights for each output,
// filled up with zeros to a multiple of 8.
type evenTaps struct {
	n       int
	start   []int32
	weights []float32
}

// newEvenTaps counts samples from the given one on.
func newEvenTaps(t taps, first int) evenTaps {
	s := evenTaps{start: make([]int32, len(t.start))}
	for _, w := range t.weights {
		s.n = max(s.n, (len(w)+7)&^7)
	}
	s.weights = make([]float32, s.n*len(t.start))
	for i, w := range t.weights {
		s.start[i] = int32(t.start[i] - first)
		copy(s.weights[i*s.n:], w)
	}
	return s
}

// acrossGeneric is
//
//	for i := range dst {
//		dst[i] = sum of s.weights[i*n+k] * src[s.start[i]+k] for k from 0 to n-1
//	}
//
// up to the order and fusing of additions. Behind the last sample that counts, src
// has n finite ones more.
func (s *evenTaps) acrossGeneric(dst, src []float32) {
	for i := range dst {
		w := s.weights[i*s.n : (i+1)*s.n]
		in := src[s.start[i]:][:len(w)]
		var s0, s1 float32
		for len(w) >= 4 && len(in) >= 4 {
			s0 += w[0]*in[0] + w[1]*in[1]
			s1 += w[2]*in[2] + w[3]*in[3]
			w, in = w[4:], in[4:]
		}
		dst[i] = s0 + s1
	}
}

package dsp

import (
	"fmt"
	"math"
)

// minCover is the least sum of squared window values over a sample from which
// Inverse restores it. Below it the rounding errors of the spectrum would be
// louder than 1e-3 of the frame.
const minCover = 1e-8

// Spectra appends the spectra of all frames of x to dst[:0] and returns it: a row
// of Bins values for each frame. It allocates only if dst is too small.
func (s *STFT) Spectra(dst []complex64, x []float32) []complex64 {
	n := s.Frames(len(x)) * s.Bins()
	if cap(dst) < n {
		dst = make([]complex64, n)
	}
	dst = dst[:n]
	for i := range s.Frames(len(x)) {
		s.Spectrum(dst[i*s.Bins():], x, i)
	}
	return dst
}

// Inverse writes to dst the signal of len(dst) samples whose short-time spectra
// are nearest to the rows of spectra, Frames(len(dst)) rows of Bins values. With
// the window w and y_i the inverse transform of row i, which starts at f_i, it is
//
//	dst[t] = Σ w[t-f_i]·y_i[t-f_i] / Σ w[t-f_i]²
//
// Griffin, Lim, IEEE Transactions on Acoustics, Speech and Signal Processing
// 32(2), 1984. So Inverse undoes Spectra to about 1e-6 of the largest sample,
// whatever the hop, where windows cover a sample well; samples whose squared
// window values sum to less than 1e-8, those beyond the last frame among them,
// become 0. Gain is undone, RemoveMean and PreEmphasis are not.
//
// It panics if spectra is shorter. It allocates nothing; the rows stay as they
// were.
func (s *STFT) Inverse(dst []float32, spectra []complex64) {
	frames, bins := s.Frames(len(dst)), s.Bins()
	if len(spectra) < frames*bins {
		panic(fmt.Sprintf("dsp: %d spectral values for %d frames of %d", len(spectra), frames, bins))
	}
	clear(dst)
	shift := excess(spectra[:frames*bins])
	for i := range frames {
		s.overlap(dst, spectra[i*bins:][:bins], i, shift)
	}
	for t := range dst {
		cover := s.cover(t, frames)
		if cover < minCover {
			dst[t] = 0
			continue
		}
		dst[t] = saturate(math.Ldexp(float64(dst[t])/(cover*s.opt.Gain), shift))
	}
}

// excess returns the power of 2 by which the sum of a row must be divided to stay
// a float32, 0 for all but enormous values.
func excess(spectra []complex64) int {
	const room = 80 // exponents, which leaves 47 for the sum and the overlap
	peak := float32(0)
	for _, z := range spectra {
		peak = max(peak, abs(real(z)), abs(imag(z)))
	}
	if !(peak > 1<<room && peak <= math.MaxFloat32) {
		return 0
	}
	return math.Ilogb(float64(peak)) - room
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ signBit) }

// first returns the position of the first sample under the window of frame i.
func (s *STFT) first(i int) int {
	first := i*s.opt.Hop + s.left
	if s.inside == 0 {
		first -= s.opt.FFTSize / 2
	}
	return first
}

// overlap adds the windowed signal of a row to dst.
func (s *STFT) overlap(dst []float32, row []complex64, i, shift int) {
	if shift > 0 {
		scale := complex(float32(math.Ldexp(1, -shift)), 0)
		for k, z := range row {
			s.row[k] = z * scale
		}
		row = s.row
	}
	s.plan.Inverse(s.back, row)
	first := s.first(i)
	from, to := max(-first, 0), min(len(s.window), len(dst)-first)
	for j := from; j < to; j++ {
		dst[first+j] += s.back[s.left+j] * s.window[j]
	}
}

// cover returns the sum of the squares of the windows of all frames at sample t.
func (s *STFT) cover(t, frames int) (sum float64) {
	t -= s.first(0)
	low := max((t-len(s.window))/s.opt.Hop, 0)
	for i := low; i < frames && i*s.opt.Hop <= t; i++ {
		if j := t - i*s.opt.Hop; j < len(s.window) {
			sum += float64(s.window[j]) * float64(s.window[j])
		}
	}
	return sum
}

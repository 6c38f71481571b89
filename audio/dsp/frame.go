package dsp

import (
	"fmt"
	"math"
)

// load fills s.frame with the windowed frame i of x divided by 2^shift. Only
// samples far beyond full scale, whose spectrum would overflow, have a shift.
func (s *STFT) load(x []float32, i int) (shift int) {
	if i < 0 || i >= s.Frames(len(x)) {
		panic(fmt.Sprintf("dsp: frame %d of %d", i, s.Frames(len(x))))
	}
	first := s.first(i)
	frame := s.frame[s.left:][:len(s.window)]
	plain := s.opt.Gain == 1 && !s.opt.RemoveMean && s.opt.PreEmphasis == 0
	if plain && first >= 0 && first+len(frame) <= len(x) {
		return taper(frame, x[first:], s.window)
	}
	for j := range frame {
		frame[j] = s.outside(x, first+j)
	}
	if !plain {
		s.condition(frame)
	}
	return taper(frame, frame, s.window)
}

// condition applies RemoveMean, PreEmphasis and Gain to the samples of a frame.
func (s *STFT) condition(frame []float32) {
	mean := 0.0
	if s.opt.RemoveMean {
		for _, v := range frame {
			mean += float64(v)
		}
		mean /= float64(len(frame))
	}
	before := float64(frame[0]) - mean
	for j, v := range frame {
		u := float64(v) - mean
		frame[j] = saturate(s.opt.Gain * (u - s.opt.PreEmphasis*before))
		before = u
	}
}

// saturate rounds v, at most to the largest float32. NaN stays.
func saturate(v float64) float32 {
	return float32(min(max(v, -math.MaxFloat32), math.MaxFloat32))
}

// outside returns sample j of x, which may lie beyond its ends.
func (s *STFT) outside(x []float32, j int) float32 {
	if uint(j) < uint(len(x)) {
		return x[j]
	}
	if s.opt.Pad == PadZero {
		return 0
	}
	period := 2 * (len(x) - 1) // the mirrored signal repeats
	if period == 0 {
		return x[0]
	}
	if j = j % period; j < 0 {
		j += period
	}
	return x[min(j, period-j)]
}

// taper writes x times window to dst, divided by 2^shift.
func taper(dst, x, window []float32) (shift int) {
	// The highest bit of the exponent is that of magnitudes from 2 on.
	if multiply(dst, x, window)&(1<<30) == 0 {
		return 0
	}
	return tame(dst)
}

// multiplyGeneric writes x times window to dst and returns the bits that any of the
// products has.
func multiplyGeneric(dst, x, window []float32) (seen uint32) {
	x, window = x[:len(dst)], window[:len(dst)]
	for j := range dst {
		v := x[j] * window[j]
		dst[j] = v
		seen |= math.Float32bits(v)
	}
	return seen
}

// maxExponent keeps a sum of MaxFFTSize squares within float32: 2·(40+20) < 128.
const maxExponent = 40

// tame divides dst by the power of 2 that its power spectrum needs not to
// overflow, and returns the exponent.
func tame(dst []float32) (shift int) {
	peak := Peak(dst)
	if !(peak <= math.MaxFloat32) {
		return 0 // NaN and infinities stay
	}
	if shift = math.Ilogb(peak) - maxExponent; shift <= 0 {
		return 0
	}
	scale := float32(math.Ldexp(1, -shift))
	for j := range dst {
		dst[j] *= scale
	}
	return shift
}

// scaled returns v·2^shift, at most the largest float32.
func scaled(v float32, shift int) float32 {
	return saturate(math.Ldexp(float64(v), shift))
}

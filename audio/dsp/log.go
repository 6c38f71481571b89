package dsp

import "math"

// Log is a compression of the values of a spectrogram. Values below 1e-10 are
// raised to it first, so silence has a logarithm.
type Log int

const (
	// LogNone leaves the values as they are.
	LogNone Log = iota

	// LogNatural is ln v.
	LogNatural

	// Log10 is log10 v.
	Log10

	// LogDecibel is 10·log10 v, of powers only; values more than 80 dB below the largest are
	// then raised to that, as librosa.power_to_db does.
	LogDecibel

	// LogWhisper is log10 v; values more than 8 (80 dB) below the largest are
	// raised to that; then (v+4)/4.
	LogWhisper

	// LogKaldi is ln v; values below 2^-23, the epsilon of float32, are raised
	// to it first.
	LogKaldi

	logs
)

// logFloor is the value of silence.
const logFloor = 1e-10

// Apply compresses values in place. They must be the whole signal where the
// constant speaks of the largest value.
func (l Log) Apply(values []float32) {
	switch l {
	case LogNatural:
		toLog10(values, math.Ln10)
	case LogKaldi:
		raise(values, 1.0/(1<<23))
		toLog10(values, math.Ln10)
	case Log10:
		toLog10(values, 1)
	case LogDecibel:
		raise(values, toLog10(values, 10)-80)
	case LogWhisper:
		raise(values, toLog10(values, 1)-8)
		for i, v := range values {
			values[i] = (v + 4) / 4
		}
	}
}

// log10Of2 turns logarithms to the base 2 into such to the base 10.
const log10Of2 = math.Ln2 / math.Ln10

// toLog10Generic replaces values by scale·log10 v and returns the largest, -Inf if
// there are none.
func toLog10Generic(values []float32, scale float32) float32 {
	scale *= log10Of2
	largest := float32(math.Inf(-1))
	for i, v := range values {
		if v < logFloor {
			v = logFloor
		}
		u := scale * log2(v)
		if u > largest {
			largest = u
		}
		values[i] = u
	}
	return largest
}

// log2 returns the logarithm of a positive normal number to about 3e-7 relative
// or 1e-7 absolute, at a quarter of the cost of math.Log2; NaN and infinities give
// NaN. With v = m·2^e and m within a factor √2 of 1,
//
//	log2 m = 2/ln2 · atanh t,  t = (m-1)/(m+1),  |t| < 0.172
//
// and the first term left out of the series of atanh is below 1e-9.
func log2(v float32) float32 {
	const root = 0x3f3504f3 // bits of √½
	bits := math.Float32bits(v) - root
	m := math.Float32frombits(bits&(1<<23-1) + root)
	e := float32(int32(bits) >> 23)
	t := (m - 1) / (m + 1)
	t2 := t * t
	l := t * (2.88539008 + t2*(0.961796694+t2*(0.577078016+t2*(0.412198583+t2*0.320598898))))
	return e + l + (v - v)
}

func raise(values []float32, floor float32) {
	for i, v := range values {
		if v < floor {
			values[i] = floor
		}
	}
}

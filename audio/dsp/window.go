package dsp

import (
	"math"
	"strconv"
)

// Window is a taper that a frame is multiplied with before its transform.
type Window int

// The windows. With x from 0 to 1 over the frame they are
const (
	Hann        Window = iota // 0.5 - 0.5·cos 2πx
	Hamming                   // 0.54 - 0.46·cos 2πx
	Blackman                  // 0.42 - 0.5·cos 2πx + 0.08·cos 4πx
	Rectangular               // 1
	Povey                     // (0.5 - 0.5·cos 2πx)^0.85, of Kaldi
	windows
)

var windowNames = [windows]string{"hann", "hamming", "blackman", "rectangular", "povey"}

// String returns the name in lower case, as scipy.signal.get_window has it where
// it knows the window.
func (w Window) String() string {
	if w < 0 || w >= windows {
		return "Window(" + strconv.Itoa(int(w)) + ")"
	}
	return windowNames[w]
}

// Periodic returns the n values of one period, x = i/n. It is the form for
// spectra (fftbins=True in scipy). It returns nil if n < 1.
func (w Window) Periodic(n int) []float32 { return w.sample(n, n) }

// Symmetric returns n values that read the same from both ends, x = i/(n-1). It
// is the form for the design of filters. It returns nil if n < 1.
func (w Window) Symmetric(n int) []float32 { return w.sample(n, n-1) }

func (w Window) sample(n, period int) []float32 {
	if n < 1 {
		return nil
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = 1
		if period > 0 {
			out[i] = float32(w.at(float64(i) / float64(period)))
		}
	}
	return out
}

func (w Window) at(x float64) float64 {
	switch w {
	case Hann:
		return 0.5 - 0.5*math.Cos(2*math.Pi*x)
	case Hamming:
		return 0.54 - 0.46*math.Cos(2*math.Pi*x)
	case Blackman:
		return 0.42 - 0.5*math.Cos(2*math.Pi*x) + 0.08*math.Cos(4*math.Pi*x)
	case Povey:
		return math.Pow(0.5-0.5*math.Cos(2*math.Pi*x), 0.85)
	}
	return 1
}

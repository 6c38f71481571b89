package dsp

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
)

// SeparatorOptions configures a [Separator].
type SeparatorOptions struct {
	// FFTSize and Hop are those of the short-time spectra. Default: 2048 and a
	// quarter of FFTSize.
	FFTSize, Hop int

	// Frames and Bins are the lengths of the medians over time and over
	// frequency, odd numbers up to 999. Default: 31, for both.
	Frames, Bins int
}

// maxMedian bounds the lengths of medians.
const maxMedian = 999

func (o SeparatorOptions) withDefaults() (SeparatorOptions, error) {
	if o.FFTSize == 0 {
		o.FFTSize = 2048
	}
	if o.Frames == 0 {
		o.Frames = 31
	}
	if o.Bins == 0 {
		o.Bins = 31
	}
	for _, n := range []int{o.Frames, o.Bins} {
		if n < 1 || n > maxMedian || n%2 == 0 {
			return o, fmt.Errorf("dsp: median over %d, must be odd and at most %d: %w", n, maxMedian, quintet.ErrOption)
		}
	}
	return o, nil
}

// Separator splits music into what sounds on, such as voices and strings, and what
// strikes, such as drums. In a spectrogram the one lies along time, the other along
// frequency: medians in either direction keep one and lose the other, and their
// squares share each value out. Fitzgerald, DAFx 2010, with soft masks. Its memory
// grows to 13 bytes for each value of the spectrogram, about 33 MB for a minute at
// 22050 Hz, and is kept: runs on signals no longer than before allocate nothing. It
// is not safe for concurrent use.
type Separator struct {
	opt     SeparatorOptions
	stft    *STFT
	spectra []complex64
	sizes   []float32 // magnitudes, then shares of the harmonic part
	steady  []float32 // medians over time
	line    []float32
	median  median
}

// NewSeparator returns a plan, or an error wrapping [quintet.ErrOption].
func NewSeparator(o SeparatorOptions) (*Separator, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s, err := NewSTFT(STFTOptions{FFTSize: o.FFTSize, Hop: o.Hop, Pad: PadZero})
	if err != nil {
		return nil, err
	}
	o.Hop = s.Options().Hop
	return &Separator{opt: o, stft: s}, nil
}

// Options returns the options with their defaults filled in.
func (s *Separator) Options() SeparatorOptions { return s.opt }

// Separate writes both parts of x, which add up to it within 1e-5 of its largest
// sample. It panics if one of them is shorter than x. NaN and infinite samples count
// as 0. It costs O(n·(log FFTSize + Frames + Bins)) for n samples.
func (s *Separator) Separate(harmonic, percussive, x []float32) {
	harmonic, percussive = harmonic[:len(x)], percussive[:len(x)]
	x = finite(x)
	s.spectra = s.stft.Spectra(s.spectra, x)
	s.share()
	s.stft.weighed(harmonic, s.spectra, s.sizes)
	for i, v := range x {
		percussive[i] = saturate(float64(v) - float64(harmonic[i]))
	}
}

// share fills sizes with the share of the harmonic part in each value.
func (s *Separator) share() {
	n, bins := len(s.spectra), s.stft.Bins()
	s.sizes = slices.Grow(s.sizes[:0], n)[:n]
	s.steady = slices.Grow(s.steady[:0], n)[:n]
	magnitudes(s.sizes, s.spectra)
	for k := range bins {
		s.line = s.line[:0]
		for i := k; i < n; i += bins {
			s.line = append(s.line, s.sizes[i])
		}
		s.median.slide(s.line, s.opt.Frames)
		for t, v := range s.line {
			s.steady[t*bins+k] = v
		}
	}
	for at := 0; at < n; at += bins {
		row := s.sizes[at : at+bins]
		s.median.slide(row, s.opt.Bins)
		for k, v := range row {
			row[k] = harmonicShare(s.steady[at+k], v)
		}
	}
}

// harmonicShare returns the share of the harmonic part in a value, by its medians over time
// and over frequency.
func harmonicShare(time, frequency float32) float32 {
	a, b := float64(time), float64(frequency)
	if sum := a*a + b*b; sum > 0 {
		return float32(a * a / sum)
	}
	return 0.5
}

// median computes running medians.
type median struct {
	sorted []float32 // the values under the window
	source []float32
}

// slide replaces each value of x by the median of n around it, n odd. Beyond its
// ends x is mirrored, with the end values repeated.
func (m *median) slide(x []float32, n int) {
	if len(x) == 0 {
		return
	}
	m.source = append(m.source[:0], x...)
	at := func(i int) float32 { return m.source[mirrored(i, len(x))] }
	m.sorted = m.sorted[:0]
	for i := -n / 2; i <= n/2; i++ {
		m.sorted = append(m.sorted, at(i))
	}
	slices.Sort(m.sorted)
	for i := range x {
		x[i] = m.sorted[n/2]
		m.replace(at(i-n/2), at(i+n/2+1))
	}
}

// replace takes one value out of the window and puts another in.
func (m *median) replace(out, in float32) {
	i, _ := slices.BinarySearch(m.sorted, out)
	for ; i+1 < len(m.sorted) && m.sorted[i+1] < in; i++ {
		m.sorted[i] = m.sorted[i+1]
	}
	for ; i > 0 && m.sorted[i-1] > in; i-- {
		m.sorted[i] = m.sorted[i-1]
	}
	m.sorted[i] = in
}

// mirrored returns the index below n that i stands for in d c b a | a b c d | d c b a.
func mirrored(i, n int) int {
	if i >= 0 && i < n {
		return i
	}
	if i = i % (2 * n); i < 0 {
		i += 2 * n
	}
	return min(i, 2*n-1-i)
}

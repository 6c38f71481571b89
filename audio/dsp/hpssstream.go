package dsp

import "slices"

// SeparatorStream is a [Separator] for sound that comes in blocks. In all it returns what
// Separate returns, within 1e-6 of the largest sample. Its memory is bounded; blocks no
// longer than before allocate nothing. It is not safe for concurrent use.
type SeparatorStream struct {
	stream *spectralStream
}

// NewSeparatorStream returns a stream, or an error wrapping [quintet.ErrOption].
func NewSeparatorStream(o SeparatorOptions) (*SeparatorStream, error) {
	s, err := NewSeparator(o)
	if err != nil {
		return nil, err
	}
	bins := s.stft.Bins()
	m := &medians{frames: s.opt.Frames, bins: s.opt.Bins, row: make([]float32, bins)}
	m.rows, m.sorted = make([]float32, (m.frames+1)*bins), make([]float32, m.frames*bins)
	return &SeparatorStream{newSpectralStream(s.stft, m)}, nil
}

// Latency returns how many samples less than it took Add has returned at most: FFTSize and
// half of Frames in hops.
func (s *SeparatorStream) Latency() int { return s.stream.latency() }

// Add takes the next samples of the sound and appends to harmonic and percussive what is
// ready of both parts, which is equally much. NaN and infinite samples count as 0, and those
// beyond 2^60 are cut there.
func (s *SeparatorStream) Add(harmonic, percussive, x []float32) (h, p []float32) {
	s.stream.add(x, func(sound, from []float32) {
		harmonic, percussive = parts(harmonic, percussive, sound, from)
	})
	return harmonic, percussive
}

// End appends the rest of both parts, so that as many samples came out as went in. Then the
// stream is ready for another sound.
func (s *SeparatorStream) End(harmonic, percussive []float32) (h, p []float32) {
	s.stream.end(func(sound, from []float32) {
		harmonic, percussive = parts(harmonic, percussive, sound, from)
	})
	return harmonic, percussive
}

// parts appends sound, and what from has beside it.
func parts(harmonic, percussive, sound, from []float32) (h, p []float32) {
	for i, v := range sound {
		percussive = append(percussive, saturate(float64(from[i])-float64(v)))
	}
	return append(harmonic, sound...), percussive
}

// medians is the mask of a [SeparatorStream].
type medians struct {
	frames, bins int       // lengths of the medians over time and over frequency
	count        int       // frames that came
	rows         []float32 // magnitudes of the last frames, one more than a median has
	sorted       []float32 // of each bin those under the window, sorted
	row          []float32
	median       median
}

func (m *medians) ahead() int { return m.frames / 2 }

func (m *medians) reset() { m.count = 0 }

// at returns the magnitudes of a frame.
func (m *medians) at(i int) []float32 {
	bins := len(m.row)
	return m.rows[i%(m.frames+1)*bins:][:bins]
}

func (m *medians) add(spectrum []complex64) {
	magnitudes(m.at(m.count), spectrum)
	m.count++
}

func (m *medians) gains(dst []float32, i, frames int) {
	half := m.frames / 2
	if i == 0 {
		m.fill(frames)
	} else {
		out, in := m.at(mirrored(i-1-half, frames)), m.at(mirrored(i+half, frames))
		for k := range out {
			window := median{sorted: m.sorted[k*m.frames:][:m.frames]}
			window.replace(out[k], in[k])
		}
	}
	copy(m.row, m.at(i))
	m.median.slide(m.row, m.bins)
	for k, v := range m.row {
		dst[k] = harmonicShare(m.sorted[k*m.frames+half], v)
	}
}

// fill begins the windows of all bins at the first frame.
func (m *medians) fill(frames int) {
	for j := range m.frames {
		for k, v := range m.at(mirrored(j-m.frames/2, frames)) {
			m.sorted[k*m.frames+j] = v
		}
	}
	for k := range m.row {
		slices.Sort(m.sorted[k*m.frames:][:m.frames])
	}
}

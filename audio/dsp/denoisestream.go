package dsp

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// DenoiserStream is a [Denoiser] for sound that comes in blocks, such as that of a
// microphone. The noise must be known. In all it returns what Run returns after Learn,
// within 1e-6 of the largest sample. Its memory is bounded; blocks no longer than before
// allocate nothing. It is not safe for concurrent use.
type DenoiserStream struct {
	stream *spectralStream
}

// NewDenoiserStream returns a stream that takes away noise like the given one, of some
// tenths of a second, or an error wrapping [quintet.ErrOption], or [quintet.ErrInput] if
// there are no samples of it.
func NewDenoiserStream(o DenoiserOptions, noise []float32) (*DenoiserStream, error) {
	d, err := NewDenoiser(o)
	if err != nil {
		return nil, err
	}
	if d.Learn(noise); !d.learned {
		return nil, fmt.Errorf("dsp: no samples of noise: %w", quintet.ErrInput)
	}
	bins := d.stft.Bins()
	g := &gates{
		noise: d.noise, threshold: math.Pow(10, d.opt.Threshold/10), floor: d.floor(),
		row: make([]float32, bins),
	}
	for i := range g.blurred {
		g.blurred[i] = make([]float32, bins)
	}
	return &DenoiserStream{newSpectralStream(d.stft, g)}, nil
}

// Latency returns how many samples less than it took Add has returned at most: FFTSize and
// three hops.
func (s *DenoiserStream) Latency() int { return s.stream.latency() }

// Add takes the next samples of the sound and appends to dst those that are ready, with less
// noise. NaN and infinite samples count as 0, and those beyond 2^60 are cut there.
func (s *DenoiserStream) Add(dst, x []float32) []float32 {
	s.stream.add(x, func(sound, _ []float32) { dst = append(dst, sound...) })
	return dst
}

// End appends the rest of the sound to dst, so that as many samples came out as went in. Then
// the stream is ready for another sound in the same noise.
func (s *DenoiserStream) End(dst []float32) []float32 {
	s.stream.end(func(sound, _ []float32) { dst = append(dst, sound...) })
	return dst
}

// gates is the mask of a [DenoiserStream].
type gates struct {
	noise     []float64
	threshold float64
	floor     float32
	frames    int
	row       []float32
	blurred   [5][]float32 // gates of the last frames, spread over frequency
}

func (g *gates) ahead() int { return len(g.blurred) / 2 }

func (g *gates) reset() { g.frames = 0 }

func (g *gates) add(spectrum []complex64) {
	magnitudes(g.row, spectrum)
	open(g.row, g.noise, g.threshold)
	blur(g.blurred[g.frames%len(g.blurred)], g.row, len(g.row), 1)
	g.frames++
}

func (g *gates) gains(dst []float32, i, frames int) {
	for k, v := range g.blurred[i%len(g.blurred)] {
		dst[k] = 3 * v
	}
	for d, w := range [...]float32{2, 1} {
		for _, j := range [...]int{i - d - 1, i + d + 1} {
			if 0 <= j && j < frames {
				for k, v := range g.blurred[j%len(g.blurred)] {
					dst[k] += w * v
				}
			}
		}
	}
	for k, v := range dst {
		dst[k] = gateGain(v/9, g.floor)
	}
}

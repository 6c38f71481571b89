package dsp

import "slices"

// mask tells by how much each value of a spectrum is multiplied. It gets the frames of a
// signal in their order and is asked for gains in that order.
type mask interface {
	// ahead is how many frames behind one its gains depend on.
	ahead() int
	// add takes the spectrum of the next frame.
	add(spectrum []complex64)
	// gains writes those of frame i; frames of them are known, which are all if there
	// are fewer than ahead behind i.
	gains(dst []float32, i, frames int)
	// reset forgets all frames.
	reset()
}

// spectralStream takes a signal, block by block, through its short-time spectra and a mask
// and back. Frames must be centred and padded with silence.
type spectralStream struct {
	stft    *STFT
	mask    mask
	base    int         // the sample that x and y begin at, a multiple of Hop
	x       []float32   // what came
	y       []float32   // the sum of the frames that are done
	frames  int         // whose spectra are known
	done    int         // whose sound is in y
	given   int         // samples that were returned
	waiting []complex64 // the spectra of frames that are not done, a ring of rows
	factors []float32
}

// loudest bounds the samples of a stream, so that no sum of them overflows.
const loudest = 1 << 60

func newSpectralStream(s *STFT, m mask) *spectralStream {
	return &spectralStream{
		stft: s, mask: m,
		waiting: make([]complex64, (m.ahead()+1)*s.Bins()), factors: make([]float32, s.Bins()),
	}
}

// latency returns how many samples behind the last one the sound is that add returns, at
// most.
func (s *spectralStream) latency() int {
	o := s.stft.opt
	return o.FFTSize + (s.mask.ahead()+1)*o.Hop
}

// add takes the next samples. It calls give with what they complete: the sound, and the
// samples that it was made of.
func (s *spectralStream) add(x []float32, give func(sound, from []float32)) {
	for _, v := range x {
		if v-v != 0 {
			v = 0
		}
		s.x = append(s.x, min(max(v, -loudest), loudest))
	}
	o := s.stft.opt
	for s.frames*o.Hop+o.FFTSize-o.FFTSize/2 <= s.base+len(s.x) {
		s.analyse()
	}
	s.give(max(s.done*o.Hop-o.FFTSize/2, 0), s.done, give)
}

// end gives what is left and begins anew.
func (s *spectralStream) end(give func(sound, from []float32)) {
	n := s.base + len(s.x)
	total := s.stft.Frames(n)
	for s.frames < total {
		s.analyse()
	}
	for s.done < total {
		s.synthesize()
	}
	s.give(n, total, give)
	s.mask.reset()
	s.x, s.y = s.x[:0], s.y[:0]
	s.base, s.frames, s.done, s.given = 0, 0, 0, 0
}

func (s *spectralStream) row(i int) []complex64 {
	bins := s.stft.Bins()
	return s.waiting[i%(s.mask.ahead()+1)*bins:][:bins]
}

// analyse makes the spectrum of the next frame, and the sound of the one whose gains are
// known by that.
func (s *spectralStream) analyse() {
	row := s.row(s.frames)
	s.stft.Spectrum(row, s.x, s.frames-s.base/s.stft.opt.Hop)
	s.mask.add(row)
	s.frames++
	if s.done+s.mask.ahead() < s.frames {
		s.synthesize()
	}
}

func (s *spectralStream) synthesize() {
	row, o := s.row(s.done), s.stft.opt
	s.mask.gains(s.factors, s.done, s.frames)
	for k, g := range s.factors {
		row[k] = complex(real(row[k])*g, imag(row[k])*g)
	}
	s.room(s.done*o.Hop + o.FFTSize)
	s.stft.overlap(s.y, row, s.done-s.base/o.Hop, 0)
	s.done++
}

// room makes y reach up to a sample.
func (s *spectralStream) room(to int) {
	if old, n := len(s.y), to-s.base; n > old {
		s.y = slices.Grow(s.y, n-old)[:n]
		clear(s.y[old:])
	}
}

// give gives the samples up to one, to which no more than so many frames add, and drops
// what no later frame needs.
func (s *spectralStream) give(to, frames int, give func(sound, from []float32)) {
	to = min(to, s.base+len(s.x)) // where frames lie apart, the next begins later
	if s.room(to); to > s.given {
		sound := s.y[s.given-s.base : to-s.base]
		for i := range sound {
			if cover := s.stft.cover(s.given+i, frames); cover < minCover {
				sound[i] = 0
			} else {
				sound[i] = saturate(float64(sound[i]) / cover)
			}
		}
		give(sound, s.x[s.given-s.base:to-s.base])
		s.given = to
	}
	if n := s.given - s.given%s.stft.opt.Hop - s.base; n > 0 {
		s.x = s.x[:copy(s.x, s.x[n:])]
		s.y = s.y[:copy(s.y, s.y[min(n, len(s.y)):])]
		s.base += n
	}
}

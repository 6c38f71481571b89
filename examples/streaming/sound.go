package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
	"time"

	"github.com/quintet-ai/quintet/audio"
)

// sound is what comes from a reader, in parts of a tenth of a second.
type sound struct {
	read           func(dst []float32) (n int, err error)
	rate, channels int
	heard          time.Duration
	err            error // why the sound ended, nil if it was its end
}

func newSound(c command, in io.Reader) (*sound, error) {
	if c.format == "file" {
		r, err := audio.NewReader(in, audio.DecodeOptions{})
		if err != nil {
			return nil, err
		}
		return &sound{read: r.Read, rate: r.Rate(), channels: r.Channels()}, nil
	}
	size, decode := 2, func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) / (1 << 15) }
	if c.format == "f32" {
		size, decode = 4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }
	}
	r := bufio.NewReader(in)
	return &sound{read: samples(r, size, decode), rate: c.rate, channels: c.channels}, nil
}

// samples reads numbers of size bytes. A part of one at the end is left out.
func samples(r io.Reader, size int, decode func([]byte) float32) func([]float32) (int, error) {
	var buffer []byte
	return func(dst []float32) (int, error) {
		if len(buffer) < size*len(dst) {
			buffer = make([]byte, size*len(dst))
		}
		n, err := io.ReadFull(r, buffer[:size*len(dst)])
		if err == io.ErrUnexpectedEOF {
			err = io.EOF
		}
		for i := range n / size {
			dst[i] = decode(buffer[size*i:])
		}
		return n / size, err
	}
}

// parts yields the sound as it comes. A part of a frame at the end is left out.
func (s *sound) parts(yield func(audio.Clip) bool) {
	for s.err == nil {
		buffer := make([]float32, max(s.rate/10, 1)*s.channels)
		n, err := s.read(buffer)
		clip := audio.Clip{Rate: s.rate, Channels: s.channels, Samples: buffer[:n-n%s.channels]}
		s.heard += clip.Duration()
		if n > 0 && !yield(clip) || err == io.EOF {
			return
		}
		s.err = err
	}
}

package audio

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// aiffReader takes an AIFF or AIFF-C file apart: a header of twelve bytes, then
// chunks as in WAV, with numbers big end first.
type aiffReader struct {
	src    *source
	coded  bool // AIFF-C, which names its codec
	format pcmFormat
	frames int64 // by the header
	little bool  // samples are little end first
	signed bool  // 8-bit samples are
}

func openAIFF(s *source, limits Limits, info *Info) (sound, error) {
	a := &aiffReader{src: s}
	size, err := a.findSound(limits)
	if err != nil {
		return sound{}, err
	}
	info.Encoding = a.format.encoding
	p := newPCMDecoder(s, a.format, size, info)
	p.signed = a.signed
	if !a.little {
		p.order = binary.BigEndian
	}
	return p.sound(), nil
}

// findSound reads up to the samples and returns their size.
func (a *aiffReader) findSound(limits Limits) (dataSize, error) {
	head := make([]byte, 12)
	if _, err := a.src.fill(head); err != nil {
		return dataSize{}, err
	}
	a.coded = string(head[8:]) == "AIFC"
	for {
		n, err := a.src.fill(head[:8])
		if err != nil {
			return dataSize{}, err
		}
		name, size := string(head[:4]), int64(binary.BigEndian.Uint32(head[4:]))
		skip := size + size%2
		switch {
		case n < 8 && a.format.rate != 0 && a.frames == 0:
			return dataSize{}, nil // a file without sound needs no such chunk
		case n < 8:
			return dataSize{}, fmt.Errorf("no aiff sound chunk: %w", quintet.ErrInput)
		case name == "SSND":
			return a.soundSize(size)
		case name == "COMM":
			read, err := a.readCommon(size, limits)
			if err != nil {
				return dataSize{}, err
			}
			skip -= read
		}
		if _, err := a.src.skip(skip); err != nil {
			return dataSize{}, err
		}
	}
}

// soundSize reads the head of a sound chunk: an offset of the samples, and the
// size of blocks, which nobody uses.
func (a *aiffReader) soundSize(size int64) (dataSize, error) {
	if a.format.rate == 0 {
		return dataSize{}, fmt.Errorf("no aiff COMM chunk before the sound: %w", quintet.ErrInput)
	}
	var head [8]byte
	if _, err := a.src.fill(head[:]); err != nil {
		return dataSize{}, err
	}
	offset := int64(binary.BigEndian.Uint32(head[:]))
	if _, err := a.src.skip(offset); err != nil {
		return dataSize{}, err
	}
	bytes := a.frames * int64(a.format.channels*a.format.encoding.Bytes())
	if size == 0 || size == math.MaxUint32 { // by a writer that cannot go back
		if bytes == 0 {
			bytes = unknownSize
		}
		return dataSize{bytes: bytes, stream: true}, nil
	}
	return dataSize{bytes: bytes}, nil
}

// readCommon reads a COMM chunk: channels, frames, bits, the rate as an 80-bit
// float, the codec. It returns how many bytes it read.
func (a *aiffReader) readCommon(size int64, limits Limits) (read int64, err error) {
	var b [22]byte
	n, err := a.src.fill(b[:min(size, int64(len(b)))])
	if err != nil {
		return 0, err
	}
	if n < 18 || a.coded && n < 22 {
		return 0, fmt.Errorf("aiff COMM chunk has %d bytes: %w", n, quintet.ErrInput)
	}
	codec := "NONE"
	if a.coded {
		codec = string(b[18:22])
	}
	bits := int(binary.BigEndian.Uint16(b[6:]))
	if a.format.encoding, err = a.encoding(codec, bits); err != nil {
		return 0, err
	}
	a.frames = int64(binary.BigEndian.Uint32(b[2:]))
	a.format.channels = int(binary.BigEndian.Uint16(b[:]))
	rate := extended(b[8:18])
	if err := limits.checkShape(a.format.channels, rate); err != nil {
		return 0, err
	}
	a.format.rate = int(rate)
	return int64(n), nil
}

// encoding also notes the order and the sign of samples.
func (a *aiffReader) encoding(codec string, bits int) (SampleFormat, error) {
	a.little, a.signed = codec == "sowt", codec != "raw "
	switch codec {
	case "NONE", "twos", "sowt", "in24", "in32", "raw ":
		switch {
		case bits < 1 || bits > 32:
			return 0, fmt.Errorf("aiff samples of %d bits: %w", bits, quintet.ErrInput)
		case codec == "raw " && bits > 8:
			return 0, fmt.Errorf("aiff codec %q with %d bits: %w", codec, bits, quintet.ErrUnsupported)
		}
		return [...]SampleFormat{PCM8, PCM16, PCM24, PCM32}[(bits-1)/8], nil // the highest bits count
	case "fl32", "FL32":
		return Float32, nil
	case "fl64", "FL64":
		return Float64, nil
	case "alaw", "ALAW":
		return ALaw, nil
	case "ulaw", "ULAW":
		return MuLaw, nil
	}
	return 0, fmt.Errorf("aiff codec %q: %w", codec, quintet.ErrUnsupported)
}

// extended returns an 80-bit float, rounded to the nearest whole number, -1 if it
// is negative or too large for a rate.
func extended(b []byte) int64 {
	exponent := int(binary.BigEndian.Uint16(b)) // with the sign
	mantissa := binary.BigEndian.Uint64(b[2:])
	v := math.Ldexp(float64(mantissa), exponent-16383-63)
	if exponent > 0x7fff || v > math.MaxInt32 {
		return -1
	}
	return int64(math.Round(v))
}

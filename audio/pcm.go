package audio

import (
	"encoding/binary"
	"io"
	"math"
	"slices"
)

const unknownSize = -1

// dataSize is how much sound a header promises.
type dataSize struct {
	bytes  int64 // unknownSize: up to the end of the file
	stream bool  // the writer could not know the size, so less is no loss
}

// pcmDecoder reads samples that are not compressed: the body of WAV and AIFF.
type pcmDecoder struct {
	src    *source
	format pcmFormat
	order  binary.ByteOrder
	signed bool // samples of 8 bits are, other than PCM8
	size   dataSize
	left   int64 // bytes that are promised
	info   *Info
	buf    []byte
	out    []float32
	ended  bool
}

func newPCMDecoder(s *source, f pcmFormat, size dataSize, info *Info) *pcmDecoder {
	frame := f.channels * f.encoding.Bytes()
	p := &pcmDecoder{src: s, format: f, order: binary.LittleEndian, size: size, left: math.MaxInt64, info: info}
	if size.bytes != unknownSize {
		p.left = size.bytes
	}
	p.buf = make([]byte, max(1, (1<<14)/frame)*frame)
	p.out = make([]float32, len(p.buf)/f.encoding.Bytes())
	return p
}

// sound makes room for as many of the bytes that the header claims as can exist,
// as far as the reader itself knows.
func (p *pcmDecoder) sound() sound {
	justified := max(0, min(p.left, p.src.size-p.src.pos))
	frame := int64(p.format.channels * p.format.encoding.Bytes())
	return sound{rate: p.format.rate, channels: p.format.channels, frames: justified / frame, decoder: p}
}

func (p *pcmDecoder) next() ([]float32, error) {
	if p.ended {
		return nil, io.EOF
	}
	n, err := p.src.fill(p.buf[:min(int64(len(p.buf)), p.left)])
	if err != nil {
		return nil, err
	}
	p.left -= int64(n)
	if n < len(p.buf) {
		p.ended = true
		p.info.Truncated = p.size.bytes != unknownSize && p.left > 0 && !p.size.stream
	}
	width := p.format.encoding.Bytes()
	samples := n / (width * p.format.channels) * p.format.channels
	b := p.buf[:samples*width]
	if p.order == binary.BigEndian {
		swapBytes(b, width)
	}
	if p.signed && p.format.encoding == PCM8 {
		for i := range b {
			b[i] ^= 0x80
		}
	}
	p.info.NonFinite += p.format.encoding.decode(p.out[:samples], b)
	return p.out[:samples], nil
}

// swapBytes reverses each group of width bytes.
func swapBytes(b []byte, width int) {
	if width == 1 {
		return
	}
	for ; len(b) >= width; b = b[width:] {
		slices.Reverse(b[:width])
	}
}

package audio

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// wavReader takes a WAV file apart: a header of twelve bytes, then chunks, each
// of a name, a size and a body that is padded to an even length.
type wavReader struct {
	src      *source
	order    binary.ByteOrder
	riffSize uint32
	longSize int64 // of the data by a ds64 chunk, -1 without one
	format   pcmFormat
}

// pcmFormat is what a header says of samples that are not compressed.
type pcmFormat struct {
	encoding       SampleFormat
	rate, channels int
}

func openWAV(s *source, limits Limits, info *Info) (sound, error) {
	w := &wavReader{src: s, longSize: unknownSize}
	body, err := w.findData(limits)
	if err != nil {
		return sound{}, err
	}
	info.Encoding = w.format.encoding
	p := newPCMDecoder(s, w.format, body, info)
	p.order = w.order
	return p.sound(), nil
}

// findData reads up to the body of the data chunk and returns its size.
func (w *wavReader) findData(limits Limits) (dataSize, error) {
	head := make([]byte, 12)
	if _, err := w.src.fill(head); err != nil {
		return dataSize{}, err
	}
	w.order = binary.LittleEndian
	if string(head[:4]) == "RIFX" {
		w.order = binary.BigEndian
	}
	w.riffSize = w.order.Uint32(head[4:])
	for {
		name, size, err := w.chunk()
		switch {
		case err != nil:
			return dataSize{}, err
		case name == "":
			return dataSize{}, fmt.Errorf("no data chunk: %w", quintet.ErrInput)
		case name == "data" && w.format.rate == 0:
			return dataSize{}, fmt.Errorf("no fmt chunk before the data: %w", quintet.ErrInput)
		case name == "data":
			return w.dataSize(size), nil
		}
		if err := w.visit(name, size, limits); err != nil {
			return dataSize{}, err
		}
	}
}

// chunk reads the head of a chunk; the name is "" at the end of the file.
func (w *wavReader) chunk() (name string, size uint32, err error) {
	var head [8]byte
	n, err := w.src.fill(head[:])
	if n < len(head) || err != nil {
		return "", 0, err
	}
	return string(head[:4]), w.order.Uint32(head[4:]), nil
}

// visit reads a chunk that is not the data, and its padding.
func (w *wavReader) visit(name string, size uint32, limits Limits) error {
	var buf [40]byte // nothing of interest is longer
	body := buf[:0]
	if name == "fmt " && w.format.rate == 0 || name == "ds64" {
		body = buf[:min(int64(size), int64(len(buf)))]
		n, err := w.src.fill(body)
		if err != nil {
			return err
		}
		body = body[:n]
	}
	switch {
	case name == "ds64" && len(body) >= 16:
		if n := w.order.Uint64(body[8:]); n <= math.MaxInt64 {
			w.longSize = int64(n)
		}
	case name == "fmt " && w.format.rate == 0:
		f, err := parseFormat(body, w.order, limits)
		if err != nil {
			return err
		}
		w.format = f
	}
	if ok, err := w.src.skip(int64(size) - int64(len(body))); !ok || err != nil {
		return err // the end of the file shows at the next chunk
	}
	if size%2 == 0 {
		return nil
	}
	// Some writers forget the padding. A chunk cannot begin with its zero byte.
	if b, err := w.src.r.Peek(1); err == nil && b[0] == 0 {
		_, err = w.src.skip(1)
		return err
	}
	return nil
}

// The codecs of a fmt chunk.
const (
	codecPCM        = 1
	codecFloat      = 3
	codecALaw       = 6
	codecMuLaw      = 7
	codecExtensible = 0xfffe
)

// subFormatTail ends the GUID of an extensible format that begins with a codec of
// the list above.
const subFormatTail = "\x80\x00\x00\xaa\x00\x38\x9b\x71"

// parseFormat reads a fmt chunk: codec, channels, rate, bytes in a second (not
// looked at), bytes in a frame and bits in a sample; the extensible codec adds a
// GUID that tells the real one.
func parseFormat(b []byte, order binary.ByteOrder, limits Limits) (f pcmFormat, err error) {
	if len(b) < 16 {
		return f, fmt.Errorf("fmt chunk has %d bytes, must have 16: %w", len(b), quintet.ErrInput)
	}
	codec, bits := order.Uint16(b), order.Uint16(b[14:])
	if codec == codecExtensible {
		if len(b) < 40 {
			return f, fmt.Errorf("extensible fmt chunk has %d bytes, must have 40: %w", len(b), quintet.ErrInput)
		}
		sub := order.Uint32(b[24:])
		if sub > math.MaxUint16 || order.Uint16(b[28:]) != 0 || order.Uint16(b[30:]) != 0x10 ||
			string(b[32:40]) != subFormatTail {
			return f, fmt.Errorf("WAV sub-format %x: %w", b[24:40], quintet.ErrUnsupported)
		}
		codec = uint16(sub)
	}
	f.encoding, err = wavEncoding(codec, bits)
	if err != nil {
		return f, err
	}
	channels, rate, frame := int(order.Uint16(b[2:])), order.Uint32(b[4:]), int(order.Uint16(b[12:]))
	err = limits.checkShape(channels, int64(rate))
	if err == nil && frame != channels*f.encoding.Bytes() {
		err = fmt.Errorf("a frame of %d times %v has %d bytes: %w", channels, f.encoding, frame, quintet.ErrInput)
	}
	f.rate, f.channels = int(rate), channels
	return f, err
}

func wavEncoding(codec, bits uint16) (SampleFormat, error) {
	switch {
	case codec == codecPCM && bits == 8:
		return PCM8, nil
	case codec == codecPCM && bits == 16:
		return PCM16, nil
	case codec == codecPCM && bits == 24:
		return PCM24, nil
	case codec == codecPCM && bits == 32:
		return PCM32, nil
	case codec == codecFloat && bits == 32:
		return Float32, nil
	case codec == codecFloat && bits == 64:
		return Float64, nil
	case codec == codecALaw && bits == 8:
		return ALaw, nil
	case codec == codecMuLaw && bits == 8:
		return MuLaw, nil
	case bits == 0:
		return 0, fmt.Errorf("WAV codec %#x with samples of 0 bits: %w", codec, quintet.ErrInput)
	}
	return 0, fmt.Errorf("WAV codec %#x with samples of %d bits: %w", codec, bits, quintet.ErrUnsupported)
}

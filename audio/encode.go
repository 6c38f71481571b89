package audio

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/quintet-ai/quintet"
)

// EncodeWAV writes a clip as a WAV file of PCM16, PCM24 or Float32 samples.
// Integers are rounded to the nearest, halves away from zero, and samples beyond
// full scale are cut to it; nothing is dithered. Decoding the file gives back the
// samples that the format can hold exactly.
//
// Errors wrap [quintet.ErrOption] for another format, [quintet.ErrInput] for a clip
// that is not valid or does not fit into 4 GiB, or an error of w.
func EncodeWAV(w io.Writer, c Clip, f SampleFormat) error {
	if f != PCM16 && f != PCM24 && f != Float32 {
		return fmt.Errorf("audio: cannot write WAV of %v: %w", f, quintet.ErrOption)
	}
	if err := c.check(); err != nil {
		return fmt.Errorf("audio: %w", err)
	}
	if err := c.checkFinite(); err != nil {
		return fmt.Errorf("audio: %w", err)
	}
	head, err := wavHead(c, f)
	if err != nil {
		return fmt.Errorf("audio: %w", err)
	}
	buf := append(make([]byte, 0, 1<<16), head...)
	for rest := c.Samples; len(rest) > 0; buf = buf[:0] {
		n := min(len(rest), 1<<13)
		if _, err := w.Write(f.encode(buf, rest[:n])); err != nil {
			return fmt.Errorf("audio: %w", err)
		}
		rest = rest[n:]
	}
	if len(c.Samples)*f.Bytes()%2 != 0 {
		buf = append(buf, 0)
	}
	if _, err := w.Write(buf); err != nil {
		return fmt.Errorf("audio: %w", err)
	}
	return nil
}

// encode appends samples to b in little-endian order.
func (f SampleFormat) encode(b []byte, samples []float32) []byte {
	for _, v := range samples {
		switch f {
		case PCM16:
			b = binary.LittleEndian.AppendUint16(b, uint16(quantize(v, 1<<15)))
		case PCM24:
			q := quantize(v, 1<<23)
			b = append(b, byte(q), byte(q>>8), byte(q>>16))
		case Float32:
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return b
}

// quantize returns v on a scale of full steps, within -full to full-1.
func quantize(v float32, full float64) int32 {
	return int32(min(max(math.Round(float64(v)*full), -full), full-1))
}

// wavHead returns everything before the samples. More than two channels, or
// integers of more than 16 bits, want the extensible form; floats want a fact
// chunk.
func wavHead(c Clip, f SampleFormat) ([]byte, error) {
	codec := uint16(codecPCM)
	if f == Float32 {
		codec = codecFloat
	}
	frame := c.Channels * f.Bytes()
	size := int64(len(c.Samples)) * int64(f.Bytes())
	if c.Channels > math.MaxUint16 || frame > math.MaxUint16 || size > math.MaxUint32-128 {
		return nil, fmt.Errorf("%d frames of %d channels do not fit into WAV: %w",
			c.Frames(), c.Channels, quintet.ErrInput)
	}
	le := binary.LittleEndian
	extensible := c.Channels > 2 || f == PCM24
	tag := codec
	if extensible {
		tag = codecExtensible
	}
	body := le.AppendUint16(nil, tag)
	body = le.AppendUint16(body, uint16(c.Channels))
	body = le.AppendUint32(body, uint32(c.Rate))
	body = le.AppendUint32(body, uint32(min(int64(c.Rate)*int64(frame), math.MaxUint32)))
	body = le.AppendUint16(body, uint16(frame))
	body = le.AppendUint16(body, uint16(8*f.Bytes()))
	if extensible {
		body = le.AppendUint16(body, 22)                   // bytes that follow
		body = le.AppendUint16(body, uint16(8*f.Bytes()))  // valid bits
		body = le.AppendUint32(body, speakers(c.Channels)) // channel mask
		body = le.AppendUint32(body, uint32(codec))
		body = append(append(body, 0, 0, 0x10, 0), subFormatTail...)
	} else if codec != codecPCM {
		body = le.AppendUint16(body, 0) // bytes that follow
	}
	chunks := appendChunk(nil, "fmt ", body)
	if codec != codecPCM {
		chunks = appendChunk(chunks, "fact", le.AppendUint32(nil, uint32(c.Frames())))
	}
	chunks = le.AppendUint32(append(chunks, "data"...), uint32(size))
	head := le.AppendUint32([]byte("RIFF"), uint32(4+int64(len(chunks))+size+size%2))
	return append(append(head, "WAVE"...), chunks...), nil
}

func appendChunk(b []byte, name string, body []byte) []byte {
	b = binary.LittleEndian.AppendUint32(append(b, name...), uint32(len(body)))
	return append(b, body...)
}

// speakers returns the channel mask: centre, left and right, or unknown.
func speakers(channels int) uint32 {
	switch channels {
	case 1:
		return 4
	case 2:
		return 3
	}
	return 0
}

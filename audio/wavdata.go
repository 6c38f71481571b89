package audio

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

const unknownSize = -1

// dataSize is what the size field of a data chunk comes to.
type dataSize struct {
	bytes  int64 // unknownSize: up to the end of the file
	stream bool  // the writer could not know the size, so less is no loss
}

// dataSize interprets the size field of the data chunk whose body comes next.
//
// Writers that cannot go back leave the sizes of a pipe: 0, the largest number,
// or one near 2 GiB (SoX and arecord). But 0 is a true size in a file whose RIFF
// size says that more chunks follow.
func (w *wavReader) dataSize(size uint32) dataSize {
	switch {
	case size == math.MaxUint32 && w.longSize > 0:
		return dataSize{bytes: w.longSize}
	case size == math.MaxUint32:
		return dataSize{bytes: unknownSize, stream: true}
	case size == 0 && (w.riffSize == math.MaxUint32 || 8+int64(w.riffSize) <= w.src.pos):
		return dataSize{bytes: unknownSize, stream: true}
	}
	return dataSize{bytes: int64(size), stream: 0x7ffff000 <= size && size <= 0x80000000}
}

// samples reads the body of the data chunk.
func (w *wavReader) samples(size dataSize, limits Limits, info *Info) ([]float32, error) {
	frame := w.format.channels * w.format.encoding.Bytes()
	maxFrames := limits.maxFrames(w.format.rate, w.format.channels)
	left := int64(math.MaxInt64)
	if size.bytes != unknownSize {
		left = size.bytes
	}
	most := maxFrames * int64(w.format.channels)
	out := make([]float32, 0, min(w.justified(left)/int64(w.format.encoding.Bytes()), most))
	buf := make([]byte, max(1, (1<<16)/frame)*frame)
	for frames := int64(0); ; {
		n, err := w.src.fill(buf[:min(int64(len(buf)), left)])
		if err != nil {
			return nil, err
		}
		left -= int64(n)
		whole := n / frame
		if frames += int64(whole); frames > maxFrames {
			return nil, fmt.Errorf("more than %d frames of %d channels at %d Hz: %w",
				maxFrames, w.format.channels, w.format.rate, quintet.ErrInput)
		}
		out = w.appendSamples(out, buf[:whole*frame], most, info)
		if n < len(buf) {
			break
		}
	}
	info.Truncated = size.bytes != unknownSize && left > 0 && !size.stream
	if len(out) < cap(out)/4*3 {
		out = slices.Clone(out)
	}
	return out, nil
}

// justified returns how many of the bytes that a header claims can exist, as far
// as the reader itself knows.
func (w *wavReader) justified(claim int64) int64 {
	return max(0, min(claim, w.src.size-w.src.pos))
}

// appendSamples decodes the samples in b. There will never be more than most.
func (w *wavReader) appendSamples(out []float32, b []byte, most int64, info *Info) []float32 {
	if w.order == binary.BigEndian {
		swapBytes(b, w.format.encoding.Bytes())
	}
	n := len(b) / w.format.encoding.Bytes()
	if need := int64(len(out) + n); need > int64(cap(out)) {
		grown := make([]float32, len(out), min(max(need, 2*int64(len(out))), most)) // few copies
		copy(grown, out)
		out = grown
	}
	out = out[:len(out)+n]
	info.NonFinite += w.format.encoding.decode(out[len(out)-n:], b)
	return out
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

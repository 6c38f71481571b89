package audio

import "math"

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

package text

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// staticMatrix is the matrix of a static model as it is in the file: one of the slices
// has the numbers, row by row.
type staticMatrix struct {
	rows, dim int
	floats    []float32
	halves    []uint16
	bytes     []int8
}

// row returns a row, in dst if it must be converted.
func (m *staticMatrix) row(dst []float32, i int) []float32 {
	from, to := i*m.dim, (i+1)*m.dim
	switch {
	case m.floats != nil:
		return m.floats[from:to]
	case m.halves != nil:
		vec.HalfToFloat(dst, m.halves[from:to])
	default:
		for j, x := range m.bytes[from:to] {
			dst[j] = float32(x)
		}
	}
	return dst
}

// safetensor is an entry of the header of a safetensors file: eight bytes with the
// length of the header, the header in JSON, the numbers.
type safetensor struct {
	DType   string   `json:"dtype"`
	Shape   []uint64 `json:"shape"`
	Offsets []uint64 `json:"data_offsets"` // first byte and the one behind the last, after the header
}

// maxSafetensorsHeader is far more than a few entries take.
const maxSafetensorsHeader = 1 << 20

// openStaticMatrix reads the matrix of model.safetensors.
func openStaticMatrix(files fs.FS, limit int) (m staticMatrix, err error) {
	f, err := files.Open("model.safetensors")
	if err != nil {
		return m, fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return m, fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	if size := info.Size(); size < 0 || size > int64(limit) {
		return m, fmt.Errorf("file of %d bytes, limit %d: %w", size, limit, quintet.ErrModel)
	}
	return readStaticMatrix(f, uint64(info.Size()))
}

// readStaticMatrix reads the matrix of a file of that size.
func readStaticMatrix(r io.Reader, size uint64) (m staticMatrix, err error) {
	t, size, err := readSafetensor(r, size)
	if err != nil {
		return m, err
	}
	width := map[string]uint64{"F32": 4, "F16": 2, "I8": 1}[t.DType]
	if width == 0 {
		return m, fmt.Errorf("embeddings are %s, want F32, F16 or I8: %w", t.DType, quintet.ErrModel)
	}
	if len(t.Shape) != 2 || len(t.Offsets) != 2 {
		return m, fmt.Errorf("embeddings of shape %v at %v: %w", t.Shape, t.Offsets, quintet.ErrModel)
	}
	rows, dim, from, to := t.Shape[0], t.Shape[1], t.Offsets[0], t.Offsets[1]
	if from > to || to > size || rows == 0 || dim == 0 || dim > size || rows > size || rows*dim*width != to-from ||
		rows > size/dim/width {
		return m, fmt.Errorf("embeddings of shape %v at %v, %d bytes are there: %w", t.Shape, t.Offsets, size, quintet.ErrModel)
	}
	if _, err := io.CopyN(io.Discard, r, int64(from)); err != nil {
		return m, cutOff(err)
	}
	m.rows, m.dim = int(rows), int(dim)
	return m, m.read(r, t.DType)
}

// readSafetensor reads the header and returns the entry of the matrix and how many
// bytes follow.
func readSafetensor(r io.Reader, size uint64) (t safetensor, left uint64, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return t, 0, cutOff(err)
	}
	n := binary.LittleEndian.Uint64(head[:])
	if n > maxSafetensorsHeader || n+8 > size {
		return t, 0, fmt.Errorf("header of %d bytes in %d: %w", n, size, quintet.ErrModel)
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(r, data); err != nil {
		return t, 0, cutOff(err)
	}
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(data, &entries); err != nil {
		return t, 0, fmt.Errorf("header: %w: %w", err, quintet.ErrModel)
	}
	delete(entries, "__metadata__")
	entry, ok := entries["embeddings"]
	if !ok || len(entries) != 1 {
		return t, 0, fmt.Errorf("has %q, want embeddings alone: %w", slices.Sorted(maps.Keys(entries)), quintet.ErrModel)
	}
	if err := json.Unmarshal(entry, &t); err != nil {
		return t, 0, fmt.Errorf("header: %w: %w", err, quintet.ErrModel)
	}
	return t, size - 8 - n, nil
}

// cutOff is the error of a file that ends too early.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the file is cut off: %w", quintet.ErrModel)
	}
	return fmt.Errorf("%w: %w", err, quintet.ErrModel)
}

// read reads the numbers.
func (m *staticMatrix) read(r io.Reader, dtype string) (err error) {
	n := m.rows * m.dim
	switch dtype {
	case "F32":
		m.floats = make([]float32, 0, n)
		return eachChunk(r, 4*n, func(b []byte) {
			for ; len(b) > 0; b = b[4:] {
				m.floats = append(m.floats, math.Float32frombits(binary.LittleEndian.Uint32(b)))
			}
		})
	case "F16":
		m.halves = make([]uint16, 0, n)
		return eachChunk(r, 2*n, func(b []byte) {
			for ; len(b) > 0; b = b[2:] {
				m.halves = append(m.halves, binary.LittleEndian.Uint16(b))
			}
		})
	}
	m.bytes = make([]int8, 0, n)
	return eachChunk(r, n, func(b []byte) {
		for _, x := range b {
			m.bytes = append(m.bytes, int8(x))
		}
	})
}

// eachChunk calls f with n bytes of r in pieces, all but the last of 64 KiB.
func eachChunk(r io.Reader, n int, f func([]byte)) error {
	buf := make([]byte, min(n, 64<<10))
	for ; n > 0; n -= len(buf) {
		buf = buf[:min(n, len(buf))]
		if _, err := io.ReadFull(r, buf); err != nil {
			return cutOff(err)
		}
		f(buf)
	}
	return nil
}

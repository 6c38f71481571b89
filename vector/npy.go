package vector

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"math"
	"regexp"
	"strconv"

	"github.com/quintet-ai/quintet"
)

const npyMagic = "\x93NUMPY"

// npyHeader is what NumPy writes, and the others after it.
var npyHeader = regexp.MustCompile(
	`^\{'descr': ?'([^']*)', ?'fortran_order': ?(True|False), ?'shape': ?\((\d+), ?(\d+),?\),? ?\} *\n?$`)

// npyShape is the header of a matrix.
type npyShape struct {
	rows, dim int
	double    bool // float64
}

// ImportNPY adds the rows of a NumPy file to a store, under the keys that id
// gives their numbers, counted from 0. The file holds one matrix of float32 or
// float64, little-endian and in C order; for others the cause is
// [quintet.ErrUnsupported]. Floats are rounded to float32. Count, other errors and
// progress are those of [ImportJSONL].
func ImportNPY[K Key](ctx context.Context, s Store[K], r io.Reader, id func(row int) K,
	progress func(Progress)) (int, error) {
	im, err := newImporter(ctx, s, r, "row", progress)
	if err != nil {
		return 0, fail("ImportNPY", -1, err)
	}
	shape, err := im.npyHeader()
	if err != nil {
		return 0, fail("ImportNPY", -1, err)
	}
	n, err := im.run(func() error {
		if im.number > shape.rows {
			if err := im.done(); err != nil {
				return err
			}
			return fmt.Errorf("file has more than %d rows: %w", shape.rows, quintet.ErrInput)
		}
		v, err := im.npyRow(shape)
		if err != nil {
			return err
		}
		return im.add(Item[K]{ID: id(im.number - 1), Vector: v})
	})
	if err != nil {
		return n, fail("ImportNPY", -1, err)
	}
	return n, nil
}

func (im *importer[K]) npyHeader() (shape npyShape, err error) {
	head := make([]byte, 10)
	if err := im.read(head); err != nil {
		return shape, err
	}
	size := int(binary.LittleEndian.Uint16(head[8:]))
	switch {
	case !bytes.HasPrefix(head, []byte(npyMagic)):
		return shape, fmt.Errorf("not a NumPy file: %w", quintet.ErrInput)
	case head[6] == 2 || head[6] == 3: // whose lengths have 32 bits
		more := make([]byte, 2)
		if err := im.read(more); err != nil {
			return shape, err
		}
		if more[0] != 0 || more[1] != 0 {
			return shape, fmt.Errorf("header is longer than 65535 bytes: %w", quintet.ErrInput)
		}
	case head[6] != 1:
		return shape, fmt.Errorf("NumPy format version %d: %w", head[6], quintet.ErrUnsupported)
	}
	text := make([]byte, size)
	if err := im.read(text); err != nil {
		return shape, err
	}
	return im.npyShape(text)
}

func (im *importer[K]) npyShape(text []byte) (shape npyShape, err error) {
	m := npyHeader.FindSubmatch(text)
	switch {
	case m == nil:
		return shape, fmt.Errorf("header %.200q is not that of a matrix: %w", text, quintet.ErrInput)
	case string(m[1]) != "<f4" && string(m[1]) != "<f8":
		return shape, fmt.Errorf("numbers of type %.20q, want <f4 or <f8: %w", m[1], quintet.ErrUnsupported)
	case string(m[2]) != "False":
		return shape, fmt.Errorf("matrix in Fortran order: %w", quintet.ErrUnsupported)
	}
	rows, err1 := strconv.Atoi(string(m[3]))
	dim, err2 := strconv.Atoi(string(m[4]))
	switch {
	case err1 != nil || err2 != nil:
		return shape, fmt.Errorf("shape %.40s x %.40s is out of range: %w", m[3], m[4], quintet.ErrInput)
	case rows > 0 && dim != im.stats.Dim:
		return shape, fmt.Errorf("rows have %d floats, want %d: %w", dim, im.stats.Dim, quintet.ErrInput)
	}
	return npyShape{rows: rows, dim: dim, double: string(m[1]) == "<f8"}, nil
}

func (im *importer[K]) npyRow(shape npyShape) ([]float32, error) {
	if !shape.double {
		return im.row()
	}
	b := make([]byte, 8*shape.dim)
	if err := im.read(b); err != nil {
		return nil, err
	}
	v := make([]float32, shape.dim)
	for i := range v {
		v[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])))
	}
	return v, nil
}

// ExportNPY writes the vectors of items, which have one dimension, as the rows of
// a matrix of float32 that numpy.load reads, in their order and without keys. It
// comes back to the start of w to say how many. Count and progress are those of
// [ExportJSONL].
func ExportNPY[K Key](w io.WriteSeeker, items iter.Seq2[Item[K], error], progress func(Progress)) (int, error) {
	ex := newExporter(w, progress)
	_, err := ex.Write(npyBytes(0, 0))
	for it, bad := range items {
		if err == nil {
			err = bad
		}
		if err == nil {
			err = ex.floats(it.Vector)
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		err = ex.finish()
	}
	if err == nil {
		err = rewrite(w, ex.p.Bytes, npyBytes(ex.p.Items, ex.dim))
	}
	if err != nil {
		return ex.p.Items, fail("ExportNPY", -1, cause(err))
	}
	return ex.p.Items, nil
}

// rewrite replaces the first of the last size bytes, and goes back to the end.
func rewrite(w io.WriteSeeker, size int64, head []byte) error {
	if _, err := w.Seek(-size, io.SeekCurrent); err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Seek(size-int64(len(head)), io.SeekCurrent)
	return err
}

// npyBytes returns a header of 128 bytes, whatever the shape.
func npyBytes(rows, dim int) []byte {
	text := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", rows, dim)
	return fmt.Appendf(nil, "%s\x01\x00\x76\x00%-117s\n", npyMagic, text)
}

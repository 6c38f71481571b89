package vector

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"math"

	"github.com/quintet-ai/quintet"
)

// ImportFvecs adds the vectors of r to a store, under the keys that id gives their
// numbers, counted from 0. In fvecs, a format of benchmark data, each vector is
// its dimension as an int32 and as many float32, little-endian. Count, errors and
// progress are those of [ImportJSONL].
func ImportFvecs[K Key](ctx context.Context, s Store[K], r io.Reader, id func(row int) K,
	progress func(Progress)) (int, error) {
	im, err := newImporter(ctx, s, r, "vector", progress)
	if err != nil {
		return 0, fail("ImportFvecs", -1, err)
	}
	n, err := im.run(func() error {
		if err := im.done(); err != nil {
			return err
		}
		var dim [4]byte
		if err := im.read(dim[:]); err != nil {
			return err
		}
		if n := int32(binary.LittleEndian.Uint32(dim[:])); int(n) != im.stats.Dim {
			return fmt.Errorf("vector has %d floats, want %d: %w", n, im.stats.Dim, quintet.ErrInput)
		}
		v, err := im.row()
		if err != nil {
			return err
		}
		return im.add(Item[K]{ID: id(im.number - 1), Vector: v})
	})
	if err != nil {
		return n, fail("ImportFvecs", -1, err)
	}
	return n, nil
}

// row reads a vector of the store's dimension.
func (im *importer[K]) row() ([]float32, error) {
	b := make([]byte, 4*im.stats.Dim)
	if err := im.read(b); err != nil {
		return nil, err
	}
	v := make([]float32, im.stats.Dim)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v, nil
}

// ExportFvecs writes the vectors of items, which have one dimension, in their
// order and without keys. Count and progress are those of [ExportJSONL].
func ExportFvecs[K Key](w io.Writer, items iter.Seq2[Item[K], error], progress func(Progress)) (int, error) {
	ex := newExporter(w, progress)
	for it, err := range items {
		if err == nil {
			_, err = ex.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(it.Vector))))
		}
		if err == nil {
			err = ex.floats(it.Vector)
		}
		if err != nil {
			return ex.p.Items, fail("ExportFvecs", -1, cause(err))
		}
	}
	if err := ex.finish(); err != nil {
		return ex.p.Items, fail("ExportFvecs", -1, err)
	}
	return ex.p.Items, nil
}

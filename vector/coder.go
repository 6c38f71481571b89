package vector

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"reflect"

	"github.com/quintet-ai/quintet"
)

// maxCoderKey is the longest key in a saved graph.
const maxCoderKey = 1 << 20

// ImportCoder adds the vectors of a graph that Save or Export of
// github.com/coder/hnsw v0.6 wrote to a store with keys of the same type: int,
// int64, uint64 or string. The graph has to use the store's metric, cosine or
// euclidean. Its links are read past: they do not pay. Such files have no
// checksum, so damage can go unseen. Count, errors and progress are those of
// [ImportJSONL].
func ImportCoder[K Key](ctx context.Context, s Store[K], r io.Reader, progress func(Progress)) (int, error) {
	im, err := newImporter(ctx, s, r, "node", progress)
	if err != nil {
		return 0, fail("ImportCoder", -1, err)
	}
	c := &coder[K]{importer: im, keys: newKeyCodec[K]()}
	if err := c.header(); err != nil {
		return 0, fail("ImportCoder", -1, err)
	}
	n, err := im.run(c.next)
	if err != nil {
		return n, fail("ImportCoder", -1, err)
	}
	return n, nil
}

// coder reads a saved graph: a header, the number of layers, and for each the
// number of its nodes and these, every one a key, a vector, and the keys of its
// neighbours. The lowest layer comes first and has all nodes.
type coder[K Key] struct {
	*importer[K]
	keys   keyCodec[K]
	layers int64 // after the present one
	nodes  int64 // of the present layer that are to come
	upper  bool  // the lowest layer is done
}

func (c *coder[K]) header() error {
	version, err := c.int()
	if err != nil {
		return err
	}
	if version != 1 {
		return fmt.Errorf("graph format version %d, want 1: %w", version, quintet.ErrUnsupported)
	}
	if _, err = c.int(); err != nil { // M
		return err
	}
	if err := c.read(make([]byte, 8)); err != nil { // Ml
		return err
	}
	if _, err = c.int(); err != nil { // EfSearch
		return err
	}
	distance, err := c.string(100)
	if err != nil {
		return err
	}
	if err := c.checkMetric(distance); err != nil {
		return err
	}
	if c.layers, err = c.count(); err != nil || c.layers == 0 {
		return err
	}
	c.layers--
	c.nodes, err = c.count()
	return err
}

func (c *coder[K]) checkMetric(distance string) error {
	metric, ok := map[string]Metric{"cosine": Cosine, "euclidean": L2}[distance]
	switch {
	case !ok:
		return fmt.Errorf("graph has distance %q: %w", distance, quintet.ErrUnsupported)
	case metric != c.stats.Metric:
		return fmt.Errorf("graph has distance %q, the store metric %v: %w", distance, c.stats.Metric, quintet.ErrInput)
	}
	return nil
}

// next reads a node.
func (c *coder[K]) next() error {
	for c.nodes == 0 {
		if c.layers == 0 {
			if err := c.done(); err != nil {
				return err
			}
			return fmt.Errorf("bytes after the graph: %w", quintet.ErrInput)
		}
		n, err := c.count()
		if err != nil {
			return err
		}
		c.upper, c.nodes = true, n
		c.layers--
	}
	c.nodes--
	id, err := c.key()
	if err != nil {
		return err
	}
	dim, err := c.int()
	if err == nil && dim != int64(c.stats.Dim) {
		err = fmt.Errorf("vector has %d floats, want %d: %w", dim, c.stats.Dim, quintet.ErrInput)
	}
	if err != nil {
		return err
	}
	v, err := c.row()
	if err == nil {
		err = c.skipNeighbours()
	}
	if err != nil || c.upper {
		return err
	}
	return c.add(Item[K]{ID: id, Vector: v})
}

func (c *coder[K]) skipNeighbours() error {
	n, err := c.count()
	for ; err == nil && n > 0; n-- {
		_, err = c.key()
	}
	return err
}

func (c *coder[K]) key() (k K, err error) {
	switch c.keys.kind {
	case reflect.String:
		s, err := c.string(maxCoderKey)
		if err != nil {
			return k, err
		}
		return c.keys.ofString(s), nil
	case reflect.Int:
		n, err := c.int()
		if err != nil {
			return k, err
		}
		return c.keys.ofInt(n)
	}
	var b [8]byte
	if err := c.read(b[:]); err != nil {
		return k, err
	}
	n := binary.LittleEndian.Uint64(b[:])
	if c.keys.kind == reflect.Uint64 {
		return c.keys.ofUint(n), nil
	}
	return c.keys.ofInt(int64(n))
}

// int reads a varint.
func (c *coder[K]) int() (int64, error) {
	var b [binary.MaxVarintLen64]byte
	for i := range b {
		if err := c.read(b[i : i+1]); err != nil {
			return 0, err
		}
		if b[i] >= 0x80 {
			continue
		}
		if n, size := binary.Varint(b[:i+1]); size > 0 {
			return n, nil
		}
		break
	}
	return 0, fmt.Errorf("no number before byte %d: %w", c.at, quintet.ErrInput)
}

func (c *coder[K]) count() (int64, error) {
	n, err := c.int()
	if err == nil && n < 0 {
		err = fmt.Errorf("count %d before byte %d: %w", n, c.at, quintet.ErrInput)
	}
	return n, err
}

func (c *coder[K]) string(most int64) (string, error) {
	n, err := c.count()
	if err == nil && n > most {
		err = fmt.Errorf("string of %d bytes before byte %d, limit %d: %w", n, c.at, most, quintet.ErrInput)
	}
	if err != nil {
		return "", err
	}
	b := make([]byte, n)
	err = c.read(b)
	return string(b), err
}

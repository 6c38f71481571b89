package graph

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"unsafe"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/mmap"
)

// File is an open file of a graph. It is safe for concurrent use, but for Close.
type File[K FileKey] struct {
	g        *Graph[K]
	head     fileHead
	sections [sectionCount][]byte
	unmap    func()
	close    sync.Once
}

// Open maps a file of [Save]: the edges stay in the file, whose pages the system
// reads and forgets as needed, and processes share them. Text keys are copied.
//
// Open reads the edges once, on all processors, and refuses a file whose graph is
// none with [quintet.ErrInput]: rows that do not ascend, edges to no node, weights
// that are not finite, an undirected edge that is not in the rows of both its ends
// (told by random sums of 64 bits). So no file can make an algorithm fail in a way
// that a graph of a [Builder] cannot. It does not compare checksums, which is left
// to [File.Verify]: what they guard against besides, keys or weights that changed,
// does not make a graph unusable. A file of keys of another kind and one cut short
// have the cause ErrInput, one of a later version [quintet.ErrUnsupported].
//
// The file must not be written to while it is open, which may end the process:
// replace it by Save. On systems that are not Unix the file is read as a whole.
func Open[K FileKey](ctx context.Context, path string) (*File[K], error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, unmap, err := mapFile(path)
	if err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	f, err := openFile[K](ctx, data)
	if err != nil {
		unmap()
		return nil, fmt.Errorf("graph: file %.256q: %w", path, err)
	}
	f.unmap = unmap
	return f, nil
}

// mapFile maps a file, or reads it where files are not mapped.
func mapFile(path string) (data []byte, unmap func(), err error) {
	pages, err := mmap.Open(path)
	if err == nil {
		return pages.Bytes(), pages.Close, nil
	}
	if !errors.Is(err, errors.ErrUnsupported) {
		return nil, nil, err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%.256q is no file of a graph: %w", path, quintet.ErrInput)
	}
	data, err = os.ReadFile(path)
	return data, func() {}, err
}

func openFile[K FileKey](ctx context.Context, data []byte) (*File[K], error) {
	f := &File[K]{}
	var err error
	if f.head, f.sections, err = parseHead(data); err != nil {
		return nil, err
	}
	c := &CSR{directed: f.head.flags&flagDirected != 0, turn: make(chan struct{}, 1)}
	c.off = numbersOf[uint32](f.sections[sectionEnds])
	c.adj = numbersOf[int32](f.sections[sectionColumns])
	c.w = numbersOf[float32](f.sections[sectionWeights])
	if err := c.check(ctx, runtime.GOMAXPROCS(0)); err != nil {
		return nil, err
	}
	keys, err := readKeys[K](&f.head, f.sections[sectionKeys], f.sections[sectionText])
	if err != nil {
		return nil, err
	}
	index := keyIndex[K]{slots: numbersOf[int32](f.sections[sectionSlots]), keys: keys}
	f.g = &Graph[K]{keys: keys, index: index, csr: c}
	return f, nil
}

// readKeys returns the keys of a file.
func readKeys[K FileKey](h *fileHead, section, text []byte) (keys []K, err error) {
	switch p := any(&keys).(type) {
	case *[]string:
		if h.flags&flagText == 0 {
			return nil, fmt.Errorf("the nodes are whole numbers: %w", quintet.ErrInput)
		}
		*p, err = splitTexts(numbersOf[uint64](section), string(text))
		return keys, err
	case *[]int64:
		*p = numbersOf[int64](section)
	case *[]int:
		*p, err = ints(numbersOf[int64](section))
	}
	if err != nil {
		return nil, err
	}
	if h.flags&flagText != 0 || h.text != 0 {
		return nil, fmt.Errorf("the nodes are texts: %w", quintet.ErrInput)
	}
	return keys, nil
}

// ints returns keys as int, in their own memory where it has 64 bits.
func ints(all []int64) ([]int, error) {
	if strconv.IntSize == 64 {
		return unsafe.Slice((*int)(unsafe.Pointer(unsafe.SliceData(all))), len(all)), nil
	}
	out := make([]int, len(all))
	for i, k := range all {
		if int64(int(k)) != k {
			return nil, fmt.Errorf("node %d does not fit an int: %w", k, quintet.ErrInput)
		}
		out[i] = int(k)
	}
	return out, nil
}

func splitTexts(ends []uint64, text string) ([]string, error) {
	keys := make([]string, len(ends))
	start := uint64(0)
	for i, end := range ends {
		if end < start || end > uint64(len(text)) {
			return nil, fmt.Errorf("key %d ends at byte %d: %w", i, end, quintet.ErrInput)
		}
		keys[i], start = text[start:end], end
	}
	return keys, nil
}

// Graph returns the graph, which must not be used after Close: neither must its
// rows, subgraphs that share its keys, nor results that look keys up in it. Keys
// themselves may be kept.
func (f *File[K]) Graph() *Graph[K] { return f.g }

// Verify reads the whole file and compares its checksums; a difference has the
// cause [quintet.ErrInput]. It tells what a failing disk has changed, not what
// somebody has forged.
func (f *File[K]) Verify(ctx context.Context) error {
	names := [...]string{"the rows", "the columns", "the weights", "the keys", "the text", "the hash table"}
	for i, s := range f.sections {
		sum := uint32(0)
		for chunk := range slices.Chunk(s, 1<<20) {
			if err := ctx.Err(); err != nil {
				return err
			}
			sum = crc32.Update(sum, castagnoli, chunk)
		}
		if sum != f.head.sums[i] {
			return fmt.Errorf("graph: the checksum of %s is wrong: %w", names[i], quintet.ErrInput)
		}
	}
	return nil
}

// Close gives the file back; a second call does nothing. Nothing may use the graph
// any more, which ends the process where files are mapped. The error is nil.
func (f *File[K]) Close() error {
	f.close.Do(func() {
		f.unmap()
		f.g, f.sections = nil, [sectionCount][]byte{}
	})
	return nil
}

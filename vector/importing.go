package vector

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/quintet-ai/quintet"
)

// Progress says how far an import or export is.
type Progress struct {
	Items int   // in the store, or written
	Bytes int64 // of the file that were read or written
}

// An import gives its store batches of at most so many items or floats.
const (
	batchItems  = 256
	batchFloats = 1 << 18
)

// importer reads a file and puts what it finds into a store.
type importer[K Key] struct {
	ctx      context.Context // of the one call that it serves
	store    Store[K]
	stats    Stats
	progress func(Progress)
	r        *bufio.Reader
	at       int64 // bytes read
	part     string
	number   int // of the part under way, from 1
	pending  []Item[K]
	numbers  []int // of the pending items
	size     int   // of the pending items in floats
	items    int   // in the store
}

// newImporter is for a file made of the given parts, such as lines.
func newImporter[K Key](ctx context.Context, s Store[K], r io.Reader, part string,
	progress func(Progress)) (*importer[K], error) {
	stats, err := s.Stats(ctx)
	if err != nil {
		return nil, cause(err)
	}
	return &importer[K]{
		ctx: ctx, store: s, stats: stats, progress: progress, part: part,
		r: bufio.NewReaderSize(&until{ctx: ctx, r: r}, 1<<16),
	}, nil
}

// run calls next until it returns io.EOF. What comes before an error goes into
// the store.
func (im *importer[K]) run(next func() error) (int, error) {
	err := im.parts(next)
	var known placed
	if errors.As(err, &known) {
		err = known.error
	}
	return im.items, err
}

// parts says where an error is, unless flush did.
func (im *importer[K]) parts(next func() error) error {
	for {
		im.number++
		err := next()
		var known placed
		switch {
		case err == nil:
			continue
		case err == io.EOF:
			return im.flush()
		case errors.As(err, &known):
			return err
		}
		if early := im.flush(); early != nil { // of a part before this one
			return early
		}
		return fmt.Errorf("%s %d: %w", im.part, im.number, err)
	}
}

func (im *importer[K]) add(it Item[K]) error {
	if len(it.Vector) != im.stats.Dim {
		return fmt.Errorf("vector has %d floats, want %d: %w", len(it.Vector), im.stats.Dim, quintet.ErrInput)
	}
	im.pending = append(im.pending, it)
	im.numbers = append(im.numbers, im.number)
	im.size += len(it.Vector)
	if len(im.pending) < batchItems && im.size < batchFloats {
		return nil
	}
	return im.flush()
}

// placed is an error that says where it is.
type placed struct{ error }

func (p placed) Unwrap() error { return p.error }

func (im *importer[K]) flush() error {
	if len(im.pending) == 0 {
		return nil
	}
	if err := im.store.Upsert(im.ctx, im.pending...); err != nil {
		var e *quintet.Error
		if errors.As(err, &e) && e.Index >= 0 && e.Index < len(im.numbers) {
			err = fmt.Errorf("%s %d: %w", im.part, im.numbers[e.Index], e.Err)
		}
		im.pending, im.numbers, im.size = nil, nil, 0
		return placed{cause(err)}
	}
	im.items += len(im.pending)
	im.pending, im.numbers, im.size = im.pending[:0], im.numbers[:0], 0
	if im.progress != nil {
		im.progress(Progress{Items: im.items, Bytes: im.at})
	}
	return nil
}

// read fills b, or refuses a file that ends before.
func (im *importer[K]) read(b []byte) error {
	n, err := io.ReadFull(im.r, b)
	im.at += int64(n)
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("file ends at byte %d: %w", im.at, quintet.ErrInput)
	}
	return err
}

// done returns io.EOF at the end of the file and nil before.
func (im *importer[K]) done() error {
	_, err := im.r.Peek(1)
	return err
}

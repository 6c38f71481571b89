package text

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/quintet-ai/quintet"
)

// indexMagic begins the file of an index; its last byte is the version.
const indexMagic = "QXINDEX\x01"

// WriteTo writes the documents, for [ReadIndex]: of each the length of its ID, its
// ID, the length of its body and its body, in blocks with checksums (CRC-32C). The
// options are not written. It writes the documents that are there when it is called,
// in the order in which they were added, while searches and writers go on. Who
// replaces a file writes another one first and renames it.
func (ix *Index) WriteTo(w io.Writer) (n int64, err error) {
	ix.mu.RLock()
	docs := make([]Document, 0, len(ix.numbers))
	for _, d := range ix.docs {
		if d.ID != "" {
			docs = append(docs, d)
		}
	}
	ix.mu.RUnlock()
	b := newBlockWriter(w, indexMagic)
	for _, d := range docs {
		b.string(d.ID)
		b.string(d.Body)
	}
	return b.close()
}

// ReadIndex returns the index that [Index.WriteTo] wrote, with options that may be
// others. The terms are made anew, so it takes the time of adding the documents. It
// reads no further than the end of what was written. Bytes that are not an index of
// this version, are cut off, have a wrong checksum or exceed the limits of the
// options are an error wrapping [quintet.ErrInput]; memory is taken as bytes arrive,
// whatever sizes they claim. Other errors are those of r.
func ReadIndex(r io.Reader, o IndexOptions) (*Index, error) {
	ix, err := NewIndex(o)
	if err != nil {
		return nil, err
	}
	b, err := newBlockReader(r, indexMagic, quintet.ErrInput)
	if err != nil {
		return nil, fmt.Errorf("text: index: %w", err)
	}
	for {
		id, err := b.string(ix.opt.MaxBytes)
		if errors.Is(err, io.EOF) {
			return ix, nil
		}
		var body string
		if err == nil {
			body, err = b.string(ix.opt.MaxBytes)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("text: index: document %q has no body: %w", id, quintet.ErrInput)
		case err != nil:
			return nil, fmt.Errorf("text: index: %w", err)
		}
		if _, ok := ix.numbers[id]; ok {
			return nil, fmt.Errorf("text: index: two documents %q: %w", id, quintet.ErrInput)
		}
		if err := ix.Add(Document{id, body}); err != nil {
			return nil, err
		}
	}
}

// string writes a length and as many bytes.
func (b *blockWriter) string(s string) {
	b.uint(uint64(len(s)))
	b.Write([]byte(s))
}

// uint writes a number, small ones in fewer bytes.
func (b *blockWriter) uint(x uint64) {
	var buf [binary.MaxVarintLen64]byte
	b.Write(buf[:binary.PutUvarint(buf[:], x)])
}

// string reads what the writer's string wrote. It is io.EOF only where nothing is
// left.
func (b *blockReader) string(limit int) (string, error) {
	n, err := b.uint()
	switch {
	case err != nil:
		return "", err
	case n > uint64(limit):
		return "", fmt.Errorf("text of %d bytes, limit %d: %w", n, limit, b.cause)
	}
	var buf bytes.Buffer
	if got, err := io.CopyN(&buf, b, int64(n)); errors.Is(err, io.EOF) {
		return "", fmt.Errorf("text of %d bytes ends after %d: %w", n, got, b.cause)
	} else if err != nil {
		return "", err
	}
	return buf.String(), nil
}

// uint reads what the writer's uint wrote. It is io.EOF only where nothing is left.
func (b *blockReader) uint() (uint64, error) {
	x, err := binary.ReadUvarint(b)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return 0, fmt.Errorf("a number is cut off: %w", b.cause)
	case err != nil && b.failed == nil:
		return 0, fmt.Errorf("a number of more than 64 bits: %w", b.cause)
	}
	return x, err
}

package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/quintet-ai/quintet"
)

// nonce numbers the chunks of a file, whose key is used for nothing else: three zeros,
// the number in eight bytes, and 1 for the last.
type nonce [nonceLen]byte

func (n *nonce) of(chunk uint64, last bool) []byte {
	binary.BigEndian.PutUint64(n[3:], chunk)
	n[nonceLen-1] = 0
	if last {
		n[nonceLen-1] = 1
	}
	return n[:]
}

// Writer seals what is written to it. It is not for concurrent use.
type Writer struct {
	w     io.Writer
	aead  cipher.AEAD
	nonce nonce
	chunk uint64
	buf   []byte // up to a chunk, with room for its tag
	err   error  // of all later calls
}

var _ io.WriteCloser = (*Writer)(nil)

// NewWriter writes a header to w and returns a writer of the content, which must be
// closed. The error wraps [quintet.ErrOption] for keys that cannot be used, or is that
// of w.
func NewWriter(w io.Writer, o Options) (*Writer, error) {
	fileKey := make([]byte, KeyLen)
	rand.Read(fileKey)
	head, err := o.header(fileKey)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(head); err != nil {
		return nil, err
	}
	return &Writer{w: w, aead: aead(fileKey), buf: make([]byte, 0, chunkLen+tagLen)}, nil
}

// Write implements [io.Writer]. After an error the file cannot be gone on with.
func (w *Writer) Write(p []byte) (n int, err error) {
	for w.err == nil && len(p) > 0 {
		if len(w.buf) == chunkLen { // not the last, for there is more
			w.flush(false)
			continue
		}
		k := min(len(p), chunkLen-len(w.buf))
		w.buf = append(w.buf, p[:k]...)
		p = p[k:]
		n += k
	}
	return n, w.err
}

func (w *Writer) flush(last bool) {
	sealed := w.aead.Seal(w.buf[:0], w.nonce.of(w.chunk, last), w.buf, nil)
	_, w.err = w.w.Write(sealed)
	w.buf, w.chunk = w.buf[:0], w.chunk+1
}

// Close writes the last chunk. It does not close what is below. A file that was not
// closed does not open. Twice is harmless.
func (w *Writer) Close() error {
	if errors.Is(w.err, quintet.ErrClosed) {
		return nil
	}
	if w.err == nil {
		w.flush(true)
	}
	err := w.err
	w.err = fmt.Errorf("sealed file: %w", quintet.ErrClosed)
	return err
}

// Reader opens a sealed file. It is not for concurrent use.
type Reader struct {
	r     io.Reader
	aead  cipher.AEAD
	nonce nonce
	chunk uint64
	buf   []byte // a sealed chunk and the byte after it
	held  int    // bytes in buf that are read already
	plain []byte // in buf, not given out yet
	err   error  // after plain
}

var _ io.Reader = (*Reader)(nil)

// NewReader reads a header from r and returns a reader of the content. The error wraps
// [quintet.ErrOption] for a key that is not known, [ErrTampered], or is that of r.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	fileKey, err := o.open(r)
	if err != nil {
		return nil, err
	}
	return &Reader{r: r, aead: aead(fileKey), buf: make([]byte, chunkLen+tagLen+1)}, nil
}

// Read implements [io.Reader]. It returns [io.EOF] if all of the file was there and as
// it was written, and an error that wraps [ErrTampered] if not: then nothing that was
// read may be used.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.plain) == 0 && r.err == nil {
		r.next()
	}
	if len(r.plain) == 0 {
		return 0, r.err
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

// next opens a chunk. One more byte than it has shows whether it is the last.
func (r *Reader) next() {
	const sealedLen = chunkLen + tagLen
	after := r.buf[sealedLen]
	if r.held > 0 {
		r.buf[0] = after
	}
	n, err := io.ReadFull(r.r, r.buf[r.held:])
	n += r.held
	last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !last {
		r.err = err
		return
	}
	sealed := r.buf[:min(n, sealedLen)]
	if last && (len(sealed) < tagLen || len(sealed) == tagLen && r.chunk > 0) {
		r.err = tampered("file is cut off in chunk %d", r.chunk)
		return
	}
	r.plain, err = r.aead.Open(sealed[:0], r.nonce.of(r.chunk, last), sealed, nil)
	switch {
	case err != nil:
		r.plain, r.err = nil, tampered("chunk %d was changed, moved or cut off", r.chunk)
	case last:
		r.err = io.EOF
	}
	r.held, r.chunk = 1, r.chunk+1
}

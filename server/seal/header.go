package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/quintet-ai/quintet"
)

const magic = "QSEAL\x01"

// Lengths in bytes.
const (
	nonceLen = 12
	tagLen   = 16
	chunkLen = 64 << 10
)

// ErrTampered says that a file was changed, cut off, sealed with another key of the
// same ID or for another context, or is no sealed file. It wraps [quintet.ErrInput].
var ErrTampered = fmt.Errorf("sealed file does not open: %w", quintet.ErrInput)

func tampered(format string, a ...any) error {
	return fmt.Errorf(format+": %w", append(a, ErrTampered)...)
}

// header returns the head of a file whose content has a key.
func (o Options) header(fileKey []byte) ([]byte, error) {
	kek, err := o.Keys.current()
	if err != nil {
		return nil, err
	}
	head := slices.Concat([]byte(magic), []byte{byte(len(o.Keys.Current))}, []byte(o.Keys.Current))
	nonce := make([]byte, nonceLen)
	rand.Read(nonce)
	sealed := kek.Seal(nil, nonce, fileKey, o.bound(head))
	return slices.Concat(head, nonce, sealed), nil
}

// bound is what the encryption of a file's key is bound to: all of the header before
// it, whose length its own bytes say, and the context.
func (o Options) bound(head []byte) []byte { return slices.Concat(head, []byte(o.Context)) }

// open reads a header and returns the key of the content.
func (o Options) open(r io.Reader) (fileKey []byte, err error) {
	if err := o.Keys.check(); err != nil {
		return nil, err
	}
	head := make([]byte, len(magic)+1)
	if err := full(r, head); err != nil {
		return nil, err
	}
	if string(head[:len(magic)]) != magic {
		return nil, tampered("no sealed file, or of another version")
	}
	rest := make([]byte, int(head[len(magic)])+nonceLen+KeyLen+tagLen)
	if err := full(r, rest); err != nil {
		return nil, err
	}
	id, sealed := rest[:head[len(magic)]], rest[head[len(magic)]:]
	kek, ok := o.Keys.ByID[string(id)]
	if !ok {
		return nil, fmt.Errorf("file is sealed with key %.40q, which is not known: %w", id, quintet.ErrOption)
	}
	head = append(head, id...)
	fileKey, err = aead(kek).Open(nil, sealed[:nonceLen], sealed[nonceLen:], o.bound(head))
	if err != nil {
		return nil, tampered("header does not fit the key or the context")
	}
	return fileKey, nil
}

// full fills b, or says that the file is cut off.
func full(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return tampered("file ends within its header")
	}
	return err
}

// Rewrap copies a sealed file and seals its key with the current one of Keys. Of the
// content it needs and checks nothing: read the copy before the original goes.
func Rewrap(dst io.Writer, src io.Reader, o Options) error {
	fileKey, err := o.open(src)
	if err != nil {
		return err
	}
	head, err := o.header(fileKey)
	if err != nil {
		return err
	}
	if _, err := dst.Write(head); err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return err
}

package cloudstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"gocloud.dev/blob"

	"github.com/quintet-ai/quintet"
)

// PutOptions configures [Store.Put] and [Store.PutFile]. The zero value replaces what
// is there.
type PutOptions struct {
	// Keep makes the put fail with [ErrExists] if the key is taken by another content.
	// The key stays its owner's, even if two puts come at a time. Default: the object
	// is replaced.
	Keep bool

	// ContentType is what the bucket tells browsers. Default: application/octet-stream.
	ContentType string
}

// Put stores bytes. More than MaxBytes is [quintet.ErrInput].
func (s *Store) Put(ctx context.Context, key string, data []byte, o PutOptions) (Object, error) {
	if err := checkKey(key); err != nil {
		return Object{}, err
	}
	sum := sha256.Sum256(data)
	out, err := s.put(ctx, key, bytes.NewReader(data), hex.EncodeToString(sum[:]), o, func(int64, int64) {})
	return out, s.explain(key, err)
}

// PutFile stores a file. One that changes meanwhile, or has more than MaxBytes, is
// [quintet.ErrInput].
func (s *Store) PutFile(ctx context.Context, key, path string, o PutOptions) (Object, error) {
	if err := checkKey(key); err != nil {
		return Object{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return Object{}, fmt.Errorf("cloudstore: %w", err)
	}
	defer f.Close()
	out, err := s.putFile(ctx, key, f, o, newMeter(s.opt.Progress, 1, -1))
	return out, s.explain(key, err)
}

func (s *Store) putFile(ctx context.Context, key string, f *os.File, o PutOptions, m *meter) (Object, error) {
	info, err := f.Stat()
	if err != nil {
		return Object{}, err
	}
	if !info.Mode().IsRegular() {
		return Object{}, fmt.Errorf("%s is no regular file: %w", f.Name(), quintet.ErrInput)
	}
	sum, err := sumOf(ctx, io.NewSectionReader(f, 0, info.Size()))
	if err != nil {
		return Object{}, err
	}
	r := io.NewSectionReader(f, 0, info.Size())
	out, err := s.put(ctx, key, r, sum, o, func(have, size int64) { m.moved(key, have, size) })
	if err == nil {
		m.done(key, out.Size)
	}
	return out, err
}

// source can be read anew in every attempt.
type source interface {
	io.ReadSeeker
	Size() int64
}

func (s *Store) put(ctx context.Context, key string, r source, sum string, o PutOptions, moved func(have, size int64)) (Object, error) {
	if r.Size() > s.opt.MaxBytes {
		return Object{}, fmt.Errorf("%d bytes, limit %d: %w", r.Size(), s.opt.MaxBytes, quintet.ErrInput)
	}
	err := s.retry(ctx, func(ctx context.Context) error { return s.try(ctx, key, r, sum, o, moved) })
	var taken *precondition
	if o.Keep && (errors.As(err, &taken) || errors.Is(err, ErrExists)) {
		there, statErr := s.Stat(ctx, key)
		switch {
		case statErr == nil && there.SHA256 == sum: // perhaps by an attempt whose answer got lost
			return there, nil
		case statErr == nil:
			return Object{}, ErrExists
		}
	}
	if err != nil {
		return Object{}, err
	}
	var out Object
	err = s.retry(ctx, func(ctx context.Context) (err error) { out, _, err = s.stat(ctx, key); return err })
	return out, err
}

// try makes one attempt. The object is there when the writer could be closed, and not
// before.
func (s *Store) try(ctx context.Context, key string, r source, sum string, o PutOptions, moved func(have, size int64)) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	ctx, alive, stop := watch(ctx, s.opt.Stall)
	defer stop()
	kind := o.ContentType
	if kind == "" {
		kind = "application/octet-stream"
	}
	w, err := s.bucket.NewWriter(ctx, key, &blob.WriterOptions{
		Metadata: map[string]string{digest: sum}, ContentType: kind, DisableContentTypeDetection: true, IfNotExist: o.Keep,
	})
	if err != nil {
		return explain(ctx, err)
	}
	h, have, b := sha256.New(), int64(0), make([]byte, 128<<10)
	for {
		n, err := r.Read(b)
		h.Write(b[:n])
		if n > 0 {
			if _, err := w.Write(b[:n]); err != nil {
				return s.abandon(ctx, stop, w, err)
			}
			have += int64(n)
			alive()
			moved(have, r.Size())
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			stop()
			_ = w.Close()
			return err
		}
	}
	if have != r.Size() || hex.EncodeToString(h.Sum(nil)) != sum {
		stop()
		_ = w.Close()
		return fmt.Errorf("file changes while it is put: %w", quintet.ErrInput)
	}
	return explain(ctx, w.Close())
}

// abandon ends a put, of which nothing may stay.
func (s *Store) abandon(ctx context.Context, stop func(), w *blob.Writer, err error) error {
	err = explain(ctx, err)
	stop()
	_ = w.Close() // says that it was canceled
	return err
}

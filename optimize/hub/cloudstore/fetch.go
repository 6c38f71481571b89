package cloudstore

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/quintet-ai/quintet"
)

// progressStep is how much further an attempt must get to count as none.
const progressStep = 1 << 20

// download is an object on its way to a sink.
type download struct {
	*Store
	key     string
	limit   int64
	to      sink
	sum     hash.Hash
	asked   string // the digest that the caller wants, "" if it does not know
	want    string // that, or else the one of the object as it was put
	object  Object
	version string
	have    int64
	moved   func(have, size int64)
}

// download brings an object to a sink and returns what it is. Want is the digest that it
// must have, "" for the one that it was put with.
func (s *Store) download(ctx context.Context, key, want string, limit int64, to sink, moved func(have, size int64)) (Object, error) {
	d := &download{Store: s, key: key, limit: limit, to: to, asked: want, moved: moved}
	err := s.retry(ctx, func(ctx context.Context) error {
		for {
			before := d.have
			err := d.try(ctx)
			if err == nil || !isTransient(err) || d.have < before+progressStep {
				return err
			}
		}
	})
	if err != nil {
		return Object{}, err
	}
	d.object.SHA256 = hex.EncodeToString(d.sum.Sum(nil))
	return d.object, checkDigest(d.want, d.object.SHA256)
}

func checkDigest(want, got string) error {
	if want != "" && want != got {
		return fmt.Errorf("SHA-256 should be %s, is %s: %w", want, got, quintet.ErrModel)
	}
	return nil
}

// begin asks what the object is, and starts over if it is another than before.
func (d *download) begin(ctx context.Context) error {
	o, version, err := d.stat(ctx, d.key)
	switch {
	case err != nil:
		return err
	case o.Size > d.limit:
		return fmt.Errorf("object has %d bytes, limit %d: %w", o.Size, d.limit, quintet.ErrModel)
	case d.asked != "" && o.SHA256 != "" && d.asked != o.SHA256:
		return checkDigest(d.asked, o.SHA256)
	}
	if d.sum != nil && version == d.version && o == d.object {
		return nil
	}
	d.object, d.version, d.have, d.sum = o, version, 0, sha256.New()
	d.want = cmp.Or(d.asked, o.SHA256)
	return d.to.Restart()
}

// try makes one attempt, which goes on behind what is there.
func (d *download) try(ctx context.Context) error {
	if err := d.begin(ctx); err != nil || d.have == d.object.Size {
		return err
	}
	ctx, alive, stop := watch(ctx, d.opt.Stall)
	defer stop()
	r, err := d.bucket.NewRangeReader(ctx, d.key, d.have, -1, nil)
	if err != nil {
		return explain(ctx, err)
	}
	defer r.Close()
	if r.Size() != d.object.Size {
		return &transient{errors.New("object changes while it is fetched")}
	}
	b := make([]byte, 128<<10)
	for d.have < d.object.Size {
		n, err := r.Read(b[:min(int64(len(b)), d.object.Size-d.have)])
		if n > 0 {
			alive()
			d.sum.Write(b[:n])
			if _, err := d.to.Write(b[:n]); err != nil {
				return err
			}
			d.have += int64(n)
			d.moved(d.have, d.object.Size)
		}
		switch {
		case err == io.EOF && d.have < d.object.Size:
			return &transient{fmt.Errorf("bucket sent %d of %d bytes: %w", d.have, d.object.Size, io.ErrUnexpectedEOF)}
		case err != nil && err != io.EOF:
			return explain(ctx, err)
		}
	}
	return nil
}

// FetchFile brings an object to a local file, which is replaced as a whole, and not
// touched if it is the object already. Want is the digest that the object must have, in
// hexadecimal; "" is the one that it was put with. An object that differs is
// [quintet.ErrModel].
func (s *Store) FetchFile(ctx context.Context, key, path, want string) (o Object, err error) {
	if err := checkKey(key); err != nil {
		return Object{}, err
	}
	if want = strings.ToLower(want); want != "" && !isSHA256(want) {
		return Object{}, fmt.Errorf("cloudstore: digest of %s is not 64 hexadecimal digits: %w", key, quintet.ErrInput)
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return Object{}, fmt.Errorf("cloudstore: %w", err)
	}
	defer root.Close()
	m := newMeter(s.opt.Progress, 1, -1)
	o, err = s.fetch(ctx, key, root, filepath.Base(path), want, s.opt.MaxBytes, m)
	return o, s.explain(key, err)
}

// fetch brings an object to a file below root.
func (s *Store) fetch(ctx context.Context, key string, root *os.Root, name, want string, limit int64, m *meter) (o Object, err error) {
	err = s.retry(ctx, func(ctx context.Context) error { o, _, err = s.stat(ctx, key); return err })
	if err != nil {
		return Object{}, err
	}
	if known := cmp.Or(want, o.SHA256); known != "" {
		if there, err := has(ctx, root, name, o.Size, known); there || err != nil {
			o.SHA256 = known
			m.done(name, o.Size)
			return o, err
		}
	}
	part, err := newPart(root, name)
	if err != nil {
		return Object{}, err
	}
	moved := func(have, size int64) { m.moved(name, have, size) }
	o, err = s.download(ctx, key, want, limit, part, moved)
	if err != nil {
		return Object{}, errors.Join(err, part.remove())
	}
	if err := part.commit(); err != nil {
		return Object{}, err
	}
	m.done(name, o.Size)
	return o, nil
}

// has reports whether a file is there and is what a digest says.
func has(ctx context.Context, root *os.Root, name string, size int64, sum string) (bool, error) {
	f, err := root.Open(name)
	if err != nil {
		return false, nil // what is in the way shows when the file gets its name
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() != size {
		return false, nil
	}
	got, err := sumOf(ctx, f)
	return got == sum, err
}

// sumOf returns the digest of all that r gives.
func sumOf(ctx context.Context, r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, reader{ctx, r}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// reader stops when its context ends.
type reader struct {
	ctx context.Context
	io.Reader
}

// Read implements [io.Reader].
func (r reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}

// part is a file that has not got its name yet.
type part struct {
	*os.File
	root       *os.Root
	temp, name string
}

func newPart(root *os.Root, name string) (*part, error) {
	dir, base := filepath.Split(name)
	p := &part{root: root, name: name, temp: dir + "." + base + ".quintet-part-" + rand.Text()}
	f, err := root.OpenFile(p.temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	p.File = f
	return p, err
}

// Restart implements sink.
func (p *part) Restart() error {
	if err := p.Truncate(0); err != nil {
		return err
	}
	_, err := p.Seek(0, io.SeekStart)
	return err
}

func (p *part) remove() error { return errors.Join(p.Close(), p.root.Remove(p.temp)) }

// commit gives the file its name, for good.
func (p *part) commit() error {
	if err := p.Sync(); err != nil {
		return errors.Join(err, p.remove())
	}
	if err := p.Close(); err != nil {
		return errors.Join(err, p.root.Remove(p.temp))
	}
	if err := p.root.Rename(p.temp, p.name); err != nil {
		return errors.Join(err, p.root.Remove(p.temp))
	}
	return syncDirOf(p.root, p.name)
}

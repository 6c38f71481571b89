package cloudstore

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"gocloud.dev/blob"
	"gocloud.dev/blob/azureblob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/gcsblob"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/blob/s3blob"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
)

// Options configures [Open]. The zero value suits most buckets.
type Options struct {
	// MaxBytes bounds an object, and the sum of a folder. Default: 16 GiB.
	MaxBytes int64

	// MaxValue bounds what [Store.Get] holds in memory. Default: 64 MiB.
	MaxValue int64

	// Attempts bounds how often a call is tried without getting a mebibyte further.
	// Clients of clouds try a few times themselves, each time. Default: 4.
	Attempts int

	// Base bounds the wait before the second attempt; it doubles with each further one.
	// Default: 500 ms.
	Base time.Duration

	// Stall is how long nothing may move before an attempt is given up. Default: 1 min.
	Stall time.Duration

	// Progress is told how far a file or folder is, some times a second, from the
	// goroutine of the caller, and whenever a file is done. It must return soon.
	// Default: nobody is told.
	Progress func(hub.Progress)
}

func (o Options) withDefaults() (Options, error) {
	if o.MaxBytes < 0 || o.MaxValue < 0 || o.Attempts < 0 || o.Base < 0 || o.Stall < 0 {
		return o, fmt.Errorf("cloudstore: negative limit: %w", quintet.ErrOption)
	}
	o.MaxBytes = cmp.Or(o.MaxBytes, 16<<30)
	o.MaxValue = cmp.Or(o.MaxValue, 64<<20)
	o.Attempts = cmp.Or(o.Attempts, 4)
	o.Base = cmp.Or(o.Base, 500*time.Millisecond)
	o.Stall = cmp.Or(o.Stall, time.Minute)
	if o.Progress == nil {
		o.Progress = func(hub.Progress) {}
	}
	return o, nil
}

// Store is a bucket. It is safe for concurrent use.
type Store struct {
	opt    Options
	bucket *blob.Bucket
	closed atomic.Bool
}

// Object is a file in a bucket.
type Object struct {
	Key      string    `json:"key"`              // its name, with slashes
	Size     int64     `json:"size"`             // in bytes
	SHA256   string    `json:"sha256,omitempty"` // in hexadecimal; empty if nobody stated one, and in lists
	Modified time.Time `json:"modified"`         // when it was put
}

// Open returns a store on a bucket that is there, such as "s3://name?region=eu-west-1",
// "gs://name", "azblob://container", "file:///srv/files" or "mem://". With
// "&prefix=folder/" all keys are below that. An address that says nothing is
// [quintet.ErrOption]. Open does not ask the bucket; [Store.Ping] does.
func Open(ctx context.Context, address string, o Options) (*Store, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	known := []string{s3blob.Scheme, gcsblob.Scheme, azureblob.Scheme, fileblob.Scheme, memblob.Scheme}
	u, err := url.Parse(address)
	if err != nil || !slices.Contains(known, u.Scheme) {
		return nil, fmt.Errorf("cloudstore: address of a bucket is no URL of %v: %w", known, quintet.ErrOption)
	}
	if q := u.Query(); u.Scheme == fileblob.Scheme && !q.Has("no_tmp_dir") { // else files move between disks
		q.Set("no_tmp_dir", "true")
		u.RawQuery = q.Encode()
	}
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, fmt.Errorf("cloudstore: %s bucket: %w: %w", u.Scheme, err, quintet.ErrOption)
	}
	return &Store{opt: o, bucket: b}, nil
}

// Close frees what the store holds. Calls after it are [quintet.ErrClosed]; closing
// twice is harmless.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	if err := s.bucket.Close(); err != nil {
		return fmt.Errorf("cloudstore: %w", err)
	}
	return nil
}

// Ping asks whether the bucket is there and answers. It fits a check of package
// monitor.
func (s *Store) Ping(ctx context.Context) error {
	if s.closed.Load() {
		return s.explain("ping", quintet.ErrClosed)
	}
	ctx, _, stop := watch(ctx, s.opt.Stall)
	defer stop()
	ok, err := s.bucket.IsAccessible(ctx)
	if err == nil && !ok {
		return s.explain("ping", ErrNotFound)
	}
	return s.explain("ping", explain(ctx, err))
}

// checkKey refuses names that some bucket or disk would take for something else.
func checkKey(key string) error {
	if key == "" || len(key) > 1000 || !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl) ||
		strings.Contains(key, `\`) || !fs.ValidPath(key) || key == "." {
		return fmt.Errorf("cloudstore: key %.100q is no path of 1 to 1000 bytes without . and ..: %w", key, quintet.ErrInput)
	}
	return nil
}

// Stat returns what the bucket says about an object.
func (s *Store) Stat(ctx context.Context, key string) (o Object, err error) {
	if err := checkKey(key); err != nil {
		return Object{}, err
	}
	err = s.retry(ctx, func(ctx context.Context) error {
		o, _, err = s.stat(ctx, key)
		return err
	})
	return o, s.explain(key, err)
}

// stat asks once, and returns what tells versions of an object apart too.
func (s *Store) stat(ctx context.Context, key string) (o Object, version string, err error) {
	ctx, _, stop := watch(ctx, s.opt.Stall)
	defer stop()
	a, err := s.bucket.Attributes(ctx, key)
	if err != nil {
		return Object{}, "", explain(ctx, err)
	}
	sum := strings.ToLower(a.Metadata[digest])
	if !isSHA256(sum) {
		sum = ""
	}
	return Object{key, a.Size, sum, a.ModTime}, a.ETag, nil
}

// List yields the objects whose keys begin with prefix, in order of their keys. Any
// error is the last that it yields.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		var page []*blob.ListObject
		for token := blob.FirstPageToken; len(token) > 0; {
			err := s.retry(ctx, func(ctx context.Context) (err error) {
				ctx, _, stop := watch(ctx, s.opt.Stall)
				defer stop()
				var next []byte
				page, next, err = s.bucket.ListPage(ctx, token, 1000, &blob.ListOptions{Prefix: prefix})
				if err == nil {
					token = next
				}
				return explain(ctx, err)
			})
			if err != nil {
				yield(Object{}, s.explain(prefix, err))
				return
			}
			for _, o := range page {
				if !o.IsDir && !yield(Object{Key: o.Key, Size: o.Size, Modified: o.ModTime}, nil) {
					return
				}
			}
		}
	}
}

// Delete removes an object. One that is not there is [ErrNotFound], where the bucket
// says so.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	tried := false
	err := s.retry(ctx, func(ctx context.Context) error {
		ctx, _, stop := watch(ctx, s.opt.Stall)
		defer stop()
		err := explain(ctx, s.bucket.Delete(ctx, key))
		if tried && errors.Is(err, ErrNotFound) {
			return nil // the first attempt did it
		}
		tried = true
		return err
	})
	return s.explain(key, err)
}

// Get returns an object of at most MaxValue bytes.
func (s *Store) Get(ctx context.Context, key string) ([]byte, Object, error) {
	if err := checkKey(key); err != nil {
		return nil, Object{}, err
	}
	var b bytes.Buffer
	o, err := s.download(ctx, key, "", s.opt.MaxValue, &memory{&b}, func(int64, int64) {})
	if err != nil {
		return nil, Object{}, s.explain(key, err)
	}
	return b.Bytes(), o, nil
}

// memory takes an object that is kept in memory.
type memory struct{ *bytes.Buffer }

// Restart implements sink.
func (m *memory) Restart() error { m.Reset(); return nil }

// sink takes the bytes of an object, and forgets them when they start over.
type sink interface {
	io.Writer
	Restart() error
}

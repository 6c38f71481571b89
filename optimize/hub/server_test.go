package hub_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize/hub"
)

const (
	repo   = "owner/name"
	commit = "0123456789abcdef0123456789abcdef01234567"
)

// blob returns n bytes that look random.
func blob(seed uint64, n int) []byte {
	rng := synth.Rand(seed)
	b := make([]byte, n)
	for i := range n / 8 {
		binary.LittleEndian.PutUint64(b[8*i:], rng.Uint64())
	}
	return b
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// server is a hub on this machine. By default it is a good one.
type server struct {
	*httptest.Server
	files  map[string][]byte
	served atomic.Int64 // bytes of bodies

	mu       sync.Mutex
	requests []*http.Request

	trouble trouble
}

// trouble may answer request n, counted from 0, itself and return true.
type trouble func(n int, w http.ResponseWriter, r *http.Request) bool

func serve(t testing.TB, files map[string][]byte, of ...trouble) *server {
	t.Helper()
	s := &server{files: files}
	if len(of) > 0 {
		s.trouble = of[0]
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, r)
	s.mu.Unlock()
	w = &counter{w, &s.served}
	if s.trouble != nil && s.trouble(n, w, r) {
		return
	}
	s.file(w, r)
}

// name returns which file a request asks for.
func name(r *http.Request) string {
	_, rest, _ := strings.Cut(r.URL.EscapedPath(), "/resolve/")
	_, file, _ := strings.Cut(rest, "/")
	return file
}

// file answers like a good server, which knows ranges.
func (s *server) file(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock() // a test may change the files
	data, ok := s.files[name(r)]
	s.mu.Unlock()
	if !ok {
		http.Error(w, "no", http.StatusNotFound)
		return
	}
	w.Header().Set("ETag", `"`+sum(data)[:8]+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// asked returns what a header was in every request so far.
func (s *server) asked(header string) (values []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		values = append(values, r.Header.Get(header))
	}
	return values
}

// paths returns the paths asked for so far.
func (s *server) paths() (paths []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		paths = append(paths, r.URL.Path)
	}
	return paths
}

// counter counts what a handler writes.
type counter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.n.Add(int64(n))
	return n, err
}

func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// cutter lets a handler write limit bytes of a body and then cuts the connection.
type cutter struct {
	http.ResponseWriter
	limit int
}

func (c *cutter) Write(b []byte) (int, error) {
	if len(b) < c.limit {
		c.limit -= len(b)
		return c.ResponseWriter.Write(b)
	}
	if _, err := c.ResponseWriter.Write(b[:c.limit]); err == nil {
		_ = http.NewResponseController(c.ResponseWriter).Flush()
	}
	panic(http.ErrAbortHandler)
}

// options are those of a fetch from s that waits little.
func (s *server) options(t testing.TB) hub.FetchOptions {
	return hub.FetchOptions{
		Endpoint: s.URL, Dir: t.TempDir(), Files: []string{"model.onnx"},
		Base: time.Microsecond, Stall: 20 * time.Second,
	}
}

// tree returns the files below dir, without those of the lock and the manifest.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "lock" || d.Name() == hub.ManifestName {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		found[filepath.ToSlash(rel)] = string(data)
		return err
	}))
	return found
}

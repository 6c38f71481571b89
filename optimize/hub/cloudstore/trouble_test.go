package cloudstore_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
	"github.com/quintet-ai/quintet/optimize/hub/cloudstore"
)

// counted is a hook for the first n requests of a method.
func counted(n int64, method string, h hook) hook {
	var seen atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
		return r.Method == method && seen.Add(1) <= n && h(w, r, next)
	}
}

func fail(code int) hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
		w.WriteHeader(code)
		return true
	}
}

// cut lets so many bytes of the body through and cuts the connection.
func cut(after int) hook {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
		next.ServeHTTP(&cutter{w, after}, r)
		panic(http.ErrAbortHandler)
	}
}

type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) Write(b []byte) (int, error) {
	n := min(len(b), c.left)
	c.left -= n
	if _, err := c.ResponseWriter.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Flush lets what was written go.
func (c *cutter) Flush() { c.ResponseWriter.(http.Flusher).Flush() }

// hang answers nothing until the client gives up.
func hang(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
	_, _ = io.Copy(io.Discard, r.Body) // else nobody notices that the client is gone
	<-r.Context().Done()
	return true
}

func TestTroubleOfTheServerIsOvercome(t *testing.T) {
	data := noise(3 << 20)
	for name, h := range map[string]hook{
		"overload of reads": counted(2, "GET", fail(503)), "overload of writes": counted(2, "PUT", fail(503)),
		"overload of questions": counted(2, "HEAD", fail(500)), "cuts": counted(3, "GET", cut(700_000)),
		"a hung read": counted(1, "GET", hang), "a hung write": counted(1, "PUT", hang), "a hung question": counted(1, "HEAD", hang),
	} {
		t.Run(name, func(t *testing.T) {
			server := s3(t)
			o := quick()
			o.Stall = 500 * time.Millisecond
			o.Attempts = 8 // a busy machine stalls by itself
			s := open(t, server.address, o)
			server.set(h)
			_, err := s.Put(t.Context(), "k", data, cloudstore.PutOptions{})
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "k")
			_, err = s.FetchFile(t.Context(), "k", path, "")
			require.NoError(t, err)
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, bytes.Equal(data, got))
		})
	}
}

func TestFetchGoesOnBehindWhatArrived(t *testing.T) {
	server := s3(t)
	s := open(t, server.address, quick())
	data := noise(2 << 20)
	_, err := s.Put(t.Context(), "k", data, cloudstore.PutOptions{})
	require.NoError(t, err)
	var ranges []string
	first := counted(1, "GET", cut(1<<20))
	server.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
		if r.Method == "GET" {
			ranges = append(ranges, r.Header.Get("Range"))
		}
		return first(w, r, next)
	})
	got, _, err := s.Get(t.Context(), "k")
	require.NoError(t, err)
	require.True(t, bytes.Equal(data, got))
	require.Len(t, ranges, 2)
	require.Regexp(t, `^bytes=[1-9][0-9]*-$`, ranges[1])
}

func TestObjectThatIsReplacedMeanwhileStartsOver(t *testing.T) {
	server := s3(t)
	s := open(t, server.address, quick())
	before, after := noise(2<<20), noise(3 << 20)[1<<20:]
	_, err := s.Put(t.Context(), "k", before, cloudstore.PutOptions{})
	require.NoError(t, err)
	server.set(counted(1, "GET", func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
		defer func() {
			_, err := s.Put(t.Context(), "k", after, cloudstore.PutOptions{})
			if err != nil {
				t.Error(err)
			}
			panic(http.ErrAbortHandler)
		}()
		next.ServeHTTP(&cutter{w, 1 << 20}, r)
		return true
	}))
	got, o, err := s.Get(t.Context(), "k")
	require.NoError(t, err)
	require.Equal(t, sum(after), o.SHA256)
	require.True(t, bytes.Equal(after, got))
}

func TestServerThatStaysAwayIsUnavailable(t *testing.T) {
	for name, h := range map[string]hook{"overloaded": fail(503), "hung": hang} {
		t.Run(name, func(t *testing.T) {
			server := s3(t)
			o := quick()
			o.Stall, o.Attempts = 100*time.Millisecond, 2
			s := open(t, server.address, o)
			server.set(h)
			_, err := s.Put(t.Context(), "k", []byte("x"), cloudstore.PutOptions{})
			require.ErrorIs(t, err, cloudstore.ErrUnavailable)
			require.ErrorIs(t, err, quintet.ErrBusy)
			_, _, err = s.Get(t.Context(), "k")
			require.ErrorIs(t, err, cloudstore.ErrUnavailable)
			require.ErrorIs(t, s.Delete(t.Context(), "k"), cloudstore.ErrUnavailable)
			require.ErrorIs(t, s.Ping(t.Context()), cloudstore.ErrUnavailable)
			for _, err := range s.List(t.Context(), "") {
				require.ErrorIs(t, err, cloudstore.ErrUnavailable)
			}
		})
	}
}

func TestWhatTheServerForbidsIsNotTriedAgain(t *testing.T) {
	server := s3(t)
	s := open(t, server.address, quick())
	server.set(fail(403))
	_, err := s.Put(t.Context(), "k", []byte("x"), cloudstore.PutOptions{})
	require.ErrorIs(t, err, os.ErrPermission)
	require.EqualValues(t, 1, server.requests.Load())
	require.NotContains(t, err.Error(), "Credential=", "what was signed stays out of errors")
}

func TestDamageIsNoticed(t *testing.T) {
	server := s3(t)
	s := open(t, server.address, quick())
	_, err := s.Put(t.Context(), "k", []byte("all is well"), cloudstore.PutOptions{})
	require.NoError(t, err)
	server.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
		if r.Method != "GET" {
			return false
		}
		next.ServeHTTP(&spoiler{w}, r)
		return true
	})
	path := filepath.Join(t.TempDir(), "k")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	_, err = s.FetchFile(t.Context(), "k", path, "")
	require.ErrorIs(t, err, quintet.ErrModel)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "old", string(got))
}

// spoiler changes a letter.
type spoiler struct{ http.ResponseWriter }

func (s *spoiler) Write(b []byte) (int, error) {
	_, err := s.ResponseWriter.Write([]byte(strings.Replace(string(b), "well", "hell", 1)))
	return len(b), err
}

func TestPutThatBreaksOffLeavesNothing(t *testing.T) {
	dir := filepath.ToSlash(t.TempDir())
	path := filepath.Join(t.TempDir(), "from")
	for name, address := range map[string]string{
		"memory": "mem://", "files": "file:///" + strings.TrimPrefix(dir, "/"), "S3": s3(t).address,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			o := quick()
			o.Progress = func(hub.Progress) { cancel() }
			s := open(t, address, o)
			require.NoError(t, os.WriteFile(path, noise(1<<20), 0o600))
			_, err := s.PutFile(ctx, "k", path, cloudstore.PutOptions{})
			require.ErrorIs(t, err, context.Canceled)
			require.Empty(t, keys(t, s, ""))

			o.Progress = func(hub.Progress) { _ = os.WriteFile(path, noise(1<<10), 0o600) }
			s = open(t, address, o)
			_, err = s.PutFile(t.Context(), "k", path, cloudstore.PutOptions{})
			require.ErrorIs(t, err, quintet.ErrInput, "the file changed")
			require.Empty(t, keys(t, s, ""))
		})
	}
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, all)
}

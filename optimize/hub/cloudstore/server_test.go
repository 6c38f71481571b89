package cloudstore_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/optimize/hub/cloudstore"
)

// server speaks the protocol of S3.
type server struct {
	address  string
	hook     atomic.Pointer[hook]
	requests atomic.Int64
}

// hook answers a request in the place of the server if it returns true.
type hook func(w http.ResponseWriter, r *http.Request, next http.Handler) bool

func (s *server) set(h hook) { s.hook.Store(&h) }

// s3 starts a server with an empty bucket. The client of the cloud tries once only, so
// that what is tested is ours.
func s3(t *testing.T) *server {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	} {
		t.Setenv(name, value)
	}
	bucket := s3mem.New()
	require.NoError(t, bucket.CreateBucket("files"))
	next := gofakes3.New(bucket).Server()
	s := &server{}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		if h := s.hook.Load(); h != nil && (*h)(w, r, next) {
			return
		}
		next.ServeHTTP(w, r)
	}))
	t.Cleanup(h.Close)
	s.address = "s3://files?use_path_style=true&endpoint=" + h.URL
	return s
}

// quick are options whose pauses a test can wait for.
func quick() cloudstore.Options { return cloudstore.Options{Base: time.Millisecond} }

func open(t *testing.T, address string, o cloudstore.Options) *cloudstore.Store {
	t.Helper()
	s, err := cloudstore.Open(t.Context(), address, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// everywhere runs a test on every bucket that can be had here.
func everywhere(t *testing.T, test func(*testing.T, *cloudstore.Store)) {
	t.Run("memory", func(t *testing.T) { test(t, open(t, "mem://", quick())) })
	t.Run("files", func(t *testing.T) {
		dir := filepath.ToSlash(t.TempDir())
		test(t, open(t, "file:///"+strings.TrimPrefix(dir, "/"), quick()))
	})
	t.Run("S3", func(t *testing.T) { test(t, open(t, s3(t).address, quick())) })
	t.Run("S3 below a prefix", func(t *testing.T) { test(t, open(t, s3(t).address+"&prefix=a/b/", quick())) })
}

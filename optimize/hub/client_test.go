package hub_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
)

func TestTheTokenStaysAtHome(t *testing.T) {
	data := blob(8, 1000)
	storage := serve(t, map[string][]byte{"model.onnx": data})
	s := serve(t, nil)
	s.trouble = func(_ int, w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("X-Linked-Etag", `"`+sum(data)+`"`)
		w.Header().Set("X-Repo-Commit", commit)
		http.Redirect(w, r, storage.URL+r.URL.Path+"?signature=secret", http.StatusFound)
		return true
	}
	o := s.options(t)
	o.Token = "mine"
	dir, err := hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	require.Equal(t, []string{"Bearer mine"}, s.asked("Authorization"))
	require.Equal(t, []string{""}, storage.asked("Authorization"))
	manifest, err := hub.ReadManifest(dir)
	require.NoError(t, err)
	require.Equal(t, commit, manifest.Commit)

	storage.Close()
	o.Dir = t.TempDir()
	_, err = hub.Fetch(ctx, repo, o)
	require.ErrorIs(t, err, quintet.ErrModel)
	require.NotContains(t, err.Error(), "secret")
}

func TestFetchOverTLS(t *testing.T) {
	s := serve(t, map[string][]byte{"model.onnx": {1}})
	requests := 0
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests++; requests == 1 {
			http.Redirect(w, r, s.URL+r.URL.Path, http.StatusFound)
			return
		}
		s.file(w, r)
	}))
	defer secure.Close()
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	o := s.options(t)
	o.Endpoint = secure.URL
	_, err := hub.Fetch(ctx, repo, o)
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorContains(t, err, "certificate")
	require.NotContains(t, err.Error(), "attempt", "a wrong certificate stays wrong")

	o.Client, o.Token = secure.Client(), "mine"
	_, err = hub.Fetch(ctx, repo, o)
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorContains(t, err, "redirect from https to http")
	require.Empty(t, s.paths())
	_, err = hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
}

// Once the server has said which commit a branch is, all files are of that.
func TestFilesAreOfOneCommit(t *testing.T) {
	s := serve(t, map[string][]byte{"config.json": {'{', '}'}, "model.onnx": {1}})
	s.trouble = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("X-Repo-Commit", commit)
		return false
	}
	o := s.options(t)
	o.Files = []string{"config.json", "model.onnx"}
	o.Revision = "refs/pr/1"
	dir, err := hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	require.Equal(t, "refs%2Fpr%2F1", filepath.Base(dir))
	require.Equal(t, "/owner/name/resolve/"+commit+"/model.onnx", s.paths()[1])
}

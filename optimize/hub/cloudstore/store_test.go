package cloudstore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
	"github.com/quintet-ai/quintet/optimize/hub/cloudstore"
)

// noise are bytes that do not repeat.
func noise(n int) []byte {
	rng := rand.NewChaCha8([32]byte{1})
	b := make([]byte, n)
	_, _ = rng.Read(b)
	return b
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func keys(t *testing.T, s *cloudstore.Store, prefix string) []string {
	t.Helper()
	out := []string{}
	for o, err := range s.List(t.Context(), prefix) {
		require.NoError(t, err)
		out = append(out, o.Key)
	}
	return out
}

func TestObjectsArePutReadListedAndDeleted(t *testing.T) {
	everywhere(t, func(t *testing.T, s *cloudstore.Store) {
		ctx := t.Context()
		require.NoError(t, s.Ping(ctx))
		for key, data := range map[string][]byte{"a/1": []byte("one"), "a/2 ü?#%": noise(300_000), "b": {}} {
			put, err := s.Put(ctx, key, data, cloudstore.PutOptions{})
			require.NoError(t, err)
			require.Equal(t, key, put.Key)
			require.EqualValues(t, len(data), put.Size)
			require.Equal(t, sum(data), put.SHA256)
			require.False(t, put.Modified.IsZero())
			got, o, err := s.Get(ctx, key)
			require.NoError(t, err)
			require.True(t, bytes.Equal(data, got))
			require.Equal(t, put, o)
			o, err = s.Stat(ctx, key)
			require.NoError(t, err)
			require.Equal(t, put, o)
		}
		require.Equal(t, []string{"a/1", "a/2 ü?#%", "b"}, keys(t, s, ""))
		require.Equal(t, []string{"a/1", "a/2 ü?#%"}, keys(t, s, "a/"))
		require.Empty(t, keys(t, s, "c"))
		require.NoError(t, s.Delete(ctx, "a/1"))
		require.Equal(t, []string{"a/2 ü?#%", "b"}, keys(t, s, ""))
		_, _, err := s.Get(ctx, "a/1")
		require.ErrorIs(t, err, cloudstore.ErrNotFound)
		require.ErrorIs(t, err, fs.ErrNotExist)
		_, err = s.Stat(ctx, "a/1")
		require.ErrorIs(t, err, cloudstore.ErrNotFound)
	})
}

func TestPutReplacesUnlessItIsToKeep(t *testing.T) {
	everywhere(t, func(t *testing.T, s *cloudstore.Store) {
		for _, data := range []string{"old", "new"} {
			_, err := s.Put(t.Context(), "k", []byte(data), cloudstore.PutOptions{})
			require.NoError(t, err)
		}
		_, err := s.Put(t.Context(), "k", []byte("third"), cloudstore.PutOptions{Keep: true})
		require.ErrorIs(t, err, cloudstore.ErrExists)
		require.ErrorIs(t, err, fs.ErrExist)
		_, err = s.Put(t.Context(), "k", []byte("new"), cloudstore.PutOptions{Keep: true})
		require.NoError(t, err, "it is there")
		got, _, err := s.Get(t.Context(), "k")
		require.NoError(t, err)
		require.Equal(t, "new", string(got))
		_, err = s.Put(t.Context(), "other", []byte("x"), cloudstore.PutOptions{Keep: true})
		require.NoError(t, err)
	})
}

func TestFilesGoThereAndBack(t *testing.T) {
	everywhere(t, func(t *testing.T, s *cloudstore.Store) {
		dir, data := t.TempDir(), noise(7<<20) // more than a part of S3
		from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
		require.NoError(t, os.WriteFile(from, data, 0o600))
		put, err := s.PutFile(t.Context(), "big", from, cloudstore.PutOptions{})
		require.NoError(t, err)
		require.Equal(t, sum(data), put.SHA256)
		for _, want := range []string{"", strings.ToUpper(sum(data))} {
			require.NoError(t, os.WriteFile(to, []byte("what was there"), 0o600))
			o, err := s.FetchFile(t.Context(), "big", to, want)
			require.NoError(t, err)
			require.Equal(t, put, o)
			got, err := os.ReadFile(to)
			require.NoError(t, err)
			require.True(t, bytes.Equal(data, got))
		}
		_, err = s.FetchFile(t.Context(), "big", filepath.Join(dir, "not"), sum([]byte("x")))
		require.ErrorIs(t, err, quintet.ErrModel)
		_, err = s.FetchFile(t.Context(), "none", filepath.Join(dir, "not"), "")
		require.ErrorIs(t, err, cloudstore.ErrNotFound)
		all, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, all, 2, "from and to, and no part")
	})
}

// tree writes files below a folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(data), 0o600))
	}
	return dir
}

func TestFoldersGoThereAndBack(t *testing.T) {
	files := map[string]string{"model.onnx": "weights", "config.json": "{}", "onnx/data/more": "m", ".hidden": "h", ".git/x": "h"}
	everywhere(t, func(t *testing.T, s *cloudstore.Store) {
		ctx, to := t.Context(), filepath.Join(t.TempDir(), "new")
		put, err := s.PutDir(ctx, "models/v1", tree(t, files))
		require.NoError(t, err)
		require.Len(t, put.Files, 3)
		require.Equal(t, []string{
			"models/v1/config.json", "models/v1/model.onnx", "models/v1/onnx/data/more", "models/v1/" + hub.ManifestName,
		}, keys(t, s, "models/"))
		got, err := s.FetchDir(ctx, "models/v1", to)
		require.NoError(t, err)
		require.Equal(t, put, got)
		require.NoError(t, hub.Verify(ctx, to))
		m, err := hub.ReadManifest(to)
		require.NoError(t, err)
		require.Equal(t, put, m)

		require.NoError(t, os.WriteFile(filepath.Join(to, "config.json"), []byte("[]"), 0o600))
		_, err = s.FetchDir(ctx, "models/v1", to)
		require.NoError(t, err)
		require.NoError(t, hub.Verify(ctx, to), "what differed was fetched again")

		_, err = s.Put(ctx, "models/v1/config.json", []byte("()"), cloudstore.PutOptions{})
		require.NoError(t, err)
		_, err = s.FetchDir(ctx, "models/v1", t.TempDir())
		require.ErrorIs(t, err, quintet.ErrModel, "somebody changed a file")

		_, err = s.Put(ctx, "models/v10/x", nil, cloudstore.PutOptions{})
		require.NoError(t, err)
		n, err := s.DeleteDir(ctx, "models/v1")
		require.NoError(t, err)
		require.Equal(t, 4, n)
		require.Equal(t, []string{"models/v10/x"}, keys(t, s, ""))
		_, err = s.FetchDir(ctx, "models/v1", to)
		require.ErrorIs(t, err, cloudstore.ErrNotFound)
		n, err = s.DeleteDir(ctx, "models/v1")
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestManifestsOfOthersStayInTheirFolder(t *testing.T) {
	s := open(t, "mem://", quick())
	digest := sum([]byte("x"))
	for name, file := range map[string]string{
		"above": `"../x","size":1`, "absolute": `"/etc/x","size":1`, "twice": `"a","size":1,"sha256":"` + digest + `"},{"name":"a","size":1`,
		"negative": `"a","size":-1`, "itself": `"` + hub.ManifestName + `","size":1`, "a drive": `"c:\\x","size":1`, "empty": `"","size":1`,
		"overflow": `"a","size":9223372036854775807,"sha256":"` + digest + `"},{"name":"b","size":1`,
	} {
		data := `{"files":[{"name":` + file + `,"sha256":"` + digest + `"}]}`
		_, err := s.Put(t.Context(), "p/"+hub.ManifestName, []byte(data), cloudstore.PutOptions{})
		require.NoError(t, err)
		dir := t.TempDir()
		_, err = s.FetchDir(t.Context(), "p", dir)
		require.ErrorIs(t, err, quintet.ErrModel, name)
		all, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, all, name)
	}
}

func TestLinksLeadNowhereElse(t *testing.T) {
	s, dir, outside := open(t, "mem://", quick()), tree(t, map[string]string{"a": "x"}), tree(t, map[string]string{"secret": "s"})
	if err := os.Symlink(filepath.Join(outside, "secret"), filepath.Join(dir, "b")); err != nil {
		t.Skip("no links here")
	}
	_, err := s.PutDir(t.Context(), "p", dir)
	require.Error(t, err)
	require.NoError(t, os.Remove(filepath.Join(dir, "b")))
	_, err = s.PutDir(t.Context(), "p", dir)
	require.NoError(t, err)
	to := t.TempDir()
	require.NoError(t, os.Symlink(filepath.Join(outside, "secret"), filepath.Join(to, "a")))
	_, err = s.FetchDir(t.Context(), "p", to)
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(outside, "secret"))
	require.NoError(t, err)
	require.Equal(t, "s", string(got), "the link was replaced, not followed")
}

func TestBadKeysAndOptionsAreRefused(t *testing.T) {
	s, ctx := open(t, "mem://", quick()), t.Context()
	for _, key := range []string{"", "/a", "a/", "a//b", "../a", "a/../b", ".", "a\x00", "a\nb", "\xff", `a\b`, strings.Repeat("x", 1001)} {
		_, err := s.Put(ctx, key, nil, cloudstore.PutOptions{})
		require.ErrorIs(t, err, quintet.ErrInput, "%q", key)
		_, _, err = s.Get(ctx, key)
		require.ErrorIs(t, err, quintet.ErrInput, "%q", key)
		require.ErrorIs(t, s.Delete(ctx, key), quintet.ErrInput, "%q", key)
		_, err = s.PutDir(ctx, key, t.TempDir())
		require.ErrorIs(t, err, quintet.ErrInput, "%q", key)
	}
	_, err := s.FetchFile(ctx, "a", filepath.Join(t.TempDir(), "a"), "abc")
	require.ErrorIs(t, err, quintet.ErrInput)
	for _, address := range []string{"", "files", "ftp://x", "://", "file:///not/there/at/all"} {
		_, err := cloudstore.Open(ctx, address, cloudstore.Options{})
		require.ErrorIs(t, err, quintet.ErrOption, address)
	}
	_, err = cloudstore.Open(ctx, "mem://", cloudstore.Options{Attempts: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestLimits(t *testing.T) {
	o := quick()
	o.MaxBytes, o.MaxValue = 100, 10
	s, ctx := open(t, "mem://", o), t.Context()
	_, err := s.Put(ctx, "a", noise(101), cloudstore.PutOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = s.Put(ctx, "a", noise(100), cloudstore.PutOptions{})
	require.NoError(t, err)
	_, _, err = s.Get(ctx, "a")
	require.ErrorIs(t, err, quintet.ErrModel)
	_, err = s.PutDir(ctx, "p", tree(t, map[string]string{"x": string(noise(60)), "y": string(noise(60))}))
	require.ErrorIs(t, err, quintet.ErrInput)
	require.Equal(t, []string{"a"}, keys(t, s, ""))
}

func TestProgressIsTold(t *testing.T) {
	var told []hub.Progress
	o := quick()
	o.Progress = func(p hub.Progress) { told = append(told, p) }
	s := open(t, "mem://", o)
	_, err := s.PutDir(t.Context(), "p", tree(t, map[string]string{"a": "12345", "b": "123"}))
	require.NoError(t, err)
	last := told[len(told)-1]
	require.Equal(t, []int64{2, 2, 8, 8}, []int64{int64(last.Files), int64(last.AllFiles), last.AllBytes, last.AllSize})
	require.True(t, last.Completed)
	told = nil
	_, err = s.FetchDir(t.Context(), "p", t.TempDir())
	require.NoError(t, err)
	last = told[len(told)-1]
	require.Equal(t, []int64{2, 2, 8, 8}, []int64{int64(last.Files), int64(last.AllFiles), last.AllBytes, last.AllSize})
}

func TestClosedStoreSaysSo(t *testing.T) {
	s, err := cloudstore.Open(t.Context(), "mem://", quick())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	_, _, err = s.Get(t.Context(), "a")
	require.ErrorIs(t, err, quintet.ErrClosed)
	_, err = s.Put(t.Context(), "a", nil, cloudstore.PutOptions{})
	require.ErrorIs(t, err, quintet.ErrClosed)
	require.ErrorIs(t, s.Ping(t.Context()), quintet.ErrClosed)
}

func TestContextEndsCalls(t *testing.T) {
	everywhere(t, func(t *testing.T, s *cloudstore.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Put(ctx, "a", []byte("x"), cloudstore.PutOptions{})
		require.ErrorIs(t, err, context.Canceled)
		_, _, err = s.Get(ctx, "a")
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, keys(t, s, ""))
	})
}

package hub_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
)

var ctx = context.Background()

func TestFetchThenOpen(t *testing.T) {
	model, config := blob(1, 3<<20), []byte(`{"a":1}`)
	s := serve(t, map[string][]byte{"onnx/model.onnx": model, "config.json": config, "unwanted.bin": {1}})
	o := s.options(t)
	o.Files = []string{"config.json", "onnx/model.onnx"}
	o.SHA256 = map[string]string{"onnx/model.onnx": strings.ToUpper(sum(model))}
	var seen []hub.Progress
	o.Progress = func(p hub.Progress) { seen = append(seen, p) }

	dir, err := hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(o.Dir, "owner--name", "main"), dir)
	require.Equal(t, map[string]string{"config.json": string(config), "onnx/model.onnx": string(model)}, tree(t, dir))

	m, err := hub.Open(dir)
	require.NoError(t, err)
	digest, err := m.Digest()
	require.NoError(t, err)
	require.Equal(t, sum(model), digest)
	require.NoError(t, hub.Verify(ctx, dir))

	manifest, err := hub.ReadManifest(dir)
	require.NoError(t, err)
	require.Equal(t, hub.Manifest{Repo: repo, Revision: "main", Files: []hub.File{
		{Name: "config.json", Size: 7, SHA256: sum(config)},
		{Name: "onnx/model.onnx", Size: 3 << 20, SHA256: sum(model)},
	}}, manifest)

	require.Equal(t, hub.Progress{
		File: "onnx/model.onnx", Bytes: 3 << 20, Size: 3 << 20, Files: 2, AllFiles: 2,
		AllBytes: 3<<20 + 7, AllSize: 3<<20 + 7, Completed: true,
	}, seen[len(seen)-1])
	for i, p := range seen[1:] {
		require.GreaterOrEqual(t, p.AllBytes, seen[i].AllBytes)
	}

	s.Close() // from here on nobody answers
	require.NoError(t, os.RemoveAll(filepath.Join(dir, ".quintet")))
	again, err := hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	require.Equal(t, dir, again)
	require.NoDirExists(t, filepath.Join(dir, ".quintet"), "a fetch without work writes nothing")
}

func TestFetchWithAnEndedContext(t *testing.T) {
	done, cancel := context.WithCancel(ctx)
	cancel()
	_, err := hub.Fetch(done, repo, hub.FetchOptions{Dir: t.TempDir()})
	require.ErrorIs(t, err, context.Canceled)
}

func TestFetchMends(t *testing.T) {
	data := blob(9, 1000)
	s := serve(t, map[string][]byte{"model.onnx": data})
	o := s.options(t)
	dir, err := hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	path := filepath.Join(dir, "model.onnx")

	require.NoError(t, os.WriteFile(path, data[:999], 0o644))
	_, err = hub.Open(dir)
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorContains(t, err, "model.onnx has 999 bytes, the manifest says 1000")
	_, err = hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	require.Equal(t, string(data), tree(t, dir)["model.onnx"])

	require.NoError(t, os.WriteFile(path, make([]byte, 1000), 0o644))
	_, err = hub.Fetch(ctx, repo, o)
	require.NoError(t, err, "the size is right")
	require.Len(t, s.paths(), 2)
	require.ErrorContains(t, hub.Verify(ctx, dir), "SHA-256 should be "+sum(data))
	o.Verify = true
	_, err = hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	require.NoError(t, hub.Verify(ctx, dir))

	s.files["model.onnx"] = blob(10, 1000) // a moved branch is not what the manifest says
	require.NoError(t, os.Remove(path))
	_, err = hub.Open(dir)
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = hub.Fetch(ctx, repo, o)
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorContains(t, err, "SHA-256 should be "+sum(data))
	o.SHA256 = map[string]string{"model.onnx": sum(s.files["model.onnx"])} // unless the caller says so
	_, err = hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
}

func TestFetchAddsFiles(t *testing.T) {
	s := serve(t, map[string][]byte{"model.onnx": {1}, "config.json": {2}})
	o := s.options(t)
	dir, err := hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	o.Files = []string{"config.json", "nowhere.json"}
	_, err = hub.Fetch(ctx, repo, o)
	require.ErrorContains(t, err, "nowhere.json: server answers")
	_, err = hub.Open(dir)
	require.NoError(t, err, "a fetch that fails does no harm to what is there")
	o.Files = []string{"config.json"}
	_, err = hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	require.Len(t, s.paths(), 3, "config.json was there already")
	manifest, err := hub.ReadManifest(dir)
	require.NoError(t, err)
	require.Len(t, manifest.Files, 2)
}

func TestFetchStaysInItsDirectory(t *testing.T) {
	s := serve(t, map[string][]byte{"onnx/model.onnx": {1}})
	o := s.options(t)
	o.Files = []string{"onnx/model.onnx"}
	outside := t.TempDir()
	dir := filepath.Join(o.Dir, "owner--name", "main")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	if err := os.Symlink(outside, filepath.Join(dir, "onnx")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	_, err := hub.Fetch(ctx, repo, o)
	require.ErrorContains(t, err, "escapes")
	require.Empty(t, tree(t, outside))
}

func TestFetchWithoutRoomOnDisk(t *testing.T) {
	s := serve(t, map[string][]byte{"model.onnx": {1}})
	o := s.options(t)
	o.Dir = filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(o.Dir, nil, 0o644))
	_, err := hub.Fetch(ctx, repo, o)
	var onDisk *fs.PathError
	require.ErrorAs(t, err, &onDisk)

	o.Dir = t.TempDir()
	require.NoError(t, os.Chmod(o.Dir, 0o555))
	if os.WriteFile(filepath.Join(o.Dir, "x"), nil, 0o644) == nil {
		t.Skip("this user may write anywhere")
	}
	_, err = hub.Fetch(ctx, repo, o)
	require.ErrorIs(t, err, fs.ErrPermission)
}

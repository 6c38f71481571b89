package hub_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
)

// write makes a directory with the given files.
func write(t testing.TB, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(data), 0o644))
	}
	return dir
}

// entry is a file of a manifest in JSON.
func entry(name, data string) string {
	return fmt.Sprintf(`{"name":%q,"size":%d,"sha256":%q}`, name, len(data), sum([]byte(data)))
}

func TestOpen(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		path  string
	}{
		"without a manifest": {map[string]string{"model.onnx": "abc"}, "model.onnx"},
		"with a manifest": {map[string]string{
			"onnx/model.onnx": "abc", "config.json": "{}",
			hub.ManifestName: `{"files":[` + entry("onnx/model.onnx", "abc") + "," + entry("config.json", "{}") + `]}`,
		}, "onnx/model.onnx"},
		"with a manifest that names an unusual one": {map[string]string{
			"onnx/model_int8.onnx": "abc", hub.ManifestName: `{"files":[` + entry("onnx/model_int8.onnx", "abc") + `]}`,
		}, "onnx/model_int8.onnx"},
		"with several": {map[string]string{
			"model.onnx": "abc", "b.onnx": "b",
			hub.ManifestName: `{"files":[` + entry("model.onnx", "abc") + "," + entry("b.onnx", "b") + `]}`,
		}, "model.onnx"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := write(t, tt.files)
			m, err := hub.Open(dir)
			require.NoError(t, err)
			require.Equal(t, filepath.Join(dir, filepath.FromSlash(tt.path)), m.Path())
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := map[string]struct {
		manifest string
		message  string
	}{
		"a manifest that is none":  {"<html>", "invalid character"},
		"an empty manifest":        {"", "unexpected end"},
		"a missing file":           {`{"files":[` + entry("model.onnx", "abc") + "," + entry("x.json", "") + `]}`, "no such file"},
		"a file of another size":   {`{"files":[` + entry("model.onnx", "abcd") + `]}`, "has 3 bytes, the manifest says 4"},
		"a directory":              {`{"files":[` + entry("dir", "") + `]}`, "not a regular file"},
		"a name above":             {`{"files":[` + entry("../x", "") + `]}`, "is no file name"},
		"a digest that is none":    {`{"files":[{"name":"model.onnx","size":3,"sha256":"abc"}]}`, "size or digest"},
		"a negative size":          {`{"files":[{"name":"model.onnx","size":-3,"sha256":"` + sum(nil) + `"}]}`, "size or digest"},
		"a file twice":             {`{"files":[` + entry("a", "") + "," + entry("a", "") + `]}`, "stands there twice"},
		"a commit that leads away": {`{"commit":"../../x","files":[]}`, "commit"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"model.onnx": "abc", "dir/x": "", hub.ManifestName: tt.manifest})
			_, err := hub.Open(dir)
			require.ErrorIs(t, err, quintet.ErrModel)
			require.ErrorContains(t, err, tt.message)
			require.ErrorIs(t, hub.Verify(ctx, dir), quintet.ErrModel)
		})
	}
	_, err := hub.Open(filepath.Join(t.TempDir(), "nowhere"))
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestVerify(t *testing.T) {
	manifest := `{"files":[` + entry("model.onnx", "abc") + `]}`
	dir := write(t, map[string]string{"model.onnx": "abc", hub.ManifestName: manifest})
	require.NoError(t, hub.Verify(ctx, dir))
	done, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, hub.Verify(done, dir), context.Canceled)
	dir = write(t, map[string]string{"model.onnx": "abd", hub.ManifestName: manifest})
	require.ErrorContains(t, hub.Verify(ctx, dir), "model.onnx: SHA-256 should be "+sum([]byte("abc"))+", is "+sum([]byte("abd")))
	require.ErrorIs(t, hub.Verify(ctx, t.TempDir()), fs.ErrNotExist)
}

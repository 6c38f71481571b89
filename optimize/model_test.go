package optimize_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// sha256 of "abc"
const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(data), 0o644))
	}
	return dir
}

func TestModelsAreFound(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		open  string // below the directory
		path  string
	}{
		"at the top":            {map[string]string{"model.onnx": "abc", "config.json": "{}"}, "", "model.onnx"},
		"in the folder onnx":    {map[string]string{"onnx/model.onnx": "abc", "config.json": "{}"}, "", "onnx/model.onnx"},
		"as the only one":       {map[string]string{"vad.onnx": "abc", "config.json": "{}"}, "", "vad.onnx"},
		"by name":               {map[string]string{"a.onnx": "x", "b.onnx": "abc", "config.json": "{}"}, "b.onnx", "b.onnx"},
		"by name in the folder": {map[string]string{"onnx/b.onnx": "abc", "config.json": "{}"}, "onnx/b.onnx", "onnx/b.onnx"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := write(t, tt.files)
			m, err := optimize.OpenModel(filepath.Join(dir, filepath.FromSlash(tt.open)))
			require.NoError(t, err)
			require.Equal(t, filepath.Join(dir, filepath.FromSlash(tt.path)), m.Path())
			digest, err := m.Digest()
			require.NoError(t, err)
			require.Equal(t, abc, digest)
			config, err := m.File("config.json")
			require.NoError(t, err)
			require.Equal(t, "{}", string(config))
			_, err = m.File("tokenizer.json")
			require.ErrorIs(t, err, fs.ErrNotExist)
			require.ErrorIs(t, err, quintet.ErrModel)
			_, err = m.File("../../etc/passwd")
			require.ErrorIs(t, err, quintet.ErrModel, "no way out of the directory")
		})
	}
}

func TestModelsElsewhere(t *testing.T) {
	m, err := optimize.ModelFS(fstest.MapFS{"onnx/model.onnx": {Data: []byte("abc")}, "config.json": {Data: []byte("{}")}}, "")
	require.NoError(t, err)
	require.Empty(t, m.Path())
	for _, m := range []optimize.Model{m, optimize.ModelBytes([]byte("abc"))} {
		data, err := m.Bytes()
		require.NoError(t, err)
		require.Equal(t, "abc", string(data))
		digest, err := m.Digest()
		require.NoError(t, err)
		require.Equal(t, abc, digest)
	}
	_, err = optimize.ModelBytes(nil).File("config.json")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestModelsThatAreNone(t *testing.T) {
	_, err := optimize.OpenModel(filepath.Join(t.TempDir(), "nowhere"))
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = optimize.OpenModel(t.TempDir())
	require.ErrorContains(t, err, "holds no model.onnx or onnx/model.onnx")
	_, err = optimize.OpenModel(write(t, map[string]string{"a.onnx": "", "b.onnx": ""}))
	require.ErrorContains(t, err, "holds 2 ONNX files (a.onnx, b.onnx); name one")
	_, err = optimize.ModelFS(fstest.MapFS{}, "model.onnx")
	require.ErrorIs(t, err, quintet.ErrModel)
	for name, m := range map[string]optimize.Model{"zero": {}, "empty": optimize.ModelBytes(nil)} {
		_, err = m.Digest()
		require.ErrorIs(t, err, quintet.ErrModel, name)
	}
	_, err = optimize.Model{}.Bytes()
	require.ErrorIs(t, err, quintet.ErrModel)
	_, err = optimize.Model{}.File("config.json")
	require.ErrorIs(t, err, quintet.ErrModel)
}

func TestFolder(t *testing.T) {
	fsys := fstest.MapFS{"onnx/model.onnx": {Data: []byte("abc")}, "onnx/model.onnx_data": {Data: []byte("w")}}
	m, err := optimize.ModelFS(fsys, "")
	require.NoError(t, err)
	onDisk, err := optimize.OpenModel(write(t, map[string]string{"onnx/model.onnx": "abc", "onnx/model.onnx_data": "w"}))
	require.NoError(t, err)
	for _, m := range []optimize.Model{m, onDisk} {
		folder, err := m.Folder()
		require.NoError(t, err)
		data, err := fs.ReadFile(folder, "model.onnx_data")
		require.NoError(t, err)
		require.Equal(t, "w", string(data))
	}
	folder, err := optimize.ModelBytes([]byte("abc")).Folder()
	require.NoError(t, err)
	require.Nil(t, folder)
	_, err = optimize.Model{}.Folder()
	require.ErrorIs(t, err, quintet.ErrModel)
}

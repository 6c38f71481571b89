//go:build unix

package optimize_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// TestAFileOnDiskIsNotCopiedToBeTold loads a large file on a backend that does not
// want it: what tells it from others must not be a copy.
func TestAFileOnDiskIsNotCopiedToBeTold(t *testing.T) {
	const size = 16 << 20
	path := filepath.Join(t.TempDir(), "large.onnx")
	require.NoError(t, os.WriteFile(path, make([]byte, size), 0o600))
	m, err := optimize.OpenModel(path)
	require.NoError(t, err)
	rt := runtimeWith(t, optimize.Options{Backend: &adder{refuse: quintet.ErrUnsupported}})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = rt.Session(t.Context(), m, optimize.SessionOptions{})
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/4))
	digest, err := m.Digest()
	require.NoError(t, err)
	fromMemory, err := optimize.ModelBytes(make([]byte, size)).Digest()
	require.NoError(t, err)
	require.Equal(t, fromMemory, digest)
}

func TestLinksOutOfAModelsFolderAreRefused(t *testing.T) {
	for _, below := range []string{"", "onnx"} {
		t.Run("in the folder "+below, func(t *testing.T) {
			dir := write(t, map[string]string{"secret": "s", "m/model.onnx": "abc", "m/onnx/model.onnx": "abc", "m/shared": "w"})
			folder := filepath.Join(dir, "m", below)
			require.NoError(t, os.Symlink(filepath.Join(dir, "secret"), filepath.Join(folder, "absolute")))
			relative, err := filepath.Rel(folder, filepath.Join(dir, "secret"))
			require.NoError(t, err)
			require.NoError(t, os.Symlink(relative, filepath.Join(folder, "relative")))
			relative, err = filepath.Rel(folder, filepath.Join(dir, "m", "shared"))
			require.NoError(t, err)
			require.NoError(t, os.Symlink(relative, filepath.Join(folder, "inside")))
			m, err := optimize.OpenModel(filepath.Join(folder, "model.onnx"))
			require.NoError(t, err)
			fsys, err := m.Folder()
			require.NoError(t, err)
			for _, name := range []string{"absolute", "relative", "../secret", "/etc/passwd"} {
				_, err := fsys.Open(name)
				require.Error(t, err, name)
			}
			file, err := fsys.Open("inside")
			require.NoError(t, err, "a link that stays inside")
			require.NoError(t, file.Close())
		})
	}
}

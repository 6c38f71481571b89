package files_test

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/files"
)

func TestFilesAreListedWithoutHiddenOnes(t *testing.T) {
	paths, err := files.List(fstest.MapFS{
		"b.txt": {}, "a/c.txt": {}, ".git/config": {}, "a/.hidden": {}, "a/link": {Mode: fs.ModeSymlink},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"a/c.txt", "b.txt"}, paths)

	_, err = files.List(os.DirFS("testdata/none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

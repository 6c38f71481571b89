package mmap_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/mmap"
)

func TestPagesAreTheFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	want := make([]byte, 10_000)
	for i := range want {
		want[i] = byte(i * 7)
	}
	require.NoError(t, os.WriteFile(name, want, 0o600))
	p, err := mmap.Open(name)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this system maps no files")
	}
	require.NoError(t, err)
	require.NoError(t, os.Remove(name))
	require.Equal(t, want, p.Bytes(), "also without its name")
	p.Rest()
	require.Equal(t, want, p.Bytes())
	p.Close()
	p.Close()
	require.Empty(t, p.Bytes())
	p.Rest()
}

func TestWhatCannotBeMapped(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for _, name := range []string{empty, dir} {
		_, err := mmap.Open(name)
		require.ErrorIs(t, err, errors.ErrUnsupported, name)
	}
	_, err := mmap.Open(filepath.Join(dir, "nothing"))
	require.ErrorIs(t, err, os.ErrNotExist)
	(*mmap.Pages)(nil).Close()
}

func TestFakePagesSayWhenTheyGo(t *testing.T) {
	gone := 0
	p := mmap.Of([]byte("x"), func(b []byte) { gone += len(b) })
	p.Close()
	p.Close()
	require.Equal(t, 1, gone)
}

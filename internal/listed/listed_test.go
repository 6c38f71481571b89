package listed_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/listed"
)

func TestAFileIsBuiltOnceAndThenChecked(t *testing.T) {
	t.Chdir(t.TempDir())
	builds := 0
	build := func() ([]byte, error) {
		builds++
		return []byte("made"), nil
	}
	keep := func() error { return listed.Keep("data.bin", "SHA256SUMS", build) }

	require.NoError(t, keep())
	sums, err := os.ReadFile("SHA256SUMS")
	require.NoError(t, err)
	require.Equal(t, "ea0890697a77af0a2e054cccec587c8a42feb5cf38e778c6c6e2a96bfb945c0b  data.bin\n", string(sums))
	require.NoError(t, keep())
	require.Equal(t, 1, builds, "a file that is there is left alone")

	require.NoError(t, os.Remove("data.bin"))
	require.NoError(t, keep())
	require.Equal(t, 2, builds, "a file that is missing is built")

	require.NoError(t, os.WriteFile("data.bin", []byte("other"), 0o644))
	require.ErrorContains(t, keep(), "not the listed one")
	got, err := os.ReadFile("data.bin")
	require.NoError(t, err)
	require.Equal(t, "other", string(got))
}

func TestAFailedBuildLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	broken := errors.New("no network")
	require.ErrorIs(t, listed.Keep("data.bin", "SHA256SUMS", func() ([]byte, error) { return nil, broken }), broken)
	entries, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Empty(t, entries)
}

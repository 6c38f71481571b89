package testmodels_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/testmodels"
)

// outcome is what a test that asks for a file comes to.
type outcome struct {
	testing.TB
	skipped, failed bool
}

func (o *outcome) Helper()               {}
func (o *outcome) Skipf(string, ...any)  { o.skipped = true; panic(o) }
func (o *outcome) Fatalf(string, ...any) { o.failed = true; panic(o) }

func ask(t *testing.T, name string) (path string, o *outcome) {
	o = &outcome{TB: t}
	defer func() {
		if v := recover(); v != nil {
			require.Equal(t, o, v)
		}
	}()
	return testmodels.Path(o, name), o
}

func TestEveryModelIsTheListedOne(t *testing.T) {
	require.Len(t, testmodels.Names(), 9)
	for _, name := range testmodels.Names() {
		t.Run(name, func(t *testing.T) {
			path := testmodels.Path(t, name)
			require.Equal(t, name, filepath.Base(path))
		})
	}
}

func TestModelsThatAreNotThere(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(testmodels.Variable, dir)
	name := testmodels.Names()[0]

	_, o := ask(t, name)
	require.True(t, o.skipped, "missing")
	_, o = ask(t, "abacus.onnx")
	require.True(t, o.failed, "not on the list")
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat("x", 100)), 0o600))
	_, o = ask(t, name)
	require.True(t, o.failed, "another file")
}

package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInstallFromTheModuleCache(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	dir := t.TempDir()
	var out bytes.Buffer
	if err := run([]string{"-dir", dir}, &out); err != nil {
		t.Skipf("the module is not in the module cache: %v", err)
	}
	path := strings.TrimSpace(out.String())
	require.Equal(t, dir, filepath.Dir(path))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file stays behind")

	t.Setenv("PATH", "")
	out.Reset()
	require.NoError(t, run([]string{"-dir", dir}, &out), "what is there needs no download")
	require.Equal(t, path+"\n", out.String())
	out.Reset()
	require.NoError(t, run([]string{"-print", "-dir", dir}, &out))
	require.Equal(t, path+"\n", out.String())
}

func TestRunRefuses(t *testing.T) {
	var out bytes.Buffer
	require.ErrorIs(t, run([]string{"-h"}, &out), flag.ErrHelp)
	require.ErrorContains(t, run([]string{"now"}, &out), `unexpected argument "now"`)
	require.ErrorContains(t, run([]string{"-print", "-dir", t.TempDir()}, &out), "option Library: no ")
	t.Setenv("PATH", "")
	require.ErrorContains(t, run([]string{"-dir", t.TempDir()}, &out), "the go command downloads the library, but: ")
	require.Empty(t, out.String())
}

func TestFetchRefusesAnotherChecksum(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	module := prefix + "linux@" + version
	if _, err := fetch(module, sums["linux"]); err != nil {
		t.Skipf("the module is not in the module cache: %v", err)
	}
	_, err := fetch(module, "h1:0000000000000000000000000000000000000000000=")
	require.ErrorContains(t, err, "has checksum "+sums["linux"])
	_, err = fetch(prefix+"linux@v0.0.1", "")
	require.ErrorContains(t, err, "go mod download: ")
}

func TestCopyFileIsWholeOrNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "deep", "lib.so")
	require.Error(t, copyFile(path, filepath.Join(dir, "gone")))
	require.NoFileExists(t, path)
	require.Error(t, copyFile(path, dir), "a folder cannot be copied")
	require.NoFileExists(t, path)
	source := filepath.Join(dir, "source")
	require.NoError(t, os.WriteFile(source, []byte("library"), 0o600))
	require.NoError(t, copyFile(path, source))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "library", string(got))
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

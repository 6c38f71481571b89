package ortlib_test

import (
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/onnx/internal/ortlib"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	x64 := func(v string) []byte { return elfLibrary(elf.EM_X86_64, "VERS_"+v) }
	old := put(t, x64("1.17.1"), dir, "old", "libonnxruntime.so")
	arm := put(t, elfLibrary(elf.EM_AARCH64, "VERS_1.28.2"), dir, "arm", "libonnxruntime.so")
	first := put(t, x64("1.24.0"), dir, "first", "libonnxruntime.so.1")
	put(t, x64("1.30.0"), dir, "first", "libonnxruntime_providers_shared.so")
	put(t, x64("1.25.0"), dir, "cache", "1.25.0", "linux-amd64", "libonnxruntime.so")
	newest := put(t, x64("1.30.0"), dir, "cache", "1.30.0", "linux-amd64", "libonnxruntime.so")
	put(t, x64("1.17.1"), dir, "cache", "1.17.1", "linux-amd64", "libonnxruntime.so")
	put(t, []byte("text"), dir, "text", "libonnxruntime.so")
	odd := put(t, x64("1.24.0"), dir, "a[b", "libonnxruntime.so")
	mac := put(t, machoLibrary(macho.CpuArm64, 1, 30, 0), dir, "mac", "libonnxruntime.1.30.0.dylib")
	win := put(t, peLibrary(pe.IMAGE_FILE_MACHINE_AMD64, "1.30.0"), dir, "win", "onnxruntime.dll")
	unknown := put(t, x64("x"), dir, "unknown", "libonnxruntime.so")

	places := func(names ...string) (list []string) {
		for _, n := range names {
			list = append(list, filepath.Join(dir, n))
		}
		return list
	}
	linux := func(names ...string) ortlib.Search {
		return ortlib.Search{OS: "linux", Arch: "amd64", Places: places(names...)}
	}
	tests := map[string]struct {
		search ortlib.Search
		want   string
	}{
		"the first place that fits":    {linux("gone", "old", "arm", "text", "first", "cache/*/linux-amd64"), first},
		"the newest in a place":        {linux("cache/*/linux-amd64"), newest},
		"a folder named like patterns": {linux("a[b"), odd},
		"a version that is not known":  {linux("unknown"), unknown},
		"a file by name":               {ortlib.Search{OS: "linux", Arch: "amd64", Library: first}, first},
		"a folder by name":             {ortlib.Search{OS: "linux", Arch: "amd64", Library: filepath.Dir(first)}, first},
		"a Mac":                        {ortlib.Search{OS: "darwin", Arch: "arm64", Places: places("win", "mac")}, mac},
		"Windows":                      {ortlib.Search{OS: "windows", Arch: "amd64", Places: places("mac", "win")}, win},
		"another architecture":         {ortlib.Search{OS: "linux", Arch: "arm64", Places: places("first", "arm")}, arm},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			lib, err := tt.search.Find()
			require.NoError(t, err)
			require.Equal(t, tt.want, lib.Path)
		})
	}

	refused := map[string]struct {
		search ortlib.Search
		want   []string
	}{
		"nothing anywhere": {linux("gone", "win"), []string{"no library of ONNX Runtime 1.24.0 or newer for linux/amd64",
			filepath.Join(dir, "gone"), "set QUINTET_ORT_LIB or run", ortlib.Install}},
		"only what does not fit": {linux("old", "arm"), []string{old + " is ONNX Runtime 1.17.1, need 1.24.0 or newer",
			arm + " is for linux/arm64, need linux/amd64"}},
		"a named file that is too old": {ortlib.Search{OS: "linux", Arch: "amd64", Library: old, Named: "QUINTET_ORT_LIB",
			Places: places("first")}, []string{"QUINTET_ORT_LIB: " + old + " is ONNX Runtime 1.17.1, need 1.24.0 or newer"}},
		"a named folder without one": {ortlib.Search{OS: "windows", Arch: "amd64", Library: filepath.Join(dir, "mac"),
			Named: "option Library"}, []string{"option Library: no onnxruntime.dll in "}},
		"a named file for another system": {ortlib.Search{OS: "linux", Arch: "amd64", Library: mac},
			[]string{"is for darwin/arm64, need linux/amd64"}},
	}
	for name, tt := range refused {
		t.Run(name, func(t *testing.T) {
			_, err := tt.search.Find()
			require.ErrorIs(t, err, quintet.ErrUnsupported)
			for _, want := range tt.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestHere(t *testing.T) {
	t.Setenv("QUINTET_ORT_LIB", "")
	t.Setenv("ORT_LIB_PATH", "")
	t.Setenv("GOMODCACHE", filepath.Join(t.TempDir(), "mod"))
	s := ortlib.Here("", false)
	require.Equal(t, runtime.GOOS, s.OS)
	require.Equal(t, runtime.GOARCH, s.Arch)
	require.Empty(t, s.Library)
	require.NotEmpty(t, s.Places)
	dev := ortlib.Here("", true)
	require.Equal(t, s.Places, dev.Places[:len(s.Places)], "what developers have comes last")
	require.Greater(t, len(dev.Places), len(s.Places))

	t.Setenv("ORT_LIB_PATH", "second")
	require.Equal(t, "second", ortlib.Here("", false).Library)
	t.Setenv("QUINTET_ORT_LIB", "first")
	require.Equal(t, "first", ortlib.Here("", false).Library)
	require.Equal(t, "QUINTET_ORT_LIB", ortlib.Here("", false).Named)
	require.Equal(t, "option", ortlib.Here("option", false).Library)
}

func TestVersions(t *testing.T) {
	tests := map[string]ortlib.Version{
		"VERS_1.28.2": {Major: 1, Minor: 28, Patch: 2},
		"v1.24":       {Major: 1, Minor: 24},
		"1.30.0-rc1":  {Major: 1, Minor: 30},
		"no version":  {},
		"":            {},
	}
	for text, want := range tests {
		require.Equal(t, want, ortlib.ParseVersion(text), text)
	}
	require.Equal(t, "1.24.0", ortlib.Needed.String())
	require.Equal(t, "of unknown version", ortlib.Version{}.String())
	require.Negative(t, ortlib.Version{Major: 1, Minor: 9, Patch: 9}.Compare(ortlib.Needed))
	require.Zero(t, ortlib.Needed.Compare(ortlib.Needed))
}

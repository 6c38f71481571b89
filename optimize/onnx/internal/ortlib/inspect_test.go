package ortlib_test

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/onnx/internal/ortlib"
)

func TestInspect(t *testing.T) {
	tests := map[string]struct {
		file string
		data []byte
		want ortlib.Binary
	}{
		"ELF": {"libonnxruntime.so", elfLibrary(elf.EM_X86_64, "VERS_1.28.2"),
			ortlib.Binary{OS: "linux", Arches: []string{"amd64"}, Version: ortlib.Version{Major: 1, Minor: 28, Patch: 2}}},
		"ELF for another machine": {"libonnxruntime.so", elfLibrary(elf.EM_AARCH64, "VERS_1.17.1"),
			ortlib.Binary{OS: "linux", Arches: []string{"arm64"}, Version: ortlib.Version{Major: 1, Minor: 17, Patch: 1}}},
		"ELF without a version": {"libonnxruntime.so", elfLibrary(elf.EM_386, "FOO_9"),
			ortlib.Binary{OS: "linux", Arches: []string{"386"}}},
		"ELF with a version in its name": {"libonnxruntime.so.1.25", elfLibrary(elf.EM_RISCV, "FOO_9"),
			ortlib.Binary{OS: "linux", Arches: []string{"riscv64"}, Version: ortlib.Version{Major: 1, Minor: 25}}},
		"Mach-O with a version in the name of its folder": {"1.28.2/darwin-arm64/libonnxruntime.dylib",
			machoLibrary(macho.CpuArm64, 0, 0, 0),
			ortlib.Binary{OS: "darwin", Arches: []string{"arm64"}, Version: ortlib.Version{Major: 1, Minor: 28, Patch: 2}}},
		"Mach-O": {"libonnxruntime.dylib", machoLibrary(macho.CpuArm64, 1, 30, 0),
			ortlib.Binary{OS: "darwin", Arches: []string{"arm64"}, Version: ortlib.Version{Major: 1, Minor: 30}}},
		"PE": {"onnxruntime.dll", peLibrary(pe.IMAGE_FILE_MACHINE_AMD64, "1.24.1"),
			ortlib.Binary{OS: "windows", Arches: []string{"amd64"}, Version: ortlib.Version{Major: 1, Minor: 24, Patch: 1}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ortlib.Inspect(put(t, tt.data, t.TempDir(), tt.file))
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestInspectRefuses(t *testing.T) {
	dir := t.TempDir()
	whole := elfLibrary(elf.EM_X86_64, "VERS_1.28.2")
	tests := map[string]string{
		"a folder":         dir,
		"a missing file":   filepath.Join(dir, "gone"),
		"an empty file":    put(t, nil, dir, "empty"),
		"a text":           put(t, []byte("#!/bin/sh\necho hello\n"), dir, "text"),
		"a truncated file": put(t, whole[:70], dir, "truncated"),
		"a program":        put(t, append([]byte(string(whole[:16])+"\x02"), whole[17:]...), dir, "program"),
	}
	for name, path := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ortlib.Inspect(path)
			require.ErrorIs(t, err, quintet.ErrUnsupported)
			require.ErrorContains(t, err, path)
		})
	}
	_, err := ortlib.Inspect(filepath.Join(dir, "gone"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzInspect(f *testing.F) {
	f.Add(elfLibrary(elf.EM_X86_64, "VERS_1.28.2"))
	f.Add(machoLibrary(macho.CpuArm64, 1, 30, 0))
	f.Add(peLibrary(pe.IMAGE_FILE_MACHINE_AMD64, "1.24.1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ortlib.InspectReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		require.NotEmpty(t, b.OS)
		require.NotEmpty(t, b.Arches)
	})
}

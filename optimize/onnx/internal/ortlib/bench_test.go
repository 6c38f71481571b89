package ortlib_test

import (
	"debug/elf"
	"testing"

	"github.com/quintet-ai/quintet/optimize/onnx/internal/ortlib"
)

func BenchmarkInspect(b *testing.B) {
	path := put(b, elfLibrary(elf.EM_X86_64, "VERS_1.28.2"), b.TempDir(), "libonnxruntime.so")
	for b.Loop() {
		if _, err := ortlib.Inspect(path); err != nil {
			b.Fatal(err)
		}
	}
}

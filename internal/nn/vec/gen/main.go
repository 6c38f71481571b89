// Program gen writes the assembly of package vec for AVX2 and NEON, and the Go
// files that call it, from one description of each kernel. It runs in the folder
// of the package, by go generate.
package main

import (
	"fmt"
	"go/format"
	"log"
	"math"
	"os"
	"strings"
)

func main() {
	log.SetFlags(0)
	files, err := generate()
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// generate returns the text of every generated file by its name.
func generate() (map[string]string, error) {
	ks := kernels()
	files := map[string]string{
		"kernels_amd64.s": assembly(amd64{}, ks, 8, "#include \"macros_amd64.h\"\n"),
		"kernels_arm64.s": assembly(arm64{}, ks, 4, "#include \"macros_arm64.h\"\n"),
	}
	for name, text := range map[string]string{
		"kernels_asm.go": dispatchAsm(ks), "kernels_noasm.go": dispatchGeneric(ks),
	} {
		source, err := format.Source([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files[name] = string(source)
	}
	return files, nil
}

// assembly is one file of assembly with its table of constants, each of which
// fills a vector of so many lanes.
func assembly(t target, ks []kernel, lanes int, include string) string {
	pool := &constants{at: map[uint32]int{}}
	var code strings.Builder
	for _, k := range ks {
		code.WriteString(emitKernel(t, pool, k))
	}
	var s strings.Builder
	s.WriteString(header + "//go:build !purego\n\n#include \"textflag.h\"\n" + include + "\n")
	for i, bits := range pool.order {
		fmt.Fprintf(&s, "// %g\n", math.Float32frombits(bits))
		for lane := 0; lane < lanes; lane += 2 {
			fmt.Fprintf(&s, "DATA constants<>+%d(SB)/8, $0x%08x%08[2]x\n", 4*(lanes*i+lane), bits)
		}
	}
	fmt.Fprintf(&s, "GLOBL constants<>(SB), RODATA|NOPTR, $%d\n\n", 4*lanes*len(pool.order))
	return s.String() + strings.TrimSuffix(code.String(), "\n")
}

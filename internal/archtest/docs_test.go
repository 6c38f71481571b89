package archtest_test

import (
	"testing"

	"github.com/quintet-ai/quintet/internal/archtest"
)

func TestPackageDocs(t *testing.T) {
	clean := tree{
		"text/doc.go":              "// Package text reads.\npackage text\n",
		"text/new.go":              "package text\n",
		"internal/simd/simd.go":    "// Package simd is fast.\npackage simd\n",
		"examples/quick/main.go":   "// Quick shows all.\npackage main\n",
		"examples/quick/q_test.go": "package main\n",
	}
	plant(t, archtest.PackageDocs, clean, map[string]planted{
		"none":                {"text/doc.go", "package text\n", "text/doc.go: no comment for package text"},
		"about something":     {"text/doc.go", "// Text.\npackage text\n", "text/doc.go: no comment for package text"},
		"another package":     {"text/doc.go", "// Package texts.\npackage text\n", "text/doc.go: no comment for package text"},
		"none in a command":   {"examples/b/main.go", "package main\n", "examples/b/doc.go: no comment for package main"},
		"two":                 {"text/new.go", "// Package text too.\npackage text\n", "text/doc.go: package comments in doc.go and new.go"},
		"not in doc.go":       {"audio/a.go", "// Package audio hears.\npackage audio\n", "audio/doc.go: the package comment is in a.go"},
		"not in doc.go, ours": {"internal/fft/f.go", "// Package fft turns.\npackage fft\n", ""},
	})
}

func TestDocs(t *testing.T) {
	clean := tree{
		"text/a.go":             documented,
		"text/a_test.go":        "package text\n\nfunc F() {}\n",
		"internal/fft/a.go":     "package fft\n\n// T is.\ntype T struct {\n\tA int\n}\n",
		"text/internal/b/b.go":  "package b\n\n// T is.\ntype T struct {\n\tA int\n}\n",
		"internal/peers/p/p.go": "package p\n\nfunc F() {}\n",
		"examples/all/main.go":  "package main\n\nfunc F() {}\n",
	}
	bare := map[string]struct{ decl, name string }{
		"function":       {"func F() {}", "F"},
		"of other name":  {"// Fx is.\nfunc F() {}", "F"},
		"method":         {"func (t *T) M() {}", "T.M"},
		"generic method": {"func (t *T[K, V]) M() {}", "T.M"},
		"type":           {"type T int", "T"},
		"constant":       {"const C = 1", "C"},
		"variable":       {"var (\n\t// A is.\n\tA int\n\n\tB int\n)", "B"},
		"field":          {"// T is.\ntype T struct {\n\tA int\n}", "T.A"},
		"second group":   {"// T is.\ntype T struct {\n\t// Sizes.\n\tA int\n\n\tB int\n}", "T.B"},
		"interface":      {"// T is.\ntype T interface {\n\tA()\n}", "T.A"},
	}
	cases := map[string]planted{}
	for name, b := range bare {
		cases[name] = planted{"text/b.go", "package text\n\n" + b.decl + "\n", "text/b.go: " + b.name + " has no doc comment"}
	}
	plant(t, archtest.Docs, clean, cases)
}

const documented = `package text

// F does.
func F() {}

// T is.
type T struct {
	// Sizes in bytes.
	A int
	B int

	C int // of C
	d int
}

// P is a place of some quarters.
type P struct {
	Quarter int
	U       *U
	Us      []U
	ID      int
}

// An U is.
type U struct{ X, Y int }

type hidden struct{ X int }

func (h hidden) Name() {}

// Causes.
var (
	E1 = 1

	E2 = 2
)

// The I is.
type I[K any] interface {
	// M does.
	M()
}
`

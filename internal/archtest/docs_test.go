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
	plant(t, archtest.Docs, tree{"text/a.go": documented, "cmd/main.go": "package main\n\nfunc F() {}\n",
		"internal/peers/p/p.go": "package p\n\nfunc F() {}\n", "text/a_test.go": "package text\n\nfunc F() {}\n"},
		map[string]planted{
			"function":     {"text/b.go", "package text\n\nfunc F() {}\n", "text/b.go: F has no doc comment"},
			"other name":   {"text/b.go", "package text\n\n// Fx is.\nfunc F() {}\n", "text/b.go: F has no doc comment"},
			"method":       {"text/b.go", "package text\n\nfunc (t *T) M() {}\n", "text/b.go: T.M has no doc comment"},
			"generic":      {"text/b.go", "package text\n\nfunc (t *T[K, V]) M() {}\n", "text/b.go: T.M has no doc comment"},
			"type":         {"text/b.go", "package text\n\ntype T int\n", "text/b.go: T has no doc comment"},
			"constant":     {"text/b.go", "package text\n\nconst C = 1\n", "text/b.go: C has no doc comment"},
			"variable":     {"text/b.go", "package text\n\nvar (\n\t// A is.\n\tA int\n\n\tB int\n)\n", "text/b.go: B has no doc comment"},
			"field":        {"text/b.go", "package text\n\n// T is.\ntype T struct {\n\tA int\n}\n", "text/b.go: T.A has no doc comment"},
			"second group": {"text/b.go", "package text\n\n// T is.\ntype T struct {\n\t// Sizes.\n\tA int\n\n\tB int\n}\n", "text/b.go: T.B has no doc comment"},
			"interface":    {"text/b.go", "package text\n\n// T is.\ntype T interface {\n\tA()\n}\n", "text/b.go: T.A has no doc comment"},
		})
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

package archtest_test

import (
	"testing"

	"github.com/quintet-ai/quintet/internal/archtest"
)

func TestHabits(t *testing.T) {
	clean := tree{
		"text/a.go":            "package text\n\nimport _ \"embed\"\n\nfunc (t T) init() {}\n",
		"text/a_test.go":       "package text_test\n\nimport (\n\t_ \"image/png\"\n\t\"github.com/stretchr/testify/require\"\n)\n",
		"examples/all/main.go": importing("main", "image/png"),
		"text/with.go":         "package text\n\nfunc WithBody(s string) Document { return Document{s} }\n",
	}
	plant(t, archtest.Habits, clean, map[string]planted{
		"init":           {"text/b.go", "package text\n\nfunc init() {}\n", "text/b.go: init function"},
		"init in a test": {"text/b_test.go", "package text\n\nfunc init() {}\n", "text/b_test.go: init function"},
		"blank import":   {"vision/b.go", importing("vision", "image/png"), "vision/b.go: blank import of image/png"},
		"a junk drawer":  {"text/util/u.go", "package util\n", "text/util/u.go: package name util says nothing"},
		"testify/assert": {"text/b_test.go", "package text\n\nimport \"github.com/stretchr/testify/assert\"\n",
			"text/b_test.go: imports testify/assert, use require"},
		"option function": {"text/b.go", "package text\n\nfunc WithTop(n int) func(*Options) { return nil }\n",
			"text/b.go: functional option WithTop, use a field of Options"},
		"option type": {"text/b.go", "package text\n\ntype Option[T any] func(T)\n\nfunc WithTop(n int) Option[int] { return nil }\n",
			"text/b.go: functional option WithTop, use a field of Options"},
	})
}

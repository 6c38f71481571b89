package archtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/archtest"
)

func TestReadme(t *testing.T) {
	example := "package text_test\n\nfunc ExampleNew() {\n\tp, err := text.New(text.Options{})\n\tprintln(p, err)\n}\n"
	clean := tree{
		"README.md":            "# Q\n\n- one\n  ```go\n  p, err :=  text.New(text.Options{})\n  ```\n\n```sh\ngo test\n```\n",
		"text/example_test.go": example,
	}
	plant(t, archtest.Readme, clean, map[string]planted{
		"a block of its own": {"README.md", "one\n```go\nq := 1\n```\n", "README.md:2: block stands in no Example"},
		"another test file":  {"text/new_test.go", example, ""},
		"a block that stands in a plain test": {"text/example_test.go", "package text_test\n",
			"README.md:4: block stands in no Example"},
		"a block of a page":    {"docs/a.md", "```go\nq := 1\n```\n", "docs/a.md:1: block stands in no Example"},
		"a block of two lines": {"README.md", "```go\np, err := text.New(text.Options{})\nprintln(p, err)\n```\n", ""},
	})
	require.NotEmpty(t, archtest.Readme(tree{}.fs()), "no README")
}

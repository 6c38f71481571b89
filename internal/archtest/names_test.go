package archtest_test

import (
	"testing"

	"github.com/quintet-ai/quintet/internal/archtest"
)

func TestNames(t *testing.T) {
	clean := tree{
		"text/text.go": "package text\n\ntype Span struct{}\n\nfunc (Span) Len() int { return 0 }\n\n" +
			"func New() {}\n\nconst (\n\tTaskStats = iota\n)\n\nvar Limit int\n",
		"text/text_test.go":        "package text\n\nfunc Helper() {}\n",
		"internal/text/private.go": "package text\n\nfunc Private() {}\n",
		"README.md": "`text.New(text.Options{})`, no `text.Options` here, `text.Span.Len` `text.TaskStats` `text.Limit` " +
			"`prose.NewDocument` `a/text.Other` text.Prose\n```\ntext.Block\n```\n",
		"text/more.go": "package text\n\ntype Options struct{}\n",
	}
	plant(t, archtest.Names, clean, map[string]planted{
		"a function that is gone": {"docs/a.md", "say `text.Old(1)`\n", "docs/a.md: there is no text.Old"},
		"a method, as errors say": {"docs/a.md", "`text.Len: no input`\n", ""},
		"a name of a test":        {"docs/a.md", "`text.Helper`\n", "docs/a.md: there is no text.Helper"},
		"a private name":          {"docs/a.md", "`text.Private`\n", "docs/a.md: there is no text.Private"},
		"in a list of code":       {"docs/a.md", "- `x := text.Gone`\n", "docs/a.md: there is no text.Gone"},
		"a file":                  {"docs/a.md", "`text.go` `text.bin`\n", ""},
	})
}

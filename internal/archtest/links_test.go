package archtest_test

import (
	"testing"

	"github.com/quintet-ai/quintet/internal/archtest"
)

func TestLinks(t *testing.T) {
	clean := tree{
		"README.md": "[a](docs/a.md#part) [b](https://x.y/z) [c](#here) `[d](none.md)` ![e](<docs/e.png>)\n" +
			"```go\nx[i](none)\n```\n[ref]: docs/a.md\n<img src=\"docs/e.png\">\n",
		"docs/a.md":  "[up](../README.md) [folder](../docs)\n",
		"docs/e.png": "",
	}
	plant(t, archtest.Links, clean, map[string]planted{
		"dead":              {"docs/b.md", "[x](README.md)\n", "docs/b.md: dead link README.md"},
		"out of the house":  {"docs/b.md", "[x](../../y.md)\n", "docs/b.md: dead link ../../y.md"},
		"dead reference":    {"docs/b.md", "[x]: y.md\n", "docs/b.md: dead link y.md"},
		"dead picture":      {"docs/b.md", "<img src=\"y.png\">\n", "docs/b.md: dead link y.png"},
		"dead with a title": {"docs/b.md", "[x](y.md \"why\")\n", "docs/b.md: dead link y.md"},
	})
}

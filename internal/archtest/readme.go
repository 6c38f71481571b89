package archtest

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Readme is the law that README.md and the pages in docs cannot rot: each of their Go
// blocks stands, white space folded, in a test file that holds an Example function.
func Readme(fsys fs.FS) []string {
	pages, err := fs.Glob(fsys, "docs/*.md")
	if err != nil {
		return []string{err.Error()}
	}
	examples, bad := exampleFiles(fsys)
	for _, page := range append([]string{"README.md"}, pages...) {
		body, err := fs.ReadFile(fsys, page)
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		for _, b := range goBlocks(string(body)) {
			found := false
			for _, e := range examples {
				found = found || strings.Contains(e, fold(b.text))
			}
			if !found {
				bad = append(bad, fmt.Sprintf("%s:%d: block stands in no Example", page, b.line))
			}
		}
	}
	return bad
}

// exampleFiles returns the folded text of the test files with examples.
func exampleFiles(fsys fs.FS) (texts, bad []string) {
	paths, bad := files(fsys, func(p string) bool { return strings.HasSuffix(p, "_test.go") })
	for _, p := range paths {
		body, err := fs.ReadFile(fsys, p)
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		if path.Base(p) == "example_test.go" || bytes.Contains(body, []byte("\nfunc Example")) {
			texts = append(texts, fold(string(body)))
		}
	}
	return texts, bad
}

type block struct {
	line int // of the opening fence
	text string
}

// goBlocks returns the blocks fenced as go, in lists too.
func goBlocks(markdown string) (blocks []block) {
	open := false // in a Go block
	for i, l := range strings.Split(markdown, "\n") {
		switch fence := strings.TrimSpace(l); {
		case fence == "```go":
			open = true
			blocks = append(blocks, block{line: i + 1})
		case strings.HasPrefix(fence, "```"):
			open = false
		case open:
			blocks[len(blocks)-1].text += l + "\n"
		}
	}
	return blocks
}

// fold makes all white space one space.
func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

package archtest

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// link finds targets: [text](target), [name]: target, src="target".
var link = regexp.MustCompile(`\]\(<?([^)\s>]+)|(?m:^\s*\[[^\]]+\]:\s+<?([^\s>]+))|(?:href|src)="([^"]+)"`)

var (
	inlineCode = regexp.MustCompile("`[^`\n]*`")
	scheme     = regexp.MustCompile(`^([a-z][a-z0-9+.-]*:|//)`)
)

// Links is the law that relative links in Markdown point to a file or folder of
// the repository.
func Links(fsys fs.FS) []string {
	paths, bad := files(fsys, func(p string) bool { return path.Ext(p) == ".md" })
	for _, p := range paths {
		body, err := fs.ReadFile(fsys, p)
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		for _, m := range link.FindAllStringSubmatch(prose(string(body)), -1) {
			target := m[1] + m[2] + m[3] // one of them matched
			file, _, _ := strings.Cut(target, "#")
			if file == "" || scheme.MatchString(target) {
				continue
			}
			if _, err := fs.Stat(fsys, path.Join(path.Dir(p), file)); err != nil {
				bad = append(bad, fmt.Sprintf("%s: dead link %s", p, target))
			}
		}
	}
	return bad
}

// prose returns markdown without its code.
func prose(markdown string) string {
	var b strings.Builder
	code := false
	for l := range strings.Lines(markdown) {
		if strings.HasPrefix(strings.TrimSpace(l), "```") {
			code = !code
		} else if !code {
			b.WriteString(inlineCode.ReplaceAllString(l, ""))
		}
	}
	return b.String()
}

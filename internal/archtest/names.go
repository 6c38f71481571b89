package archtest

import (
	"fmt"
	"go/ast"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// qualified finds an exported identifier with its package, as in text.New.
var qualified = regexp.MustCompile(`(?:^|[^\w./])([a-z]\w*)\.([A-Z]\w*)`)

// Names is the law that what Markdown names in code exists: in `text.New`, if there is a
// package text, it has an exported New. Methods count, for errors name them so, as in
// `text.Run: …`. Blocks are the business of [Readme].
func Names(fsys fs.FS) []string {
	all, bad := sources(fsys)
	exported := exportedNames(all)
	paths, more := files(fsys, func(p string) bool { return path.Ext(p) == ".md" })
	bad = append(bad, more...)
	for _, p := range paths {
		body, err := fs.ReadFile(fsys, p)
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		for _, name := range namesIn(string(body)) {
			pkg, ident, _ := strings.Cut(name, ".")
			if exported[pkg] != nil && !exported[pkg][ident] {
				bad = append(bad, fmt.Sprintf("%s: there is no %s", p, name))
			}
		}
	}
	return bad
}

// namesIn returns the qualified identifiers in the code of a page that is no block.
func namesIn(markdown string) (names []string) {
	block := false
	for l := range strings.Lines(markdown) {
		if strings.HasPrefix(strings.TrimSpace(l), "```") {
			block = !block
		} else if !block {
			for _, code := range inlineCode.FindAllString(l, -1) {
				for _, m := range qualified.FindAllStringSubmatch(code, -1) {
					names = append(names, m[1]+"."+m[2])
				}
			}
		}
	}
	return names
}

// exportedNames returns the functions, methods, types, constants and variables of public
// packages, by the name of the package: two of one name count as one.
func exportedNames(all []*source) map[string]map[string]bool {
	names := map[string]map[string]bool{}
	for _, s := range all {
		if s.test() || s.main() || private(s.dir) {
			continue
		}
		pkg := s.ast.Name.Name
		if names[pkg] == nil {
			names[pkg] = map[string]bool{}
		}
		for _, d := range s.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				names[pkg][d.Name.Name] = true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names[pkg][spec.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range spec.Names {
							names[pkg][n.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

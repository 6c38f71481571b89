package archtest

import (
	"fmt"
	"go/ast"
	"io/fs"
	"slices"
	"strings"
)

// junkDrawers are names that say nothing about a package.
var junkDrawers = []string{"util", "utils", "common", "types", "helpers"}

// Habits is the law of what stays out: init functions, blank imports, functional
// options, package names that say nothing, and assertions that go on after a
// failure (testify/assert).
func Habits(fsys fs.FS) []string {
	all, bad := sources(fsys)
	funcTypes := namedFuncs(all)
	for _, s := range all {
		blame := func(format string, a ...any) { bad = append(bad, s.path+": "+fmt.Sprintf(format, a...)) }
		if name := strings.TrimSuffix(s.ast.Name.Name, "_test"); slices.Contains(junkDrawers, name) {
			blame("package name %s says nothing", name)
		}
		for p, spec := range s.imports {
			if p == "github.com/stretchr/testify/assert" {
				blame("imports testify/assert, use require")
			}
			blank := spec.Name != nil && spec.Name.Name == "_"
			if blank && p != "embed" && !s.test() && !inside(s.dir, "examples") {
				blame("blank import of %s", p)
			}
		}
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil {
				continue
			}
			if f.Name.Name == "init" {
				blame("init function")
			}
			if strings.HasPrefix(f.Name.Name, "With") && returnsFunc(f, funcTypes[s.dir]) {
				blame("functional option %s, use a field of Options", f.Name.Name)
			}
		}
	}
	return bad
}

// namedFuncs returns, for each folder, the types whose underlying type is
// written as a function.
func namedFuncs(all []*source) map[string]map[string]bool {
	named := map[string]map[string]bool{}
	for _, s := range all {
		if named[s.dir] == nil {
			named[s.dir] = map[string]bool{}
		}
		for _, spec := range typeSpecs(s.ast) {
			if _, ok := spec.Type.(*ast.FuncType); ok {
				named[s.dir][spec.Name.Name] = true
			}
		}
	}
	return named
}

func returnsFunc(f *ast.FuncDecl, named map[string]bool) bool {
	if f.Type.Results == nil {
		return false
	}
	for _, r := range f.Type.Results.List {
		if _, ok := r.Type.(*ast.FuncType); ok || named[baseName(r.Type)] {
			return true
		}
	}
	return false
}

// typeSpecs returns the types declared at the top of a file.
func typeSpecs(f *ast.File) (specs []*ast.TypeSpec) {
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			for _, spec := range g.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					specs = append(specs, t)
				}
			}
		}
	}
	return specs
}

// baseName returns the name of a type without pointer and type arguments.
func baseName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return baseName(t.X)
	case *ast.IndexExpr:
		return baseName(t.X)
	case *ast.IndexListExpr:
		return baseName(t.X)
	}
	return ""
}

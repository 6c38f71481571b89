package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Module is the import path of the repository's root.
const Module = "github.com/quintet-ai/quintet"

// source is a parsed Go file of the repository.
type source struct {
	path string // slashed, relative to the root
	dir  string // "" for the root
	ast  *ast.File
	fset *token.FileSet
}

// test reports whether only go test compiles the file.
func (s *source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// main reports whether the file belongs to a command.
func (s *source) main() bool { return s.ast.Name.Name == "main" }

// line returns the line of p in the file.
func (s *source) line(p token.Pos) int { return s.fset.Position(p).Line }

// imports yields the import specs of the file with their unquoted paths.
func (s *source) imports(yield func(string, *ast.ImportSpec) bool) {
	for _, spec := range s.ast.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil && !yield(p, spec) {
			return
		}
	}
}

// files returns the paths of the repository's files that satisfy want, in the
// order of fs.WalkDir. It leaves out what the go command leaves out: folders
// called testdata or vendor, or starting with a dot or an underscore.
func files(fsys fs.FS, want func(string) bool) (found, bad []string) {
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && p != "." && (name[0] == '.' || name[0] == '_' ||
			name == "testdata" || name == "vendor" || name == "node_modules") {
			return fs.SkipDir
		}
		if !d.IsDir() && want(p) {
			found = append(found, p)
		}
		return nil
	})
	if err != nil {
		bad = append(bad, err.Error())
	}
	return found, bad
}

// sources parses all Go files. A file that cannot be read or parsed breaks every
// law.
func sources(fsys fs.FS) (all []*source, bad []string) {
	paths, bad := files(fsys, func(p string) bool { return path.Ext(p) == ".go" })
	for _, p := range paths {
		s := &source{path: p, fset: token.NewFileSet()}
		if s.dir = path.Dir(p); s.dir == "." {
			s.dir = ""
		}
		body, err := fs.ReadFile(fsys, p)
		if err == nil {
			s.ast, err = parser.ParseFile(s.fset, p, body, parser.ParseComments|parser.SkipObjectResolution)
		}
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		all = append(all, s)
	}
	return all, bad
}

// packages returns the files of each folder without its tests, and the folders
// in order.
func packages(all []*source) (byDir map[string][]*source, dirs []string) {
	byDir = map[string][]*source{}
	for _, s := range all {
		if s.test() {
			continue
		}
		if byDir[s.dir] == nil {
			dirs = append(dirs, s.dir)
		}
		byDir[s.dir] = append(byDir[s.dir], s)
	}
	slices.Sort(dirs)
	return byDir, dirs
}

// inside reports whether dir is room or a folder below it.
func inside(dir, room string) bool { return dir == room || strings.HasPrefix(dir, room+"/") }

// private reports whether only this module can import dir.
func private(dir string) bool { return slices.Contains(strings.Split(dir, "/"), "internal") }

package archtest

import (
	"fmt"
	"go/ast"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
)

// PackageDocs is the law that every package has one package comment. In a
// package that users import it stands in doc.go.
func PackageDocs(fsys fs.FS) []string {
	all, bad := sources(fsys)
	byDir, dirs := packages(all)
	for _, dir := range dirs {
		var in []string // files with a package comment
		pkg := byDir[dir][0]
		for _, s := range byDir[dir] {
			if s.ast.Doc != nil && (s.main() || startsWith(s.ast.Doc, "Package "+s.ast.Name.Name)) {
				in = append(in, path.Base(s.path))
			}
		}
		public := !pkg.main() && !private(dir) && !inside(dir, "examples")
		where := path.Join(dir, "doc.go")
		switch {
		case len(in) == 0:
			bad = append(bad, where+": no comment for package "+pkg.ast.Name.Name)
		case len(in) > 1:
			bad = append(bad, fmt.Sprintf("%s: package comments in %s", where, strings.Join(in, " and ")))
		case public && in[0] != "doc.go":
			bad = append(bad, where+": the package comment is in "+in[0])
		}
	}
	return bad
}

// plain are names of fields that mean the same in every package.
var plain = []string{"ID", "Name", "Key", "Value", "Label", "Score", "From", "To", "Weight", "Min", "Max", "Mean"}

// Docs is the law that every exported identifier is explained. The comment of a
// function, method or type starts with its name, that of a type perhaps after
// an article. A constant, variable, field or interface method may be explained
// at the end of its line, by the comment that heads its group, which ends at a
// blank line, or by a word in the comment of its type; a few names of fields need
// no explanation, and none in packages that only this module can import. Commands
// and [Module]/internal/peers are exempt.
func Docs(fsys fs.FS) []string {
	all, bad := sources(fsys)
	for _, s := range all {
		if s.test() || s.main() || inside(s.dir, "internal/peers") {
			continue
		}
		for _, name := range undocumented(s) {
			bad = append(bad, fmt.Sprintf("%s: %s has no doc comment", s.path, name))
		}
	}
	return bad
}

func undocumented(s *source) (names []string) {
	for _, d := range s.ast.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name, shown := d.Name.Name, d.Name.IsExported()
			if d.Recv != nil {
				of := baseName(d.Recv.List[0].Type)
				name, shown = of+"."+name, shown && ast.IsExported(of)
			}
			if shown && !startsWith(d.Doc, d.Name.Name) {
				names = append(names, name)
			}
		case *ast.GenDecl:
			names = append(names, s.undocumentedGroup(d)...)
		}
	}
	return names
}

// undocumentedGroup looks at a declaration with one or more specs.
func (s *source) undocumentedGroup(d *ast.GenDecl) (names []string) {
	g := group{source: s, all: d.Doc != nil}
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			if !g.explains(spec, spec.Doc, spec.Comment) {
				names = append(names, exported(spec.Names)...)
			}
		case *ast.TypeSpec:
			if !spec.Name.IsExported() {
				continue
			}
			doc := spec.Doc
			if doc == nil && !d.Lparen.IsValid() {
				doc = d.Doc
			}
			name := spec.Name.Name
			if !startsWith(doc, name) && !startsWith(doc, "A "+name) &&
				!startsWith(doc, "An "+name) && !startsWith(doc, "The "+name) {
				names = append(names, name)
			}
			if !private(s.dir) {
				names = append(names, s.undocumentedMembers(spec, doc)...)
			}
		}
	}
	return names
}

// undocumentedMembers looks at the fields of a struct and the methods of an
// interface with the given comment, which explains those that it names, and all
// of a type that fits on one line. A field named like its type, such as Faces
// []Face, explains itself.
func (s *source) undocumentedMembers(t *ast.TypeSpec, doc *ast.CommentGroup) (names []string) {
	var list *ast.FieldList
	switch def := t.Type.(type) {
	case *ast.StructType:
		list = def.Fields
	case *ast.InterfaceType:
		list = def.Methods
	}
	if list == nil || s.line(list.Opening) == s.line(list.Closing) {
		return nil
	}
	text := doc.Text()
	g := group{source: s}
	for _, f := range list.List {
		if g.explains(f, f.Doc, f.Comment) {
			continue
		}
		for _, n := range exported(f.Names) {
			if !slices.Contains(plain, n) && !mentions(text, n) && !mentions(n, elemName(f.Type)) {
				names = append(names, t.Name.Name+"."+n)
			}
		}
	}
	return names
}

// group follows the lines of a block of specs, fields or methods.
type group struct {
	*source
	all    bool // a comment heads the whole block
	headed bool // a comment heads the present run of lines
	last   int  // last line seen
}

// explains reports whether n, the next in the block, has a comment or stands
// under one.
func (g *group) explains(n ast.Node, doc, trailing *ast.CommentGroup) bool {
	switch {
	case doc != nil:
		g.headed = true
	case g.line(n.Pos()) > g.last+1:
		g.headed = false
	}
	g.last = g.line(n.End())
	return g.all || g.headed || trailing != nil
}

// mentions reports whether a word of text is name or starts with it, as a plural
// does, in capitals or not.
func mentions(text, name string) bool {
	return name != "" && slices.ContainsFunc(strings.FieldsFunc(text, notLetter), func(word string) bool {
		return len(word) >= len(name) && len(word) <= len(name)+2 && strings.EqualFold(word[:len(name)], name)
	})
}

func notLetter(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// elemName returns the name of a type of the same package or of its elements.
func elemName(t ast.Expr) string {
	if a, ok := t.(*ast.ArrayType); ok {
		return elemName(a.Elt)
	}
	return baseName(t)
}

func exported(idents []*ast.Ident) (names []string) {
	for _, id := range idents {
		if id.IsExported() {
			names = append(names, id.Name)
		}
	}
	return names
}

// startsWith reports whether a comment begins with the given words.
func startsWith(doc *ast.CommentGroup, words string) bool {
	if doc == nil {
		return false
	}
	rest, ok := strings.CutPrefix(doc.Text(), words)
	return ok && (rest == "" || strings.IndexFunc(rest, notLetter) == 0)
}

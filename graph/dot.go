package graph

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// WriteDOT writes a graph in the language of Graphviz, with all its nodes, under
// their index and labelled with their key, and its weights, if it has some, as
// attribute and label of the edges. [ReadDOT] with Labels reads the same graph, with
// Multi if edges are parallel. A node that is not UTF-8 or holds a NUL is refused with [quintet.ErrInput].
//
// Gansner and North, An open graph visualization system, Software: Practice and
// Experience 30(11), 2000.
func WriteDOT[K FileKey](w io.Writer, g *Graph[K]) error {
	if g == nil {
		return fmt.Errorf("graph: nil graph: %w", quintet.ErrInput)
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	names := make([]string, 0, g.Order())
	for k := range g.Nodes() {
		name := keyText(k)
		if !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
			return fmt.Errorf("graph: node %s is no text: %w", show(k), quintet.ErrInput)
		}
		names = append(names, quoted.Replace(name))
	}
	kind, join := "graph", "--"
	if g.Directed() {
		kind, join = "digraph", "->"
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s {\n", kind)
	for i, name := range names {
		fmt.Fprintf(out, "  %d [label=\"%s\"];\n", i, name)
	}
	for a := range g.CSR().edges() {
		fmt.Fprintf(out, "  %d %s %d", a.u, join, a.v)
		if g.Weighted() {
			text := weightText(a.w)
			fmt.Fprintf(out, " [weight=\"%s\", label=\"%s\"]", text, text)
		}
		if _, err := out.WriteString(";\n"); err != nil {
			return err
		}
	}
	out.WriteString("}\n")
	return out.Flush()
}

package graph

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/quintet-ai/quintet"
)

// ReadCytoscape reads the JSON of Cytoscape.js: an object whose "elements" are
// either "nodes" and "edges" or one array of both, each with its "data": an "id",
// or "source", "target" and perhaps a weight, 1 if there is none. "directed" is
// false if it is absent; other members are left out. Edges add nodes that are not
// listed.
//
// Identifiers are strings or numbers, and as in Cytoscape 1 and "1" are one node.
// Errors are a [*ReadError]. The reader holds one string or number besides the
// graph.
func ReadCytoscape[K FileKey](ctx context.Context, r io.Reader, o ReadOptions) (*Graph[K], error) {
	return readJSON(ctx, r, o, "Cytoscape JSON", func(g *jsonGraph[K]) error {
		g.mixed = true
		return g.object(func(name string) error {
			switch name {
			case "directed":
				return g.direction()
			case "elements":
				return g.elements()
			}
			return g.skip()
		})
	})
}

func (g *jsonGraph[K]) elements() error {
	c, err := g.start()
	if err == nil && c == '[' {
		return g.array(g.cytoscapeElement)
	}
	if err != nil && err != io.EOF {
		return err
	}
	return g.object(func(name string) error {
		if name == "nodes" || name == "edges" {
			return g.array(g.cytoscapeElement)
		}
		return g.skip()
	})
}

// cytoscapeElement reads a node, or an edge if it has an end.
func (g *jsonGraph[K]) cytoscapeElement() error {
	var e jsonElement
	err := g.object(func(name string) (err error) {
		if name != "data" {
			return g.skip()
		}
		e, err = g.element()
		return err
	})
	switch {
	case err != nil:
		return err
	case e.source.kind != 0 || e.target.kind != 0:
		return g.addEdge(e)
	}
	return g.addNode(e)
}

// WriteCytoscape writes a graph in the JSON of Cytoscape.js, with all its nodes, by
// index, and its weights, if it has some. Identifiers are strings, and also the
// "name" of nodes, which styles show. [ReadCytoscape] reads the same graph, with
// Multi if edges are parallel. A key that is not UTF-8 is refused with
// [quintet.ErrInput].
func WriteCytoscape[K FileKey](w io.Writer, g *Graph[K]) error {
	if g == nil {
		return fmt.Errorf("graph: nil graph: %w", quintet.ErrInput)
	}
	names, err := namesOf(g, func(k K) (string, error) { return jsonText(keyText(k)) })
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "{\"data\": [], \"directed\": %v, \"multigraph\": %v,\n\"elements\": {\"nodes\": [",
		g.Directed(), g.CSR().repeated())
	for i, name := range names {
		fmt.Fprintf(out, "%s\n{\"data\": {\"id\": %s, \"value\": %s, \"name\": %s}}", comma(i == 0), name, name, name)
	}
	out.WriteString("\n],\n\"edges\": [")
	first := true
	for a := range g.CSR().edges() {
		fmt.Fprintf(out, "%s\n{\"data\": {\"source\": %s, \"target\": %s", comma(first), names[a.u], names[a.v])
		if g.Weighted() {
			out.WriteString(", \"weight\": " + weightText(a.w))
		}
		first = false
		if _, err := out.WriteString("}}"); err != nil {
			return err
		}
	}
	out.WriteString("\n]}}\n")
	return out.Flush()
}

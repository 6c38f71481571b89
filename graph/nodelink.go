package graph

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/quintet-ai/quintet"
)

// ReadNodeLink reads the node-link form of JSON that NetworkX and D3 write: an
// object whose "nodes" are objects with an "id", and whose "links" or "edges" have
// "source", "target" and perhaps a weight, 1 if there is none. "directed" is false
// if it is absent; other members are left out. Edges add nodes that are not listed.
//
// Identifiers are strings or numbers, all of one kind, so that 1 and "1" are not
// taken for one node; for K that is a number, strings of digits will do. Errors are
// a [*ReadError]. The reader holds one string or number besides the graph.
func ReadNodeLink[K FileKey](ctx context.Context, r io.Reader, o ReadOptions) (*Graph[K], error) {
	return readJSON(ctx, r, o, "node-link JSON", func(g *jsonGraph[K]) error {
		return g.object(func(name string) error {
			switch name {
			case "directed":
				return g.direction()
			case "nodes":
				return g.array(g.readNode)
			case "links", "edges":
				return g.array(g.readEdge)
			}
			return g.skip()
		})
	})
}

// jsonGraph is a file that is read.
type jsonGraph[K FileKey] struct {
	jsonReader
	o     ReadOptions
	b     *Builder[K]
	kind  byte // of the first identifier
	mixed bool // kinds may differ
}

// jsonElement is a node or an edge.
type jsonElement struct{ id, source, target, weight jsonScalar }

func readJSON[K FileKey](
	ctx context.Context, r io.Reader, o ReadOptions, format string, read func(*jsonGraph[K]) error,
) (*Graph[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	g := &jsonGraph[K]{o: o, b: newIntake[K](o)}
	g.scanner, g.max = newScanner(ctx, r, o), o.MaxDepth
	if err = read(g); err == nil {
		err = g.end()
	}
	if err != nil {
		return nil, &ReadError{Format: format, Line: g.line(), Err: err}
	}
	return g.b.Build()
}

func (g *jsonGraph[K]) direction() (err error) {
	g.b.opt.Directed, err = g.truth()
	return err
}

// element reads the members of an object that say what it is.
func (g *jsonGraph[K]) element() (e jsonElement, err error) {
	err = g.object(func(name string) (err error) {
		switch name {
		case "id":
			e.id, err = g.scalar()
		case "source":
			e.source, err = g.scalar()
		case "target":
			e.target, err = g.scalar()
		case g.o.Weight:
			e.weight, err = g.scalar()
		default:
			err = g.skip()
		}
		return err
	})
	return e, err
}

func (g *jsonGraph[K]) readNode() error {
	e, err := g.element()
	if err != nil {
		return err
	}
	return g.addNode(e)
}

func (g *jsonGraph[K]) readEdge() error {
	e, err := g.element()
	if err != nil {
		return err
	}
	return g.addEdge(e)
}

func (g *jsonGraph[K]) addNode(e jsonElement) error {
	k, err := g.key(e.id, "a node has no id")
	if err != nil {
		return err
	}
	g.b.AddNode(k)
	return g.o.full(g.b.err, len(g.b.keys), len(g.b.from))
}

func (g *jsonGraph[K]) addEdge(e jsonElement) error {
	from, err := g.key(e.source, "an edge has no source")
	if err != nil {
		return err
	}
	to, err := g.key(e.target, "an edge has no target")
	if err != nil {
		return err
	}
	w := float32(1)
	if !g.o.Unweighted && e.weight != (jsonScalar{}) {
		if e.weight.kind != '0' {
			return fmt.Errorf("weight %s is not a number: %w", show(e.weight.text), quintet.ErrInput)
		}
		if w, err = parseWeight(e.weight.text); err != nil {
			return err
		}
	}
	g.b.AddEdge(from, to, w)
	return g.o.full(g.b.err, len(g.b.keys), len(g.b.from))
}

// key returns an identifier.
func (g *jsonGraph[K]) key(v jsonScalar, none string) (k K, err error) {
	if g.kind == 0 {
		g.kind = v.kind
	}
	switch {
	case v.kind == 0:
		return k, fmt.Errorf("%s that is a string or a number: %w", none, quintet.ErrInput)
	case v.kind != g.kind && !g.mixed:
		return k, fmt.Errorf("node %s is no %s as those before: %w", show(v.text),
			map[byte]string{'"': "string", '0': "number"}[g.kind], quintet.ErrUnsupported)
	}
	return parseKey[K](v.text)
}

// WriteNodeLink writes a graph in the node-link form, with all its nodes, by index,
// and its weights, if it has some. [ReadNodeLink] reads the same graph, with Multi
// if edges are parallel; so do NetworkX and D3. A key that is not UTF-8 is refused
// with [quintet.ErrInput].
func WriteNodeLink[K FileKey](w io.Writer, g *Graph[K]) error {
	if g == nil {
		return fmt.Errorf("graph: nil graph: %w", quintet.ErrInput)
	}
	names, err := namesOf(g, jsonKey)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "{\"directed\": %v, \"multigraph\": %v, \"graph\": {},\n\"nodes\": [",
		g.Directed(), g.CSR().repeated())
	for i, name := range names {
		fmt.Fprintf(out, "%s\n{\"id\": %s}", comma(i == 0), name)
	}
	out.WriteString("\n],\n\"links\": [")
	first := true
	for a := range g.CSR().edges() {
		fmt.Fprintf(out, "%s\n{\"source\": %s, \"target\": %s", comma(first), names[a.u], names[a.v])
		if g.Weighted() {
			out.WriteString(", \"weight\": " + weightText(a.w))
		}
		first = false
		if _, err := out.WriteString("}"); err != nil {
			return err
		}
	}
	out.WriteString("\n]}\n")
	return out.Flush()
}

func comma(first bool) string {
	if first {
		return ""
	}
	return ","
}

// namesOf returns the keys of a graph as a file writes them.
func namesOf[K FileKey](g *Graph[K], text func(K) (string, error)) ([]string, error) {
	names := make([]string, 0, g.Order())
	for k := range g.Nodes() {
		name, err := text(k)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

package graph

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/quintet-ai/quintet"
)

// ReadDOT reads the one graph of a file in the language of Graphviz: nodes, edges,
// also chains of them, and the weights of edges, which are 1 or what "edge [...]"
// before them says where they have none. With Labels the key of a node is its label.
// The nodes and edges of subgraphs count as those of the graph. Names in quotes,
// joined by plus signs, comments and lines that start with # are understood; ports
// and other attributes are left out. Of the parallel edges of a strict graph the
// last is the edge.
//
// Edges that start or end at a subgraph, names in HTML and a second graph are
// refused with [quintet.ErrUnsupported]; errors are a [*ReadError]. Besides the
// graph the reader holds one token, the names of nodes and 12 bytes for each edge, some
// 50 in a strict graph.
// [WriteDOT] names the paper.
func ReadDOT[K FileKey](ctx context.Context, r io.Reader, o ReadOptions) (*Graph[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	d := &dotReader{o: o, ids: map[string]int32{}, names: NewBuilder[string](BuilderOptions{})}
	d.scanner = newScanner(ctx, r, o)
	if err = d.file(); err == nil {
		var g *Graph[K]
		if g, err = dotGraph[K](d); err == nil {
			return g, nil
		}
	}
	return nil, &ReadError{Format: "DOT", Line: d.line(), Err: err}
}

// dotReader is a file that is read.
type dotReader struct {
	dotLexer
	o                ReadOptions
	strict, directed bool
	depth            int
	names            *Builder[string]
	labels           []string // by node
	ids              map[string]int32
	edges            []arc
	place            map[[2]int32]int // of the edges of a strict graph
}

// dotScope is what statements hand down to those after them and in them.
type dotScope struct {
	weight float32
	label  string
	named  bool // label is set
}

func (d *dotReader) file() error {
	var err error
	if d.strict, err = d.accept("strict"); err != nil {
		return err
	}
	t, err := d.look()
	switch {
	case err != nil:
		return err
	case !t.is("graph") && !t.is("digraph"):
		return fmt.Errorf("%v in the place of graph or digraph: %w", t, quintet.ErrInput)
	}
	d.directed, d.place = t.is("digraph"), map[[2]int32]int{}
	d.drop()
	if t, err = d.look(); err == nil && t.id {
		d.drop()
	}
	if err != nil {
		return err
	}
	if err := d.body(dotScope{weight: 1}); err != nil {
		return err
	}
	t, err = d.look()
	if err == nil && t != (dotToken{}) {
		err = fmt.Errorf("%v after the graph: %w", t, quintet.ErrUnsupported)
	}
	return err
}

// body reads the statements in braces.
func (d *dotReader) body(s dotScope) error {
	if err := d.want("{"); err != nil {
		return err
	}
	if d.depth++; d.depth > d.o.MaxDepth {
		return fmt.Errorf("subgraphs nested deeper than %d: %w", d.o.MaxDepth, quintet.ErrInput)
	}
	for {
		if done, err := d.accept("}"); err != nil || done {
			d.depth--
			return err
		}
		if err := d.statement(&s); err != nil {
			return err
		}
		if _, err := d.accept(";"); err != nil {
			return err
		}
	}
}

func (d *dotReader) want(mark string) error {
	ok, err := d.accept(mark)
	if err == nil && !ok {
		err = fmt.Errorf("%v in the place of %q: %w", d.next, mark, quintet.ErrInput)
	}
	return err
}

// dotGraph builds the graph of a file that was read.
func dotGraph[K FileKey](d *dotReader) (*Graph[K], error) {
	b := newIntake[K](d.o)
	b.opt.Directed = d.directed
	keys := make([]K, 0, len(d.labels))
	for i, name := range d.names.keys {
		if d.o.Labels {
			name = dotLabel(d.labels[i], name)
		}
		k, err := parseKey[K](name)
		if err != nil {
			return nil, err
		}
		if b.AddNode(k); len(b.keys) <= i {
			return nil, fmt.Errorf("two nodes have the key %s: %w", show(name), quintet.ErrInput)
		}
		keys = append(keys, k)
	}
	for _, e := range d.edges {
		b.AddEdge(keys[e.u], keys[e.v], e.w)
	}
	return b.Build()
}

// dotLabel resolves the escapes of a label; \N is the name of its node.
func dotLabel(label, name string) string {
	if !strings.Contains(label, `\`) {
		return label
	}
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\l`, "\n", `\r`, "\n", `\N`, name).Replace(label)
}

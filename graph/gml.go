package graph

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// ReadGML reads the one graph of a GML file: nodes, edges and the weights of edges,
// which are 1 where the file has none. The key of a node is its label, and its id
// if it has no label; both are unlike those of other nodes. Nodes may stand after
// their edges, but each edge joins nodes of the file. "directed" is 0 if it is
// absent; other keys are left out.
//
// Text is ASCII with entities, or UTF-8. A second graph and nodes in nodes are
// refused with [quintet.ErrUnsupported]; errors are a [*ReadError]. Besides the graph
// the reader holds one token, the ids of nodes and 24 bytes for each edge.
//
// Himsolt, GML: A Portable Graph File Format, Universität Passau, 1997.
func ReadGML[K FileKey](ctx context.Context, r io.Reader, o ReadOptions) (*Graph[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	g := &gml[K]{scanner: newScanner(ctx, r, o), o: o, b: newIntake[K](o), ids: map[int64]int32{}}
	if err = g.list(g.root); err == nil {
		err = g.join()
	}
	if err != nil {
		return nil, &ReadError{Format: "GML", Line: g.line(), Err: err}
	}
	return g.b.Build()
}

// gml is a file that is read.
type gml[K FileKey] struct {
	scanner
	o     ReadOptions
	b     *Builder[K]
	seen  bool // a graph
	depth int
	ids   map[int64]int32
	edges []gmlEdge
}

type gmlEdge struct {
	from, to int64
	weight   float32
}

// list reads keys up to the end of the list they are in; f reads the value of each.
func (g *gml[K]) list(f func(key string) error) error {
	for {
		c, err := g.start()
		switch {
		case err == io.EOF && g.depth == 0:
			return nil
		case err == io.EOF:
			return short()
		case err != nil:
			return err
		case c == '#':
			if err := g.restOfLine(); err != nil {
				return err
			}
			continue
		case c == ']' && g.depth > 0:
			g.take()
			return nil
		}
		key, err := g.run(isName)
		if err == nil && len(key) == 0 {
			err = fmt.Errorf("%q in the place of a key: %w", c, quintet.ErrInput)
		}
		if err != nil {
			return err
		}
		if err := f(string(key)); err != nil {
			return err
		}
	}
}

// isName tells the bytes of keys and numbers.
func isName(c byte) bool {
	return alphanumeric(c) || c == '_' || c == '+' || c == '-' || c == '.'
}

// nested reads the list that is a value.
func (g *gml[K]) nested(f func(key string) error) error {
	if err := g.expect('['); err != nil {
		return err
	}
	if g.depth++; g.depth > g.o.MaxDepth {
		return fmt.Errorf("lists nested deeper than %d: %w", g.o.MaxDepth, quintet.ErrInput)
	}
	err := g.list(f)
	g.depth--
	return err
}

// value reads a string or number, and an empty one of a list.
func (g *gml[K]) value() (string, error) {
	c, err := g.start()
	switch {
	case err == io.EOF:
		return "", short()
	case err != nil:
		return "", err
	case c == '[':
		return "", g.nested(g.skip)
	case c == '"':
		return g.text()
	}
	word, err := g.run(isName)
	if err == nil && len(word) == 0 {
		err = fmt.Errorf("%q in the place of a value: %w", c, quintet.ErrInput)
	}
	return string(word), err
}

func (g *gml[K]) skip(string) error {
	_, err := g.value()
	return err
}

func (g *gml[K]) text() (string, error) {
	g.take()
	text, err := g.run(func(c byte) bool { return c != '"' })
	if err != nil {
		return "", err
	}
	if !utf8.Valid(text) {
		return "", fmt.Errorf("a text that is not UTF-8: %w", quintet.ErrInput)
	}
	s := gmlUnescape(string(text))
	return s, g.expect('"')
}

func (g *gml[K]) root(key string) error {
	if key != "graph" {
		return g.skip(key)
	}
	if g.seen {
		return fmt.Errorf("a second graph: %w", quintet.ErrUnsupported)
	}
	g.seen = true
	return g.nested(func(key string) error {
		switch key {
		case "directed":
			v, err := g.value()
			g.b.opt.Directed = v == "1"
			if err == nil && v != "0" && v != "1" {
				err = fmt.Errorf("directed is %.64q: %w", v, quintet.ErrInput)
			}
			return err
		case "node":
			return g.node()
		case "edge":
			return g.edge()
		}
		return g.skip(key)
	})
}

func (g *gml[K]) node() error {
	fields := map[string]string{}
	err := g.nested(func(key string) (err error) {
		switch key {
		case "id", "label":
			fields[key], err = g.value()
		case "node", "graph":
			err = fmt.Errorf("a %s in a node: %w", key, quintet.ErrUnsupported)
		default:
			err = g.skip(key)
		}
		return err
	})
	if err != nil {
		return err
	}
	id, err := gmlID(fields["id"])
	if err != nil {
		return err
	}
	label, ok := fields["label"]
	if !ok {
		label = strconv.FormatInt(id, 10)
	}
	k, err := parseKey[K](label)
	if err != nil {
		return err
	}
	if _, twice := g.ids[id]; twice {
		return fmt.Errorf("a second node has id %d: %w", id, quintet.ErrInput)
	}
	if _, twice := g.b.index.find(k); twice {
		return fmt.Errorf("a second node has label %s: %w", show(label), quintet.ErrInput)
	}
	g.ids[id] = int32(len(g.b.keys))
	g.b.AddNode(k)
	return g.o.full(g.b.err, len(g.b.keys), len(g.edges))
}

func gmlID(s string) (int64, error) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		err = fmt.Errorf("%.64q is no id of a node: %w", s, quintet.ErrInput)
	}
	return id, err
}

func (g *gml[K]) edge() error {
	var from, to string
	e := gmlEdge{weight: 1}
	err := g.nested(func(key string) (err error) {
		switch key {
		case "source":
			from, err = g.value()
		case "target":
			to, err = g.value()
		case g.o.Weight:
			var v string
			if v, err = g.value(); err == nil && !g.o.Unweighted {
				e.weight, err = parseWeight(v)
			}
		default:
			err = g.skip(key)
		}
		return err
	})
	if err != nil {
		return err
	}
	if e.from, err = gmlID(from); err != nil {
		return err
	}
	if e.to, err = gmlID(to); err != nil {
		return err
	}
	g.edges = append(g.edges, e)
	return g.o.full(nil, len(g.b.keys), len(g.edges))
}

// join adds the edges when all nodes are known.
func (g *gml[K]) join() error {
	if !g.seen {
		return fmt.Errorf("no graph: %w", quintet.ErrInput)
	}
	for _, e := range g.edges {
		u, ok := g.ids[e.from]
		v, also := g.ids[e.to]
		if !ok || !also {
			return fmt.Errorf("an edge joins %d and %d, not both of them nodes: %w", e.from, e.to, quintet.ErrInput)
		}
		g.b.AddEdge(g.b.keys[u], g.b.keys[v], e.weight)
	}
	return g.b.err
}

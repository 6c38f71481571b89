package graph

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

const graphMLSpace = "http://graphml.graphdrawing.org/xmlns"

// ReadGraphML reads the one graph of a GraphML file: nodes, edges and the weights
// of edges, which are 1 where the file has none. Other data, ports and elements
// of other name spaces are left out. A node that is declared twice is one node,
// and an edge adds nodes that are not declared.
//
// A document type is refused, so that there are no entities to expand, and so are
// hyperedges, graphs in nodes, a second graph and edges whose direction is not
// that of the graph, with [quintet.ErrUnsupported]. Errors are a [*ReadError].
// The reader holds one tag or piece of text at a time, besides the graph.
//
// Brandes, Eiglsperger, Herman, Himsolt and Marshall, GraphML Progress Report,
// Graph Drawing 2001.
func ReadGraphML[K FileKey](ctx context.Context, r io.Reader, o ReadOptions) (*Graph[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	in := newInput(r, o.MaxToken)
	m := &graphML[K]{o: o, b: NewBuilder[K](BuilderOptions{Multi: o.Multi, Unweighted: o.Unweighted}), missing: 1}
	if err := m.read(ctx, in); err != nil {
		return nil, &ReadError{Format: "GraphML", Line: in.line, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return m.b.Build()
}

// graphML is the state between two tags.
type graphML[K FileKey] struct {
	o       ReadOptions
	b       *Builder[K]
	depth   int
	seen    bool    // a graph element
	open    bool    // in the graph element
	key     string  // the id of the key of weights, "" if there is none
	missing float32 // weight of an edge without data
	edge    Edge[K]
	inEdge  bool
	inKey   bool   // in the key of weights
	reading bool   // in an element with a weight
	weight  []byte // its text
}

func (m *graphML[K]) read(ctx context.Context, in *input) error {
	d := xml.NewDecoder(in)
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		in.next()
		t, err := d.Token()
		switch {
		case err == io.EOF && m.depth == 0 && m.seen:
			return nil
		case err == io.EOF:
			return fmt.Errorf("the file ends before its graph: %w", quintet.ErrInput)
		case in.failed != nil:
			return in.failed
		case err != nil && !errors.Is(err, quintet.ErrInput):
			return fmt.Errorf("%v: %w", err, quintet.ErrInput)
		case err == nil:
			err = m.token(t)
		}
		if err != nil {
			return err
		}
	}
}

func (m *graphML[K]) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.Directive:
		return fmt.Errorf("a document type: %w", quintet.ErrUnsupported)
	case xml.StartElement:
		if m.depth++; m.depth > m.o.MaxDepth {
			return fmt.Errorf("elements nested deeper than %d: %w", m.o.MaxDepth, quintet.ErrInput)
		}
		if t.Name.Space != "" && t.Name.Space != graphMLSpace {
			return nil
		}
		return m.start(t)
	case xml.CharData:
		if m.reading {
			m.weight = append(m.weight, t...)
		}
		if len(m.weight) > 256 {
			return fmt.Errorf("a weight of more than 256 bytes: %w", quintet.ErrInput)
		}
	case xml.EndElement:
		m.depth--
		if t.Name.Space != "" && t.Name.Space != graphMLSpace {
			return nil
		}
		return m.end(t.Name.Local)
	}
	return nil
}

func (m *graphML[K]) start(t xml.StartElement) error {
	if m.depth == 1 {
		if t.Name.Local != "graphml" {
			return fmt.Errorf("the root element is %.64q, not graphml: %w", t.Name.Local, quintet.ErrInput)
		}
		return nil
	}
	switch t.Name.Local {
	case "graph":
		return m.startGraph(t)
	case "key":
		if attr(t, "attr.name") == m.o.Weight && attr(t, "for") != "node" && attr(t, "for") != "graph" {
			m.key, m.inKey = attr(t, "id"), true
		}
	case "default":
		m.reading, m.weight = m.inKey, m.weight[:0]
	case "data":
		m.weight = m.weight[:0]
		m.reading = m.inEdge && m.key != "" && attr(t, "key") == m.key
	case "node":
		return m.startNode(t)
	case "edge":
		return m.startEdge(t)
	case "hyperedge":
		return fmt.Errorf("a hyperedge: %w", quintet.ErrUnsupported)
	}
	return nil
}

func (m *graphML[K]) startGraph(t xml.StartElement) error {
	if m.seen {
		return fmt.Errorf("a second graph: %w", quintet.ErrUnsupported)
	}
	m.seen, m.open = true, true
	switch kind := attr(t, "edgedefault"); kind {
	case "directed":
		m.b.opt.Directed = true
	case "undirected":
	default:
		return fmt.Errorf("edgedefault is %.64q: %w", kind, quintet.ErrInput)
	}
	return nil
}

func (m *graphML[K]) startNode(t xml.StartElement) error {
	if !m.open || m.inEdge {
		return fmt.Errorf("a node outside the graph: %w", quintet.ErrInput)
	}
	k, err := m.node(t, "id")
	if err != nil {
		return err
	}
	m.b.AddNode(k)
	return m.o.full(m.b.err, len(m.b.keys), len(m.b.from))
}

func (m *graphML[K]) startEdge(t xml.StartElement) (err error) {
	if !m.open || m.inEdge {
		return fmt.Errorf("an edge outside the graph: %w", quintet.ErrInput)
	}
	switch d := attr(t, "directed"); {
	case d == "", d == "true" && m.b.opt.Directed, d == "false" && !m.b.opt.Directed:
	default:
		return fmt.Errorf("directed is %.64q, unlike the graph: %w", d, quintet.ErrUnsupported)
	}
	m.inEdge, m.edge.Weight = true, m.missing
	if m.edge.From, err = m.node(t, "source"); err == nil {
		m.edge.To, err = m.node(t, "target")
	}
	return err
}

// node returns the key in an attribute, which must be there.
func (m *graphML[K]) node(t xml.StartElement, name string) (k K, err error) {
	for _, a := range t.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return parseKey[K](a.Value)
		}
	}
	return k, fmt.Errorf("the %s has no %s: %w", t.Name.Local, name, quintet.ErrInput)
}

func (m *graphML[K]) end(name string) (err error) {
	if m.reading && (name == "data" || name == "default") {
		w := float32(1)
		if !m.o.Unweighted {
			w, err = parseWeight(strings.TrimSpace(string(m.weight)))
		}
		if m.inEdge {
			m.edge.Weight = w
		} else {
			m.missing = w
		}
		m.reading, m.weight = false, m.weight[:0]
		return err
	}
	switch name {
	case "key":
		m.inKey = false
	case "graph":
		m.open = false
	case "edge":
		m.inEdge = false
		m.b.AddEdge(m.edge.From, m.edge.To, m.edge.Weight)
		return m.o.full(m.b.err, len(m.b.keys), len(m.b.from))
	}
	return nil
}

// attr returns an attribute without a name space, "" if there is none.
func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// WriteGraphML writes a graph with all its nodes, by index, and its weights, if
// it has some, under the key "weight". [ReadGraphML] reads the same graph, with
// Multi if edges are parallel. A text that XML cannot hold is refused with
// [quintet.ErrInput].
func WriteGraphML[K FileKey](w io.Writer, g *Graph[K]) error {
	if g == nil {
		return fmt.Errorf("graph: nil graph: %w", quintet.ErrInput)
	}
	names := make([]string, 0, g.Order())
	for k := range g.Nodes() {
		name, err := xmlText(keyText(k))
		if err != nil {
			return err
		}
		names = append(names, name)
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=%q>\n", graphMLSpace)
	if g.Weighted() {
		out.WriteString("  <key id=\"w\" for=\"edge\" attr.name=\"weight\" attr.type=\"float\"/>\n")
	}
	kind := "undirected"
	if g.Directed() {
		kind = "directed"
	}
	fmt.Fprintf(out, "  <graph edgedefault=%q>\n", kind)
	for _, name := range names {
		fmt.Fprintf(out, "    <node id=\"%s\"/>\n", name)
	}
	for a := range g.CSR().edges() {
		fmt.Fprintf(out, "    <edge source=\"%s\" target=\"%s\"", names[a.u], names[a.v])
		if g.Weighted() {
			fmt.Fprintf(out, "><data key=\"w\">%s</data></edge>\n", weightText(a.w))
		} else {
			out.WriteString("/>\n")
		}
	}
	out.WriteString("  </graph>\n</graphml>\n")
	return out.Flush()
}

// xmlText returns a key as the value of an attribute.
func xmlText(s string) (string, error) {
	for _, c := range s {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0xFFFE || c == 0xFFFF {
			return "", fmt.Errorf("graph: XML has no character %U of node %s: %w", c, show(s), quintet.ErrInput)
		}
	}
	if !utf8.ValidString(s) {
		return "", fmt.Errorf("graph: node %s is not UTF-8: %w", show(s), quintet.ErrInput)
	}
	var out strings.Builder
	err := xml.EscapeText(&out, []byte(s))
	return out.String(), err
}

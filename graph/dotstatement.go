package graph

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

func (d *dotReader) statement(s *dotScope) error {
	t, err := d.look()
	switch {
	case err != nil:
		return err
	case t.is("subgraph") || t.is("{"):
		return d.subgraph(*s)
	case t.is("edge"):
		d.drop()
		return d.attributes(s, true)
	case t.is("node"):
		d.drop()
		return d.attributes(s, false)
	case t.is("graph"):
		d.drop()
		return d.attributes(&dotScope{}, false)
	}
	name, err := d.identifier()
	if err != nil {
		return err
	}
	if equals, err := d.accept("="); err != nil {
		return err
	} else if equals {
		_, err := d.identifier()
		return err
	}
	return d.chain(name, *s)
}

func (d *dotReader) subgraph(s dotScope) error {
	named, err := d.accept("subgraph")
	if err != nil {
		return err
	}
	if t, err := d.look(); err != nil {
		return err
	} else if named && t.id {
		d.drop()
	}
	if err := d.body(s); err != nil {
		return err
	}
	t, err := d.look()
	if err == nil && (t.is("->") || t.is("--")) {
		err = fmt.Errorf("an edge from a subgraph: %w", quintet.ErrUnsupported)
	}
	return err
}

// chain reads the rest of a statement that starts with a node.
func (d *dotReader) chain(name string, s dotScope) error {
	u, err := d.node(name, s)
	if err != nil {
		return err
	}
	path := []int32{u}
	for {
		t, err := d.look()
		if err != nil {
			return err
		}
		if !t.is("->") && !t.is("--") {
			break
		}
		if t.is("->") != d.directed {
			return fmt.Errorf("the edge %v, unlike the graph: %w", t, quintet.ErrInput)
		}
		d.drop()
		if t, err = d.look(); err == nil && (t.is("{") || t.is("subgraph")) {
			err = fmt.Errorf("an edge to a subgraph: %w", quintet.ErrUnsupported)
		}
		if err == nil {
			name, err = d.identifier()
		}
		if err == nil {
			u, err = d.node(name, s)
		}
		if err != nil {
			return err
		}
		if path = append(path, u); len(path)-1 > d.o.MaxEdges {
			return d.o.full(nil, 0, len(path)-1)
		}
	}
	return d.finish(path, s)
}

// finish reads the attributes of a node or of the edges along a path.
func (d *dotReader) finish(path []int32, s dotScope) error {
	s.named = false
	if err := d.attributes(&s, len(path) > 1); err != nil {
		return err
	}
	if len(path) == 1 {
		if s.named {
			d.labels[path[0]] = s.label
		}
		return nil
	}
	for i, v := range path[1:] {
		d.addEdge(path[i], v, s.weight)
	}
	return d.o.full(nil, 0, len(d.edges))
}

func (d *dotReader) addEdge(u, v int32, w float32) {
	if !d.strict {
		d.edges = append(d.edges, arc{u, v, w})
		return
	}
	ends := [2]int32{u, v}
	if !d.directed {
		ends = [2]int32{min(u, v), max(u, v)}
	}
	at, ok := d.place[ends]
	if !ok {
		at = len(d.edges)
		d.place[ends] = at
		d.edges = append(d.edges, arc{})
	}
	d.edges[at] = arc{u, v, w}
}

// node returns the number of a node, after its ports.
func (d *dotReader) node(name string, s dotScope) (int32, error) {
	for {
		port, err := d.accept(":")
		if err != nil {
			return 0, err
		}
		if !port {
			break
		}
		if _, err := d.identifier(); err != nil {
			return 0, err
		}
	}
	d.names.AddNode(name)
	u, _ := d.names.index.find(name)
	if int(u) == len(d.labels) {
		label := `\N` // the name, as it is
		if s.named {
			label = s.label
		}
		d.labels = append(d.labels, label)
	}
	return u, d.o.full(d.names.err, len(d.labels), 0)
}

// attributes reads lists of attributes, of which s gets the label and, of edges,
// the weight.
func (d *dotReader) attributes(s *dotScope, edge bool) error {
	for {
		if open, err := d.accept("["); err != nil || !open {
			return err
		}
		for {
			if done, err := d.accept("]"); err != nil {
				return err
			} else if done {
				break
			}
			if err := d.attribute(s, edge); err != nil {
				return err
			}
		}
	}
}

func (d *dotReader) attribute(s *dotScope, edge bool) error {
	name, err := d.identifier()
	if err != nil {
		return err
	}
	value := "true"
	if equals, err := d.accept("="); err != nil {
		return err
	} else if equals {
		if value, err = d.identifier(); err != nil {
			return err
		}
	}
	switch {
	case edge && name == d.o.Weight && !d.o.Unweighted:
		s.weight, err = parseWeight(value)
	case !edge && name == "label":
		s.label, s.named = value, true
	}
	if err != nil {
		return err
	}
	for _, mark := range []string{",", ";"} {
		if ok, err := d.accept(mark); ok || err != nil {
			return err
		}
	}
	return nil
}

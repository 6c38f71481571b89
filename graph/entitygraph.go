package graph

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/quintet-ai/quintet"
)

// Mention is a place in a document that names an entity.
type Mention struct {
	Entity string `json:"entity"`
	Kind   string `json:"kind,omitzero"` // such as PER; "" if it is not known
	Start  int    `json:"start"`         // byte at which the name begins
	End    int    `json:"end"`           // byte behind it
}

// Relation is what a document says of two entities.
type Relation struct {
	From   string  `json:"from"`
	To     string  `json:"to"`
	Kind   string  `json:"kind,omitzero"`   // such as "works for"; "" if it is not known
	Weight float32 `json:"weight,omitzero"` // above 0; 0 is 1
}

// EntityDocument is what one document says.
type EntityDocument struct {
	ID        string     `json:"id"`
	Mentions  []Mention  `json:"mentions,omitzero"`
	Relations []Relation `json:"relations,omitzero"`
}

// EntityGraphOptions configures an [EntityGraph]. The zero value is good.
type EntityGraphOptions struct {
	// Directed gives relations a direction. Entities that are mentioned together
	// are then related in the order of the mentions.
	Directed bool

	// Window is how many bytes apart two mentions may begin to relate their
	// entities, with weight 1 for each such pair. Default: 200.
	Window int

	// RelationsOnly relates entities only by the relations of documents.
	RelationsOnly bool

	// Canonical returns the one name for the names of an entity, "" to leave it
	// out. It must return its results unchanged. Default: white space is made
	// single spaces.
	Canonical func(name string) string
}

func (o EntityGraphOptions) withDefaults() (EntityGraphOptions, error) {
	if o.Window < 0 {
		return o, fmt.Errorf("graph: Window is %d: %w", o.Window, quintet.ErrOption)
	}
	if o.Window == 0 {
		o.Window = 200
	}
	if o.Canonical == nil {
		o.Canonical = func(name string) string { return strings.Join(strings.Fields(name), " ") }
	}
	return o, nil
}

// EntityGraph keeps what documents say of entities, and which document says it: a
// document can be taken out, or replaced after it has changed. It is safe for
// concurrent use.
type EntityGraph struct {
	opt  EntityGraphOptions
	mu   sync.RWMutex
	docs map[string]*statements
	in   map[string]map[string]bool // documents that name an entity
}

// statements is a document with the pairs that it relates.
type statements struct {
	EntityDocument
	pairs map[entityPair]*relatedPair
}

type entityPair struct{ from, to string }

func (p entityPair) compare(q entityPair) int {
	return cmp.Or(cmp.Compare(p.from, q.from), cmp.Compare(p.to, q.to))
}

type relatedPair struct {
	weight float64
	kinds  map[string]bool
}

// NewEntityGraph returns an empty graph, or [quintet.ErrOption] for a negative Window.
func NewEntityGraph(o EntityGraphOptions) (*EntityGraph, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return &EntityGraph{opt: o, docs: map[string]*statements{}, in: map[string]map[string]bool{}}, nil
}

// Upsert adds a document, or replaces the one with its ID. It returns
// [quintet.ErrInput] for a weight that is negative or not finite and for a mention
// that ends before it begins or begins below 0, and then changes nothing. It takes
// O(m·log m + w) time for m mentions of which w pairs lie in a window, and copies what
// it keeps.
func (e *EntityGraph) Upsert(d EntityDocument) error {
	s := &statements{EntityDocument: EntityDocument{ID: d.ID}, pairs: map[entityPair]*relatedPair{}}
	for _, m := range d.Mentions {
		if m.Start < 0 || m.End < m.Start {
			return fmt.Errorf("graph: document %s mentions %s at %d to %d: %w",
				show(d.ID), show(m.Entity), m.Start, m.End, quintet.ErrInput)
		}
		if m.Entity = e.opt.Canonical(m.Entity); m.Entity != "" {
			s.Mentions = append(s.Mentions, m)
		}
	}
	for _, r := range d.Relations {
		if !(r.Weight >= 0 && r.Weight <= math.MaxFloat32) {
			return fmt.Errorf("graph: document %s relates %s with weight %v: %w",
				show(d.ID), arrow(r.From, r.To), r.Weight, quintet.ErrInput)
		}
		if r.Weight == 0 {
			r.Weight = 1
		}
		r.From, r.To = e.opt.Canonical(r.From), e.opt.Canonical(r.To)
		if r.From != "" && r.To != "" {
			s.Relations = append(s.Relations, r)
		}
	}
	s.relate(e.opt)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.remove(d.ID)
	e.docs[d.ID] = s
	for name := range s.names {
		if e.in[name] == nil {
			e.in[name] = map[string]bool{}
		}
		e.in[name][d.ID] = true
	}
	return nil
}

// relate makes the pairs.
func (s *statements) relate(o EntityGraphOptions) {
	slices.SortStableFunc(s.Mentions, func(a, b Mention) int { return cmp.Compare(a.Start, b.Start) })
	for _, r := range s.Relations {
		s.add(o.pair(r.From, r.To), float64(r.Weight), r.Kind)
	}
	if o.RelationsOnly {
		return
	}
	first := 0
	for i, m := range s.Mentions {
		for m.Start-s.Mentions[first].Start > o.Window {
			first++
		}
		for _, other := range s.Mentions[first:i] {
			if other.Entity != m.Entity {
				s.add(o.pair(other.Entity, m.Entity), 1, "")
			}
		}
	}
}

// pair returns two entities in their order, if that matters.
func (o EntityGraphOptions) pair(from, to string) entityPair {
	if !o.Directed && from > to {
		from, to = to, from
	}
	return entityPair{from, to}
}

func (s *statements) add(p entityPair, weight float64, kind string) {
	r := s.pairs[p]
	if r == nil {
		r = &relatedPair{kinds: map[string]bool{}}
		s.pairs[p] = r
	}
	r.weight += weight
	if kind != "" {
		r.kinds[kind] = true
	}
}

// names yields the entities of a document, some more than once.
func (s *statements) names(yield func(string) bool) {
	for _, m := range s.Mentions {
		if !yield(m.Entity) {
			return
		}
	}
	for _, r := range s.Relations {
		if !yield(r.From) || !yield(r.To) {
			return
		}
	}
}

// Delete takes a document out, with all that only it says, and reports whether it was
// there.
func (e *EntityGraph) Delete(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.remove(id)
}

func (e *EntityGraph) remove(id string) bool {
	s, ok := e.docs[id]
	if !ok {
		return false
	}
	delete(e.docs, id)
	for name := range s.names {
		delete(e.in[name], id)
		if len(e.in[name]) == 0 {
			delete(e.in, name)
		}
	}
	return true
}

// Len returns the number of documents.
func (e *EntityGraph) Len() int {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return len(e.docs)
}

// Documents yields the documents that were there at its first step by ID, with
// canonical names and the mentions in order: what Upsert needs to make the graph
// again. Do not write to their slices.
func (e *EntityGraph) Documents() iter.Seq[EntityDocument] {
	return func(yield func(EntityDocument) bool) {
		for _, s := range e.sorted() {
			if !yield(s.EntityDocument) {
				return
			}
		}
	}
}

// sorted returns the documents by ID. Nobody writes to them.
func (e *EntityGraph) sorted() []*statements {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.SortedFunc(maps.Values(e.docs), func(a, b *statements) int { return cmp.Compare(a.ID, b.ID) })
}

// Graph returns the graph of all entities, in the order of their names, in which the
// weight of an edge is the sum of what the documents say. It depends on the documents
// alone, not on the order in which they came and went. The error is that of
// [Builder.Build], for sums beyond float32. It takes O(n·log n) time for what the
// documents hold.
func (e *EntityGraph) Graph() (*Graph[string], error) {
	docs := e.sorted()
	names := map[string]bool{}
	for _, s := range docs {
		for name := range s.names {
			names[name] = true
		}
	}
	b := NewBuilder[string](BuilderOptions{Directed: e.opt.Directed})
	for _, name := range slices.Sorted(maps.Keys(names)) {
		b.AddNode(name)
	}
	for _, s := range docs {
		for _, p := range slices.SortedFunc(maps.Keys(s.pairs), entityPair.compare) {
			b.AddEdge(p.from, p.to, float32(s.pairs[p].weight))
		}
	}
	return b.Build()
}

package graph

import (
	"cmp"
	"maps"
	"slices"
)

// EntityMention is a mention with its document.
type EntityMention struct {
	Mention
	Document string `json:"document"`
}

// EntityCount says how often documents mention an entity.
type EntityCount struct {
	Entity    string `json:"entity"`
	Kind      string `json:"kind,omitzero"` // the most frequent, the first by letters of equal ones
	Mentions  int    `json:"mentions"`      // of all documents
	Documents int    `json:"documents"`     // with a mention or a relation of it
}

// RelationSource is a document that relates two entities.
type RelationSource struct {
	Document string   `json:"document"`
	Weight   float64  `json:"weight"`          // what it adds to the edge
	Kinds    []string `json:"kinds,omitempty"` // of its relations, by letters; none if they are only mentioned together
}

// Mentions returns the mentions of an entity, by document and then by place. The name
// need not be canonical.
func (e *EntityGraph) Mentions(entity string) (out []EntityMention) {
	for _, s := range e.naming(entity) {
		for _, m := range s.Mentions {
			if m.Entity == e.opt.Canonical(entity) {
				out = append(out, EntityMention{m, s.ID})
			}
		}
	}
	return out
}

// Sources returns the documents that relate two entities, by ID: why there is an edge.
func (e *EntityGraph) Sources(from, to string) (out []RelationSource) {
	p := e.opt.pair(e.opt.Canonical(from), e.opt.Canonical(to))
	for _, s := range e.naming(from) {
		if r := s.pairs[p]; r != nil {
			out = append(out, RelationSource{s.ID, r.weight, slices.Sorted(maps.Keys(r.kinds))})
		}
	}
	return out
}

// naming returns the documents that name an entity, by ID.
func (e *EntityGraph) naming(entity string) (out []*statements) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, id := range slices.Sorted(maps.Keys(e.in[e.opt.Canonical(entity)])) {
		out = append(out, e.docs[id])
	}
	return out
}

// Entities returns the entities, those with the most mentions first and equal ones by
// name. It takes time in proportion to all documents.
func (e *EntityGraph) Entities() []EntityCount {
	counts, kinds := map[string]*EntityCount{}, map[string]map[string]int{}
	for _, s := range e.sorted() {
		seen := map[string]bool{}
		for name := range s.names {
			if counts[name] == nil {
				counts[name], kinds[name] = &EntityCount{Entity: name}, map[string]int{}
			}
			if !seen[name] {
				seen[name] = true
				counts[name].Documents++
			}
		}
		for _, m := range s.Mentions {
			counts[m.Entity].Mentions++
			if m.Kind != "" {
				kinds[m.Entity][m.Kind]++
			}
		}
	}
	out := make([]EntityCount, 0, len(counts))
	for name, c := range counts {
		for _, kind := range slices.Sorted(maps.Keys(kinds[name])) {
			if c.Kind == "" || kinds[name][kind] > kinds[name][c.Kind] {
				c.Kind = kind
			}
		}
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b EntityCount) int {
		return cmp.Or(cmp.Compare(b.Mentions, a.Mentions), cmp.Compare(a.Entity, b.Entity))
	})
	return out
}

// RankDocuments ranks documents by the entities that they mention, best first and
// equal ones by ID: each entity gives its score, such as those of [Retrieve], to its
// mentions in equal parts. It returns at most n documents, none with the score 0.
func (e *EntityGraph) RankDocuments(entities []Ranked[string], n int) []Ranked[string] {
	scores := map[string]float64{}
	for _, r := range entities {
		mentions := e.Mentions(r.Node)
		for _, m := range mentions {
			scores[m.Document] += r.Score / float64(len(mentions))
		}
	}
	best := top[Ranked[string]]{n: n, before: func(a, b Ranked[string]) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Node, b.Node))
	}}
	for id, score := range scores {
		if score > 0 {
			best.add(Ranked[string]{id, score})
		}
	}
	return best.sorted()
}

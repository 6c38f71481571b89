package graph

import "cmp"

// Ranked is a node with its score. A higher score is a more important node.
type Ranked[K comparable] struct {
	Node  K       `json:"node"`
	Score float64 `json:"score"`
}

// Scores gives each node of a graph a number.
type Scores[K comparable] struct {
	Values []float64 // by node index

	g *Graph[K]
}

// Of returns the score of a node, 0 if there is no such node.
func (s *Scores[K]) Of(k K) float64 {
	if u, ok := s.g.Index(k); ok {
		return s.Values[u]
	}
	return 0
}

// Top returns the n nodes with the highest scores, all if there are fewer, best
// first; equal scores are in the order of the node index. It takes O(V·log n)
// time and O(n) memory.
func (s *Scores[K]) Top(n int) []Ranked[K] {
	if n = min(n, len(s.Values)); n <= 0 {
		return nil
	}
	best := top[int32]{n: n, before: func(u, v int32) int {
		return cmp.Or(cmp.Compare(s.Values[v], s.Values[u]), cmp.Compare(u, v))
	}}
	for u := range int32(len(s.Values)) {
		best.add(u)
	}
	out := make([]Ranked[K], n)
	for i, u := range best.sorted() {
		out[i] = Ranked[K]{Node: s.g.keys[u], Score: s.Values[u]}
	}
	return out
}

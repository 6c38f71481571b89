package graph

import (
	"cmp"
	"slices"
)

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
	best := highest(s.Values, n)
	out := slices.Grow([]Ranked[K](nil), len(best))
	for _, u := range best {
		out = append(out, Ranked[K]{Node: s.g.keys[u], Score: s.Values[u]})
	}
	return out
}

// highest returns the indices of the n highest values, all if there are fewer, the
// highest first and equal ones by rising index.
func highest(values []float64, n int) []int32 {
	if n = min(n, len(values)); n <= 0 {
		return nil
	}
	best := top[int32]{n: n, before: func(i, j int32) int {
		return cmp.Or(cmp.Compare(values[j], values[i]), cmp.Compare(i, j))
	}}
	for i := range int32(len(values)) {
		best.add(i)
	}
	return best.sorted()
}

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
	if n = min(n, len(s.Values)); n <= 0 {
		return nil
	}
	better := func(u, v int32) int {
		return cmp.Or(cmp.Compare(s.Values[v], s.Values[u]), cmp.Compare(u, v))
	}
	var best []int32 // up to 2n candidates; when it is full, the n best of them
	full := false    // n candidates are at least as good as the last of best[:n]
	for u := range int32(len(s.Values)) {
		if full && better(best[n-1], u) < 0 {
			continue
		}
		if best = append(best, u); len(best) == 2*n {
			slices.SortFunc(best, better)
			best, full = best[:n], true
		}
	}
	slices.SortFunc(best, better)
	out := make([]Ranked[K], n)
	for i, u := range best[:n] {
		out[i] = Ranked[K]{Node: s.g.keys[u], Score: s.Values[u]}
	}
	return out
}

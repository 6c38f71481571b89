package graph

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/quintet-ai/quintet"
)

// Matching is a set of edges of which no two share a node.
type Matching[K comparable] struct {
	Mates []int32 // index of the other end of the edge of a node, by node index; -1 is no edge
	Size  int     // number of edges

	g *Graph[K]
}

// Of returns the node that a node is matched with, and whether there is one.
func (m *Matching[K]) Of(k K) (mate K, ok bool) {
	if u, known := m.g.Index(k); known && m.Mates[u] >= 0 {
		return m.g.keys[m.Mates[u]], true
	}
	return mate, false
}

// Pairs yields the matched nodes, each pair once, by the smaller index, which is
// that of the first.
func (m *Matching[K]) Pairs() iter.Seq2[K, K] {
	return func(yield func(K, K) bool) {
		for u, v := range m.Mates {
			if int32(u) < v && !yield(m.g.keys[u], m.g.keys[v]) {
				return
			}
		}
	}
}

func newMatching[K comparable](g *Graph[K], mates []int32) *Matching[K] {
	m := &Matching[K]{Mates: mates, g: g}
	for u, v := range mates {
		if int32(u) < v {
			m.Size++
		}
	}
	return m
}

// BipartiteMatchingOptions configures [BipartiteMatching], which has nothing to
// configure yet.
type BipartiteMatchingOptions struct{}

// BipartiteMatching finds a matching with as many edges as possible in a graph
// whose nodes have two sides, such that no edge joins two of one side. It finds the
// sides itself. Directions, loops, parallel edges and weights do not matter. Of
// several such matchings it returns always the same.
//
// It returns [quintet.ErrInput] for a nil graph or one that has no two sides, or
// the error of ctx; [MaximumMatching] takes any graph. It takes O(E·sqrt(V)) time
// on one goroutine and 25 bytes a node, and up to 8 an edge if there are
// directions, loops or parallel edges.
//
// Hopcroft and Karp, An n^5/2 Algorithm for Maximum Matchings in Bipartite Graphs,
// SIAM Journal on Computing 2(4), 1973.
func BipartiteMatching[K comparable](
	ctx context.Context, g *Graph[K], _ BipartiteMatchingOptions,
) (*Matching[K], error) {
	r, err := simpleRows(ctx, g, 1)
	if err != nil {
		return nil, err
	}
	left, u, v, err := r.side(ctx)
	if err != nil {
		return nil, err
	}
	if u != v {
		return nil, fmt.Errorf("graph: edge %s is in a cycle of odd length: %w", arrow(g.keys[u], g.keys[v]), quintet.ErrInput)
	}
	k := newKarp(r, left)
	if err := k.run(ctx); err != nil {
		return nil, err
	}
	return newMatching(g, k.mate), ctx.Err()
}

// side returns the nodes of one of two sides, or the ends of an edge that joins two
// nodes of one.
func (r *rows) side(ctx context.Context) (left []int32, u, v int32, err error) {
	level := slices.Repeat([]int32{-1}, r.order())
	var queue []int32
	work := 0
	for start := range level {
		if level[start] >= 0 {
			continue
		}
		level[start] = 0
		queue = append(queue[:0], int32(start))
		for i := 0; i < len(queue); i++ {
			u := queue[i]
			for _, v := range r.row(u) {
				if level[v] < 0 {
					level[v] = level[u] ^ 1
					queue = append(queue, v)
				} else if level[v] == level[u] {
					return nil, u, v, ctx.Err()
				}
			}
			if work += r.degree(u) + 1; work >= blockWork {
				work = 0
				if err := ctx.Err(); err != nil {
					return nil, 0, 0, err
				}
			}
		}
	}
	for u, side := range level {
		if side == 0 {
			left = append(left, int32(u))
		}
	}
	return left, 0, 0, ctx.Err()
}

// greedy matches each node with its first neighbour that has no mate.
func (r *rows) greedy(nodes []int32) []int32 {
	mate := slices.Repeat([]int32{-1}, r.order())
	for _, u := range nodes {
		for _, v := range r.row(u) {
			if mate[u] < 0 && mate[v] < 0 {
				mate[u], mate[v] = v, u
				break
			}
		}
	}
	return mate
}

// karp extends a matching by all shortest augmenting paths at once.
type karp struct {
	r     *rows
	left  []int32
	mate  []int32
	level []int32  // of nodes on the left: distance from those without a mate
	next  []uint32 // place of the first edge of a node that may lead on
	queue []int32
	path  []int32
	work  int
}

func newKarp(r *rows, left []int32) *karp {
	return &karp{
		r: r, left: left, mate: r.greedy(left),
		level: make([]int32, r.order()), next: make([]uint32, r.order()),
	}
}

func (k *karp) run(ctx context.Context) error {
	for {
		more, err := k.rank(ctx)
		if err != nil || !more {
			return err
		}
		copy(k.next, k.r.off)
		for _, u := range k.left {
			if k.mate[u] < 0 {
				if err := k.augment(ctx, u); err != nil {
					return err
				}
			}
		}
	}
}

// rank finds the levels, and whether there is an augmenting path.
func (k *karp) rank(ctx context.Context) (found bool, err error) {
	k.queue = k.queue[:0]
	for _, u := range k.left {
		if k.level[u] = -1; k.mate[u] < 0 {
			k.level[u] = 0
			k.queue = append(k.queue, u)
		}
	}
	for i := 0; i < len(k.queue); i++ {
		u := k.queue[i]
		for _, v := range k.r.row(u) {
			if w := k.mate[v]; w < 0 {
				found = true
			} else if k.level[w] < 0 {
				k.level[w] = k.level[u] + 1
				k.queue = append(k.queue, w)
			}
		}
		if k.work += k.r.degree(u) + 1; k.work >= blockWork {
			k.work = 0
			if err := ctx.Err(); err != nil {
				return false, err
			}
		}
	}
	return found, ctx.Err()
}

// augment follows the levels from u to a node without a mate and exchanges the
// edges on the way. It follows each edge once in a round.
func (k *karp) augment(ctx context.Context, u int32) error {
	k.path = append(k.path[:0], u)
	for len(k.path) > 0 {
		if k.work++; k.work >= blockWork {
			k.work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		u := k.path[len(k.path)-1]
		if k.next[u] == k.r.off[u+1] {
			k.path = k.path[:len(k.path)-1]
			if len(k.path) > 0 {
				k.next[k.path[len(k.path)-1]]++
			}
			continue
		}
		switch w := k.mate[k.r.adj[k.next[u]]]; {
		case w < 0:
			for i := len(k.path) - 1; i >= 0; i-- {
				u := k.path[i]
				v := k.r.adj[k.next[u]]
				k.mate[u], k.mate[v] = v, u
				k.next[u]++
			}
			return nil
		case k.level[w] == k.level[u]+1:
			k.path = append(k.path, w)
		default:
			k.next[u]++
		}
	}
	return nil
}

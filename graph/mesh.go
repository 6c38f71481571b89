package graph

import (
	"context"
	"math/rand/v2"
	"slices"
)

// mesh is an undirected weighted graph whose nodes are groups of the nodes of a
// graph, as community detection makes them smaller level by level. Rows are in no
// order, and weights above 0.
type mesh struct {
	off      []uint32
	adj      []int32
	w        []float64 // nil if every weight is 1
	strength []float64 // sum of the weights at each node; inner edges count twice
	total    float64   // of strength
}

func (m *mesh) order() int { return len(m.strength) }

func (m *mesh) row(u int32) ([]int32, []float64) {
	lo, hi := m.off[u], m.off[u+1]
	if m.w == nil {
		return m.adj[lo:hi], nil
	}
	return m.adj[lo:hi], m.w[lo:hi][:hi-lo]
}

// mesh returns the nodes of c as a mesh in which directions do not matter. A loop
// is no neighbour, but counts twice for strength.
func (c *CSR) mesh(ctx context.Context) (*mesh, error) {
	if !c.directed && c.loops == 0 && c.w == nil && len(c.off) > 0 {
		m := &mesh{off: c.off, adj: c.adj, strength: make([]float64, c.order()), total: float64(len(c.adj))}
		for u := range m.strength {
			m.strength[u] = float64(c.degree(int32(u)))
		}
		return m, ctx.Err()
	}
	in, err := c.reverse(ctx)
	if err != nil {
		return nil, err
	}
	n, arcs := c.order(), len(c.adj)
	if c.directed {
		arcs *= 2
	}
	m := &mesh{off: make([]uint32, n+1), strength: make([]float64, n), adj: make([]int32, 0, arcs)}
	if c.w != nil {
		m.w = make([]float64, 0, arcs)
	}
	err = forBlocks(ctx, c.blocks(), 1, func(b, _ int) {
		for u, end := c.block(b); u < end; u++ {
			m.add(&c.rows, int32(u), true)
			if c.directed {
				m.add(in, int32(u), false)
			}
			m.off[u+1] = uint32(len(m.adj))
		}
	})
	for _, s := range m.strength {
		m.total += s
	}
	return m, err
}

// add appends row u of r to the last row, without weights of 0 and loops, whose
// weights count if loops is set.
func (m *mesh) add(r *rows, u int32, loops bool) {
	ws := r.weights(u)
	for i, v := range r.row(u) {
		w := 1.0
		if ws != nil {
			w = float64(ws[i])
		}
		switch {
		case w == 0: // joins nobody
		case v != u:
			m.adj = append(m.adj, v)
			if ws != nil {
				m.w = append(m.w, w)
			}
			m.strength[u] += w
		case loops:
			m.strength[u] += float64(2 * w)
		}
	}
}

// merge returns the mesh whose nodes are the groups of m, which are numbered from
// 0 to groups-1.
func (m *mesh) merge(group []int32, groups int) *mesh {
	next := &mesh{off: make([]uint32, groups+1), strength: make([]float64, groups), total: m.total}
	start := make([]int, groups+2)
	for u, c := range group {
		start[c+2]++
		next.strength[c] += m.strength[u]
	}
	for c := range groups {
		start[c+2] += start[c+1]
	}
	members := make([]int32, len(group))
	for u, c := range group {
		members[start[c+1]] = int32(u)
		start[c+1]++
	}
	if m.w == nil {
		joinRows[int32](m, next, group, start, members)
	} else {
		joinRows[float64](m, next, group, start, members)
	}
	return next
}

// joinRows makes the rows of next of those of the members of each group.
func joinRows[N summed](m, next *mesh, group []int32, start []int, members []int32) {
	next.adj, next.w = make([]int32, 0, len(m.adj)), make([]float64, 0, len(m.adj))
	sum := newTally[N](next.order())
	for c := range int32(next.order()) {
		for _, u := range members[start[c]:start[c+1]] {
			row, ws := m.row(u)
			sum.gather(row, ws, group)
		}
		for _, d := range sum.keys {
			if d != c {
				next.adj, next.w = append(next.adj, d), append(next.w, float64(sum.of[d]))
			}
		}
		sum.clear()
		next.off[c+1] = uint32(len(next.adj))
	}
}

// summed is what weights add up to: their count if every weight is 1, which is
// quicker.
type summed interface{ int32 | float64 }

// tally adds up weights above 0 by group. Keys are in the order of their first
// weight.
type tally[N summed] struct {
	of   []N
	keys []int32
}

// newTally has room for one key more than there are, which gather needs.
func newTally[N summed](groups int) tally[N] {
	return tally[N]{of: make([]N, groups), keys: make([]int32, 0, groups+1)}
}

// gather adds the weights of a row, nil if each is 1, to the groups of its nodes.
// Whether a group is new is no branch, for that could not be foretold.
func (t *tally[N]) gather(row []int32, ws []float64, group []int32) {
	of, keys, n := t.of, t.keys[:cap(t.keys)], len(t.keys)
	if ws == nil {
		for _, v := range row {
			key := group[v]
			sum := of[key]
			keys[n] = key
			if sum == 0 {
				n++
			}
			of[key] = sum + 1
		}
		t.keys = keys[:n]
		return
	}
	ws = ws[:len(row)]
	for i, v := range row {
		key := group[v]
		sum := of[key]
		keys[n] = key
		if sum == 0 {
			n++
		}
		of[key] = sum + N(ws[i])
	}
	t.keys = keys[:n]
}

func (t *tally[N]) add(key int32, w N) {
	if t.of[key] == 0 {
		t.keys = append(t.keys, key)
	}
	t.of[key] += w
}

func (t *tally[N]) clear() {
	for _, key := range t.keys {
		t.of[key] = 0
	}
	t.keys = t.keys[:0]
}

// modularity returns the quality of a division into groups that are numbered from
// 0; 0 if there is no weight.
func (m *mesh) modularity(group []int32, groups int, resolution float64) float64 {
	if m.total == 0 {
		return 0
	}
	total, cut := make([]float64, groups), 0.0
	for u := range group {
		total[group[u]] += m.strength[u]
		row, ws := m.row(int32(u))
		cut += weightTo(row, ws, group, group[u], false)
	}
	q := 1 - cut/m.total
	for _, t := range total {
		q -= float64(resolution * float64((t/m.total)*(t/m.total)))
	}
	return q
}

// weightTo returns the weight of a row to the nodes of a group, or to all others.
func weightTo(row []int32, ws []float64, group []int32, to int32, inside bool) (sum float64) {
	if ws == nil {
		count := 0
		for _, v := range row {
			if group[v] == to {
				count++
			}
		}
		if !inside {
			count = len(row) - count
		}
		return float64(count)
	}
	for i, v := range row {
		if (group[v] == to) == inside {
			sum += ws[i]
		}
	}
	return sum
}

// renumber makes the groups 0, 1, 2 in the order of their first node, in place,
// and returns how many there are. Groups are below the number of nodes.
func renumber(group []int32) int {
	number, next := slices.Repeat([]int32{-1}, len(group)), int32(0)
	for u, old := range group {
		if number[old] < 0 {
			number[old] = next
			next++
		}
		group[u] = number[old]
	}
	return int(next)
}

// single returns the division in which each of n nodes is a group.
func single(n int) []int32 {
	group := make([]int32, n)
	for u := range group {
		group[u] = int32(u)
	}
	return group
}

func shuffled(n int, rng *rand.Rand) []int32 {
	order := single(n)
	rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

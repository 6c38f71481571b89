package graph

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/quintet-ai/quintet"
)

// LeidenOptions configures [Leiden]. The zero value is good.
type LeidenOptions struct {
	// Resolution is the weight of chance: more gives smaller communities.
	// Default: 1.
	Resolution float64

	// Iterations is how often the algorithm begins anew with the communities
	// found. It ends before if that gains nothing. Default: 2.
	Iterations int

	// Seed orders the nodes at random. The same seed gives the same result.
	Seed uint64
}

func (o LeidenOptions) withDefaults() (LeidenOptions, error) {
	if o.Iterations < 0 {
		return o, fmt.Errorf("graph: Iterations is %d: %w", o.Iterations, quintet.ErrOption)
	}
	if o.Iterations == 0 {
		o.Iterations = 2
	}
	resolution, err := resolutionOrDefault(o.Resolution)
	o.Resolution = resolution
	return o, err
}

// Leiden divides a graph into communities of high [Modularity]. Every community,
// at every level, is connected: edges inside it join all its nodes, whatever
// their direction, as long as their weights are above 0.
//
// It returns [quintet.ErrInput] for a nil graph or a negative weight,
// [quintet.ErrOption] for an option out of range, or the error of ctx. It takes
// O(V+E) time a level in practice, on one goroutine, and up to 48 bytes an edge.
// Directions do not matter.
//
// It moves nodes as [Louvain] does, but then divides each community anew into
// parts that are well connected, makes each part a node, and goes on from the
// communities: Traag, Waltman, van Eck, From Louvain to Leiden: Guaranteeing
// Well-Connected Communities, Scientific Reports 9, 2019. A node joins the part
// where it gains most, the limit of their random choice as θ goes to 0.
func Leiden[K comparable](ctx context.Context, g *Graph[K], o LeidenOptions) (*Communities[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	base, err := meshOf(ctx, g)
	if err != nil {
		return nil, err
	}
	rng := newRand(o.Seed)
	var best *Communities[K]
	start := single(base.order())
	for range o.Iterations {
		levels, err := leiden(ctx, base, start, o.Resolution, rng)
		if err != nil {
			return nil, err
		}
		next := newCommunities(g, base, levels, o.Resolution)
		if best != nil && next.Modularity <= best.Modularity {
			break
		}
		best, start = next, slices.Clone(next.Labels)
	}
	return best, nil
}

// leiden returns levels of communities, beginning from those of start. Each
// level has fewer nodes than the one before, so it ends.
func leiden(
	ctx context.Context, m *mesh, start []int32, resolution float64, rng *rand.Rand,
) (levels [][]int32, err error) {
	whole, group := single(m.order()), slices.Clone(start)
	for {
		if err := m.settle(ctx, group, resolution, rng); err != nil {
			return nil, err
		}
		if groups := renumber(group); groups == m.order() {
			break
		}
		part, parts, err := m.refine(ctx, group, resolution, rng)
		if err != nil {
			return nil, err
		}
		if parts == m.order() { // no part is better than a node: keep what is connected
			part, parts = m.connected(group)
		}
		if parts == m.order() {
			break
		}
		project(whole, part)
		levels = append(levels, slices.Clone(whole))
		above := make([]int32, parts)
		for u, p := range part {
			above[p] = group[u]
		}
		m, group = m.merge(part, parts), above
		renumber(group)
	}
	if levels == nil {
		levels = append(levels, whole)
	}
	return levels, ctx.Err()
}

// refiner divides groups into parts. Nodes that are alone join a part of their
// group, if both are well connected to the rest of it: no worse than chance.
type refiner[N summed] struct {
	m          *mesh
	resolution float64
	group      []int32
	part       []int32
	inside     []float64 // weight from each part to the rest of its group
	total      []float64 // strength of each part
	whole      []float64 // strength of each group
	alone      []bool    // parts of one node
	sum        tally[N]
}

func (m *mesh) refine(
	ctx context.Context, group []int32, resolution float64, rng *rand.Rand,
) (part []int32, parts int, err error) {
	if m.w == nil {
		return newRefiner[int32](m, group, resolution).run(ctx, rng)
	}
	return newRefiner[float64](m, group, resolution).run(ctx, rng)
}

func newRefiner[N summed](m *mesh, group []int32, resolution float64) *refiner[N] {
	n := m.order()
	r := &refiner[N]{m: m, resolution: resolution, group: group, part: single(n), sum: newTally[N](n)}
	r.inside, r.total = make([]float64, n), slices.Clone(m.strength)
	r.whole, r.alone = make([]float64, n), slices.Repeat([]bool{true}, n)
	for u := range int32(n) {
		r.whole[group[u]] += m.strength[u]
		row, ws := m.row(u)
		r.inside[u] = weightTo(row, ws, group, group[u], true)
	}
	return r
}

func (r *refiner[N]) run(ctx context.Context, rng *rand.Rand) (part []int32, parts int, err error) {
	m, n := r.m, r.m.order()
	work := 0
	for _, u := range shuffled(n, rng) {
		if work += int(m.off[u+1]-m.off[u]) + 1; work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return nil, 0, err
			}
		}
		if r.alone[u] && r.well(u, r.group[u]) {
			r.join(u)
		}
	}
	return r.part, renumber(r.part), nil
}

// well reports whether a part is well connected to the rest of its group.
func (r *refiner[N]) well(part, group int32) bool {
	k := r.total[part]
	return float64(r.inside[part]*r.m.total) >= float64(r.resolution*k*(r.whole[group]-k))
}

// join moves u, which is alone, to the best part of its group.
func (r *refiner[N]) join(u int32) {
	row, ws := r.m.row(u)
	for i, v := range row {
		if r.group[v] != r.group[u] {
			continue
		}
		w := N(1)
		if ws != nil {
			w = N(ws[i])
		}
		r.sum.add(r.part[v], w)
	}
	k := r.m.strength[u]
	best, gain := u, float64(gainBelow*k)
	for _, p := range r.sum.keys {
		g := float64(r.sum.of[p]) - float64(r.resolution*k*r.total[p]/r.m.total)
		if g > gain && r.well(p, r.group[u]) {
			best, gain = p, g
		}
	}
	if best != u {
		r.inside[best] += r.inside[u] - 2*float64(r.sum.of[best])
		r.total[best] += k
		r.part[u] = best
		r.alone[best] = false
		r.total[u], r.inside[u] = 0, 0
	}
	r.sum.clear()
}

// connected divides groups into the parts that edges above 0 join.
func (m *mesh) connected(group []int32) (part []int32, parts int) {
	f := forest(single(m.order()))
	for u := range int32(m.order()) {
		row, _ := m.row(u)
		for _, v := range row {
			if group[u] == group[v] {
				f.union(u, v)
			}
		}
	}
	for u := range f { // parents are smaller, so theirs are final
		f[u] = f[f[u]]
	}
	return f, renumber(f)
}

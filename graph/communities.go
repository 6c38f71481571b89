package graph

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// Communities is a division of a graph into groups of nodes that have more edges
// among themselves than chance would give them.
type Communities[K comparable] struct {
	Partition[K]

	// Modularity is the quality of the division at the resolution of the
	// options, at most 1.
	Modularity float64

	// Levels are divisions of the nodes from fine to coarse: each group is
	// part of one group of the next level, and the last level is the result.
	Levels []*Partition[K]
}

// ModularityOptions configures [Modularity]. The zero value is the usual measure.
type ModularityOptions struct {
	// Resolution is the weight γ of chance: more gives smaller communities.
	// Default: 1.
	Resolution float64
}

// Modularity measures a division of g: the part of the weight of edges that is
// inside groups, less what chance would put there,
//
//	Q = Σ  in/2m - γ·(all/2m)²
//
// over the groups, where in is twice the weight inside, all the sum of the
// weights at the nodes, and 2m that of all nodes. A loop counts twice. Directions
// do not matter. It is at most 1, and 0 if there is no weight.
//
// Labels are the groups by node index, as in [Partition], in any numbers that are
// not negative and less than the number of nodes. It returns [quintet.ErrInput]
// for labels that are not so, a nil graph or a negative weight,
// [quintet.ErrOption] for a resolution out of range, or the error of ctx. It
// takes O(V+E) time and up to 32 bytes an edge.
//
// Newman and Girvan, Finding and Evaluating Community Structure in Networks,
// Physical Review E 69, 2004; γ is that of Reichardt and Bornholdt, Physical
// Review E 74, 2006.
func Modularity[K comparable](
	ctx context.Context, g *Graph[K], labels []int32, o ModularityOptions,
) (float64, error) {
	resolution, err := resolutionOrDefault(o.Resolution)
	if err != nil {
		return 0, err
	}
	m, err := meshOf(ctx, g)
	if err != nil {
		return 0, err
	}
	if len(labels) != g.Order() {
		return 0, fmt.Errorf("graph: %d labels for %d nodes: %w", len(labels), g.Order(), quintet.ErrInput)
	}
	for u, label := range labels {
		if label < 0 || int(label) >= len(labels) {
			return 0, fmt.Errorf("graph: label %d of node %d: %w", label, u, quintet.ErrInput)
		}
	}
	return m.modularity(labels, len(labels), resolution), nil
}

func resolutionOrDefault(resolution float64) (float64, error) {
	if math.IsNaN(resolution) || math.IsInf(resolution, 0) || resolution < 0 {
		return 0, fmt.Errorf("graph: Resolution is %v: %w", resolution, quintet.ErrOption)
	}
	if resolution == 0 {
		return 1, nil
	}
	return resolution, nil
}

// meshOf returns the mesh of a graph that has no negative weight.
func meshOf[K comparable](ctx context.Context, g *Graph[K]) (*mesh, error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	if err := g.nonNegative(); err != nil {
		return nil, err
	}
	return c.mesh(ctx)
}

// LouvainOptions configures [Louvain]. The zero value is good.
type LouvainOptions struct {
	// Resolution is the weight of chance: more gives smaller communities.
	// Default: 1.
	Resolution float64

	// Seed orders the nodes at random. The same seed gives the same result.
	Seed uint64
}

// Louvain divides a graph into communities of high [Modularity]. It moves nodes
// between communities while that gains, then makes each community a node and
// begins again, until nothing moves. A community may fall apart into nodes that
// no edges join; [Leiden] mends that and is better in most cases.
//
// It returns [quintet.ErrInput] for a nil graph or a negative weight,
// [quintet.ErrOption] for a resolution out of range, or the error of ctx. It
// takes O(V+E) time a level in practice, on one goroutine, and up to 48 bytes an
// edge. Directions do not matter.
//
// Blondel, Guillaume, Lambiotte, Lefebvre, Fast Unfolding of Communities in Large
// Networks, Journal of Statistical Mechanics, 2008.
func Louvain[K comparable](ctx context.Context, g *Graph[K], o LouvainOptions) (*Communities[K], error) {
	resolution, err := resolutionOrDefault(o.Resolution)
	if err != nil {
		return nil, err
	}
	base, err := meshOf(ctx, g)
	if err != nil {
		return nil, err
	}
	rng := newRand(o.Seed)
	var levels [][]int32
	whole := single(base.order())
	for m := base; ; {
		group := single(m.order())
		if err := m.settle(ctx, group, resolution, rng); err != nil {
			return nil, err
		}
		groups := renumber(group)
		if len(levels) > 0 && groups == m.order() {
			break
		}
		project(whole, group)
		levels = append(levels, slices.Clone(whole))
		if groups == m.order() {
			break
		}
		m = m.merge(group, groups)
	}
	return newCommunities(g, base, levels, resolution), nil
}

// project replaces groups by the groups that these are in.
func project(whole, group []int32) {
	for u, c := range whole {
		whole[u] = group[c]
	}
}

// newCommunities makes the result of levels, of which there is one at least.
func newCommunities[K comparable](g *Graph[K], base *mesh, levels [][]int32, resolution float64) *Communities[K] {
	c := &Communities[K]{}
	for _, labels := range levels {
		c.Levels = append(c.Levels, newPartition(g, labels))
	}
	c.Partition = *c.Levels[len(c.Levels)-1]
	c.Modularity = base.modularity(c.Labels, c.Count(), resolution)
	return c
}

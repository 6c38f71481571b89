package faceid

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// ClusterOptions configures [Cluster].
type ClusterOptions struct {
	// MinScore is the mean [Cosine] between the faces of two groups from which on they
	// become one, -1 to 1. It depends on the network: see [Threshold]. Default: 0.4.
	MinScore float64
}

// Cluster groups faces that are like one another: at first each is a group of its own,
// then the two groups with the highest mean cosine between their faces become one, as
// long as that is at least MinScore (average linkage). Groups are the indexes of their
// faces in ascending order, in the order of their first; a face that is like no other is
// a group of one.
//
// Vectors that differ in length or have no direction are [quintet.ErrInput]. A cancelled
// context ends it. Time grows with the square of the number of faces times their length,
// memory with the faces: the nearest neighbour chain (Murtagh 1983) finds the same
// groups, and means are products of sums.
func Cluster(ctx context.Context, faces [][]float32, o ClusterOptions) ([][]int, error) {
	least, err := minScore(o.MinScore)
	if err != nil {
		return nil, err
	}
	groups := make([]*group, len(faces))
	for i, f := range faces {
		if groups[i], err = newGroup(i, f, len(faces[0])); err != nil {
			return nil, fmt.Errorf("face %d: %w", i, err)
		}
	}
	var done, chain []*group
	for len(groups) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(chain) == 0 {
			chain = groups[0].push(nil)
		}
		last := chain[len(chain)-1]
		var before *group
		if len(chain) > 1 {
			before = chain[len(chain)-2]
		}
		next, score := last.nearest(groups, before)
		switch {
		case next == nil || score < least: // nobody will ever be nearer
			done, chain = append(done, last), chain[:len(chain)-1]
			groups = slices.DeleteFunc(groups, func(g *group) bool { return g == last })
		case next == before:
			before.take(last)
			before.chained = false
			chain = chain[:len(chain)-2]
			groups = slices.DeleteFunc(groups, func(g *group) bool { return g == last })
		default:
			chain = next.push(chain)
		}
	}
	out := make([][]int, len(done))
	for i, g := range done {
		out[i] = slices.Sorted(slices.Values(g.members))
	}
	slices.SortFunc(out, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return out, nil
}

// group has the sum of the unit vectors of its members, so that the mean of the cosines
// between two groups is the product of their sums over that of their sizes.
type group struct {
	members []int
	sum     []float64
	chained bool
}

// push puts a group at the end of the chain.
func (g *group) push(chain []*group) []*group {
	g.chained = true
	return append(chain, g)
}

func newGroup(i int, face []float32, dim int) (*group, error) {
	if len(face) != dim {
		return nil, fmt.Errorf("vector of %d numbers, want %d: %w", len(face), dim, quintet.ErrInput)
	}
	if _, err := Cosine(face, face); err != nil {
		return nil, err
	}
	g := &group{members: []int{i}, sum: make([]float64, dim)}
	var norm float64
	for _, x := range face {
		norm += float64(x) * float64(x)
	}
	for k, x := range face {
		g.sum[k] = float64(x) / math.Sqrt(norm)
	}
	return g, nil
}

func (g *group) score(h *group) float64 {
	var dot float64
	for i, x := range g.sum {
		dot += x * h.sum[i]
	}
	return dot / float64(len(g.members)*len(h.members))
}

// nearest returns the group with the highest score, of equal ones that which is preferred
// or else the first. None in the chain but the preferred one can be it, save by rounding.
func (g *group) nearest(groups []*group, preferred *group) (best *group, score float64) {
	if preferred != nil {
		best, score = preferred, g.score(preferred)
	}
	for _, h := range groups {
		if h == g || h.chained {
			continue
		}
		if s := g.score(h); best == nil || s > score {
			best, score = h, s
		}
	}
	return best, score
}

func (g *group) take(h *group) {
	g.members = append(g.members, h.members...)
	for i, x := range h.sum {
		g.sum[i] += x
	}
}

package graph

import (
	"context"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// Measure says how alike two nodes are, by their neighbours. N(u) is the set of
// the neighbours of u, whatever the direction of edges, without u itself.
type Measure int

// The measures, with their source.
const (
	// Jaccard is |N(u) ∩ N(v)| / |N(u) ∪ N(v)|, 0 if neither node has a
	// neighbour. Jaccard, New Phytologist 11(2), 1912.
	Jaccard Measure = iota

	// AdamicAdar is Σ 1/ln|N(x)| over the common neighbours x. Adamic and
	// Adar, Friends and Neighbors on the Web, Social Networks 25(3), 2003.
	AdamicAdar

	// ResourceAllocation is Σ 1/|N(x)| over the common neighbours x. Zhou,
	// Lü, Zhang, Predicting Missing Links via Local Information, European
	// Physical Journal B 71, 2009.
	ResourceAllocation

	// CommonNeighbors is |N(u) ∩ N(v)|. Liben-Nowell and Kleinberg, The
	// Link-Prediction Problem for Social Networks, CIKM 2003, §3.
	CommonNeighbors

	// PreferentialAttachment is |N(u)| · |N(v)|. As CommonNeighbors.
	PreferentialAttachment
)

// Link is a pair of nodes with its score: a higher score is a likelier edge.
type Link[K comparable] struct {
	From  K       `json:"from"`
	To    K       `json:"to"`
	Score float64 `json:"score"`
}

// SimilarityOptions configures [Similarity]. The zero value is the measure of
// Jaccard.
type SimilarityOptions struct {
	// Measure is how to score pairs. Default: Jaccard.
	Measure Measure

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

// Similarity scores pairs of nodes by their neighbours, in the order of pairs.
// Loops, parallel edges and weights do not matter. A node of degree 1 has no
// logarithm to divide by, but is no common neighbour of two different nodes; a
// pair of a node with itself counts all its neighbours as common, and there those
// of degree 1 count 0 for AdamicAdar.
//
// It returns [quintet.ErrInput] for a nil graph or an unknown node,
// [quintet.ErrOption] for an unknown measure or negative Workers, or the error of
// ctx. A pair takes time linear in the degrees of its nodes; a graph with
// directions, loops or parallel edges takes O(V+E) first and up to 8 bytes an
// edge.
func Similarity[K comparable](
	ctx context.Context, g *Graph[K], pairs [][2]K, o SimilarityOptions,
) ([]Link[K], error) {
	workers, err := workersOrDefault(o.Workers)
	if err != nil {
		return nil, err
	}
	if err := o.Measure.check(); err != nil {
		return nil, err
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	ends := make([][2]int32, len(pairs))
	for i, pair := range pairs {
		for j, k := range pair {
			if ends[i][j], err = g.start(k); err != nil {
				return nil, err
			}
		}
	}
	r, err := c.simple(ctx, workers)
	if err != nil {
		return nil, err
	}
	const grain = 256 // pairs a goroutine takes at a time
	links := make([]Link[K], len(pairs))
	err = forBlocks(ctx, (len(pairs)+grain-1)/grain, workers, func(b, _ int) {
		for i := b * grain; i < min((b+1)*grain, len(pairs)); i++ {
			score := r.similarity(o.Measure, ends[i][0], ends[i][1])
			links[i] = Link[K]{From: pairs[i][0], To: pairs[i][1], Score: score}
		}
	})
	if err != nil {
		return nil, err
	}
	return links, ctx.Err()
}

func (m Measure) check() error {
	if m < Jaccard || m > PreferentialAttachment {
		return fmt.Errorf("graph: Measure is %d: %w", m, quintet.ErrOption)
	}
	return nil
}

// share returns what a common neighbour of some degree adds.
func (m Measure) share(degree int) float64 {
	switch {
	case m == AdamicAdar && degree > 1:
		return 1 / math.Log(float64(degree))
	case m == AdamicAdar:
		return 0
	case m == ResourceAllocation:
		return 1 / float64(degree)
	}
	return 1
}

// score returns the measure of two nodes of these degrees whose common neighbours
// have these shares in all.
func (m Measure) score(shares float64, a, b int) float64 {
	switch {
	case m == PreferentialAttachment:
		return float64(a) * float64(b)
	case m == Jaccard && a+b > 0:
		return shares / (float64(a+b) - shares)
	}
	return shares
}

// similarity scores a pair by a merge of its rows, which are simple.
func (r *rows) similarity(m Measure, u, v int32) float64 {
	a, b, shares := r.row(u), r.row(v), 0.0
	for i, j := 0, 0; i < len(a) && j < len(b) && m != PreferentialAttachment; {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			shares += m.share(r.degree(a[i]))
			i, j = i+1, j+1
		}
	}
	return m.score(shares, len(a), len(b))
}

package vector

import (
	"context"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// Fusion says how the results by vector, by text and by sparse vector become one
// ranking.
type Fusion int

// The ways to fuse.
const (
	ByRank  Fusion = iota // reciprocal rank fusion, see [FuseRRF]
	ByScore               // the sum of scaled scores, see [FuseScores]
)

// isHybrid reports whether the vectors alone do not answer a query.
func (q *Query) isHybrid() bool { return q.Text != "" || !q.Sparse.empty() }

// checkHybrid refuses and fills in what belongs to such a query.
func (q Query) checkHybrid(o Options) (Query, error) {
	switch {
	case q.Text != "" && !o.TextIndex:
		return q, fmt.Errorf("query has a text, the collection no TextIndex: %w", quintet.ErrInput)
	case q.Fusion < ByRank || q.Fusion > ByScore:
		return q, fmt.Errorf("unknown fusion %d: %w", int(q.Fusion), quintet.ErrInput)
	case !isWeight(q.TextWeight):
		return q, fmt.Errorf("TextWeight is %v: %w", q.TextWeight, quintet.ErrInput)
	case !isWeight(q.SparseWeight):
		return q, fmt.Errorf("SparseWeight is %v: %w", q.SparseWeight, quintet.ErrInput)
	case q.Candidates < 0:
		return q, fmt.Errorf("Candidates is %d: %w", q.Candidates, quintet.ErrInput)
	}
	if err := q.Sparse.check(); err != nil {
		return q, err
	}
	if q.TextWeight == 0 {
		q.TextWeight = 1
	}
	if q.SparseWeight == 0 {
		q.SparseWeight = 1
	}
	q, err := q.check(o)
	if q.Candidates == 0 {
		q.Candidates = max(100, 4*min(q.K, math.MaxInt32))
	}
	q.Candidates = max(q.Candidates, q.K)
	return q, err
}

func isWeight(w float64) bool { return w >= 0 && w <= math.MaxFloat32 } // not NaN

// part is one of the searches of a hybrid one.
type part[K Key] struct {
	search func(ctx context.Context, q Query, k int) ([]Hit[K], error)
	weight float64
}

func (c *Collection[K]) parts(q Query) (parts []part[K]) {
	if len(q.Vector) > 0 {
		parts = append(parts, part[K]{c.searchVector, 1})
	}
	if q.Text != "" {
		parts = append(parts, part[K]{c.searchText, q.TextWeight})
	}
	if !q.Sparse.empty() {
		parts = append(parts, part[K]{c.searchSparse, q.SparseWeight})
	}
	return parts
}

// hybrid answers a query with a text or a sparse vector, and with a vector or without.
func (c *Collection[K]) hybrid(ctx context.Context, q Query) ([]Hit[K], error) {
	q, err := q.checkHybrid(c.opt)
	if err != nil {
		return nil, err
	}
	parts := c.parts(q)
	if len(parts) == 1 {
		return parts[0].search(ctx, q, q.K)
	}
	o, lists := FuseOptions{Limit: q.K}, make([][]Hit[K], len(parts))
	for i, p := range parts {
		if lists[i], err = p.search(ctx, q, q.Candidates); err != nil {
			return nil, err
		}
		o.Weights = append(o.Weights, p.weight)
	}
	if q.Fusion == ByScore {
		return FuseScores(o, lists...)
	}
	return FuseRRF(o, lists...)
}

// searchVector returns the k items whose vectors are nearest.
func (c *Collection[K]) searchVector(ctx context.Context, q Query, k int) ([]Hit[K], error) {
	q.Text, q.Sparse, q.K = "", Sparse{}, k
	return c.search(ctx, q)
}

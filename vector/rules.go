package vector

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// Rules are what every [Store] asks of items and queries. Those who write one apply
// them, so that it refuses what a [Collection] refuses, for the same reasons.
type Rules struct {
	Dim       int    // from 1 to [MaxDim]
	Metric    Metric // of the scores
	TextIndex bool   // queries may have a Text
}

// Check returns an error wrapping [quintet.ErrOption] for rules that no store has.
func (r Rules) Check() error {
	switch {
	case r.Dim < 1 || r.Dim > MaxDim:
		return fmt.Errorf("Dim is %d, want 1 to %d: %w", r.Dim, MaxDim, quintet.ErrOption)
	case !r.Metric.known():
		return fmt.Errorf("unknown %v: %w", r.Metric, quintet.ErrOption)
	}
	return nil
}

// vector returns a copy of v as a store keeps it.
func (r Rules) vector(v []float32) ([]float32, error) {
	factor, err := r.Metric.scale(v, r.Dim)
	if err != nil {
		return nil, err
	}
	out := make([]float32, len(v))
	scaled(out, v, factor)
	return out, nil
}

// CheckItem returns an item as a store of these rules keeps it: a copy that shares
// nothing with it, in which the vector has norm 1 if the metric is [Cosine], and an
// empty Meta or Sparse is zero. The error wraps [quintet.ErrInput].
func CheckItem[K Key](r Rules, it Item[K]) (Item[K], error) {
	v, err := r.vector(it.Vector)
	if err != nil {
		return Item[K]{}, err
	}
	meta, err := it.Meta.clone()
	if err != nil {
		return Item[K]{}, err
	}
	if err := it.Sparse.check(); err != nil {
		return Item[K]{}, err
	}
	return Item[K]{ID: it.ID, Vector: v, Meta: meta, Text: it.Text, Sparse: it.Sparse.copied()}, nil
}

// CheckQuery returns a query with its defaults filled in: K, MaxDistance, which is
// +Inf if there is no bound, and, where they count, Candidates and the weights, which
// stay 0 else. Ef stays 0 for the store's default. The Vector, if there is one, is a
// copy that has norm 1 if the metric is [Cosine]. The error wraps [quintet.ErrInput];
// that of the Filter is in it.
func (r Rules) CheckQuery(q Query) (Query, error) {
	o := Options{Dim: r.Dim, Metric: r.Metric, TextIndex: r.TextIndex}
	check, hybrid := q.check, q.isHybrid()
	if hybrid {
		check = q.checkHybrid
	}
	v := q.Vector
	q, err := check(o)
	if err == nil && !(hybrid && len(v) == 0) {
		q.Vector, err = r.vector(v)
	}
	if err != nil {
		return Query{}, err
	}
	return q, nil
}

// Score returns that of a distance, which is not -0.
func (r Rules) Score(distance float64) float64 {
	switch r.Metric {
	case Cosine:
		return 1 - distance
	case Dot:
		return 0 - distance
	case Hamming:
		return 1 - distance/float64(r.Dim)
	default:
		return 1 / (1 + distance)
	}
}

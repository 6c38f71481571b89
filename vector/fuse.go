package vector

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// FuseOptions configures [FuseRRF] and [FuseScores]. The zero value is good.
type FuseOptions struct {
	// Limit is the most hits to return. Default: all.
	Limit int

	// Weights has one number for each list, finite and not negative, by which
	// what it adds is multiplied. Default: 1 for each.
	Weights []float64

	// RankConstant is the k of [FuseRRF]: the higher, the less the first places
	// of a list stand out. Default: 60, as in the paper.
	RankConstant float64
}

func (o FuseOptions) withDefaults(lists int) (FuseOptions, error) {
	switch {
	case o.Limit < 0:
		return o, fmt.Errorf("vector: Limit is %d: %w", o.Limit, quintet.ErrOption)
	case o.Weights != nil && len(o.Weights) != lists:
		return o, fmt.Errorf("vector: %d Weights for %d lists: %w", len(o.Weights), lists, quintet.ErrOption)
	case !(o.RankConstant >= 0 && o.RankConstant <= math.MaxFloat64): // NaN too
		return o, fmt.Errorf("vector: RankConstant is %v: %w", o.RankConstant, quintet.ErrOption)
	}
	for i, w := range o.Weights {
		if !(w >= 0 && w <= math.MaxFloat64) {
			return o, fmt.Errorf("vector: Weights[%d] is %v: %w", i, w, quintet.ErrOption)
		}
	}
	if o.Limit == 0 {
		o.Limit = math.MaxInt
	}
	if o.RankConstant == 0 {
		o.RankConstant = 60
	}
	return o, nil
}

func (o FuseOptions) weight(list int) float64 {
	if o.Weights == nil {
		return 1
	}
	return o.Weights[list]
}

// FuseRRF makes one ranking of several by reciprocal rank fusion: the Score of an
// item is the sum of
//
//	weight / (RankConstant + rank)
//
// over the lists that have it, where the first hit of a list has rank 1. Only the
// order of a list matters, so its scores may be on any scale. G. V. Cormack,
// C. L. A. Clarke and S. Büttcher, "Reciprocal rank fusion outperforms Condorcet and
// individual rank learning methods", SIGIR 2009.
//
// An item that comes again in a list keeps its first rank there. Hits come with the
// highest Score first, equal ones in the order in which they are first met in the
// first list, then the second, and so on. Their Distance is -Score, their Meta that
// of the first hit with one, not copied. The lists are not changed. The cost is
// O(n log n) for n hits; the error wraps [quintet.ErrOption].
func FuseRRF[K Key](o FuseOptions, lists ...[]Hit[K]) ([]Hit[K], error) {
	o, err := o.withDefaults(len(lists))
	if err != nil {
		return nil, err
	}
	return fuse(o, lists, func(_, at int) float64 { return 1 / (o.RankConstant + float64(at+1)) }), nil
}

// FuseScores makes one ranking of several by their scores: the Score of an item is
// the sum of
//
//	weight (score - min) / (max - min)
//
// over the lists that have it, with the lowest and highest score of the list; if
// they are equal the fraction is 1. Unlike [FuseRRF] it keeps how far hits are
// apart, and takes the last hit of a list for as bad as one that the list has not.
// So the lists should be longer than Limit.
//
// A score that is not finite counts as max if it is +Inf, else as min. The rest is
// as for [FuseRRF].
func FuseScores[K Key](o FuseOptions, lists ...[]Hit[K]) ([]Hit[K], error) {
	o, err := o.withDefaults(len(lists))
	if err != nil {
		return nil, err
	}
	extents := make([]extent, len(lists))
	for i, list := range lists {
		extents[i] = extentOf(list)
	}
	return fuse(o, lists, func(list, at int) float64 { return extents[list].part(lists[list][at].Score) }), nil
}

// fuse adds up, for each item, weight times share for every list that has it: the
// number of the list and the place of the hit in it.
func fuse[K Key](o FuseOptions, lists [][]Hit[K], share func(list, at int) float64) []Hit[K] {
	out := []Hit[K]{}
	type seen struct{ to, last int } // in out; the last list that has the item
	met := map[K]seen{}
	for i, list := range lists {
		for at, h := range list {
			p, ok := met[h.ID]
			if ok && p.last == i {
				continue
			}
			if !ok {
				p.to = len(out)
				out = append(out, Hit[K]{ID: h.ID})
			}
			p.last = i
			met[h.ID] = p
			out[p.to].Score += o.weight(i) * share(i, at)
			if out[p.to].Meta == nil {
				out[p.to].Meta = h.Meta
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Hit[K]) int { return cmp.Compare(b.Score, a.Score) })
	out = out[:min(o.Limit, len(out))]
	for i := range out {
		out[i].Distance = 0 - out[i].Score
	}
	return out
}

// extent is the range of the finite scores of a list.
type extent struct{ low, high float64 }

func extentOf[K Key](list []Hit[K]) extent {
	e := extent{math.Inf(1), math.Inf(-1)}
	for _, h := range list {
		if !math.IsInf(h.Score, 0) && !math.IsNaN(h.Score) {
			e.low, e.high = min(e.low, h.Score), max(e.high, h.Score)
		}
	}
	return e
}

// part returns where a score lies between low, 0, and high, 1.
func (e extent) part(score float64) float64 {
	switch {
	case math.IsNaN(score) || math.IsInf(score, -1):
		return 0
	case score >= e.high:
		return 1
	}
	return (score/2 - e.low/2) / (e.high/2 - e.low/2) // the difference may exceed float64
}

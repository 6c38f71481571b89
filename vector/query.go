package vector

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// DefaultK is how many hits a query without K gets.
const DefaultK = 10

// Query asks for the nearest items.
type Query struct {
	// Vector is what to search for; it obeys the rules of stored vectors.
	Vector []float32

	// Text searches the texts of the items for its words, by BM25; the
	// collection needs Options.TextIndex. Alone, Score is that of BM25 and only
	// items that share a word are found.
	Text string

	// Sparse searches the sparse vectors of the items. Alone, Score is the dot
	// product and only items that share a dimension are found, exactly; equal ones
	// come in no certain order. Distance is -Score.
	//
	// Two or all of Vector, Text and Sparse are a hybrid search: the best by each
	// are fused into one ranking, in which Distance is -Score.
	Sparse Sparse

	// Fusion says how the results of a hybrid search become one. Default: ByRank.
	Fusion Fusion

	// TextWeight and SparseWeight are how much the text and the sparse vector count
	// beside the vector, which counts 1. Default: 1.
	TextWeight   float64
	SparseWeight float64

	// Candidates is how many of the best by vector, by text and by sparse vector are
	// fused. Default: 100, or 4·K if that is more.
	Candidates int

	// K is the most hits to return; there are fewer only if fewer items
	// match. Default: 10.
	K int

	// Filter leaves out items. Default: all match.
	Filter Filter

	// MaxDistance leaves out hits by vector whose Distance is larger. With Dot it may
	// be negative: -5 asks for products of 5 and more. A search by a graph
	// leaves them out of the K nearest that it finds. Default: no bound.
	MaxDistance float64

	// Ef is how many candidates a search by a graph keeps, at most 65,536. It
	// is raised to K. Default: Options.EfSearch.
	Ef int

	// Exact compares with every vector, whatever the index.
	Exact bool
}

// check refuses and fills in everything but the vector.
func (q Query) check(o Options) (Query, error) {
	switch {
	case q.K < 0:
		return q, fmt.Errorf("K is %d: %w", q.K, quintet.ErrInput)
	case q.Ef < 0 || q.Ef > maxEf:
		return q, fmt.Errorf("Ef is %d, want 1 to %d: %w", q.Ef, maxEf, quintet.ErrInput)
	case math.IsNaN(q.MaxDistance) || q.MaxDistance < 0 && o.Metric != Dot:
		return q, fmt.Errorf("MaxDistance is %v: %w", q.MaxDistance, quintet.ErrInput)
	}
	if err := q.Filter.err(); err != nil {
		return q, err
	}
	if q.K == 0 {
		q.K = DefaultK
	}
	if q.Ef == 0 {
		q.Ef = o.EfSearch
	}
	if q.MaxDistance == 0 {
		q.MaxDistance = math.Inf(1)
	}
	return q, nil
}

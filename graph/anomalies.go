package graph

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// AnomaliesOptions configures [Anomalies]. The zero value is good.
type AnomaliesOptions struct {
	// Threshold is the score from which a node is unusual, above 0. Default: 3.5.
	Threshold float64

	// Limit is how many anomalies to return at most. Default: 100.
	Limit int

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

func (o AnomaliesOptions) withDefaults() (AnomaliesOptions, error) {
	switch {
	case !(o.Threshold >= 0 && o.Threshold <= math.MaxFloat64):
		return o, fmt.Errorf("graph: Threshold is %v: %w", o.Threshold, quintet.ErrOption)
	case o.Limit < 0:
		return o, fmt.Errorf("graph: Limit is %d: %w", o.Limit, quintet.ErrOption)
	}
	if o.Threshold == 0 {
		o.Threshold = 3.5
	}
	if o.Limit == 0 {
		o.Limit = 100
	}
	workers, err := workersOrDefault(o.Workers)
	o.Workers = workers
	return o, err
}

// Feature is what is unusual about a node.
type Feature string

// The features.
const (
	FeatureDegree     Feature = "degree"     // as Graph.Degree counts it; compared by ln(1+degree)
	FeatureClustering Feature = "clustering" // as Clustering measures it, of nodes with two neighbours or more
)

// Anomaly is a node that is unlike the others.
type Anomaly[K comparable] struct {
	Node    K       `json:"node"`
	Feature Feature `json:"feature"`
	Value   float64 `json:"value"`  // of the feature
	Median  float64 `json:"median"` // of all nodes that have the feature, on the scale of Value
	Score   float64 `json:"score"`  // how unusual the value is, at least the threshold
}

// Anomalies finds the nodes with an unusual number of edges or an unusual part of
// neighbours that know each other, most unusual first; equal ones are in the order of
// the features and then of the node index. The score is the absolute robust z,
//
//	|x - median| / (1.4826 · median |x - median|)
//
// or with 1.2533 times the mean of |x - median| below if more than half of the nodes
// have one value. Both are standard deviations if x is normal, which the features
// rarely are: take the result as a list of nodes to look at. A graph in which all
// nodes are alike has none.
//
// Errors and cost are those of [Clustering]. It returns [quintet.ErrOption] for an
// option out of range.
//
// Iglewicz and Hoaglin, How to Detect and Handle Outliers, ASQC 1993, §3.
func Anomalies[K comparable](ctx context.Context, g *Graph[K], o AnomaliesOptions) ([]Anomaly[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := Clustering(ctx, g, ClusteringOptions{Workers: o.Workers})
	if err != nil {
		return nil, err
	}
	degree, err := g.CSR().degreeOf(ctx, Both)
	if err != nil {
		return nil, err
	}
	near, err := simpleRows(ctx, g, o.Workers)
	if err != nil {
		return nil, err
	}
	var degrees, coefficients sampled
	for u := range int32(g.Order()) {
		degrees.add(u, math.Log1p(float64(degree(u))))
		if near.degree(u) > 1 {
			coefficients.add(u, c.Values[u])
		}
	}
	var out []Anomaly[K]
	degrees.unusual(o.Threshold, func(u int32, _, median, score float64) {
		d := float64(degree(u))
		out = append(out, Anomaly[K]{g.keys[u], FeatureDegree, d, math.Expm1(median), score})
	})
	coefficients.unusual(o.Threshold, func(u int32, value, median, score float64) {
		out = append(out, Anomaly[K]{g.keys[u], FeatureClustering, value, median, score})
	})
	slices.SortStableFunc(out, func(a, b Anomaly[K]) int { return cmp.Compare(b.Score, a.Score) })
	return out[:min(len(out), o.Limit)], ctx.Err()
}

// sampled is the values of some nodes.
type sampled struct {
	nodes  []int32
	values []float64
}

func (s *sampled) add(u int32, value float64) {
	s.nodes, s.values = append(s.nodes, u), append(s.values, value)
}

// unusual calls found with the nodes whose values score the threshold or more.
func (s *sampled) unusual(threshold float64, found func(u int32, value, median, score float64)) {
	median := middle(s.values)
	apart, sum := make([]float64, len(s.values)), 0.0
	for i, x := range s.values {
		apart[i] = math.Abs(x - median)
		sum += apart[i]
	}
	deviation := 1.4826 * middle(apart)
	if deviation == 0 {
		deviation = 1.2533 * sum / float64(max(len(apart), 1))
	}
	if deviation == 0 {
		return
	}
	for i, u := range s.nodes {
		if score := apart[i] / deviation; score >= threshold {
			found(u, s.values[i], median, score)
		}
	}
}

// middle returns the median, the mean of the middle two of an even number, 0 of none.
func middle(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

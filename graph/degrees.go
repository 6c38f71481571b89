package graph

import (
	"context"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// Direction says which edges of a node count.
type Direction int

// The directions. They differ in directed graphs only.
const (
	Both Direction = iota // all edges of the node
	Out                   // edges that leave it
	In                    // edges that lead to it
)

// DegreesOptions configures [Degrees]. The zero value counts all edges.
type DegreesOptions struct {
	// Direction is which edges count in a directed graph. Default: Both.
	Direction Direction
}

// DegreeCount is a degree and the number of nodes that have it.
type DegreeCount struct {
	Degree int `json:"degree"`
	Nodes  int `json:"nodes"`
}

// DegreeStats describes the degrees of the nodes of a graph. It is zero for a
// graph without nodes.
type DegreeStats struct {
	Min       int           `json:"min"`
	Max       int           `json:"max"`
	Mean      float64       `json:"mean"`
	Median    float64       `json:"median"`    // the mean of the middle two, if two are in the middle
	Histogram []DegreeCount `json:"histogram"` // by degree, without degrees that no node has
}

// Degrees returns the distribution of the degrees: as [Graph.Degree] counts them,
// or in a directed graph [Graph.OutDegree] or [Graph.InDegree].
//
// It returns [quintet.ErrInput] for a nil graph, [quintet.ErrOption] for an
// unknown direction, or the error of ctx. It takes O(V+E) time, and memory for
// the edges of a directed graph backwards unless the direction is Out.
func Degrees[K comparable](ctx context.Context, g *Graph[K], o DegreesOptions) (DegreeStats, error) {
	if o.Direction < Both || o.Direction > In {
		return DegreeStats{}, fmt.Errorf("graph: Direction is %d: %w", o.Direction, quintet.ErrOption)
	}
	c, err := view(ctx, g)
	if err != nil {
		return DegreeStats{}, err
	}
	degree, err := c.degreeOf(ctx, o.Direction)
	if err != nil {
		return DegreeStats{}, err
	}
	return describe(c.order(), degree), nil
}

// degreeOf returns what counts the ends of edges at a node.
func (c *CSR) degreeOf(ctx context.Context, d Direction) (func(u int32) int, error) {
	switch {
	case !c.directed:
		return func(u int32) int { return c.degree(u) + c.loopsAt(u) }, nil
	case d == Out:
		return c.degree, nil
	}
	in, err := c.reverse(ctx)
	if err != nil {
		return nil, err
	}
	if d == In {
		return in.degree, nil
	}
	return func(u int32) int { return c.degree(u) + in.degree(u) }, nil
}

// describe makes the statistics of n degrees.
func describe(n int, degree func(int32) int) DegreeStats {
	if n == 0 {
		return DegreeStats{}
	}
	var count []int // of nodes, by degree
	sum := 0
	for u := range int32(n) {
		d := degree(u)
		for d >= len(count) {
			count = append(count, 0)
		}
		count[d]++
		sum += d
	}
	s := DegreeStats{Min: -1, Mean: float64(sum) / float64(n)}
	seen := 0
	for d, nodes := range count {
		if nodes == 0 {
			continue
		}
		if s.Min < 0 {
			s.Min = d
		}
		s.Max = d
		s.Histogram = append(s.Histogram, DegreeCount{Degree: d, Nodes: nodes})
		for _, middle := range [2]int{(n - 1) / 2, n / 2} {
			if seen <= middle && middle < seen+nodes {
				s.Median += float64(d) / 2
			}
		}
		seen += nodes
	}
	return s
}

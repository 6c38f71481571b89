package graph

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/quintet-ai/quintet"
)

// ForceLayoutOptions configures [ForceLayout]. The zero value is good.
type ForceLayoutOptions struct {
	// Iterations is how often the nodes move, at each level. Default: 200.
	Iterations int

	// Theta is how coarsely far nodes are seen: a square of nodes acts as one
	// if its side is less than Theta times its distance. Default: 1.
	Theta float64

	// Seed places the nodes at first. The same seed gives the same result.
	Seed uint64

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

func (o ForceLayoutOptions) withDefaults() (ForceLayoutOptions, error) {
	switch {
	case o.Iterations < 0:
		return o, fmt.Errorf("graph: Iterations is %d: %w", o.Iterations, quintet.ErrOption)
	case !(o.Theta >= 0 && o.Theta <= math.MaxFloat32):
		return o, fmt.Errorf("graph: Theta is %v: %w", o.Theta, quintet.ErrOption)
	}
	if o.Iterations == 0 {
		o.Iterations = 200
	}
	if o.Theta == 0 {
		o.Theta = 1
	}
	workers, err := workersOrDefault(o.Workers)
	o.Workers = workers
	return o, err
}

// ForceLayout places nodes as if edges were springs and nodes repelled each other,
// so that communities stand together. The mean length of the edges of each connected
// component is 1; components stand side by side, each with its longer axis level.
// Directions and loops do not matter; an edge pulls with the square root of its weight.
//
// It returns [quintet.ErrInput] for a nil graph or a negative weight,
// [quintet.ErrOption] for an option out of range, or the error of ctx. It takes
// O(V·log V + E) time an iteration, and up to 400 bytes a node and 100 an edge.
//
// Edges pull with the square of their length: Fruchterman and Reingold, Software:
// Practice and Experience 21(11), 1991. Nodes repel by their degrees and move at the
// speeds of ForceAtlas2: Jacomy, Venturini, Heymann, Bastian, PLoS ONE 9(6), 2014.
// Far nodes act together by the tree of Barnes and Hut, Nature 324, 1986. As in
// Walshaw, A Multilevel Algorithm for Force-Directed Graph Drawing, Graph Drawing
// 2000, it begins with a small graph in which neighbours are one node.
func ForceLayout[K comparable](ctx context.Context, g *Graph[K], o ForceLayoutOptions) (*Layout[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	whole, err := meshOf(ctx, g)
	if err != nil {
		return nil, err
	}
	parts, err := Components(ctx, g, ComponentsOptions{Workers: o.Workers})
	if err != nil {
		return nil, err
	}
	l := &Layout[K]{Points: make([]Point, g.Order()), g: g}
	members, local := membersOf(parts.Labels, parts.Count())
	rng := newRand(o.Seed)
	for _, nodes := range members {
		points, err := settle(ctx, whole.springs(nodes, local), rng, o)
		if err != nil {
			return nil, err
		}
		level(points)
		for i, u := range nodes {
			l.Points[u] = points[i]
		}
	}
	pack(l.Points, members)
	return l, ctx.Err()
}

// membersOf returns the nodes of each group and the place of each node in its
// group.
func membersOf(labels []int32, groups int) (members [][]int32, local []int32) {
	members, local = make([][]int32, groups), make([]int32, len(labels))
	for u, group := range labels {
		local[u] = int32(len(members[group]))
		members[group] = append(members[group], int32(u))
	}
	return members, local
}

// springs returns the nodes of a component as a mesh of their own, whose strengths
// are degrees plus 1: the charges that repel.
func (m *mesh) springs(nodes, local []int32) *mesh {
	s := &mesh{off: make([]uint32, 1, len(nodes)+1), w: []float64{}, strength: make([]float64, len(nodes))}
	sum := 0.0
	for i, u := range nodes {
		row, ws := m.row(u)
		for j, v := range row {
			pull := 1.0
			if ws != nil {
				pull = math.Sqrt(ws[j])
			}
			s.adj, s.w = append(s.adj, local[v]), append(s.w, pull)
			sum += pull
		}
		s.off = append(s.off, uint32(len(s.adj)))
		s.strength[i] = float64(len(row)) + 1
	}
	if sum > 0 {
		mean := sum / float64(len(s.w))
		for i := range s.w {
			s.w[i] /= mean
		}
	}
	return s
}

// settle places the nodes of a connected mesh: those of a smaller one first, if
// there is one, and then each near the node that it is part of.
func settle(ctx context.Context, m *mesh, rng *rand.Rand, o ForceLayoutOptions) ([]Point, error) {
	const small = 24
	points := make([]Point, m.order())
	if m.order() == 1 {
		return points, ctx.Err()
	}
	var coarse []Point
	group, groups := m.match(rng)
	if m.order() > small && groups < m.order()*9/10 {
		var err error
		if coarse, err = settle(ctx, m.merge(group, groups), rng, o); err != nil {
			return nil, err
		}
	}
	spread := math.Sqrt(float64(m.order()))
	for u := range points {
		at := Point{rng.Float64() - 0.5, rng.Float64() - 0.5}
		if coarse == nil {
			points[u] = Point{at.X * spread, at.Y * spread}
		} else {
			points[u] = Point{coarse[group[u]].X + at.X/4, coarse[group[u]].Y + at.Y/4}
		}
	}
	f := newForces(m, points, o)
	for range o.Iterations {
		if err := f.step(ctx); err != nil {
			return nil, err
		}
	}
	m.unit(points)
	return points, nil
}

// match pairs nodes with the neighbour to which the edge is heaviest and returns
// the pair of each node.
func (m *mesh) match(rng *rand.Rand) (group []int32, groups int) {
	group = make([]int32, m.order())
	for u := range group {
		group[u] = -1
	}
	for _, u := range shuffled(m.order(), rng) {
		if group[u] >= 0 {
			continue
		}
		row, ws := m.row(u)
		best, weight := int32(-1), -1.0
		for i, v := range row {
			if w := ws[i] / m.strength[v]; group[v] < 0 && v != u && w > weight {
				best, weight = v, w
			}
		}
		group[u] = int32(groups)
		if best >= 0 {
			group[best] = int32(groups)
		}
		groups++
	}
	return group, groups
}

// unit scales points so that the mean length of an edge is 1.
func (m *mesh) unit(points []Point) {
	sum := 0.0
	for u, p := range points {
		row, _ := m.row(int32(u))
		for _, v := range row {
			sum += length(points[v].X-p.X, points[v].Y-p.Y)
		}
	}
	if sum == 0 {
		return
	}
	scale := float64(len(m.adj)) / sum
	for u := range points {
		points[u] = Point{points[u].X * scale, points[u].Y * scale}
	}
}

// length is that of a vector. The conversions keep products from being fused into
// sums, which differs between processors.
func length(x, y float64) float64 { return math.Sqrt(float64(x*x) + float64(y*y)) }

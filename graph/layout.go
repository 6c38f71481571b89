package graph

// Point is a place in a drawing: X grows to the right and Y downwards.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Layout gives each node of a graph a place. The package graph/picture draws it.
type Layout[K comparable] struct {
	// Points are the places by node index.
	Points []Point

	// Layers are the layers of [LayeredLayout] by node index, from 0; nil for
	// other layouts.
	Layers []int32

	// Bends are the points that an edge passes between its ends, from From to
	// To, by the order of [Graph.Edges]; nil if all edges are straight.
	Bends [][]Point

	g *Graph[K]
}

// Of returns the place of a node, and whether there is such a node.
func (l *Layout[K]) Of(k K) (Point, bool) {
	if u, ok := l.g.Index(k); ok {
		return l.Points[u], true
	}
	return Point{}, false
}

// Bounds returns the corners of the least rectangle that holds all points and
// bends; both are zero for the empty graph.
func (l *Layout[K]) Bounds() (lo, hi Point) {
	if len(l.Points) == 0 {
		return lo, hi
	}
	lo, hi = cornersOf(l.Points)
	for _, bends := range l.Bends {
		if len(bends) > 0 {
			a, b := cornersOf(bends)
			lo, hi = Point{min(lo.X, a.X), min(lo.Y, a.Y)}, Point{max(hi.X, b.X), max(hi.Y, b.Y)}
		}
	}
	return lo, hi
}

// cornersOf returns the corners of some points, at least one.
func cornersOf(points []Point) (lo, hi Point) {
	lo, hi = points[0], points[0]
	for _, p := range points {
		lo = Point{min(lo.X, p.X), min(lo.Y, p.Y)}
		hi = Point{max(hi.X, p.X), max(hi.Y, p.Y)}
	}
	return lo, hi
}

package graph

// Field is the force of charges on one of 1 at p, by the tree.
func Field(points []Point, charges []float64, p Point, theta float64) Point {
	var t quadtree
	t.build(points, charges)
	return t.field(p, theta)
}

// Inversions is inversions.
var Inversions = inversions

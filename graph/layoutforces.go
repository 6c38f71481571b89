package graph

import (
	"context"
	"math"
)

const (
	repulsion = 2.0 // of two charges of 1 at distance 1
	gravity   = 0.05
	jitter    = 1.0 // how much swinging is borne
)

// forces moves the nodes of a mesh.
type forces struct {
	m         *mesh
	points    []Point
	opt       ForceLayoutOptions
	tree      quadtree
	now, last []Point // force on each node in this step and the one before
	speed     float64
}

func newForces(m *mesh, points []Point, o ForceLayoutOptions) *forces {
	n := m.order()
	return &forces{m: m, points: points, opt: o, now: make([]Point, n), last: make([]Point, n), speed: 1}
}

func (f *forces) step(ctx context.Context) error {
	const nodes = 256 // of a block
	f.tree.build(f.points, f.m.strength)
	f.now, f.last = f.last, f.now
	blocks := (len(f.points) + nodes - 1) / nodes
	err := forBlocks(ctx, blocks, f.opt.Workers, func(b, _ int) {
		for u := b * nodes; u < min((b+1)*nodes, len(f.points)); u++ {
			f.now[u] = f.on(int32(u))
		}
	})
	if err == nil {
		f.move()
	}
	return err
}

// on returns the force on node u.
func (f *forces) on(u int32) Point {
	p, charge := f.points[u], f.m.strength[u]
	away := f.tree.field(p, f.opt.Theta)
	out := Point{away.X * (repulsion * charge), away.Y * (repulsion * charge)}
	if d := length(p.X, p.Y); d > 0 {
		out.X -= float64(gravity * charge * p.X / d)
		out.Y -= float64(gravity * charge * p.Y / d)
	}
	row, ws := f.m.row(u)
	for i, v := range row {
		x, y := f.points[v].X-p.X, f.points[v].Y-p.Y
		pull := ws[i] * length(x, y)
		out.X += float64(pull * x)
		out.Y += float64(pull * y)
	}
	return out
}

// move moves each node along its force, less if the force keeps turning: §3.3 of
// the paper.
func (f *forces) move() {
	swings, pulls := 0.0, 0.0
	for u, now := range f.now {
		last, charge := f.last[u], f.m.strength[u]
		swings += float64(charge * length(now.X-last.X, now.Y-last.Y))
		pulls += float64(charge * length(now.X+last.X, now.Y+last.Y) / 2)
	}
	if swings == 0 {
		return
	}
	f.speed = min(jitter*pulls/swings, 1.5*f.speed)
	for u, now := range f.now {
		swing := length(now.X-f.last[u].X, now.Y-f.last[u].Y)
		by := 0.1 * f.speed / (1 + float64(f.speed*math.Sqrt(swing)))
		if d := length(now.X, now.Y); d > 0 {
			by = min(by, 10/d)
		}
		f.points[u].X += float64(by * now.X)
		f.points[u].Y += float64(by * now.Y)
	}
}

// quadtree holds charges in squares that are cut into four as long as they hold
// more than one.
type quadtree struct{ cells []quadcell }

// quadcell is a square. A child is an index, 0 for none; a leaf has none.
type quadcell struct {
	x, y, charge float64 // centre of the charges, and their sum
	side         float64
	midX, midY   float64
	child        [4]int32
	leaf         bool
}

// maxQuadDepth is where charges in one place become one.
const maxQuadDepth = 40

func (t *quadtree) build(points []Point, charges []float64) {
	lo, hi := cornersOf(points)
	t.cells = append(t.cells[:0], quadcell{
		side: max(hi.X-lo.X, hi.Y-lo.Y), midX: (lo.X + hi.X) / 2, midY: (lo.Y + hi.Y) / 2,
	})
	for u, p := range points {
		t.insert(p, charges[u])
	}
	for i := range t.cells {
		if c := &t.cells[i]; !c.leaf {
			c.x /= c.charge
			c.y /= c.charge
		}
	}
}

// insert adds a charge to the squares that it is in. A square that is no leaf holds
// moments in x and y until all are in.
func (t *quadtree) insert(p Point, charge float64) {
	at := int32(0)
	for depth := 0; ; depth++ {
		c := &t.cells[at]
		switch {
		case c.charge == 0 && at != 0:
			c.x, c.y, c.charge, c.leaf = p.X, p.Y, charge, true
			return
		case c.leaf && (depth >= maxQuadDepth || c.x == p.X && c.y == p.Y):
			c.charge += charge
			return
		case c.leaf:
			old := *c
			c.x, c.y, c.leaf = c.x*c.charge, c.y*c.charge, false
			next := t.cell(at, Point{old.x, old.y})
			n := &t.cells[next]
			n.x, n.y, n.charge, n.leaf = old.x, old.y, old.charge, true
			c = &t.cells[at]
		}
		c.x += float64(p.X * charge)
		c.y += float64(p.Y * charge)
		c.charge += charge
		at = t.cell(at, p)
	}
}

// cell returns the quarter of a square that p is in and makes it if it is not there.
func (t *quadtree) cell(at int32, p Point) int32 {
	c := t.cells[at]
	quarter, half := 0, c.side/2
	x, y := c.midX-half/2, c.midY-half/2
	if p.X > c.midX {
		quarter, x = 1, c.midX+half/2
	}
	if p.Y > c.midY {
		quarter, y = quarter+2, c.midY+half/2
	}
	if c.child[quarter] == 0 {
		t.cells[at].child[quarter] = int32(len(t.cells))
		t.cells = append(t.cells, quadcell{side: half, midX: x, midY: y})
	}
	return t.cells[at].child[quarter]
}

// field returns the force of all charges on one of 1 at p: charge by distance.
func (t *quadtree) field(p Point, theta float64) (sum Point) {
	var stack [4 * maxQuadDepth]int32 // three at each depth stay behind
	top := 1
	for top > 0 {
		top--
		c := &t.cells[stack[top]]
		x, y := p.X-c.x, p.Y-c.y
		d2 := float64(x*x) + float64(y*y)
		if !c.leaf && float64(c.side*c.side) >= float64(theta*theta)*d2 {
			for _, child := range c.child {
				if child != 0 {
					stack[top] = child
					top++
				}
			}
			continue
		}
		if d2 > 0 {
			sum.X += float64(c.charge * x / d2)
			sum.Y += float64(c.charge * y / d2)
		}
	}
	return sum
}

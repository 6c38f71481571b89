package graph

import (
	"context"
	"slices"
	"sort"
)

// matcher searches for the nodes of a in b, depth first, in an order in which each
// node has as many neighbours before it as possible. Around means neighbours in any
// direction.
type matcher struct {
	a, b             *CSR
	aroundA, aroundB *rows
	whole            bool // a is to be all of b
	exact            bool // nodes of b have no edges between them that a has not
	nodes            func(u, v int32) bool
	edges            func(x, y arc) bool
	maxSteps         int
	maxMatches       int

	falling []int32 // nodes of b by degree, the highest first
	order   []place
	image   []int32   // node of b, by node of a; -1 is none yet
	taken   []bool    // by node of b: it is an image
	touched []int32   // by node of b: how many images are around it
	pools   [][]int32 // by depth: the candidates
	next    []int     // by depth: the next of them

	found    [][]int32
	complete bool
	steps    int
	work     int
}

// place is a node of a in the order of the search.
type place struct {
	node   int32
	parent int32 // a node around it that comes before; -1 is none
	near   int   // nodes around it that come later and have others before node around them
	far    int   // nodes around it that come later and have not
}

func newMatcher(ctx context.Context, a, b *CSR) (*matcher, error) {
	m := &matcher{a: a, b: b, image: slices.Repeat([]int32{-1}, a.order()), taken: make([]bool, b.order())}
	m.touched, m.next = make([]int32, b.order()), make([]int, a.order())
	m.pools = make([][]int32, a.order())
	var err error
	if m.aroundA, err = a.simple(ctx, 1); err != nil {
		return nil, err
	}
	if m.aroundB, err = b.simple(ctx, 1); err != nil {
		return nil, err
	}
	m.order, m.falling = m.aroundA.searchOrder(), m.aroundB.falling()
	return m, nil
}

// searchOrder puts next the node with the most neighbours before it, of these the
// one with the most in all.
func (r *rows) searchOrder() []place {
	n := r.order()
	before, parent, done := make([]int32, n), slices.Repeat([]int32{-1}, n), make([]bool, n)
	var q queue
	push := func(u int32) { q.push(-float64(before[u])*float64(n)-float64(r.degree(u)), u) }
	for u := range int32(n) {
		push(u)
	}
	order := make([]place, 0, n)
	for len(q) > 0 {
		u := q.pop().node
		if done[u] { // in the queue again with fewer neighbours
			continue
		}
		done[u] = true
		p := place{node: u, parent: parent[u]}
		for _, v := range r.row(u) {
			if done[v] {
				continue
			}
			if before[v] > 0 {
				p.near++
			} else {
				p.far++
				parent[v] = u
			}
			before[v]++
			push(v)
		}
		order = append(order, p)
	}
	return order
}

func (m *matcher) run(ctx context.Context) error {
	for depth := m.enter(0); ; {
		if depth == len(m.order) {
			m.found = append(m.found, slices.Clone(m.image))
			if depth == 0 {
				m.complete = true
			}
			if depth == 0 || len(m.found) == m.maxMatches {
				return ctx.Err()
			}
			depth = m.release(depth - 1)
		}
		v, ok, err := m.candidate(ctx, depth)
		switch {
		case err != nil:
			return err
		case ok && m.steps == m.maxSteps:
			return ctx.Err()
		case ok:
			if m.steps++; m.fits(m.order[depth], v) {
				m.assign(m.order[depth].node, v)
				depth = m.enter(depth + 1)
			}
		case depth == 0:
			m.complete = true
			return ctx.Err()
		default:
			depth = m.release(depth - 1)
		}
	}
}

// enter sets the candidates of a depth: those around the image of a node around it,
// or all with enough neighbours.
func (m *matcher) enter(depth int) int {
	if depth == len(m.order) {
		return depth
	}
	m.next[depth] = 0
	p := m.order[depth]
	if p.parent >= 0 {
		m.pools[depth] = m.aroundB.row(m.image[p.parent])
		return depth
	}
	lo, degree := 0, m.aroundA.degree(p.node)
	hi := sort.Search(len(m.falling), func(i int) bool { return m.aroundB.degree(m.falling[i]) < degree })
	if m.whole {
		lo = sort.Search(hi, func(i int) bool { return m.aroundB.degree(m.falling[i]) <= degree })
	}
	m.pools[depth] = m.falling[lo:hi]
	return depth
}

// candidate returns the next candidate of a depth, and whether there is one.
func (m *matcher) candidate(ctx context.Context, depth int) (v int32, ok bool, err error) {
	if m.work++; m.work >= blockWork {
		m.work = 0
		if err := ctx.Err(); err != nil {
			return 0, false, err
		}
	}
	i := m.next[depth]
	if i == len(m.pools[depth]) {
		return 0, false, nil
	}
	m.next[depth]++
	return m.pools[depth][i], true, nil
}

func (m *matcher) assign(u, v int32) {
	m.image[u], m.taken[v] = v, true
	row := m.aroundB.row(v)
	for _, x := range row {
		m.touched[x]++
	}
	m.work += len(row)
}

// release takes back the image of a depth, and returns the depth.
func (m *matcher) release(depth int) int {
	u := m.order[depth].node
	v := m.image[u]
	m.image[u], m.taken[v] = -1, false
	row := m.aroundB.row(v)
	for _, x := range row {
		m.touched[x]--
	}
	m.work += len(row)
	return depth
}

// fits reports whether v may be the image of the node of a place, as far as the
// images before tell.
func (m *matcher) fits(p place, v int32) bool {
	u := p.node
	a, b := m.aroundA.degree(u), m.aroundB.degree(v)
	if m.taken[v] || b < a || m.whole && b != a || !m.room(p, v) {
		return false
	}
	if m.nodes != nil && !m.nodes(u, v) {
		return false
	}
	if !m.alike(u, u, v, v) {
		return false
	}
	images := int32(0)
	for _, x := range m.aroundA.row(u) {
		y := m.image[x]
		if y < 0 {
			continue
		}
		images++
		if !m.alike(u, x, v, y) || m.a.directed && !m.alike(x, u, y, v) {
			return false
		}
	}
	m.work += a
	return !m.exact || images == m.touched[v]
}

// room reports whether the nodes around v that are no images yet suffice for those
// around the node of a place: near ones have images around them, far ones have not.
func (m *matcher) room(p place, v int32) bool {
	near, far := 0, 0
	for _, x := range m.aroundB.row(v) {
		switch {
		case m.taken[x]:
		case m.touched[x] > 0:
			near++
		default:
			far++
		}
	}
	m.work += m.aroundB.degree(v)
	switch {
	case m.whole:
		return near == p.near && far == p.far
	case m.exact:
		return near >= p.near && far >= p.far
	}
	return near >= p.near && near+far >= p.near+p.far
}

// alike reports whether the edges from u to x may become those from v to y.
func (m *matcher) alike(u, x, v, y int32) bool {
	a, endA := m.a.between(u, x)
	b, endB := m.b.between(v, y)
	if endB-b < endA-a || m.exact && endB-b != endA-a {
		return false
	}
	for ; m.edges != nil && a < endA; a, b = a+1, b+1 {
		if !m.edges(arc{u, x, float32(m.a.weight(a))}, arc{v, y, float32(m.b.weight(b))}) {
			return false
		}
	}
	return true
}

// between returns the places of the edges from u to v.
func (c *CSR) between(u, v int32) (lo, hi uint32) {
	row := c.row(u)
	i, _ := slices.BinarySearch(row, v)
	lo = c.off[u] + uint32(i)
	for hi = lo; hi < c.off[u+1] && c.adj[hi] == v; hi++ {
	}
	return lo, hi
}

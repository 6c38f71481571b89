package graph

import "slices"

// Labels of blossoms that no other is around: even and odd nodes of trees, and those
// of no tree.
const (
	free  = iota
	outer // at an even distance from the root
	inner
)

// blossom is a node, or an odd cycle of smaller blossoms. A matching takes every
// second edge of the cycle, and leaves the first out.
type blossom struct {
	parent   int32 // the blossom around it, -1 is none
	base     int32 // the node that has its mate outside, or none
	root     int32 // of the tree
	label    uint8
	dual     float64
	from     [2]int32   // edge that leads to it in the tree, from outside; first is -1 at the root
	children []int32    // the first holds base; nil is a node, or not in use
	links    [][2]int32 // edges from each child to the next
}

// whole reports whether a cycle is in use and no other is around it.
func (b *blossom) whole() bool { return b.children != nil && b.parent < 0 }

// sign is 1 for outer, -1 for inner.
func (b *blossom) sign() float64 {
	switch b.label {
	case outer:
		return 1
	case inner:
		return -1
	}
	return 0
}

// nodes appends the nodes of a blossom.
func (d *duals) nodes(b int32, to []int32) []int32 {
	if int(b) < d.r.order() {
		return append(to, b)
	}
	for _, child := range d.blossoms[b].children {
		to = d.nodes(child, to)
	}
	return to
}

func (d *duals) outer(b int32, from [2]int32, root int32) {
	x := &d.blossoms[b]
	x.label, x.from, x.root = outer, from, root
	d.queue = d.nodes(b, d.queue)
}

// shrink makes a blossom of two paths from the ends u and v of an edge: up leads to
// the blossom that both paths lead to, down to the one before.
func (d *duals) shrink(u, v int32, up, down []int32) {
	var x blossom
	slices.Reverse(up)
	for _, b := range up[1:] {
		x.links = append(x.links, d.blossoms[b].from)
	}
	x.links = append(x.links, [2]int32{u, v})
	for _, b := range down {
		from := d.blossoms[b].from
		x.links = append(x.links, [2]int32{from[1], from[0]})
	}
	x.children = slices.Concat(up, down)
	first := &d.blossoms[up[0]]
	x.parent, x.base, x.root, x.label, x.from = -1, first.base, first.root, outer, first.from
	id := d.add(x)
	for _, child := range x.children {
		c := &d.blossoms[child]
		if c.label == inner {
			d.queue = d.nodes(child, d.queue)
		}
		c.parent = id
	}
	d.cover(id)
}

func (d *duals) add(x blossom) int32 {
	if last := len(d.spare) - 1; last >= 0 {
		id := d.spare[last]
		d.spare = d.spare[:last]
		d.blossoms[id] = x
		return id
	}
	d.blossoms = append(d.blossoms, x)
	return int32(len(d.blossoms) - 1)
}

// cover makes a blossom the top of its nodes.
func (d *duals) cover(b int32) {
	for _, u := range d.nodes(b, nil) {
		d.top[u] = b
	}
}

// augment matches the ends of an edge, which are in two trees, and exchanges the
// edges up to both roots. The trees come to an end.
func (d *duals) augment(u, v int32) {
	roots := [2]int32{d.blossoms[d.top[u]].root, d.blossoms[d.top[v]].root}
	d.flip(u, v)
	d.flip(v, u)
	var ended []int32
	for i := range d.blossoms {
		b := &d.blossoms[i]
		alone := i < len(d.top) && d.top[i] == int32(i)
		if (alone || b.whole()) && b.label != free && (b.root == roots[0] || b.root == roots[1]) {
			b.label = free
			ended = d.nodes(int32(i), ended)
		}
	}
	d.work += len(d.blossoms)
	for _, u := range ended {
		if b := d.top[u]; int(b) >= len(d.top) && d.blossoms[b].dual == 0 {
			d.dissolve(b)
		}
	}
	for _, u := range ended {
		d.wait(u, free)
	}
}

// flip matches u with v, and the nodes on the way to the root anew.
func (d *duals) flip(u, v int32) {
	for {
		b := d.top[u]
		d.rebase(b, u)
		d.mate[u] = v
		up := d.blossoms[b].from[0]
		if up < 0 {
			return
		}
		b = d.top[up]
		from := d.blossoms[b].from
		d.rebase(b, from[1])
		d.mate[from[1]] = from[0]
		u, v = from[0], from[1]
	}
}

// rebase makes u the base of a blossom around it.
func (d *duals) rebase(b, u int32) {
	if int(b) < d.r.order() {
		return
	}
	i := d.childWith(b, u)
	x := d.blossoms[b]
	d.rebase(x.children[i], u)
	if i%2 == 1 {
		for j := i + 1; j < len(x.children); j += 2 {
			d.match(x.children[j], x.children[(j+1)%len(x.children)], x.links[j])
		}
	} else {
		for j := i - 2; j >= 0; j -= 2 {
			d.match(x.children[j], x.children[j+1], x.links[j])
		}
	}
	x.children = slices.Concat(x.children[i:], x.children[:i])
	x.links = slices.Concat(x.links[i:], x.links[:i])
	x.base = u
	d.blossoms[b] = x
}

// match makes an edge between two blossoms one of the matching.
func (d *duals) match(a, b int32, edge [2]int32) {
	d.rebase(a, edge[0])
	d.rebase(b, edge[1])
	d.mate[edge[0]], d.mate[edge[1]] = edge[1], edge[0]
}

// childWith returns the number of the child of a blossom that has node u.
func (d *duals) childWith(b, u int32) int {
	for d.blossoms[u].parent != b {
		u = d.blossoms[u].parent
	}
	return slices.Index(d.blossoms[b].children, u)
}

// release takes a blossom away from around its children.
func (d *duals) release(b int32) blossom {
	x := d.blossoms[b]
	d.blossoms[b] = blossom{parent: -1}
	d.spare = append(d.spare, b)
	for _, child := range x.children {
		d.blossoms[child].parent, d.blossoms[child].label = -1, free
		d.cover(child)
	}
	return x
}

// dissolve takes away a blossom that has no number, and those within that have none.
func (d *duals) dissolve(b int32) {
	for _, child := range d.release(b).children {
		if int(child) >= d.r.order() && d.blossoms[child].dual == 0 {
			d.dissolve(child)
		}
	}
}

// open takes away an inner blossom. Of its children those on the even way from where
// the tree comes in to the base stay in the tree, in turn inner and outer.
func (d *duals) open(b int32) {
	from, n := d.blossoms[b].from, len(d.blossoms[b].children)
	i := d.childWith(b, from[1])
	x := d.release(b)
	step := n - 1 // one back
	if i%2 == 1 {
		step = 1
	}
	link := func(j int) [2]int32 { // from child j to the next one of the way
		if step == 1 {
			return x.links[j]
		}
		l := x.links[(j+step)%n]
		return [2]int32{l[1], l[0]}
	}
	for j := i; ; j = (j + step) % n {
		c := &d.blossoms[x.children[j]]
		c.label, c.from, c.root = inner, from, x.root
		if j == 0 {
			break
		}
		next := (j + step) % n
		d.outer(x.children[next], link(j), x.root)
		from, j = link(next), next
	}
	for _, child := range x.children {
		if d.blossoms[child].label == free {
			for _, u := range d.nodes(child, nil) {
				d.wait(u, free)
			}
		}
	}
}

package graph

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// OverlayOptions configures an [Overlay].
type OverlayOptions struct {
	// Multi keeps parallel edges apart. Default: one edge with the sum of their
	// weights, those of the graph first and the others in the order of AddEdge.
	Multi bool

	// DropIsolated leaves nodes without edges out of snapshots.
	DropIsolated bool
}

// Overlay is a graph with changes to it: edges and nodes that are added and
// deleted, in batches between which [Overlay.Snapshot] makes a graph of what is
// there. An added edge may carry a tag, such as the name of the document that it
// was read from, and all edges of a tag can be deleted at once. Each change takes
// constant time, and an added edge 16 bytes. It is not safe for concurrent use; its
// snapshots are.
//
// It has no file of its own: keep the tagged edges where they come from, or in one
// graph for each tag.
type Overlay[K comparable] struct {
	opt   OverlayOptions
	base  *Graph[K]
	keys  []K // of nodes that are not in base, whose numbers follow
	index keyIndex[K]

	added []addition
	// Deletions hold how long added was, since what came later stays.
	deletedNodes map[int32]int
	deletedPairs map[[2]int32]int
	absent       map[int32]bool // nodes deleted and not added again
	tags         map[string]int32
	deletedTags  map[int32]bool
	lastTag      int32
}

// addition is an edge that is added. Tag 0 is none.
type addition struct {
	u, v   int32
	weight float32
	tag    int32
}

// NewOverlay returns an overlay of a graph, which it does not copy; nil is the empty
// undirected graph. Edges are directed if those of the graph are.
func NewOverlay[K comparable](g *Graph[K], o OverlayOptions) *Overlay[K] {
	if g == nil {
		g = &Graph[K]{}
	}
	return &Overlay[K]{
		opt: o, base: g, absent: map[int32]bool{}, tags: map[string]int32{}, deletedTags: map[int32]bool{},
		deletedNodes: map[int32]int{}, deletedPairs: map[[2]int32]int{},
	}
}

// AddNode adds a node; one that is there stays as it is, and one that was deleted
// comes back to its place in the order of nodes without its edges. A key that does
// not equal itself and one node more than 2^31-1 have the cause [quintet.ErrInput].
func (l *Overlay[K]) AddNode(k K) error {
	_, err := l.node(k)
	return err
}

// AddEdge adds an edge and its nodes, with a tag unless that is "". An edge parallel
// to one that is there is added to it, so that the weights of two documents are told
// apart when one is deleted. A weight that is not finite has the cause
// [quintet.ErrInput].
func (l *Overlay[K]) AddEdge(from, to K, weight float32, tag string) error {
	if w := float64(weight); math.IsNaN(w) || math.IsInf(w, 0) {
		return fmt.Errorf("graph: edge %s has weight %v: %w", arrow(from, to), weight, quintet.ErrInput)
	}
	if len(l.added) >= math.MaxInt32 {
		return fmt.Errorf("graph: edge %s is one more than %d: %w", arrow(from, to), len(l.added), quintet.ErrInput)
	}
	u, err := l.node(from)
	if err != nil {
		return err
	}
	v, err := l.node(to)
	if err != nil {
		return err
	}
	l.added = append(l.added, addition{u, v, weight, l.tag(tag)})
	return nil
}

// DeleteNode deletes a node and its edges, and reports whether it was there.
func (l *Overlay[K]) DeleteNode(k K) bool {
	u, ok := l.find(k)
	if !ok || l.absent[u] {
		return false
	}
	l.absent[u], l.deletedNodes[u] = true, len(l.added)
	return true
}

// DeleteEdge deletes the edges from one node to the other, whatever their tags. The
// nodes stay.
func (l *Overlay[K]) DeleteEdge(from, to K) {
	u, ok := l.find(from)
	v, also := l.find(to)
	if ok && also {
		l.deletedPairs[l.pair(u, v)] = len(l.added)
	}
}

// DeleteTag deletes the edges that were added with a tag, and reports whether the
// tag was there. Their nodes stay; OverlayOptions.DropIsolated hides them. Edges can
// be added with the tag again.
func (l *Overlay[K]) DeleteTag(tag string) bool {
	id, ok := l.tags[tag]
	if ok {
		l.deletedTags[id] = true
		delete(l.tags, tag)
	}
	return ok
}

// pair is what both directions of an undirected edge have in common.
func (l *Overlay[K]) pair(u, v int32) [2]int32 {
	if !l.base.Directed() && v < u {
		u, v = v, u
	}
	return [2]int32{u, v}
}

func (l *Overlay[K]) order() int { return l.base.Order() + len(l.keys) }

func (l *Overlay[K]) key(u int32) K {
	if int(u) < l.base.Order() {
		return l.base.keys[u]
	}
	return l.keys[int(u)-l.base.Order()]
}

// find returns the number of a node that is or was there.
func (l *Overlay[K]) find(k K) (int32, bool) {
	if u, ok := l.base.Index(k); ok {
		return u, true
	}
	u, ok := l.index.find(k)
	return u + int32(l.base.Order()), ok
}

// node returns the number of a node, which is there afterwards.
func (l *Overlay[K]) node(k K) (int32, error) {
	if u, ok := l.find(k); ok {
		delete(l.absent, u)
		return u, nil
	}
	switch {
	case k != k:
		return 0, fmt.Errorf("graph: node %s does not equal itself: %w", show(k), quintet.ErrInput)
	case l.order() >= math.MaxInt32:
		return 0, fmt.Errorf("graph: node %s is one more than %d: %w", show(k), l.order(), quintet.ErrInput)
	}
	l.index.add(k, int32(len(l.keys)))
	l.keys = append(l.keys, k)
	return int32(l.order() - 1), nil
}

// tag returns the number of a tag.
func (l *Overlay[K]) tag(name string) int32 {
	if name == "" {
		return 0
	}
	id, ok := l.tags[name]
	if !ok {
		l.lastTag++
		id = l.lastTag
		l.tags[name] = id
	}
	return id
}

package graph

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// Snapshot returns the graph of all that is there: nodes of the graph below in their
// order, then those that were added. It costs O(V+E), the memory of [Builder.Build],
// and forgets what was deleted for good. Merged weights whose sum is not finite and
// more than 2^31-1 edges have the cause [quintet.ErrInput]; after an error or the end
// of ctx the overlay is as it was.
func (l *Overlay[K]) Snapshot(ctx context.Context) (*Graph[K], error) {
	arcs, added, err := l.collect(ctx)
	if err != nil {
		return nil, err
	}
	stays := make([]bool, l.order())
	for u := range stays {
		stays[u] = !l.absent[int32(u)]
	}
	if l.opt.DropIsolated {
		arcs.isolate(stays)
	}
	names, old := numberKept(stays)
	arcs.rename(names)
	keys := make([]K, 0, len(old))
	for _, u := range old {
		keys = append(keys, l.key(u))
	}
	g := keyed(keys)
	o := BuilderOptions{Directed: l.base.Directed(), Multi: l.opt.Multi}
	c, u, v, ok := newCSR(len(keys), arcs.from, arcs.to, arcs.w, o)
	if !ok {
		return nil, fmt.Errorf("graph: the weights of the edges %s add up beyond float32: %w",
			arrow(keys[u], keys[v]), quintet.ErrInput)
	}
	g.csr = c
	l.compact(added)
	return g, nil
}

// collect returns the edges that are there, and those of them that were added.
func (l *Overlay[K]) collect(ctx context.Context) (arcs *arcList, added []addition, err error) {
	arcs = &arcList{weighted: true}
	n := 0
	for a := range l.base.CSR().edges() {
		if n++; n%blockWork == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if l.alive(a.u, a.v, -1) {
			arcs.add(a.u, a.v, a.w)
		}
	}
	for i, a := range l.added {
		if l.alive(a.u, a.v, i) && !l.deletedTags[a.tag] {
			arcs.add(a.u, a.v, a.weight)
			added = append(added, a)
		}
	}
	if len(arcs.from) > math.MaxInt32 {
		return nil, nil, fmt.Errorf("graph: %d edges: %w", len(arcs.from), quintet.ErrInput)
	}
	return arcs, added, ctx.Err()
}

// alive reports whether no deletion came after an addition; those of base are -1.
func (l *Overlay[K]) alive(u, v int32, i int) bool {
	if len(l.deletedNodes) > 0 {
		if at, ok := l.deletedNodes[u]; ok && at > i {
			return false
		}
		if at, ok := l.deletedNodes[v]; ok && at > i {
			return false
		}
	}
	if len(l.deletedPairs) > 0 {
		if at, ok := l.deletedPairs[l.pair(u, v)]; ok && at > i {
			return false
		}
	}
	return true
}

// compact keeps the additions that are there. Deletions stay for edges of base.
func (l *Overlay[K]) compact(added []addition) {
	l.added = added
	clear(l.deletedTags)
	n := int32(l.base.Order())
	maps.DeleteFunc(l.deletedNodes, func(u int32, _ int) bool { return u >= n })
	maps.DeleteFunc(l.deletedPairs, func(p [2]int32, _ int) bool {
		if p[0] >= n {
			return true
		}
		_, ok := slices.BinarySearch(l.base.CSR().row(p[0]), p[1])
		return !ok
	})
	for u := range l.deletedNodes {
		l.deletedNodes[u] = 0
	}
	for p := range l.deletedPairs {
		l.deletedPairs[p] = 0
	}
}

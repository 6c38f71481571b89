package graph

import "context"

// DFSOptions configures [DFS], which has nothing to configure yet.
type DFSOptions struct{}

// DFSTree is the result of [DFS].
type DFSTree[K comparable] struct {
	Preorder  []K     // nodes in the order in which the search came to them
	Postorder []K     // nodes in the order in which it left them
	Parents   []int32 // index of the node before, by node index; -1 is the source or not reached
}

// DFS searches a graph depth first from source along the edges, those of a node in
// the order of the index of their other end.
//
// It returns [quintet.ErrInput] for a nil graph or an unknown source, or the error
// of ctx. It takes O(V+E) time on one goroutine, up to 37 bytes a node besides the
// keys it returns, and does not recurse.
func DFS[K comparable](ctx context.Context, g *Graph[K], source K, _ DFSOptions) (*DFSTree[K], error) {
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	s, err := g.start(source)
	if err != nil {
		return nil, err
	}
	t := &DFSTree[K]{Parents: make([]int32, c.order())}
	for u := range t.Parents {
		t.Parents[u] = -1
	}
	w := newDescent(c)
	visit := func(u int32) {
		w.enter(u)
		t.Preorder = append(t.Preorder, g.keys[u])
	}
	for visit(s); len(w.path) > 0; {
		u, v, ok, err := w.next(ctx)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			t.Postorder = append(t.Postorder, g.keys[w.leave().node])
		case w.number[v] == 0:
			t.Parents[v] = u
			visit(v)
		}
	}
	return t, ctx.Err()
}

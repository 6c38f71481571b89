package graph

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// NeighborFunc returns the nodes most like a node, best first, with how like they are.
// It may be called by several goroutines at once.
type NeighborFunc[K comparable] func(ctx context.Context, node K) ([]Ranked[K], error)

// NeighborsOptions configures [NeighborGraph]. The zero value is good.
type NeighborsOptions struct {
	// K is how many neighbours of a node count. Default: 10.
	K int

	// Mutual keeps an edge only if each end is a neighbour of the other. Default:
	// one of them is enough.
	Mutual bool

	// Workers is how many goroutines ask for neighbours. Default: GOMAXPROCS.
	Workers int
}

func (o NeighborsOptions) withDefaults() (NeighborsOptions, error) {
	if o.K < 0 {
		return o, fmt.Errorf("graph: K is %d: %w", o.K, quintet.ErrOption)
	}
	if o.K == 0 {
		o.K = 10
	}
	workers, err := workersOrDefault(o.Workers)
	o.Workers = workers
	return o, err
}

// NeighborGraph returns the undirected graph in which nodes are joined to the K nodes
// most like them, such as a search in an index of vectors finds: the scores are the
// weights. If both ends give a score, it is the higher of the two, and with Mutual the
// lower. The node itself and nodes that are not among those given are left out of what
// neighbors returns, before K are counted; only the first of equal neighbours counts.
//
// It returns [quintet.ErrInput] for nil arguments, a score that is not a finite
// float32, or a node that is there twice, [quintet.ErrOption] for an option out of
// range, the first error of neighbors by the order of nodes, or that of ctx. It calls
// neighbors once for each node; an error may leave calls out.
func NeighborGraph[K comparable](
	ctx context.Context, nodes iter.Seq[K], neighbors NeighborFunc[K], o NeighborsOptions,
) (*Graph[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if nodes == nil || neighbors == nil {
		return nil, fmt.Errorf("graph: nil nodes or neighbours: %w", quintet.ErrInput)
	}
	b := NewBuilder[K](BuilderOptions{})
	for k := range nodes {
		if _, twice := b.index.find(k); twice {
			return nil, fmt.Errorf("graph: node %s is there twice: %w", show(k), quintet.ErrInput)
		}
		if b.AddNode(k); b.err != nil {
			return nil, b.err
		}
	}
	near, err := askNeighbors(ctx, b, neighbors, o)
	if err != nil {
		return nil, err
	}
	for u, row := range near {
		for _, r := range row {
			i := slices.IndexFunc(near[r.Node], func(back Ranked[int32]) bool { return back.Node == int32(u) })
			weight := r.Score
			switch {
			case i < 0 && o.Mutual, i >= 0 && r.Node < int32(u):
				continue // none, or made by the other end
			case i >= 0 && o.Mutual:
				weight = min(weight, near[r.Node][i].Score)
			case i >= 0:
				weight = max(weight, near[r.Node][i].Score)
			}
			b.AddEdge(b.keys[u], b.keys[r.Node], float32(weight))
		}
	}
	return b.Build()
}

// askNeighbors returns the neighbours of each node that count, by index.
func askNeighbors[K comparable](
	ctx context.Context, b *Builder[K], neighbors NeighborFunc[K], o NeighborsOptions,
) ([][]Ranked[int32], error) {
	near, errs := make([][]Ranked[int32], len(b.keys)), make([]error, len(b.keys))
	inner, stop := context.WithCancel(ctx)
	defer stop()
	// Nodes are asked in order, so that those before a failure are asked too.
	err := forBlocks(inner, len(near), o.Workers, func(u, _ int) {
		found, err := neighbors(ctx, b.keys[u])
		if err == nil {
			near[u], err = b.nearest(int32(u), found, o.K)
		}
		if errs[u] = err; err != nil {
			stop()
		}
	})
	for _, e := range errs {
		if e != nil {
			return nil, e
		}
	}
	return near, err
}

// nearest returns the first n of found that are other nodes of the builder.
func (b *Builder[K]) nearest(u int32, found []Ranked[K], n int) (row []Ranked[int32], err error) {
	for _, r := range found {
		v, ok := b.index.find(r.Node)
		same := func(other Ranked[int32]) bool { return other.Node == v }
		switch {
		case len(row) == n:
			return row, nil
		case !ok || v == u || slices.ContainsFunc(row, same):
			continue
		case !(math.Abs(r.Score) <= math.MaxFloat32):
			return nil, fmt.Errorf("graph: edge %s scores %v: %w", arrow(b.keys[u], r.Node), r.Score, quintet.ErrInput)
		}
		row = append(row, Ranked[int32]{v, r.Score})
	}
	return row, nil
}

package graph

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// DijkstraOptions configures [Dijkstra]. The zero value searches everything.
type DijkstraOptions struct {
	// MaxLength is the largest length of a path to search. Default: no limit.
	MaxLength float64
}

// Dijkstra finds the shortest paths from source to all nodes, by weight. The
// parent of a node is, of the nodes that could be it and are nearer to the
// source, the one with the smallest index.
//
// It returns [quintet.ErrInput] for a nil graph, an unknown source or a negative
// weight, [quintet.ErrOption] for a MaxLength that is negative or NaN, or the
// error of ctx. It takes O((V+E)·log V) time on one goroutine and about 28 bytes
// a node and 16 an edge at worst. [DeltaStepping] gives the same answer and is
// quicker on large graphs.
//
// Dijkstra, A Note on Two Problems in Connexion with Graphs, Numerische
// Mathematik 1, 1959.
func Dijkstra[K comparable](
	ctx context.Context, g *Graph[K], source K, o DijkstraOptions,
) (*ShortestPathTree[K], error) {
	if math.IsNaN(o.MaxLength) || o.MaxLength < 0 {
		return nil, fmt.Errorf("graph: MaxLength is %v: %w", o.MaxLength, quintet.ErrOption)
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	s, err := g.start(source)
	if err != nil {
		return nil, err
	}
	if err := g.nonNegative(); err != nil {
		return nil, err
	}
	limit := math.Inf(1)
	if o.MaxLength > 0 {
		limit = o.MaxLength
	}
	w := newWave(&c.rows, s)
	if err := w.run(ctx, limit); err != nil {
		return nil, err
	}
	parents, err := c.parents(ctx, s, w.lengths, 1)
	if err != nil {
		return nil, err
	}
	return newShortestPathTree(g, w.lengths, parents), nil
}

// wave is a search that settles nodes by length. With bounds it settles them by
// length plus bound, and again if a bound was inconsistent.
type wave struct {
	r       *rows
	lengths []float64 // +Inf is not reached
	parents []int32   // nil if nobody asks
	bound   func(int32) float64
	queue   queue
	work    int // edges since the last look at the context
}

func newWave(r *rows, source int32) *wave {
	w := &wave{r: r, lengths: slices.Repeat([]float64{math.Inf(1)}, r.order())}
	w.lengths[source] = 0
	w.queue.push(0, source)
	return w
}

// run settles all nodes up to a length and forgets those beyond.
func (w *wave) run(ctx context.Context, limit float64) error {
	for {
		u, ok, err := w.next(ctx)
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		if w.lengths[u] > limit {
			break
		}
		w.relax(u)
	}
	for u, l := range w.lengths {
		if l > limit {
			w.lengths[u] = math.Inf(1)
		}
	}
	return nil
}

// next returns the next node to settle, and whether there is one.
func (w *wave) next(ctx context.Context) (u int32, ok bool, err error) {
	if w.work >= blockWork {
		w.work = 0
		if err := ctx.Err(); err != nil {
			return 0, false, err
		}
	}
	for len(w.queue) > 0 {
		w.work++
		if at := w.queue.pop(); at.key <= w.key(at.node) {
			return at.node, true, nil
		}
	}
	return 0, false, ctx.Err()
}

func (w *wave) key(u int32) float64 {
	if w.bound == nil {
		return w.lengths[u]
	}
	return w.lengths[u] + w.bound(u)
}

// relax follows the edges of a node.
func (w *wave) relax(u int32) {
	row, ws, d := w.r.row(u), w.r.weights(u), w.lengths[u]
	w.work += len(row)
	for i, v := range row {
		l := d + 1
		if ws != nil {
			l = d + float64(ws[i])
		}
		if l < w.lengths[v] {
			w.reach(u, v, l)
		}
	}
}

func (w *wave) reach(u, v int32, length float64) {
	key := length
	if w.bound != nil {
		if key += w.bound(v); math.IsInf(key, 1) {
			return
		}
	}
	w.lengths[v] = length
	if w.parents != nil {
		w.parents[v] = u
	}
	w.queue.push(key, v)
}

package graph

import (
	"cmp"
	"context"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// PredictLinksOptions configures [PredictLinks]. The zero value finds the ten best
// links by the measure of Jaccard; AdamicAdar and ResourceAllocation mostly
// predict better.
type PredictLinksOptions struct {
	// Measure is how to score pairs. Default: Jaccard.
	Measure Measure

	// Links is how many links to return at most. Default: 10.
	Links int

	// MaxDegree bounds the work: a pair is looked at if it has a common
	// neighbour with at most so many neighbours. Scores count all common
	// neighbours. Default: 1000.
	MaxDegree int

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

func (o PredictLinksOptions) withDefaults() (PredictLinksOptions, error) {
	if o.Links < 0 || o.MaxDegree < 0 {
		return o, fmt.Errorf("graph: Links is %d, MaxDegree %d: %w", o.Links, o.MaxDegree, quintet.ErrOption)
	}
	if err := o.Measure.check(); err != nil {
		return o, err
	}
	if o.Links == 0 {
		o.Links = 10
	}
	if o.MaxDegree == 0 {
		o.MaxDegree = 1000
	}
	workers, err := workersOrDefault(o.Workers)
	o.Workers = workers
	return o, err
}

// PredictLinks finds the pairs of nodes without an edge that are most alike, best
// first, equal ones by the index of From and then of To; From has the smaller
// index. Only pairs with a common neighbour are looked at, since all measures but
// PreferentialAttachment give 0 to others. Of nodes, it looks at the pairs that
// have one of them; nil is all nodes. Directions, loops, parallel edges and
// weights do not matter.
//
// It returns [quintet.ErrInput] for a nil graph or an unknown node,
// [quintet.ErrOption] for an option out of range, or the error of ctx. It takes
// O(MaxDegree·E) time at worst, and 13 bytes a node for each worker; a graph with
// directions, loops or parallel edges takes up to 8 bytes an edge.
//
// Liben-Nowell and Kleinberg, The Link-Prediction Problem for Social Networks,
// CIKM 2003, §2.
func PredictLinks[K comparable](
	ctx context.Context, g *Graph[K], nodes []K, o PredictLinksOptions,
) ([]Link[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	asked := make([]bool, c.order())
	for u := range asked {
		asked[u] = nodes == nil
	}
	for _, k := range nodes {
		u, err := g.start(k)
		if err != nil {
			return nil, err
		}
		asked[u] = true
	}
	r, err := c.simple(ctx, o.Workers)
	if err != nil {
		return nil, err
	}
	found, err := r.predict(ctx, asked, o)
	if err != nil {
		return nil, err
	}
	links := make([]Link[K], len(found))
	for i, f := range found {
		links[i] = Link[K]{From: g.keys[f.u], To: g.keys[f.v], Score: f.score}
	}
	return links, ctx.Err()
}

// likely is a pair of nodes, u < v, with its score.
type likely struct {
	u, v  int32
	score float64
}

func (a likely) compare(b likely) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.u, b.u), cmp.Compare(a.v, b.v))
}

func (r *rows) predict(ctx context.Context, asked []bool, o PredictLinksOptions) ([]likely, error) {
	hubs := r.above(o.MaxDegree)
	states := make([]*predictor, o.Workers)
	err := forBlocks(ctx, r.blocks(), o.Workers, func(b, worker int) {
		if states[worker] == nil {
			states[worker] = newPredictor(r, hubs, asked, o)
		}
		for u, end := r.block(b); u < end; u++ {
			if asked[u] && states[worker].walk(ctx, int32(u)) != nil {
				return
			}
		}
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	all := top[likely]{n: o.Links, before: likely.compare}
	for _, p := range states {
		if p != nil {
			for _, l := range p.best.sorted() {
				all.add(l)
			}
		}
	}
	return all.sorted(), nil
}

// above returns the entries of r whose column has a row of more than degree
// entries.
func (r *rows) above(degree int) *rows {
	hubs := &rows{off: make([]uint32, r.order()+1)}
	for u := range int32(r.order()) {
		for _, v := range r.row(u) {
			if r.degree(v) > degree {
				hubs.adj = append(hubs.adj, v)
			}
		}
		hubs.off[u+1] = uint32(len(hubs.adj))
	}
	return hubs
}

// predictor is the memory of walks of two steps from one node after the other.
type predictor struct {
	r, hubs *rows
	asked   []bool
	opt     PredictLinksOptions
	near    []bool    // the node of the walk and its neighbours
	shares  []float64 // of nodes found, by common neighbours
	seen    []bool
	found   []int32
	best    top[likely]
	work    int // edges since the last look at the context
}

func newPredictor(r, hubs *rows, asked []bool, o PredictLinksOptions) *predictor {
	n := r.order()
	p := &predictor{r: r, hubs: hubs, asked: asked, opt: o, near: make([]bool, n), seen: make([]bool, n)}
	p.shares = make([]float64, n)
	p.best = top[likely]{n: o.Links, before: likely.compare}
	return p
}

// walk looks at the pairs of u. A pair of two nodes that are asked for is looked
// at from the first.
func (p *predictor) walk(ctx context.Context, u int32) error {
	row := p.r.row(u)
	p.mark(u, true)
	defer p.mark(u, false)
	for _, x := range row {
		if p.r.degree(x) <= p.opt.MaxDegree {
			p.meet(u, x)
		}
		if p.work >= blockWork {
			p.work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	for _, v := range p.found {
		p.rate(u, v)
		p.seen[v], p.shares[v] = false, 0
	}
	p.found = p.found[:0]
	return nil
}

// rate adds what common neighbours with many neighbours share, unless the pair would
// not be among the best if it had as many of these as it can have.
func (p *predictor) rate(u, v int32) {
	m, a, b := p.opt.Measure, p.r.degree(u), p.r.degree(v)
	l := likely{u: min(u, v), v: max(u, v)}
	most := float64(min(p.hubs.degree(u), p.hubs.degree(v))) * m.share(p.opt.MaxDegree+1)
	l.score = m.score((p.shares[v]+most)*(1+1e-9), a, b) // more than rounding takes away
	if p.best.refuses(l) {
		return
	}
	shares := p.shares[v]
	for _, x := range p.hubs.row(v) {
		if p.near[x] {
			shares += m.share(p.r.degree(x))
		}
	}
	l.score = m.score(shares, a, b)
	p.best.add(l)
}

// meet adds the common neighbour x to the nodes that it joins to u.
func (p *predictor) meet(u, x int32) {
	row := p.r.row(x)
	share := p.opt.Measure.share(len(row))
	for _, v := range row {
		if p.near[v] || p.asked[v] && v < u {
			continue
		}
		if !p.seen[v] {
			p.seen[v] = true
			p.found = append(p.found, v)
		}
		p.shares[v] += share
	}
	p.work += len(row) + 1
}

func (p *predictor) mark(u int32, near bool) {
	p.near[u] = near
	for _, x := range p.r.row(u) {
		p.near[x] = near
	}
}

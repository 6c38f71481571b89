package vector

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/quintet-ai/quintet/internal/hnsw"
)

// session is the memory of one search, kept for the next.
type session struct {
	probes  []probe
	vectors []float32 // of the probes, row by row
	crew    []worker  // the first is the goroutine of the call
	scans   bool      // a probe does not walk

	nextChunk, nextWalk atomic.Int64 // to be taken by a worker

	cut atomic.Bool // the context ended before all was done
}

// probe is a query ready to run.
type probe struct {
	Query
	vector []float32 // scaled and padded like a stored row
	index  int       // in the batch
	walks  bool      // by the graph
}

// worker is what one goroutine of a search writes to.
type worker struct {
	sums []float32 // what the kernel says about a chunk
	tops []top     // one per probe

	// Of walks.
	searcher hnsw.Searcher
	found    []hnsw.Hit
	key      []byte // of a filter
}

func (c *Collection[K]) session() *session { return c.sessions.Get().(*session) }

// release forgets the queries: they belong to the caller.
func (c *Collection[K]) release(s *session) {
	clear(s.probes[:cap(s.probes)])
	c.sessions.Put(s)
}

// answer runs at most batch queries and fills out and errs, which have their
// length. It returns the error that is not one query's but of the whole call.
func (c *Collection[K]) answer(ctx context.Context, s *session, qs []Query, out [][]Hit[K], errs []error) error {
	c.aim(s, qs, errs)
	c.mu.RLock()
	defer c.mu.RUnlock()
	err := c.usable(ctx)
	if err == nil {
		err = c.find(ctx, s)
	}
	for i, p := range s.probes {
		if err != nil {
			errs[p.index] = err
		} else {
			out[p.index] = c.hits(s.crew[0].tops[i].sorted())
		}
	}
	return err
}

// aim makes probes of the good queries and errors of the others.
func (c *Collection[K]) aim(s *session, qs []Query, errs []error) {
	stride := c.rows.lay.Stride()
	s.probes = s.probes[:0]
	s.vectors = slices.Grow(s.vectors[:0], len(qs)*stride)[:len(qs)*stride]
	for i, q := range qs {
		if q.isHybrid() {
			continue // SearchBatch sees to it
		}
		q, err := q.check(c.opt)
		if err != nil {
			errs[i] = err
			continue
		}
		scale, err := c.opt.Metric.scale(q.Vector, c.opt.Dim)
		if err != nil {
			errs[i] = err
			continue
		}
		v := s.vectors[i*stride : (i+1)*stride]
		scaled(v, q.Vector, scale)
		s.probes = append(s.probes, probe{Query: q, vector: v, index: i})
	}
}

// perHelper is how many chunks a scan must have for each goroutine that helps:
// starting one costs as much as scanning a part of a chunk.
const perHelper = 8

// find leaves the candidates of all probes with the first worker. A search takes
// as many helpers as no other search has at the moment, so that together they
// are no more than the workers of the runtime.
func (c *Collection[K]) find(ctx context.Context, s *session) error {
	s.nextChunk.Store(0)
	s.nextWalk.Store(0)
	s.cut.Store(false)
	walks := 0
	for i := range s.probes {
		if s.probes[i].walks = c.walks(&s.probes[i]); s.probes[i].walks {
			walks++
		}
	}
	most := walks - 1
	if s.scans = walks < len(s.probes); s.scans {
		most = max(most, len(c.rows.chunks)/perHelper)
	}
	want := 0
	for want < most && c.hire() {
		want++
	}
	c.assemble(s, 1+want)
	if want == 0 {
		c.work(ctx, s, &s.crew[0])
	} else {
		c.workTogether(ctx, s)
	}
	if s.cut.Load() {
		return ctx.Err()
	}
	return nil
}

// walks reports whether a query is answered by the graph: not if ranking what is
// not linked takes a good part of a scan.
func (c *Collection[K]) walks(p *probe) bool {
	if c.graph == nil || p.Exact {
		return false
	}
	n := c.graph.Len()
	k := min(p.K, n)
	if p.Filter.n == nil && !c.opt.walkAlways && c.graph.ScanIsFaster(n, max(p.Ef, k), false) {
		return false
	}
	return k <= n/4+10 && int(c.graph.End()-c.graph.Tail()) <= max(2048, n/4)
}

func (c *Collection[K]) hire() bool {
	select {
	case c.helpers <- struct{}{}:
		return true
	default:
		return false
	}
}

// assemble readies n workers.
func (c *Collection[K]) assemble(s *session, n int) {
	s.crew = slices.Grow(s.crew[:0], n)[:n]
	for i := range s.crew {
		w := &s.crew[i]
		w.sums = slices.Grow(w.sums[:0], c.rows.perChunk())
		w.tops = slices.Grow(w.tops[:0], len(s.probes))[:len(s.probes)]
		for j := range w.tops {
			w.tops[j].reset(min(s.probes[j].K, len(c.index)))
		}
	}
}

func (c *Collection[K]) workTogether(ctx context.Context, s *session) {
	var helpers sync.WaitGroup
	for i := range s.crew[1:] {
		helpers.Go(func() {
			c.work(ctx, s, &s.crew[1+i])
			<-c.helpers
		})
	}
	c.work(ctx, s, &s.crew[0])
	helpers.Wait()
	for _, w := range s.crew[1:] {
		for i, t := range w.tops {
			for _, found := range t.heap {
				s.crew[0].tops[i].push(found)
			}
		}
	}
}

func (c *Collection[K]) work(ctx context.Context, s *session, w *worker) {
	if s.scans {
		c.scan(ctx, s, w)
	}
	for i := s.nextWalk.Add(1) - 1; i < int64(len(s.probes)); i = s.nextWalk.Add(1) - 1 {
		if !s.probes[i].walks {
			continue
		}
		if ctx.Err() != nil {
			s.cut.Store(true)
			return
		}
		c.walk(w, &s.probes[i], &w.tops[i])
	}
}

// walk asks the graph. Hits come in the order of their ranks.
func (c *Collection[K]) walk(w *worker, p *probe, t *top) {
	allow := c.allow(p.Filter, &w.key)
	w.found = c.graph.Search(w.found[:0], p.vector[:c.opt.Dim], t.k, p.Ef, allow, &w.searcher)
	for _, f := range w.found {
		rank := c.opt.Metric.clampRank(f.Rank)
		if _, d := c.opt.measures(rank); d > p.MaxDistance {
			return
		}
		t.push(newCandidate(rank, c.owner[f.ID]))
	}
}

// scan ranks chunks until none is left.
func (c *Collection[K]) scan(ctx context.Context, s *session, w *worker) {
	metric := c.opt.graphOptions().Metric
	for {
		chunk := int(s.nextChunk.Add(1)) - 1
		if chunk >= len(c.rows.chunks) {
			return
		}
		if ctx.Err() != nil {
			s.cut.Store(true)
			return
		}
		first := chunk << c.rows.lay.Shift()
		sums := w.sums[:max(0, min(c.rows.perChunk(), c.stored()-first))]
		for i := range s.probes {
			p := &s.probes[i]
			if p.walks {
				continue
			}
			c.rows.lay.Rank(sums, p.vector, metric, c.rows.chunks[chunk])
			c.collect(p, &w.tops[i], first, sums)
		}
	}
}

// collect offers the slots of a chunk's rows, from first on, whose ranks are sums. The filter is asked last, as it costs most.
func (c *Collection[K]) collect(p *probe, t *top, first int, sums []float32) {
	if t.k == 0 {
		return
	}
	limit := t.limit()
	for i, sum := range sums {
		rank := c.opt.Metric.clampRank(sum)
		if rank > limit {
			continue
		}
		at, live := c.slotOf(first + i)
		if _, d := c.opt.measures(rank); !live || d > p.MaxDistance || !p.Filter.match(c.slots[at].meta) {
			continue
		}
		t.push(newCandidate(rank, uint32(at)))
		limit = t.limit()
	}
}

// hits makes results of candidates.
func (c *Collection[K]) hits(found []candidate) []Hit[K] {
	hits := make([]Hit[K], len(found))
	for i, f := range found {
		s := &c.slots[f.slot()]
		score, distance := c.opt.measures(f.rank())
		hits[i] = Hit[K]{ID: s.id, Score: score, Distance: distance, Meta: s.meta.copied()}
	}
	return hits
}

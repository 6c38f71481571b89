package vector

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/quintet-ai/quintet/internal/simd"
)

// session is the memory of one search, kept for the next.
type session struct {
	probes  []probe
	vectors []float32 // of the probes, row by row
	crew    []worker  // the first is the goroutine of the call
	next    atomic.Int64
	cut     atomic.Bool // the context ended before all chunks were scanned
}

// probe is a query ready to run.
type probe struct {
	Query
	vector []float32 // scaled and padded like a stored row
	index  int       // in the batch
}

// worker is what one goroutine of a scan writes to.
type worker struct {
	sums []float32 // what the kernel says about a chunk
	tops []top     // one per probe
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
		err = c.scan(ctx, s)
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
	stride := c.rows.stride
	s.probes = s.probes[:0]
	s.vectors = slices.Grow(s.vectors[:0], len(qs)*stride)[:len(qs)*stride]
	for i, q := range qs {
		q, err := q.check(c.opt.Metric)
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

// scan leaves the candidates of all probes with the first worker. A search takes
// as many helpers as no other search has at the moment, so that together they
// are no more than the workers of the runtime.
func (c *Collection[K]) scan(ctx context.Context, s *session) error {
	s.next.Store(0)
	s.cut.Store(false)
	want := 0
	for want < len(c.rows.chunks)/perHelper && c.hire() {
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

// work scans chunks until none is left. A worker meets slots in rising order.
func (c *Collection[K]) work(ctx context.Context, s *session, w *worker) {
	for {
		chunk := int(s.next.Add(1)) - 1
		if chunk >= len(c.rows.chunks) {
			return
		}
		if ctx.Err() != nil {
			s.cut.Store(true)
			return
		}
		first := chunk << c.rows.shift
		sums := w.sums[:min(c.rows.perChunk(), len(c.slots)-first)]
		for i := range s.probes {
			p := &s.probes[i]
			if c.opt.Metric == L2 {
				simd.SquaredL2Rows(sums, p.vector, c.rows.chunks[chunk], c.rows.stride, nil)
				c.collect(p, &w.tops[i], first, sums, 1)
			} else {
				simd.DotRows(sums, p.vector, c.rows.chunks[chunk], c.rows.stride, nil)
				c.collect(p, &w.tops[i], first, sums, -1)
			}
		}
	}
}

// collect offers a chunk's slots, from first on, whose ranks are sign·sums. The
// filter is asked last, as it costs most.
func (c *Collection[K]) collect(p *probe, t *top, first int, sums []float32, sign float32) {
	if t.k == 0 {
		return
	}
	limit := t.limit()
	for i, sum := range sums {
		rank := sign * sum
		if rank >= limit {
			continue
		}
		rank = c.opt.Metric.clampRank(rank)
		s := &c.slots[first+i]
		if _, d := c.opt.Metric.measures(rank); !s.live || d > p.MaxDistance || !p.Filter.match(s.meta) {
			continue
		}
		t.push(newCandidate(rank, uint32(first+i)))
		limit = t.limit()
	}
}

// hits makes results of candidates.
func (c *Collection[K]) hits(found []candidate) []Hit[K] {
	hits := make([]Hit[K], len(found))
	for i, f := range found {
		s := &c.slots[f.slot()]
		score, distance := c.opt.Metric.measures(f.rank())
		hits[i] = Hit[K]{ID: s.id, Score: score, Distance: distance, Meta: s.meta.copied()}
	}
	return hits
}

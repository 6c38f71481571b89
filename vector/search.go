package vector

import (
	"context"
	"errors"
)

// batch is how many queries share one pass over the vectors. Their candidates
// and a chunk of vectors fit the nearer caches together.
const batch = 64

// Search returns the q.K nearest items that match q.Filter, best first; items of
// equal Score and Distance come in insertion order. It takes O(n·Dim) for n items
// and allocates the hits only, if the collection is small enough for one worker.
//
// With a graph it takes about O(q.Ef·log n), and the first time that a filter is
// asked for O(n) more. It may miss some of the nearest, and of equally near items
// at the end any may be found, but never returns fewer than K if so many match. It
// scans where that is faster, and while much of the collection is not linked.
func (c *Collection[K]) Search(ctx context.Context, q Query) ([]Hit[K], error) {
	search := c.search
	if q.isHybrid() {
		search = c.hybrid
	}
	hits, err := search(ctx, q)
	if err != nil {
		return nil, fail("Search", -1, err)
	}
	return hits, nil
}

func (c *Collection[K]) search(ctx context.Context, q Query) ([]Hit[K], error) {
	s := c.session()
	defer c.release(s)
	qs, out, errs := [1]Query{q}, [1][]Hit[K]{}, [1]error{}
	c.answer(ctx, s, qs[:], out[:], errs[:])
	return out[0], errs[0]
}

// SearchBatch answers as many queries, in their order, each as Search does; it is
// faster because a scan reads a vector once for many queries, and walks of a graph
// are spread over the workers. A failing query has no
// hits and one [quintet.Error] with its index in the joined error; see
// [quintet.ItemErrors]. The queries of one batch may see the collection at
// different moments.
func (c *Collection[K]) SearchBatch(ctx context.Context, qs []Query) ([][]Hit[K], error) {
	s := c.session()
	defer c.release(s)
	out, errs := make([][]Hit[K], len(qs)), make([]error, len(qs))
	for lo := 0; lo == 0 || lo < len(qs); lo += batch {
		hi := min(lo+batch, len(qs))
		err := c.answer(ctx, s, qs[lo:hi], out[lo:hi], errs[lo:hi])
		if err != nil && len(qs) == 0 {
			return out, fail("SearchBatch", -1, err)
		}
	}
	for i, q := range qs {
		if q.isHybrid() {
			out[i], errs[i] = c.hybrid(ctx, q)
		}
	}
	for i, err := range errs {
		if err != nil {
			errs[i] = fail("SearchBatch", i, err)
		}
	}
	return out, errors.Join(errs...)
}

package vector

import (
	"context"
	"errors"

	"github.com/quintet-ai/quintet"
)

// Search returns the q.K nearest items of all stores, best first: by Score, then
// Distance. They are exactly those that one store of all items would find, if its
// stores search exactly and a score depends on nothing but the query and the item.
// Equal hits come in the order of the stores, and within one as it returns them, so
// not in insertion order.
func (f *Fanout[K]) Search(ctx context.Context, q Query) ([]Hit[K], error) {
	if err := f.usable(ctx); err != nil {
		return nil, fail("Search", -1, err)
	}
	lists := make([][]Hit[K], len(f.stores))
	errs := f.ask(nil, func(i int, s Store[K]) (err error) {
		lists[i], err = s.Search(ctx, q)
		return err
	})
	if err := blame(ctx, errs); err != nil {
		return nil, fail("Search", -1, err)
	}
	return merge(lists, q.K), nil
}

// SearchBatch answers as many queries, in their order, each as Search does. Its
// errors are those of [Collection.SearchBatch].
func (f *Fanout[K]) SearchBatch(ctx context.Context, qs []Query) ([][]Hit[K], error) {
	out := make([][]Hit[K], len(qs))
	err := f.usable(ctx)
	if err != nil && len(qs) == 0 {
		return out, fail("SearchBatch", -1, err)
	}
	found := make([][][]Hit[K], len(f.stores)) // by store and query
	var errs []error
	if err == nil {
		errs = f.ask(nil, func(i int, s Store[K]) (err error) {
			found[i], err = s.SearchBatch(ctx, qs)
			return err
		})
	}
	byQuery := deal(errs, len(qs))
	failed := make([]error, len(qs))
	lists := make([][]Hit[K], len(f.stores))
	for i, q := range qs {
		bad := err
		if bad == nil {
			bad = blame(ctx, byQuery[i])
		}
		if bad != nil {
			failed[i] = fail("SearchBatch", i, bad)
			continue
		}
		for s := range found {
			lists[s] = found[s][i]
		}
		out[i] = merge(lists, q.K)
	}
	return out, errors.Join(failed...)
}

// deal returns the errors of each store for each of n queries. An error of a whole
// store is one for all.
func deal(errs []error, n int) [][]error {
	out := make([][]error, n)
	for i := range out {
		out[i] = make([]error, len(errs))
	}
	for s, err := range errs {
		some := false
		for i, err := range quintet.ItemErrors(err) {
			if i < n {
				out[i][s], some = bare(err), true
			}
		}
		for i := 0; i < n && err != nil && !some; i++ {
			out[i][s] = err
		}
	}
	return out
}

// merge returns the k best of lists that are in order, or the default number.
func merge[K Key](lists [][]Hit[K], k int) []Hit[K] {
	if k == 0 {
		k = DefaultK
	}
	total := 0
	for _, list := range lists {
		total += len(list)
	}
	out := make([]Hit[K], 0, min(k, total))
	at := make([]int, len(lists)) // next hit of each
	for len(out) < cap(out) {
		best := -1
		for i, list := range lists {
			if at[i] < len(list) && (best < 0 || nearer(list[at[i]], lists[best][at[best]])) {
				best = i
			}
		}
		out = append(out, lists[best][at[best]])
		at[best]++
	}
	return out
}

// nearer reports whether a comes before b. Scores of the L2 metric can be equal by
// rounding where distances are not.
func nearer[K Key](a, b Hit[K]) bool {
	return a.Score > b.Score || a.Score == b.Score && a.Distance < b.Distance
}

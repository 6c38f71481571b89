package vector

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"sync/atomic"

	"github.com/quintet-ai/quintet"
)

// Fanout is a [Store] of stores, its shards, each of which has a part of the items:
// those whose keys have its number as the remainder of a hash. The hash is the same
// in every process; so the stores must always be given in the same order, and their
// number must not change, as items would then be looked for where they are not. To
// change it, copy the items to a new Fanout.
//
// All methods ask the stores at the same time. An error of a store is an error of
// the call, with the number of the store: a search never leaves one out.
type Fanout[K Key] struct {
	stores []Store[K]
	keys   keyCodec[K]
	dim    int
	metric Metric
	closed atomic.Bool
}

// NewFanout returns a store of the items of all stores, which it owns: its Close
// closes them. It asks each for its Stats. The error wraps [quintet.ErrOption] if
// there is no store, a nil one, or if they differ in Dim or Metric; an error of a
// store is returned as it is.
func NewFanout[K Key](ctx context.Context, stores ...Store[K]) (*Fanout[K], error) {
	if len(stores) == 0 {
		return nil, fmt.Errorf("vector: fanout has no store: %w", quintet.ErrOption)
	}
	f := &Fanout[K]{stores: append([]Store[K](nil), stores...), keys: newKeyCodec[K]()}
	for i, store := range f.stores {
		if store == nil {
			return nil, fmt.Errorf("vector: store %d is nil: %w", i, quintet.ErrOption)
		}
		s, err := store.Stats(ctx)
		switch {
		case err != nil:
			return nil, err
		case i == 0:
			f.dim, f.metric = s.Dim, s.Metric
		case s.Dim != f.dim || s.Metric != f.metric:
			return nil, fmt.Errorf("vector: store %d has %d dimensions and metric %v, store 0 has %d and %v: %w",
				i, s.Dim, s.Metric, f.dim, f.metric, quintet.ErrOption)
		}
	}
	return f, nil
}

// shard returns the number of the store that has id.
func (f *Fanout[K]) shard(id K) int {
	h := fnv.New64a()
	h.Write(f.keys.append(nil, id)) // never fails
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd // the low bits of FNV-1a know the low bits of the bytes only
	return int((x ^ x>>33) % uint64(len(f.stores)))
}

// parts has, for each store, the places of the items that go there.
func (f *Fanout[K]) parts(n int, id func(i int) K) [][]int {
	parts := make([][]int, len(f.stores))
	for i := range n {
		s := f.shard(id(i))
		parts[s] = append(parts[s], i)
	}
	return parts
}

// ask calls do for each store that wanted says, or for all if it is nil, at the same
// time, and returns their errors.
func (f *Fanout[K]) ask(wanted func(i int) bool, do func(i int, s Store[K]) error) []error {
	errs := make([]error, len(f.stores))
	var wg sync.WaitGroup
	for i, s := range f.stores {
		if wanted == nil || wanted(i) {
			wg.Go(func() { errs[i] = do(i, s) })
		}
	}
	wg.Wait()
	return errs
}

// usable is called before stores are asked.
func (f *Fanout[K]) usable(ctx context.Context) error {
	if f.closed.Load() {
		return quintet.ErrClosed
	}
	return ctx.Err()
}

// blame makes one cause of the errors of stores. If the context ended, that is it.
// What one store says about the caller's input the others would say too.
func blame(ctx context.Context, errs []error) error {
	var all []error
	for i, err := range errs {
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, quintet.ErrInput):
			return bare(err)
		default:
			all = append(all, fmt.Errorf("store %d: %w", i, bare(err)))
		}
	}
	return errors.Join(all...)
}

// bare takes away the method and place that a store put around an error.
func bare(err error) error {
	var e *quintet.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// Upsert adds and replaces items, as [Collection.Upsert] does. A bad item keeps all
// out. Any other error, such as that a store or disk is full, keeps out all of the items
// that belong there and none of the others; the same call may be made again.
func (f *Fanout[K]) Upsert(ctx context.Context, items ...Item[K]) error {
	if err := f.usable(ctx); err != nil {
		return fail("Upsert", -1, err)
	}
	for i, it := range items {
		_, err := f.metric.scale(it.Vector, f.dim)
		if err == nil {
			_, err = it.Meta.clone()
		}
		if err == nil {
			err = it.Sparse.check()
		}
		if err != nil {
			return fail("Upsert", i, err)
		}
	}
	parts := f.parts(len(items), func(i int) K { return items[i].ID })
	errs := f.ask(func(i int) bool { return len(parts[i]) > 0 }, func(i int, s Store[K]) error {
		part := make([]Item[K], len(parts[i]))
		for j, at := range parts[i] {
			part[j] = items[at]
		}
		return s.Upsert(ctx, part...)
	})
	if err := blame(ctx, errs); err != nil {
		return fail("Upsert", firstItem(errs, parts), err)
	}
	return nil
}

// firstItem returns the place of the first item that a store blames, or -1.
func firstItem(errs []error, parts [][]int) int {
	first := -1
	for i, err := range errs {
		var e *quintet.Error
		if errors.As(err, &e) && e.Index >= 0 && e.Index < len(parts[i]) {
			if at := parts[i][e.Index]; first < 0 || at < first {
				first = at
			}
		}
	}
	return first
}

// Delete removes items and returns how many of the IDs were there, also beside an
// error, when other stores have deleted theirs.
func (f *Fanout[K]) Delete(ctx context.Context, ids ...K) (int, error) {
	if err := f.usable(ctx); err != nil {
		return 0, fail("Delete", -1, err)
	}
	parts := f.parts(len(ids), func(i int) K { return ids[i] })
	var deleted atomic.Int64
	errs := f.ask(func(i int) bool { return len(parts[i]) > 0 }, func(i int, s Store[K]) error {
		part := make([]K, len(parts[i]))
		for j, at := range parts[i] {
			part[j] = ids[at]
		}
		n, err := s.Delete(ctx, part...)
		deleted.Add(int64(n))
		return err
	})
	if err := blame(ctx, errs); err != nil {
		return int(deleted.Load()), fail("Delete", -1, err)
	}
	return int(deleted.Load()), nil
}

// Get returns the item with the given ID and whether it is there. It asks one
// store.
func (f *Fanout[K]) Get(ctx context.Context, id K) (Item[K], bool, error) {
	err := f.usable(ctx)
	if err != nil {
		return Item[K]{}, false, fail("Get", -1, err)
	}
	at := f.shard(id)
	it, ok, err := f.stores[at].Get(ctx, id)
	if err != nil {
		return Item[K]{}, false, fail("Get", -1, fmt.Errorf("store %d: %w", at, bare(err)))
	}
	return it, ok, nil
}

// Stats adds up Items, Deleted, Bytes and the sizes of files. LastSnapshot is the
// oldest of the stores', which says how much there is to read from logs, and
// SnapshotError is that of the first store with one.
func (f *Fanout[K]) Stats(ctx context.Context) (Stats, error) {
	if err := f.usable(ctx); err != nil {
		return Stats{}, fail("Stats", -1, err)
	}
	all := make([]Stats, len(f.stores))
	errs := f.ask(nil, func(i int, s Store[K]) (err error) {
		all[i], err = s.Stats(ctx)
		return err
	})
	if err := blame(ctx, errs); err != nil {
		return Stats{}, fail("Stats", -1, err)
	}
	sum := Stats{Dim: f.dim, Metric: f.metric}
	for i, s := range all {
		sum.Items += s.Items
		sum.Deleted += s.Deleted
		sum.Bytes += s.Bytes
		sum.LogBytes += s.LogBytes
		sum.SnapshotBytes += s.SnapshotBytes
		if i == 0 || s.LastSnapshot.Before(sum.LastSnapshot) {
			sum.LastSnapshot = s.LastSnapshot
		}
		if sum.SnapshotError == "" && s.SnapshotError != "" {
			sum.SnapshotError = fmt.Sprintf("store %d: %s", i, s.SnapshotError)
		}
	}
	return sum, nil
}

// Close closes all stores. Later calls return [quintet.ErrClosed]; closing twice is
// harmless.
func (f *Fanout[K]) Close() error {
	if f.closed.Swap(true) {
		return nil
	}
	errs := f.ask(nil, func(_ int, s Store[K]) error { return s.Close() })
	if err := blame(context.Background(), errs); err != nil {
		return fail("Close", -1, err)
	}
	return nil
}

package vector_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

var _ vector.Store[string] = (*vector.Fanout[string])(nil)

// fan returns a Fanout of n collections, and these.
func fan(t testing.TB, n int, o vector.Options) (*vector.Fanout[string], []*vector.Collection[string]) {
	t.Helper()
	var collections []*vector.Collection[string]
	var stores []vector.Store[string]
	for range n {
		collections = append(collections, open(t, o))
		stores = append(stores, collections[len(collections)-1])
	}
	f, err := vector.NewFanout(t.Context(), stores...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f, collections
}

// TestAFanoutIsOneBigStore makes random calls of a Fanout and of one collection,
// which must give the same answers.
func TestAFanoutIsOneBigStore(t *testing.T) {
	for _, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2} {
		for _, shards := range []int{1, 2, 5} {
			t.Run(fmt.Sprintf("%v shards=%d", metric, shards), func(t *testing.T) {
				o := vector.Options{Dim: 6, Metric: metric}
				f, _ := fan(t, shards, o)
				p := twins{t, rand.New(rand.NewPCG(uint64(metric), uint64(shards))), f, open(t, o)}
				for range 150 {
					p.change()
					p.compare()
				}
			})
		}
	}
}

// twins are two stores with the same items.
type twins struct {
	t   *testing.T
	rng *rand.Rand
	fan *vector.Fanout[string]
	one *vector.Collection[string]
}

func (p *twins) vector() []float32 {
	v := make([]float32, 6)
	for i := range v {
		v[i] = float32(p.rng.NormFloat64()) // so no two are equally near
	}
	return v
}

func (p *twins) id() string { return strconv.Itoa(p.rng.IntN(300)) }

func (p *twins) change() {
	var items []item
	for range p.rng.IntN(20) {
		items = append(items, item{
			ID: p.id(), Vector: p.vector(), Meta: vector.Meta{"n": p.rng.IntN(10)}, Text: p.id(),
		})
	}
	require.NoError(p.t, p.fan.Upsert(p.t.Context(), items...))
	upsert(p.t, p.one, items...)
	var gone []string
	for range p.rng.IntN(8) {
		gone = append(gone, p.id())
	}
	want, err := p.one.Delete(p.t.Context(), gone...)
	require.NoError(p.t, err)
	got, err := p.fan.Delete(p.t.Context(), gone...)
	require.NoError(p.t, err)
	require.Equal(p.t, want, got)
}

func (p *twins) compare() {
	ctx, id := p.t.Context(), p.id()
	want, there, err := p.one.Get(ctx, id)
	require.NoError(p.t, err)
	got, ok, err := p.fan.Get(ctx, id)
	require.NoError(p.t, err)
	require.Equal(p.t, there, ok)
	require.Equal(p.t, want, got)

	qs := []query{{Vector: p.vector()}}
	for range p.rng.IntN(4) {
		qs = append(qs, query{
			Vector: p.vector(), K: p.rng.IntN(400), Filter: vector.AtLeast("n", p.rng.IntN(11)),
			MaxDistance: 5 * p.rng.Float64(),
		})
	}
	hits, err := p.fan.SearchBatch(ctx, qs)
	require.NoError(p.t, err)
	for i, q := range qs {
		require.Equal(p.t, search(p.t, p.one, q), hits[i])
		single, err := p.fan.Search(ctx, q)
		require.NoError(p.t, err)
		require.Equal(p.t, hits[i], single)
	}
	stats, err := p.fan.Stats(ctx)
	require.NoError(p.t, err)
	require.Equal(p.t, p.one.Len(), stats.Items)
	require.Equal(p.t, 6, stats.Dim)
}

func TestKeysStayInTheirStores(t *testing.T) {
	f, parts := fan(t, 4, vector.Options{Dim: 1, Metric: vector.Dot})
	for i := range 4000 {
		require.NoError(t, f.Upsert(t.Context(), item{ID: "key " + strconv.Itoa(i), Vector: []float32{1}}))
	}
	for i, c := range parts {
		require.InDelta(t, 1000, c.Len(), 120, "store %d", i)
	}
	for id, want := range map[string]int{"key 1": 0, "key 2": 2, "": 2, "ключ": 2} { // never another
		require.NoError(t, f.Upsert(t.Context(), item{ID: id, Vector: []float32{2}}))
		_, ok, err := parts[want].Get(t.Context(), id)
		require.NoError(t, err)
		require.True(t, ok, id)
	}
}

func TestNumbersWithAStepSpreadToo(t *testing.T) {
	stores := make([]vector.Store[int], 4)
	for i := range stores {
		c, err := vector.New[int](vector.Options{Dim: 1})
		require.NoError(t, err)
		stores[i] = c
	}
	f, err := vector.NewFanout(t.Context(), stores...)
	require.NoError(t, err)
	for i := range 4000 {
		require.NoError(t, f.Upsert(t.Context(), vector.Item[int]{ID: -16 * i, Vector: []float32{1}}))
	}
	for i, store := range stores {
		s, err := store.Stats(t.Context())
		require.NoError(t, err)
		require.InDelta(t, 1000, s.Items, 120, "store %d", i)
	}
	require.NoError(t, f.Close())
}

func TestTiesComeInTheOrderOfTheStores(t *testing.T) {
	f, parts := fan(t, 3, vector.Options{Dim: 1, Metric: vector.L2})
	for i := range 60 {
		require.NoError(t, f.Upsert(t.Context(), item{ID: strconv.Itoa(i), Vector: []float32{float32(i % 2)}}))
	}
	var want []string
	for _, near := range []float32{0, 1} {
		for _, c := range parts {
			for _, it := range all(t, c) {
				if it.Vector[0] == near {
					want = append(want, it.ID)
				}
			}
		}
	}
	hits, err := f.Search(t.Context(), query{Vector: []float32{0}, K: 45})
	require.NoError(t, err)
	require.Equal(t, want[:45], ids(hits))
}

func TestABadItemKeepsAllOutOfEveryStore(t *testing.T) {
	f, parts := fan(t, 3, vector.Options{Dim: 2, MaxItems: 5})
	good := func(i int) item { return item{ID: strconv.Itoa(i), Vector: []float32{1, 0}} }
	for name, bad := range map[string]item{
		"dimension": {ID: "x", Vector: []float32{1}},
		"NaN":       {ID: "x", Vector: []float32{nan, 0}},
		"meta":      {ID: "x", Vector: []float32{1, 0}, Meta: vector.Meta{"m": struct{}{}}},
	} {
		err := f.Upsert(t.Context(), good(1), good(2), good(3), bad, good(4))
		require.ErrorIs(t, err, quintet.ErrInput, name)
		require.ErrorContains(t, err, "vector.Upsert [3]: ", name)
		for _, c := range parts {
			require.Zero(t, c.Len(), name)
		}
	}
	var items []item
	for i := range 100 {
		items = append(items, good(i))
	}
	err := f.Upsert(t.Context(), items...)
	require.ErrorIs(t, err, quintet.ErrInput)
	require.ErrorContains(t, err, "collection is full with 5 items")
	var e *quintet.Error
	require.ErrorAs(t, err, &e)
	require.GreaterOrEqual(t, e.Index, 5, "the place in the call, not in the store")
}

func TestBadQueriesAreRefusedOnce(t *testing.T) {
	f, _ := fan(t, 3, vector.Options{Dim: 1})
	require.NoError(t, f.Upsert(t.Context(), item{ID: "a", Vector: []float32{1}}))
	_, err := f.Search(t.Context(), query{})
	require.EqualError(t, err, "vector.Search: vector has 0 floats, want 1: invalid input")
	good := query{Vector: []float32{1}}
	hits, err := f.SearchBatch(t.Context(), []query{good, {K: -1}, good, {Vector: []float32{nan}}})
	require.Equal(t, []string{"a"}, ids(hits[0]))
	require.Nil(t, hits[1])
	require.Equal(t, hits[0], hits[2])
	require.Nil(t, hits[3])
	require.EqualError(t, err, "vector.SearchBatch [1]: K is -1: invalid input\n"+
		"vector.SearchBatch [3]: vector has NaN or infinity: invalid input")
}

func TestWrongStoresMakeNoFanout(t *testing.T) {
	a, b := open(t, vector.Options{Dim: 1}), open(t, vector.Options{Dim: 2})
	c := open(t, vector.Options{Dim: 1, Metric: vector.L2})
	closed := open(t, vector.Options{Dim: 1})
	require.NoError(t, closed.Close())
	for name, tt := range map[string]struct {
		stores []vector.Store[string]
		want   error
	}{
		"none":            {nil, quintet.ErrOption},
		"nil":             {[]vector.Store[string]{a, nil}, quintet.ErrOption},
		"other dimension": {[]vector.Store[string]{a, b}, quintet.ErrOption},
		"other metric":    {[]vector.Store[string]{a, c}, quintet.ErrOption},
		"closed":          {[]vector.Store[string]{a, closed}, quintet.ErrClosed},
	} {
		f, err := vector.NewFanout(t.Context(), tt.stores...)
		require.ErrorIs(t, err, tt.want, name)
		require.Nil(t, f, name)
	}
}

// fanCalls are all methods that can fail, by the name in their errors.
func fanCalls(f *vector.Fanout[string]) map[string]func(context.Context) error {
	v := []float32{1}
	return map[string]func(context.Context) error{
		"Upsert": func(ctx context.Context) error { return f.Upsert(ctx, item{ID: "x", Vector: v}) },
		"Delete": func(ctx context.Context) error { _, err := f.Delete(ctx, "x"); return err },
		"Get":    func(ctx context.Context) error { _, _, err := f.Get(ctx, "x"); return err },
		"Search": func(ctx context.Context) error { _, err := f.Search(ctx, query{Vector: v}); return err },
		"SearchBatch": func(ctx context.Context) error {
			out, err := f.SearchBatch(ctx, []query{{Vector: v}, {Vector: v}})
			if len(out) != 2 || out[0] != nil || len(slices.Collect(indices(err))) != 2 {
				return fmt.Errorf("results %v beside %w", out, err)
			}
			return err
		},
		"Stats": func(ctx context.Context) error { _, err := f.Stats(ctx); return err },
	}
}

func TestAClosedFanoutSaysSo(t *testing.T) {
	f, parts := fan(t, 2, vector.Options{Dim: 1})
	require.NoError(t, f.Close())
	require.NoError(t, f.Close(), "closing twice is harmless")
	for name, call := range fanCalls(f) {
		err := call(t.Context())
		require.ErrorIs(t, err, quintet.ErrClosed, name)
		require.ErrorContains(t, err, "vector."+name)
	}
	_, err := f.SearchBatch(t.Context(), nil)
	require.ErrorIs(t, err, quintet.ErrClosed)
	for _, c := range parts {
		_, err := c.Stats(t.Context())
		require.ErrorIs(t, err, quintet.ErrClosed, "it closes its stores")
	}
}

func TestACancelledContextStopsEveryCallOfAFanout(t *testing.T) {
	f, _ := fan(t, 2, vector.Options{Dim: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range fanCalls(f) {
		err := call(ctx)
		require.ErrorIs(t, err, context.Canceled, name)
		require.ErrorContains(t, err, "vector."+name)
	}
}

func TestAContextThatEndsMeanwhileIsTheOneError(t *testing.T) {
	f, _ := fan(t, 3, vector.Options{Dim: 1})
	_, err := f.Search(&dying{Context: t.Context(), after: 1}, query{Vector: []float32{1}})
	require.EqualError(t, err, "vector.Search: context canceled")
}

// broken is a store whose disk is full.
type broken struct{ vector.Store[string] }

var errBroken = errors.New("disk is full")

func (broken) Upsert(context.Context, ...item) error                 { return errBroken }
func (broken) Delete(context.Context, ...string) (int, error)        { return 0, errBroken }
func (broken) Get(context.Context, string) (item, bool, error)       { return item{}, false, errBroken }
func (broken) Search(context.Context, query) ([]hit, error)          { return nil, errBroken }
func (broken) SearchBatch(context.Context, []query) ([][]hit, error) { return nil, errBroken }
func (broken) Close() error                                          { return errBroken }

func TestAnErrorOfAStoreIsAnErrorOfTheCall(t *testing.T) {
	good, bad := open(t, vector.Options{Dim: 1}), open(t, vector.Options{Dim: 1})
	f, err := vector.NewFanout[string](t.Context(), good, broken{bad})
	require.NoError(t, err)
	var items []item
	for i := range 20 {
		items = append(items, item{ID: strconv.Itoa(i), Vector: []float32{1}})
	}
	require.EqualError(t, f.Upsert(t.Context(), items...), "vector.Upsert: store 1: disk is full")
	require.NotZero(t, good.Len(), "its part went in")
	var keys []string
	for _, it := range items {
		keys = append(keys, it.ID)
	}
	before := good.Len()
	n, err := f.Delete(t.Context(), keys...)
	require.ErrorIs(t, err, errBroken)
	require.Equal(t, before, n)
	hits, err := f.Search(t.Context(), query{Vector: []float32{1}})
	require.EqualError(t, err, "vector.Search: store 1: disk is full")
	require.Nil(t, hits)
	batch, err := f.SearchBatch(t.Context(), []query{{Vector: []float32{1}}, {Vector: []float32{1}}})
	require.EqualError(t, err, "vector.SearchBatch [0]: store 1: disk is full\nvector.SearchBatch [1]: store 1: disk is full")
	require.Equal(t, make([][]hit, 2), batch)
	failed := 0
	for _, key := range keys {
		if _, _, err := f.Get(t.Context(), key); err != nil {
			require.EqualError(t, err, "vector.Get: store 1: disk is full")
			failed++
		}
	}
	require.Equal(t, len(keys)-before, failed)
	require.EqualError(t, f.Close(), "vector.Close: store 1: disk is full")
}

func TestAFanoutAddsUpStats(t *testing.T) {
	f, parts := fan(t, 3, vector.Options{Dim: 4, Metric: vector.L2})
	want := vector.Stats{Dim: 4, Metric: vector.L2}
	for i := range 50 {
		require.NoError(t, f.Upsert(t.Context(), item{ID: strconv.Itoa(i), Vector: make([]float32, 4)}))
	}
	_, err := f.Delete(t.Context(), "1", "2", "3", "no")
	require.NoError(t, err)
	for _, c := range parts {
		s, err := c.Stats(t.Context())
		require.NoError(t, err)
		want.Items += s.Items
		want.Deleted += s.Deleted
		want.Bytes += s.Bytes
	}
	got, err := f.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, 47, got.Items)
	require.Equal(t, 3, got.Deleted)
}

func TestAFanoutServesManyAtOnce(t *testing.T) {
	f, _ := fan(t, 3, vector.Options{Dim: 1, Metric: vector.L2})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 100 {
				id := fmt.Sprint(w, " ", i)
				err := f.Upsert(t.Context(), item{ID: id, Vector: []float32{float32(i)}})
				hits, errSearch := f.Search(t.Context(), query{Vector: []float32{float32(i)}, K: 3})
				n, errDelete := 1, error(nil)
				if i%2 == 0 {
					n, errDelete = f.Delete(t.Context(), id)
				}
				if err := errors.Join(err, errSearch, errDelete); err != nil || n != 1 || hits[0].Distance != 0 {
					t.Error(hits, n, err)
				}
			}
		})
	}
	wg.Wait()
	s, err := f.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, 200, s.Items)
}

func ExampleNewFanout() {
	ctx := context.Background()
	var stores []vector.Store[string]
	for range 4 { // or vector.Open, each with a directory on another disk
		c, err := vector.New[string](vector.Options{Dim: 2})
		if err != nil {
			log.Fatal(err)
		}
		stores = append(stores, c)
	}
	f, err := vector.NewFanout(ctx, stores...)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	err = f.Upsert(ctx,
		vector.Item[string]{ID: "north", Vector: []float32{0, 1}},
		vector.Item[string]{ID: "north-east", Vector: []float32{1, 1}},
		vector.Item[string]{ID: "east", Vector: []float32{1, 0}})
	if err != nil {
		log.Fatal(err)
	}
	hits, err := f.Search(ctx, vector.Query{Vector: []float32{1, 5}, K: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, h := range hits {
		fmt.Printf("%s %.2f\n", h.ID, h.Score)
	}
	// Output:
	// north 0.98
	// north-east 0.83
}

package qdrant_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vector/qdrant"
	"github.com/quintet-ai/quintet/vector/storetest"
)

// lacks is what a Collection has and this store has not.
var lacks = storetest.Options{
	NoText: true, NoSparse: true, NoHybrid: true, NoAll: true, NoFence: true, NoStringRanges: true, AnyTies: true, Tolerance: 1e-5,
}

func openStore[K vector.Key](t *testing.T, o qdrant.Options) *qdrant.Store[K] {
	t.Helper()
	st, err := qdrant.Open[K](t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	return st
}

// opener gives each store a collection of its own.
func opener[K vector.Key](url, prefix string) storetest.Open[K] {
	var n atomic.Int64
	return func(t *testing.T, o vector.Options) vector.Store[K] {
		return openStore[K](t, qdrant.Options{
			URL: url, APIKey: os.Getenv("QUINTET_QDRANT_KEY"), Collection: fmt.Sprint(prefix, n.Add(1)), Dim: o.Dim, Metric: o.Metric,
		})
	}
}

func TestStoresKeepTheirPromises(t *testing.T) {
	_, url := serve(t)
	t.Run("string", func(t *testing.T) { storetest.Run(t, opener[string](url, "s"), lacks) })
	t.Run("int64", func(t *testing.T) { storetest.Run(t, opener[int64](url, "i"), lacks) })
	t.Run("uint64", func(t *testing.T) { storetest.Run(t, opener[uint64](url, "u"), lacks) })
}

func TestARealServerKeepsThemToo(t *testing.T) {
	url := os.Getenv("QUINTET_QDRANT_URL")
	if url == "" {
		t.Skip("QUINTET_QDRANT_URL names no server")
	}
	storetest.Run(t, opener[string](url, fmt.Sprintf("test_%d_", time.Now().UnixNano())), lacks)
}

var small = qdrant.Options{Dim: 2, Metric: vector.L2}

func TestOpenMakesOrChecksTheCollection(t *testing.T) {
	_, url := serve(t)
	o := small
	o.URL, o.NoCreate = url, true
	_, err := qdrant.Open[string](t.Context(), o)
	require.ErrorIs(t, err, quintet.ErrOption)
	o.NoCreate = false
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := qdrant.Open[string](t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
	for _, change := range []func(*qdrant.Options){
		func(o *qdrant.Options) { o.Dim = 3 }, func(o *qdrant.Options) { o.Metric = vector.Dot },
	} {
		other := o
		change(&other)
		_, err := qdrant.Open[string](t.Context(), other)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for name, o := range map[string]qdrant.Options{
		"no Dim":        {},
		"metric":        {Dim: 2, Metric: 9},
		"quantization":  {Dim: 2, Quantization: vector.SQ8},
		"M":             {Dim: 2, M: -1},
		"tenant":        {Dim: 2, Tenant: "\xff"},
		"no scheme":     {Dim: 2, URL: "localhost:6334"},
		"a port":        {Dim: 2, URL: "http://localhost:99999"},
		"user in a URL": {Dim: 2, URL: "http://a:secret@localhost"},
	} {
		_, err := qdrant.Open[string](t.Context(), o)
		require.ErrorIs(t, err, quintet.ErrOption, name)
		require.NotContains(t, err.Error(), "secret")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := qdrant.Open[string](ctx, qdrant.Options{Dim: 2, URL: "http://127.0.0.1:1"})
	require.ErrorIs(t, err, quintet.ErrBusy)
}

func TestTenantsDoNotSeeEachOther(t *testing.T) {
	_, url := serve(t)
	o := small
	o.URL = url
	a := openStore[int](t, o)
	b, err := a.Tenant("b")
	require.NoError(t, err)
	_, err = a.Tenant("\xff")
	require.ErrorIs(t, err, quintet.ErrOption)
	item := func(x float32) vector.Item[int] { return vector.Item[int]{ID: 1, Vector: []float32{x, 0}} }
	require.NoError(t, a.Upsert(t.Context(), item(1)))
	require.NoError(t, b.Upsert(t.Context(), item(2), vector.Item[int]{ID: 2, Vector: []float32{0, 0}}))
	for st, want := range map[vector.Store[int]]int{a: 1, b: 2} {
		hits, err := st.Search(t.Context(), vector.Query{Vector: []float32{0, 0}, Filter: vector.Or(vector.Exists("x"), vector.Filter{})})
		require.NoError(t, err)
		require.Len(t, hits, want)
		s, err := st.Stats(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, s.Items)
	}
	n, err := b.Delete(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	got, ok, err := a.Get(t.Context(), 1)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, item(1), got)
	require.NoError(t, b.Close())
	require.NoError(t, a.Ping(t.Context()))
}

func TestErrorsOfTheServerHaveACause(t *testing.T) {
	fake, url := serve(t)
	o := small
	o.URL = url
	var events []quintet.Event
	o.Observer = quintet.ObserverFunc(func(e quintet.Event) { events = append(events, e) })
	st := openStore[string](t, o)
	v := []float32{1, 2}
	for c, want := range map[codes.Code]error{
		codes.InvalidArgument: quintet.ErrInput, codes.NotFound: quintet.ErrOption, codes.Unauthenticated: quintet.ErrOption,
		codes.Unavailable: quintet.ErrBusy, codes.ResourceExhausted: quintet.ErrBusy, codes.Internal: quintet.ErrBusy,
		codes.Unimplemented: quintet.ErrUnsupported,
	} {
		fake.set(status.Error(c, "said the server"), nil)
		err := st.Upsert(t.Context(), vector.Item[string]{ID: "a", Vector: v})
		require.ErrorIs(t, err, want, c)
		require.ErrorContains(t, err, "said the server")
		require.ErrorIs(t, events[len(events)-1].Err, want)
		out, err := st.SearchBatch(t.Context(), []vector.Query{{Vector: v}, {}, {Vector: v}})
		require.Len(t, out, 3)
		places := map[int]error{}
		for i, err := range quintet.ItemErrors(err) {
			places[i] = err
		}
		require.Len(t, places, 3)
		require.ErrorIs(t, places[0], want)
		require.ErrorIs(t, places[1], quintet.ErrInput)
	}
	fake.set(nil, make(chan struct{}))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, st.Upsert(ctx, vector.Item[string]{ID: "a", Vector: v}), context.DeadlineExceeded)
	fake.set(nil, nil)
	require.NoError(t, st.Upsert(t.Context(), vector.Item[string]{ID: "a", Vector: v}))
}

func TestWhatThereIsNotIsRefused(t *testing.T) {
	_, url := serve(t)
	o := small
	o.URL = url
	st := openStore[string](t, o)
	v := []float32{1, 2}
	sparse := vector.Sparse{Indices: []uint32{1}, Values: []float32{1}}
	for _, q := range []vector.Query{
		{Vector: v, Sparse: sparse}, {Vector: v, Filter: vector.Not(vector.AtLeast("x", "a"))},
	} {
		_, err := st.Search(t.Context(), q)
		require.ErrorIs(t, err, quintet.ErrUnsupported)
	}
	for _, it := range []vector.Item[string]{
		{ID: "\xff", Vector: v}, {Vector: v, Text: "\xff"}, {Vector: v, Meta: vector.Meta{"\xff": 1}},
		{Vector: v, Meta: vector.Meta{"x": "\xff"}}, {Vector: v, Meta: vector.Meta{"x": []string{"\xff"}}},
	} {
		require.ErrorIs(t, st.Upsert(t.Context(), it), quintet.ErrInput)
	}
	_, ok, err := st.Get(t.Context(), "\xff")
	require.NoError(t, err)
	require.False(t, ok)
}

func TestManyItemsAndQueriesGoInBatches(t *testing.T) {
	fake, url := serve(t)
	o := small
	o.URL = url
	st := openStore[int](t, o)
	items := make([]vector.Item[int], 1200)
	qs := make([]vector.Query, 130)
	for i := range items {
		items[i] = vector.Item[int]{ID: i, Vector: []float32{float32(i), 0}}
		qs[i%len(qs)] = vector.Query{Vector: items[i%len(qs)].Vector, K: 3, Ef: 77}
	}
	qs[0].K = math.MaxInt
	require.NoError(t, st.Upsert(t.Context(), items...))
	require.Len(t, fake.requests, 3)
	out, err := st.SearchBatch(t.Context(), qs)
	require.NoError(t, err)
	require.Len(t, fake.queries, 3)
	require.Equal(t, uint64(77), fake.queries[0].GetQueryPoints()[0].GetParams().GetHnswEf())
	for i, hits := range out {
		require.Equal(t, i, hits[0].ID)
		require.GreaterOrEqual(t, len(hits), 3)
	}
	require.Len(t, out[0], len(items))
	n, err := st.Delete(t.Context(), 1, 1, 5000)
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

func TestLongTextsGoInSmallerBatches(t *testing.T) {
	fake, url := serve(t)
	o := small
	o.URL = url
	st := openStore[int](t, o)
	items := make([]vector.Item[int], 5)
	for i := range items {
		items[i] = vector.Item[int]{ID: i, Vector: []float32{1, 1}, Text: strings.Repeat("x", 9<<20)}
	}
	require.NoError(t, st.Upsert(t.Context(), items...))
	require.Len(t, fake.requests, 5)
	got, ok, err := st.Get(t.Context(), 4)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, items[4], got)
}

func ExampleOpen() {
	ctx := context.Background()
	store, err := qdrant.Open[string](ctx, qdrant.Options{URL: "http://localhost:6334", Dim: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	err = store.Upsert(ctx, vector.Item[string]{ID: "doc-1", Vector: []float32{1, 0, 0}, Meta: vector.Meta{"lang": "en"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	hits, err := store.Search(ctx, vector.Query{Vector: []float32{1, 1, 0}, Filter: vector.Eq("lang", "en")})
	fmt.Println(hits, err)
}

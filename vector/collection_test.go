package vector_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

var (
	nan = float32(math.NaN())
	inf = float32(math.Inf(1))
)

func TestItemsComeBackAsTheyWentIn(t *testing.T) {
	c := open(t, vector.Options{Dim: 3, Metric: vector.Dot})
	when := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	want := item{ID: "a", Vector: []float32{1, -2, 0}, Text: "text", Meta: vector.Meta{
		"s": "x", "b": true, "i": 1, "i8": int8(2), "u64": uint64(math.MaxUint64), "f": 1.5, "f32": float32(2.5),
		"t": when, "list": []string{"x", "y"},
	}}
	upsert(t, c, want, item{ID: "b", Vector: []float32{0, 0, 0}, Meta: vector.Meta{}})

	got, ok, err := c.Get(t.Context(), "a")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, want, got)
	got, ok, err = c.Get(t.Context(), "b")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, item{ID: "b", Vector: []float32{0, 0, 0}}, got, "an empty Meta comes back nil")
	got, ok, err = c.Get(t.Context(), "c")
	require.NoError(t, err)
	require.False(t, ok)
	require.Zero(t, got)
}

func TestNothingIsSharedWithTheCaller(t *testing.T) {
	c := open(t, vector.Options{Dim: 2, Metric: vector.L2})
	it := item{ID: "a", Vector: []float32{3, 4}, Meta: vector.Meta{"tags": []string{"x"}}}
	upsert(t, c, it)
	spoil := func(v []float32, m vector.Meta) {
		if v != nil {
			v[0] = 100
		}
		m["tags"].([]string)[0] = "spoilt"
		m["new"] = 1
	}
	spoil(it.Vector, it.Meta)
	want := item{ID: "a", Vector: []float32{3, 4}, Meta: vector.Meta{"tags": []string{"x"}}}

	got, _, err := c.Get(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, want, got)
	spoil(got.Vector, got.Meta)
	for _, h := range search(t, c, query{Vector: []float32{0, 0}}) {
		require.Equal(t, hit{ID: "a", Score: 1.0 / 6, Distance: 5, Meta: want.Meta}, h)
		spoil(nil, h.Meta)
	}
	for _, it := range all(t, c) {
		require.Equal(t, want, it)
		spoil(it.Vector, it.Meta)
	}
	got, _, err = c.Get(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestCosineStoresUnitVectors(t *testing.T) {
	c := open(t, vector.Options{Dim: 2})
	for name, v := range map[string][]float32{
		"plain":         {3, 4},
		"huge":          {3e38, 3e38},
		"least of all":  {1e-45, 0},
		"mixed extents": {3e38, 1e-45},
	} {
		upsert(t, c, item{ID: name, Vector: v})
		got, _, err := c.Get(t.Context(), name)
		require.NoError(t, err)
		require.InDelta(t, 1, math.Hypot(float64(got.Vector[0]), float64(got.Vector[1])), 1e-6, name)
		hits := search(t, c, query{Vector: v, K: 1})
		require.InDelta(t, 1, hits[0].Score, 1e-6, name)
		require.LessOrEqual(t, hits[0].Score, 1.0, name)
	}
}

func TestUpsertReplacesInPlace(t *testing.T) {
	c := open(t, vector.Options{Dim: 1, Metric: vector.L2})
	upsert(t, c, item{ID: "a", Vector: []float32{1}, Text: "old", Meta: vector.Meta{"x": 1}}, item{ID: "b", Vector: []float32{2}})
	upsert(t, c, item{ID: "a", Vector: []float32{7}}, item{ID: "c", Vector: []float32{0}}, item{ID: "a", Vector: []float32{9}})
	want := []item{{ID: "a", Vector: []float32{9}}, {ID: "b", Vector: []float32{2}}, {ID: "c", Vector: []float32{0}}}
	require.Equal(t, want, all(t, c), "the last of two in one call counts, the place stays")
	require.Equal(t, 3, c.Len())
	require.Equal(t, []string{"c", "b", "a"}, ids(search(t, c, query{Vector: []float32{0}})))
}

func TestABadItemKeepsAllOut(t *testing.T) {
	tests := map[string]struct {
		bad  item
		want string
	}{
		"wrong dimension":  {item{Vector: []float32{1}}, "vector has 1 floats, want 2"},
		"no vector":        {item{}, "vector has 0 floats, want 2"},
		"NaN":              {item{Vector: []float32{0, nan}}, "NaN or infinity"},
		"infinity":         {item{Vector: []float32{inf, 0}}, "NaN or infinity"},
		"minus infinity":   {item{Vector: []float32{-inf, 1}}, "NaN or infinity"},
		"zero vector":      {item{Vector: []float32{0, 0}}, "zero vector has no direction"},
		"meta of any type": {item{Vector: []float32{1, 0}, Meta: vector.Meta{"x": struct{}{}}}, `meta "x" has type struct {}`},
		"meta of a named type": {
			item{Vector: []float32{1, 0}, Meta: vector.Meta{"x": vector.Dot}}, `meta "x" has type vector.Metric`,
		},
		"nil meta":            {item{Vector: []float32{1, 0}, Meta: vector.Meta{"x": nil}}, `meta "x" has type <nil>`},
		"meta NaN":            {item{Vector: []float32{1, 0}, Meta: vector.Meta{"x": math.NaN()}}, `meta "x" is NaN`},
		"meta NaN of float32": {item{Vector: []float32{1, 0}, Meta: vector.Meta{"x": nan}}, `meta "x" is NaN`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := open(t, vector.Options{Dim: 2})
			good := item{ID: "good", Vector: []float32{1, 0}}
			err := c.Upsert(t.Context(), good, tt.bad, good, tt.bad)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.ErrorContains(t, err, tt.want)
			var e *quintet.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, "vector.Upsert", e.Op)
			require.Equal(t, 1, e.Index)
			require.Zero(t, c.Len())
		})
	}
}

func TestVectorsTooLongForFloat32AreRefused(t *testing.T) {
	for _, m := range []vector.Metric{vector.Dot, vector.L2} {
		c := open(t, vector.Options{Dim: 2, Metric: m})
		err := c.Upsert(t.Context(), item{Vector: []float32{9e18, 1e18}})
		require.ErrorIs(t, err, quintet.ErrInput)
		require.ErrorContains(t, err, "limit 9e+18")
		upsert(t, c, item{Vector: []float32{8.9e18, 0}}, item{ID: "far", Vector: []float32{-8.9e18, 0}})
		for _, h := range search(t, c, query{Vector: []float32{8.9e18, 0}}) {
			require.False(t, math.IsInf(h.Distance, 0) || math.IsNaN(h.Score), "%v: %v", m, h)
		}
	}
}

func TestMaxItemsIsALimit(t *testing.T) {
	c := open(t, vector.Options{Dim: 1, MaxItems: 2})
	v := []float32{1}
	upsert(t, c, item{ID: "a", Vector: v})
	err := c.Upsert(t.Context(), item{ID: "b", Vector: v}, item{ID: "a", Vector: v}, item{ID: "c", Vector: v})
	require.ErrorIs(t, err, quintet.ErrInput)
	require.EqualError(t, err, "vector.Upsert [2]: collection is full with 2 items: invalid input")
	require.Equal(t, 1, c.Len(), "all or none")
	upsert(t, c, item{ID: "b", Vector: v}, item{ID: "a", Vector: v}, item{ID: "b", Vector: v})
	_, err = c.Delete(t.Context(), "a")
	require.NoError(t, err)
	upsert(t, c, item{ID: "c", Vector: v})
	require.Equal(t, 2, c.Len())
}

func TestDeleteCountsWhatWasThere(t *testing.T) {
	c := open(t, vector.Options{Dim: 1, Metric: vector.Dot})
	upsert(t, c, item{ID: "a", Vector: []float32{1}}, item{ID: "b", Vector: []float32{2}})
	n, err := c.Delete(t.Context(), "b", "x", "b")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, []string{"a"}, ids(search(t, c, query{Vector: []float32{1}})))
	_, ok, err := c.Get(t.Context(), "b")
	require.NoError(t, err)
	require.False(t, ok)
	upsert(t, c, item{ID: "b", Vector: []float32{1}})
	require.Equal(t, []string{"a", "b"}, ids(search(t, c, query{Vector: []float32{1}})), "added again, it is the newest")
}

func TestDeletingFreesMemory(t *testing.T) {
	c := open(t, vector.Options{Dim: 1024, Metric: vector.L2}) // 64 rows in a chunk of 256 KiB
	const n = 640
	for i := range n {
		v := make([]float32, 1024)
		v[0] = float32(i)
		upsert(t, c, item{ID: strconv.Itoa(i), Vector: v})
	}
	for i := range n {
		if i%8 != 0 {
			_, err := c.Delete(t.Context(), strconv.Itoa(i))
			require.NoError(t, err)
		}
		s, err := c.Stats(t.Context())
		require.NoError(t, err)
		require.LessOrEqual(t, s.Deleted, 32+s.Items/4)
		require.LessOrEqual(t, s.Bytes, int64(s.Items+s.Deleted+63)*4096)
	}
	require.Equal(t, n/8, c.Len())
	items := all(t, c)
	require.Len(t, items, n/8)
	for i, it := range items {
		require.Equal(t, strconv.Itoa(8*i), it.ID)
		require.Equal(t, float32(8*i), it.Vector[0])
	}
	hits := search(t, c, query{Vector: make([]float32, 1024), K: n})
	require.Equal(t, n/8, len(hits))
	require.Equal(t, "632", hits[n/8-1].ID)
}

func TestStatsDescribeTheCollection(t *testing.T) {
	c := open(t, vector.Options{Dim: 17, Metric: vector.L2})
	s, err := c.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, vector.Stats{Dim: 17, Metric: vector.L2, Index: vector.Flat}, s)
	upsert(t, c, item{ID: "a", Vector: make([]float32, 17)}, item{ID: "b", Vector: make([]float32, 17)})
	_, err = c.Delete(t.Context(), "a")
	require.NoError(t, err)
	s, err = c.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, vector.Stats{Items: 1, Dim: 17, Metric: vector.L2, Deleted: 1, Bytes: 2048 * 32 * 4, Index: vector.Flat}, s)
}

// calls are all methods that can fail, by the name in their errors.
func calls(c *vector.Collection[string]) map[string]func(context.Context) error {
	v := []float32{1}
	return map[string]func(context.Context) error{
		"Upsert": func(ctx context.Context) error { return c.Upsert(ctx, item{ID: "x", Vector: v}) },
		"Delete": func(ctx context.Context) error { _, err := c.Delete(ctx, "a"); return err },
		"Get":    func(ctx context.Context) error { _, _, err := c.Get(ctx, "a"); return err },
		"Search": func(ctx context.Context) error { _, err := c.Search(ctx, query{Vector: v}); return err },
		"SearchBatch": func(ctx context.Context) error {
			out, err := c.SearchBatch(ctx, []query{{Vector: v}, {Vector: v}})
			if len(out) != 2 || out[0] != nil || len(slices.Collect(indices(err))) != 2 {
				return fmt.Errorf("results %v beside %w", out, err)
			}
			return err
		},
		"Stats": func(ctx context.Context) error { _, err := c.Stats(ctx); return err },
		"All": func(ctx context.Context) (last error) {
			for _, err := range c.All(ctx) {
				last = err
			}
			return last
		},
	}
}

func indices(err error) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range quintet.ItemErrors(err) {
			if !yield(i) {
				return
			}
		}
	}
}

func TestAClosedCollectionSaysSo(t *testing.T) {
	c := open(t, vector.Options{Dim: 1})
	upsert(t, c, item{ID: "a", Vector: []float32{1}})
	require.NoError(t, c.Close())
	require.NoError(t, c.Close(), "closing twice is harmless")
	require.Zero(t, c.Len())
	for name, call := range calls(c) {
		err := call(t.Context())
		require.ErrorIs(t, err, quintet.ErrClosed, name)
		require.ErrorContains(t, err, "vector."+name)
	}
	_, err := c.SearchBatch(t.Context(), nil)
	require.ErrorIs(t, err, quintet.ErrClosed)
	require.ErrorIs(t, c.Upsert(t.Context()), quintet.ErrClosed)
}

func TestACancelledContextStopsEveryCall(t *testing.T) {
	c := open(t, vector.Options{Dim: 1})
	upsert(t, c, item{ID: "a", Vector: []float32{1}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range calls(c) {
		err := call(ctx)
		require.ErrorIs(t, err, context.Canceled, name)
		require.ErrorContains(t, err, "vector."+name)
	}
	require.Equal(t, 1, c.Len())
}

// TestChangesAreSeenWhole runs everything beside everything. An item of version
// n has n in its vector, its metadata and its text; nobody may see a mixture.
func TestChangesAreSeenWhole(t *testing.T) {
	const dim, keys, rounds = 512, 300, 60 // three chunks; the runtime has helpers for larger ones
	c := open(t, vector.Options{Dim: dim, Metric: vector.L2, Runtime: workers(t, 4)})
	make1 := func(key, version int) item {
		v := make([]float32, dim)
		v[0], v[dim-1] = float32(version), float32(version)
		return item{ID: strconv.Itoa(key), Vector: v, Meta: vector.Meta{"v": version}, Text: strconv.Itoa(version)}
	}
	whole := func(distance float64, m vector.Meta) bool {
		return distance == math.Sqrt(2*float64(m["v"].(int))*float64(m["v"].(int)))
	}
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			for i := range rounds {
				batch := make([]item, 0, keys/2)
				for key := w; key < keys; key += 2 {
					batch = append(batch, make1(key, i))
				}
				if err := c.Upsert(t.Context(), batch...); err != nil {
					t.Error(err)
				}
				for key := w; key < keys; key += 4 {
					if n, err := c.Delete(t.Context(), strconv.Itoa(key)); n != 1 || err != nil {
						t.Error(n, err)
					}
				}
			}
		})
		wg.Go(func() {
			for range rounds {
				hits, err := c.Search(t.Context(), query{Vector: make([]float32, dim), K: keys})
				for _, h := range hits {
					if err != nil || !whole(h.Distance, h.Meta) {
						t.Errorf("%v, %v", h, err)
					}
				}
				for it, err := range c.All(t.Context()) {
					if err != nil || it.Text != fmt.Sprint(it.Meta["v"]) || float32(it.Meta["v"].(int)) != it.Vector[dim-1] {
						t.Errorf("%v %v, %v", it.Text, it.Meta, err)
					}
				}
			}
		})
	}
	wg.Wait()
}

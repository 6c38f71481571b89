package vector_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/vector"
)

func stats(t testing.TB, c interface {
	Stats(context.Context) (vector.Stats, error)
}) vector.Stats {
	t.Helper()
	s, err := c.Stats(t.Context())
	require.NoError(t, err)
	return s
}

func openInts(t testing.TB, o vector.Options) *vector.Collection[int] {
	t.Helper()
	c, err := vector.New[int](o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func TestNamesOfOptionsReadBack(t *testing.T) {
	for want, k := range map[string]vector.IndexKind{"auto": vector.Auto, "flat": vector.Flat, "hnsw": vector.HNSW} {
		var got vector.IndexKind
		name, err := k.MarshalText()
		require.NoError(t, err)
		require.Equal(t, want, string(name))
		require.NoError(t, got.UnmarshalText(name))
		require.Equal(t, k, got)
	}
	for want, q := range map[string]vector.Quantization{
		"none": vector.None, "sq8": vector.SQ8, "f16": vector.F16, "binary": vector.Binary,
	} {
		var got vector.Quantization
		name, err := q.MarshalText()
		require.NoError(t, err)
		require.Equal(t, want, string(name))
		require.NoError(t, got.UnmarshalText(name))
		require.Equal(t, q, got)
	}
	require.Equal(t, "index(7) quantization(-1)", fmt.Sprint(vector.IndexKind(7), vector.Quantization(-1)))
	_, err := vector.IndexKind(7).MarshalText()
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = vector.Quantization(7).MarshalText()
	require.EqualError(t, err, "vector: unknown quantization(7): invalid option")
	require.ErrorIs(t, new(vector.IndexKind).UnmarshalText([]byte("tree")), quintet.ErrOption)
	require.EqualError(t, new(vector.Quantization).UnmarshalText([]byte("pq")),
		`vector: unknown quantization "pq": invalid option`)
}

func TestAutoBuildsAGraphWhenItPays(t *testing.T) {
	o := vector.Options{Dim: 64, Metric: vector.L2, EfSearch: 4, M: 4, EfConstruction: 10}
	n := vector.GraphPays(o)
	c := openInts(t, o)
	vs := synth.Clusters(1, n+50, o.Dim, 10)
	fill(t, c, vs[:n-1])
	vector.Settle(c)
	require.Equal(t, vector.Flat, stats(t, c).Index)
	require.NoError(t, c.Upsert(t.Context(), vector.Item[int]{ID: n - 1, Vector: vs[n-1]}))
	vector.Settle(c)
	s := stats(t, c)
	require.Equal(t, vector.HNSW, s.Index)
	require.Equal(t, n, s.Items)
	require.Zero(t, s.Unlinked)
	require.Positive(t, s.Levels)
	require.Positive(t, s.LinkBytes)
	for i, v := range vs[:n] {
		it, ok, err := c.Get(t.Context(), i)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, v, it.Vector)
	}
	for i := range n {
		_, err := c.Delete(t.Context(), i)
		require.NoError(t, err)
	}
	vector.Settle(c)
	s = stats(t, c)
	require.LessOrEqual(t, s.Deleted, 32)
	require.Equal(t, vector.HNSW, s.Index, "it stays")
	hits, err := c.Search(t.Context(), vector.Query{Vector: vs[0]})
	require.NoError(t, err)
	require.Empty(t, hits)
}

// TestRecallOfAGraph holds floors on data that is hard for graphs.
func TestRecallOfAGraph(t *testing.T) {
	const n, queries, dim = 1000 + 2000/scale, 160 / scale, 32 // codes from 1000 on
	vs := hard(1, n+queries, dim)
	for _, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2}[:1+2/scale] {
		for _, quant := range []vector.Quantization{vector.None, vector.SQ8} {
			t.Run(fmt.Sprint(metric, " ", quant), func(t *testing.T) {
				c := openInts(t, vector.WalkAlways(vector.Options{
					Dim: dim, Metric: metric, Index: vector.HNSW, EfConstruction: 30 + 70/scale, Quantization: quant,
				}))
				fill(t, c, vs[:n])
				vector.Settle(c)
				require.Equal(t, quant, stats(t, c).Quantization)
				for name, q := range map[string]vector.Query{
					"all":        {},
					"half":       {Filter: vector.AtMost("percent", 49)},
					"a tenth":    {Filter: vector.AtMost("percent", 9)},
					"one of 100": {Filter: vector.Eq("percent", 7)},
				} {
					share := recallAt(t, c, vs[n:], q)
					t.Logf("%s: recall@10 %.4f", name, share)
					require.GreaterOrEqual(t, share, 0.95, name)
				}
				share, err := c.Recall(t.Context(), 50/scale)
				require.NoError(t, err)
				require.GreaterOrEqual(t, share, 0.95)
			})
		}
	}
}

func TestRecallSaysWhatItCannotDo(t *testing.T) {
	c := openInts(t, vector.Options{Dim: 2})
	share, err := c.Recall(t.Context(), 3)
	require.NoError(t, err)
	require.EqualValues(t, 1, share, "nothing is missed")
	_, err = c.Recall(t.Context(), 0)
	require.EqualError(t, err, "vector.Recall: sample is 0, want at least 1: invalid input")
	fill(t, c, [][]float32{{1, 0}})
	share, err = c.Recall(t.Context(), 3)
	require.NoError(t, err)
	require.EqualValues(t, 1, share)
	require.NoError(t, c.Close())
	_, err = c.Recall(t.Context(), 3)
	require.ErrorIs(t, err, quintet.ErrClosed)
}

func TestALargerEfFindsMore(t *testing.T) {
	const n, dim = 3000, 32
	vs := hard(2, n+50, dim)
	c := openInts(t, vector.WalkAlways(vector.Options{
		Dim: dim, Metric: vector.L2, Index: vector.HNSW, M: 4, EfConstruction: 20, EfSearch: 10,
	}))
	fill(t, c, vs[:n])
	vector.Settle(c)
	few, more := recallAt(t, c, vs[n:], vector.Query{}), recallAt(t, c, vs[n:], vector.Query{Ef: 500})
	t.Logf("recall@10 %.4f at ef 10, %.4f at ef 500", few, more)
	require.Less(t, few, 0.5)
	require.Greater(t, more, 0.9)
	for _, bad := range []int{-1, 1 << 17} {
		_, err := c.Search(t.Context(), vector.Query{Vector: vs[0], Ef: bad})
		require.ErrorIs(t, err, quintet.ErrInput)
	}
}

// TestFiltersFollowTheItems asks filters again and again while items change: what
// was remembered of them must keep up.
func TestFiltersFollowTheItems(t *testing.T) {
	const keys = 400
	rng := rand.New(rand.NewPCG(3, 3))
	c := openInts(t, vector.WalkAlways(vector.Options{Dim: 4, Metric: vector.L2, Index: vector.HNSW, M: 8}))
	tag := map[int]int{}
	for range 1500 {
		key := rng.IntN(keys)
		if rng.IntN(4) == 0 {
			_, err := c.Delete(t.Context(), key)
			require.NoError(t, err)
			delete(tag, key)
		} else {
			tag[key] = rng.IntN(50) // more filters than are remembered
			v := []float32{rng.Float32(), rng.Float32(), rng.Float32(), rng.Float32()}
			it := vector.Item[int]{ID: key, Vector: v, Meta: vector.Meta{"tag": tag[key]}}
			require.NoError(t, c.Upsert(t.Context(), it))
		}
		want := map[int]bool{}
		wanted := rng.IntN(50)
		for k, v := range tag {
			if v == wanted {
				want[k] = true
			}
		}
		hits, err := c.Search(t.Context(), vector.Query{
			Vector: make([]float32, 4), K: keys, Filter: vector.And(vector.Eq("tag", wanted), vector.Filter{}),
		})
		require.NoError(t, err)
		require.Len(t, hits, len(want))
		for _, h := range hits {
			require.True(t, want[h.ID])
		}
	}
}

func TestDifferentFiltersAreNotTakenForOneAnother(t *testing.T) {
	c := open(t, vector.WalkAlways(vector.Options{Dim: 1, Metric: vector.L2, Index: vector.HNSW}))
	metas := []vector.Meta{{"a": "x"}, {"a": "y"}, {"b": "x"}, {"a": 1}, {"a": 2.5}, {"a": true}, {"a": []string{"x", "y"}}, nil}
	for i, m := range metas {
		upsert(t, c, item{ID: strconv.Itoa(i), Vector: []float32{float32(i)}, Meta: m})
	}
	want := map[string]vector.Filter{
		"0 6":         vector.Eq("a", "x"),
		"1 6":         vector.Eq("a", "y"),
		"2":           vector.Eq("b", "x"),
		"0 1 6":       vector.In("a", "x", "y"),
		"3":           vector.Eq("a", 1),
		"3 4":         vector.AtLeast("a", 1),
		"4":           vector.Range("a", 2.0, 3.0),
		"5":           vector.Eq("a", true),
		"0 1 3 4 5 6": vector.Exists("a"),
		"2 7":         vector.Not(vector.Exists("a")),
		"":            vector.Or(),
		"0 2 6":       vector.Or(vector.Eq("a", "x"), vector.Eq("b", "x")),
		"6":           vector.And(vector.Eq("a", "x"), vector.Eq("a", "y")),
	}
	for range 2 {
		for ids1, f := range want {
			got := ids(search(t, c, query{Vector: []float32{0}, K: 20, Filter: f}))
			require.Equal(t, fmt.Sprint("[", ids1, "]"), fmt.Sprint(got))
		}
	}
}

func TestBatchesWalkTheGraphToo(t *testing.T) {
	const n, dim = 1000 / scale, 16
	vs := hard(4, n, dim)
	c := openInts(t, vector.WalkAlways(vector.Options{
		Dim: dim, Metric: vector.L2, Index: vector.HNSW, Runtime: workers(t, 4),
	}))
	fill(t, c, vs)
	vector.Settle(c)
	var qs []vector.Query
	for i := range 100 {
		qs = append(qs, vector.Query{Vector: vs[i], K: 1 + i%9, Exact: i%7 == 3})
	}
	qs[5].Vector = nil
	out, err := c.SearchBatch(t.Context(), qs)
	require.ErrorIs(t, err, quintet.ErrInput)
	require.Nil(t, out[5])
	for i, q := range qs {
		if i == 5 {
			continue
		}
		one, err := c.Search(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, one, out[i])
		require.Equal(t, i, one[0].ID, "it finds itself")
	}
}

func TestMaxDistanceCutsWhatAWalkFinds(t *testing.T) {
	c := openInts(t, vector.WalkAlways(vector.Options{Dim: 1, Metric: vector.L2, Index: vector.HNSW}))
	var vs [][]float32
	for i := range 500 {
		vs = append(vs, []float32{float32(i)})
	}
	fill(t, c, vs)
	vector.Settle(c)
	hits, err := c.Search(t.Context(), vector.Query{Vector: []float32{100}, K: 50, MaxDistance: 3})
	require.NoError(t, err)
	require.Len(t, hits, 7)
}

// TestAWalkSeesCallsWhole is TestChangesAreSeenWhole for a graph: each call sets all
// items of a group to one version.
func TestAWalkSeesCallsWhole(t *testing.T) {
	const dim, group, groups, rounds = 8, 20, 6, 25
	c := openInts(t, vector.WalkAlways(vector.Options{
		Dim: dim, Metric: vector.L2, Index: vector.HNSW, M: 8, EfConstruction: 40, Runtime: workers(t, 2),
	}))
	make1 := func(g, version int) (items []vector.Item[int]) {
		for i := range group {
			v := make([]float32, dim)
			v[0], v[1], v[2] = float32(100*g), float32(version), float32(i)
			items = append(items, vector.Item[int]{ID: g*group + i, Vector: v, Meta: vector.Meta{"v": version, "g": g}})
		}
		return items
	}
	for g := range groups {
		require.NoError(t, c.Upsert(t.Context(), make1(g, 0)...))
	}
	var writers, others sync.WaitGroup
	stop := make(chan struct{})
	for w := range 2 {
		writers.Go(func() {
			for i := range rounds {
				for g := w; g < groups; g += 2 {
					if err := c.Upsert(t.Context(), make1(g, i+1)...); err != nil {
						t.Error(err)
					}
				}
			}
		})
		others.Go(func() {
			rng := rand.New(rand.NewPCG(9, uint64(w)))
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				g := rng.IntN(groups)
				q := vector.Query{Vector: make1(g, rounds)[0].Vector, K: group, Filter: vector.Eq("g", g), Exact: i%8 == 0}
				hits, err := c.Search(t.Context(), q)
				if err != nil || len(hits) != group {
					t.Errorf("%d hits, %v", len(hits), err)
					return
				}
				for _, h := range hits {
					if h.Meta["v"] != hits[0].Meta["v"] {
						t.Errorf("versions %v and %v in one search", h.Meta["v"], hits[0].Meta["v"])
					}
				}
			}
		})
	}
	others.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if err := c.Compact(t.Context()); err != nil {
				t.Error(err)
			}
			stats(t, c)
		}
	})
	writers.Wait()
	close(stop)
	others.Wait()
	vector.Settle(c)
	require.LessOrEqual(t, stats(t, c).Deleted, 32+groups*group/4)
	require.Equal(t, groups*group, c.Len())
}

func TestACollectionOfCodesTakesChanges(t *testing.T) {
	const n, dim = 1000 + 1500/scale, 32
	vs := hard(5, 2*n+20, dim)
	c := openInts(t, vector.WalkAlways(vector.Options{
		Dim: dim, Metric: vector.Cosine, Index: vector.HNSW, EfConstruction: 30, Quantization: vector.SQ8,
	}))
	fill(t, c, vs[:n])
	vector.Settle(c)
	s := stats(t, c)
	require.Equal(t, vector.SQ8, s.Quantization)
	require.Positive(t, s.CodeBytes)
	fill(t, c, vs[n:2*n]) // replaces all
	require.GreaterOrEqual(t, recallAt(t, c, vs[2*n:], vector.Query{}), 0.95)
	vector.Settle(c)
	require.NoError(t, c.Compact(t.Context()))
	s = stats(t, c)
	require.Zero(t, s.Deleted)
	require.Equal(t, n, s.Items)
	require.Equal(t, vector.SQ8, s.Quantization)
	require.GreaterOrEqual(t, recallAt(t, c, vs[2*n:], vector.Query{}), 0.95)
}

func TestCompactReordersWithoutMovingInsertionOrder(t *testing.T) {
	const n, dim = 600 / scale, 8
	c := openInts(t, vector.WalkAlways(vector.Options{Dim: dim, Metric: vector.L2, Index: vector.HNSW}))
	vs := hard(6, n, dim)
	fill(t, c, vs)
	var gone []int
	for i := 0; i < n; i += 3 {
		gone = append(gone, i)
	}
	_, err := c.Delete(t.Context(), gone...)
	require.NoError(t, err)
	require.NoError(t, c.Upsert(t.Context(), vector.Item[int]{ID: 1, Vector: vs[0]}))
	require.NoError(t, c.Compact(t.Context()))
	require.Zero(t, stats(t, c).Deleted)
	next := 1
	for it, err := range c.All(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, next, it.ID)
		want := vs[next]
		if next == 1 {
			want = vs[0]
		}
		require.Equal(t, want, it.Vector)
		if next++; next%3 == 0 {
			next++
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, c.Compact(ctx), context.Canceled)
}

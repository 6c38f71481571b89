package vector_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
	"github.com/quintet-ai/quintet/vector"
)

type (
	multi      = vector.MultiCollection[string]
	multiItem  = vector.MultiItem[string]
	multiQuery = vector.MultiQuery
)

func newMulti(t testing.TB, o vector.Options) *multi {
	t.Helper()
	m, err := vector.NewMulti[string](o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

// multiModel is a MultiCollection as plainly as it can be written.
type multiModel struct {
	model
	docs []multiItem // in insertion order
}

func (m *multiModel) at(id string) int {
	return slices.IndexFunc(m.docs, func(it multiItem) bool { return it.ID == id })
}

func (m *multiModel) upsert(it multiItem) {
	if i := m.at(it.ID); i >= 0 {
		m.docs[i] = it
	} else {
		m.docs = append(m.docs, it)
	}
}

func (m *multiModel) delete(id string) int {
	before := len(m.docs)
	m.docs = slices.DeleteFunc(m.docs, func(it multiItem) bool { return it.ID == id })
	return before - len(m.docs)
}

// score is the sum of the best scores by the formula of the metric.
func (m *multiModel) score(query [][]float32, it multiItem) (sum float64) {
	for _, q := range query {
		best := math.Inf(-1)
		for _, v := range it.Vectors {
			d := m.distance(q, v)
			switch m.metric {
			case vector.Cosine:
				best = max(best, 1-d)
			case vector.Dot:
				best = max(best, -d)
			default:
				best = max(best, 1/(1+d))
			}
		}
		sum += best
	}
	return sum
}

func (m *multiModel) search(q multiQuery, keep func(vector.Meta) bool) (hits []hit) {
	for _, it := range m.docs {
		if keep(it.Meta) {
			hits = append(hits, hit{ID: it.ID, Score: m.score(q.Vectors, it), Meta: it.Meta})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(len(hits), q.K)]
}

// multiPair is a collection and its model. Vectors are of small integers; so dot
// products and squared distances are exact in float32, and as sums of float64 in the
// same order scores too. Cosine rounds in float32.
type multiPair struct {
	t     *testing.T
	rng   *rand.Rand
	dim   int
	m     *multi
	model multiModel
}

func (p *multiPair) vectors(n int) [][]float32 {
	vs := make([][]float32, n)
	for i := range vs {
		vs[i] = make([]float32, p.dim)
		for j := range vs[i] {
			vs[i][j] = float32(p.rng.IntN(7) - 3)
		}
		vs[i][p.rng.IntN(p.dim)] = 1 // not zero
	}
	return vs
}

func (p *multiPair) id() string { return fmt.Sprint(p.rng.IntN(60)) }

func (p *multiPair) step() {
	switch op := p.rng.IntN(20); {
	case op < 8:
		var items []multiItem
		for range 1 + p.rng.IntN(3) {
			id := p.id()
			it := multiItem{ID: id, Vectors: p.vectors(1 + p.rng.IntN(6)), Text: "text of " + id}
			it.Meta = vector.Meta{"n": p.rng.IntN(10)}
			items = append(items, it)
			p.model.upsert(it)
		}
		require.NoError(p.t, p.m.Upsert(p.t.Context(), items...))
	case op < 12:
		ids := []string{p.id(), p.id()}
		ids = append(ids, ids[0]) // twice
		want := 0
		for _, id := range ids {
			want += p.model.delete(id)
		}
		got, err := p.m.Delete(p.t.Context(), ids...)
		require.NoError(p.t, err)
		require.Equal(p.t, want, got)
	default:
		p.compareSearch()
	}
	require.Equal(p.t, len(p.model.docs), p.m.Len())
}

func (p *multiPair) compareSearch() {
	p.t.Helper()
	q := multiQuery{Vectors: p.vectors(1 + p.rng.IntN(5)), K: 1 + p.rng.IntN(20)}
	keep := func(vector.Meta) bool { return true }
	if p.rng.IntN(2) == 0 {
		least := p.rng.IntN(11)
		q.Filter = vector.AtLeast("n", least)
		keep = func(m vector.Meta) bool { return m["n"].(int) >= least }
	}
	want := p.model.search(q, keep)
	q.Exact = true
	p.compareHits(want, p.hits(q))
	q.Exact, q.Candidates = false, 1000 // of fewer vectors
	p.compareHits(want, p.hits(q))
	q.Candidates = 1
	require.Len(p.t, p.hits(q), len(want), "never fewer")
}

func (p *multiPair) hits(q multiQuery) []hit {
	p.t.Helper()
	hits, err := p.m.Search(p.t.Context(), q)
	require.NoError(p.t, err)
	return hits
}

func (p *multiPair) compareHits(want, got []hit) {
	p.t.Helper()
	require.Len(p.t, got, len(want))
	for i, h := range got {
		require.InDelta(p.t, want[i].Score, h.Score, 1e-5)
		if p.model.metric != vector.Cosine {
			require.Equal(p.t, want[i].ID, h.ID)
			require.Equal(p.t, want[i].Meta, h.Meta)
		}
	}
}

func (p *multiPair) compareAll() {
	p.t.Helper()
	parts := 0
	for _, want := range p.model.docs {
		got, ok, err := p.m.Get(p.t.Context(), want.ID)
		require.NoError(p.t, err)
		require.True(p.t, ok)
		parts += len(want.Vectors)
		if p.model.metric == vector.Cosine {
			require.Len(p.t, got.Vectors, len(want.Vectors))
			got.Vectors = want.Vectors
		}
		require.Equal(p.t, want, got)
	}
	require.Equal(p.t, parts, vector.Parts(p.m).Len(), "no vector is left behind")
}

func TestMaxSimAgreesWithTheSum(t *testing.T) {
	for _, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2} {
		for _, dim := range []int{1, 20} {
			t.Run(fmt.Sprintf("%v dim=%d", metric, dim), func(t *testing.T) {
				p := &multiPair{t: t, rng: rand.New(rand.NewPCG(uint64(metric), uint64(dim))), dim: dim}
				p.model.metric = metric
				p.m = newMulti(t, vector.Options{Dim: dim, Metric: metric})
				for range 800 / scale {
					p.step()
				}
				p.compareAll()
			})
		}
	}
}

func TestDocumentsOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	o := vector.Options{Dim: 4, Metric: vector.L2, Sync: vector.SyncNever}
	p := &multiPair{t: t, rng: rand.New(rand.NewPCG(1, 2)), dim: 4}
	p.model.metric = vector.L2
	for range 4 {
		m, err := vector.OpenMulti[string](dir, o)
		require.NoError(t, err)
		p.m = m
		p.compareAll()
		require.Equal(t, len(p.model.docs), m.Len())
		for range 50 {
			p.step()
		}
		require.NoError(t, m.Close())
		require.Zero(t, m.Len())
	}
	_, err := vector.OpenMulti[int](dir, o)
	require.ErrorIs(t, err, quintet.ErrOption, "keys of another type")
	_, err = vector.OpenMulti[string](dir, vector.Options{Dim: 3})
	require.ErrorIs(t, err, quintet.ErrOption)

	c, err := vector.Open[string](t.TempDir(), o)
	require.NoError(t, err)
	defer c.Close()
	upsert(t, c, item{ID: "a plain item", Vector: make([]float32, 4)})
	_, err = vector.OpenMultiOn[string](c)
	require.ErrorIs(t, err, quintet.ErrOption, "not documents")
}

// TestACrashLeavesTheOldDocumentOrTheNew cuts the log at every byte while a long
// document is replaced by a short one.
func TestACrashLeavesTheOldDocumentOrTheNew(t *testing.T) {
	o := vector.Options{Dim: 2, Metric: vector.L2}
	long := multiItem{ID: "d", Text: "long", Vectors: [][]float32{{1, 0}, {2, 0}, {3, 0}, {4, 0}}}
	short := multiItem{ID: "d", Text: "short", Vectors: [][]float32{{5, 0}, {6, 0}}}
	fs := faultfs.New()
	m, err := vector.OpenMultiOn[string](reopen(t, fs, o))
	require.NoError(t, err)
	require.NoError(t, m.Upsert(t.Context(), long))
	before := fs.Files()
	name := file(before, ".log")
	require.NoError(t, m.Upsert(t.Context(), short))
	after := fs.Files()

	texts := map[string]bool{}
	for end := len(before[name]); end <= len(after[name]); end++ {
		after := fs.Files()
		after[name] = after[name][:end]
		m, err := vector.OpenMultiOn[string](reopen(t, faultfs.With(after), o))
		require.NoError(t, err)
		require.Equal(t, 1, m.Len())
		got, ok, err := m.Get(t.Context(), "d")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, map[string]multiItem{"long": long, "short": short}[got.Text], got)
		hits, err := m.Search(t.Context(), multiQuery{Vectors: [][]float32{{4, 0}}})
		require.NoError(t, err)
		require.Equal(t, map[string]float64{"long": 0, "short": 1}[got.Text], hits[0].Distance)
		texts[got.Text] = true

		require.NoError(t, m.Upsert(t.Context(), short), "which clears what was left")
		require.Equal(t, 2, vector.Parts(m).Len())
		require.NoError(t, m.Close())
	}
	require.Len(t, texts, 2)
}

// TestADocumentChangesAsAWhole has writers that replace documents by others whose
// vectors all say the same number, and readers that must find nothing mixed.
func TestADocumentChangesAsAWhole(t *testing.T) {
	m := newMulti(t, vector.Options{Dim: 1, Metric: vector.Dot})
	write := func(w, i int) {
		it := multiItem{ID: fmt.Sprint(i % 5), Text: fmt.Sprint(w*1000 + i)}
		for range 1 + (w+i)%4 {
			it.Vectors = append(it.Vectors, []float32{float32(w*1000 + i)})
		}
		require.NoError(t, m.Upsert(context.Background(), it))
	}
	for i := range 5 {
		write(0, i)
	}
	var writers sync.WaitGroup
	writers.Go(func() { together(2, func(w int) { repeat(200, func(i int) { write(w, i) }) }) })
	for i := range 200 {
		got, ok, err := m.Get(t.Context(), fmt.Sprint(i%5))
		require.NoError(t, err)
		require.True(t, ok)
		for _, v := range got.Vectors {
			require.Equal(t, got.Text, fmt.Sprint(v[0]))
		}
		hits, err := m.Search(t.Context(), multiQuery{Vectors: [][]float32{{1}, {-1}}, Exact: i%2 == 0})
		require.NoError(t, err)
		require.Len(t, hits, 5)
		for _, h := range hits {
			require.Zero(t, h.Score, "the largest less the smallest number")
		}
	}
	writers.Wait()
	require.Equal(t, 5, m.Len())
}

func repeat(n int, do func(i int)) {
	for i := range n {
		do(i)
	}
}

// topics are documents like ColBERT's, of vectors around a topic of their own, and
// queries for some of them.
func topics(rng *rand.Rand, docs, queries, dim int) (items []multiItem, qs [][][]float32) {
	near := func(topic []float32, n int) (vs [][]float32) {
		for range n {
			v := make([]float32, dim)
			for i := range v {
				v[i] = topic[i] + float32(rng.NormFloat64())
			}
			vs = append(vs, v)
		}
		return vs
	}
	for i, topic := range near(make([]float32, dim), docs) {
		items = append(items, multiItem{ID: fmt.Sprint(i), Vectors: near(topic, 8)})
		if i < queries {
			qs = append(qs, near(topic, 6))
		}
	}
	return items, qs
}

// TestMaxSimFindsTheBestByAGraph wants most of the best documents from few
// candidates.
func TestMaxSimFindsTheBestByAGraph(t *testing.T) {
	const dim = 24
	m := newMulti(t, vector.WalkAlways(vector.Options{Dim: dim, Index: vector.HNSW, EfConstruction: 60}))
	items, queries := topics(rand.New(rand.NewPCG(7, 8)), 600/scale, 30, dim)
	require.NoError(t, m.Upsert(t.Context(), items...))
	vector.Settle(vector.Parts(m))
	for candidates, floor := range map[int]float64{0: 0.99, 16: 0.9} {
		t.Run(fmt.Sprint("candidates=", candidates), func(t *testing.T) {
			found, wanted := 0, 0
			for _, vs := range queries {
				q := multiQuery{Vectors: vs, Candidates: candidates}
				got, err := m.Search(t.Context(), q)
				require.NoError(t, err)
				q.Exact = true
				want, err := m.Search(t.Context(), q)
				require.NoError(t, err)
				for _, h := range want {
					wanted++
					if slices.ContainsFunc(got, func(g hit) bool { return g.ID == h.ID }) {
						found++
					}
				}
			}
			t.Logf("found %d of %d", found, wanted)
			require.GreaterOrEqual(t, float64(found), floor*float64(wanted))
		})
	}
}

func TestTheBestOfManyDocumentsAreKept(t *testing.T) {
	m, err := vector.NewMulti[int](vector.Options{Dim: 1, Metric: vector.Dot})
	require.NoError(t, err)
	defer m.Close()
	var items []vector.MultiItem[int]
	for i := range 3000 {
		items = append(items, vector.MultiItem[int]{ID: i, Vectors: [][]float32{{float32(i * 7 % 3000 / 2)}}})
	}
	require.NoError(t, m.Upsert(t.Context(), items...))
	hits, err := m.Search(t.Context(), multiQuery{Vectors: [][]float32{{1}, {1}}, K: 4, Exact: true})
	require.NoError(t, err)
	var ids []int
	for _, h := range hits {
		ids = append(ids, h.ID)
	}
	require.Equal(t, []int{857, 1714, 428, 2571}, ids, "two of 1499, two of 1498, the earlier first")
}

// TestVectorsThatCouldNotBeClearedAreNotSeen has the disk fail between the two records
// that replace a long document by a short one.
func TestVectorsThatCouldNotBeClearedAreNotSeen(t *testing.T) {
	fs := faultfs.New()
	m, err := vector.OpenMultiOn[string](reopen(t, fs, vector.Options{Dim: 1, Metric: vector.L2}))
	require.NoError(t, err)
	require.NoError(t, m.Upsert(t.Context(), multiItem{ID: "d", Vectors: [][]float32{{1}, {2}, {3}, {4}}}))
	writes := 0
	fs.Fail(func(op, _ string) error {
		if op == "write" {
			writes++
		}
		if op == "write" && writes > 1 {
			return errors.New("disk is full")
		}
		return nil
	})
	require.NoError(t, m.Upsert(t.Context(), multiItem{ID: "d", Vectors: [][]float32{{9}}}))
	require.Equal(t, 4, vector.Parts(m).Len(), "three could not be cleared")
	for _, exact := range []bool{false, true} {
		hits, err := m.Search(t.Context(), multiQuery{Vectors: [][]float32{{4}}, Exact: exact})
		require.NoError(t, err)
		require.Len(t, hits, 1)
		require.Equal(t, 5.0, hits[0].Distance)
	}
	fs.Fail(nil)
	require.NoError(t, m.Upsert(t.Context(), multiItem{ID: "d", Vectors: [][]float32{{8}, {7}}}))
	require.Equal(t, 2, vector.Parts(m).Len())
	got, _, err := m.Get(t.Context(), "d")
	require.NoError(t, err)
	require.Equal(t, [][]float32{{8}, {7}}, got.Vectors)
}

func BenchmarkMaxSim(b *testing.B) {
	items, queries := topics(rand.New(rand.NewPCG(1, 2)), 5000, 16, 64)
	m := newMulti(b, vector.Options{Dim: 64, Index: vector.HNSW, EfConstruction: 60})
	require.NoError(b, m.Upsert(b.Context(), items...))
	vector.Settle(vector.Parts(m))
	for _, exact := range []bool{true, false} {
		b.Run(fmt.Sprint("exact=", exact), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				_, err := m.Search(b.Context(), multiQuery{Vectors: queries[i%len(queries)], Exact: exact})
				require.NoError(b, err)
			}
		})
	}
}

func TestBadDocumentsAreRefused(t *testing.T) {
	many := make([][]float32, vector.MaxItemVectors+1)
	for i := range many {
		many[i] = []float32{1, 1}
	}
	good := multiItem{ID: "good", Vectors: [][]float32{{1, 2}, {3, 4}}}
	tests := map[string]struct {
		bad multiItem
		why string
	}{
		"no vectors":           {multiItem{ID: "x"}, "0 vectors"},
		"too many vectors":     {multiItem{ID: "x", Vectors: many}, "4097 vectors"},
		"another dimension":    {multiItem{ID: "x", Vectors: [][]float32{{1, 2}, {1}}}, "vector 1: vector has 1 floats"},
		"a zero vector":        {multiItem{ID: "x", Vectors: [][]float32{{0, 0}}}, "vector 0: zero vector"},
		"metadata of no type":  {multiItem{ID: "x", Vectors: many[:1], Meta: vector.Meta{"a": struct{}{}}}, "type struct"},
		"bad, later corrected": {multiItem{ID: "good"}, "0 vectors"},
		"more than MaxItems":   {multiItem{ID: "x", Vectors: many[:10]}, "collection is full"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMulti(t, vector.Options{Dim: 2, MaxItems: 10})
			err := m.Upsert(t.Context(), multiItem{ID: "first", Vectors: many[:1]}, tt.bad, good)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.ErrorContains(t, err, "vector.Upsert [1]: ")
			require.ErrorContains(t, err, tt.why)
			require.Zero(t, m.Len())
			require.Zero(t, vector.Parts(m).Len())
			require.NoError(t, m.Upsert(t.Context(), multiItem{ID: "good", Vectors: many[:1]}, good))
			got, _, err := m.Get(t.Context(), "good")
			require.NoError(t, err)
			require.Len(t, got.Vectors, 2, "the last of an ID counts")
		})
	}
}

func TestBadQueriesForDocumentsAreRefused(t *testing.T) {
	v := [][]float32{{1, 2}}
	tests := map[string]multiQuery{
		"no vectors":              {},
		"too many vectors":        {Vectors: make([][]float32, vector.MaxQueryVectors+1)},
		"another dimension":       {Vectors: [][]float32{{1, 2}, {1}}},
		"a zero vector":           {Vectors: [][]float32{{0, 0}}},
		"not a number":            {Vectors: [][]float32{{float32(math.NaN()), 0}}},
		"negative K":              {Vectors: v, K: -1},
		"negative Candidates":     {Vectors: v, Candidates: -1},
		"negative Ef":             {Vectors: v, Ef: -1},
		"a filter of a bad range": {Vectors: v, Filter: vector.Range("n", 2, 1)},
	}
	m := newMulti(t, vector.Options{Dim: 2})
	for name, q := range tests {
		t.Run(name, func(t *testing.T) {
			for _, q.Exact = range []bool{false, true} {
				_, err := m.Search(t.Context(), q)
				require.ErrorIs(t, err, quintet.ErrInput)
			}
		})
	}
	hits, err := m.Search(t.Context(), multiQuery{Vectors: v, K: math.MaxInt, Candidates: math.MaxInt})
	require.NoError(t, err)
	require.Empty(t, hits)
}

func TestDocumentsAfterCloseAndCancel(t *testing.T) {
	m, err := vector.NewMulti[int](vector.Options{Dim: 1})
	require.NoError(t, err)
	it := vector.MultiItem[int]{ID: 1, Vectors: [][]float32{{1}}}
	q := multiQuery{Vectors: it.Vectors}
	calls := func(ctx context.Context) (errs []error) {
		_, err := m.Delete(ctx, 1)
		errs = append(errs, err, m.Upsert(ctx, it))
		_, _, err = m.Get(ctx, 1)
		errs = append(errs, err)
		for _, q.Exact = range []bool{false, true} {
			_, err = m.Search(ctx, q)
			errs = append(errs, err)
		}
		return errs
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for i, err := range calls(ended) {
		require.ErrorIs(t, err, context.Canceled, "call %d", i)
	}
	require.NoError(t, m.Close())
	require.NoError(t, m.Close())
	for i, err := range calls(t.Context()) {
		require.ErrorIs(t, err, quintet.ErrClosed, "call %d", i)
	}
	_, err = vector.NewMulti[int](vector.Options{})
	require.ErrorIs(t, err, quintet.ErrOption)
}

// FuzzPartKeys states that a key of any type and a number come back from the key of
// a vector, and that no other bytes say the same.
func FuzzPartKeys(f *testing.F) {
	f.Add("", int64(0), uint16(0))
	f.Add("a\x00b", int64(-1), uint16(4095))
	f.Add(vector.PartKey(int64(7), 3), int64(math.MinInt64), uint16(1))
	f.Add(vector.PartKey("a key", 3), int64(math.MaxInt64), uint16(1))
	f.Fuzz(func(t *testing.T, s string, n int64, part uint16) {
		type number uint64
		partKeys(t, s, s, int(part))
		partKeys(t, n, s, int(part))
		partKeys(t, int(n), s, int(part))
		partKeys(t, number(n), s, int(part))
	})
}

func partKeys[K vector.Key](t *testing.T, id K, raw string, part int) {
	t.Helper()
	if back, p, ok := vector.PartOf[K](vector.PartKey(id, part)); !ok || back != id || p != part {
		t.Fatalf("%v, %d came back as %v, %d, %v", id, part, back, p, ok)
	}
	if id, p, ok := vector.PartOf[K](raw); ok && vector.PartKey(id, p) != raw {
		t.Fatalf("%q says %v, %d, whose key is %q", raw, id, p, vector.PartKey(id, p))
	}
}

func ExampleMultiCollection() {
	ctx := context.Background()
	m, err := vector.NewMulti[string](vector.Options{Dim: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	east, north, west := []float32{1, 0}, []float32{0, 1}, []float32{-1, 0}
	err = m.Upsert(ctx,
		vector.MultiItem[string]{ID: "corner", Vectors: [][]float32{east, north}},
		vector.MultiItem[string]{ID: "road", Vectors: [][]float32{east, west}})
	if err != nil {
		fmt.Println(err)
		return
	}
	hits, err := m.Search(ctx, vector.MultiQuery{Vectors: [][]float32{east, {3, 4}}})
	for _, h := range hits {
		fmt.Printf("%s %.1f\n", h.ID, h.Score)
	}
	fmt.Println(err)
	// Output:
	// corner 1.8
	// road 1.6
	// <nil>
}

func TestMultiCollectionsHaveNoTextIndex(t *testing.T) {
	_, err := vector.NewMulti[string](vector.Options{Dim: 2, TextIndex: true})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = vector.OpenMulti[string](t.TempDir(), vector.Options{Dim: 2, TextIndex: true})
	require.ErrorIs(t, err, quintet.ErrOption)
}

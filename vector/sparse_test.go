package vector_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
	"github.com/quintet-ai/quintet/vector"
)

// product is the dot product, and whether the vectors share a dimension.
func product(a, b vector.Sparse) (sum float64, share bool) {
	for i, index := range a.Indices {
		at, ok := slices.BinarySearch(b.Indices, index)
		if ok && a.Values[i] != 0 && b.Values[at] != 0 {
			sum, share = sum+float64(a.Values[i])*float64(b.Values[at]), true
		}
	}
	return sum, share
}

// smallSparse is none half of the time, else one of few dimensions and small whole numbers.
func smallSparse(rng *rand.Rand) (s vector.Sparse) {
	for index := range uint32(12 * rng.IntN(2)) {
		if rng.IntN(4) == 0 {
			s.Indices, s.Values = append(s.Indices, 1000*index), append(s.Values, float32(rng.IntN(9)-2))
		}
	}
	return s
}

// compareSparse wants the scores of the best, each from the item that has it.
func (p *pair) compareSparse() {
	q := query{Sparse: smallSparse(p.rng), K: 1 + p.rng.IntN(30)}
	if len(q.Sparse.Indices) == 0 {
		return
	}
	keep := func(vector.Meta) bool { return true }
	if least := p.rng.IntN(11); p.rng.IntN(2) == 0 {
		q.Filter = vector.AtLeast("n", least)
		keep = func(m vector.Meta) bool { n, ok := m["n"].(int); return ok && n >= least }
	}
	var want []float64
	for _, it := range p.model.items {
		if score, share := product(q.Sparse, it.Sparse); share && keep(it.Meta) {
			want = append(want, score)
		}
	}
	slices.SortFunc(want, func(a, b float64) int { return cmp.Compare(b, a) })
	got := search(p.t, p.c, q)
	require.Len(p.t, got, min(len(want), q.K))
	seen := map[string]bool{}
	for i, h := range got {
		require.Equal(p.t, want[i], h.Score, "hit %d", i)
		require.Equal(p.t, 0-h.Score, h.Distance)
		require.False(p.t, seen[h.ID], "hit %v comes twice", h)
		seen[h.ID] = true
		at := p.model.find(h.ID)
		require.GreaterOrEqual(p.t, at, 0, "hit %v is stale", h)
		score, share := product(q.Sparse, p.model.items[at].Sparse)
		require.True(p.t, share)
		require.Equal(p.t, score, h.Score)
		require.Equal(p.t, p.model.items[at].Meta, h.Meta)
	}
}

func TestBadSparseVectorsAreRefused(t *testing.T) {
	many := vector.Sparse{Indices: make([]uint32, vector.MaxSparse+1), Values: make([]float32, vector.MaxSparse+1)}
	for i := range many.Indices {
		many.Indices[i], many.Values[i] = uint32(i), 1
	}
	tests := map[string]vector.Sparse{
		"more indices than values": {Indices: []uint32{1, 2}, Values: []float32{1}},
		"values without indices":   {Values: []float32{1}},
		"indices fall":             {Indices: []uint32{2, 1}, Values: []float32{1, 1}},
		"an index comes twice":     {Indices: []uint32{2, 2}, Values: []float32{1, 1}},
		"NaN":                      {Indices: []uint32{2}, Values: []float32{float32(math.NaN())}},
		"infinity":                 {Indices: []uint32{2}, Values: []float32{float32(math.Inf(-1))}},
		"too many":                 many,
	}
	c := open(t, vector.Options{Dim: 1, Metric: vector.L2})
	upsert(t, c, item{ID: "good", Vector: []float32{1}, Sparse: vector.Sparse{Indices: []uint32{2}, Values: []float32{1}}})
	for name, s := range tests {
		t.Run(name, func(t *testing.T) {
			bad := item{ID: "bad", Vector: []float32{1}, Sparse: s}
			require.ErrorIs(t, c.Upsert(t.Context(), item{ID: "other", Vector: []float32{1}}, bad), quintet.ErrInput)
			require.Equal(t, 1, c.Len(), "all or none")
			_, err := c.Search(t.Context(), query{Sparse: s})
			require.ErrorIs(t, err, quintet.ErrInput)
			_, err = c.SearchBatch(t.Context(), []query{{Vector: []float32{1}}, {Sparse: s}})
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
	for _, weight := range []float64{-1, math.NaN(), math.Inf(1)} {
		_, err := c.Search(t.Context(), query{Sparse: vector.Sparse{Indices: []uint32{2}, Values: []float32{1}}, SparseWeight: weight})
		require.ErrorIs(t, err, quintet.ErrInput)
	}
}

// spots holds items on a line with one sparse dimension of their own and one for all.
func spots(t *testing.T) *vector.Collection[string] {
	c := open(t, vector.Options{Dim: 1, Metric: vector.L2, TextIndex: true})
	for i, id := range []string{"a", "b", "c", "d"} {
		upsert(t, c, item{
			ID: id, Vector: []float32{float32(i)}, Text: "letter " + id + id, Meta: vector.Meta{"i": i},
			Sparse: vector.Sparse{Indices: []uint32{uint32(i), math.MaxUint32}, Values: []float32{10, float32(1 + i)}},
		})
	}
	upsert(t, c, item{ID: "none", Vector: []float32{9}})
	return c
}

func TestSparseVectorsAreSearched(t *testing.T) {
	c := spots(t)
	all := vector.Sparse{Indices: []uint32{math.MaxUint32}, Values: []float32{1}}
	first := vector.Sparse{Indices: []uint32{0, 77}, Values: []float32{1, 1}}
	tests := map[string]struct {
		query vector.Query
		want  []string
	}{
		"best first":                    {query{Sparse: all}, []string{"d", "c", "b", "a"}},
		"no more than K":                {query{Sparse: all, K: 2}, []string{"d", "c"}},
		"behind a filter":               {query{Sparse: all, Filter: vector.AtMost("i", 1)}, []string{"b", "a"}},
		"those that share a dimension":  {query{Sparse: first}, []string{"a"}},
		"none shares a dimension":       {query{Sparse: vector.Sparse{Indices: []uint32{77}, Values: []float32{1}}}, []string{}},
		"a dimension of value 0":        {query{Sparse: vector.Sparse{Indices: []uint32{0}, Values: []float32{0}}}, []string{}},
		"negative products come last":   {query{Sparse: vector.Sparse{Indices: []uint32{1, math.MaxUint32}, Values: []float32{1, -1}}}, []string{"b", "a", "c", "d"}},
		"with a vector, both count":     {query{Sparse: all, Vector: []float32{2}, K: 2}, []string{"c", "d"}},
		"the weight counts":             {query{Sparse: first, Vector: []float32{3}, K: 2, SparseWeight: 3}, []string{"a", "d"}},
		"by score":                      {query{Sparse: first, Vector: []float32{3}, K: 1, Fusion: vector.ByScore, SparseWeight: 9}, []string{"a"}},
		"with a vector and a text":      {query{Sparse: first, Vector: []float32{0}, Text: "aa", K: 1}, []string{"a"}},
		"with a text":                   {query{Sparse: first, Text: "dd", TextWeight: 2, K: 2}, []string{"d", "a"}},
		"the filter holds for each":     {query{Sparse: all, Vector: []float32{0}, Filter: vector.Eq("i", 3)}, []string{"d"}},
		"an empty one is no vector too": {query{Sparse: vector.Sparse{Indices: []uint32{}}, Vector: []float32{9}, K: 1}, []string{"none"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			hits := search(t, c, tt.query)
			require.Equal(t, tt.want, ids(hits))
			batch, err := c.SearchBatch(t.Context(), []query{{Vector: []float32{9}}, tt.query})
			require.NoError(t, err)
			require.Equal(t, hits, batch[1])
		})
	}
	require.Equal(t, 4, stats(t, c).Sparse)
	require.Empty(t, search(t, open(t, vector.Options{Dim: 1}), query{Sparse: all}), "a collection without any")
	require.NoError(t, c.Close())
	_, err := c.Search(t.Context(), query{Sparse: all})
	require.ErrorIs(t, err, quintet.ErrClosed)
}

func TestSparseVectorsAreCopied(t *testing.T) {
	c := open(t, vector.Options{Dim: 1, Metric: vector.L2})
	s := vector.Sparse{Indices: []uint32{3, 5}, Values: []float32{0, 2}}
	upsert(t, c, item{ID: "a", Vector: []float32{1}, Sparse: s})
	s.Indices[0], s.Values[1] = 4, 9
	want := vector.Sparse{Indices: []uint32{3, 5}, Values: []float32{0, 2}}
	for range 2 {
		it, _, err := c.Get(t.Context(), "a")
		require.NoError(t, err)
		require.Equal(t, want, it.Sparse)
		it.Sparse.Values[1] = 9
	}
}

func TestManyChangesOfSparseVectorsDropTheirNumbers(t *testing.T) {
	c := open(t, vector.Options{Dim: 1, Metric: vector.L2})
	q := query{Sparse: vector.Sparse{Indices: []uint32{1}, Values: []float32{1}}}
	for i := range 12_000 {
		s := vector.Sparse{Indices: []uint32{1}, Values: []float32{float32(i)}}
		upsert(t, c, item{ID: fmt.Sprint(i % 5), Vector: []float32{1}, Sparse: s})
	}
	var scores []float64
	for _, h := range search(t, c, q) {
		scores = append(scores, h.Score)
	}
	require.Equal(t, []float64{11_999, 11_998, 11_997, 11_996, 11_995}, scores)
}

func TestSparseVectorsGoThroughJSONL(t *testing.T) {
	var w bytes.Buffer
	from := spots(t)
	n, err := vector.ExportJSONL(&w, from.All(t.Context()), nil)
	require.NoError(t, err)
	require.Equal(t, 5, n)
	to := open(t, vector.Options{Dim: 1, Metric: vector.L2})
	_, err = vector.ImportJSONL(t.Context(), to, &w, nil)
	require.NoError(t, err)
	for i, it := range all(t, to) {
		require.Equal(t, all(t, from)[i].Sparse, it.Sparse)
	}
	for _, line := range []string{
		`{"id":"x","vector":[1],"sparse":{"indices":[-1],"values":[1]}}`,
		`{"id":"x","vector":[1],"sparse":{"indices":[4294967296],"values":[1]}}`,
		`{"id":"x","vector":[1],"sparse":{"indices":[1.5],"values":[1]}}`,
		`{"id":"x","vector":[1],"sparse":{"indices":[1],"values":[null]}}`,
		`{"id":"x","vector":[1],"sparse":{"indices":[1],"values":[1e99]}}`,
		`{"id":"x","vector":[1],"sparse":{"indices":[1],"values":[1,2]}}`,
		`{"id":"x","vector":[1],"sparse":{"dims":[1]}}`,
		`{"id":"x","vector":[1],"sparse":[1]}`,
	} {
		_, err := vector.ImportJSONL(t.Context(), to, bytes.NewReader([]byte(line)), nil)
		require.ErrorIs(t, err, quintet.ErrInput, line)
	}
}

// FuzzSparse holds any two sparse vectors against the promise that they are refused
// or come back and are compared by their dot product, also after a reopening.
func FuzzSparse(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x80\x3f"), []byte("\x01\x00\x00\x00\x00\x00\x00\x40"), true)
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\xc0\x7f"), []byte("\xff\xff\xff\xff\xff\xff\x7f\x7f"), false)
	parse := func(b []byte) (s vector.Sparse) {
		for ; len(b) >= 8; b = b[8:] {
			s.Indices = append(s.Indices, binary.LittleEndian.Uint32(b))
			s.Values = append(s.Values, math.Float32frombits(binary.LittleEndian.Uint32(b[4:])))
		}
		return s
	}
	f.Fuzz(func(t *testing.T, stored, asked []byte, graph bool) {
		o := vector.Options{Dim: 1, Metric: vector.L2}
		if graph {
			o.Index = vector.HNSW
		}
		fs := faultfs.New()
		c := reopen(t, fs, o)
		it, q := item{ID: "a", Vector: []float32{1}, Sparse: parse(stored)}, query{Sparse: parse(asked)}
		if err := c.Upsert(t.Context(), it); err != nil {
			if !errors.Is(err, quintet.ErrInput) {
				t.Fatal(err)
			}
			return
		}
		for range 2 {
			if got, ok, err := c.Get(t.Context(), "a"); err != nil || !ok || fmt.Sprint(got) != fmt.Sprint(it) {
				t.Fatalf("%v, not %v: %v", got, it, err)
			}
			hits, err := c.Search(t.Context(), q)
			score, share := product(q.Sparse, it.Sparse)
			switch {
			case err != nil && !errors.Is(err, quintet.ErrInput):
				t.Fatal(err)
			case err == nil && (len(hits) == 1) != share:
				t.Fatalf("%v shares a dimension with %v: %v", it.Sparse, q.Sparse, share)
			case len(hits) == 1 && math.Abs(hits[0].Score-score) > 1e-9*bound(q.Sparse, it.Sparse):
				t.Fatalf("score %v, want %v", hits[0].Score, score)
			}
			if err := errors.Join(c.Snapshot(t.Context()), c.Close()); err != nil {
				t.Fatal(err)
			}
			c = reopen(t, fs, o)
		}
	})
}

// bound is the sum of the sizes of the products, of which rounding is a share.
func bound(a, b vector.Sparse) float64 {
	plain := func(s vector.Sparse) vector.Sparse {
		values := slices.Clone(s.Values)
		for i := range values {
			values[i] = float32(math.Abs(float64(values[i])))
		}
		return vector.Sparse{Indices: s.Indices, Values: values}
	}
	sum, _ := product(plain(a), plain(b))
	return sum
}

// BenchmarkSparse asks 20,000 vectors of about 120 of 30,000 dimensions for 10, with
// about 20 in a query.
func BenchmarkSparse(b *testing.B) {
	const n = 20_000
	rng := rand1(5)
	words := rand.NewZipf(rng, 1.01, 100, 29_999)
	draw := func(most int) (s vector.Sparse) {
		for range most/2 + rng.IntN(most) {
			s.Indices = append(s.Indices, uint32(words.Uint64()))
		}
		slices.Sort(s.Indices)
		s.Indices = slices.Compact(s.Indices)
		for range s.Indices {
			s.Values = append(s.Values, float32(math.Exp(0.7*rng.NormFloat64()-0.5)))
		}
		return s
	}
	c := open(b, vector.Options{Dim: 1, Metric: vector.L2, Index: vector.Flat})
	var items []item
	for i := range n {
		items = append(items, item{ID: fmt.Sprint(i), Vector: []float32{1}, Sparse: draw(120)})
	}
	upsert(b, c, items...)
	queries := make([]vector.Sparse, 100)
	for i := range queries {
		queries[i] = draw(20)
	}
	b.Run("how=index", func(b *testing.B) {
		perQuery(b, func(i int) {
			if _, err := c.Search(context.Background(), query{Sparse: queries[i%len(queries)]}); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("how=naive", func(b *testing.B) {
		perQuery(b, func(i int) {
			scores := make([]float64, n)
			for at := range items {
				scores[at], _ = product(queries[i%len(queries)], items[at].Sparse)
			}
			slices.Sort(scores)
		})
	})
}

func ExampleSparse() {
	ctx := context.Background()
	c, err := vector.New[string](vector.Options{Dim: 2, Metric: vector.Cosine})
	if err != nil {
		log.Fatal(err)
	}
	const bread, rye, star = 17, 204, 30_001 // dimensions of a vocabulary
	err = c.Upsert(ctx,
		vector.Item[string]{ID: "loaf", Vector: []float32{1, 0}, Sparse: vector.Sparse{
			Indices: []uint32{bread, rye}, Values: []float32{1.5, 0.5},
		}},
		vector.Item[string]{ID: "nova", Vector: []float32{0, 1}, Sparse: vector.Sparse{
			Indices: []uint32{star}, Values: []float32{2},
		}})
	if err != nil {
		log.Fatal(err)
	}
	asked := vector.Sparse{Indices: []uint32{bread, star}, Values: []float32{1, 0.5}}
	hits, err := c.Search(ctx, vector.Query{Sparse: asked}) // with a Vector too, both count
	if err != nil {
		log.Fatal(err)
	}
	for _, h := range hits {
		fmt.Println(h.ID, h.Score)
	}
	// Output:
	// loaf 1.5
	// nova 1
}

package storetest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

func (s suite[K]) metrics(t *testing.T) {
	along, across, against := key[K](1), key[K](2), key[K](3)
	for metric, want := range map[vector.Metric][]vector.Hit[K]{
		vector.Cosine: {
			{ID: along, Score: 1, Distance: 0},
			{ID: across, Score: 0, Distance: 1},
			{ID: against, Score: -1, Distance: 2},
		},
		vector.Dot: {
			{ID: along, Score: 8, Distance: -8},
			{ID: across, Score: 0, Distance: 0},
			{ID: against, Score: -2, Distance: 2},
		},
		vector.L2: {
			{ID: along, Score: 1.0 / 3, Distance: 2},
			{ID: against, Score: 1.0 / 4, Distance: 3},
			{ID: across, Score: 1 / (1 + math.Sqrt(13)), Distance: math.Sqrt(13)},
		},
	} {
		t.Run(metric.String(), func(t *testing.T) {
			st := s.store(t, vector.Options{Dim: 2, Metric: metric})
			upsert(t, st, vector.Item[K]{ID: across, Vector: []float32{0, 3}},
				vector.Item[K]{ID: along, Vector: []float32{4, 0}}, vector.Item[K]{ID: against, Vector: []float32{-1, 0}})
			for _, exact := range []bool{false, true} {
				s.sameHits(t, want, search(t, st, vector.Query{Vector: []float32{2, 0}, Exact: exact}))
			}
		})
	}
	t.Run("hamming", func(t *testing.T) {
		const dim = 11 // not whole bytes
		st := s.store(t, vector.Options{Dim: dim, Metric: vector.Hamming})
		var want []vector.Hit[K]
		for i := range dim + 1 {
			v := make([]float32, dim)
			for j := range i {
				v[dim-1-j] = 1
			}
			it := vector.Item[K]{ID: key[K](i), Vector: v}
			upsert(t, st, it)
			got, _, err := st.Get(t.Context(), it.ID)
			require.NoError(t, err)
			require.Equal(t, it, got)
			want = append(want, vector.Hit[K]{ID: it.ID, Score: 1 - float64(i)/dim, Distance: float64(i)})
		}
		s.sameHits(t, want, search(t, st, vector.Query{Vector: make([]float32, dim), K: 20}))
		require.ErrorIs(t, st.Upsert(t.Context(), vector.Item[K]{Vector: []float32{2, 10: 0}}), quintet.ErrInput)
	})
}

// line puts n items at 0, 1, 2 and so on.
func line[K vector.Key](t *testing.T, st vector.Store[K], n int) {
	t.Helper()
	items := make([]vector.Item[K], n)
	for i := range items {
		items[i] = vector.Item[K]{ID: key[K](i), Vector: []float32{float32(i)}, Meta: vector.Meta{"i": i}}
	}
	upsert(t, st, items...)
}

func keysOf[K vector.Key](numbers ...int) []K {
	out := make([]K, len(numbers))
	for i, n := range numbers {
		out[i] = key[K](n)
	}
	return out
}

func (s suite[K]) boundsK(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1, Metric: vector.L2})
	require.Empty(t, search(t, st, vector.Query{Vector: []float32{0}, K: 5}), "an empty store has no hits")
	line(t, st, 25)
	for k, want := range map[int]int{0: vector.DefaultK, 1: 1, 24: 24, 25: 25, 26: 25, math.MaxInt: 25} {
		require.Len(t, search(t, st, vector.Query{Vector: []float32{0}, K: k}), want)
	}
	_, err := st.Delete(t.Context(), keysOf[K](0, 1, 2)...)
	require.NoError(t, err)
	require.Equal(t, keysOf[K](3, 4), ids(search(t, st, vector.Query{Vector: []float32{0}, K: 2})))
}

func (s suite[K]) maxDistance(t *testing.T) {
	l2 := s.store(t, vector.Options{Dim: 1, Metric: vector.L2})
	dot := s.store(t, vector.Options{Dim: 1, Metric: vector.Dot})
	line(t, l2, 25)
	line(t, dot, 25)
	q := vector.Query{Vector: []float32{3.25}, MaxDistance: 2}
	require.Equal(t, keysOf[K](3, 4, 2, 5), ids(search(t, l2, q)))
	q.MaxDistance = math.Inf(1)
	require.Len(t, search(t, l2, q), 10)
	q = vector.Query{Vector: []float32{3}, MaxDistance: -66}
	require.Equal(t, keysOf[K](24, 23, 22), ids(search(t, dot, q)))
	q = vector.Query{Vector: []float32{3}, MaxDistance: 1e-300}
	require.Equal(t, keysOf[K](3), ids(search(t, l2, q)))
}

func (s suite[K]) badQueries(t *testing.T) {
	good := []float32{1, 0}
	st := s.store(t, vector.Options{Dim: 2})
	upsert(t, st, vector.Item[K]{ID: key[K](1), Vector: good})
	for name, q := range map[string]vector.Query{
		"no vector":              {},
		"wrong dimension":        {Vector: []float32{1, 0, 0}},
		"NaN":                    {Vector: []float32{nan, 0}},
		"infinity":               {Vector: []float32{0, -inf}},
		"zero vector":            {Vector: []float32{0, 0}},
		"negative K":             {Vector: good, K: -1},
		"negative Ef":            {Vector: good, Ef: -1},
		"Ef past its limit":      {Vector: good, Ef: 1 << 17},
		"MaxDistance NaN":        {Vector: good, MaxDistance: math.NaN()},
		"negative MaxDistance":   {Vector: good, MaxDistance: -0.5},
		"filter with NaN":        {Vector: good, Filter: vector.Eq("x", math.NaN())},
		"range upside down":      {Vector: good, Filter: vector.Range("x", 2, 1)},
		"deep in another filter": {Vector: good, Filter: vector.And(vector.Exists("y"), vector.Not(vector.AtMost("x", nan)))},
		"a text without index":   {Vector: good, Text: "word"},
		"a bad sparse vector":    {Vector: good, Sparse: vector.Sparse{Indices: []uint32{2, 1}, Values: []float32{1, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			hits, err := st.Search(t.Context(), q)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.Empty(t, hits)
			out, err := st.SearchBatch(t.Context(), []vector.Query{{Vector: good}, q, {Vector: good}})
			require.Len(t, out, 3)
			require.Equal(t, keysOf[K](1), ids(out[0]))
			require.Empty(t, out[1])
			require.Equal(t, keysOf[K](1), ids(out[2]))
			require.Equal(t, []int{1}, itemErrors(err))
		})
	}
}

func (s suite[K]) ties(t *testing.T) {
	for _, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2} {
		st := s.store(t, vector.Options{Dim: 2, Metric: metric})
		var want []K
		for i := range 30 {
			id, v := key[K](100-i), []float32{1, 0}
			if i%3 == 0 {
				want = append(want, id)
			} else {
				v = []float32{-1, 1}
			}
			upsert(t, st, vector.Item[K]{ID: id, Vector: v})
		}
		for _, k := range []int{1, 7, 10} {
			hits := search(t, st, vector.Query{Vector: []float32{1, 0}, K: k, Exact: true})
			require.Equal(t, want[:k], ids(hits))
		}
		require.Equal(t, want, ids(search(t, st, vector.Query{Vector: []float32{1, 0}})))
	}
}

func (s suite[K]) batches(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1, Metric: vector.L2})
	out, err := st.SearchBatch(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, out)
	line(t, st, 50)
	var qs []vector.Query
	for i := range 150 {
		qs = append(qs, vector.Query{
			Vector: []float32{float32(i%50) + 0.1}, K: 1 + i%7, Filter: vector.AtLeast("i", i%11),
			MaxDistance: float64(i % 3), Exact: i%2 == 0,
		})
	}
	out, err = st.SearchBatch(t.Context(), qs)
	require.NoError(t, err)
	require.Len(t, out, len(qs))
	for i, q := range qs {
		if i%10 == 0 {
			s.sameHits(t, search(t, st, q), out[i])
		}
		for _, h := range out[i] {
			require.GreaterOrEqual(t, h.Meta["i"], i%11)
		}
		if nearest := i % 50; nearest >= i%11 {
			require.Equal(t, key[K](nearest), out[i][0].ID)
		}
	}
}

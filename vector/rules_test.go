package vector_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

func TestRulesGiveItemsAsTheyAreKept(t *testing.T) {
	r := vector.Rules{Dim: 2}
	in := item{ID: "a", Vector: []float32{3, 4}, Meta: vector.Meta{"tags": []string{"x"}}, Text: "t",
		Sparse: vector.Sparse{Indices: []uint32{1}, Values: []float32{2}}}
	got, err := vector.CheckItem(r, in)
	require.NoError(t, err)
	c := open(t, vector.Options{Dim: 2})
	upsert(t, c, in)
	want, _, err := c.Get(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, want, got)
	in.Meta["tags"].([]string)[0], in.Sparse.Values[0], in.Vector[0] = "spoilt", 9, 9
	require.Equal(t, want, got, "a copy")
	for _, bad := range []item{
		{}, {Vector: []float32{0, 0}}, {Vector: []float32{1, nan}}, {Vector: []float32{1, 1}, Meta: vector.Meta{"x": nil}},
		{Vector: []float32{1, 1}, Sparse: vector.Sparse{Indices: []uint32{1}}},
	} {
		_, err := vector.CheckItem(r, bad)
		require.ErrorIs(t, err, quintet.ErrInput)
	}
}

func TestRulesFillInQueries(t *testing.T) {
	r := vector.Rules{Dim: 2, TextIndex: true}
	v := []float32{3, 4}
	q, err := r.CheckQuery(query{Vector: v})
	require.NoError(t, err)
	require.Equal(t, query{Vector: []float32{0.6, 0.8}, K: vector.DefaultK, MaxDistance: math.Inf(1)}, q)
	require.Equal(t, []float32{3, 4}, v)
	q, err = r.CheckQuery(query{Text: "word", K: 50})
	require.NoError(t, err)
	require.Equal(t, query{Text: "word", K: 50, MaxDistance: math.Inf(1), Candidates: 200, TextWeight: 1, SparseWeight: 1}, q)
	for name, bad := range map[string]query{
		"nothing":        {},
		"zero vector":    {Vector: []float32{0, 0}},
		"hybrid of NaN":  {Vector: []float32{nan, 0}, Text: "word"},
		"bad filter":     {Vector: v, Filter: vector.Range("x", 2, 1)},
		"negative K":     {Text: "word", K: -1},
		"weight":         {Text: "word", TextWeight: math.NaN()},
		"bad sparse":     {Sparse: vector.Sparse{Values: []float32{1}}},
		"negative bound": {Vector: v, MaxDistance: -1},
	} {
		_, err := r.CheckQuery(bad)
		require.ErrorIs(t, err, quintet.ErrInput, name)
	}
	_, err = vector.Rules{Dim: 2}.CheckQuery(query{Text: "word"})
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestRulesThatNoStoreHas(t *testing.T) {
	require.NoError(t, vector.Rules{Dim: 1, Metric: vector.Hamming}.Check())
	for _, r := range []vector.Rules{{}, {Dim: vector.MaxDim + 1}, {Dim: 1, Metric: 4}, {Dim: 1, Metric: -1}} {
		require.ErrorIs(t, r.Check(), quintet.ErrOption)
	}
}

func TestScoresOfDistancesAreThoseOfACollection(t *testing.T) {
	for _, m := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2, vector.Hamming} {
		c := open(t, vector.Options{Dim: 3, Metric: m})
		upsert(t, c, item{ID: "a", Vector: []float32{1, 0, 1}}, item{ID: "b", Vector: []float32{0, 1, 0}})
		for _, h := range search(t, c, query{Vector: []float32{1, 1, 0}}) {
			require.InDelta(t, h.Score, vector.Rules{Dim: 3, Metric: m}.Score(h.Distance), 1e-12)
		}
	}
}

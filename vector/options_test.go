package vector_test

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

func TestBadOptionsAreRefused(t *testing.T) {
	tests := map[string]vector.Options{
		"no dimension":       {},
		"negative dimension": {Dim: -1},
		"dimension too high": {Dim: vector.MaxDim + 1},
		"negative metric":    {Dim: 2, Metric: -1},
		"unknown metric":     {Dim: 2, Metric: 4},
		"negative MaxItems":  {Dim: 2, MaxItems: -1},
	}
	if math.MaxInt > math.MaxInt32 {
		tests["MaxItems too high"] = vector.Options{Dim: 2, MaxItems: math.MaxInt}
	}
	for name, o := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := vector.New[int](o)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, "vector: ")
			require.Nil(t, c)
		})
	}
}

func TestEveryKindOfKeyWorks(t *testing.T) {
	type id int
	type number uint64
	type name string
	useKey(t, 7)
	useKey(t, int64(-7))
	useKey(t, uint64(math.MaxUint64))
	useKey(t, "seven")
	useKey(t, id(7))
	useKey(t, number(7))
	useKey(t, name("seven"))
}

func useKey[K vector.Key](t *testing.T, k K) {
	t.Helper()
	c, err := vector.New[K](vector.Options{Dim: 1})
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Upsert(t.Context(), vector.Item[K]{ID: k, Vector: []float32{1}}))
	hits, err := c.Search(t.Context(), vector.Query{Vector: []float32{1}})
	require.NoError(t, err)
	require.Equal(t, []vector.Hit[K]{{ID: k, Score: 1}}, hits)
}

func TestMetricsHaveNames(t *testing.T) {
	require.Equal(t, "cosine", vector.Cosine.String())
	require.Equal(t, "dot", vector.Dot.String())
	require.Equal(t, "l2", vector.L2.String())
	require.Equal(t, "metric(9)", vector.Metric(9).String())

	for m := vector.Cosine; m <= vector.L2; m++ {
		b, err := json.Marshal(m)
		require.NoError(t, err)
		require.Equal(t, strconv.Quote(m.String()), string(b))
		var back vector.Metric
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, m, back)
	}
	_, err := json.Marshal(vector.Metric(9))
	require.ErrorIs(t, err, quintet.ErrOption)
	var m vector.Metric
	require.ErrorIs(t, m.UnmarshalText([]byte("manhattan")), quintet.ErrOption)
}

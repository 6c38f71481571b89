package vector_test

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/simd"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/vector"
)

func TestScoresAndDistancesOfEachMetric(t *testing.T) {
	for metric, want := range map[vector.Metric][]hit{
		vector.Cosine: {
			{ID: "along", Score: 1, Distance: 0},
			{ID: "across", Score: 0, Distance: 1},
			{ID: "against", Score: -1, Distance: 2},
		},
		vector.Dot: {
			{ID: "along", Score: 8, Distance: -8},
			{ID: "across", Score: 0, Distance: 0},
			{ID: "against", Score: -2, Distance: 2},
		},
		vector.L2: {
			{ID: "along", Score: 1.0 / 3, Distance: 2},
			{ID: "against", Score: 1.0 / 4, Distance: 3},
			{ID: "across", Score: 1 / (1 + math.Sqrt(13)), Distance: math.Sqrt(13)},
		},
	} {
		t.Run(metric.String(), func(t *testing.T) {
			c := open(t, vector.Options{Dim: 2, Metric: metric})
			upsert(t, c, item{ID: "across", Vector: []float32{0, 3}},
				item{ID: "along", Vector: []float32{4, 0}}, item{ID: "against", Vector: []float32{-1, 0}})
			require.Equal(t, want, search(t, c, query{Vector: []float32{2, 0}}))
		})
	}
}

func TestBadQueriesAreRefused(t *testing.T) {
	good := []float32{1, 0}
	for name, q := range map[string]query{
		"no vector":              {},
		"wrong dimension":        {Vector: []float32{1, 0, 0}},
		"NaN":                    {Vector: []float32{nan, 0}},
		"infinity":               {Vector: []float32{0, -inf}},
		"zero vector":            {Vector: []float32{0, 0}},
		"negative K":             {Vector: good, K: -1},
		"MaxDistance NaN":        {Vector: good, MaxDistance: math.NaN()},
		"negative MaxDistance":   {Vector: good, MaxDistance: -0.5},
		"filter with NaN":        {Vector: good, Filter: vector.Eq("x", math.NaN())},
		"filter of list of NaN":  {Vector: good, Filter: vector.In("x", 1, math.NaN())},
		"range upside down":      {Vector: good, Filter: vector.Range("x", 2, 1)},
		"bound NaN":              {Vector: good, Filter: vector.AtLeast("x", nan)},
		"deep in another filter": {Vector: good, Filter: vector.And(vector.Exists("y"), vector.Not(vector.AtMost("x", math.NaN())))},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, vector.Options{Dim: 2})
			upsert(t, c, item{ID: "a", Vector: good})
			hits, err := c.Search(t.Context(), q)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.ErrorContains(t, err, "vector.Search: ")
			require.Nil(t, hits)

			out, err := c.SearchBatch(t.Context(), []query{{Vector: good}, q, {Vector: good}})
			require.Equal(t, []string{"a"}, ids(out[0]))
			require.Nil(t, out[1])
			require.Equal(t, out[0], out[2])
			require.ErrorIs(t, err, quintet.ErrInput)
			require.ErrorContains(t, err, "vector.SearchBatch [1]: ")
		})
	}
}

func TestKBoundsTheHits(t *testing.T) {
	c := open(t, vector.Options{Dim: 1, Metric: vector.L2})
	require.Equal(t, []hit{}, search(t, c, query{Vector: []float32{0}, K: 5}), "an empty collection has no hits")
	for i := range 25 {
		upsert(t, c, item{ID: strconv.Itoa(i), Vector: []float32{float32(i)}})
	}
	for k, want := range map[int]int{0: vector.DefaultK, 1: 1, 24: 24, 25: 25, 26: 25, math.MaxInt: 25} {
		require.Len(t, search(t, c, query{Vector: []float32{0}, K: k}), want)
	}
	_, err := c.Delete(t.Context(), "0", "1", "2")
	require.NoError(t, err)
	require.Equal(t, []string{"3", "4"}, ids(search(t, c, query{Vector: []float32{0}, K: 2})))
	for i := range 25 {
		_, err = c.Delete(t.Context(), strconv.Itoa(i))
		require.NoError(t, err)
	}
	require.Equal(t, []hit{}, search(t, c, query{Vector: []float32{0}}))
}

func TestMaxDistanceBoundsTheHits(t *testing.T) {
	c := open(t, vector.Options{Dim: 1, Metric: vector.L2})
	d := open(t, vector.Options{Dim: 1, Metric: vector.Dot})
	for i := range 25 {
		it := item{ID: strconv.Itoa(i), Vector: []float32{float32(i)}}
		upsert(t, c, it)
		upsert(t, d, it)
	}
	q := query{Vector: []float32{3}, MaxDistance: 2}
	require.Equal(t, []string{"3", "2", "4", "1", "5"}, ids(search(t, c, q)))
	q.MaxDistance = math.Inf(1)
	require.Len(t, search(t, c, q), 10)
	q.MaxDistance = -66
	require.Equal(t, []string{"24", "23", "22"}, ids(search(t, d, q)))
	q.MaxDistance = 1e-300
	require.Equal(t, []string{"3"}, ids(search(t, c, q)))
}

func TestEqualScoresComeInInsertionOrder(t *testing.T) {
	for _, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2} {
		t.Run(metric.String(), func(t *testing.T) {
			const dim, n = 512, 3000 // 24 chunks: four workers search
			c := open(t, vector.Options{Dim: dim, Metric: metric, Runtime: workers(t, 4)})
			two := synth.Clusters(1, 2, dim, 2)
			var want []string
			for i := range n {
				id := strconv.Itoa(i)
				upsert(t, c, item{ID: id, Vector: two[min(i%3, 1)]})
				if i%3 == 0 {
					want = append(want, id)
				}
			}
			for _, k := range []int{1, 7, 500, n / 3} {
				require.Equal(t, want[:k], ids(search(t, c, query{Vector: two[0], K: k})))
			}
		})
	}
}

func TestZeroHasOneSign(t *testing.T) {
	c := open(t, vector.Options{Dim: 3, Metric: vector.Dot})
	var want []string
	for i := range 20 {
		want = append(want, strconv.Itoa(i))
		x := float32(1 - 2*(i%2))
		upsert(t, c, item{ID: want[i], Vector: []float32{x, x, x}})
	}
	for _, zero := range []float32{0, float32(math.Copysign(0, -1))} {
		hits := search(t, c, query{Vector: []float32{zero, zero, zero}, K: 20})
		require.Equal(t, want, ids(hits))
		for _, h := range hits {
			require.False(t, math.Signbit(h.Score) || math.Signbit(h.Distance))
		}
	}
}

func TestParallelVectorsTieUnderCosine(t *testing.T) {
	c := open(t, vector.Options{Dim: 3})
	for i := range 50 { // rounding makes some products larger than 1
		x := float32(i)*0.37 + 0.1
		upsert(t, c, item{ID: strconv.Itoa(i), Vector: []float32{x, 3 * x, 0.7 * x}})
	}
	hits := search(t, c, query{Vector: []float32{1, 3, 0.7}, K: 50})
	for i := 1; i < len(hits); i++ {
		require.LessOrEqual(t, hits[i].Score, 1.0)
		require.GreaterOrEqual(t, hits[i].Distance, 0.0)
		a, b := hits[i-1], hits[i]
		if a.Score == b.Score {
			x, _ := strconv.Atoi(a.ID)
			y, _ := strconv.Atoi(b.ID)
			require.Less(t, x, y)
		}
	}
}

func TestWorkersAndBatchesChangeNoResult(t *testing.T) {
	for _, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2} {
		t.Run(metric.String(), func(t *testing.T) {
			const dim, n = 500, 2101
			one := open(t, vector.Options{Dim: dim, Metric: metric, Runtime: workers(t, 1)})
			four := open(t, vector.Options{Dim: dim, Metric: metric, Runtime: workers(t, 4)})
			var qs []query
			for i, v := range synth.Clusters(5, n, dim, 40) {
				it := item{ID: strconv.Itoa(i), Vector: v, Meta: vector.Meta{"i": i}}
				upsert(t, one, it)
				upsert(t, four, it)
				if i%60 == 0 {
					qs = append(qs, query{Vector: v, K: 1 + i%40, Filter: vector.AtLeast("i", i/2)})
				}
			}
			batch, err := one.SearchBatch(t.Context(), qs)
			require.NoError(t, err)
			inFour, err := four.SearchBatch(t.Context(), qs)
			require.NoError(t, err)
			require.Equal(t, batch, inFour)
			for i, q := range qs {
				require.Equal(t, batch[i], search(t, one, q))
				require.Equal(t, batch[i], search(t, four, q))
				require.Equal(t, fmt.Sprint(i*60), batch[i][0].ID, "it finds itself")
			}
		})
	}
}

func TestTheGoKernelsFindTheSame(t *testing.T) {
	const dim, n = 100, 500
	for _, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2} {
		c := open(t, vector.Options{Dim: dim, Metric: metric})
		vs := synth.Clusters(6, n, dim, 7)
		for i, v := range vs {
			upsert(t, c, item{ID: strconv.Itoa(i), Vector: v})
		}
		q := query{Vector: vs[3], K: 20}
		fast := search(t, c, q)
		restore := simd.Generic()
		slow := search(t, c, q)
		restore()
		require.Equal(t, ids(slow), ids(fast))
		for i := range fast {
			require.InDelta(t, slow[i].Score, fast[i].Score, 1e-4*(1+math.Abs(slow[i].Score)))
		}
	}
}

func TestACancelledSearchStopsBetweenChunks(t *testing.T) {
	const dim, n = 512, 2048
	c := open(t, vector.Options{Dim: dim, Runtime: workers(t, 2)})
	vs := synth.Clusters(7, n, dim, 7)
	for i, v := range vs {
		upsert(t, c, item{ID: strconv.Itoa(i), Vector: v})
	}
	ctx := &dying{Context: t.Context(), after: 4}
	hits, err := c.Search(ctx, query{Vector: vs[0]})
	require.ErrorIs(t, err, context.Canceled)
	require.Nil(t, hits)
}

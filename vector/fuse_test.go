package vector_test

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

func ranked(ids ...string) (hits []hit) {
	for i, id := range ids {
		hits = append(hits, hit{ID: id, Score: float64(-i)})
	}
	return hits
}

func scored(pairs ...any) (hits []hit) {
	for i := 0; i < len(pairs); i += 2 {
		hits = append(hits, hit{ID: pairs[i].(string), Score: pairs[i+1].(float64)})
	}
	return hits
}

func TestFuseRRFAddsReciprocalRanks(t *testing.T) {
	tests := map[string]struct {
		opt   vector.FuseOptions
		lists [][]hit
		want  []hit
	}{
		"nothing":     {want: []hit{}},
		"empty lists": {lists: [][]hit{nil, {}}, want: []hit{}},
		"one list":    {lists: [][]hit{ranked("a", "b")}, want: scored("a", 1.0/61, "b", 1.0/62)},
		"two lists": {
			lists: [][]hit{ranked("a", "b", "c"), ranked("c", "b")},
			want:  scored("c", 1.0/63+1.0/61, "b", 2.0/62, "a", 1.0/61),
		},
		"a tie keeps the order of the lists": {
			lists: [][]hit{ranked("x", "b"), ranked("y", "a")}, want: scored("x", 1.0/61, "y", 1.0/61, "b", 1.0/62, "a", 1.0/62),
		},
		"a duplicate keeps its first rank": {
			lists: [][]hit{ranked("a", "a", "b")}, want: scored("a", 1.0/61, "b", 1.0/63),
		},
		"weights": {
			opt:   vector.FuseOptions{Weights: []float64{1, 3}},
			lists: [][]hit{ranked("a"), ranked("b")}, want: scored("b", 3.0/61, "a", 1.0/61),
		},
		"a list of no weight still shows": {
			opt:   vector.FuseOptions{Weights: []float64{0, 1}},
			lists: [][]hit{ranked("a"), ranked("b")}, want: scored("b", 1.0/61, "a", 0.0),
		},
		"limit and constant": {
			opt:   vector.FuseOptions{Limit: 1, RankConstant: 1},
			lists: [][]hit{ranked("a", "b"), ranked("b")}, want: scored("b", 1.0/3+1.0/2),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := vector.FuseRRF(tt.opt, tt.lists...)
			require.NoError(t, err)
			requireFused(t, tt.want, got)
		})
	}
}

func requireFused(t *testing.T, want, got []hit) {
	t.Helper()
	require.Equal(t, ids(want), ids(got))
	for i, h := range got {
		require.InDelta(t, want[i].Score, h.Score, 1e-12, h.ID)
		require.Equal(t, 0-h.Score, h.Distance)
		require.False(t, math.Signbit(h.Score))
	}
}

func TestFuseScoresAddsScaledScores(t *testing.T) {
	inf := math.Inf(1)
	tests := map[string]struct {
		opt   vector.FuseOptions
		lists [][]hit
		want  []hit
	}{
		"nothing":     {want: []hit{}},
		"empty lists": {lists: [][]hit{nil, scored("a", 1.0, "b", 0.0), nil}, want: scored("a", 1.0, "b", 0.0)},
		"two scales": {
			lists: [][]hit{scored("a", 9.0, "b", 7.0, "c", 5.0), scored("b", -1.0, "d", -3.0, "c", -5.0)},
			want:  scored("b", 1.5, "a", 1.0, "d", 0.5, "c", 0.0),
		},
		"weights": {
			opt:   vector.FuseOptions{Weights: []float64{0.25, 0.75}, Limit: 2},
			lists: [][]hit{scored("a", 2.0, "b", 1.0), scored("b", 2.0, "a", 1.0)}, want: scored("b", 0.75, "a", 0.25),
		},
		"equal scores are the best": {lists: [][]hit{scored("a", 3.0, "b", 3.0)}, want: scored("a", 1.0, "b", 1.0)},
		"scores that are not finite": {
			lists: [][]hit{scored("a", inf, "b", 2.0, "c", 1.0, "d", 0.0, "e", math.NaN(), "f", -inf)},
			want:  scored("a", 1.0, "b", 1.0, "c", 0.5, "d", 0.0, "e", 0.0, "f", 0.0),
		},
		"nothing finite": {lists: [][]hit{scored("a", inf, "b", -inf)}, want: scored("a", 1.0, "b", 0.0)},
		"the widest range": {
			lists: [][]hit{scored("a", math.MaxFloat64, "b", 0.0, "c", -math.MaxFloat64)},
			want:  scored("a", 1.0, "b", 0.5, "c", 0.0),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := vector.FuseScores(tt.opt, tt.lists...)
			require.NoError(t, err)
			requireFused(t, tt.want, got)
		})
	}
}

func TestBadFuseOptionsAreRefused(t *testing.T) {
	for name, o := range map[string]vector.FuseOptions{
		"negative limit":    {Limit: -1},
		"too few weights":   {Weights: []float64{1}},
		"too many weights":  {Weights: []float64{1, 1, 1}},
		"negative weight":   {Weights: []float64{1, -1}},
		"weight NaN":        {Weights: []float64{1, math.NaN()}},
		"weight infinite":   {Weights: []float64{1, math.Inf(1)}},
		"constant NaN":      {RankConstant: math.NaN()},
		"negative constant": {RankConstant: -1},
		"infinite constant": {RankConstant: math.Inf(1)},
	} {
		_, err := vector.FuseRRF(o, ranked("a"), ranked("b"))
		require.ErrorIs(t, err, quintet.ErrOption, name)
		_, err = vector.FuseScores(o, ranked("a"), ranked("b"))
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
}

func TestFusedHitsHaveTheFirstMeta(t *testing.T) {
	one, two := vector.Meta{"n": 1}, vector.Meta{"n": 2}
	a := []hit{{ID: "a"}, {ID: "b", Meta: one}}
	b := []hit{{ID: "a", Meta: two}, {ID: "b", Meta: two}}
	got, err := vector.FuseRRF(vector.FuseOptions{}, a, b)
	require.NoError(t, err)
	require.Equal(t, []vector.Meta{two, one}, []vector.Meta{got[0].Meta, got[1].Meta})
	require.Equal(t, []hit{{ID: "a"}, {ID: "b", Meta: one}}, a, "the lists stay as they are")
}

// TestFusionIsTheSumOverTheLists compares with the formulas on random lists.
func TestFusionIsTheSumOverTheLists(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		lists, weights := make([][]hit, 1+rng.IntN(4)), []float64{}
		rrf, sums := map[string]float64{}, map[string]float64{}
		for i := range lists {
			w := rng.Float64()
			weights = append(weights, w)
			n := 2 + rng.IntN(30)
			for rank, id := range rng.Perm(40)[:n] {
				key := strconv.Itoa(id)
				lists[i] = append(lists[i], hit{ID: key, Score: float64(3 * (n - 1 - rank))})
				rrf[key] += w / float64(60+rank+1)
				sums[key] += w * float64(n-1-rank) / float64(n-1)
			}
		}
		o := vector.FuseOptions{Weights: weights}
		got, err := vector.FuseRRF(o, lists...)
		require.NoError(t, err)
		requireSums(t, rrf, got)
		got, err = vector.FuseScores(o, lists...)
		require.NoError(t, err)
		requireSums(t, sums, got)
	}
}

func requireSums(t *testing.T, want map[string]float64, got []hit) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, h := range got {
		require.InDelta(t, want[h.ID], h.Score, 1e-12)
		require.True(t, i == 0 || got[i-1].Score >= h.Score)
	}
}

func ExampleFuseRRF() {
	byMeaning := []vector.Hit[string]{{ID: "cat", Score: 0.91}, {ID: "dog", Score: 0.88}, {ID: "car", Score: 0.2}}
	byWords := []vector.Hit[string]{{ID: "dog", Score: 7.1}, {ID: "cart", Score: 3.2}}
	hits, err := vector.FuseRRF(vector.FuseOptions{Limit: 3}, byMeaning, byWords)
	if err != nil {
		log.Fatal(err)
	}
	for _, h := range hits {
		fmt.Printf("%s %.4f\n", h.ID, h.Score)
	}
	// Output:
	// dog 0.0325
	// cat 0.0164
	// cart 0.0161
}

func ExampleFuseScores() {
	byMeaning := []vector.Hit[string]{{ID: "cat", Score: 0.9}, {ID: "dog", Score: 0.8}, {ID: "car", Score: 0.4}}
	byWords := []vector.Hit[string]{{ID: "dog", Score: 7}, {ID: "cart", Score: 3}}
	hits, err := vector.FuseScores(vector.FuseOptions{Weights: []float64{0.7, 0.3}}, byMeaning, byWords)
	if err != nil {
		log.Fatal(err)
	}
	for _, h := range hits {
		fmt.Printf("%s %.2f\n", h.ID, h.Score)
	}
	// Output:
	// dog 0.86
	// cat 0.70
	// car 0.00
	// cart 0.00
}

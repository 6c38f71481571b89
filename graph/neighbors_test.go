package graph_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// onALine finds the numbers next to a number.
func onALine(numbers []int) graph.NeighborFunc[int] {
	return func(_ context.Context, x int) (near []graph.Ranked[int], _ error) {
		for _, y := range numbers {
			near = append(near, graph.Ranked[int]{Node: y, Score: 1 / (1 + math.Abs(float64(x-y)))})
		}
		slices.SortStableFunc(near, func(a, b graph.Ranked[int]) int { return cmp.Compare(b.Score, a.Score) })
		return near, nil
	}
}

func ExampleNeighborGraph() {
	numbers := []int{1, 2, 3, 10, 11}
	g, err := graph.NeighborGraph(context.Background(), slices.Values(numbers), onALine(numbers), graph.NeighborsOptions{K: 1})
	if err != nil {
		log.Fatal(err)
	}
	for e := range g.Edges() {
		fmt.Println(e.From, e.To, e.Weight)
	}
	// Output:
	// 1 2 0.5
	// 2 3 0.5
	// 10 11 0.5
}

func TestNeighborGraphJoinsTheNearest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		n, k := 2+rng.IntN(20), 1+rng.IntN(5)
		scores := make([][]float64, n) // not symmetric
		nodes := make([]int, n)
		for u := range scores {
			nodes[u] = u
			for range n {
				scores[u] = append(scores[u], float64(rng.IntN(1000))/8)
			}
		}
		near := func(u int) []graph.Ranked[int] {
			var out []graph.Ranked[int]
			for v, s := range scores[u] {
				out = append(out, graph.Ranked[int]{Node: v, Score: s})
			}
			slices.SortStableFunc(out, func(a, b graph.Ranked[int]) int { return cmp.Compare(b.Score, a.Score) })
			return out
		}
		counts := func(u, v int) bool { // v is among the k nearest of u
			others := slices.DeleteFunc(near(u), func(r graph.Ranked[int]) bool { return r.Node == u })
			return u != v && slices.ContainsFunc(others[:min(k, len(others))], func(r graph.Ranked[int]) bool { return r.Node == v })
		}
		for _, mutual := range []bool{false, true} {
			for _, workers := range []int{1, 4} {
				g, err := graph.NeighborGraph(t.Context(), slices.Values(nodes), func(_ context.Context, u int) ([]graph.Ranked[int], error) {
					all := near(u)
					return append(all[:1:1], append([]graph.Ranked[int]{all[0], {Node: 99, Score: 1}}, all[1:]...)...), nil
				}, graph.NeighborsOptions{K: k, Mutual: mutual, Workers: workers})
				require.NoError(t, err)
				for u := range n {
					for v := range u {
						a, b := counts(u, v), counts(v, u)
						w, there := g.Weight(u, v)
						require.Equal(t, a && b || !mutual && (a || b), there)
						switch {
						case there && mutual:
							require.Equal(t, min(scores[u][v], scores[v][u]), w)
						case there && a && b:
							require.Equal(t, max(scores[u][v], scores[v][u]), w)
						case there && a:
							require.Equal(t, scores[u][v], w)
						case there:
							require.Equal(t, scores[v][u], w)
						}
					}
				}
			}
		}
	}
}

func TestNeighborGraphRefuses(t *testing.T) {
	one, two := errors.New("one"), errors.New("two")
	numbers := []int{0, 1, 2, 3}
	failing := func(_ context.Context, u int) ([]graph.Ranked[int], error) {
		switch u {
		case 1:
			return nil, one
		case 2:
			return nil, two
		}
		return nil, nil
	}
	_, err := graph.NeighborGraph(t.Context(), slices.Values(numbers), failing, graph.NeighborsOptions{Workers: 4})
	require.ErrorIs(t, err, one, "the first by node")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = graph.NeighborGraph(over, slices.Values(numbers), onALine(numbers), graph.NeighborsOptions{})
	require.ErrorIs(t, err, context.Canceled)
	for name, score := range map[string]float64{"NaN": math.NaN(), "infinite": math.Inf(1), "beyond float32": 1e300} {
		_, err := graph.NeighborGraph(t.Context(), slices.Values(numbers), func(context.Context, int) ([]graph.Ranked[int], error) {
			return []graph.Ranked[int]{{Node: 3, Score: score}}, nil
		}, graph.NeighborsOptions{})
		require.ErrorIs(t, err, quintet.ErrInput, name)
	}
	_, err = graph.NeighborGraph(t.Context(), nil, onALine(numbers), graph.NeighborsOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.NeighborGraph(t.Context(), slices.Values(numbers), nil, graph.NeighborsOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.NeighborGraph(t.Context(), slices.Values([]int{1, 1}), onALine(numbers), graph.NeighborsOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = graph.NeighborGraph(t.Context(), slices.Values(numbers), onALine(numbers), graph.NeighborsOptions{K: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.NeighborGraph(t.Context(), slices.Values(numbers), onALine(numbers), graph.NeighborsOptions{Workers: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
}

package graph_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/graph"
)

// analyses are calls of algorithms that have not many workers, or few uses.
var analyses = map[string]func(ctx context.Context, g *graph.Graph[int], source int) error{
	"PredictLinks": func(ctx context.Context, g *graph.Graph[int], _ int) error {
		_, err := graph.PredictLinks(ctx, g, nil, graph.PredictLinksOptions{Workers: 1, MaxDegree: 100})
		return err
	},
	"Eigenvector10": func(ctx context.Context, g *graph.Graph[int], _ int) error {
		_, err := graph.Eigenvector(ctx, g, graph.EigenvectorOptions{Workers: 1, MaxIterations: 10, Tolerance: 1e-300})
		return err
	},
	"Katz": func(ctx context.Context, g *graph.Graph[int], _ int) error {
		_, err := graph.Katz(ctx, g, graph.KatzOptions{Workers: 1})
		return err
	},
	"EdgeBetweenness4": func(ctx context.Context, g *graph.Graph[int], _ int) error {
		_, err := graph.EdgeBetweenness(ctx, g, graph.BetweennessOptions{Workers: 1, Samples: 4})
		return err
	},
	"Trusses": func(ctx context.Context, g *graph.Graph[int], _ int) error {
		_, err := graph.Trusses(ctx, g, graph.TrussesOptions{Workers: 1})
		return err
	},
	"MaxFlow": func(ctx context.Context, g *graph.Graph[int], source int) error {
		_, err := graph.MaxFlow(ctx, g, source, g.Order()/2, graph.MaxFlowOptions{})
		return err
	},
	"MaximumMatching": func(ctx context.Context, g *graph.Graph[int], _ int) error {
		_, err := graph.MaximumMatching(ctx, g, graph.MaximumMatchingOptions{})
		return err
	},
	"Dominators": func(ctx context.Context, g *graph.Graph[int], source int) error {
		_, err := graph.Dominators(ctx, g, source, graph.DominatorsOptions{})
		return err
	},
	"Diameter": func(ctx context.Context, g *graph.Graph[int], _ int) error {
		_, err := graph.Diameter(ctx, g, graph.DiameterOptions{Workers: 1})
		return err
	},
	"RandomWalks": func(ctx context.Context, g *graph.Graph[int], _ int) error {
		o := graph.RandomWalksOptions{Workers: 1, PerNode: 1, Length: 20, P: 2, Q: 0.5}
		_, err := graph.RandomWalks(ctx, g, nil, o)
		return err
	},
}

func BenchmarkAnalyses(b *testing.B) {
	for name, g := range benchmarkGraphs(b) {
		source := 0
		for g.OutDegree(source) < 3 {
			source++
		}
		for analysis, run := range analyses {
			b.Run(fmt.Sprintf("%s/graph=%s", analysis, name), func(b *testing.B) {
				for b.Loop() {
					require.NoError(b, run(b.Context(), g, source))
				}
				perSecond(b, 2*g.Size())
			})
		}
	}
}

func BenchmarkBipartiteMatching(b *testing.B) {
	g, err := graph.Grid(graph.GridOptions{Rows: 512, Columns: 511})
	require.NoError(b, err)
	for b.Loop() {
		m, err := graph.BipartiteMatching(b.Context(), g, graph.BipartiteMatchingOptions{})
		require.NoError(b, err)
		require.Equal(b, g.Order()/2, m.Size)
	}
	perSecond(b, 2*g.Size())
}

func BenchmarkNode2Vec(b *testing.B) {
	g, err := graph.PlantedPartition(graph.PlantedPartitionOptions{Groups: 10, Size: 50, Inside: 0.2, Between: 0.01, Seed: 1})
	require.NoError(b, err)
	for _, dimensions := range []int{16, 64, 128} {
		b.Run(fmt.Sprintf("dimensions=%d", dimensions), func(b *testing.B) {
			o := graph.Node2VecOptions{Dimensions: dimensions, Walks: graph.RandomWalksOptions{PerNode: 1}}
			for b.Loop() {
				_, err := graph.Node2Vec(b.Context(), g, o)
				require.NoError(b, err)
			}
			pairs := 2 * 3 * 80 * g.Order() // windows reach 3 steps on average
			b.ReportMetric(float64(pairs)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mpairs/s")
		})
	}
}

func BenchmarkSubgraphIsomorphisms(b *testing.B) {
	g := large(b, false)
	square, err := graph.WattsStrogatz(graph.WattsStrogatzOptions{Nodes: 5, Neighbors: 2})
	require.NoError(b, err)
	for b.Loop() {
		o := graph.IsomorphismsOptions[int, int]{MaxMatches: 1000}
		m, err := graph.SubgraphIsomorphisms(b.Context(), square, g, o)
		require.NoError(b, err)
		require.Len(b, m.Indices, 1000)
	}
}

// BenchmarkNaiveAnalyses are the references of the tests on a small graph beside the
// algorithms.
func BenchmarkNaiveAnalyses(b *testing.B) {
	g, n := sample(b, 1, 100, 500, false)
	b.Run("trusses/naive", func(b *testing.B) {
		for b.Loop() {
			for k := 2; len(n.truss(k)) > 0; k++ {
			}
		}
	})
	b.Run("trusses/Trusses", func(b *testing.B) {
		for b.Loop() {
			_, err := graph.Trusses(b.Context(), g, graph.TrussesOptions{Workers: 1})
			require.NoError(b, err)
		}
	})
	b.Run("forest/naive", func(b *testing.B) {
		for b.Loop() {
			kruskal(g)
		}
	})
	b.Run("forest/SpanningForest", func(b *testing.B) {
		for b.Loop() {
			_, err := graph.SpanningForest(b.Context(), g, graph.SpanningForestOptions{})
			require.NoError(b, err)
		}
	})
	b.Run("links/naive", func(b *testing.B) {
		sets := n.around()
		for b.Loop() {
			for u := range n.n {
				for v := range u {
					similarity(sets, graph.AdamicAdar, u, v)
				}
			}
		}
	})
	b.Run("links/PredictLinks", func(b *testing.B) {
		o := graph.PredictLinksOptions{Measure: graph.AdamicAdar, Workers: 1}
		for b.Loop() {
			_, err := graph.PredictLinks(b.Context(), g, nil, o)
			require.NoError(b, err)
		}
	})
}

package graph_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/graph"
)

// benchmarkGraphs are the graphs with weights from 1 to 255: R-MAT with 2^16 nodes
// and the grid of 1024 x 1024.
func benchmarkGraphs(b *testing.B) map[string]*graph.Graph[int] {
	b.Helper()
	kron, err := graph.RMAT(graph.RMATOptions{Scale: 16, EdgeFactor: 16, Seed: 1})
	require.NoError(b, err)
	grid, err := graph.Grid(graph.GridOptions{Rows: 1024, Columns: 1024})
	require.NoError(b, err)
	graphs := map[string]*graph.Graph[int]{}
	for name, g := range map[string]*graph.Graph[int]{"kron16": kron, "grid": grid} {
		builder := graph.NewBuilder[int](graph.BuilderOptions{})
		for u := range g.Nodes() {
			builder.AddNode(u)
		}
		for e := range g.Edges() {
			builder.AddEdge(e.From, e.To, float32(1+uint32(e.From*31+e.To)*2654435769>>24%255))
		}
		graphs[name], err = builder.Build()
		require.NoError(b, err)
	}
	return graphs
}

// BenchmarkAlgorithms measures each algorithm on each graph; source is a node
// with many edges.
func BenchmarkAlgorithms(b *testing.B) {
	kernels := map[string]func(ctx context.Context, g *graph.Graph[int], source, workers int) error{
		"DeltaStepping": func(ctx context.Context, g *graph.Graph[int], source, workers int) error {
			_, err := graph.DeltaStepping(ctx, g, source, graph.DeltaSteppingOptions{Workers: workers, LengthsOnly: true})
			return err
		},
		"Triangles": func(ctx context.Context, g *graph.Graph[int], _, workers int) error {
			_, err := graph.Triangles(ctx, g, graph.TrianglesOptions{Workers: workers, TotalOnly: true})
			return err
		},
		"Betweenness4": func(ctx context.Context, g *graph.Graph[int], _, workers int) error {
			_, err := graph.Betweenness(ctx, g, graph.BetweennessOptions{Workers: workers, Samples: 4})
			return err
		},
	}
	serial := map[string]func(ctx context.Context, g *graph.Graph[int], source int) error{
		"Dijkstra": func(ctx context.Context, g *graph.Graph[int], source int) error {
			_, err := graph.Dijkstra(ctx, g, source, graph.DijkstraOptions{})
			return err
		},
		"Cores": func(ctx context.Context, g *graph.Graph[int], _ int) error {
			_, err := graph.Cores(ctx, g, graph.CoresOptions{})
			return err
		},
		"Cuts": func(ctx context.Context, g *graph.Graph[int], _ int) error {
			_, err := graph.Cuts(ctx, g, graph.CutsOptions{})
			return err
		},
		"SpanningForest": func(ctx context.Context, g *graph.Graph[int], _ int) error {
			_, err := graph.SpanningForest(ctx, g, graph.SpanningForestOptions{})
			return err
		},
		"PushPageRank": func(ctx context.Context, g *graph.Graph[int], source int) error {
			seeds := map[int]float64{source: 1}
			_, err := graph.PushPageRank(ctx, g, seeds, graph.PushPageRankOptions{Epsilon: 1e-5})
			return err
		},
	}
	for name, g := range benchmarkGraphs(b) {
		source := 0
		for g.OutDegree(source) < 3 {
			source++
		}
		for kernel, run := range kernels {
			if kernel == "Betweenness4" && name == "grid" {
				continue // it has too many shortest paths
			}
			for _, workers := range []int{1, 2} {
				b.Run(fmt.Sprintf("%s/graph=%s/workers=%d", kernel, name, workers), func(b *testing.B) {
					for b.Loop() {
						require.NoError(b, run(b.Context(), g, source, workers))
					}
					perSecond(b, 2*g.Size())
				})
			}
		}
		for kernel, run := range serial {
			b.Run(fmt.Sprintf("%s/graph=%s", kernel, name), func(b *testing.B) {
				for b.Loop() {
					require.NoError(b, run(b.Context(), g, source))
				}
				perSecond(b, 2*g.Size())
			})
		}
	}
}

// BenchmarkCommunities reports the modularity too; weights are 1.
func BenchmarkCommunities(b *testing.B) {
	g, _ := benchmarkGraph(b)
	finders := map[string]func() (*graph.Communities[int], error){
		"Louvain": func() (*graph.Communities[int], error) { return graph.Louvain(b.Context(), g, graph.LouvainOptions{}) },
		"Leiden":  func() (*graph.Communities[int], error) { return graph.Leiden(b.Context(), g, graph.LeidenOptions{}) },
		"LabelPropagation": func() (*graph.Communities[int], error) {
			return graph.LabelPropagation(b.Context(), g, graph.LabelPropagationOptions{})
		},
	}
	for name, find := range finders {
		b.Run("graph=kron16/"+name, func(b *testing.B) {
			var c *graph.Communities[int]
			for b.Loop() {
				var err error
				c, err = find()
				require.NoError(b, err)
			}
			b.ReportMetric(c.Modularity, "modularity")
		})
	}
}

// BenchmarkNaiveAlgorithms are the references of the tests on a small graph beside
// the algorithms.
func BenchmarkNaiveAlgorithms(b *testing.B) {
	g, n := sample(b, 1, 200, 1200, false)
	b.Run("shortest/naive", func(b *testing.B) {
		for b.Loop() {
			n.lengths(0)
		}
	})
	b.Run("shortest/Dijkstra", func(b *testing.B) {
		for b.Loop() {
			t, err := graph.Dijkstra(b.Context(), g, 0, graph.DijkstraOptions{})
			require.NoError(b, err)
			require.False(b, math.IsNaN(t.Lengths[1]))
		}
	})
	b.Run("triangles/naive", func(b *testing.B) {
		for b.Loop() {
			n.triangles()
		}
	})
	b.Run("triangles/Triangles", func(b *testing.B) {
		for b.Loop() {
			_, err := graph.Triangles(b.Context(), g, graph.TrianglesOptions{Workers: 1})
			require.NoError(b, err)
		}
	})
}

package graph_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/graph"
)

// benchmarkGraph is the graph of all benchmarks, R-MAT with 2^16 nodes, and its
// edges as maps.
func benchmarkGraph(b *testing.B) (*graph.Graph[int], map[int]map[int]float64) {
	b.Helper()
	g, err := graph.RMAT(graph.RMATOptions{Scale: 16, EdgeFactor: 16, Seed: 1})
	require.NoError(b, err)
	maps := make(map[int]map[int]float64, g.Order())
	for u := range g.Nodes() {
		maps[u] = make(map[int]float64, g.OutDegree(u))
		for v, w := range g.Neighbors(u) {
			maps[u][v] = float64(w)
		}
	}
	return g, maps
}

// perSecond reports how many directed edges are handled a second, if each call
// handles so many.
func perSecond(b *testing.B, edges int) {
	b.ReportMetric(float64(edges)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Medges/s")
}

func BenchmarkBuild(b *testing.B) {
	g, _ := benchmarkGraph(b)
	for _, weight := range []float32{1, 0.5} {
		b.Run(fmt.Sprintf("scale=16/weighted=%t", weight != 1), func(b *testing.B) {
			var built *graph.Graph[int]
			for b.Loop() {
				builder := graph.NewBuilder[int](graph.BuilderOptions{})
				for e := range g.Edges() {
					builder.AddEdge(e.From, e.To, weight)
				}
				built, _ = builder.Build()
			}
			perSecond(b, g.Size())
			b.ReportMetric(float64(built.CSR().Bytes())/float64(built.Size()), "B/edge")
		})
	}
	b.Run("scale=16/naive", func(b *testing.B) {
		for b.Loop() {
			adjacency := map[int]map[int]float64{}
			for e := range g.Edges() {
				for _, ends := range [2][2]int{{e.From, e.To}, {e.To, e.From}} {
					if adjacency[ends[0]] == nil {
						adjacency[ends[0]] = map[int]float64{}
					}
					adjacency[ends[0]][ends[1]] = 1
				}
			}
		}
		perSecond(b, g.Size())
	})
}

func BenchmarkBFS(b *testing.B) {
	g, adjacency := benchmarkGraph(b)
	source := 0
	for g.OutDegree(source) == 0 {
		source++
	}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("scale=16/workers=%d", workers), func(b *testing.B) {
			for b.Loop() {
				_, err := graph.BFS(b.Context(), g, source, graph.BFSOptions{Workers: workers})
				require.NoError(b, err)
			}
			perSecond(b, 2*g.Size())
		})
	}
	b.Run("scale=16/naive", func(b *testing.B) {
		n := naive{n: g.Order(), out: adjacency}
		for b.Loop() {
			n.distances(source)
		}
		perSecond(b, 2*g.Size())
	})
}

func BenchmarkComponents(b *testing.B) {
	g, adjacency := benchmarkGraph(b)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("scale=16/workers=%d", workers), func(b *testing.B) {
			for b.Loop() {
				_, err := graph.Components(b.Context(), g, graph.ComponentsOptions{Workers: workers})
				require.NoError(b, err)
			}
			perSecond(b, 2*g.Size())
		})
	}
	b.Run("scale=16/strong", func(b *testing.B) {
		for b.Loop() {
			_, err := graph.StrongComponents(b.Context(), g, graph.StrongComponentsOptions{})
			require.NoError(b, err)
		}
		perSecond(b, 2*g.Size())
	})
	b.Run("scale=16/naive", func(b *testing.B) {
		for b.Loop() {
			seen := make(map[int]bool, len(adjacency))
			for source := range adjacency {
				for stack := []int{source}; len(stack) > 0; {
					u := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					if !seen[u] {
						seen[u] = true
						for v := range adjacency[u] {
							stack = append(stack, v)
						}
					}
				}
			}
		}
		perSecond(b, 2*g.Size())
	})
}

func BenchmarkPageRank(b *testing.B) {
	g, adjacency := benchmarkGraph(b)
	const iterations = 20
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("scale=16/workers=%d", workers), func(b *testing.B) {
			o := graph.PageRankOptions{Workers: workers, Tolerance: 1e-300, MaxIterations: iterations}
			for b.Loop() {
				_, err := graph.PageRank(b.Context(), g, o)
				require.NoError(b, err)
			}
			perSecond(b, 2*g.Size()*iterations)
		})
	}
	b.Run("scale=16/naive", func(b *testing.B) {
		for b.Loop() {
			rank := make(map[int]float64, len(adjacency))
			for u := range adjacency {
				rank[u] = 1 / float64(len(adjacency))
			}
			for range iterations {
				next, dangling := make(map[int]float64, len(adjacency)), 0.0
				for u, row := range adjacency {
					for v := range row {
						next[v] += rank[u] / float64(len(row))
					}
					if len(row) == 0 {
						dangling += rank[u]
					}
				}
				for u := range adjacency {
					rank[u] = (0.15+0.85*dangling)/float64(len(adjacency)) + 0.85*next[u]
				}
			}
		}
		perSecond(b, 2*g.Size()*iterations)
	})
	b.Run("scale=16/tolerance=1e-8", func(b *testing.B) {
		var ranks *graph.Ranks[int]
		for b.Loop() {
			ranks, _ = graph.PageRank(b.Context(), g, graph.PageRankOptions{Workers: 1})
		}
		b.ReportMetric(float64(ranks.Iterations), "iterations")
	})
}

func BenchmarkGrid(b *testing.B) {
	g, err := graph.Grid(graph.GridOptions{Rows: 1024, Columns: 1024})
	require.NoError(b, err)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("BFS/workers=%d", workers), func(b *testing.B) {
			for b.Loop() {
				_, err := graph.BFS(b.Context(), g, 0, graph.BFSOptions{Workers: workers})
				require.NoError(b, err)
			}
			perSecond(b, 2*g.Size())
		})
		b.Run(fmt.Sprintf("Components/workers=%d", workers), func(b *testing.B) {
			for b.Loop() {
				_, err := graph.Components(b.Context(), g, graph.ComponentsOptions{Workers: workers})
				require.NoError(b, err)
			}
			perSecond(b, 2*g.Size())
		})
	}
}

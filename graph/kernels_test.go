package graph_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// kernels are calls of the algorithms, which all stop with the context and give
// the same result for every number of workers. Graphs have the nodes 0 to 15 at
// least.
var kernels = map[string]func(ctx context.Context, g *graph.Graph[int], workers int) (any, error){
	"Dijkstra": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.Dijkstra(ctx, g, 11, graph.DijkstraOptions{})
	},
	"DeltaStepping": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.DeltaStepping(ctx, g, 11, graph.DeltaSteppingOptions{Workers: workers})
	},
	"BellmanFord": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.BellmanFord(ctx, g, 11, graph.BellmanFordOptions{})
	},
	"ShortestPath": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.ShortestPath(ctx, g, 11, 15, graph.ShortestPathOptions{})
	},
	"ShortestPath by hops": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.ShortestPath(ctx, g, 11, 15, graph.ShortestPathOptions{Hops: true})
	},
	"AStar": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.AStar(ctx, g, 11, 15, func(int) float64 { return 0 }, graph.AStarOptions{})
	},
	"KShortestPaths": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.KShortestPaths(ctx, g, 11, 15, graph.KShortestPathsOptions{Paths: 3})
	},
	"Triangles": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.Triangles(ctx, g, graph.TrianglesOptions{Workers: workers})
	},
	"Triangles in all": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.Triangles(ctx, g, graph.TrianglesOptions{Workers: workers, TotalOnly: true})
	},
	"Clustering": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.Clustering(ctx, g, graph.ClusteringOptions{Workers: workers})
	},
	"Cores": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.Cores(ctx, g, graph.CoresOptions{})
	},
	"Trusses": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		t, err := graph.Trusses(ctx, small(g), graph.TrussesOptions{Workers: workers})
		if err != nil {
			return nil, err
		}
		return t.Numbers, nil
	},
	"Modularity": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.Modularity(ctx, g, make([]int32, max(order(g), 16)), graph.ModularityOptions{})
	},
	"Louvain": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.Louvain(ctx, g, graph.LouvainOptions{})
	},
	"Leiden": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.Leiden(ctx, g, graph.LeidenOptions{})
	},
	"LabelPropagation": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.LabelPropagation(ctx, g, graph.LabelPropagationOptions{})
	},
	"TopologicalOrder": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.TopologicalOrder(ctx, g, graph.TopologicalOrderOptions{})
	},
	"FindCycle": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.FindCycle(ctx, g, graph.FindCycleOptions{})
	},
	"DFS": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.DFS(ctx, g, 11, graph.DFSOptions{})
	},
	"SpanningForest": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.SpanningForest(ctx, g, graph.SpanningForestOptions{})
	},
	"Cuts": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.Cuts(ctx, g, graph.CutsOptions{})
	},
	"MaxFlow": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		f, err := graph.MaxFlow(ctx, g, 11, 15, graph.MaxFlowOptions{})
		if err != nil {
			return nil, err
		}
		return f.Values, nil
	},
	"BipartiteMatching": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.BipartiteMatching(ctx, g, graph.BipartiteMatchingOptions{})
	},
	"MaximumMatching": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.MaximumMatching(ctx, g, graph.MaximumMatchingOptions{})
	},
	"Dominators": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.Dominators(ctx, g, 11, graph.DominatorsOptions{})
	},
	"Isomorphisms": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		m, err := graph.Isomorphisms(ctx, small(g), small(g), graph.IsomorphismsOptions[int, int]{})
		if err != nil {
			return nil, err
		}
		return m.Indices, nil
	},
	"SubgraphIsomorphisms": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		o := graph.IsomorphismsOptions[int, int]{MaxMatches: 10, MaxSteps: 10_000}
		m, err := graph.SubgraphIsomorphisms(ctx, small(g), g, o)
		if err != nil {
			return nil, err
		}
		return m.Indices, nil
	},
	"DegreeCentrality": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.DegreeCentrality(ctx, g, graph.DegreeCentralityOptions{})
	},
	"Closeness": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return values(graph.Closeness(ctx, small(g), graph.ClosenessOptions{Workers: workers}))
	},
	"Harmonic": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return values(graph.Harmonic(ctx, small(g), graph.ClosenessOptions{Workers: workers, Weighted: true}))
	},
	"AllPairs": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		p, err := graph.AllPairs(ctx, small(g), graph.AllPairsOptions{Workers: workers})
		if err != nil {
			return nil, err
		}
		return p.Lengths, nil
	},
	"Eccentricity": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		e, err := graph.Eccentricity(ctx, small(g), graph.EccentricityOptions{Workers: workers})
		if err != nil {
			return nil, err
		}
		return e.Values, nil
	},
	"Diameter": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.Diameter(ctx, g, graph.DiameterOptions{Workers: workers})
	},
	"Betweenness": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.Betweenness(ctx, g, graph.BetweennessOptions{Workers: workers, Samples: 6})
	},
	"Betweenness by weight": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.Betweenness(ctx, g, graph.BetweennessOptions{Workers: workers, Samples: 6, Weighted: true})
	},
	"EdgeBetweenness": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		s, err := graph.EdgeBetweenness(ctx, g, graph.BetweennessOptions{Workers: workers, Samples: 6})
		if err != nil {
			return nil, err
		}
		return s.Values, nil
	},
	"HITS": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.HITS(ctx, g, graph.HITSOptions{Workers: workers, MaxIterations: 10})
	},
	"Eigenvector": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.Eigenvector(ctx, g, graph.EigenvectorOptions{Workers: workers, MaxIterations: 10})
	},
	"Katz": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.Katz(ctx, g, graph.KatzOptions{Workers: workers, MaxIterations: 10})
	},
	"PushPageRank": func(ctx context.Context, g *graph.Graph[int], _ int) (any, error) {
		return graph.PushPageRank(ctx, g, map[int]float64{11: 1}, graph.PushPageRankOptions{})
	},
	"RandomWalks": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.RandomWalks(ctx, g, nil, graph.RandomWalksOptions{Workers: workers, Length: 9, PerNode: 1, Q: 2})
	},
	"Node2Vec": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		walks := graph.RandomWalksOptions{Workers: workers, Length: 6, PerNode: 1}
		e, err := graph.Node2Vec(ctx, small(g), graph.Node2VecOptions{Dimensions: 8, Walks: walks})
		if err != nil {
			return nil, err
		}
		return e.Vectors, nil
	},
	"Similarity": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.Similarity(ctx, g, [][2]int{{11, 15}, {0, 3}}, graph.SimilarityOptions{Workers: workers})
	},
	"PredictLinks": func(ctx context.Context, g *graph.Graph[int], workers int) (any, error) {
		return graph.PredictLinks(ctx, g, nil, graph.PredictLinksOptions{Workers: workers, MaxDegree: 20})
	},
}

func order(g *graph.Graph[int]) int {
	if g == nil {
		return 0
	}
	return g.Order()
}

// small is a part of g for algorithms that search from every node.
func small(g *graph.Graph[int]) *graph.Graph[int] {
	if g == nil || g.Order() < 300 {
		return g
	}
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: g.Directed()})
	for e := range g.Edges() {
		if e.From < 300 && e.To < 300 {
			b.AddEdge(e.From, e.To, e.Weight)
		}
	}
	part, _ := b.Build() // edges of a graph are good
	return part
}

func values(s *graph.Scores[int], err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return s.Values, nil
}

// weighted is the graph of large with weights in quarters.
func weighted(t testing.TB, directed bool) *graph.Graph[int] {
	t.Helper()
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: directed})
	g := large(t, directed)
	for u := range g.Nodes() {
		b.AddNode(u)
	}
	for e := range g.Edges() {
		b.AddEdge(e.From, e.To, float32(1+(e.From*7+e.To*13)%40)/4)
	}
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func TestAlgorithmsStopWithTheContext(t *testing.T) {
	graphs := []*graph.Graph[int]{weighted(t, false), weighted(t, true)}
	for name, kernel := range kernels {
		t.Run(name, func(t *testing.T) {
			for _, g := range graphs {
				for _, workers := range workerCounts[:2] {
					for looks := range 2 {
						_, err := kernel(newCountdown(t, looks), g, workers)
						require.ErrorIs(t, err, context.Canceled)
					}
				}
			}
			_, err := kernel(t.Context(), nil, 1)
			require.ErrorIs(t, err, quintet.ErrInput, "a nil graph")
		})
	}
}

func TestAlgorithmsAreTheSameForAllWorkers(t *testing.T) {
	for _, g := range []*graph.Graph[int]{large(t, false), weighted(t, false), weighted(t, true)} {
		for name, kernel := range kernels {
			want, err := kernel(t.Context(), g, 1)
			if err != nil {
				require.ErrorIs(t, err, quintet.ErrInput, name)
				continue
			}
			for _, workers := range workerCounts[1:] {
				got, err := kernel(t.Context(), g, workers)
				require.NoError(t, err, name)
				require.Equal(t, want, got, name)
			}
		}
	}
}

// odd is a graph of up to 20 nodes with loops, parallel edges and any weights.
func odd(t *testing.T, data []byte, directed, multi bool) *graph.Graph[int] {
	t.Helper()
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: directed, Multi: multi})
	for u := range 16 {
		b.AddNode(u)
	}
	for ; len(data) >= 3; data = data[3:] {
		b.AddEdge(int(data[0])%20, int(data[1])%20, float32(int8(data[2]))/4)
	}
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

// FuzzAlgorithms holds every algorithm against two promises: bad graphs are
// refused as input, and the result does not depend on the number of workers.
func FuzzAlgorithms(f *testing.F) {
	f.Add([]byte{}, false, false)
	f.Add([]byte{11, 2, 4, 2, 15, 0, 3, 3, 9, 11, 15, 100}, false, true)
	f.Add([]byte{11, 2, 252, 2, 15, 4, 11, 11, 4, 15, 2, 4}, true, false)
	f.Add([]byte{11, 2, 0, 2, 11, 0, 2, 15, 0, 11, 2, 0}, true, true)
	f.Fuzz(func(t *testing.T, data []byte, directed, multi bool) {
		g := odd(t, data[:min(len(data), 300)], directed, multi)
		for name, kernel := range kernels {
			want, err := kernel(t.Context(), g, 1)
			got, again := kernel(t.Context(), g, 3)
			if err != nil {
				require.ErrorIs(t, err, quintet.ErrInput, name)
				require.Equal(t, err, again, name)
				continue
			}
			require.NoError(t, again, name)
			require.Equal(t, want, got, name)
		}
	})
}

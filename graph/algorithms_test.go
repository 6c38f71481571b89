package graph_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/graph"
)

// known is a graph of testdata/algorithms.json, which testdata/algorithms.py
// makes with NetworkX.
type known struct {
	Name     string
	Nodes    int
	Directed bool
	Edges    [][3]float32
	Paths    struct {
		Lengths []float64
		Pairs   []struct {
			From, To int
			Lengths  []float64
		}
	}
	Negative *struct {
		Potential []float32
		Lengths   []float64
	}
	Triangles         []int64
	Clustering        []float64
	AverageClustering float64 `json:"average_clustering"`
	Transitivity      float64
	Cores             []int32
	Labels            []int32
	Modularity        float64
	ModularityTwo     float64 `json:"modularity_two"`
	Louvain           float64
	Dag               bool
	Bridges           [][2]int
	Articulation      []int
	Forest            float64

	Hubs, Authorities           []float64
	Degree, Closeness, Harmonic []float64
	Betweenness                 []float64
	ClosenessWeighted           []float64 `json:"closeness_weighted"`
	BetweennessWeighted         []float64 `json:"betweenness_weighted"`
	BetweennessNormalized       []float64 `json:"betweenness_normalized"`
}

func (k known) build(t *testing.T, potential []float32) *graph.Graph[int] {
	t.Helper()
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: k.Directed})
	for u := range k.Nodes {
		b.AddNode(u)
	}
	for _, e := range k.Edges {
		u, v, w := int(e[0]), int(e[1]), e[2]
		if potential != nil {
			w += potential[u] - potential[v]
		}
		b.AddEdge(u, v, w)
	}
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

// infinite puts back the infinities that the file has as -1.
func infinite(lengths []float64) []float64 {
	for u, l := range lengths {
		if l == -1 {
			lengths[u] = math.Inf(1)
		}
	}
	return lengths
}

func TestNetworkXAgreesOnAlgorithms(t *testing.T) {
	data, err := os.ReadFile("testdata/algorithms.json")
	require.NoError(t, err)
	var all []known
	require.NoError(t, json.Unmarshal(data, &all))
	for _, want := range all {
		g := want.build(t, nil)
		t.Run(want.Name+"/paths", func(t *testing.T) { requirePaths(t, g, want) })
		t.Run(want.Name+"/triangles", func(t *testing.T) { requireTriangles(t, g, want) })
		t.Run(want.Name+"/communities", func(t *testing.T) { requireCommunities(t, g, want) })
		t.Run(want.Name+"/structure", func(t *testing.T) { requireStructure(t, g, want) })
		t.Run(want.Name+"/centrality", func(t *testing.T) { requireCentrality(t, g, want) })
	}
}

func requirePaths(t *testing.T, g *graph.Graph[int], want known) {
	lengths := infinite(want.Paths.Lengths)
	tree, err := graph.Dijkstra(t.Context(), g, 0, graph.DijkstraOptions{})
	require.NoError(t, err)
	require.Equal(t, lengths, tree.Lengths)
	delta, err := graph.DeltaStepping(t.Context(), g, 0, graph.DeltaSteppingOptions{})
	require.NoError(t, err)
	require.Equal(t, tree, delta)
	for _, pair := range want.Paths.Pairs {
		paths, err := graph.KShortestPaths(t.Context(), g, pair.From, pair.To, graph.KShortestPathsOptions{Paths: 12})
		require.NoError(t, err)
		require.Len(t, paths, len(pair.Lengths))
		for i, p := range paths {
			requirePath(t, g, pair.From, pair.To, pair.Lengths[i], p)
		}
		p, err := graph.ShortestPath(t.Context(), g, pair.From, pair.To, graph.ShortestPathOptions{})
		require.NoError(t, err)
		require.Equal(t, len(paths) > 0, p.Found())
		if p.Found() {
			require.Equal(t, pair.Lengths[0], p.Length)
		}
	}
	if want.Negative == nil {
		return
	}
	h := want.build(t, want.Negative.Potential)
	ford, err := graph.BellmanFord(t.Context(), h, 0, graph.BellmanFordOptions{})
	require.NoError(t, err)
	for u, l := range want.Negative.Lengths {
		if math.IsInf(lengths[u], 1) { // -1 may be a length
			l = lengths[u]
		}
		require.Equal(t, l, ford.Lengths[u])
	}
}

func requireTriangles(t *testing.T, g *graph.Graph[int], want known) {
	triangles, err := graph.Triangles(t.Context(), g, graph.TrianglesOptions{})
	require.NoError(t, err)
	require.Equal(t, want.Triangles, triangles.Counts)
	c, err := graph.Clustering(t.Context(), g, graph.ClusteringOptions{})
	require.NoError(t, err)
	require.InDeltaSlice(t, want.Clustering, c.Values, 1e-15)
	require.InDelta(t, want.AverageClustering, c.Average, 1e-15)
	require.InDelta(t, want.Transitivity, c.Transitivity, 1e-15)
	cores, err := graph.Cores(t.Context(), g, graph.CoresOptions{})
	require.NoError(t, err)
	require.Equal(t, want.Cores, cores.Numbers)
}

func requireCommunities(t *testing.T, g *graph.Graph[int], want known) {
	if want.Directed {
		return // NetworkX has a modularity of its own for directions
	}
	q, err := graph.Modularity(t.Context(), g, want.Labels, graph.ModularityOptions{})
	require.NoError(t, err)
	require.InDelta(t, want.Modularity, q, 1e-12)
	q, err = graph.Modularity(t.Context(), g, want.Labels, graph.ModularityOptions{Resolution: 2})
	require.NoError(t, err)
	require.InDelta(t, want.ModularityTwo, q, 1e-12)
	c, err := graph.Leiden(t.Context(), g, graph.LeidenOptions{Iterations: 10})
	require.NoError(t, err)
	require.Greater(t, c.Modularity, want.Louvain*0.99)
}

func requireStructure(t *testing.T, g *graph.Graph[int], want known) {
	if want.Directed {
		cycle, err := graph.FindCycle(t.Context(), g, graph.FindCycleOptions{})
		require.NoError(t, err)
		require.Equal(t, want.Dag, cycle == nil)
		return
	}
	cuts, err := graph.Cuts(t.Context(), g, graph.CutsOptions{})
	require.NoError(t, err)
	var bridges [][2]int
	for _, e := range cuts.Bridges {
		bridges = append(bridges, [2]int{e.From, e.To})
	}
	require.Equal(t, want.Bridges, bridges)
	require.Equal(t, want.Articulation, cuts.Articulation)
	forest, err := graph.SpanningForest(t.Context(), g, graph.SpanningForestOptions{})
	require.NoError(t, err)
	require.Equal(t, want.Forest, forest.Weight)
}

func requireCentrality(t *testing.T, g *graph.Graph[int], want known) {
	scores := func(s *graph.Scores[int], err error) []float64 {
		t.Helper()
		require.NoError(t, err)
		return s.Values
	}
	ctx := t.Context()
	require.InDeltaSlice(t, want.Degree, scores(graph.DegreeCentrality(ctx, g, graph.DegreeCentralityOptions{})), 1e-12)
	require.InDeltaSlice(t, want.Closeness, scores(graph.Closeness(ctx, g, graph.ClosenessOptions{})), 1e-12)
	byWeight := graph.ClosenessOptions{Weighted: true}
	require.InDeltaSlice(t, want.ClosenessWeighted, scores(graph.Closeness(ctx, g, byWeight)), 1e-12)
	require.InDeltaSlice(t, want.Harmonic, scores(graph.Harmonic(ctx, g, graph.ClosenessOptions{})), 1e-12)
	for _, tt := range []struct {
		want []float64
		opt  graph.BetweennessOptions
	}{
		{want.Betweenness, graph.BetweennessOptions{}},
		{want.BetweennessWeighted, graph.BetweennessOptions{Weighted: true}},
		{want.BetweennessNormalized, graph.BetweennessOptions{Normalized: true}},
	} {
		require.InDeltaSlice(t, tt.want, scores(graph.Betweenness(ctx, g, tt.opt)), 1e-9)
	}
	h, err := graph.HITS(ctx, g, graph.HITSOptions{Tolerance: 1e-14, MaxIterations: 100_000})
	require.NoError(t, err)
	require.InDeltaSlice(t, want.Hubs, h.Hubs.Values, 1e-9)
	require.InDeltaSlice(t, want.Authorities, h.Authorities.Values, 1e-9)
}

package graph_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// requireSimple requires the nodes 0 to n-1, no loop and no parallel edge.
func requireSimple(t *testing.T, n int, g *graph.Graph[int]) {
	t.Helper()
	require.Equal(t, n, g.Order())
	require.False(t, g.Weighted())
	for u := range n {
		i, ok := g.Index(u)
		require.True(t, ok)
		require.Equal(t, int32(u), i)
		row := g.CSR().Out(i)
		_, loop := slices.BinarySearch(row, i)
		require.False(t, loop)
		require.Len(t, slices.Compact(slices.Clone(row)), len(row))
	}
}

func TestRandomHasExactlyTheEdgesAskedFor(t *testing.T) {
	for n := range 9 {
		for _, directed := range []bool{false, true} {
			pairs := n * (n - 1) / 2
			if directed {
				pairs *= 2
			}
			for m := range pairs + 1 {
				g, err := graph.Random(graph.RandomOptions{Nodes: n, Edges: m, Directed: directed, Seed: uint64(m)})
				require.NoError(t, err)
				requireSimple(t, n, g)
				require.Equal(t, m, g.Size())
				require.Equal(t, directed, g.Directed())
			}
			_, err := graph.Random(graph.RandomOptions{Nodes: n, Edges: pairs + 1, Directed: directed})
			require.ErrorIs(t, err, quintet.ErrOption)
		}
	}
}

func TestRandomDrawsEveryGraphAlike(t *testing.T) {
	const draws = 3000
	count := map[string]int{}
	for seed := range uint64(draws) {
		g, err := graph.Random(graph.RandomOptions{Nodes: 4, Edges: 2, Seed: seed})
		require.NoError(t, err)
		key := ""
		for e := range g.Edges() {
			key += string(rune('0'+e.From)) + string(rune('0'+e.To)) + " "
		}
		count[key]++
	}
	require.Len(t, count, 15) // choose 2 of 6 pairs
	for key, n := range count {
		// Five deviations of a binomial of 3000 draws at 1/15.
		require.InDelta(t, draws/15, n, 5*math.Sqrt(draws/15), key)
	}
}

func TestTheSameSeedGivesTheSameGraph(t *testing.T) {
	make := func(seed uint64) [][]graph.Edge[int] {
		a, err := graph.Random(graph.RandomOptions{Nodes: 50, Edges: 60, Seed: seed})
		require.NoError(t, err)
		b, err := graph.RMAT(graph.RMATOptions{Scale: 6, EdgeFactor: 3, Seed: seed})
		require.NoError(t, err)
		c, err := graph.BarabasiAlbert(graph.BarabasiAlbertOptions{Nodes: 50, Edges: 2, Seed: seed})
		require.NoError(t, err)
		d, err := graph.WattsStrogatz(graph.WattsStrogatzOptions{Nodes: 50, Neighbors: 4, Rewire: 0.2, Seed: seed})
		require.NoError(t, err)
		e, err := graph.PlantedPartition(graph.PlantedPartitionOptions{Groups: 5, Size: 9, Inside: 0.3, Between: 0.1, Seed: seed})
		require.NoError(t, err)
		var edges [][]graph.Edge[int]
		for _, g := range []*graph.Graph[int]{a, b, c, d, e} {
			edges = append(edges, slices.Collect(g.Edges()))
		}
		return edges
	}
	require.Equal(t, make(1), make(1))
	for i, edges := range make(2) {
		require.NotEqual(t, make(1)[i], edges)
	}
}

func TestGrid(t *testing.T) {
	g, err := graph.Grid(graph.GridOptions{Rows: 3, Columns: 4})
	require.NoError(t, err)
	requireSimple(t, 12, g)
	require.Equal(t, 3*3+2*4, g.Size())
	require.Equal(t, []int32{1, 4, 6, 9}, g.CSR().Out(5))
	require.Equal(t, []int32{2, 7}, g.CSR().Out(3))
	tree, err := graph.BFS(t.Context(), g, 0, graph.BFSOptions{})
	require.NoError(t, err)
	require.Equal(t, 5, tree.Distance(11))

	for _, o := range []graph.GridOptions{{0, 5}, {5, 0}, {0, 0}} {
		g, err = graph.Grid(o)
		require.NoError(t, err)
		require.Zero(t, g.Order())
	}
	for _, o := range []graph.GridOptions{{-1, 5}, {5, -1}, {math.MaxInt, math.MaxInt}, {1 << 16, 1 << 15}} {
		_, err = graph.Grid(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestRMATIsSkewed(t *testing.T) {
	for _, directed := range []bool{false, true} {
		g, err := graph.RMAT(graph.RMATOptions{Scale: 10, Directed: directed, Seed: 1})
		require.NoError(t, err)
		requireSimple(t, 1024, g)
		require.Equal(t, directed, g.Directed())
		require.Greater(t, g.Size(), 8<<10, "of 16 edges drawn a node most are different")
		require.Less(t, g.Size(), 16<<10)
		d, err := graph.Degrees(t.Context(), g, graph.DegreesOptions{})
		require.NoError(t, err)
		require.Greater(t, float64(d.Max), 6*d.Mean)
		even, err := graph.RMAT(graph.RMATOptions{Scale: 10, A: 0.25, B: 0.25, C: 0.25, Directed: directed, Seed: 1})
		require.NoError(t, err)
		d, err = graph.Degrees(t.Context(), even, graph.DegreesOptions{})
		require.NoError(t, err)
		require.Less(t, float64(d.Max), 3*d.Mean)
	}
	one, err := graph.RMAT(graph.RMATOptions{})
	require.NoError(t, err)
	require.Equal(t, 1, one.Order())
	require.Zero(t, one.Size())
	bad := map[string]graph.RMATOptions{
		"negative scale":         {Scale: -1},
		"too large a scale":      {Scale: 31},
		"negative edge factor":   {Scale: 3, EdgeFactor: -1},
		"too many edges":         {Scale: 30, EdgeFactor: 2},
		"a negative chance":      {Scale: 3, A: -0.1, B: 0.5},
		"a chance that is NaN":   {Scale: 3, A: math.NaN()},
		"chances greater than 1": {Scale: 3, A: 0.5, B: 0.5, C: 0.5},
	}
	for name, o := range bad {
		t.Run(name, func(t *testing.T) {
			_, err := graph.RMAT(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func TestRandomRefuses(t *testing.T) {
	tooMany := int64(1) << 31 // negative as an int of 32 bits, which is refused too
	for name, o := range map[string]graph.RandomOptions{
		"negative nodes": {Nodes: -1},
		"too many nodes": {Nodes: int(tooMany)},
		"negative edges": {Nodes: 9, Edges: -1},
		"too many edges": {Nodes: 1 << 20, Edges: int(tooMany)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := graph.Random(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

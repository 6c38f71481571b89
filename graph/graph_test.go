package graph_test

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/graph"
)

func TestGraphAnswersUnderKeys(t *testing.T) {
	edges := []edge{{"a", "b", 2}, {"a", "c", 3}, {"c", "c", 4}, {"b", "a", 5}}
	directed := build(t, graph.BuilderOptions{Directed: true}, edges...)
	undirected := build(t, graph.BuilderOptions{}, edges...)

	type answers struct {
		out, in               map[string]float32
		degree, outDeg, inDeg int
	}
	tests := map[string]struct {
		g    *graph.Graph[string]
		node string
		want answers
	}{
		"directed": {directed, "a", answers{
			map[string]float32{"b": 2, "c": 3}, map[string]float32{"b": 5}, 3, 2, 1,
		}},
		"undirected": {undirected, "a", answers{
			map[string]float32{"b": 7, "c": 3}, map[string]float32{"b": 7, "c": 3}, 2, 2, 2,
		}},
		"a directed loop has two ends": {directed, "c", answers{
			map[string]float32{"c": 4}, map[string]float32{"a": 3, "c": 4}, 3, 1, 2,
		}},
		"an undirected loop has two ends": {undirected, "c", answers{
			map[string]float32{"a": 3, "c": 4}, map[string]float32{"a": 3, "c": 4}, 3, 2, 2,
		}},
		"an unknown node is alone": {directed, "x", answers{
			map[string]float32{}, map[string]float32{}, 0, 0, 0,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, answers{
				maps.Collect(tt.g.Neighbors(tt.node)), maps.Collect(tt.g.InNeighbors(tt.node)),
				tt.g.Degree(tt.node), tt.g.OutDegree(tt.node), tt.g.InDegree(tt.node),
			})
		})
	}
	require.True(t, directed.HasEdge("a", "c"))
	require.False(t, directed.HasEdge("c", "a"))
	require.True(t, undirected.HasEdge("c", "a"))
	require.False(t, directed.HasEdge("x", "a"))
	require.False(t, directed.HasEdge("a", "x"))
	w, ok := directed.Weight("a", "c")
	require.True(t, ok)
	require.Equal(t, 3.0, w)
}

func TestWeightOfParallelEdgesIsTheirSum(t *testing.T) {
	g := build(t, graph.BuilderOptions{Multi: true}, edge{"a", "b", 1}, edge{"b", "a", 1}, edge{"a", "c", 1})
	w, ok := g.Weight("a", "b")
	require.True(t, ok)
	require.Equal(t, 2.0, w)
}

func TestIndexAndKeyAreInverse(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"b", "a", 1}, edge{"c", "b", 1})
	for i, k := range []string{"b", "a", "c"} {
		index, ok := g.Index(k)
		require.True(t, ok)
		require.Equal(t, int32(i), index)
		key, ok := g.Key(index)
		require.True(t, ok)
		require.Equal(t, k, key)
	}
	_, ok := g.Index("x")
	require.False(t, ok)
	for _, i := range []int32{-1, 3, 1 << 30} {
		_, ok = g.Key(i)
		require.False(t, ok)
	}
}

func TestIteratorsMayBeLeft(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1}, edge{"a", "c", 1}, edge{"b", "c", 1})
	for e := range g.Edges() {
		require.Equal(t, edge{"a", "b", 1}, e)
		break
	}
	for k := range g.Neighbors("a") {
		require.Equal(t, "b", k)
		break
	}
	for k := range g.InNeighbors("c") {
		require.Equal(t, "a", k)
		break
	}
}

func TestTheZeroGraphIsEmpty(t *testing.T) {
	var g graph.Graph[string]
	require.Zero(t, g.Order())
	require.Zero(t, g.Size())
	require.False(t, g.Directed())
	require.False(t, g.Weighted())
	require.Empty(t, slices.Collect(g.Nodes()))
	require.Empty(t, slices.Collect(g.Edges()))
	require.Zero(t, g.Degree("a"))
	require.Zero(t, g.CSR().Order())
	require.Nil(t, g.CSR().Out(0))
	require.Nil(t, g.CSR().In(0))
}

func TestCSRShowsRows(t *testing.T) {
	g := build(t, graph.BuilderOptions{Directed: true}, edge{"a", "b", 2}, edge{"c", "b", 3}, edge{"a", "c", 1})
	c := g.CSR()
	require.Equal(t, 3, c.Order())
	require.Equal(t, 3, c.Size())
	require.True(t, c.Directed())
	require.True(t, c.Weighted())
	require.Equal(t, []int32{1, 2}, c.Out(0))
	require.Equal(t, []float32{2, 1}, c.OutWeights(0))
	require.Equal(t, []int32{0, 2}, c.In(1))
	require.Equal(t, []float32{2, 3}, c.InWeights(1))
	require.Empty(t, c.Out(1))
	for _, u := range []int32{-1, 3} {
		require.Nil(t, c.Out(u))
		require.Nil(t, c.OutWeights(u))
		require.Nil(t, c.In(u))
		require.Nil(t, c.InWeights(u))
	}
	row := append(c.Out(0), 99)
	require.Equal(t, int32(99), row[2])
	require.Equal(t, []int32{1}, c.Out(2), "appending to a row leaves the next alone")
	require.Nil(t, build(t, graph.BuilderOptions{}, edge{"a", "b", 1}).CSR().OutWeights(0))
}

func TestReversedEdgesAreMadeOnceForAll(t *testing.T) {
	g := large(t, true)
	var target int32
	for e := range g.Edges() {
		target = int32(e.To)
		break
	}
	var wg sync.WaitGroup
	rows := make([][]int32, 8)
	for i := range rows {
		wg.Go(func() { rows[i] = g.CSR().In(target) })
	}
	wg.Wait()
	for _, row := range rows {
		require.Same(t, &rows[0][0], &row[0])
	}
	for u := range int32(g.Order()) {
		if row := g.CSR().In(u); !slices.IsSorted(row) {
			t.Fatalf("row %d is not ascending: %v", u, row)
		}
	}
}

package graph_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/synth"
)

func TestBFS(t *testing.T) {
	g := build(t, graph.BuilderOptions{Directed: true},
		edge{"a", "b", 1}, edge{"a", "c", 9}, edge{"c", "d", 1}, edge{"b", "d", 1}, edge{"d", "a", 1},
		edge{"e", "a", 1}, edge{"d", "d", 1})
	tree, err := graph.BFS(t.Context(), g, "a", graph.BFSOptions{})
	require.NoError(t, err)
	require.Equal(t, []int32{0, 1, 1, 2, -1}, tree.Distances)
	require.Equal(t, []int32{-1, 0, 0, 1, -1}, tree.Parents, "of b and c the parent of d is the first")
	require.Equal(t, 4, tree.Reached)
	require.Equal(t, 2, tree.Depth)
	require.Equal(t, []string{"a", "b", "d"}, tree.Path("d"))
	require.Equal(t, []string{"a"}, tree.Path("a"))
	require.Nil(t, tree.Path("e"), "no edge leads there")
	require.Nil(t, tree.Path("x"), "there is no such node")
	require.Equal(t, 2, tree.Distance("d"))
	require.Equal(t, -1, tree.Distance("e"))
	require.Equal(t, -1, tree.Distance("x"))
	parent, ok := tree.Parent("d")
	require.True(t, ok)
	require.Equal(t, "b", parent)
	for _, k := range []string{"a", "e", "x"} {
		_, ok = tree.Parent(k)
		require.False(t, ok)
	}
}

func TestBFSStopsAtMaxDepth(t *testing.T) {
	g, err := graph.Grid(graph.GridOptions{Rows: 1, Columns: 10})
	require.NoError(t, err)
	tree, err := graph.BFS(t.Context(), g, 4, graph.BFSOptions{MaxDepth: 2})
	require.NoError(t, err)
	require.Equal(t, []int32{-1, -1, 2, 1, 0, 1, 2, -1, -1, -1}, tree.Distances)
	require.Equal(t, 5, tree.Reached)
	require.Equal(t, 2, tree.Depth)
}

// requireTree holds a result against the sentences of BFS.
func requireTree(t *testing.T, g *graph.Graph[int], source int, want []int, tree *graph.BFSTree[int]) {
	t.Helper()
	reached, depth := 0, 0
	for u := range g.Order() {
		d := tree.Distance(u)
		require.Equal(t, want[u], d, "distance of %d", u)
		path := tree.Path(u)
		require.Len(t, path, d+1)
		if d < 0 {
			continue
		}
		reached, depth = reached+1, max(depth, d)
		require.Equal(t, source, path[0])
		require.Equal(t, u, path[d])
		parent, ok := tree.Parent(u)
		require.Equal(t, u != source, ok)
		if !ok {
			continue
		}
		require.Equal(t, parent, path[d-1])
		first := -1
		for v := range g.InNeighbors(u) {
			if tree.Distance(v) == d-1 {
				first = v
				break
			}
		}
		require.Equal(t, first, parent, "the first parent of %d", u)
	}
	require.Equal(t, reached, tree.Reached)
	require.Equal(t, depth, tree.Depth)
}

func TestBFSIsTheQueueOnRandomGraphs(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], n naive) {
		source := n.n / 2
		want := n.distances(source)
		for _, workers := range workerCounts {
			tree, err := graph.BFS(t.Context(), g, source, graph.BFSOptions{Workers: workers})
			require.NoError(t, err)
			requireTree(t, g, source, want, tree)
		}
	})
}

func TestBFSIsTheSameForAllWorkersAndDirections(t *testing.T) {
	for _, directed := range []bool{false, true} {
		g := large(t, directed)
		want, err := graph.BFS(t.Context(), g, 11, graph.BFSOptions{Workers: 1})
		require.NoError(t, err)
		require.Greater(t, want.Reached, g.Order()/4)
		g.CSR().In(0) // from here on a directed graph is searched in both directions
		for _, workers := range workerCounts {
			for _, depth := range []int{0, 1, 2, 3} {
				got, err := graph.BFS(t.Context(), g, 11, graph.BFSOptions{Workers: workers, MaxDepth: depth})
				require.NoError(t, err)
				if depth == 0 {
					require.Equal(t, want, got)
					continue
				}
				near := slices.Clone(want.Distances)
				for u, d := range near {
					if d > int32(depth) {
						near[u] = -1
					}
				}
				require.Equal(t, near, got.Distances)
			}
		}
	}
}

func TestBFSDoesNotDependOnNames(t *testing.T) {
	g, n := sample(t, 5, 80, 120, false)
	name := synth.Rand(6).Perm(n.n)
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	edges := slices.Collect(g.Edges())
	synth.Rand(7).Shuffle(len(edges), func(i, j int) { edges[i], edges[j] = edges[j], edges[i] })
	b.AddNode(name[3])
	for _, e := range edges {
		b.AddEdge(name[e.To], name[e.From], e.Weight)
	}
	renamed, err := b.Build()
	require.NoError(t, err)
	want, err := graph.BFS(t.Context(), g, 3, graph.BFSOptions{})
	require.NoError(t, err)
	got, err := graph.BFS(t.Context(), renamed, name[3], graph.BFSOptions{})
	require.NoError(t, err)
	for u := range n.n {
		require.Equal(t, want.Distance(u), got.Distance(name[u]))
	}
}

func TestBFSRefuses(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{"a", "b", 1})
	tests := map[string]struct {
		g      *graph.Graph[string]
		source string
		opt    graph.BFSOptions
		cause  error
	}{
		"a nil graph":        {nil, "a", graph.BFSOptions{}, quintet.ErrInput},
		"an unknown source":  {g, "x", graph.BFSOptions{}, quintet.ErrInput},
		"an empty graph":     {new(graph.Graph[string]), "a", graph.BFSOptions{}, quintet.ErrInput},
		"negative workers":   {g, "a", graph.BFSOptions{Workers: -1}, quintet.ErrOption},
		"a negative maximum": {g, "a", graph.BFSOptions{MaxDepth: -1}, quintet.ErrOption},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tree, err := graph.BFS(t.Context(), tt.g, tt.source, tt.opt)
			require.ErrorIs(t, err, tt.cause)
			require.Nil(t, tree)
		})
	}
}

// countdown is a context that ends after some looks at it.
type countdown struct {
	context.Context
	left atomic.Int32
}

func newCountdown(t *testing.T, looks int) *countdown {
	c := &countdown{Context: t.Context()}
	c.left.Store(int32(looks))
	return c
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestKernelsStopWithTheContext(t *testing.T) {
	kernels := map[string]func(ctx context.Context, g *graph.Graph[int], workers int) error{
		"BFS": func(ctx context.Context, g *graph.Graph[int], workers int) error {
			_, err := graph.BFS(ctx, g, 11, graph.BFSOptions{Workers: workers})
			return err
		},
		"Components": func(ctx context.Context, g *graph.Graph[int], workers int) error {
			_, err := graph.Components(ctx, g, graph.ComponentsOptions{Workers: workers})
			return err
		},
		"StrongComponents": func(ctx context.Context, g *graph.Graph[int], _ int) error {
			_, err := graph.StrongComponents(ctx, g, graph.StrongComponentsOptions{})
			return err
		},
		"PageRank": func(ctx context.Context, g *graph.Graph[int], workers int) error {
			_, err := graph.PageRank(ctx, g, graph.PageRankOptions{Workers: workers})
			return err
		},
		"PersonalizedPageRank": func(ctx context.Context, g *graph.Graph[int], workers int) error {
			seeds := map[int]float64{1: 1}
			_, err := graph.PersonalizedPageRank(ctx, g, seeds, graph.PageRankOptions{Workers: workers})
			return err
		},
	}
	graphs := []*graph.Graph[int]{large(t, false), large(t, true)}
	for name, kernel := range kernels {
		t.Run(name, func(t *testing.T) {
			for _, g := range graphs {
				for _, workers := range workerCounts {
					for looks := range 3 {
						require.ErrorIs(t, kernel(newCountdown(t, looks), g, workers), context.Canceled)
					}
				}
				require.NoError(t, kernel(t.Context(), g, 2), "a cancelled call leaves the graph whole")
			}
			done, cancel := context.WithCancel(t.Context())
			cancel()
			require.ErrorIs(t, kernel(done, new(graph.Graph[int]), 1), context.Canceled)
		})
	}
}

func TestReversingStopsWithTheContext(t *testing.T) {
	g := large(t, true)
	in := graph.DegreesOptions{Direction: graph.In}
	for looks := range 5 {
		_, err := graph.Degrees(newCountdown(t, looks), g, in)
		require.ErrorIs(t, err, context.Canceled)
	}
	got, err := graph.Degrees(t.Context(), g, in)
	require.NoError(t, err, "the next call does the work")
	require.InDelta(t, float64(g.Size())/float64(g.Order()), got.Mean, 1e-9)
}

package graph_test

import (
	"errors"
	"iter"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

type edge = graph.Edge[string]

// build adds edges and requires a graph.
func build[K comparable](t testing.TB, o graph.BuilderOptions, edges ...graph.Edge[K]) *graph.Graph[K] {
	t.Helper()
	b := graph.NewBuilder[K](o)
	for _, e := range edges {
		b.AddEdge(e.From, e.To, e.Weight)
	}
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func TestBuild(t *testing.T) {
	tests := map[string]struct {
		opt      graph.BuilderOptions
		in, want []edge
		weighted bool
	}{
		"no edge": {},
		"edges of an undirected graph are listed from the earlier node": {
			in:   []edge{{"a", "b", 1}, {"c", "a", 1}, {"c", "b", 1}},
			want: []edge{{"a", "b", 1}, {"a", "c", 1}, {"b", "c", 1}},
		},
		"edges of a directed graph keep their direction": {
			opt:  graph.BuilderOptions{Directed: true},
			in:   []edge{{"a", "b", 1}, {"c", "a", 1}, {"b", "a", 1}},
			want: []edge{{"a", "b", 1}, {"b", "a", 1}, {"c", "a", 1}},
		},
		"neighbours are in the order of their first appearance": {
			opt:  graph.BuilderOptions{Directed: true},
			in:   []edge{{"z", "y", 1}, {"x", "z", 1}, {"x", "y", 1}, {"x", "x", 1}},
			want: []edge{{"z", "y", 1}, {"x", "z", 1}, {"x", "y", 1}, {"x", "x", 1}},
		},
		"parallel edges become one with the sum of the weights": {
			in:       []edge{{"a", "b", 1}, {"b", "a", 0.5}, {"a", "b", 2}, {"b", "c", 1}},
			want:     []edge{{"a", "b", 3.5}, {"b", "c", 1}},
			weighted: true,
		},
		"parallel edges of weight 1 add up too": {
			in:       []edge{{"a", "b", 1}, {"b", "a", 1}},
			want:     []edge{{"a", "b", 2}},
			weighted: true,
		},
		"opposite edges of a directed graph are not parallel": {
			opt:  graph.BuilderOptions{Directed: true},
			in:   []edge{{"a", "b", 1}, {"b", "a", 1}},
			want: []edge{{"a", "b", 1}, {"b", "a", 1}},
		},
		"weights that add up to 1 are no weights": {
			in:   []edge{{"a", "b", 0.5}, {"a", "b", 0.5}},
			want: []edge{{"a", "b", 1}},
		},
		"Unweighted forgets weights": {
			opt:  graph.BuilderOptions{Unweighted: true},
			in:   []edge{{"a", "b", 7}, {"b", "a", 1}, {"a", "c", 3}},
			want: []edge{{"a", "b", 1}, {"a", "c", 1}},
		},
		"Multi keeps parallel edges in the order of AddEdge": {
			opt:      graph.BuilderOptions{Multi: true},
			in:       []edge{{"a", "b", 3}, {"b", "a", 1}, {"a", "b", 2}},
			want:     []edge{{"a", "b", 3}, {"a", "b", 1}, {"a", "b", 2}},
			weighted: true,
		},
		"loops are kept": {
			in:       []edge{{"a", "a", 2}, {"a", "b", 1}},
			want:     []edge{{"a", "a", 2}, {"a", "b", 1}},
			weighted: true,
		},
		"parallel loops become one": {
			in:       []edge{{"a", "a", 2}, {"a", "a", 3}},
			want:     []edge{{"a", "a", 5}},
			weighted: true,
		},
		"parallel loops of a multigraph stay": {
			opt:  graph.BuilderOptions{Multi: true},
			in:   []edge{{"a", "a", 1}, {"a", "a", 1}},
			want: []edge{{"a", "a", 1}, {"a", "a", 1}},
		},
		"weights of 0 and below are kept": {
			in:       []edge{{"a", "b", 0}, {"b", "c", -2}},
			want:     []edge{{"a", "b", 0}, {"b", "c", -2}},
			weighted: true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := build(t, tt.opt, tt.in...)
			require.Equal(t, tt.want, slices.Collect(g.Edges()))
			require.Equal(t, len(tt.want), g.Size())
			require.Equal(t, tt.weighted, g.Weighted())
			require.Equal(t, tt.opt.Directed, g.Directed())
		})
	}
}

func TestBuildRefuses(t *testing.T) {
	tests := map[string]struct {
		fill func(b *graph.Builder[string])
		want string
	}{
		"a weight that is no number": {
			func(b *graph.Builder[string]) { b.AddEdge("a", "b", 1); b.AddEdge("a", "c", float32(math.NaN())) },
			`graph: edge 1 "a" -> "c" has weight NaN: invalid input`,
		},
		"an infinite weight": {
			func(b *graph.Builder[string]) { b.AddEdge("a", "b", float32(math.Inf(-1))) },
			`graph: edge 0 "a" -> "b" has weight -Inf: invalid input`,
		},
		"only the first of two bad edges is named": {
			func(b *graph.Builder[string]) {
				b.AddEdge("a", "b", float32(math.Inf(1)))
				b.AddEdge("c", "d", float32(math.NaN()))
				b.AddNode("e")
			},
			`graph: edge 0 "a" -> "b" has weight +Inf: invalid input`,
		},
		"weights with an infinite sum": {
			func(b *graph.Builder[string]) {
				b.AddEdge("x", "a", 1)
				b.AddEdge("a", "b", math.MaxFloat32)
				b.AddEdge("b", "a", math.MaxFloat32)
			},
			`graph: the weights of the edges "a" -> "b" add up beyond float32: invalid input`,
		},
		"more nodes than an index can number": {
			func(b *graph.Builder[string]) {
				graph.SetLimit(b, 2)
				b.AddNode("a")
				b.AddNode("b")
				b.AddNode("a")
				b.AddNode("c")
			},
			`graph: node "c" is one more than 2: invalid input`,
		},
		"an edge with one node too many": {
			func(b *graph.Builder[string]) { graph.SetLimit(b, 1); b.AddEdge("a", "b", 1) },
			`graph: node "b" is one more than 1: invalid input`,
		},
		"more edges than fit": {
			func(b *graph.Builder[string]) {
				graph.SetLimit(b, 2)
				for range 3 {
					b.AddEdge("a", "b", 1)
				}
			},
			`graph: edge "a" -> "b" is one more than 2: invalid input`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := graph.NewBuilder[string](graph.BuilderOptions{})
			tt.fill(b)
			g, err := b.Build()
			require.ErrorIs(t, err, quintet.ErrInput)
			require.EqualError(t, err, tt.want)
			require.Nil(t, g)
		})
	}
}

func TestAnErrorShowsLongKeysInPart(t *testing.T) {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddEdge(string(make([]byte, 1<<20)), "b", float32(math.NaN()))
	_, err := b.Build()
	require.ErrorIs(t, err, quintet.ErrInput)
	require.Less(t, len(err.Error()), 500)
}

func TestANodeMustEqualItself(t *testing.T) {
	b := graph.NewBuilder[float64](graph.BuilderOptions{})
	b.AddEdge(1, math.NaN(), 1)
	_, err := b.Build()
	require.ErrorIs(t, err, quintet.ErrInput)
	require.EqualError(t, err, "graph: node NaN does not equal itself: invalid input")
}

func TestBuildLeavesTheBuilderEmpty(t *testing.T) {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("a", "b", 2)
	first, err := b.Build()
	require.NoError(t, err)

	b.AddEdge("x", "a", 1)
	second, err := b.Build()
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, slices.Collect(first.Nodes()))
	require.Equal(t, []edge{{"a", "b", 2}}, slices.Collect(first.Edges()))
	require.Equal(t, []edge{{"x", "a", 1}}, slices.Collect(second.Edges()))
	require.True(t, second.Directed(), "the options stay")

	b.AddEdge("a", "b", float32(math.NaN()))
	_, err = b.Build()
	require.ErrorIs(t, err, quintet.ErrInput)
	third, err := b.Build()
	require.NoError(t, err, "an error is returned once")
	require.Zero(t, third.Order())
}

func TestTheZeroBuilderWorks(t *testing.T) {
	var b graph.Builder[int]
	b.AddEdge(5, 6, 1)
	g, err := b.Build()
	require.NoError(t, err)
	require.True(t, g.HasEdge(6, 5))
}

func TestAddEdges(t *testing.T) {
	broken := errors.New("line 3 is broken")
	source := func(edges []edge, last error) iter.Seq2[edge, error] {
		return func(yield func(edge, error) bool) {
			for _, e := range edges {
				if !yield(e, nil) {
					return
				}
			}
			if last != nil {
				yield(edge{}, last)
			}
		}
	}
	some := []edge{{"a", "b", 1}, {"b", "c", 2}}

	b := graph.NewBuilder[string](graph.BuilderOptions{})
	require.NoError(t, b.AddEdges(source(some, nil)))
	g, err := b.Build()
	require.NoError(t, err)
	require.Equal(t, some, slices.Collect(g.Edges()))

	err = b.AddEdges(source(some, broken))
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "graph: source of edges, after 2: line 3 is broken")
	g, err = b.Build()
	require.NoError(t, err, "what came before the error of the source is good")
	require.Equal(t, some, slices.Collect(g.Edges()))

	pulled := 0
	err = b.AddEdges(func(yield func(edge, error) bool) {
		for pulled < 5 {
			pulled++
			if !yield(edge{"a", "b", float32(math.NaN())}, nil) {
				return
			}
		}
	})
	require.ErrorIs(t, err, quintet.ErrInput)
	require.Equal(t, 1, pulled, "a bad edge ends the reading")
	_, again := b.Build()
	require.Equal(t, err, again)

	require.ErrorIs(t, b.AddEdges(nil), quintet.ErrInput)
}

func TestAnUndirectedEdgeTakesNineBytes(t *testing.T) {
	g, err := graph.Random(graph.RandomOptions{Nodes: 10_000, Edges: 40_000, Seed: 1})
	require.NoError(t, err)
	require.LessOrEqual(t, float64(g.CSR().Bytes())/float64(g.Size()), 9.01)

	b := graph.NewBuilder[int](graph.BuilderOptions{})
	for range 3 { // room for repeated edges is given back
		for e := range g.Edges() {
			b.AddEdge(e.From, e.To, 0.25)
		}
	}
	weighted, err := b.Build()
	require.NoError(t, err)
	require.True(t, weighted.Weighted())
	require.LessOrEqual(t, float64(weighted.CSR().Bytes())/float64(weighted.Size()), 17.01)
}

// FuzzBuilder holds the rows of a graph against maps.
func FuzzBuilder(f *testing.F) {
	f.Add([]byte{}, false, false)
	f.Add([]byte{1, 2, 4, 2, 1, 4, 3, 3, 9}, false, false)
	f.Add([]byte{1, 2, 4, 2, 1, 4, 1, 2, 0}, true, false)
	f.Add([]byte{1, 1, 4, 1, 1, 4, 1, 1, 200}, false, true)
	f.Fuzz(func(t *testing.T, data []byte, directed, multi bool) {
		b := graph.NewBuilder[byte](graph.BuilderOptions{Directed: directed, Multi: multi})
		weights := map[[2]byte]float64{}
		count := map[[2]byte]int{}
		var order []byte
		for ; len(data) >= 3; data = data[3:] {
			u, v, w := data[0]%16, data[1]%16, float32(int8(data[2]))/4
			b.AddEdge(u, v, w)
			ends := map[[2]byte]bool{{u, v}: true, {v, u}: !directed}
			for pair, there := range ends {
				if there || pair == [2]byte{u, v} {
					weights[pair] += float64(w)
					count[pair]++
				}
			}
			for _, k := range []byte{u, v} {
				if !slices.Contains(order, k) {
					order = append(order, k)
				}
			}
		}
		g, err := b.Build()
		require.NoError(t, err)
		require.Equal(t, order, slices.Collect(g.Nodes()))
		entries := 0
		for i, u := range order {
			row := g.CSR().Out(int32(i))
			require.True(t, slices.IsSorted(row))
			entries += len(row)
			seen := map[byte]int{}
			for v := range g.Neighbors(u) {
				seen[v]++
			}
			for v := range g.InNeighbors(u) {
				require.True(t, g.HasEdge(v, u))
			}
			for _, v := range order {
				pair := [2]byte{u, v}
				w, ok := g.Weight(u, v)
				require.Equal(t, count[pair] > 0, ok)
				require.Equal(t, weights[pair], w)
				if multi {
					require.Equal(t, count[pair], seen[v])
				} else if ok {
					require.Equal(t, 1, seen[v])
				}
			}
		}
		if !multi {
			require.Len(t, count, entries)
		}
		size, degrees := 0, 0
		for range g.Edges() {
			size++
		}
		for _, u := range order {
			degrees += g.Degree(u)
		}
		require.Equal(t, size, g.Size())
		require.Equal(t, 2*size, degrees, "every edge has two ends")
	})
}

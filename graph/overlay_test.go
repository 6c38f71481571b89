package graph_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// changed is an overlay in the short way: lists that are searched.
type changed struct {
	nodes []int
	gone  map[int]bool
	edges []taggedEdge
	loose bool
}

type taggedEdge struct {
	graph.Edge[int]
	tag string
}

func (c *changed) node(k int) {
	if !slices.Contains(c.nodes, k) {
		c.nodes = append(c.nodes, k)
	}
	delete(c.gone, k)
}

func (c *changed) remove(f func(e taggedEdge) bool) { c.edges = slices.DeleteFunc(c.edges, f) }

func (c *changed) build(t *testing.T, o graph.BuilderOptions) *graph.Graph[int] {
	b := graph.NewBuilder[int](o)
	for _, k := range c.nodes {
		touched := slices.ContainsFunc(c.edges, func(e taggedEdge) bool { return e.From == k || e.To == k })
		if !c.gone[k] && (touched || !c.loose) {
			b.AddNode(k)
		}
	}
	for _, e := range c.edges {
		b.AddEdge(e.From, e.To, e.Weight)
	}
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func TestSnapshotsAreGraphsOfWhatIsThere(t *testing.T) {
	for seed := range uint64(40) {
		o := graph.BuilderOptions{Directed: seed%2 == 0, Multi: seed%3 == 0}
		rng := rand.New(rand.NewPCG(seed, 7))
		c := &changed{gone: map[int]bool{}, loose: seed%5 == 0}
		b := graph.NewBuilder[int](graph.BuilderOptions{Directed: o.Directed, Multi: true})
		for range rng.IntN(60) {
			b.AddEdge(rng.IntN(12), rng.IntN(12), float32(rng.IntN(8)))
		}
		base, err := b.Build()
		require.NoError(t, err)
		for k := range base.Nodes() {
			c.node(k)
		}
		for e := range base.Edges() {
			c.edges = append(c.edges, taggedEdge{e, ""})
		}
		l := graph.NewOverlay(base, graph.OverlayOptions{Multi: o.Multi, DropIsolated: c.loose})
		for range 120 {
			change(t, rng, l, c, o.Directed)
			if rng.IntN(10) == 0 {
				got, err := l.Snapshot(context.Background())
				require.NoError(t, err)
				requireSameGraph(t, c.build(t, o), got)
			}
		}
	}
}

// change makes one random change to both.
func change(t *testing.T, rng *rand.Rand, l *graph.Overlay[int], c *changed, directed bool) {
	t.Helper()
	u, v := rng.IntN(16), rng.IntN(16)
	tag := []string{"", "x", "y", "z"}[rng.IntN(4)]
	switch rng.IntN(10) {
	case 0:
		require.NoError(t, l.AddNode(u))
		c.node(u)
	case 1:
		require.Equal(t, slices.Contains(c.nodes, u) && !c.gone[u], l.DeleteNode(u))
		c.remove(func(e taggedEdge) bool { return e.From == u || e.To == u })
		if slices.Contains(c.nodes, u) {
			c.gone[u] = true
		}
	case 2:
		l.DeleteEdge(u, v)
		c.remove(func(e taggedEdge) bool {
			return e.From == u && e.To == v || !directed && e.From == v && e.To == u
		})
	case 3:
		l.DeleteTag(tag)
		c.remove(func(e taggedEdge) bool { return tag != "" && e.tag == tag })
	default:
		w := float32(rng.IntN(8))
		require.NoError(t, l.AddEdge(u, v, w, tag))
		c.node(u)
		c.node(v)
		c.edges = append(c.edges, taggedEdge{graph.Edge[int]{From: u, To: v, Weight: w}, tag})
	}
}

func TestOverlayRefusesBadChangesAndStaysAsItWas(t *testing.T) {
	l := graph.NewOverlay[float64](nil, graph.OverlayOptions{})
	require.ErrorIs(t, l.AddEdge(1, 2, float32(math.NaN()), ""), quintet.ErrInput)
	require.ErrorIs(t, l.AddNode(math.NaN()), quintet.ErrInput)
	require.ErrorIs(t, l.AddEdge(1, math.NaN(), 1, ""), quintet.ErrInput)
	require.False(t, l.DeleteNode(3))
	require.False(t, l.DeleteTag("x"))
	require.NoError(t, l.AddEdge(1, 2, math.MaxFloat32, "x"))
	require.NoError(t, l.AddEdge(1, 2, math.MaxFloat32, "y"))
	_, err := l.Snapshot(context.Background())
	require.ErrorIs(t, err, quintet.ErrInput)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = l.Snapshot(ended)
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, l.DeleteTag("y"))
	require.False(t, l.DeleteTag("y"))
	g, err := l.Snapshot(context.Background())
	require.NoError(t, err)
	require.Equal(t, 1, g.Size())
}

func ExampleOverlay() {
	ctx := context.Background()
	l := graph.NewOverlay[string](nil, graph.OverlayOptions{DropIsolated: true})
	for _, e := range []struct{ from, to, document string }{
		{"Ada", "London", "a.txt"}, {"Ada", "London", "b.txt"}, {"Ada", "Turin", "b.txt"},
	} {
		if err := l.AddEdge(e.from, e.to, 1, e.document); err != nil {
			fmt.Println(err)
			return
		}
	}
	for range 2 {
		g, err := l.Snapshot(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(slices.Collect(g.Edges()))
		l.DeleteTag("b.txt")
	}
	// Output:
	// [{Ada London 2} {Ada Turin 1}]
	// [{Ada London 1}]
}

func BenchmarkSnapshot(b *testing.B) {
	g, err := graph.Random(graph.RandomOptions{Nodes: 1 << 18, Edges: 1 << 20, Seed: 1})
	require.NoError(b, err)
	l := graph.NewOverlay(g, graph.OverlayOptions{})
	rng := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		require.NoError(b, l.AddEdge(rng.IntN(1<<18), rng.IntN(1<<18), 1, "x"))
		l.DeleteEdge(rng.IntN(1<<18), rng.IntN(1<<18))
	}
	b.Run("edges=1M/changes=2000", func(b *testing.B) {
		for b.Loop() {
			_, err := l.Snapshot(context.Background())
			require.NoError(b, err)
		}
	})
}

func BenchmarkFilter(b *testing.B) {
	g, err := graph.Random(graph.RandomOptions{Nodes: 1 << 18, Edges: 1 << 20, Seed: 1})
	require.NoError(b, err)
	b.Run("edges=1M/kept=half", func(b *testing.B) {
		for b.Loop() {
			_, err := graph.Filter(context.Background(), g, graph.FilterOptions[int]{
				Edge: func(i int, _ graph.Edge[int]) bool { return i&1 == 0 },
			})
			require.NoError(b, err)
		}
	})
}

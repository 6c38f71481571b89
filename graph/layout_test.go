package graph_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func ExampleForceLayout() {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddEdge("Oslo", "Bergen", 1)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	l, err := graph.ForceLayout(context.Background(), g, graph.ForceLayoutOptions{})
	if err != nil {
		log.Fatal(err)
	}
	lo, hi := l.Bounds()
	fmt.Printf("%.1f wide, %.1f high", hi.X-lo.X, hi.Y-lo.Y)
	// Output: 1.0 wide, 0.0 high
}

func ExampleLayeredLayout() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("flour", "dough", 1)
	b.AddEdge("water", "dough", 1)
	b.AddEdge("dough", "bread", 1)
	b.AddEdge("water", "bread", 1) // a wet oven
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	l, err := graph.LayeredLayout(context.Background(), g, graph.LayeredLayoutOptions{})
	if err != nil {
		log.Fatal(err)
	}
	i := 0
	for k := range g.Nodes() {
		fmt.Println(k, l.Layers[i])
		i++
	}
	// Output:
	// flour 0
	// dough 1
	// water 0
	// bread 2
}

func apart(a, b graph.Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

func TestForceLayoutKeepsItsPromises(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		l, err := graph.ForceLayout(t.Context(), g, graph.ForceLayoutOptions{Iterations: 40, Workers: 1})
		require.NoError(t, err)
		require.Len(t, l.Points, g.Order())
		parts, err := graph.Components(t.Context(), g, graph.ComponentsOptions{})
		require.NoError(t, err)
		sum, n := make([]float64, parts.Count()), make([]float64, parts.Count())
		for e := range g.Edges() {
			if e.From != e.To {
				a, _ := l.Of(e.From)
				b, _ := l.Of(e.To)
				sum[parts.Of(e.From)] += apart(a, b)
				n[parts.Of(e.From)]++
			}
		}
		for i := range n {
			if n[i] > 0 {
				require.InDelta(t, 1, sum[i]/n[i], 1e-9, "mean length of the edges of a component")
			}
		}
		requireApart(t, l, parts)
	})
}

// requireApart checks that the rectangles around components do not overlap.
func requireApart(t *testing.T, l *graph.Layout[int], parts *graph.Partition[int]) {
	t.Helper()
	lo, hi := make([]graph.Point, parts.Count()), make([]graph.Point, parts.Count())
	for i := range lo {
		lo[i], hi[i] = graph.Point{X: math.Inf(1), Y: math.Inf(1)}, graph.Point{X: math.Inf(-1), Y: math.Inf(-1)}
	}
	for u, p := range l.Points {
		require.False(t, math.IsNaN(p.X+p.Y) || math.IsInf(p.X+p.Y, 0))
		i := parts.Labels[u]
		lo[i] = graph.Point{X: min(lo[i].X, p.X), Y: min(lo[i].Y, p.Y)}
		hi[i] = graph.Point{X: max(hi[i].X, p.X), Y: max(hi[i].Y, p.Y)}
	}
	for i := range lo {
		for j := range i {
			beside := lo[i].X > hi[j].X || lo[j].X > hi[i].X || lo[i].Y > hi[j].Y || lo[j].Y > hi[i].Y
			require.True(t, beside, "components %d and %d overlap", i, j)
		}
	}
}

func TestForceLayoutIsTheSameForEveryNumberOfWorkers(t *testing.T) {
	g, _ := planted(t, 1)
	o := graph.ForceLayoutOptions{Iterations: 10, Seed: 3, Workers: 1}
	want, err := graph.ForceLayout(t.Context(), g, o)
	require.NoError(t, err)
	for _, o.Workers = range []int{2, 8} {
		got, err := graph.ForceLayout(t.Context(), g, o)
		require.NoError(t, err)
		require.Equal(t, want.Points, got.Points)
	}
	o.Seed = 4
	other, err := graph.ForceLayout(t.Context(), g, o)
	require.NoError(t, err)
	require.NotEqual(t, want.Points, other.Points)
}

func TestForceLayoutShowsCommunities(t *testing.T) {
	g, err := graph.PlantedPartition(graph.PlantedPartitionOptions{Groups: 4, Size: 20, Inside: 0.5, Between: 0.01, Seed: 2})
	require.NoError(t, err)
	l, err := graph.ForceLayout(t.Context(), g, graph.ForceLayoutOptions{})
	require.NoError(t, err)
	var sum, n [2]float64 // between groups, and inside
	for u, p := range l.Points {
		for v, q := range l.Points[:u] {
			i := 0
			if u/20 == v/20 {
				i = 1
			}
			sum[i] += apart(p, q)
			n[i]++
		}
	}
	require.Greater(t, sum[0]/n[0], 2*sum[1]/n[1])
}

func TestForceLayoutUnfoldsAGrid(t *testing.T) {
	g, err := graph.Grid(graph.GridOptions{Rows: 8, Columns: 12})
	require.NoError(t, err)
	l, err := graph.ForceLayout(t.Context(), g, graph.ForceLayoutOptions{})
	require.NoError(t, err)
	corners := apart(l.Points[0], l.Points[8*12-1])
	require.InDelta(t, math.Hypot(7, 11), corners, 4)
	lo, hi := l.Bounds()
	require.Greater(t, hi.X-lo.X, hi.Y-lo.Y, "the longer axis is level")
}

func TestTheTreeOfChargesIsNearTheirSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		n := 1 + rng.IntN(60)
		points, charges := make([]graph.Point, n), make([]float64, n)
		for i := range points {
			points[i] = graph.Point{X: rng.NormFloat64(), Y: rng.NormFloat64()}
			charges[i] = float64(1 + rng.IntN(5))
			if i > 0 && rng.IntN(8) == 0 {
				points[i] = points[i-1] // two in one place
			}
		}
		p := graph.Point{X: rng.NormFloat64(), Y: rng.NormFloat64()}
		var want graph.Point
		size := 0.0
		for i, q := range points {
			d := apart(p, q)
			want.X += charges[i] * (p.X - q.X) / (d * d)
			want.Y += charges[i] * (p.Y - q.Y) / (d * d)
			size += charges[i] / d
		}
		exact := graph.Field(points, charges, p, 1e-9)
		require.InDelta(t, want.X, exact.X, 1e-9*size)
		require.InDelta(t, want.Y, exact.Y, 1e-9*size)
		rough := graph.Field(points, charges, p, 1)
		require.InDelta(t, 0, apart(want, rough), 0.15*size)
	}
}

func TestLayoutsOfSmallGraphs(t *testing.T) {
	one := graph.NewBuilder[int](graph.BuilderOptions{})
	one.AddNode(7)
	single, err := one.Build()
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		g    *graph.Graph[int]
		want int
	}{
		"the empty graph": {new(graph.Graph[int]), 0},
		"one node":        {single, 1},
		"a loop":          {build(t, graph.BuilderOptions{}, graph.Edge[int]{From: 1, To: 1, Weight: 1}), 1},
		"no weight":       {build(t, graph.BuilderOptions{}, graph.Edge[int]{From: 1, To: 2, Weight: 0}), 2},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := graph.ForceLayout(t.Context(), tt.g, graph.ForceLayoutOptions{})
			require.NoError(t, err)
			require.Len(t, l.Points, tt.want)
			for _, p := range l.Points {
				require.False(t, math.IsNaN(p.X) || math.IsNaN(p.Y))
			}
			l, err = graph.LayeredLayout(t.Context(), tt.g, graph.LayeredLayoutOptions{})
			require.NoError(t, err)
			require.Len(t, l.Points, tt.want)
			_, there := l.Of(99)
			require.False(t, there)
		})
	}
}

func TestLayoutsRefuse(t *testing.T) {
	g := links(t, true)
	negative := build(t, graph.BuilderOptions{}, edge{"a", "b", -1})
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx   context.Context
		g     *graph.Graph[string]
		force graph.ForceLayoutOptions
		want  error
	}{
		"a nil graph":         {t.Context(), nil, graph.ForceLayoutOptions{}, quintet.ErrInput},
		"a negative weight":   {t.Context(), negative, graph.ForceLayoutOptions{}, quintet.ErrInput},
		"negative iterations": {t.Context(), g, graph.ForceLayoutOptions{Iterations: -1}, quintet.ErrOption},
		"no angle":            {t.Context(), g, graph.ForceLayoutOptions{Theta: math.NaN()}, quintet.ErrOption},
		"negative workers":    {t.Context(), g, graph.ForceLayoutOptions{Workers: -1}, quintet.ErrOption},
		"after its context":   {over, g, graph.ForceLayoutOptions{}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := graph.ForceLayout(tt.ctx, tt.g, tt.force)
			require.ErrorIs(t, err, tt.want)
		})
	}
	_, err := graph.LayeredLayout(t.Context(), g, graph.LayeredLayoutOptions{Sweeps: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.LayeredLayout(over, g, graph.LayeredLayoutOptions{})
	require.ErrorIs(t, err, context.Canceled)
	_, err = graph.LayeredLayout[int](t.Context(), nil, graph.LayeredLayoutOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
}

// chain returns a path of n nodes and an edge over the whole of it, many times.
func chain(t *testing.T, n, over int) *graph.Graph[int] {
	t.Helper()
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: true, Multi: true})
	for i := range n - 1 {
		b.AddEdge(i, i+1, 1)
	}
	for range over {
		b.AddEdge(0, n-1, 1)
	}
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func TestLayeredLayoutBoundsItsBends(t *testing.T) {
	_, err := graph.LayeredLayout(t.Context(), chain(t, 2100, 2100), graph.LayeredLayoutOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	require.ErrorContains(t, err, "more than 4194304 nodes and bends")
}

// requireLayered checks what LayeredLayout says of its result.
func requireLayered(t *testing.T, g *graph.Graph[int], l *graph.Layout[int]) (back int) {
	t.Helper()
	inLayer := map[float64][]float64{}
	for u, p := range l.Points {
		require.Equal(t, float64(l.Layers[u]), p.Y)
		inLayer[p.Y] = append(inLayer[p.Y], p.X)
	}
	i := 0
	for e := range g.Edges() {
		from, _ := l.Of(e.From)
		to, _ := l.Of(e.To)
		step := 1.0
		if to.Y < from.Y {
			back++
			step = -1
		}
		y := from.Y
		if l.Bends != nil {
			for _, bend := range l.Bends[i] {
				y += step
				require.Equal(t, y, bend.Y)
				inLayer[y] = append(inLayer[y], bend.X)
			}
		}
		if e.From != e.To {
			require.Equal(t, to.Y, y+step, "an edge reaches its end")
		}
		i++
	}
	for _, xs := range inLayer {
		slices.Sort(xs)
		for i := range len(xs) - 1 {
			require.GreaterOrEqual(t, xs[i+1]-xs[i], 1-1e-9)
		}
	}
	return back
}

func TestLayeredLayoutKeepsItsPromises(t *testing.T) {
	samples(t, func(t *testing.T, g *graph.Graph[int], _ naive) {
		l, err := graph.LayeredLayout(t.Context(), g, graph.LayeredLayoutOptions{Sweeps: 4})
		require.NoError(t, err)
		back := requireLayered(t, g, l)
		if g.Directed() {
			strong, err := graph.StrongComponents(t.Context(), g, graph.StrongComponentsOptions{})
			require.NoError(t, err)
			require.Equal(t, strong.Count() < g.Order(), back > 0, "edges lead back if there are cycles")
		}
	})
}

func TestLayeredLayoutDrawsATreeWithoutCrossings(t *testing.T) {
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: true})
	for i := 1; i < 60; i++ {
		b.AddEdge((i*7)%i/2, i, 1)
	}
	g, err := b.Build()
	require.NoError(t, err)
	l, err := graph.LayeredLayout(t.Context(), g, graph.LayeredLayoutOptions{})
	require.NoError(t, err)
	requireLayered(t, g, l)
	var edges [][2]graph.Point
	for e := range g.Edges() {
		a, _ := l.Of(e.From)
		b, _ := l.Of(e.To)
		for _, other := range edges {
			if other[0].Y == a.Y {
				require.GreaterOrEqual(t, (other[0].X-a.X)*(other[1].X-b.X), 0.0)
			}
		}
		edges = append(edges, [2]graph.Point{a, b})
	}
}

func TestLayeredLayoutAcross(t *testing.T) {
	g := chain(t, 4, 1)
	down, err := graph.LayeredLayout(t.Context(), g, graph.LayeredLayoutOptions{})
	require.NoError(t, err)
	across, err := graph.LayeredLayout(t.Context(), g, graph.LayeredLayoutOptions{Across: true})
	require.NoError(t, err)
	for u, p := range down.Points {
		require.Equal(t, graph.Point{X: p.Y, Y: p.X}, across.Points[u])
	}
	require.Equal(t, []int32{0, 1, 2, 3}, across.Layers)
	require.Len(t, across.Bends[1], 2, "the long edge comes second")
	lo, hi := across.Bounds()
	require.Equal(t, 3.0, hi.X-lo.X)
	require.GreaterOrEqual(t, hi.Y-lo.Y, 1.0, "bends count")
}

func TestInversionsAreCounted(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		numbers := make([]int32, rng.IntN(30))
		for i := range numbers {
			numbers[i] = int32(rng.IntN(10))
		}
		want := int64(0)
		for i, x := range numbers {
			for _, y := range numbers[:i] {
				if y > x {
					want++
				}
			}
		}
		require.Equal(t, want, graph.Inversions(numbers, 10))
	}
}

func FuzzLayouts(f *testing.F) {
	f.Add([]byte{1, 2, 2, 3, 3, 1, 4, 4}, true)
	f.Add([]byte{0, 9, 9, 8}, false)
	f.Fuzz(func(t *testing.T, data []byte, directed bool) {
		g := odd(t, data[:min(len(data), 80)], directed, true)
		if l, err := graph.LayeredLayout(t.Context(), g, graph.LayeredLayoutOptions{Sweeps: 2}); err == nil {
			requireLayered(t, g, l)
		}
		l, err := graph.ForceLayout(t.Context(), g, graph.ForceLayoutOptions{Iterations: 3, Workers: 2})
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrInput)
			return
		}
		for _, p := range l.Points {
			require.False(t, math.IsNaN(p.X+p.Y) || math.IsInf(p.X+p.Y, 0))
		}
	})
}

func BenchmarkLayouts(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		g, err := graph.BarabasiAlbert(graph.BarabasiAlbertOptions{Nodes: n, Edges: 3, Seed: 1})
		require.NoError(b, err)
		b.Run(fmt.Sprintf("force/nodes=%d", n), func(b *testing.B) {
			for b.Loop() {
				_, err := graph.ForceLayout(b.Context(), g, graph.ForceLayoutOptions{Iterations: 20, Workers: 1})
				require.NoError(b, err)
			}
		})
		b.Run(fmt.Sprintf("layered/nodes=%d", n), func(b *testing.B) {
			for b.Loop() {
				_, err := graph.LayeredLayout(b.Context(), g, graph.LayeredLayoutOptions{Sweeps: 4})
				require.NoError(b, err)
			}
		})
	}
}

package graph_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/graph"
)

func TestKeysOfEverySizeAreFound(t *testing.T) {
	for seed, most := range []int{10, 1000, 5000, 100_000, math.MaxInt} {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		b := graph.NewBuilder[int](graph.BuilderOptions{})
		want := map[int]int32{}
		for range 4000 {
			k := rng.IntN(most) - min(most/20, 50)
			if _, ok := want[k]; !ok {
				want[k] = int32(len(want))
			}
			b.AddNode(k)
		}
		g, err := b.Build()
		require.NoError(t, err)
		require.Equal(t, len(want), g.Order())
		opened := graph.OpenBytes[int](t, written(t, g))
		for range 4000 {
			k := rng.IntN(most) - min(most/20, 50)
			index, ok := want[k]
			for _, g := range []*graph.Graph[int]{g, opened} {
				got, found := g.Index(k)
				require.Equal(t, ok, found)
				require.Equal(t, index, got)
			}
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	const n = 1 << 20
	keys := rand.New(rand.NewPCG(1, 1)).Perm(n)
	byKey := make(map[int]int32, n)
	builder := graph.NewBuilder[int](graph.BuilderOptions{})
	for i, k := range keys {
		byKey[k] = int32(i)
		builder.AddNode(k)
	}
	g, err := builder.Build()
	require.NoError(b, err)
	opened := graph.OpenBytes[int](b, written(b, g))
	finds := map[string]func(int) (int32, bool){
		"graph": g.Index, "file": opened.Index, "map": func(k int) (int32, bool) { i, ok := byKey[k]; return i, ok },
	}
	for name, find := range finds {
		b.Run("nodes=1M/"+name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				find(i * 7919 % n)
			}
		})
	}
}

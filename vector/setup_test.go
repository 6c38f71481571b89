package vector_test

import (
	"context"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vector"
)

type (
	item  = vector.Item[string]
	hit   = vector.Hit[string]
	query = vector.Query
)

func open(t testing.TB, o vector.Options) *vector.Collection[string] {
	t.Helper()
	c, err := vector.New[string](o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func workers(t testing.TB, n int) *optimize.Runtime {
	t.Helper()
	rt, err := optimize.New(optimize.Options{Workers: n})
	require.NoError(t, err)
	return rt
}

func upsert(t testing.TB, c *vector.Collection[string], items ...item) {
	t.Helper()
	require.NoError(t, c.Upsert(t.Context(), items...))
}

func search(t testing.TB, c *vector.Collection[string], q query) []hit {
	t.Helper()
	hits, err := c.Search(t.Context(), q)
	require.NoError(t, err)
	return hits
}

func ids(hits []hit) []string {
	out := make([]string, len(hits))
	for i, h := range hits {
		out[i] = h.ID
	}
	return out
}

func all(t testing.TB, c *vector.Collection[string]) (items []item) {
	t.Helper()
	for it, err := range c.All(t.Context()) {
		require.NoError(t, err)
		items = append(items, it)
	}
	return items
}

// dying is a context that ends after it was asked some times.
type dying struct {
	context.Context
	asked atomic.Int64
	after int64
}

func (d *dying) Err() error {
	if d.asked.Add(1) > d.after {
		return context.Canceled
	}
	return nil
}

// unit scales a vector to norm 1.
func unit(v []float32) {
	var squares float64
	for _, x := range v {
		squares += float64(x) * float64(x)
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / math.Sqrt(squares))
	}
}

func rand1(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }

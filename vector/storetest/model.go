package storetest

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vector"
)

// twins are a store and a collection with the same items.
type twins[K vector.Key] struct {
	suite[K]
	rng *rand.Rand
	st  vector.Store[K]
	one *vector.Collection[K]
}

// model makes random calls of a store and of a collection in memory.
func (s suite[K]) model(t *testing.T) {
	for _, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2} {
		t.Run(metric.String(), func(t *testing.T) {
			o := vector.Options{Dim: 6, Metric: metric}
			one, err := vector.New[K](o)
			require.NoError(t, err)
			defer one.Close()
			p := twins[K]{s, rand.New(rand.NewPCG(uint64(metric), 7)), s.store(t, o), one}
			for range 10 {
				p.change(t)
				p.compare(t)
			}
		})
	}
}

// vector is of few bits, so that all ways to add up agree, and no two distances
// are equal by chance.
func (p twins[K]) vector() []float32 {
	v := make([]float32, 6)
	for i := range v {
		v[i] = float32(p.rng.IntN(2047)-1023) / 1024
	}
	return v
}

func (p twins[K]) id() K { return key[K](p.rng.IntN(80)) }

func (p twins[K]) change(t *testing.T) {
	t.Helper()
	var items []vector.Item[K]
	for range p.rng.IntN(20) {
		m := vector.Meta{"n": p.rng.IntN(10), "list": []string{string(rune('a' + p.rng.IntN(5)))}}
		if p.rng.IntN(3) == 0 {
			m = vector.Meta{"n": float64(p.rng.IntN(20)) / 2}
		}
		items = append(items, vector.Item[K]{ID: p.id(), Vector: p.vector(), Meta: m})
	}
	upsert(t, p.st, items...)
	upsert(t, p.one, items...)
	var gone []K
	for range p.rng.IntN(8) {
		gone = append(gone, p.id())
	}
	want, err := p.one.Delete(t.Context(), gone...)
	require.NoError(t, err)
	got, err := p.st.Delete(t.Context(), gone...)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// filter is a random one, at most three deep.
func (p twins[K]) filter(deep int) vector.Filter {
	switch p.rng.IntN(8 - 4*deep/3) {
	case 0:
		return vector.AtLeast("n", p.rng.IntN(11))
	case 1:
		return vector.In("n", float64(p.rng.IntN(20))/2, float64(p.rng.IntN(20))/2)
	case 2:
		return vector.Eq("list", string(rune('a'+p.rng.IntN(5))))
	case 3:
		return vector.Exists("list")
	case 4:
		return vector.Not(p.filter(deep + 1))
	case 5:
		return vector.Or(p.filter(deep+1), p.filter(deep+1))
	case 6:
		return vector.And(p.filter(deep+1), p.filter(deep+1))
	}
	return vector.Filter{}
}

func (p twins[K]) compare(t *testing.T) {
	t.Helper()
	id := p.id()
	want, there, err := p.one.Get(t.Context(), id)
	require.NoError(t, err)
	got, ok, err := p.st.Get(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, there, ok)
	p.sameItem(t, want, got)
	var qs []vector.Query
	for range 4 {
		qs = append(qs, vector.Query{
			Vector: p.vector(), K: 1 + p.rng.IntN(100), Filter: p.filter(0), MaxDistance: 3 * p.rng.Float64(), Exact: true,
		})
	}
	hits, err := p.st.SearchBatch(t.Context(), qs)
	require.NoError(t, err)
	for i, q := range qs {
		if p.opt.Tolerance > 1e-5 {
			p.roughly(t, q, hits[i])
			continue
		}
		want, err := p.one.Search(t.Context(), q)
		require.NoError(t, err)
		p.sameHits(t, want, hits[i])
	}
	stats, err := p.st.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, p.one.Len(), stats.Items)
}

// roughly wants the hits of a store that rounds vectors, so that near ones may change
// places: each with its distance, in order, and as many as there are.
func (p twins[K]) roughly(t *testing.T, q vector.Query, hits []vector.Hit[K]) {
	t.Helper()
	k, limit, off := q.K, q.MaxDistance, 4*p.opt.Tolerance
	q.K, q.MaxDistance = 1000, 0
	all, err := p.one.Search(t.Context(), q)
	require.NoError(t, err)
	least, most, byID := 0, 0, map[K]vector.Hit[K]{}
	for _, h := range all {
		byID[h.ID] = h
		if h.Distance <= limit-off {
			least++
		}
		if h.Distance <= limit+off {
			most++
		}
	}
	require.GreaterOrEqual(t, len(hits), min(k, least))
	require.LessOrEqual(t, len(hits), min(k, most))
	for i, h := range hits {
		require.InDelta(t, byID[h.ID].Distance, h.Distance, off)
		require.InDelta(t, all[i].Distance, h.Distance, off)
		require.Equal(t, byID[h.ID].Meta, h.Meta)
		require.True(t, i == 0 || hits[i-1].Distance <= h.Distance)
	}
}

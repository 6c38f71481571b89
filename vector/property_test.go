package vector_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vector"
)

// model is a collection as plainly as it can be written.
type model struct {
	metric vector.Metric
	items  []item // in insertion order
}

func (m *model) find(id string) int {
	return slices.IndexFunc(m.items, func(it item) bool { return it.ID == id })
}

func (m *model) upsert(it item) {
	if i := m.find(it.ID); i >= 0 {
		m.items[i] = it
	} else {
		m.items = append(m.items, it)
	}
}

func (m *model) delete(id string) int {
	i := m.find(id)
	if i < 0 {
		return 0
	}
	m.items = slices.Delete(m.items, i, i+1)
	return 1
}

// distance is the formula of the metric, in float64.
func (m *model) distance(a, b []float32) float64 {
	var dot, aa, bb, l2 float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot, aa, bb, l2 = dot+x*y, aa+x*x, bb+y*y, l2+(x-y)*(x-y)
	}
	switch m.metric {
	case vector.Cosine:
		return 1 - dot/math.Sqrt(aa*bb)
	case vector.Dot:
		return -dot
	}
	return math.Sqrt(l2)
}

// search sorts everything that keep lets through.
func (m *model) search(q query, keep func(vector.Meta) bool) (hits []hit) {
	for _, it := range m.items {
		if keep(it.Meta) {
			hits = append(hits, hit{ID: it.ID, Distance: m.distance(q.Vector, it.Vector), Meta: it.Meta})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.Distance, b.Distance) })
	return hits[:min(len(hits), q.K)]
}

// options are those of a flat collection and of one that always walks its graph.
func options(dim int, metric vector.Metric) map[string]vector.Options {
	o := vector.Options{Dim: dim, Metric: metric, Index: vector.Flat}
	h := vector.WalkAlways(o)
	h.Index, h.M, h.EfConstruction, h.EfSearch = vector.HNSW, 8, 30, 48
	return map[string]vector.Options{"flat": o, "hnsw": h}
}

// TestRandomCallsAgreeWithTheModel uses vectors of small integers: dot products
// and squared distances are exact in float32, so hits must be equal, ties
// included. Cosine rounds; there the k-th distances must be equal within 1e-6.
// A graph may miss one of twenty of the nearest.
func TestRandomCallsAgreeWithTheModel(t *testing.T) {
	for _, metric := range []vector.Metric{vector.Cosine, vector.Dot, vector.L2} {
		for _, dim := range []int{1, 5, 40} {
			for index, o := range options(dim, metric) {
				t.Run(fmt.Sprintf("%v dim=%d %s", metric, dim, index), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(uint64(metric), uint64(dim)))
					p := &pair{t: t, rng: rng, dim: dim, model: model{metric: metric}, c: open(t, o)}
					p.approximate = o.Index == vector.HNSW
					for i := range p.steps(1000) {
						p.step(50 + i%200) // ever other numbers of keys: it grows and shrinks
					}
					p.compareAll()
					p.checkRecall()
				})
			}
		}
	}
}

type pair struct {
	t     *testing.T
	rng   *rand.Rand
	dim   int
	c     *vector.Collection[string]
	model model

	approximate   bool
	found, wanted int // of the nearest, by searches that may miss some
}

// steps is fewer for a graph under the race detector.
func (p *pair) steps(n int) int {
	if p.approximate {
		return n / scale
	}
	return n
}

func (p *pair) checkRecall() {
	p.t.Helper()
	if p.approximate {
		p.t.Logf("found %d of %d", p.found, p.wanted)
		require.GreaterOrEqual(p.t, float64(p.found), 0.95*float64(p.wanted))
	}
}

func (p *pair) vector() []float32 {
	v := make([]float32, p.dim)
	for i := range v {
		v[i] = float32(p.rng.IntN(7) - 3)
	}
	if p.model.metric == vector.Cosine {
		v[p.rng.IntN(p.dim)] = 1 // not zero
	}
	return v
}

func (p *pair) id(keys int) string { return fmt.Sprint(p.rng.IntN(keys)) }

func (p *pair) step(keys int) {
	switch op := p.rng.IntN(100); {
	case op < 40:
		var items []item
		for range p.rng.IntN(4) {
			it := item{ID: p.id(keys), Vector: p.vector(), Meta: vector.Meta{"n": p.rng.IntN(10)}, Sparse: smallSparse(p.rng)}
			items = append(items, it)
			p.model.upsert(it)
		}
		upsert(p.t, p.c, items...)
	case op < 70:
		var ids []string
		want := 0
		for range p.rng.IntN(5) {
			ids = append(ids, p.id(keys))
			want += p.model.delete(ids[len(ids)-1])
		}
		got, err := p.c.Delete(p.t.Context(), ids...)
		require.NoError(p.t, err)
		require.Equal(p.t, want, got)
	case op < 80:
		p.compareGet(p.id(keys))
	case op < 95:
		p.compareSearch()
	case op < 99:
		p.compareSparse()
	default:
		p.compareAll()
	}
	require.Equal(p.t, len(p.model.items), p.c.Len())
}

func (p *pair) compareGet(id string) {
	got, ok, err := p.c.Get(p.t.Context(), id)
	require.NoError(p.t, err)
	at := p.model.find(id)
	require.Equal(p.t, at >= 0, ok)
	if ok {
		p.equal(p.model.items[at], got)
	}
}

func (p *pair) compareAll() {
	got := all(p.t, p.c)
	require.Len(p.t, got, len(p.model.items))
	for i, it := range got {
		p.equal(p.model.items[i], it)
	}
}

// equal compares items, directions only under Cosine.
func (p *pair) equal(want, got item) {
	p.t.Helper()
	if p.model.metric == vector.Cosine {
		require.InDelta(p.t, 0, p.model.distance(want.Vector, got.Vector), 1e-6)
		got.Vector = want.Vector
	}
	require.Equal(p.t, want, got)
}

func (p *pair) compareSearch() {
	q, keep := query{Vector: p.vector(), K: 1 + p.rng.IntN(30)}, func(vector.Meta) bool { return true }
	if p.rng.IntN(2) == 0 {
		least := p.rng.IntN(11)
		q.Filter = vector.AtLeast("n", least)
		keep = func(m vector.Meta) bool { return m["n"].(int) >= least }
	}
	want := p.model.search(q, keep)
	if p.approximate {
		p.compareHits(q, keep, want, search(p.t, p.c, q), false)
	}
	q.Exact = true
	p.compareHits(q, keep, want, search(p.t, p.c, q), true)
}

// compareHits wants live hits that match, in order, each once, as many as there are.
func (p *pair) compareHits(q query, keep func(vector.Meta) bool, want, got []hit, exact bool) {
	p.t.Helper()
	require.Len(p.t, got, len(want))
	seen := map[string]bool{}
	for i, h := range got {
		at := p.model.find(h.ID)
		require.GreaterOrEqual(p.t, at, 0, "hit %v is stale", h)
		it := p.model.items[at]
		require.False(p.t, seen[h.ID], "hit %v comes twice", h)
		seen[h.ID] = true
		require.Equal(p.t, it.Meta, h.Meta)
		require.True(p.t, keep(h.Meta))
		require.InDelta(p.t, p.model.distance(q.Vector, it.Vector), h.Distance, 1e-6)
		if exact {
			require.InDelta(p.t, want[i].Distance, h.Distance, 1e-6)
			if p.model.metric != vector.Cosine {
				require.Equal(p.t, want[i].ID, h.ID, "hit %d", i)
			}
		} else if p.wanted++; h.Distance <= want[len(want)-1].Distance+1e-6 {
			p.found++
		}
		if i > 0 {
			before := got[i-1]
			require.GreaterOrEqual(p.t, before.Score, h.Score)
			require.True(p.t, before.Score > h.Score || p.model.find(before.ID) < at, "a tie out of order")
		}
	}
}

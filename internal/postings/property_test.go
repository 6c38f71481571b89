package postings_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/postings"
)

// TestRandomCallsAgreeWithTheFormulas adds, deletes and searches at random. Dot
// products are exact, so hits must be equal, ties included; BM25 rounds, there the
// scores must be within 1e-9.
func TestRandomCallsAgreeWithTheFormulas(t *testing.T) {
	tests := map[string]struct {
		opt    postings.Options
		signed bool
	}{
		"bm25":                     {opt: postings.Options{}},
		"bm25 short":               {opt: postings.Options{K1: 0.3, B: 1}},
		"bm25 without lengths":     {opt: postings.Options{B: -1}},
		"bm25 without frequencies": {opt: postings.Options{K1: -1}},
		"dot":                      {opt: postings.Options{Scoring: postings.Dot}},
		"dot of any sign":          {opt: postings.Options{Scoring: postings.Dot}, signed: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(2) {
				p := newPair(t, tt.opt, tt.signed, seed)
				for range 20 / scale {
					p.grow(1 + p.rng.IntN(200))
					p.shrink(p.rng.IntN(60))
					for range 4 {
						p.compare()
					}
				}
				p.renumber()
				p.compare()
			}
		})
	}
}

// pair is an index and its model.
type pair struct {
	*corpus
	t      *testing.T
	signed bool
	next   uint32
	ix     *postings.Index
	model  *model
	terms  map[uint32]terms
	s      postings.Searcher
}

func newPair(t *testing.T, o postings.Options, signed bool, seed uint64) *pair {
	return &pair{
		corpus: newCorpus(seed, 5+seed*150), t: t, signed: signed,
		ix: open(t, o), model: newModel(o), terms: map[uint32]terms{},
	}
}

func (p *pair) make(n int) terms {
	if p.model.opt.Scoring == postings.Dot {
		return p.vector(n, p.signed)
	}
	return p.text(n)
}

func (p *pair) grow(n int) {
	for range n {
		ts := p.make(p.rng.IntN(1 + p.rng.IntN(40)))
		p.next += uint32(p.rng.IntN(4)) // gaps
		if p.rng.IntN(500) == 0 {
			p.next += 5000
		}
		p.ix.Add(p.next, ts)
		m := added(ts)
		for id, w := range m {
			if w == 0 {
				delete(m, id)
			}
		}
		p.model.docs[p.next], p.terms[p.next] = m, ts
		p.next++
	}
}

func (p *pair) shrink(n int) {
	for id := range p.model.docs {
		if n--; n < 0 {
			break
		}
		require.True(p.t, p.ix.Delete(id, p.terms[id]))
		require.False(p.t, p.ix.Delete(id, p.terms[id]), "it is gone")
		delete(p.model.docs, id)
	}
	require.Equal(p.t, len(p.model.docs), p.ix.Len())
	st := p.ix.Stats()
	require.LessOrEqual(p.t, st.Dead, 32+st.Docs/4)
}

// allow returns nil or a set, dense or not.
func (p *pair) allow() []uint64 {
	if p.rng.IntN(2) == 0 {
		return nil
	}
	set := make([]uint64, p.rng.IntN(int(p.next/64)+3))
	ands := p.rng.IntN(9)
	for i := range set {
		set[i] = p.rng.Uint64()
		for range ands {
			set[i] &= p.rng.Uint64()
		}
	}
	return set
}

func (p *pair) compare() {
	q, allow := p.make(p.rng.IntN(8)), p.allow()
	k := 1 + p.rng.IntN(1+p.rng.IntN(200))
	got := p.ix.Search([]hit{}, q, k, allow, &p.s)
	want := p.model.search(withoutZeros(q), k, allow)
	if p.model.opt.Scoring == postings.Dot {
		require.Equal(p.t, want, got)
	} else {
		require.Len(p.t, got, len(want))
		for i := range want {
			require.InDelta(p.t, want[i].Score, got[i].Score, 1e-9)
		}
	}
	all := p.ix.Search([]hit{}, q, 1<<30, allow, &p.s) // no document is passed over
	require.Equal(p.t, all[:min(k, len(all))], got, fmt.Sprint(q))
}

// withoutZeros drops terms whose weights add up to nothing: they do not count.
func withoutZeros(q terms) (kept terms) {
	sum := added(q)
	for _, t := range q {
		if sum[t.ID] != 0 {
			kept = append(kept, t)
		}
	}
	return kept
}

// renumber gives the documents new ids in a random order, and leaves some out.
func (p *pair) renumber() {
	to := make([]uint32, p.next)
	for at, i := range p.rng.Perm(len(to)) {
		to[i] = uint32(at)
		if at%7 == 0 {
			to[i] = postings.Gone
		}
	}
	p.ix = p.ix.Renumber(to)
	docs := map[uint32]map[uint64]float64{}
	for id, doc := range p.model.docs {
		if to[id] != postings.Gone {
			docs[to[id]] = doc
		}
	}
	p.model.docs = docs
	require.Equal(p.t, len(docs), p.ix.Len())
	p.terms = nil
	p.grow0()
}

// grow0 adds a document behind the highest id, which Renumber must know.
func (p *pair) grow0() {
	p.ix.Add(p.next, terms{{ID: 1, Weight: 1}})
	p.model.docs[p.next] = map[uint64]float64{1: 1}
	p.next++
}

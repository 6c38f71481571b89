package postings_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/postings"
)

type (
	term  = postings.Term
	terms = []postings.Term
	hit   = postings.Hit
)

func open(t testing.TB, o postings.Options) *postings.Index {
	t.Helper()
	ix, err := postings.New(o)
	require.NoError(t, err)
	return ix
}

func search(ix *postings.Index, q terms, k int, allow []uint64) []hit {
	return ix.Search([]hit{}, q, k, allow, new(postings.Searcher))
}

func ids(hits []hit) []uint32 {
	out := []uint32{}
	for _, h := range hits {
		out = append(out, h.ID)
	}
	return out
}

// model is an index by the formulas, over the terms of each document.
type model struct {
	opt  postings.Options // with its defaults
	docs map[uint32]map[uint64]float64
}

func newModel(o postings.Options) *model {
	if o.Scoring == postings.BM25 && o.K1 == 0 {
		o.K1 = 1.2
	}
	if o.Scoring == postings.BM25 && o.B == 0 {
		o.B = 0.75
	}
	o.K1, o.B = max(o.K1, 0), max(o.B, 0)
	return &model{opt: o, docs: map[uint32]map[uint64]float64{}}
}

func added(ts terms) map[uint64]float64 {
	m := map[uint64]float64{}
	for _, t := range ts {
		m[t.ID] += float64(t.Weight)
	}
	return m
}

// search scores every document.
func (m *model) search(q terms, k int, allow []uint64) []hit {
	query := added(q)
	n, total, have := float64(len(m.docs)), 0.0, map[uint64]float64{}
	for _, doc := range m.docs {
		for t, f := range doc {
			total += f
			have[t]++
		}
	}
	hits := []hit{}
	for id, doc := range m.docs {
		score, shares, length := 0.0, false, 0.0
		for _, f := range doc {
			length += f
		}
		for t, w := range query {
			f, ok := doc[t]
			if !ok {
				continue
			}
			shares = true
			if m.opt.Scoring == postings.Dot {
				score += w * f
				continue
			}
			idf := math.Log(1 + (n-have[t]+0.5)/(have[t]+0.5))
			norm := m.opt.K1 * (1 - m.opt.B + m.opt.B*length/(total/n))
			score += w * idf * f * (m.opt.K1 + 1) / (f + norm)
		}
		if shares && (allow == nil || int(id/64) < len(allow) && allow[id/64]>>(id%64)&1 == 1) {
			hits = append(hits, hit{ID: id, Score: score})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return hits[:min(k, len(hits))]
}

// corpus makes documents whose terms have frequencies like words.
type corpus struct {
	rng  *rand.Rand
	zipf *rand.Zipf
}

func newCorpus(seed, vocabulary uint64) *corpus {
	rng := rand.New(rand.NewPCG(seed, 1))
	return &corpus{rng, rand.NewZipf(rng, 1.1, 3, vocabulary-1)}
}

// text returns n terms of weight 1, some of them the same.
func (c *corpus) text(n int) terms {
	out := make(terms, n)
	for i := range out {
		out[i] = term{c.zipf.Uint64(), 1}
	}
	return out
}

// vector returns n dimensions whose weights are multiples of 1/8, so that their
// products and sums are exact in any order.
func (c *corpus) vector(n int, signed bool) terms {
	out := c.text(n)
	for i := range out {
		out[i].Weight = float32(1+c.rng.IntN(30)) / 8
		if signed && c.rng.IntN(3) == 0 {
			out[i].Weight = -out[i].Weight
		}
	}
	return out
}

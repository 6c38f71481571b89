package postings_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/postings"
)

var (
	nan = float32(math.NaN())
	inf = float32(math.Inf(1))
)

func TestBM25ByHand(t *testing.T) {
	ix := open(t, postings.Options{})
	ix.Add(0, terms{{1, 1}, {2, 1}, {1, 1}}) // length 3
	ix.Add(1, terms{{2, 4}})                 // length 4
	ix.Add(2, terms{{3, 2}})                 // length 2; the mean is 3
	idf := math.Log(1 + 2.5/1.5)
	want := []hit{{0, idf * 2 * 2.2 / (2 + 1.2)}}
	got := search(ix, terms{{1, 1}}, 10, nil)
	require.Equal(t, ids(want), ids(got))
	require.InDelta(t, want[0].Score, got[0].Score, 1e-12)

	idf = math.Log(1 + 1.5/2.5)
	want = []hit{
		{1, 3 * idf * 4 * 2.2 / (4 + 1.2*(0.25+0.75*4/3))},
		{0, 3 * idf * 2.2 / (1 + 1.2)},
	}
	got = search(ix, terms{{2, 1}, {2, 2}, {9, 5}}, 10, nil)
	require.Equal(t, ids(want), ids(got))
	for i := range want {
		require.InDelta(t, want[i].Score, got[i].Score, 1e-12)
	}
}

func TestOnlySharedTermsMakeHits(t *testing.T) {
	ix := open(t, postings.Options{Scoring: postings.Dot})
	require.Empty(t, search(ix, terms{{1, 1}}, 5, nil), "an empty index")
	ix.Add(3, terms{{1, -2}})
	ix.Add(4, terms{{2, 1}})
	ix.Add(5, nil)
	ix.Add(6, terms{{1, 1}, {2, -1}})
	require.Equal(t, []hit{{6, 1}, {3, -2}}, search(ix, terms{{1, 1}}, 5, nil), "below zero too")
	require.Equal(t, []hit{{4, 1}, {6, 0}, {3, -2}}, search(ix, terms{{1, 1}, {2, 1}}, 5, nil), "zero too")
	require.Empty(t, search(ix, terms{{7, 1}}, 5, nil))
	require.Empty(t, search(ix, nil, 5, nil))
	for _, k := range []int{0, -1} {
		require.Empty(t, search(ix, terms{{1, 1}}, k, nil))
	}
	require.Empty(t, search(ix, terms{{1, 1}}, 5, []uint64{}), "nothing is allowed")
	require.Equal(t, []uint32{3}, ids(search(ix, terms{{1, 1}}, 5, []uint64{1 << 3})))
	require.Equal(t, 4, ix.Len())
}

func TestHitsAreAppended(t *testing.T) {
	ix := open(t, postings.Options{Scoring: postings.Dot})
	ix.Add(1, terms{{1, 1}})
	before := []hit{{9, 9}}
	require.Equal(t, []hit{{9, 9}, {1, 2}}, ix.Search(before, terms{{1, 2}}, 3, nil, new(postings.Searcher)))
}

func TestEqualScoresComeByRisingID(t *testing.T) {
	ix := open(t, postings.Options{Scoring: postings.Dot})
	var want []uint32
	for id := uint32(1); id < 10_001; id++ { // blocks end where windows begin
		ix.Add(id, terms{{uint64((id + 1) % 2), 3}, {7, 1}})
		if id%2 == 0 {
			want = append(want, id)
		}
	}
	for _, k := range []int{1, 10, 2048, 5000} {
		require.Equal(t, want[:k], ids(search(ix, terms{{1, 1}, {7, 1}}, k, nil)))
	}
}

// TestBoundsHoldWhenDocumentsGetLonger adds short documents, then long ones, so that
// the short ones come to score much more than when they were added.
func TestBoundsHoldWhenDocumentsGetLonger(t *testing.T) {
	c := newCorpus(5, 40)
	ix := open(t, postings.Options{B: 1})
	for id := range uint32(9000 / scale) {
		ts := c.text(1 + int(c.rng.Uint32N(4)))
		if id > 8000/scale {
			ts = append(ts, term{99, 2000})
		}
		ix.Add(id, ts)
	}
	for range 300 / scale {
		q := c.text(1 + c.rng.IntN(4))
		all := search(ix, q, 1<<20, nil)
		require.Equal(t, all[:min(3, len(all))], search(ix, q, 3, nil))
	}
}

func TestWeightsThatCannotScoreAreLeftOut(t *testing.T) {
	bad := terms{{1, 0}, {2, nan}, {3, inf}, {4, -inf}, {5, 1}, {5, -1}, {6, 3e38}, {6, 3e38}}
	for _, o := range scorings {
		ix := open(t, o)
		ix.Add(0, append(terms{{8, 1}}, bad...))
		ix.Add(1, terms{{8, 3e38}, {1, 1}, {2, 1}, {3, 1}})
		require.Len(t, search(ix, terms{{8, 1}}, 5, nil), 2)
		for _, h := range search(ix, append(terms{{8, 3e38}}, bad...), 5, nil) {
			require.False(t, math.IsNaN(h.Score) || math.IsInf(h.Score, 0), "%v", h)
		}
		require.Empty(t, search(ix, bad, 5, nil))
		require.Equal(t, 5, ix.Stats().Postings)
	}
	ix := open(t, postings.Options{})
	ix.Add(0, terms{{1, -1}, {2, 1}})
	require.Empty(t, search(ix, terms{{1, 1}}, 5, nil), "BM25 knows no negative frequency")
	require.Negative(t, search(ix, terms{{2, -1}}, 5, nil)[0].Score, "but negative weights in queries")
}

func TestBadOptionsAreRefused(t *testing.T) {
	for name, o := range map[string]postings.Options{
		"scoring": {Scoring: 2}, "k1": {K1: 1e9}, "k1 NaN": {K1: math.NaN()}, "b": {B: 1.1}, "b NaN": {B: math.NaN()},
	} {
		ix, err := postings.New(o)
		require.ErrorIs(t, err, quintet.ErrOption, name)
		require.Nil(t, ix, name)
	}
}

func TestIDsMustRise(t *testing.T) {
	ix := open(t, postings.Options{})
	ix.Add(5, nil)
	require.True(t, ix.Delete(5, nil))
	for _, id := range []uint32{0, 4, 5, postings.MaxID + 1, math.MaxUint32} {
		require.Panics(t, func() { ix.Add(id, nil) }, "%d", id)
	}
	ix.Add(6, nil)
	require.False(t, ix.Delete(5, nil))
	require.False(t, ix.Delete(math.MaxUint32, nil))
	require.Equal(t, 1, ix.Len())
}

// TestDeletingFreesMemory deletes without terms: until the postings are dropped, the
// frequencies are those of before.
func TestDeletingFreesMemory(t *testing.T) {
	c := newCorpus(1, 3000)
	ix, model := open(t, postings.Options{}), newModel(postings.Options{})
	for id := range uint32(3000) {
		ts := c.text(30)
		ix.Add(id, ts)
		model.docs[id] = added(ts)
	}
	before := ix.Stats()
	for id := range uint32(2999) {
		require.True(t, ix.Delete(id, nil))
		delete(model.docs, id)
		if id%50 == 0 {
			st := ix.Stats()
			require.LessOrEqual(t, st.Dead, 32+st.Docs/4)
			require.Equal(t, int(2999-id), st.Docs)
		}
	}
	st := ix.Stats()
	require.Less(t, st.Bytes, before.Bytes/10)
	require.Less(t, st.Terms, before.Terms/2)
	q := c.text(20)
	got, want := search(ix, q, 5, nil), model.search(q, 5, nil)
	require.Equal(t, ids(want), ids(got))
	require.True(t, ix.Delete(2999, nil))
	require.Empty(t, search(ix, q, 5, nil))
	ix.Add(3000, terms{{1, 1}})
	require.Len(t, search(ix, terms{{1, 1}}, 5, nil), 1)
}

func TestRenumberedIndexesFindTheSame(t *testing.T) {
	c := newCorpus(2, 500)
	ix := open(t, postings.Options{})
	const n = 2000
	for id := range uint32(n) {
		ix.Add(3*id, c.text(20))
	}
	to := make([]uint32, 3*n)
	for i := range to {
		to[i] = postings.Gone
	}
	for id := range uint32(n) {
		to[3*id] = n - 1 - id
	}
	flipped := ix.Renumber(to)
	for range 20 {
		q := c.text(4)
		want, got := search(ix, q, n, nil), search(flipped, q, n, nil)
		for i := range want {
			want[i].ID = to[want[i].ID]
		}
		slices.SortStableFunc(want, func(a, b hit) int {
			if a.Score != b.Score {
				return 0
			}
			return int(a.ID) - int(b.ID)
		})
		require.Equal(t, want, got)
	}
	flipped.Add(n, terms{{1, 1}})
	require.Equal(t, n, ix.Len())
	require.Equal(t, n+1, flipped.Len())
}

func TestSearchAllocatesNothing(t *testing.T) {
	c := newCorpus(3, 1000)
	for _, o := range scorings {
		ix := open(t, o)
		for id := range uint32(5000 / scale) {
			ix.Add(id, c.vector(30, false))
		}
		q, dst := c.vector(10, false), make([]hit, 0, 100)
		var s postings.Searcher
		require.Zero(t, testing.AllocsPerRun(20, func() { ix.Search(dst, q, 100, nil, &s) }))
	}
}

// TestASearcherForgets uses one for indexes of other sizes, one after the other.
func TestASearcherForgets(t *testing.T) {
	var s postings.Searcher
	for seed := range uint64(12) {
		c := newCorpus(seed, 100)
		ix := open(t, postings.Options{})
		for id := range uint32(c.rng.IntN(5000 / scale)) {
			ix.Add(id, c.text(10))
		}
		q := c.text(1 + c.rng.IntN(20))
		require.Equal(t, search(ix, q, 20, nil), ix.Search([]hit{}, q, 20, nil, &s))
	}
}

// TestDocumentsAreSeenWhole runs everything beside everything: a document has both
// terms of its pair, and a search that finds it must find it with both.
func TestDocumentsAreSeenWhole(t *testing.T) {
	ix := open(t, postings.Options{Scoring: postings.Dot})
	var stop atomic.Bool
	var writers, readers sync.WaitGroup
	var next sync.Mutex
	id := uint32(0)
	for w := range 2 {
		writers.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 9))
			for range 1000 / scale {
				next.Lock()
				at := id
				ix.Add(at, terms{{1, 1}, {2, 1}, {uint64(3 + at%50), 1}})
				id++
				next.Unlock()
				if rng.IntN(3) > 0 {
					ix.Delete(uint32(rng.IntN(int(at)+1)), nil)
				}
			}
		})
		readers.Go(func() {
			var s postings.Searcher
			for !stop.Load() {
				for _, h := range ix.Search(nil, terms{{1, 1}, {2, 1}}, 50, nil, &s) {
					if h.Score != 2 {
						t.Errorf("half a document: %v", h)
					}
				}
				ix.Stats()
			}
		})
	}
	writers.Wait()
	stop.Store(true)
	readers.Wait()
	require.Len(t, search(ix, terms{{1, 1}}, 1<<20, nil), ix.Len())
}

// TestMemoryOfAPosting holds the figures of the package comment.
func TestMemoryOfAPosting(t *testing.T) {
	half := func(rng *rand.Rand) float32 { return float32(rng.IntN(1<<11)) / 1024 } // 11 digits, as a float16
	for name, tt := range map[string]struct {
		opt    postings.Options
		weight func(*rand.Rand) float32
		most   float64
	}{
		"texts":                   {postings.Options{}, func(*rand.Rand) float32 { return 1 }, 3.6},
		"vectors of float32":      {postings.Options{Scoring: postings.Dot}, (*rand.Rand).Float32, 6.8},
		"vectors of half as many": {postings.Options{Scoring: postings.Dot}, half, 5.7},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCorpus(4, 1000/scale)
			ix := open(t, tt.opt)
			for id := range uint32(5000 / scale) {
				ts := c.text(60)
				for i := range ts {
					ts[i].Weight = tt.weight(c.rng)
				}
				ix.Add(id, ts)
			}
			st := ix.Stats()
			per := float64(st.Bytes) / float64(st.Postings)
			t.Logf("%.2f bytes a posting, %d postings of %d terms", per, st.Postings, st.Terms)
			require.Less(t, per, tt.most)
		})
	}
}

func TestWeightsComeBackExactly(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for name, weight := range map[string]func() float32{
		"ones":          func() float32 { return 1 },
		"bytes":         func() float32 { return float32(1 + rng.IntN(255)) },
		"two bytes":     func() float32 { return -float32(rng.IntN(100)+1) / 64 },
		"three bytes":   func() float32 { return float32(rng.IntN(1<<15)+1) / 1024 },
		"any":           func() float32 { return float32(rng.NormFloat64()) },
		"subnormal":     func() float32 { return math.Float32frombits(1 + rng.Uint32N(1000)) },
		"a wide one":    func() float32 { return []float32{1, 1, 1, 200, 0.1}[rng.IntN(5)] },
		"large numbers": func() float32 { return float32(rng.IntN(1<<24)) + 1 },
	} {
		t.Run(name, func(t *testing.T) {
			ix := open(t, postings.Options{Scoring: postings.Dot})
			want, id := map[uint32]float64{}, uint32(rng.IntN(1000))
			for range 700 {
				w := weight()
				ix.Add(id, terms{{1, w}})
				want[id] = float64(w)
				id += 1 + uint32(rng.IntN([]int{1, 20, 1000, 100_000}[rng.IntN(4)]))
			}
			hits := search(ix, terms{{1, 1}}, 1000, nil)
			require.Len(t, hits, len(want))
			for _, h := range hits {
				require.Equal(t, want[h.ID], h.Score)
			}
		})
	}
}

// FuzzIndex makes documents and a query of bytes and holds pruned searches against
// the formula, bit by bit: weights are small integers.
func FuzzIndex(f *testing.F) {
	f.Add([]byte("\x01\x05\x02\x00\x01\x03\x00\x02\x09"), []byte("\x01\x02\x02\x01"), uint8(2))
	f.Add([]byte("\x01\x80\x00\x01\x7f\x00\x00\x00\x02\x02"), []byte("\x01\x81"), uint8(1))
	f.Fuzz(func(t *testing.T, body, query []byte, k uint8) {
		o := postings.Options{Scoring: postings.Dot}
		ix, m := open(t, o), newModel(o)
		id, doc := uint32(0), terms{}
		for i := 0; i+1 < len(body); i += 2 {
			if body[i] != 0 {
				doc = append(doc, term{uint64(body[i] % 8), float32(int8(body[i+1]))})
				continue
			}
			id += uint32(body[i+1])*8 + 1
			ix.Add(id, doc)
			m.docs[id] = added(doc)
			for t, w := range m.docs[id] {
				if w == 0 {
					delete(m.docs[id], t)
				}
			}
			doc = doc[:0]
		}
		q := terms{}
		for i := 0; i+1 < len(query); i += 2 {
			q = append(q, term{uint64(query[i] % 8), float32(int8(query[i+1]))})
		}
		want, got := m.search(withoutZeros(q), int(k), nil), search(ix, q, int(k), nil)
		if !slices.Equal(want, got) {
			t.Fatalf("found %v, want %v", got, want)
		}
	})
}

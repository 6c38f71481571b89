package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// texts puts items with the given texts at 0, 1, 2 and so on.
func texts[K vector.Key](t *testing.T, st vector.Store[K], all ...string) {
	t.Helper()
	for i, text := range all {
		upsert(t, st, vector.Item[K]{ID: key[K](i), Vector: []float32{float32(i)}, Text: text, Meta: vector.Meta{"i": i}})
	}
}

func (s suite[K]) text(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1, Metric: vector.L2, TextIndex: true})
	texts(t, st, "a cat sat on the mat", "dogs bark", "the dog chased a cat and another cat", "", "it's a bird: 'tweet' & \\ | !")
	found := func(q string, f vector.Filter) []K {
		hits := search(t, st, vector.Query{Text: q, Filter: f})
		for i, h := range hits {
			require.Equal(t, -h.Score, h.Distance)
			require.Positive(t, h.Score)
			require.True(t, i == 0 || h.Score <= hits[i-1].Score)
		}
		return ids(hits)
	}
	require.ElementsMatch(t, keysOf[K](0, 2), found("CAT", vector.Filter{}), "letters have no case")
	require.Equal(t, key[K](2), found("dog cats", vector.Filter{})[0], "it has both words")
	require.ElementsMatch(t, keysOf[K](0, 1, 2), found("dog cats", vector.Filter{}), "one word is enough")
	require.Equal(t, keysOf[K](1), found("dogs", vector.AtMost("i", 1)))
	require.Empty(t, found("zebra", vector.Filter{}))
	for _, q := range []string{"'", "& | !", "the", "tweet' | 'cat", "\\", ":*", "(", "' OR 1=1 --"} {
		_, err := st.Search(t.Context(), vector.Query{Text: q})
		require.NoError(t, err, "%q", q)
	}
	upsert(t, st, vector.Item[K]{ID: key[K](1), Vector: []float32{1}, Text: "zebras"})
	_, err := st.Delete(t.Context(), key[K](0))
	require.NoError(t, err)
	require.Equal(t, keysOf[K](1), found("zebra", vector.Filter{}))
	require.Equal(t, keysOf[K](2), found("dog", vector.Filter{}), "the old text of 1 is gone")
}

func (s suite[K]) sparse(t *testing.T) {
	if s.opt.NoSparse {
		st := s.store(t, vector.Options{Dim: 1, Metric: vector.L2})
		sp := vector.Sparse{Indices: []uint32{1}, Values: []float32{1}}
		require.ErrorIs(t, st.Upsert(t.Context(), vector.Item[K]{Vector: []float32{1}, Sparse: sp}), quintet.ErrUnsupported)
		return
	}
	st := s.store(t, vector.Options{Dim: 1, Metric: vector.L2})
	for i, sp := range []vector.Sparse{
		{Indices: []uint32{1, 5}, Values: []float32{1, 2}},
		{Indices: []uint32{5, 1 << 20}, Values: []float32{-1, 4}},
		{},
		{Indices: []uint32{9}, Values: []float32{3}},
		{Indices: []uint32{1, 9}, Values: []float32{5, 1}},
	} {
		upsert(t, st, vector.Item[K]{ID: key[K](i), Vector: []float32{float32(i)}, Sparse: sp, Meta: vector.Meta{"i": i}})
	}
	q := vector.Query{Sparse: vector.Sparse{Indices: []uint32{1, 5}, Values: []float32{2, 3}}}
	s.sameHits(t, []vector.Hit[K]{
		{ID: key[K](4), Score: 10, Distance: -10, Meta: vector.Meta{"i": 4}},
		{ID: key[K](0), Score: 8, Distance: -8, Meta: vector.Meta{"i": 0}},
		{ID: key[K](1), Score: -3, Distance: 3, Meta: vector.Meta{"i": 1}},
	}, search(t, st, q))
	q.Filter, q.K = vector.AtMost("i", 3), 1
	require.Equal(t, keysOf[K](0), ids(search(t, st, q)))
	upsert(t, st, vector.Item[K]{ID: key[K](0), Vector: []float32{1}})
	require.Equal(t, keysOf[K](1), ids(search(t, st, q)))
}

func (s suite[K]) hybrid(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1, Metric: vector.L2, TextIndex: true})
	texts(t, st, "one", "two", "three", "four", "alpha", "alpha alpha alpha beta beta beta", "seven")
	q := vector.Query{Vector: []float32{0}, Text: "beta", K: 3}
	third := vector.Hit[K]{ID: key[K](1), Score: 1.0 / 62, Distance: -1.0 / 62, Meta: vector.Meta{"i": 1}}
	top := 1.0/66 + 1.0/61 // sixth by vector, first by text
	want := []vector.Hit[K]{
		{ID: key[K](5), Score: top, Distance: -top, Meta: vector.Meta{"i": 5}},
		{ID: key[K](0), Score: 1.0 / 61, Distance: -1.0 / 61, Meta: vector.Meta{"i": 0}}, third,
	}
	s.sameHits(t, want, search(t, st, q))
	out, err := st.SearchBatch(t.Context(), []vector.Query{{Vector: []float32{3}, K: 1}, q})
	require.NoError(t, err)
	require.Equal(t, keysOf[K](3), ids(out[0]))
	s.sameHits(t, want, out[1])
	q.TextWeight, q.K = 2, 1
	require.InDelta(t, 1.0/66+2.0/61, search(t, st, q)[0].Score, 1e-9)
	q.Candidates, q.TextWeight = 1, 0
	require.Equal(t, key[K](0), search(t, st, q)[0].ID, "with one candidate each they tie")
	q = vector.Query{Vector: []float32{0}, Text: "beta", K: 2, Fusion: vector.ByScore}
	require.ElementsMatch(t, keysOf[K](0, 5), ids(search(t, st, q)))
	q = vector.Query{Vector: []float32{0}, Text: "beta", MaxDistance: 1, Filter: vector.Exists("i")}
	require.ElementsMatch(t, keysOf[K](0, 1, 5), ids(search(t, st, q)), "a bound is for vectors only")
	for _, bad := range []vector.Query{
		{Vector: []float32{0}, Text: "beta", TextWeight: -1}, {Text: "beta", Candidates: -1}, {Text: "beta", Fusion: 7},
	} {
		_, err := st.Search(t.Context(), bad)
		require.ErrorIs(t, err, quintet.ErrInput)
	}
}

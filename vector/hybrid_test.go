package vector_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

var passages = map[string]string{
	"bread":  "Flour, water, salt and a starter: bread is a slow conversation with yeast.",
	"stars":  "The observatory sees X-rays from stars that explode.",
	"whales": "Whales speak to one another over hundreds of miles of water.",
	"bakery": "The bakery opens at six and sells rye bread and rolls.",
	"empty":  "",
}

// library holds the passages; the vectors lie on an axis, "stars" first.
func library(t *testing.T, o vector.Options) *vector.Collection[string] {
	t.Helper()
	o.Dim, o.Metric, o.TextIndex = 2, vector.L2, true
	c, err := vector.New[string](o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	for i, id := range []string{"stars", "whales", "bread", "bakery", "empty"} {
		require.NoError(t, c.Upsert(t.Context(), vector.Item[string]{
			ID: id, Vector: []float32{float32(i), 0}, Text: passages[id], Meta: vector.Meta{"place": i},
		}))
	}
	return c
}

func TestTextsAreSearched(t *testing.T) {
	c := library(t, vector.Options{})
	tests := map[string]struct {
		query vector.Query
		want  []string
	}{
		"by a word":                   {vector.Query{Text: "whale"}, []string{"whales"}},
		"the shorter text first":      {vector.Query{Text: "bread"}, []string{"bakery", "bread"}},
		"by several words":            {vector.Query{Text: "bread with yeast and water"}, []string{"bread", "whales", "bakery"}},
		"no more than K":              {vector.Query{Text: "bread with yeast and water", K: 1}, []string{"bread"}},
		"behind a filter":             {vector.Query{Text: "bread water", Filter: vector.AtMost("place", 1)}, []string{"whales"}},
		"nothing shares a word":       {vector.Query{Text: "telescope"}, []string{}},
		"nothing but function words":  {vector.Query{Text: "and the"}, []string{}},
		"with a vector, both count":   {vector.Query{Text: "bread", Vector: []float32{2, 0}, K: 2}, []string{"bread", "bakery"}},
		"the vector alone would not":  {vector.Query{Text: "bakery", Vector: []float32{0, 0}, K: 2, TextWeight: 3}, []string{"bakery", "stars"}},
		"by score":                    {vector.Query{Text: "yeast", Vector: []float32{0, 0}, K: 2, Fusion: vector.ByScore, TextWeight: 9}, []string{"bread", "stars"}},
		"the filter holds for both":   {vector.Query{Text: "bread", Vector: []float32{2, 0}, Filter: vector.Eq("place", 3)}, []string{"bakery"}},
		"far vectors do not come in":  {vector.Query{Text: "bread", Vector: []float32{0, 0}, MaxDistance: 0.5}, []string{"stars", "bakery", "bread"}},
		"a vector without a text too": {vector.Query{Vector: []float32{0, 0}, K: 1}, []string{"stars"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			hits, err := c.Search(t.Context(), tt.query)
			require.NoError(t, err)
			require.Equal(t, tt.want, ids(hits))
			batch, err := c.SearchBatch(t.Context(), []vector.Query{{Vector: []float32{9, 9}}, tt.query})
			require.NoError(t, err)
			require.Equal(t, hits, batch[1])
			require.True(t, slices.IsSortedFunc(hits, func(a, b vector.Hit[string]) int {
				return -cmp.Compare(a.Score, b.Score)
			}), "best first")
		})
	}
}

func TestBadQueriesWithATextAreRefused(t *testing.T) {
	c := library(t, vector.Options{})
	plain, err := vector.New[string](vector.Options{Dim: 2})
	require.NoError(t, err)
	defer plain.Close()
	_, err = plain.Search(t.Context(), vector.Query{Text: "bread"})
	require.ErrorIs(t, err, quintet.ErrInput)
	for name, q := range map[string]vector.Query{
		"a fusion that is not":   {Text: "a", Fusion: 2},
		"a negative weight":      {Text: "a", TextWeight: -1},
		"negative candidates":    {Text: "a", Candidates: -1},
		"a negative K":           {Text: "a", K: -1},
		"a vector of another":    {Text: "a", Vector: []float32{1}},
		"a filter that is wrong": {Text: "a", Filter: vector.Range("place", 2, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Search(t.Context(), q)
			require.ErrorIs(t, err, quintet.ErrInput)
			_, err = c.SearchBatch(t.Context(), []vector.Query{q, {Text: "bread"}})
			for i, err := range quintet.ItemErrors(err) {
				require.Zero(t, i)
				require.ErrorIs(t, err, quintet.ErrInput)
			}
			require.Error(t, err)
		})
	}
}

// naiveTexts is the model of the text index: which of the words each live item has.
type naiveTexts map[string][]string

func (m naiveTexts) with(word string) []string {
	out := []string{}
	for id, words := range m {
		if slices.Contains(words, word) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// Whatever is upserted, replaced, deleted, compacted, restored and reopened, a word
// finds the items whose texts have it and no others, flat and with a graph.
func TestTheTextIndexFollowsTheItems(t *testing.T) {
	for _, kind := range []vector.IndexKind{vector.Flat, vector.HNSW} {
		t.Run(kind.String(), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, 8))
			dir := t.TempDir()
			o := vector.Options{Dim: 4, TextIndex: true, Index: kind, Sync: vector.SyncNever}
			open := func() *vector.Collection[string] {
				c, err := vector.Open[string](dir, o)
				require.NoError(t, err)
				return c
			}
			c, model := open(), naiveTexts{}
			defer func() { require.NoError(t, c.Close()) }()
			vocabulary := strings.Fields("alder birch cedar dogwood elm fir ginkgo hazel")
			for step := range 1500 {
				id := fmt.Sprint(rng.IntN(120))
				switch n := rng.IntN(100); {
				case n < 70:
					words := vocabulary[:0:0]
					for range rng.IntN(4) {
						words = append(words, vocabulary[rng.IntN(len(vocabulary))])
					}
					v := []float32{rng.Float32() + 0.1, rng.Float32(), rng.Float32(), rng.Float32()}
					require.NoError(t, c.Upsert(t.Context(), vector.Item[string]{ID: id, Vector: v, Text: strings.Join(words, " ")}))
					model[id] = words
				case n < 97:
					_, err := c.Delete(t.Context(), id)
					require.NoError(t, err)
					delete(model, id)
				case n < 98:
					require.NoError(t, c.Compact(t.Context()))
				case n < 99:
					var b strings.Builder
					require.NoError(t, c.Backup(t.Context(), &b))
					require.NoError(t, c.Restore(t.Context(), strings.NewReader(b.String())))
				default:
					require.NoError(t, c.Close())
					c = open()
				}
				if step%10 == 0 {
					word := vocabulary[rng.IntN(len(vocabulary))]
					hits, err := c.Search(t.Context(), vector.Query{Text: word, K: 1000})
					require.NoError(t, err)
					got := ids(hits)
					slices.Sort(got)
					require.Equal(t, model.with(word), got, "step %d", step)
				}
			}
		})
	}
}

func ExampleQuery_hybrid() {
	ctx := context.Background()
	c, err := vector.New[string](vector.Options{Dim: 2, TextIndex: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	err = c.Upsert(ctx,
		vector.Item[string]{ID: "manual", Vector: []float32{1, 0.1}, Text: "How to reset the device."},
		vector.Item[string]{ID: "error", Vector: []float32{0.2, 1}, Text: "Error E42: the pump is blocked."},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	// The vector knows what the question means, the text knows the code.
	hits, err := c.Search(ctx, vector.Query{Vector: []float32{0.8, 0.6}, Text: "what is E42", TextWeight: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, h := range hits {
		fmt.Printf("%s %.4f\n", h.ID, h.Score)
	}
	// Output:
	// error 0.0489
	// manual 0.0164
}

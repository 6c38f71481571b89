package text_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
)

// The phrases are those of the worked example of Rose et al., section 1.2, and so are
// the scores.
func TestRAKEScoresTheExampleOfItsPaper(t *testing.T) {
	const body = `The linear constraints, a set of natural numbers; linear Diophantine equations or strict inequations.
		Of minimal set, minimal generating sets and a minimal supporting set.`
	require.Equal(t, []text.Keyword{
		{Term: "minimal generating sets", Score: 8.6667, Count: 1},
		{Term: "linear diophantine equations", Score: 8.5, Count: 1},
		{Term: "minimal supporting set", Score: 7.6667, Count: 1},
		{Term: "minimal set", Score: 4.6667, Count: 1},
		{Term: "linear constraints", Score: 4.5, Count: 1},
		{Term: "natural numbers", Score: 4, Count: 1},
	}, text.RAKE(body, 6))
}

func TestRAKELeavesLongRunsOut(t *testing.T) {
	require.Empty(t, text.RAKE(strings.Repeat("word ", 11), 5))
	require.Len(t, text.RAKE(strings.Repeat("word ", 10), 5), 1)
	require.Empty(t, text.RAKE("", 5))
	require.Empty(t, text.RAKE("Graph theory.", 0))
}

// Of single words between stop words each score is that of one vertex.
func TestTextRankIsThatOfTheWholeMatrix(t *testing.T) {
	body := "A quokka, the crab; of a walrus. The crab, the tapir, a quokka or the crab, an otter."
	words := []string{"quokka", "crab", "walrus", "tapir", "otter"}
	order := strings.FieldsFunc(body, func(r rune) bool { return r < 'A' })
	var edges [5][5]float64
	for i, w := range order {
		for _, v := range order[i+1 : min(i+3, len(order))] {
			a, b := indexOf(words, w), indexOf(words, v)
			if a >= 0 && b >= 0 && a != b {
				edges[a][b]++
				edges[b][a]++
			}
		}
	}
	score := [5]float64{1, 1, 1, 1, 1}
	for range 200 {
		next := [5]float64{}
		for a := range next {
			next[a] = 0.15
			for b := range next {
				degree := 0.0
				for _, n := range edges[b] {
					degree += n
				}
				if degree > 0 {
					next[a] += 0.85 * score[b] * edges[b][a] / degree
				}
			}
		}
		score = next
	}
	got := text.TextRank(body, 9)
	require.Len(t, got, len(words))
	for _, k := range got {
		require.InDelta(t, 100*score[indexOf(words, k.Term)]/5, k.Score, 1e-3, "%s", k.Term)
	}
	require.Equal(t, "crab", got[0].Term)
	require.Equal(t, 3, got[0].Count)
}

func indexOf(words []string, w string) int {
	for i, v := range words {
		if v == w {
			return i
		}
	}
	return -1
}

func TestTextRankOfNothing(t *testing.T) {
	require.Empty(t, text.TextRank("", 5))
	require.Empty(t, text.TextRank("This is what it was.", 5))
	one := text.TextRank("Walrus.", 5)
	require.Len(t, one, 1)
	require.False(t, math.IsNaN(one[0].Score))
}

func TestPipelineHasAKeywordMethod(t *testing.T) {
	for m, want := range map[text.KeywordMethod][]text.Keyword{
		text.KeywordsByRarity: text.Keywords(sample, 4), text.KeywordsByRAKE: text.RAKE(sample, 4),
		text.KeywordsByTextRank: text.TextRank(sample, 4),
	} {
		p := newPipeline(t, text.Options{Tasks: text.TaskKeywords, TopKeywords: 4, KeywordMethod: m})
		for range 2 { // the second time on a used desk
			r, err := p.Run(t.Context(), text.Document{Body: sample})
			require.NoError(t, err)
			require.Equal(t, want, r.Keywords, "%v", m)
		}
		b, err := json.Marshal(m)
		require.NoError(t, err)
		var back text.KeywordMethod
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, m, back)
	}
	_, err := text.New(text.Options{KeywordMethod: 9})
	require.ErrorIs(t, err, quintet.ErrOption)
	require.ErrorIs(t, new(text.KeywordMethod).UnmarshalText([]byte("magic")), quintet.ErrInput)
	require.Equal(t, "KeywordMethod(9)", text.KeywordMethod(9).String())
}

func FuzzKeywordMethods(f *testing.F) {
	f.Add(sample, 5)
	for _, p := range hostile {
		f.Add(strings.Repeat(p, 9), 4)
	}
	f.Fuzz(func(t *testing.T, body string, n int) {
		for _, got := range [][]text.Keyword{text.RAKE(body, n), text.TextRank(body, n)} {
			if len(got) > max(n, 0) {
				t.Fatalf("%d keywords, asked for %d", len(got), n)
			}
			for i, k := range got {
				if k.Term == "" || k.Count < 1 || !(k.Score >= 0) || i > 0 && k.Score > got[i-1].Score {
					t.Fatalf("%+v of %q", k, body)
				}
			}
		}
	})
}

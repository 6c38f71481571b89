package text_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
)

// oracleRow is a row of sentiment.json, which sentiment.py makes.
type oracleRow struct {
	body                                  string
	compound, positive, negative, neutral float64
	exact                                 bool // the toolkit says so without changes
}

func (r *oracleRow) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&r.body, &r.compound, &r.positive, &r.negative, &r.neutral, &r.exact})
}

func TestSentimentFollowsTheRulesOfVADER(t *testing.T) {
	b, err := os.ReadFile("testdata/sentiment.json")
	require.NoError(t, err)
	var rows []oracleRow
	require.NoError(t, json.Unmarshal(b, &rows))
	require.Greater(t, len(rows), 400)
	exact := 0
	for _, r := range rows {
		s := text.AnalyzeSentiment(r.body)
		require.InDelta(t, r.compound, s.Compound, 1e-4, "%q", r.body)
		// The oracle rounds these to three decimals.
		require.InDelta(t, r.positive, s.Positive, 6e-4, "%q", r.body)
		require.InDelta(t, r.negative, s.Negative, 6e-4, "%q", r.body)
		require.InDelta(t, r.neutral, s.Neutral, 6e-4, "%q", r.body)
		if r.exact {
			exact++
		}
	}
	require.Greater(t, exact, 400)
}

func TestSentimentJudgesARepeatedWordWhereItStands(t *testing.T) {
	require.Positive(t, text.AnalyzeSentiment("good").Compound)
	require.Less(t, text.AnalyzeSentiment("good and not good and not good").Compound,
		text.AnalyzeSentiment("good and not good").Compound)
}

func TestSentimentSign(t *testing.T) {
	tests := map[string]struct {
		body string
		sign float64
	}{
		"empty":                         {"", 0},
		"white space":                   {" \n\t ", 0},
		"symbols":                       {"→ ∀", 0},
		"no word says anything":         {"xqzzt", 0},
		"praise":                        {"A wonderful, moving film with a great cast.", 1},
		"blame":                         {"A dull and clumsy film with a terrible cast.", -1},
		"blame without rated words":     {"The plot goes nowhere and takes forever.", -1},
		"negated praise":                {"This was not a good film.", -1},
		"negation with a curly quote":   {"It isn’t good.", -1},
		"negation far before":           {"I didn't enjoy it.", -1},
		"negated blame":                 {"Not bad at all!", 1},
		"but turns":                     {"It looks great, but it is awful.", -1},
		"emoji alone":                   {"😍", 1},
		"emoji with a skin tone":        {"👍🏽", 1},
		"emoji that asks for a picture": {"❤️", 1},
		"emoji that touches a word":     {"Monday💔", -1},
		"emoticon":                      {"see you there :-)", 1},
		"another language":              {"日本語の文章です。", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := text.AnalyzeSentiment(tt.body)
			if tt.sign == 0 {
				require.Zero(t, s.Score)
				require.Zero(t, s.Compound)
				return
			}
			require.Equal(t, tt.sign, math.Copysign(1, s.Score), "%v", s)
		})
	}
}

func TestSentimentOfSentences(t *testing.T) {
	body := "The room was lovely. The food was awful! Breakfast is at 8."
	s := text.AnalyzeSentiment(body)
	require.Len(t, s.Sentences, 3)
	require.Equal(t, "The food was awful!", s.Sentences[1].Of(body))
	require.Greater(t, s.Sentences[0].Score, 0.05)
	require.Less(t, s.Sentences[1].Score, -0.05)
	for _, one := range s.Sentences {
		alone := text.AnalyzeSentiment(one.Of(body))
		require.Equal(t, alone.Score, one.Score)
		require.Equal(t, alone.Compound, one.Compound)
	}
	require.Nil(t, text.AnalyzeSentiment("").Sentences)
}

// requireSentiment holds what the doc comments promise against a result.
func requireSentiment(t *testing.T, body string, s text.Sentiment) {
	t.Helper()
	between := func(low, x, high float64) {
		if !(low <= x && x <= high) {
			t.Fatalf("%v is not in [%v, %v] for %q", x, low, high, body)
		}
	}
	between(-1, s.Score, 1)
	between(-1, s.Compound, 1)
	between(0, s.Positive, 1)
	between(0, s.Negative, 1)
	between(0, s.Neutral, 1)
	if sum := s.Positive + s.Negative + s.Neutral; sum != 0 {
		between(1-2e-4, sum, 1+2e-4)
	}
	sentences := text.Sentences(body)
	require.Len(t, s.Sentences, len(sentences))
	for i, one := range s.Sentences {
		require.Equal(t, sentences[i].Span, one.Span)
		between(-1, one.Score, 1)
		between(-1, one.Compound, 1)
	}
}

// attacksOnSentiment are attacks and what only this task might find hard.
func attacksOnSentiment(n int) map[string]string {
	out := map[string]string{}
	for _, p := range hostile {
		out[p] = strings.Repeat(p, max(1, n/len(p)))
	}
	for _, p := range []string{"not ", "n't", "GOOD ", "good", "never so ", "but ", "😀", "👍🏽", "❤️", "kind of ", ":) ", "'t", "good!? "} {
		out[p] = strings.Repeat(p, n/len(p))
	}
	return out
}

func TestHostileSentiment(t *testing.T) {
	size := 1 << 18
	if text.RaceEnabled {
		size = 1 << 13
	}
	for pattern, body := range attacksOnSentiment(size) {
		s := text.ScoreSentiment()(body, text.Tokens(body), text.Sentences(body))
		require.False(t, math.IsNaN(s.Score) || math.IsNaN(s.Compound), "%q", pattern)
	}
}

func TestSentimentWorksInItsOwnMemory(t *testing.T) {
	if text.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	score := text.ScoreSentiment()
	tokens, sentences := text.Tokens(sample), text.Sentences(sample)
	want := text.AnalyzeSentiment(sample)
	score("GOOD! Not bad, but 😀", text.Tokens("GOOD! Not bad, but 😀"), text.Sentences("GOOD! Not bad, but 😀"))
	require.Equal(t, want, score(sample, tokens, sentences), "the body before must not show")
	require.Zero(t, testing.AllocsPerRun(10, func() { score(sample, tokens, sentences) }))
}

func FuzzAnalyzeSentiment(f *testing.F) {
	f.Add(sample)
	for _, body := range attacksOnSentiment(60) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := text.AnalyzeSentiment(body)
		requireSentiment(t, body, s)
		require.Equal(t, s, text.AnalyzeSentiment(body))
	})
}

func ExampleAnalyzeSentiment() {
	body := "The camera is superb. I would not buy the battery again, it is awful!"
	s := text.AnalyzeSentiment(body)
	for _, one := range s.Sentences {
		fmt.Printf("%+.1f %s\n", one.Score, one.Of(body))
	}
	fmt.Printf("%+.1f\n", s.Score)
	// Output:
	// +0.4 The camera is superb.
	// -0.5 I would not buy the battery again, it is awful!
	// -0.1
}

func BenchmarkSentiment(b *testing.B) {
	for name, body := range map[string]string{
		"sample":  sample,
		"reviews": strings.Repeat("I really loved the lenses, but the battery is NOT very good :( Don't buy it!! ", 8),
	} {
		tokens, sentences := text.Tokens(body), text.Sentences(body)
		b.Run("found/text="+name, func(b *testing.B) {
			score := text.ScoreSentiment()
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				score(body, tokens, sentences)
			}
		})
		b.Run("whole/text="+name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				text.AnalyzeSentiment(body)
			}
		})
	}
}

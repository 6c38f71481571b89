package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
)

// signs writes the aspects of body as "term+", "term-", in order.
func signs(body string) []string {
	var out []string
	for _, a := range text.Aspects(body) {
		sign := "+"
		if a.Score < 0 {
			sign = "-"
		}
		out = append(out, a.Term+sign)
	}
	return out
}

func TestAspects(t *testing.T) {
	tests := map[string]struct {
		body string
		want []string
	}{
		"empty":                          {"", nil},
		"no opinion":                     {"The train leaves the station at noon.", nil},
		"each clause has its own":        {"The food was great, but the service was awful.", []string{"food+", "service-"}},
		"and parts two verbs":            {"The screen is beautiful and the battery is terrible.", []string{"screen+", "battery-"}},
		"and parts no two nouns":         {"The screen and the keyboard are beautiful.", []string{"screen+", "keyboard+"}},
		"a comma parts":                  {"Lovely rooms, horrible breakfast.", []string{"rooms+", "breakfast-"}},
		"nouns in a row are one":         {"The picture quality is excellent.", []string{"picture quality+"}},
		"a negation turns":               {"The waiter was not friendly.", []string{"waiter-"}},
		"the sentence where none is":     {"The hotel, which stands by the river, was wonderful.", []string{"hotel+", "river+"}},
		"singular and plural are one":    {"Good room. The rooms were nice.", []string{"room+"}},
		"the most mentioned first":       {"I love the pool. The bar is bad. The pool is great.", []string{"pool+", "bar-"}},
		"a hyphen does not part":         {"The well-written menu is good.", []string{"menu+"}},
		"words of opinion are no aspect": {"We had fun.", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, signs(tt.body))
		})
	}
}

func TestAspectsScoreTheMeanOfTheirMentions(t *testing.T) {
	const body = "The room was great. The room was bad."
	a := text.Aspects(body)
	require.Len(t, a, 1)
	require.Len(t, a[0].Mentions, 2)
	for _, at := range a[0].Mentions {
		require.Equal(t, "room", at.Of(body))
	}
	great := text.AnalyzeSentiment("The room was great.").Compound
	bad := text.AnalyzeSentiment("The room was bad.").Compound
	require.InDelta(t, (great+bad)/2, a[0].Score, 1e-4)
}

func FuzzAspects(f *testing.F) {
	f.Add(sample)
	f.Add("Good room, bad bar :) and the Pool is GREAT!!! but never so good")
	for _, p := range hostile {
		f.Add("The food is great " + strings.Repeat(p, 9))
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, a := range text.Aspects(body) {
			if a.Term == "" || len(a.Mentions) == 0 || !(a.Score >= -1 && a.Score <= 1) {
				t.Fatalf("%+v of %q", a, body)
			}
			end := 0
			for _, at := range a.Mentions {
				if at.Start < end || at.End <= at.Start || at.End > len(body) {
					t.Fatalf("span %v behind %d of %q", at, end, body)
				}
				end = at.End
			}
		}
	})
}

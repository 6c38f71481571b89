package text_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/text"
)

// terms returns the terms of the n best keywords.
func terms(body string, n int) []string {
	var out []string
	for _, k := range text.Keywords(body, n) {
		out = append(out, k.Term)
	}
	return out
}

func TestKeywords(t *testing.T) {
	tests := map[string]struct {
		body string
		n    int
		want []string
	}{
		"empty":                           {"", 5, nil},
		"none asked":                      {"Graph theory.", 0, nil},
		"less than none":                  {"Graph theory.", -1, nil},
		"stop words only":                 {"This is what it was.", 5, nil},
		"marks and numbers only":          {"3.14 -- 42!", 5, nil},
		"phrases between stop words":      {"The graph theory of social networks", 5, []string{"graph theory", "social networks"}},
		"marks end a phrase":              {"graph theory, networks", 5, []string{"graph theory", "networks"}},
		"a blank line ends a phrase":      {"graph theory\n\nnetworks", 5, []string{"graph theory", "networks"}},
		"a line break does not":           {"graph\n\ttheory", 5, []string{"graph theory"}},
		"words of general prose are none": {"We proposed several new graph kernels quickly", 5, []string{"graph kernels"}},
		"unless they are in a name":       {"in New York and in a new york", 5, []string{"new york", "york"}},
		"endings are one":                 {"A graph. Graphs. The graph's", 5, []string{"graph"}},
		"compounds stay whole":            {"a real-time gas-phase model", 5, []string{"real-time gas-phase model"}},
		"case is folded":                  {"NATO met. Nato left.", 5, []string{"nato"}},
		"of long runs the end":            {"alpha beta gamma delta epsilon zeta", 5, []string{"delta epsilon zeta"}},
		"single letters are none":         {"x or y", 5, nil},
		"ties are alphabetical":           {"zebrafish or quokka or quokka or zebrafish", 5, []string{"zebrafish", "quokka"}},
		"ideographs that touch":           {"機械学習は人工知能の一分野である。", 5, []string{"機械学習", "人工知能", "一分野"}},
		"many ideographs by pairs":        {"中华人民共和国", 2, []string{"中华", "华人"}},
		"other alphabets":                 {"Граф и сеть, граф", 1, []string{"граф"}},
		"an endless word is none":         {strings.Repeat("a", 1000) + " graph", 5, []string{"graph"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, terms(tt.body, tt.n))
		})
	}
}

func TestKeywordsCountAndScore(t *testing.T) {
	got := text.Keywords("Tide pools are small. The tide pool is full of crabs. Pools!", 9)
	require.Equal(t, "tide pools", got[0].Term)
	require.Equal(t, 2, got[0].Count)
	require.True(t, slices.IsSortedFunc(got, func(a, b text.Keyword) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Term, b.Term))
	}))
	require.Positive(t, got[len(got)-1].Score)
	require.Equal(t, got[:1], text.Keywords("Tide pools are small. The tide pool is full of crabs. Pools!", 1))
}

func TestKeywordsPreferTheBeginning(t *testing.T) {
	require.Equal(t, []string{"quokka", "zebrafish"}, terms("quokka or zebrafish", 2))
	require.Equal(t, []string{"zebrafish", "quokka"}, terms("zebrafish or quokka", 2))
}

// FuzzKeywords: at most n, in order, each once, none empty, and the same again.
func FuzzKeywords(f *testing.F) {
	f.Add(sample, 5)
	f.Add("New New New York, a-b-c 日本語日本語 x-", 3)
	for _, p := range hostile {
		f.Add(strings.Repeat(p, 9), 4)
	}
	f.Fuzz(func(t *testing.T, body string, n int) {
		got := text.Keywords(body, n)
		if len(got) > max(n, 0) {
			t.Fatalf("%d keywords, asked for %d", len(got), n)
		}
		seen := map[string]bool{}
		for i, k := range got {
			if k.Term == "" || k.Count < 1 || !(k.Score >= 0) {
				t.Fatalf("%+v of %q", k, body)
			}
			if i > 0 && cmp.Or(cmp.Compare(k.Score, got[i-1].Score), cmp.Compare(got[i-1].Term, k.Term)) > 0 {
				t.Fatalf("%+v behind %+v", k, got[i-1])
			}
			seen[k.Term] = true
		}
		if again := text.Keywords(body, n); !slices.Equal(got, again) {
			t.Fatalf("%v, then %v", got, again)
		}
	})
}

func BenchmarkKeywords(b *testing.B) {
	for method, keywords := range map[string]func(string, int) []text.Keyword{
		"rarity": text.Keywords, "rake": text.RAKE, "textrank": text.TextRank,
	} {
		for name, body := range map[string]string{"600B": sample, "25kB": synth.Prose(1, 4000)} {
			b.Run("method="+method+"/body="+name, func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					keywords(body, 10)
				}
			})
		}
	}
}

package text_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/text"
)

const tidal = `The harbour was quiet that morning. Urchins had vanished from the reef, and the kelp forest grew back within
a year. Nobody had expected it. Scientists linked the vanished urchins and the growing kelp forest to a disease in
warm water. It was a nice day. The vanished urchins and the kelp forest that grew back were linked by scientists to
a disease of warm water. Fishermen, meanwhile, complain that lobster traps stay empty because the predators moved
north. What now? The council will vote on a marine reserve in spring.`

func summary(tb testing.TB, body string, o text.SummaryOptions) (out []string) {
	tb.Helper()
	got, err := text.Summarize(body, o)
	require.NoError(tb, err)
	for _, s := range got {
		out = append(out, strings.Join(strings.Fields(s.Of(body)), " "))
	}
	return out
}

func TestSummarizeTakesWhatTheBodyIsAbout(t *testing.T) {
	got := summary(t, tidal, text.SummaryOptions{Sentences: 3})
	require.Len(t, got, 3)
	require.Contains(t, strings.Join(got, " "), "disease")
	require.NotContains(t, got, "It was a nice day.")
	require.NotContains(t, got, "What now?")
	repeated := 0
	for _, s := range got {
		if strings.Contains(s, "disease") {
			repeated++
		}
	}
	require.Equal(t, 1, repeated, "of two sentences that say the same one is enough: %q", got)
}

func TestSummaryLength(t *testing.T) {
	n := len(text.Sentences(tidal))
	tests := map[string]struct {
		o    text.SummaryOptions
		want int
	}{
		"three by default":         {text.SummaryOptions{}, 3},
		"as many as asked for":     {text.SummaryOptions{Sentences: 5}, 5},
		"not more than there are":  {text.SummaryOptions{Sentences: 99}, n},
		"a share":                  {text.SummaryOptions{Ratio: 0.5}, (n + 1) / 2},
		"a small share is one":     {text.SummaryOptions{Ratio: 0.01}, 1},
		"the whole share is whole": {text.SummaryOptions{Ratio: 1}, n},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Len(t, summary(t, tidal, tt.o), tt.want)
		})
	}
	require.Empty(t, summary(t, "", text.SummaryOptions{}))
	require.Equal(t, []string{"?!", "The!"}, summary(t, "?!\n\nThe!", text.SummaryOptions{Ratio: 1}))
	require.Len(t, summary(t, strings.Repeat("A cat sat. ", 400), text.SummaryOptions{Ratio: 1}), 256)
}

func TestSummarizeOtherScripts(t *testing.T) {
	body := "今天天气很好。机器学习是人工智能的一个分支，机器学习研究算法。谢谢。"
	require.Equal(t, []string{"机器学习是人工智能的一个分支，机器学习研究算法。"}, summary(t, body, text.SummaryOptions{Sentences: 1}))
}

func TestSummaryOptionsAreChecked(t *testing.T) {
	for _, o := range []text.SummaryOptions{{Sentences: -1}, {Ratio: -0.1}, {Ratio: 1.1}, {Ratio: nan()}, {Sentences: 1, Ratio: 0.5}} {
		_, err := text.Summarize("A cat.", o)
		require.ErrorIs(t, err, quintet.ErrOption, "%+v", o)
	}
}

// FuzzSummarize: sentences of the body, in order, each once, scores in range, and the
// same again.
func FuzzSummarize(f *testing.F) {
	f.Add(sample, 0.3)
	f.Add(tidal, 1.0)
	for _, p := range hostile {
		f.Add(strings.Repeat(p, 9)+". A", 0.5)
	}
	f.Fuzz(func(t *testing.T, body string, ratio float64) {
		got, err := text.Summarize(body, text.SummaryOptions{Ratio: ratio})
		if !(ratio >= 0 && ratio <= 1) {
			require.ErrorIs(t, err, quintet.ErrOption)
			return
		}
		whole := text.Sentences(body)
		at := 0
		for _, s := range got {
			i := slices.IndexFunc(whole[at:], func(w text.Sentence) bool { return w.Span == s.Span })
			if i < 0 || !(s.Score >= 0 && s.Score <= 1) {
				t.Fatalf("%+v of %v behind %d", s, whole, at)
			}
			at += i + 1
		}
		again, err := text.Summarize(body, text.SummaryOptions{Ratio: ratio})
		if err != nil || !slices.Equal(got, again) {
			t.Fatalf("%v, then %v, %v", got, again, err)
		}
	})
}

// TestEvaluateSummary has no summaries written by people to compare with. It counts
// how many of the key phrases that people gave an abstract stand in two sentences of
// it, ours and the first two, which have about as many words.
func TestEvaluateSummary(t *testing.T) {
	for set, floor := range map[string]float64{"inspec": 0.02, "semeval2017": 0.06} {
		t.Run(set, func(t *testing.T) {
			lines := bufio.NewScanner(data(t, "keyphrase-"+set+"-dev.jsonl"))
			lines.Buffer(nil, 1<<20)
			ours, lead := coverage{}, coverage{}
			for lines.Scan() {
				var d struct {
					Text string
					Keys []string
				}
				require.NoError(t, json.Unmarshal(lines.Bytes(), &d))
				whole := text.Sentences(d.Text)
				if len(whole) < 4 {
					continue
				}
				ours.add(d.Keys, strings.Join(summary(t, d.Text, text.SummaryOptions{Sentences: 2}), " "))
				lead.add(d.Keys, d.Text[:whole[1].End])
			}
			require.NoError(t, lines.Err())
			t.Logf("text/summary_%s key phrases per summary: ours %v, the first two sentences %v", set, &ours, &lead)
			require.Greater(t, ours.share()-lead.share(), floor)
		})
	}
}

// coverage is the share of key phrases that summaries have.
type coverage struct{ keys, found, words, docs int }

func (c *coverage) add(keys []string, s string) {
	c.docs++
	c.words += len(strings.Fields(s))
	s = " " + stems(s) + " "
	for _, k := range keys {
		c.keys++
		if strings.Contains(s, " "+stems(k)+" ") {
			c.found++
		}
	}
}

func (c *coverage) share() float64 { return float64(c.found) / float64(c.keys) }

func (c *coverage) String() string {
	return fmt.Sprintf("%.3f in %.0f words", c.share(), float64(c.words)/float64(c.docs))
}

func BenchmarkSummarize(b *testing.B) {
	for name, body := range map[string]string{"600B": sample, "25kB": synth.Prose(1, 4000)} {
		b.Run("body="+name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				summary(b, body, text.SummaryOptions{})
			}
		})
	}
}

func ExampleSummarize() {
	body := "It was a quiet morning. Urchins vanished from the reef, and the kelp forest grew back. " +
		"Nobody knew why. A disease in warm water killed the urchins, scientists found, and so saved the kelp forest."
	sentences, err := text.Summarize(body, text.SummaryOptions{Sentences: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range sentences {
		fmt.Println(s.Of(body))
	}
	// Output: Urchins vanished from the reef, and the kelp forest grew back.
}

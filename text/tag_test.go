package text_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
)

// tagged writes the words of body as "word/TAG/lemma".
func tagged(body string) string {
	var out []string
	for _, w := range text.Lemmas(body) {
		out = append(out, w.Of(body)+"/"+w.Tag.String()+"/"+w.Lemma)
	}
	return strings.Join(out, " ")
}

func TestTagsAndLemmas(t *testing.T) {
	tests := map[string]struct{ body, want string }{
		"empty":                       {"", ""},
		"white space":                 {" \n ", ""},
		"a word has the tag it has":   {"The watch is for those who watch it.", "The/DT/the watch/NN/watch is/VBZ/be for/IN/for those/DT/that who/WP/who watch/VBP/watch it/PRP/it ././."},
		"verbs and irregular nouns":   {"The children were running, and two mice came.", "The/DT/the children/NNS/child were/VBD/be running/VBG/run ,/,/, and/CC/and two/CD/two mice/NNS/mouse came/VBD/come ././."},
		"a contraction":               {"He doesn't know.", "He/PRP/he does/VBZ/do n't/RB/not know/VB/know ././."},
		"names and numbers":           {"Angela Merkel paid $1,000.", "Angela/NNP/Angela Merkel/NNP/Merkel paid/VBD/pay $/$/$ 1,000/CD/1000 ././."},
		"comparison of adjectives":    {"A better, happier life.", "A/DT/a better/JJR/good ,/,/, happier/JJR/happy life/NN/life ././."},
		"a word that is no word":      {strings.Repeat("x", 65), strings.Repeat("x", 65) + "/NNP/" + strings.Repeat("x", 65)},
		"sentences are tagged apart":  {"Stop. Go.", "Stop/VB/stop ././. Go/VB/go ././."},
		"the curly apostrophe is one": {"I’m here", "I/PRP/I ’m/VBP/be here/RB/here"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, tagged(tt.body))
		})
	}
}

func TestTagsAreThoseOfLemmas(t *testing.T) {
	words := text.Tags(sample)
	lemmas := text.Lemmas(sample)
	require.Len(t, lemmas, len(words))
	for i, w := range words {
		require.Empty(t, w.Lemma)
		w.Lemma = lemmas[i].Lemma
		require.Equal(t, lemmas[i], w)
	}
}

func TestTagIsItsNameInJSON(t *testing.T) {
	b, err := json.Marshal(text.Tags("Go"))
	require.NoError(t, err)
	require.JSONEq(t, `[{"start":0,"end":2,"kind":"word","tag":"VB"}]`, string(b))
	var back []text.TaggedWord
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, text.Tags("Go"), back)
	require.ErrorIs(t, json.Unmarshal([]byte(`[{"tag":"verb"}]`), &back), quintet.ErrInput)
	for i := range text.Tag(49) {
		tag, err := text.ParseTag(i.String())
		require.NoError(t, err)
		require.Equal(t, i, tag)
	}
	require.Equal(t, "Tag(49)", text.Tag(49).String())
}

// TestGrammarDoesNotAllocatePerWord runs the working memory again over a body that it
// has seen: one string holds the lemmas.
func TestGrammarDoesNotAllocatePerWord(t *testing.T) {
	if text.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	read := text.NewGrammar(strings.Repeat(sample, 10))
	read()
	require.LessOrEqual(t, testing.AllocsPerRun(5, read), 1.0)
}

// FuzzGrammar wants a tag and a lemma for each word, and entities as the doc comment
// has them, whatever the body.
func FuzzGrammar(f *testing.F) {
	f.Add(sample)
	f.Add("Angela Merkel met Barack Obama in NEW YORK City. ok")
	for _, p := range hostile {
		f.Add(strings.Repeat(p, 5))
	}
	f.Fuzz(func(t *testing.T, body string) {
		words := text.Words(body)
		tags := text.Lemmas(body)
		if len(tags) != len(words) {
			t.Fatalf("%d tags for %d words of %q", len(tags), len(words), body)
		}
		starts, ends := map[int]bool{}, map[int]bool{}
		for i, w := range tags {
			if w.Token != words[i] || w.Lemma == "" || strings.HasPrefix(w.Tag.String(), "Tag(") {
				t.Fatalf("word %v is tagged %+v in %q", words[i], w, body)
			}
			starts[w.Start], ends[w.End] = true, true
		}
		end := 0
		for _, e := range text.Entities(body) {
			if e.Start < end || e.End <= e.Start || !starts[e.Start] || !ends[e.End] || !(e.Score >= 0 && e.Score <= 1) {
				t.Fatalf("entity %+v after %d of %q", e, end, body)
			}
			end = e.End
		}
	})
}

// TestGrammarTakesHostileBodies would show a search that is not linear without a clock:
// 2^28 steps of it take longer than the test may.
func TestGrammarTakesHostileBodies(t *testing.T) {
	size := 1 << 14
	if text.RaceEnabled {
		size = 1 << 11 // the run without the race detector decides
	}
	for pattern, body := range attacks(size) {
		require.Len(t, text.Lemmas(body), len(text.Words(body)), "%q", pattern)
		text.Entities(body)
	}
}

func ExampleTags() {
	body := "The watch is for those who watch it."
	for _, w := range text.Tags(body) {
		fmt.Print(w.Of(body), "/", w.Tag, " ")
	}
	// Output: The/DT watch/NN is/VBZ for/IN those/DT who/WP watch/VBP it/PRP ./.
}

func ExampleLemmas() {
	body := "The mice weren't running."
	for _, w := range text.Lemmas(body) {
		fmt.Print(w.Lemma, " ")
	}
	// Output: the mouse be not run .
}

func BenchmarkGrammar(b *testing.B) {
	body := strings.Repeat(sample, 30)
	words := float64(len(text.Words(body)))
	for name, run := range map[string]func(){
		"words":    func() { text.Words(body) },
		"tags":     func() { text.Tags(body) },
		"lemmas":   func() { text.Lemmas(body) },
		"entities": func() { text.Entities(body) },
		"all":      text.NewGrammar(body),
	} {
		b.Run("task="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
			b.ReportMetric(words*float64(b.N)/b.Elapsed().Seconds(), "words/s")
		})
	}
}

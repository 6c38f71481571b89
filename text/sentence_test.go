package text_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/text"
)

// split returns the sentences of body.
func split(body string) []string {
	var out []string
	for _, s := range text.Sentences(body) {
		out = append(out, s.Of(body))
	}
	return out
}

func TestSentences(t *testing.T) {
	tests := map[string]struct {
		body string
		want []string
	}{
		"empty":                               {"", nil},
		"white space":                         {" \n\t\u2003", nil},
		"no mark":                             {"Hello", []string{"Hello"}},
		"three marks":                         {"One. Two! Three?", []string{"One.", "Two!", "Three?"}},
		"space around":                        {"  A dog.  \tB-side. ", []string{"A dog.", "B-side."}},
		"decimal point":                       {"Pi is 3.14. So there.", []string{"Pi is 3.14.", "So there."}},
		"point in a name":                     {"See example.com now. Bye.", []string{"See example.com now.", "Bye."}},
		"title":                               {"Dr. Ada met Prof. Babbage. They talked.", []string{"Dr. Ada met Prof. Babbage.", "They talked."}},
		"bound abbreviations":                 {"Fruit, e.g. apples, i.e. Malus, vs. Pears.", []string{"Fruit, e.g. apples, i.e. Malus, vs. Pears."}},
		"initials":                            {"J. R. R. Tolkien and George W. Bush met.", []string{"J. R. R. Tolkien and George W. Bush met."}},
		"an initial that is not Latin":        {"É. Zola wrote.", []string{"É. Zola wrote."}},
		"U.S. inside":                         {"The U.S. Army left.", []string{"The U.S. Army left."}},
		"U.S. at the end":                     {"He left the U.S. The army stayed.", []string{"He left the U.S.", "The army stayed."}},
		"a company inside and at the end":     {"Acme Inc. grew. He left Acme Inc. They wept.", []string{"Acme Inc. grew.", "He left Acme Inc.", "They wept."}},
		"a month":                             {"On Jan. 5 it rained.", []string{"On Jan. 5 it rained."}},
		"a word like an abbreviation":         {"He sat. Mary rose.", []string{"He sat.", "Mary rose."}},
		"a number follows No.":                {"No. 5 won. Did he? No. He lost.", []string{"No. 5 won.", "Did he?", "No.", "He lost."}},
		"etc. before a capital":               {"Dogs, etc. Cats too.", []string{"Dogs, etc.", "Cats too."}},
		"etc. inside":                         {"Dogs, etc. are here.", []string{"Dogs, etc. are here."}},
		"a.m.":                                {"At 9 a.m. we eat. By 5 p.m. Everyone left.", []string{"At 9 a.m. we eat.", "By 5 p.m.", "Everyone left."}},
		"quotes close with the sentence":      {"“Go.” She went. 'Why?' \"Ask!\" He did.", []string{"“Go.”", "She went.", "'Why?'", "\"Ask!\"", "He did."}},
		"a quotation inside":                  {"\"Stop!\" he said. She \"left.\" and so on.", []string{"\"Stop!\" he said.", "She \"left.\" and so on."}},
		"brackets close with the sentence":    {"(One.) [Two.] Three.", []string{"(One.)", "[Two.]", "Three."}},
		"a mark behind a bracket":             {"It rains (often!). We stay.", []string{"It rains (often!).", "We stay."}},
		"quotes that open":                    {"He paused. \"The end,\" he said.", []string{"He paused.", "\"The end,\" he said."}},
		"an ellipsis in the middle":           {"Well... maybe. And… so", []string{"Well... maybe.", "And… so"}},
		"an ellipsis at the end":              {"Wait... Then go. So… Yes.", []string{"Wait...", "Then go.", "So…", "Yes."}},
		"a spaced ellipsis":                   {"He . . . left. Bye.", []string{"He . . . left.", "Bye."}},
		"a run of marks":                      {"What?! Really!!! Yes.", []string{"What?!", "Really!!!", "Yes."}},
		"a comma goes on":                     {"Yahoo!, they cried. Bye.", []string{"Yahoo!, they cried.", "Bye."}},
		"lower case":                          {"i slept. then i ate! ok? fine", []string{"i slept.", "then i ate!", "ok?", "fine"}},
		"list numbers":                        {"1. First item. 2. Second item.", []string{"1. First item.", "2. Second item."}},
		"a year ends a sentence":              {"It was 1999. Then came 2000.", []string{"It was 1999.", "Then came 2000."}},
		"a line break is a space":             {"A long\nline. And\r\nmore", []string{"A long\nline.", "And\r\nmore"}},
		"a blank line ends a sentence":        {"Title\n\nBody\r\n \t\r\nEnd", []string{"Title", "Body", "End"}},
		"a blank line behind an abbreviation": {"Dr.\n\nAda", []string{"Dr.", "Ada"}},
		"a paragraph separator":               {"One\u2029Two\fThree", []string{"One", "Two", "Three"}},
		"Chinese needs no space":              {"你好。我来了！“是吗？”他说。", []string{"你好。", "我来了！", "“是吗？”", "他说。"}},
		"full-width digits":                   {"３．１４です。", []string{"３．１４です。"}},
		"Hindi and Arabic":                    {"नमस्ते। फिर मिलेंगे। هل أنت؟ نعم.", []string{"नमस्ते।", "फिर मिलेंगे।", "هل أنت؟", "نعم."}},
		"marks alone":                         {"... ?!", []string{"... ?!"}},
		"a mark at the start":                 {". A", []string{".", "A"}},
		"bytes that are not UTF-8":            {"A\xff. B\xc3", []string{"A\xff.", "B\xc3"}},
		"NUL and direction marks":             {"A\x00b.\u202e C", []string{"A\x00b.\u202e C"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, split(tt.body))
		})
	}
}

func TestSentencesAreThoseOfUnicodeInPlainProse(t *testing.T) {
	for seed := range uint64(20) {
		body := synth.Prose(seed, 400)
		var want []string
		for it := sentences.FromString(body); it.Next(); {
			if s := strings.TrimSpace(it.Value()); s != "" {
				want = append(want, s)
			}
		}
		require.Equal(t, want, split(body))
	}
}

// FuzzSentences holds the doc comment's promise against any input.
func FuzzSentences(f *testing.F) {
	f.Add(sample)
	f.Add("Dr. No. 5 said \"etc.\" (e.g. J. R. R.) U.S. The\n\nEnd… of。it")
	for _, p := range hostile {
		f.Add("a." + strings.Repeat(p, 5))
	}
	f.Fuzz(func(t *testing.T, body string) {
		end := 0
		for _, s := range text.Sentences(body) {
			if s.Start < end || s.End <= s.Start || s.End > len(body) {
				t.Fatalf("sentence %v after %d in %q", s, end, body)
			}
			if lost := strings.TrimFunc(body[end:s.Start], unicode.IsSpace); lost != "" {
				t.Fatalf("lost %q before %v in %q", lost, s, body)
			}
			first, _ := utf8.DecodeRuneInString(s.Of(body))
			last, _ := utf8.DecodeLastRuneInString(s.Of(body))
			if unicode.IsSpace(first) || unicode.IsSpace(last) {
				t.Fatalf("sentence %q of %q has space around", s.Of(body), body)
			}
			if strings.Contains(s.Of(body), "\n\n") {
				t.Fatalf("sentence %q of %q has a blank line inside", s.Of(body), body)
			}
			end = s.End
		}
		if lost := strings.TrimFunc(body[end:], unicode.IsSpace); lost != "" {
			t.Fatalf("lost %q at the end of %q", lost, body)
		}
	})
}

func BenchmarkSentences(b *testing.B) {
	for name, body := range map[string]string{"ascii": synth.Prose(1, 4000), "mixed": strings.Repeat(sample, 30)} {
		for tool, split := range map[string]func(){
			"quintet": func() { text.Sentences(body) },
			"uax29": func() {
				for it := sentences.FromString(body); it.Next(); {
				}
			},
		} {
			b.Run(fmt.Sprintf("body=%s/tool=%s", name, tool), func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					split()
				}
			})
		}
	}
}

package text_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
)

func TestWords(t *testing.T) {
	tests := map[string]struct{ body, want string }{
		"empty":                            {"", ""},
		"contractions are two words":       {"I'm sure they've", "I 'm sure they 've"},
		"negations give the n to not":      {"don't can’t won't", "do n't ca n’t wo n't"},
		"without an apostrophe":            {"cannot dont gonna Im", "can not do nt gon na I m"},
		"possessives are two words":        {"NASA's dogs' U.S.'s", "NASA 's dogs ' U.S. 's"},
		"no contractions":                  {"o'clock Qa'ida 1990's its", "o'clock Qa'ida 1990's its"},
		"abbreviations keep their point":   {"Mr. J. Smith, Inc. of the U.S. came, etc.", "Mr. J. Smith , Inc. of the U.S. came , etc."},
		"the end of a sentence does not":   {"So do I. Take vitamin C. No.", "So do I . Take vitamin C . No ."},
		"hyphens part words":               {"well-known al-Ani", "well - known al - Ani"},
		"but not prefixes":                 {"anti-war E-mail non-co-op", "anti-war E-mail non-co-op"},
		"times and dates":                  {"10:30 9/11 11/28/2000 1:2", "10:30 9/11 11/28/2000 1 : 2"},
		"telephone numbers":                {"555-0123 713-853-3989 1999-2001 3-4", "555-0123 713-853-3989 1999 - 2001 3 - 4"},
		"units are words":                  {"5pm 7:30PM 10kg 2.5m 3rd 1990s", "5 pm 7:30 PM 10 kg 2.5 m 3rd 1990s"},
		"money":                            {"$5 US$7m", "$ 5 US$ 7 m"},
		"marks that end sentences are one": {"What?! No!!.", "What ?! No !!."},
		"emoticons":                        {"fine :-) :D (: <3", "fine :-) :D (: <3"},
		"names with an ampersand or at":    {"PG&E A&E r&d Rice@ENRON", "PG&E A&E r & d Rice @ ENRON"},
		"curly quotes in pairs":            {"‘’x’’", "‘’ x ’’"},
		"other scripts are as in Tokens":   {"日本 don’t", "日 本 do n’t"},
		"bytes that are not UTF-8":         {"a\xff's", "a \xff 's"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, w := range text.Words(tt.body) {
				got = append(got, w.Of(tt.body))
			}
			require.Equal(t, tt.want, strings.Join(got, " "))
		})
	}
}

func TestWordsHaveTheKindOfTheirToken(t *testing.T) {
	body := "don't 5pm :-) a@b.org U.S."
	var got []string
	for _, w := range text.Words(body) {
		got = append(got, w.Kind.String())
	}
	require.Equal(t, "word word number word punct email word", strings.Join(got, " "))
}

// FuzzWords holds the doc comment's promise against any input.
func FuzzWords(f *testing.F) {
	f.Add(sample)
	f.Add("don't 5pm :-) a@b.org U.S. 555-0123 ’’ US$")
	for _, p := range hostile {
		f.Add(strings.Repeat(p, 5))
	}
	f.Fuzz(func(t *testing.T, body string) {
		end := 0
		for _, w := range text.Words(body) {
			if w.Start < end || w.End <= w.Start || w.End > len(body) {
				t.Fatalf("word %v after %d in %q", w, end, body)
			}
			if lost := strings.TrimFunc(body[end:w.Start], unicode.IsSpace); lost != "" {
				t.Fatalf("lost %q before %v in %q", lost, w, body)
			}
			end = w.End
		}
		if lost := strings.TrimFunc(body[end:], unicode.IsSpace); lost != "" {
			t.Fatalf("lost %q at the end of %q", lost, body)
		}
	})
}

func ExampleWords() {
	body := "She doesn't work past 5pm in the U.S. :-)"
	for _, w := range text.Words(body) {
		fmt.Print(w.Of(body), "|")
	}
	// Output: She|does|n't|work|past|5|pm|in|the|U.S.|:-)|
}

package english_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/english"
	"github.com/quintet-ai/quintet/internal/synth"
)

// analyze returns the texts of the tokens of s.
func analyze(s string) []string {
	out := []string{}
	var a english.Analyzer
	for _, t := range a.Append(nil, s) {
		out = append(out, s[t.Start:t.End])
	}
	return out
}

func TestTokensAreWordsWithoutGrammar(t *testing.T) {
	tests := map[string]struct {
		s    string
		want []string
	}{
		"nothing":                               {"", []string{}},
		"white space and marks":                 {" \t\n-- (...) ''", []string{}},
		"a sentence":                            {"The dogs are in the big garden.", []string{"dogs", "big", "garden"}},
		"grammar in capitals":                   {"THE DON'T Isn’t", []string{}},
		"plain verbs stay":                      {"want to use it", []string{"want", "use"}},
		"apostrophes join letters":              {"o'brien's 'rock' n' 5'4", []string{"o'brien's", "rock", "n", "5", "4"}},
		"typographic apostrophes too":           {"O’Brien ’tis", []string{"O’Brien", "tis"}},
		"points and commas join digits":         {"3.14 1,000.5 v1.2. x.y a,b 7.", []string{"3.14", "1,000.5", "v1.2", "x", "y", "b", "7"}},
		"hyphens and underscores part":          {"web-based foo_bar", []string{"web", "based", "foo", "bar"}},
		"addresses fall apart":                  {"mail@example.com", []string{"mail", "example", "com"}},
		"other scripts with spaces":             {"Привет, мир! γειά σου", []string{"Привет", "мир", "γειά", "σου"}},
		"marks belong to letters":               {"cafe\u0301s na\u0308\u0301", []string{"cafe\u0301s", "na\u0308\u0301"}},
		"marks alone are nothing":               {"\u0301 \u0301", []string{}},
		"pairs of ideographs":                   {"東京都に", []string{"東京", "京都", "都に"}},
		"an ideograph alone":                    {"a 山 b", []string{"山", "b"}},
		"scripts that touch":                    {"iPhone発売5台", []string{"iPhone", "発売", "5", "台"}},
		"kana with a long vowel":                {"コーヒー", []string{"コー", "ーヒ", "ヒー"}},
		"hangul":                                {"서울 시", []string{"서울", "시"}},
		"thai with marks":                       {"ที่นี่", []string{"ที่นี่"}},
		"bytes that are not UTF-8 part":         {"ab\xffcd\xc3 e\xe6\x97", []string{"ab", "cd", "e"}},
		"a joiner within a word":                {"می\u200cخواهم", []string{"می\u200cخواهم"}},
		"a joiner behind a word":                {"cat\u200d dog", []string{"cat", "dog"}},
		"a space without width parts":           {"cat\u200bdog", []string{"cat", "dog"}},
		"marks of direction stay outside":       {"\u202ecat\u202c", []string{"cat"}},
		"NUL parts":                             {"cat\x00dog", []string{"cat", "dog"}},
		"an apostrophe before an ideograph":     {"a's'山", []string{"a's", "山"}},
		"digits of other scripts":               {"٣٤ ½", []string{"٣٤", "½"}},
		"emoji are no words":                    {"I ❤ 🍕", []string{}},
		"a mark of a script with pairs ends it": {"山\u0301川", []string{"山\u0301川"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, analyze(tt.s))
		})
	}
}

func TestTermsAreEqualWhereReadersSeeOneWord(t *testing.T) {
	same := [][]string{
		{"dog", "Dogs", "DOG", "dog's", "DOG’S"},
		{"run", "running", "Runs"},
		{"hyphen", "hy\u00adphen", "hy\u200dphen"},
		{"ΟΔΟΣ", "οδος", "οδοσ"},
		{"ÉTÉ", "été"},
		{"東京", "京東京"[3:]},
		{strings.Repeat("ab", 128), strings.Repeat("ab", 1000)},
	}
	seen := map[uint64]string{}
	for _, group := range same {
		var a english.Analyzer
		want := a.Append(nil, group[0])
		require.Len(t, want, 1, group[0])
		require.NotContains(t, seen, want[0].Hash, "%s and %s", group[0], seen[want[0].Hash])
		seen[want[0].Hash] = group[0]
		for _, s := range group {
			got := a.Append(nil, s)
			require.Len(t, got, 1, s)
			require.Equal(t, want[0].Hash, got[0].Hash, s)
		}
	}
}

// The hashes of an index on disk must stay what they are.
func TestHashesNeverChange(t *testing.T) {
	var a english.Analyzer
	got := []uint64{}
	for _, tok := range a.Append(nil, "Indexes 3.14 東京 Straße") {
		got = append(got, tok.Hash)
	}
	require.Equal(t, []uint64{0x915dfb6bd4245e87, 0x8a7f767ef09160c5, 0xb700c569e52d4522, 0x53ab023ea09fdd22}, got)
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	var a english.Analyzer
	one := a.Append(nil, "one cat")
	two := a.Append(one, "dog")
	require.Len(t, two, 2)
	require.Equal(t, one, two[:1])
	require.Equal(t, english.Token{Hash: a.Append(nil, "x dog")[1].Hash, Start: 0, End: 3}, two[1])
}

func TestAnalysisAllocatesNothing(t *testing.T) {
	s := synth.Prose(1, 300) + " Привет мир 東京都 café’s"
	var a english.Analyzer
	dst := a.Append(nil, s)
	require.Zero(t, testing.AllocsPerRun(10, func() { dst = a.Append(dst[:0], s) }))
}

// TestHostileTextsStayCheap wants at most one token for each byte, and no more
// memory for words than their bound, for texts without an end to their words.
func TestHostileTextsStayCheap(t *testing.T) {
	for _, part := range []string{"a", "'", "a'", "1.", "\u0301", "山", "山\u0301", "\u200d", "é", "\xff", "ที", "’", "a\u00ad"} {
		s := strings.Repeat(part, 1<<20/len(part))
		var a english.Analyzer
		require.LessOrEqual(t, len(a.Append(nil, s)), len(s)/len(part), part)
	}
}

func TestStopWordsHaveTheFunctionWords(t *testing.T) {
	n := 0
	for w := range english.StopWords() {
		require.Equal(t, strings.ToLower(w), w)
		if english.FunctionWord([]byte(w)) {
			n++
		}
	}
	require.Greater(t, n, 200)
	require.True(t, english.FunctionWord([]byte("the")))
	require.False(t, english.FunctionWord([]byte("use")))
	require.Contains(t, slices.Collect(english.StopWords()), "use")
	for w := range english.StopWords() {
		require.Equal(t, "a", w, "the loop can be left")
		break
	}
}

// FuzzAnalyzer holds the comment of Append: tokens are in order, not empty, whole
// runes; each text of a token is that token alone; a space keeps texts apart.
func FuzzAnalyzer(f *testing.F) {
	for _, s := range []string{
		"The dog's 3.14, o’clock", "東京都 ที่นี่ コーヒー", "a\xffb\u200dc\u00ad'd", "Ⅷ ½ ²", "é\u0301 İstanbul ΟΔΟΣ", "1,0,0.a.b'c'",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var a english.Analyzer
		tokens := a.Append(nil, s)
		start, end := -1, 0
		for _, tok := range tokens {
			if tok.Start <= start || tok.End <= end || tok.End <= tok.Start || tok.End > len(s) {
				t.Fatalf("token %+v behind one that starts at %d and ends at %d", tok, start, end)
			}
			start, end = tok.Start, tok.End
			part := s[start:end]
			if !utf8.ValidString(part) {
				t.Fatalf("%q cuts a rune", part)
			}
			if again := a.Append(nil, part); len(again) != 1 || again[0] != (english.Token{Hash: tok.Hash, End: len(part)}) {
				t.Fatalf("%q alone is %+v, in the text %+v", part, again, tok)
			}
		}
		if twice := a.Append(nil, s+" "+s); len(twice) != 2*len(tokens) {
			t.Fatalf("%d tokens, %d in twice the text", len(tokens), len(twice))
		}
	})
}

func BenchmarkAnalyzer(b *testing.B) {
	english1, mixed := synth.Prose(1, 2000), strings.Repeat("Größe naïve Привет 東京都は日本の首都 café ", 300)
	for name, s := range map[string]string{"english": english1, "mixed": mixed} {
		b.Run("text="+name, func(b *testing.B) {
			var a english.Analyzer
			var dst []english.Token
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				dst = a.Append(dst[:0], s)
			}
		})
		b.Run("text="+name+"/fields", func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				strings.Fields(strings.ToLower(s))
			}
		})
	}
}

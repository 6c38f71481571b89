package text_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
)

func TestStatistics(t *testing.T) {
	tests := map[string]struct {
		body string
		want text.Stats
	}{
		"empty":       {"", text.Stats{}},
		"white space": {" \n", text.Stats{Bytes: 2, Runes: 2}},
		"marks only":  {"?!", text.Stats{Bytes: 2, Runes: 2, Sentences: 1, Paragraphs: 1}},
		"two sentences": {"The cat sat. The café closed.", text.Stats{
			Bytes: 30, Runes: 29, Words: 6, UniqueWords: 5, Sentences: 2, Paragraphs: 1, Syllables: 7,
			WordsPerSentence: 3, TypeTokenRatio: 5.0 / 6,
			FleschReadingEase:  206.835 - 1.015*3 - 84.6*7/6,
			FleschKincaidGrade: 0.39*3 + 11.8*7/6 - 15.59,
		}},
		"blank lines part paragraphs": {"A\n\n\nb\n \nc\nd", text.Stats{
			Bytes: 11, Runes: 11, Words: 4, UniqueWords: 4, Sentences: 3, Paragraphs: 3, Syllables: 4,
			WordsPerSentence: 4.0 / 3, TypeTokenRatio: 1,
			FleschReadingEase:  206.835 - 1.015*4/3 - 84.6,
			FleschKincaidGrade: 0.39*4/3 + 11.8 - 15.59,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := text.Statistics(tt.body)
			for _, m := range []struct{ want, got *float64 }{
				{&tt.want.FleschReadingEase, &got.FleschReadingEase},
				{&tt.want.FleschKincaidGrade, &got.FleschKincaidGrade},
			} {
				require.InDelta(t, *m.want, *m.got, 1e-9) // the order of operations may differ
				*m.want, *m.got = 0, 0
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestStatisticsAreFinite(t *testing.T) {
	for _, p := range hostile {
		s := text.Statistics(strings.Repeat(p, 50))
		for _, x := range []float64{s.WordsPerSentence, s.TypeTokenRatio, s.FleschReadingEase, s.FleschKincaidGrade} {
			require.False(t, math.IsNaN(x) || math.IsInf(x, 0), "%q: %+v", p, s)
		}
	}
}

func TestSyllables(t *testing.T) {
	for word, want := range map[string]int{
		"a": 1, "the": 1, "be": 1, "rhythm": 2, "prism": 2, "couldn't": 2, "it's": 1, "boss's": 2, "2019": 4,
		// e at the end
		"make": 1, "makes": 1, "houses": 2, "matches": 2, "clothes": 1, "table": 2, "tables": 2, "degree": 2,
		"asked": 1, "wanted": 2, "played": 1, "hundred": 2, "agreed": 2,
		// and inside
		"completely": 3, "movement": 2, "settlement": 3, "something": 2, "therefore": 2, "safety": 2, "freely": 2,
		// vowels together
		"radio": 3, "nation": 2, "gracious": 2, "serious": 3, "million": 2, "region": 2, "science": 2, "society": 4,
		"quiet": 2, "field": 1, "video": 3, "surgeon": 2, "idea": 3, "area": 3, "actual": 3, "language": 2, "poem": 2,
		"being": 2, "flying": 2, "royal": 2, "employee": 3, "beautiful": 3, "museum": 3, "people": 2, "eye": 1,
		"communication": 5, "individual": 5, "university": 5, "café": 2, "naïve": 2, "NAÏVE": 2,
	} {
		require.Equal(t, want, text.Statistics(word).Syllables, word)
	}
}

func BenchmarkStatistics(b *testing.B) {
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		text.Statistics(sample)
	}
}

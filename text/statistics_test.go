package text_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
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
			Letters:            22, GunningFog: 0.4 * 3, SMOG: 3.1291,
			ColemanLiau:          5.88*22/6 - 29.6*2/6 - 15.8,
			AutomatedReadability: 4.71*22/6 + 0.5*3 - 21.43,
			ReadingTime:          6 * time.Minute / 238, LexicalDiversity: 5.0 / 6,
		}},
		"blank lines part paragraphs": {"A\n\n\nb\n \nc\nd", text.Stats{
			Bytes: 11, Runes: 11, Words: 4, UniqueWords: 4, Sentences: 3, Paragraphs: 3, Syllables: 4,
			WordsPerSentence: 4.0 / 3, TypeTokenRatio: 1,
			FleschReadingEase:  206.835 - 1.015*4/3 - 84.6,
			FleschKincaidGrade: 0.39*4/3 + 11.8 - 15.59,
			Letters:            4, GunningFog: 0.4 * 4 / 3, SMOG: 3.1291,
			ColemanLiau:          5.88 - 29.6*3/4 - 15.8,
			AutomatedReadability: 4.71 + 0.5*4/3 - 21.43,
			ReadingTime:          4 * time.Minute / 238, LexicalDiversity: 1,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := text.Statistics(tt.body)
			for _, m := range []struct{ want, got *float64 }{
				{&tt.want.FleschReadingEase, &got.FleschReadingEase},
				{&tt.want.FleschKincaidGrade, &got.FleschKincaidGrade},
				{&tt.want.GunningFog, &got.GunningFog}, {&tt.want.SMOG, &got.SMOG},
				{&tt.want.ColemanLiau, &got.ColemanLiau},
				{&tt.want.AutomatedReadability, &got.AutomatedReadability},
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
		for _, x := range []float64{
			s.WordsPerSentence, s.TypeTokenRatio, s.FleschReadingEase, s.FleschKincaidGrade, s.GunningFog, s.SMOG,
			s.ColemanLiau, s.AutomatedReadability, s.LexicalDiversity,
		} {
			require.False(t, math.IsNaN(x) || math.IsInf(x, 0), "%q: %+v", p, s)
		}
	}
}

// The hand count: 11 words in 2 sentences; "university" and "residents" have three
// syllables and more, and "wanted" has its second from its ending, "compounded" its
// third, which Gunning leaves out.
func TestReadability(t *testing.T) {
	s := text.Statistics("The university wanted residents. They compounded don't 3.14 as we do.")
	require.Equal(t, 11, s.Words)
	require.Equal(t, 3, s.Polysyllables)
	require.Equal(t, 3+10+6+9+4+10+4+3+2+2+2, s.Letters)
	require.InDelta(t, 0.4*(5.5+100*2.0/11), s.GunningFog, 1e-9)
	require.InDelta(t, 3.1291+1.043*math.Sqrt(30*3.0/2), s.SMOG, 1e-9)
	require.InDelta(t, 5.88*55/11-29.6*2/11-15.8, s.ColemanLiau, 1e-9)
	require.InDelta(t, 4.71*55/11+0.5*5.5-21.43, s.AutomatedReadability, 1e-9)
	require.Equal(t, 11*time.Minute/238, s.ReadingTime)
}

// naiveDiversity is the definition: the mean share of different words in each run
// of 50.
func naiveDiversity(words []string) float64 {
	sum, n := 0.0, 0.0
	for i := 0; i == 0 || i+50 <= len(words); i++ {
		run := words[i:min(len(words), i+50)]
		types := map[string]bool{}
		for _, w := range run {
			types[w] = true
		}
		sum += float64(len(types)) / float64(len(run))
		n++
	}
	return sum / n
}

func TestLexicalDiversityIsItsDefinition(t *testing.T) {
	rng := synth.Rand(1)
	for _, n := range []int{1, 2, 49, 50, 51, 99, 100, 101, 500, 3000} {
		for _, vocabulary := range []int{1, 5, 60, 5000} {
			words := make([]string, n)
			for i := range words {
				words[i] = "w" + strconv.Itoa(rng.IntN(vocabulary))
			}
			got := text.Statistics(strings.Join(words, " ")).LexicalDiversity
			require.InDelta(t, naiveDiversity(words), got, 1e-9, "%d words of %d", n, vocabulary)
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

package vision

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

func ctcOf(t testing.TB, o ReaderOptions, classes int) *ctcDecoder {
	t.Helper()
	d, err := newCTCDecoder(o, optimize.TensorInfo{DType: optimize.Float32, Shape: []int{-1, -1, classes}})
	require.NoError(t, err)
	return d
}

// columnsOf is the output of a model that is sure: of the classes of "-ab ", one for
// each column.
func columnsOf(text string) (p []float32) {
	for _, c := range text {
		column := make([]float32, 4)
		column[strings.IndexRune("-ab ", c)] = 1
		p = append(p, column...)
	}
	return p
}

func TestCTCDecoding(t *testing.T) {
	d := ctcOf(t, ReaderOptions{Alphabet: []string{"a", "b"}, SpacePrior: 1}, 4)
	tests := map[string]struct{ columns, want string }{
		"nothing":               {"", ""},
		"blanks":                {"---", ""},
		"repetitions are one":   {"aaabbb", "ab"},
		"a blank separates":     {"aa-a", "aa"},
		"between blanks":        {"-a--b-", "ab"},
		"spaces":                {"a b", "a b"},
		"a space between equal": {"a a", "a a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			for _, c := range d.decode(columnsOf(tt.columns)) {
				got.WriteString(c.text)
				require.Equal(t, float32(1), c.p)
				for k := c.first; k < c.end; k++ {
					require.Equal(t, c.text, tt.columns[k:k+1])
				}
			}
			require.Equal(t, tt.want, got.String())
		})
	}
}

// naiveCTC builds the text with a mark for each column, by the definition.
func naiveCTC(p []float32, texts []string, allowed string, prior float32) string {
	var marks []string
	for i := 0; i < len(p); i += len(texts) {
		best, most := 0, p[i]
		for class := 1; class < len(texts); class++ {
			v := p[i+class]
			if texts[class] == " " {
				v *= prior
			}
			if allowed != "" && !strings.Contains(allowed, texts[class]) {
				continue
			}
			if v > most {
				best, most = class, v
			}
		}
		marks = append(marks, texts[best])
	}
	var out strings.Builder
	for i, m := range marks {
		if i == 0 || m != marks[i-1] {
			out.WriteString(m)
		}
	}
	return out.String()
}

func TestCTCDecodingIsTheDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	for range 300 {
		o := ReaderOptions{Alphabet: strings.Split("abcdefgh", ""), SpacePrior: 1 + 20*rng.Float64()}
		o.Characters = []string{"", "abc ", "hga"}[rng.IntN(3)]
		d := ctcOf(t, o, 10)
		p := make([]float32, 10*rng.IntN(30))
		for i := range p {
			p[i] = rng.Float32()
		}
		var got strings.Builder
		for _, c := range d.decode(p) {
			got.WriteString(c.text)
		}
		require.Equal(t, naiveCTC(p, d.texts, o.Characters, float32(o.SpacePrior)), got.String())
	}
}

func TestSpacePriorAndCharacters(t *testing.T) {
	p := []float32{0.1, 0.9, 0, 0, 0.9, 0.04, 0, 0.06, 0.02, 0.03, 0.95, 0}
	read := func(o ReaderOptions) (text string) {
		o.Alphabet = []string{"a", "（"}
		for _, c := range ctcOf(t, o, 4).decode(p) {
			text += fmt.Sprintf("%s%.2f ", c.text, c.p)
		}
		return text
	}
	require.Equal(t, "a0.90 （0.95 ", read(ReaderOptions{SpacePrior: 1}))
	require.Equal(t, "a0.90  0.06 （0.95 ", read(ReaderOptions{SpacePrior: 100}), "its own probability is told")
	require.Equal(t, "a0.90  0.06 a0.03 ", read(ReaderOptions{SpacePrior: 100, Characters: ASCII}))
	require.Equal(t, "a0.90 ", read(ReaderOptions{SpacePrior: 100, Characters: "a"})[:len("a0.90 ")])
}

func TestHostileProbabilities(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	d := ctcOf(t, ReaderOptions{Alphabet: []string{"a", "b"}, SpacePrior: 100}, 4)
	for _, p := range [][]float32{{nan, 1, 0, 0}, {0, nan, 0.5, nan}, {0, inf, -inf, inf}, {-5, -4, 9, -3}, {nan, nan, nan, nan}} {
		for _, c := range d.decode(p) {
			require.True(t, c.p >= 0 && c.p <= 1, "%v gave %v", p, c.p)
		}
	}
}

func TestAlphabetsOfTheWrongSize(t *testing.T) {
	info := optimize.TensorInfo{DType: optimize.Float32, Shape: []int{-1, -1, 9}}
	_, err := newCTCDecoder(ReaderOptions{Alphabet: []string{"a", "b"}}, info)
	require.ErrorIs(t, err, quintet.ErrOption)
	require.ErrorContains(t, err, "9 classes")
	require.ErrorContains(t, err, "alphabet of 2 characters makes 4")
	_, err = newCTCDecoder(ReaderOptions{Alphabet: strings.Split("abcdefg", ""), Characters: "xyz"}, info)
	require.ErrorIs(t, err, quintet.ErrOption)
	info.Shape[2] = -1
	_, err = newCTCDecoder(ReaderOptions{Alphabet: []string{"a", "b"}}, info)
	require.NoError(t, err, "what the model does not say is seen when it runs")
	info.Shape[2] = 3
	d, err := newCTCDecoder(ReaderOptions{Alphabet: []string{" ", "b"}}, info)
	require.NoError(t, err)
	require.Equal(t, 1, d.space)
}

func TestWordsOfALine(t *testing.T) {
	chars := func(s string) (all []ctcChar) { // a letter every two columns, seen in the first
		for i, c := range []rune(s) {
			all = append(all, ctcChar{string(c), 0.5, 2 * i, 2*i + 1})
		}
		return all
	}
	got := wordsOf(chars(" ab  c ideo\u3000x"), 1.0/26)
	var texts []string
	end := 0.0
	for _, w := range got {
		texts = append(texts, w.text)
		require.GreaterOrEqual(t, w.from, end)
		require.Greater(t, w.to, w.from)
		require.Equal(t, 0.5, w.score)
		require.Equal(t, len(w.text), w.characters)
		end = w.to
	}
	require.LessOrEqual(t, end, 1.0)
	require.Equal(t, []string{"ab", "c", "ideo", "x"}, texts)
	require.InDelta(t, (2.5-1)/26, got[0].from, 1e-9) // half a letter before the middle of column 2
	require.InDelta(t, (4.5+1)/26, got[0].to, 1e-9)
	require.InDelta(t, (10.5-1)/26, got[1].from, 1e-9, "as wide as the letters of the line")
	require.Empty(t, wordsOf(chars("   "), 0.1))
	require.Empty(t, wordsOf(nil, 0.1))

	rng := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		var all []ctcChar
		for column := rng.IntN(3); column < 40; column += 1 + rng.IntN(4) {
			all = append(all, ctcChar{string("ab "[rng.IntN(3)]), rng.Float32(), column, column + 1})
		}
		last := 0.0
		for _, w := range wordsOf(all, 1.0/float64(20+rng.IntN(40))) { // a line may end before its columns
			require.True(t, w.from >= last && w.to >= w.from && w.to <= 1, "%+v after %v", w, last)
			last = w.to
		}
	}
}

func BenchmarkCTC(b *testing.B) {
	alphabet := make([]string, 6623)
	for i := range alphabet {
		alphabet[i] = string(rune('!' + i))
	}
	rng := rand.New(rand.NewPCG(1, 1))
	p := make([]float32, 120*6625)
	for i := range p {
		p[i] = rng.Float32()
	}
	for name, characters := range map[string]string{"all": "", "ascii": ASCII} {
		d := ctcOf(b, ReaderOptions{Alphabet: alphabet, SpacePrior: 100, Characters: characters}, 6625)
		b.Run("characters="+name+"/decode", func(b *testing.B) {
			for b.Loop() {
				d.decode(p)
			}
		})
		b.Run("characters="+name+"/naive", func(b *testing.B) {
			for b.Loop() {
				naiveCTC(p, d.texts, characters, 100)
			}
		})
	}
}

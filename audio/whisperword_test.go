package audio_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio"
)

// spoken2 is hello with words at known times, in units of 20 ms.
func spoken2() *tinyWhisper {
	m := hello()
	m.heard = map[int][2]int{}
	for from, at := range map[string][2]int{
		"<|notimestamps|>": {5, 15}, "Hello": {15, 32}, "Ġworld": {32, 40}, ".": {45, 60}, "ĠBye": {60, 80}, "!": {80, 100},
	} {
		m.heard[m.id(from)] = at
	}
	return m
}

func TestTimesOfWords(t *testing.T) {
	for _, form := range []string{"alone", "split", "merged"} {
		m := spoken2()
		tr := newTranscriber(t, audio.TranscriberOptions{Model: m.model(t, form), NoVoiceDetector: true, Words: true})
		require.True(t, tr.WordTimes())
		got, err := tr.Run(t.Context(), tone2())
		require.NoError(t, err)
		require.Equal(t, []string{"0.10-0.80 Hello world.", "0.90-1.60 Bye!"}, lines(got.Segments))
		want := [][]audio.TranscriptWord{
			{{Start: 100 * ms, End: 300 * ms, Text: "Hello"}, {Start: 300 * ms, End: 800 * ms, Text: "world."}},
			{{Start: 900 * ms, End: 1600 * ms, Text: "Bye!"}},
		}
		for i, s := range got.Segments {
			require.Len(t, s.Words, len(want[i]))
			for k, w := range s.Words {
				require.Equal(t, want[i][k].Text, w.Text)
				require.InDelta(t, want[i][k].Start.Seconds(), w.Start.Seconds(), 0.041)
				require.InDelta(t, want[i][k].End.Seconds(), w.End.Seconds(), 0.041)
				require.True(t, w.Start >= s.Start && w.End <= s.End)
				require.Greater(t, w.Score, 0.1)
				require.LessOrEqual(t, w.Score, 1.0)
			}
		}
	}
	plain := newTranscriber(t, audio.TranscriberOptions{Model: hello().model(t, "split"), NoVoiceDetector: true, Words: true})
	require.False(t, plain.WordTimes(), "the graph has no such output")
	got, err := plain.Run(t.Context(), tone2())
	require.NoError(t, err)
	require.Nil(t, got.Segments[0].Words)
}

func TestAlignmentHeadsMustExist(t *testing.T) {
	m := spoken2()
	m.generation["alignment_heads"] = [][2]int{{0, 1}}
	model := m.model(t, "split")
	newTranscriber(t, audio.TranscriberOptions{Model: model}) // nobody asks for words
	_, err := audio.NewTranscriber(audio.TranscriberOptions{Model: model, Words: true})
	require.ErrorContains(t, err, "alignment_heads has [0 1], the decoder 1 layers of 1 heads")
	m.generation["alignment_heads"] = [][2]int{{0, 0}, {0, 0}}
	tr := newTranscriber(t, audio.TranscriberOptions{Model: m.model(t, "split"), NoVoiceDetector: true, Words: true})
	got, err := tr.Run(t.Context(), tone2())
	require.NoError(t, err)
	require.InDelta(t, 0.3, got.Segments[0].Words[0].End.Seconds(), 0.041)
}

func TestTextIsSplitIntoWords(t *testing.T) {
	m := newTinyWhisper(2, "Hello", "Ġworld", ".", "ĠBye", "!", "ing", "Ġ\"", "\"", "Ġ(", "-", "'s",
		"ä", "½", "ł", "å", "¥", "ãĢĤ") // the bytes of 你, 好 and 。 in letters
	p := openParts(t, m, audio.TranscriberOptions{})
	tests := map[string]struct {
		tokens   []string
		language string
		words    []string
		sizes    []int
	}{
		"blanks begin words":         {[]string{"Hello", "ing", "Ġworld", "."}, "en", []string{"Helloing", "world."}, []int{2, 2}},
		"quotes and brackets":        {[]string{"Ġ\"", "Hello", "\"", "Ġ(", "Hello", "!"}, "en", []string{`"Hello"`, "(Hello!"}, []int{3, 3}},
		"parts behind an apostrophe": {[]string{"ĠBye", "'s", "Ġworld"}, "en", []string{"Bye's", "world"}, []int{2, 1}},
		"characters of three tokens": {[]string{"ä", "½", "ł", "å", "¥", "½", "ãĢĤ"}, "zh", []string{"你", "好。"}, []int{3, 4}},
		"the same among blanks":      {[]string{"ä", "½", "ł", "å", "¥", "½", "ãĢĤ"}, "en", []string{"你好。"}, []int{7}},
		"a broken character":         {[]string{"Hello", "ä"}, "en", []string{"Hello\ufffd"}, []int{2}},
		"nothing":                    {nil, "en", nil, nil},
		"punctuation alone":          {[]string{".", "!"}, "zh", []string{".!"}, []int{2}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var tokens []int32
			for _, token := range tt.tokens {
				tokens = append(tokens, int32(m.id(token)))
			}
			words, sizes := p.Split(tokens, tt.language)
			require.Equal(t, tt.words, words)
			require.Equal(t, tt.sizes, sizes)
		})
	}
}

// bestPath is the largest sum of a path, by trying all.
func bestPath(m [][]float64, i, k int) float64 {
	if i < 0 || k < 0 {
		return math.Inf(-1)
	}
	if i == 0 && k == 0 {
		return m[0][0]
	}
	return m[i][k] + max(bestPath(m, i-1, k), bestPath(m, i, k-1), bestPath(m, i-1, k-1))
}

// pathThrough is the largest sum of paths on which rows begin where starts say.
func pathThrough(m [][]float64, starts []int) float64 {
	var sum float64
	for i, row := range m {
		last := len(row) - 1
		if i+1 < len(m) {
			last = starts[i+1]
			if straight := last - 1; straight >= starts[i] && row[last] < 0 {
				last = straight // the step to the next row goes down and right
			}
		}
		for k := starts[i]; k <= last; k++ {
			sum += row[k]
		}
	}
	return sum
}

func TestPathsAgreeWithTheNaiveOnes(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for range 300 {
		rows, columns := 1+rng.IntN(5), 1+rng.IntN(6)
		m := make([][]float64, rows)
		for i := range m {
			for range columns {
				m[i] = append(m[i], rng.NormFloat64())
			}
		}
		starts := audio.PathStarts(m)
		require.Zero(t, starts[0])
		require.True(t, slices.IsSorted(starts))
		require.InDelta(t, bestPath(m, rows-1, columns-1), pathThrough(m, starts), 1e-9)
	}
}

func TestMediansAgreeWithTheNaiveOnes(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 100 {
		x := make([]float64, 4+rng.IntN(20))
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		var long []float64 // with three reflected numbers at either end
		for i := 3; i > 0; i-- {
			long = append(long, x[i])
		}
		long = append(long, x...)
		for i := range 3 {
			long = append(long, x[len(x)-2-i])
		}
		for i, got := range audio.Medians(x, 7) {
			want := slices.Clone(long[i : i+7])
			slices.Sort(want)
			require.Equal(t, want[3], got)
		}
	}
	require.Equal(t, []float64{3, 1, 2}, audio.Medians([]float64{3, 1, 2}, 7))
}

// TestWordsOfRandomAttention holds words to their promise whatever the model attends to.
func TestWordsOfRandomAttention(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	for range 6 {
		m := hello()
		m.heard = map[int][2]int{}
		for id := range m.vocab() {
			a := rng.IntN(100)
			m.heard[id] = [2]int{a, a + rng.IntN(100-a)}
		}
		tr := newTranscriber(t, audio.TranscriberOptions{Model: m.model(t, "merged"), NoVoiceDetector: true, Words: true})
		got, err := tr.Run(t.Context(), tone2())
		require.NoError(t, err)
		for _, s := range got.Segments {
			at, text := s.Start, ""
			for _, w := range s.Words {
				require.True(t, w.Start >= at && w.End >= w.Start && w.End <= s.End, "%+v", s)
				at, text = w.End, text+" "+w.Text
			}
			require.Equal(t, " "+s.Text, text)
		}
		require.LessOrEqual(t, got.Segments[len(got.Segments)-1].End, 2*time.Second)
	}
}

package text_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/text"
)

// naiveSpans tries every start and end of every window.
func naiveSpans(
	body string, windows []tokenize.Encoding, starts, ends [][]float32, most, longest int, partWords bool,
) (out []text.Answer) {
	best := map[text.Span]float64{}
	for k, w := range windows {
		ps, pe := probabilities(w, starts[k]), probabilities(w, ends[k])
		for i := range w.Len() {
			for j := i; j < w.Len() && j < i+longest; j++ {
				if w.SequenceIDs[i] != 1 || w.SequenceIDs[j] != 1 {
					continue
				}
				at := text.Span{Start: wordOf(w, i, partWords).Start, End: wordOf(w, j, partWords).End}
				part := body[at.Start:max(at.Start, at.End)]
				at.Start += strings.Index(part, strings.TrimSpace(part))
				at.End = at.Start + len(strings.TrimSpace(part))
				if at.Len() > 0 {
					best[at] = max(best[at], ps[i]*pe[j])
				}
			}
		}
	}
	for at, score := range best {
		out = append(out, text.Answer{Span: at, Text: at.Of(body), Score: score})
	}
	slices.SortFunc(out, func(a, b text.Answer) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	return out[:min(len(out), most)]
}

// probabilities returns those of the context's tokens and of a special first one.
func probabilities(w tokenize.Encoding, logits []float32) []float64 {
	var allowed []int
	var of []float32
	for i := range w.Len() {
		if w.SequenceIDs[i] == 1 || i == 0 && w.SpecialMask[i] == 1 {
			allowed, of = append(allowed, i), append(of, logits[i])
		}
	}
	out := make([]float64, w.Len())
	for k, p := range text.Softmax(of) {
		out[allowed[k]] = p
	}
	return out
}

// wordOf returns what the tokens of a token's word in the window stand for.
func wordOf(w tokenize.Encoding, i int, partWords bool) tokenize.Span {
	at := w.Offsets[i]
	if partWords {
		return at
	}
	first := true
	for k := range w.Len() {
		if w.SequenceIDs[k] != 1 || w.WordIDs[k] != w.WordIDs[i] {
			continue
		}
		if first {
			at, first = w.Offsets[k], false
		}
		at.End = max(at.End, w.Offsets[k].End)
	}
	return at
}

// reader reads tokenizer.json of modelDir.
func reader(t testing.TB, maxTokens int) *tokenize.Tokenizer {
	t.Helper()
	file, err := model(t, modelDir(t, false, nil)).File("tokenizer.json")
	require.NoError(t, err)
	tk, err := tokenize.Load(file, tokenize.Options{NoPadding: true,
		Truncation: tokenize.Truncation{MaxTokens: maxTokens, Strategy: tokenize.OnlySecond}})
	require.NoError(t, err)
	return tk
}

// logitsFor gives few different values, so that there are ties.
func logitsFor(windows []tokenize.Encoding, seed uint64) (starts, ends [][]float32) {
	rng := synth.Rand(seed)
	for _, w := range windows {
		a, b := make([]float32, w.Len()+3), make([]float32, w.Len()+3) // and padding
		for i := range a {
			a[i], b[i] = float32(rng.IntN(5)), float32(rng.IntN(5))
		}
		starts, ends = append(starts, a), append(ends, b)
	}
	return starts, ends
}

// FuzzAnswers: the best spans are those that the definition has: in the context, no
// longer than allowed, none twice, best first.
func FuzzAnswers(f *testing.F) {
	tk := reader(f, 20)
	f.Add("The engine light, cats and dogs in winter.", uint64(1), uint8(3), uint8(4), uint8(2), false)
	f.Add("a\xffb é 日本\u200b  \t the", uint64(2), uint8(200), uint8(15), uint8(9), true)
	f.Add(strings.Repeat("bridge of cats ", 9), uint64(3), uint8(5), uint8(1), uint8(0), false)
	f.Fuzz(func(t *testing.T, body string, seed uint64, most, longest, stride uint8, partWords bool) {
		windows, err := tk.EncodePairWindows("who is", body, int(stride)%8)
		require.NoError(t, err)
		starts, ends := logitsFor(windows, seed)
		k, n := 1+int(most), 1+int(longest)%20
		got := text.BestSpans(body, windows, starts, ends, k, n, partWords, false)
		want := naiveSpans(body, windows, starts, ends, k, n, partWords)
		require.Equal(t, len(want), len(got))
		for i := range want {
			require.Equal(t, want[i], got[i], "%d of %q", i, body)
		}
		for _, a := range got {
			require.True(t, !utf8.ValidString(body) || utf8.ValidString(a.Text), "%q of %q", a.Text, body)
		}
		none := text.BestSpans(body, windows, starts, ends, k, n, partWords, true)
		require.LessOrEqual(t, len(none), k)
		require.True(t, slices.IsSortedFunc(none, func(a, b text.Answer) int { return cmp.Compare(b.Score, a.Score) }))
	})
}

// Groups hold every encoding once, and pay: little padding, no more than the budget.
func TestGroups(t *testing.T) {
	rng := synth.Rand(7)
	for n := range 70 {
		for _, budget := range []int{1, 512, 16_384} {
			lengths := make([]int, n)
			for i := range lengths {
				lengths[i] = 1 + rng.IntN(1+n*4)
			}
			var seen []int
			for _, g := range text.Groups(lengths, budget) {
				sum, longest := 0, 0
				for _, i := range g {
					sum, longest = sum+lengths[i], max(longest, lengths[i])
				}
				if len(g) > 1 {
					require.LessOrEqual(t, len(g)*longest, min(budget, sum*11/10+1))
				}
				require.LessOrEqual(t, len(g), 32)
				seen = append(seen, g...)
			}
			slices.Sort(seen)
			for i := range n {
				require.Equal(t, i, seen[i])
			}
			require.Len(t, seen, n)
		}
	}
	require.Equal(t, [][]int{{1, 3}, {0, 2}}, text.Groups([]int{8, 20, 8, 20}, 512), "longest first, then in order")
}

func BenchmarkBestSpans(b *testing.B) {
	body := synth.Prose(1, 2000)
	windows, err := reader(b, 384).EncodePairWindows("who is", body, 128)
	require.NoError(b, err)
	starts, ends := logitsFor(windows, 1)
	for name, best := range map[string]func() []text.Answer{
		"scan":  func() []text.Answer { return text.BestSpans(body, windows, starts, ends, 5, 15, false, false) },
		"naive": func() []text.Answer { return naiveSpans(body, windows, starts, ends, 5, 15, false) },
	} {
		b.Run("windows=all/"+name, func(b *testing.B) {
			for b.Loop() {
				best()
			}
		})
	}
}

package audio_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

func openParts(t testing.TB, m *tinyWhisper, o audio.TranscriberOptions) audio.WhisperParts {
	t.Helper()
	o.Model = m.model(t, "split")
	p, err := audio.OpenWhisperParts(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// allowed is the rules of what may follow tokens, one after the other, as the
// reference implementation and the paper state them.
func allowed(m *tinyWhisper, p audio.WhisperParts, logits []float32, tokens []int32) (out []bool) {
	begin := int32(len(m.tokens))
	isTime := func(id int32) bool { return id >= begin }
	n := len(tokens)
	last := n >= 1 && isTime(tokens[n-1])
	beforeLast := n < 2 || isTime(tokens[n-2])
	out = make([]bool, len(logits))
	for i := range out {
		id := int32(i)
		never, first, text := p.Marks(i)
		ok := !never && !math.IsNaN(float64(logits[i])) && !math.IsInf(float64(logits[i]), -1)
		if n == 0 {
			ok = ok && !first && isTime(id) && (p.MaxFirst() < 0 || id <= begin+int32(p.MaxFirst()))
		}
		if last && beforeLast {
			ok = ok && !isTime(id)
		}
		if last && !beforeLast {
			ok = ok && !text
		}
		for k, earlier := range tokens {
			if isTime(earlier) && isTime(id) {
				closes := last && !beforeLast && k == n-1 // the begin of the next segment may be its end
				ok = ok && (id > earlier || id == earlier && closes)
			}
		}
		out[i] = ok
	}
	var times, most float64
	most = math.Inf(-1)
	for i, ok := range out {
		switch {
		case ok && isTime(int32(i)):
			times += math.Exp(float64(logits[i]))
		case ok:
			most = max(most, float64(logits[i]))
		}
	}
	if math.Log(times) > most {
		for i := range begin {
			out[i] = false
		}
	}
	if !slices.Contains(out, true) {
		out[m.id("<|endoftext|>")] = true
	}
	return out
}

func randomLogits(rng *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		switch out[i] = float32(3 * rng.NormFloat64()); rng.IntN(40) {
		case 0:
			out[i] = float32(math.Inf(-1))
		case 1:
			out[i] = float32(math.NaN())
		}
	}
	return out
}

func TestRulesAgreeWithTheNaiveOnes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	m := hello()
	m.generation["suppress_tokens"] = []int{m.id(".")}
	for _, maxFirst := range []int{-1, 0, 5, 500} {
		m.generation["max_initial_timestamp_index"] = maxFirst
		p := openParts(t, m, audio.TranscriberOptions{})
		for range 100 {
			var tokens []int32
			at := m.id("<0.00>")
			for n := range rng.IntN(7) {
				id := rng.IntN(6)
				if rng.IntN(2) == 0 {
					if at += rng.IntN(3) * rng.IntN(20); n > 0 && int(tokens[n-1]) < m.id("<0.00>") {
						at++
					}
					id = min(at, m.vocab()-1)
				}
				tokens = append(tokens, int32(id))
			}
			logits := randomLogits(rng, m.vocab())
			want := allowed(m, p, logits, tokens)
			p.Apply(logits, tokens)
			for i, v := range logits {
				require.Equal(t, want[i], v > float32(math.Inf(-1)), "token %d behind %v", i, tokens)
			}
		}
	}
}

func TestMarksComeFromTheFiles(t *testing.T) {
	m := hello()
	m.generation["suppress_tokens"] = []int{m.id("!"), 99_999, -3}
	p := openParts(t, m, audio.TranscriberOptions{})
	for token, want := range map[string][3]bool{
		"Hello": {false, false, true}, "!": {true, false, true}, "Ġ": {false, true, true},
		"<|endoftext|>": {false, true, false}, "<|en|>": {true, false, false}, "<|nospeech|>": {true, false, false},
		"<|startofprev|>": {true, false, false}, "<0.00>": {false, false, false}, "<2.00>": {false, false, false},
	} {
		never, first, text := p.Marks(m.id(token))
		require.Equal(t, want, [3]bool{never, first, text}, token)
	}
	require.Equal(t, 50, p.MaxFirst(), "a second if no file says")
}

// FuzzRules lets random logits write a transcript: its times never go back, and its
// segments lie in the window, in order.
func FuzzRules(f *testing.F) {
	m := hello()
	p, err := audio.OpenWhisperParts(audio.TranscriberOptions{Model: m.model(f, "alone")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint64(1), uint8(30), uint8(100))
	f.Add(uint64(2), uint8(255), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, length, units uint8) {
		rng := rand.New(rand.NewPCG(seed, 0))
		var tokens []int32
		for range length {
			logits := randomLogits(rng, m.vocab())
			p.Apply(logits, tokens)
			id := audio.Pick(logits, 1, rng)
			if id == int32(m.id("<|endoftext|>")) {
				break
			}
			tokens = append(tokens, id)
		}
		last := int32(0)
		for _, id := range tokens {
			if id < int32(len(m.tokens)) {
				continue
			}
			if id < last {
				t.Fatalf("times go back: %v", tokens)
			}
			last = id
		}
		window := int(units)%m.positions + 1
		spans, next := p.Spans(tokens, window)
		at, end := 0, 0
		for _, s := range spans {
			if s[0] != at || s[2] < end || s[3] < s[2] || s[3] > window {
				t.Fatalf("spans %v of %v", spans, tokens)
			}
			at, end = s[1], s[3]
		}
		if next < 0 || next > m.positions {
			t.Fatalf("next window at %d", next)
		}
	})
}

func TestSpans(t *testing.T) {
	m := hello()
	p := openParts(t, m, audio.TranscriberOptions{})
	tests := map[string]struct {
		tokens []string
		want   [][4]int
		next   int
	}{
		"nothing":                        {nil, nil, 100},
		"one segment":                    {[]string{"<0.10>", "Hello", "<0.80>"}, [][4]int{{0, 3, 5, 40}}, 100},
		"one without an end":             {[]string{"<0.10>", "Hello"}, [][4]int{{0, 2, 5, 90}}, 100},
		"two, the second complete":       {[]string{"<0.00>", "Hello", "<0.80>", "<0.80>", "!", "<1.00>"}, [][4]int{{0, 3, 0, 40}, {3, 6, 40, 50}}, 100},
		"the second cut off":             {[]string{"<0.00>", "Hello", "<0.80>", "<0.80>", "!"}, [][4]int{{0, 3, 0, 40}}, 40},
		"the begin of another":           {[]string{"<0.00>", "Hello", "<0.80>", "<0.80>"}, [][4]int{{0, 3, 0, 40}}, 40},
		"an end behind that of the clip": {[]string{"<0.00>", "Hello", "<2.00>"}, [][4]int{{0, 3, 0, 90}}, 100},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var tokens []int32
			for _, token := range tt.tokens {
				tokens = append(tokens, int32(m.id(token)))
			}
			got, next := p.Spans(tokens, 90)
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.next, next)
		})
	}
}

// branching has, behind each token, some that may follow with random logits, but only
// few, so that all transcripts can be tried.
func branching(seed uint64) *tinyWhisper {
	m := newTinyWhisper(2, "a", "b", "c")
	m.say("<|transcribe|>", "<0.00>")
	rng := synth.Rand(seed)
	for _, from := range []string{"<0.00>", "a", "b", "c"} {
		for _, to := range []string{"a", "b", "c", "<|endoftext|>"} {
			m.set(m.loud, float32(8+3*rng.NormFloat64()), from, to)
		}
	}
	m.say("<0.02>", "<|endoftext|>")
	return m
}

func TestWideBeamsFindTheMostLikelyText(t *testing.T) {
	sound := tone2().Samples
	better := 0
	for seed := range uint64(4) {
		m := branching(seed)
		m.attention = 0.2
		greedy := openParts(t, m, audio.TranscriberOptions{MaxTokens: 4})
		tokens, score, err := greedy.Decode(sound, 0, 0)
		require.NoError(t, err)
		require.NotEmpty(t, tokens)
		one := openParts(t, m, audio.TranscriberOptions{MaxTokens: 4, Beams: 1, Patience: 2})
		same, _, err := one.Decode(sound, 0, 0)
		require.NoError(t, err)
		require.Equal(t, tokens, same)

		// All transcripts there are fit into 32 hypotheses: none is lost, so the
		// best of those drawn can be no better.
		wide := openParts(t, m, audio.TranscriberOptions{MaxTokens: 4, Beams: 32, Patience: 8, BestOf: 32})
		found, best, err := wide.Decode(sound, 0, 0)
		require.NoError(t, err)
		require.GreaterOrEqual(t, best, score-1e-6)
		if !slices.Equal(found, tokens) {
			better++
		}
		for draw := range uint64(2) {
			_, drawn, err := wide.Decode(sound, 1, draw)
			require.NoError(t, err)
			require.LessOrEqual(t, drawn, best+1e-6)
		}
	}
	require.NotZero(t, better, "the greedy choice is not always the best")
}

func TestDrawing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	logits := []float32{float32(math.Inf(-1)), 1, 2, 0, 2}
	require.EqualValues(t, 2, audio.Pick(logits, 0, nil), "the first of equals")
	for _, temperature := range []float64{0.5, 1, 2} {
		var counts [5]float64
		const n = 20_000
		for range n {
			counts[audio.Pick(logits, temperature, rng)]++
		}
		var sum float64
		for _, v := range logits {
			sum += math.Exp(float64(v) / temperature)
		}
		for i, v := range logits {
			require.InDelta(t, math.Exp(float64(v)/temperature)/sum, counts[i]/n, 0.015)
		}
	}
}

func TestLargestAndLogSumExpAgreeWithTheNaiveOnes(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		x := make([]float32, 1+rng.IntN(20))
		var sum float64
		for i := range x {
			x[i] = float32(rng.IntN(8) - 4)
			sum += math.Exp(float64(x[i]))
		}
		require.InDelta(t, math.Log(sum), audio.LogSumExp(x), 1e-9)
		ids := make([]int32, len(x))
		for i := range ids {
			ids[i] = int32(i)
		}
		slices.SortStableFunc(ids, func(a, b int32) int { return int(x[b] - x[a]) })
		n := 1 + rng.IntN(6)
		require.Equal(t, ids[:min(n, len(ids))], audio.Largest(x, n))
	}
	require.True(t, math.IsInf(audio.LogSumExp(nil), -1))
}

func TestCompressionIsThatOfZlib(t *testing.T) {
	require.Zero(t, audio.Compression(""))
	for _, text := range []string{"a", "Hello world.", strings.Repeat("Thank you. ", 30), synth.Prose(1, 100)} {
		got := audio.Compression(text)
		size := float64(len(text)) / got
		// As many bytes, which give the text again.
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		_, err := io.WriteString(w, text)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		require.InDelta(t, b.Len(), size, 1e-6)
	}
	require.Greater(t, audio.Compression(strings.Repeat("Thank you. ", 30)), 2.4)
	require.Less(t, audio.Compression(synth.Prose(1, 100)), 2.4)
}

func TestRepeated(t *testing.T) {
	ids := func(n int, of ...int32) (out []int32) {
		for i := range n {
			out = append(out, of[i%len(of)])
		}
		return out
	}
	for name, tt := range map[string]struct {
		text []int32
		want int
	}{
		"nothing":                       {nil, 0},
		"a word said a few times":       {ids(12, 7), 0},
		"a word without end":            {ids(32, 7), 31},
		"a phrase without end":          {append([]int32{9, 9}, ids(32, 1, 2, 3, 4, 5, 6, 7, 8)...), 24},
		"a phrase said three times":     {ids(24, 1, 2, 3, 4, 5, 6, 7, 8), 0},
		"a loop that was left":          {append(ids(40, 7), 8), 0},
		"a phrase that is no full loop": {append([]int32{5}, ids(32, 1, 2, 3)...), 0},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, audio.Repeated(tt.text)) })
	}
}

// The encoder gets the log-mel spectrogram by the formula: a power spectrum under a
// Hann window, the filterbank, a logarithm that is cut 8 below its largest value.
func TestFeaturesAreTheFormula(t *testing.T) {
	m := hello()
	p := openParts(t, m, audio.TranscriberOptions{})
	samples := append(synth.Tone(16000, 9000, 700, 0.3), synth.Noise(3, 5000, 0.1)...)
	got := p.Features(samples)
	frames := m.seconds * 100
	require.Len(t, got, tinyMels*frames)
	x := make([]float64, m.seconds*16000)
	for i, v := range samples {
		x[i] = float64(v)
	}
	bank, err := dsp.NewMelBank(dsp.WhisperLogMel(tinyMels))
	require.NoError(t, err)
	want, most := make([]float64, len(got)), math.Inf(-1)
	for _, i := range []int{0, 1, 2, 37, 55, 56, 80, 120, frames - 1} {
		power := naivePower(x, i*160, 400)
		for band := range tinyMels {
			first, weights := bank.Weights(band)
			var sum float64
			for k, w := range weights {
				sum += float64(w) * power[first+k]
			}
			want[band*frames+i] = math.Log10(max(sum, 1e-10))
		}
	}
	for _, v := range got {
		most = max(most, float64(v)*4-4) // the largest value of all, which is exact
	}
	for _, i := range []int{0, 1, 2, 37, 55, 56, 80, 120, frames - 1} {
		for band := range tinyMels {
			at := band*frames + i
			require.InDelta(t, (max(want[at], most-8)+4)/4, float64(got[at]), 2e-4, "frame %d, band %d", i, band)
		}
	}
}

// naivePower is the power spectrum of the frame whose middle is at a sample, by the
// definition; beyond the begin the signal is reflected.
func naivePower(x []float64, middle, n int) []float64 {
	frame := make([]float64, n)
	for i := range frame {
		at := middle - n/2 + i
		if at < 0 {
			at = -at
		}
		if at >= len(x) {
			at = 2*(len(x)-1) - at
		}
		frame[i] = x[at] * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n)))
	}
	out := make([]float64, n/2+1)
	for k := range out {
		var re, im float64
		for i, v := range frame {
			s, c := math.Sincos(2 * math.Pi * float64(k*i%n) / float64(n))
			re, im = re+v*c, im-v*s
		}
		out[k] = re*re + im*im
	}
	return out
}

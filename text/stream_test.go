package text_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/text"
)

func streamed(tb testing.TB, r io.Reader, o text.StreamOptions) (out []text.StreamedSentence) {
	tb.Helper()
	for s, err := range text.StreamSentences(tb.Context(), r, o) {
		require.NoError(tb, err)
		out = append(out, s)
	}
	return out
}

// pieces reads as many bytes at a time as its numbers say.
type pieces struct {
	rest string
	rng  *rand.Rand
	most int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.rest == "" {
		return 0, io.EOF
	}
	n := copy(b, p.rest[:min(len(p.rest), p.rng.IntN(p.most+1))])
	p.rest = p.rest[n:]
	return n, nil
}

func sameAsWhole(t *testing.T, body string, got []text.StreamedSentence) {
	t.Helper()
	want := text.Sentences(body)
	require.Len(t, got, len(want))
	for i, s := range got {
		require.Equal(t, want[i].Span, s.Span)
		require.Equal(t, s.Of(body), s.Text)
		require.False(t, s.Cut)
	}
}

func TestStreamSentencesAreThoseOfTheWhole(t *testing.T) {
	rng := synth.Rand(1)
	prose := synth.Prose(2, 20000)
	bodies := []string{"", " ", "a", "A. ", sample, strings.Repeat(sample, 40), prose, strings.Repeat("Dr. Who? \u2003“No.” 日本。", 900)}
	for _, body := range bodies {
		sameAsWhole(t, body, streamed(t, strings.NewReader(body), text.StreamOptions{}))
		sameAsWhole(t, body, streamed(t, iotest.DataErrReader(strings.NewReader(body)), text.StreamOptions{}))
		for _, most := range []int{1, 7, 5000} {
			sameAsWhole(t, body, streamed(t, &pieces{body, rng, most}, text.StreamOptions{}))
		}
	}
}

// marks are the pieces of which random bodies are made: what the rules look at.
var marks = []string{
	".", "!", "?", "…", "。", ")", "”", "\"", " ", " ", " ", "\n", "\n\n", "\u2003", "\u2029", "a", "The", "Dr", "Mr.", "U.S.",
	"e.g.", "x", "(", "“", "3", "é", "日", "\xe2", "\x80", "\x00", "someverylongword", "J.", ",", ";",
}

func TestStreamSentencesOfRandomMarks(t *testing.T) {
	rng := synth.Rand(3)
	for range 20 {
		var b strings.Builder
		for range 2000 {
			b.WriteString(marks[rng.IntN(len(marks))])
		}
		body := b.String()
		sameAsWhole(t, body, streamed(t, &pieces{body, rng, 1 + rng.IntN(6000)}, text.StreamOptions{}))

		o := text.StreamOptions{MaxSentence: 1 + rng.IntN(80)}
		want := streamed(t, strings.NewReader(body), o)
		require.Equal(t, want, streamed(t, &pieces{body, rng, 1 + rng.IntN(6000)}, o), "cuts do not depend on the reads")
		checkCuts(t, body, want, o.MaxSentence)
	}
}

// checkCuts holds that the sentences are in order, short enough and lose no letter.
func checkCuts(t *testing.T, body string, got []text.StreamedSentence, most int) {
	t.Helper()
	at := 0
	for _, s := range got {
		require.GreaterOrEqual(t, s.Start, at)
		require.Empty(t, strings.TrimSpace(body[at:s.Start]))
		require.Equal(t, s.Of(body), s.Text)
		require.NotEmpty(t, s.Text)
		require.LessOrEqual(t, s.Len(), most)
		at = s.End
	}
	require.Empty(t, strings.TrimSpace(body[at:]))
}

func TestLongSentencesAreCut(t *testing.T) {
	body := strings.Repeat("é", 100) + ". Short."
	got := streamed(t, strings.NewReader(body), text.StreamOptions{MaxSentence: 51})
	require.Len(t, got, 5)
	for i, s := range got[:4] {
		require.True(t, s.Cut)
		require.Equal(t, 50*i, s.Start)
		require.True(t, utf8.ValidString(s.Text))
	}
	require.Equal(t, "Short.", got[4].Text)

	spaces := "One." + strings.Repeat(" ", 1000) + "Two."
	got = streamed(t, strings.NewReader(spaces), text.StreamOptions{MaxSentence: 100})
	require.Equal(t, []text.StreamedSentence{
		{Span: text.Span{Start: 0, End: 4}, Text: "One.", Cut: true}, {Span: text.Span{Start: 1004, End: 1008}, Text: "Two."},
	}, got)
}

// endless repeats a text and counts what was read.
type endless struct {
	text string
	read int
}

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = e.text[(e.read+i)%len(e.text)]
	}
	e.read += len(b)
	return len(b), nil
}

func TestStreamSentencesReadsNoMoreThanItNeeds(t *testing.T) {
	for _, unit := range []string{"A cat sat. ", "a", ". ", "(", "…"} {
		r := &endless{text: unit}
		n := 0
		ctx, cancel := context.WithCancel(t.Context())
		for _, err := range text.StreamSentences(ctx, r, text.StreamOptions{MaxSentence: 1000}) {
			if err != nil {
				require.ErrorIs(t, err, context.Canceled)
				break
			}
			if n++; n == 50 {
				cancel()
			}
			require.Less(t, r.read, 1<<20, "%q", unit)
		}
		cancel()
	}
}

func TestStreamSentencesStops(t *testing.T) {
	r := &endless{text: "A cat sat. "}
	for s, err := range text.StreamSentences(t.Context(), r, text.StreamOptions{}) {
		require.NoError(t, err)
		require.Equal(t, "A cat sat.", s.Text)
		break
	}
	require.LessOrEqual(t, r.read, 1<<13)
}

func TestStreamSentencesErrors(t *testing.T) {
	broken := errors.New("broken")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := map[string]struct {
		ctx  context.Context
		r    io.Reader
		o    text.StreamOptions
		want error
		n    int
	}{
		"of the reader": {t.Context(), io.MultiReader(strings.NewReader(strings.Repeat("A cat sat. ", 9)), iotest.ErrReader(broken)),
			text.StreamOptions{}, broken, 3},
		"an end that is none": {t.Context(), iotest.ErrReader(fmt.Errorf("cut off: %w", io.ErrUnexpectedEOF)), text.StreamOptions{},
			io.ErrUnexpectedEOF, 0},
		"an end in disguise": {t.Context(), iotest.ErrReader(fmt.Errorf("%w and %w", broken, io.EOF)), text.StreamOptions{}, broken, 0},
		"no progress":        {t.Context(), &pieces{"a", synth.Rand(1), 0}, text.StreamOptions{}, io.ErrNoProgress, 0},
		"of the context":     {cancelled, strings.NewReader("A cat."), text.StreamOptions{}, context.Canceled, 0},
		"of the options":     {t.Context(), strings.NewReader("A cat."), text.StreamOptions{MaxSentence: -1}, quintet.ErrOption, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := 0
			var last error
			for s, err := range text.StreamSentences(tt.ctx, tt.r, tt.o) {
				require.NoError(t, last, "nothing behind an error")
				if last = err; err == nil {
					require.Equal(t, "A cat sat.", s.Text)
					n++
				}
			}
			require.ErrorIs(t, last, tt.want)
			require.GreaterOrEqual(t, n, tt.n)
		})
	}
}

// FuzzStreamSentences: the sentences of the whole, whatever the reads.
func FuzzStreamSentences(f *testing.F) {
	f.Add(sample, uint64(1), 9)
	for _, p := range hostile {
		f.Add(strings.Repeat(p, 900), uint64(2), 4000)
	}
	f.Fuzz(func(t *testing.T, body string, seed uint64, most int) {
		if most < 1 {
			most = 1
		}
		r := &pieces{body, synth.Rand(seed), min(most, 1<<16)}
		want := text.Sentences(body)
		i := 0
		for s, err := range text.StreamSentences(t.Context(), r, text.StreamOptions{MaxSentence: len(body) + 1}) {
			if errors.Is(err, io.ErrNoProgress) {
				return // a hundred empty reads in a row
			}
			if err != nil || i == len(want) || s.Span != want[i].Span {
				t.Fatalf("%d: %+v, %v in %v", i, s, err, want)
			}
			i++
		}
		if i != len(want) {
			t.Fatalf("%d of %v", i, want)
		}
	})
}

func BenchmarkStreamSentences(b *testing.B) {
	body := []byte(synth.Prose(1, 40000))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range text.StreamSentences(b.Context(), bytes.NewReader(body), text.StreamOptions{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func ExampleStreamSentences() {
	r := strings.NewReader("Dr. Okafor counts starfish. She began in 2019!")
	for s, err := range text.StreamSentences(context.Background(), r, text.StreamOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(s.Start, s.Text)
	}
	// Output:
	// 0 Dr. Okafor counts starfish.
	// 28 She began in 2019!
}

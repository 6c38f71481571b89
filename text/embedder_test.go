package text_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/golden"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
)

func newEmbedder(tb testing.TB, o text.EmbedderOptions) *text.Embedder {
	tb.Helper()
	e, err := text.NewEmbedder(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { e.Close() })
	return e
}

func TestEmbedderContract(t *testing.T) {
	pipetest.Contract(t, pipetest.Case[string, []float32]{
		Name: "text.Embedder",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[string, []float32] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			return newEmbedder(t, text.EmbedderOptions{Dim: 32, MaxBytes: 64, Runtime: rt})
		},
		Good: []string{"a dog", "two cats", "!", "日本", "\xff"},
		Bad:  []string{"", " \n\u3000", strings.Repeat("long ", 20)},
	})
}

func TestNewEmbedderRejects(t *testing.T) {
	for name, o := range map[string]text.EmbedderOptions{
		"negative Dim": {Dim: -1}, "small Dim": {Dim: 15}, "huge Dim": {Dim: 1 << 17}, "negative MaxBytes": {MaxBytes: -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := text.NewEmbedder(o)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, "text: ")
		})
	}
}

func TestEmbedderSaysWhatIsWrong(t *testing.T) {
	e := newEmbedder(t, text.EmbedderOptions{MaxBytes: 8})
	require.Equal(t, 384, e.Dim())
	_, err := e.Run(t.Context(), " ")
	require.EqualError(t, err, "text.Embedder.Run: text has nothing but white space: invalid input")
	_, err = e.Run(t.Context(), "123456789")
	require.EqualError(t, err, "text.Embedder.Run: text has 9 bytes, limit 8: invalid input")
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func lexical(s string) []float32 { return text.Lexical(s, make([]float32, 384)) }

func TestLexicalNearness(t *testing.T) {
	query := lexical("A man is playing a guitar.")
	tests := map[string]struct {
		near, far string
	}{
		"shared words":      {"A man plays the guitar", "A woman is slicing onions"},
		"rare words weigh":  {"guitar", "a man is"},
		"spelling mistakes": {"A man is playing a giutar", "A man is playing a trumpet"},
		"case and marks":    {"a MAN, is playing: a GUITAR", "A man is playing"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Greater(t, dot(query, lexical(tt.near)), dot(query, lexical(tt.far)))
		})
	}
	require.InDelta(t, 1, dot(query, lexical("a man is playing a guitar")), 1e-6, "case and marks are ignored")
	require.Greater(t, dot(lexical("東京都庁"), lexical("東京駅")), dot(lexical("東京都庁"), lexical("京東")))
}

func TestLexicalDegenerate(t *testing.T) {
	require.Equal(t, make([]float32, 16), text.Lexical(" ", make([]float32, 16)))
	require.Empty(t, text.Lexical("a dog", nil))
	dirty := text.Lexical("a dog", make([]float32, 16))
	require.Equal(t, dirty, text.Lexical("a dog", text.Lexical("two cats", make([]float32, 16))), "dst is overwritten")
	require.NotEqual(t, lexical("!"), lexical("?"), "marks count if there is nothing else")
}

// TestLexicalGolden keeps vectors that users have stored comparable: a change
// here is a change of the embedding. Thousandths, so that the last bits of a
// logarithm do not matter.
func TestLexicalGolden(t *testing.T) {
	got := map[string][]int{}
	for _, s := range []string{"A man is playing a guitar.", "état d'esprit 2024", "東京駅 🙂", "..."} {
		for _, x := range text.Lexical(s, make([]float32, 24)) {
			got[s] = append(got[s], int(math.Round(1000*float64(x))))
		}
	}
	golden.JSON(t, "lexical", got)
}

// FuzzLexical: a unit vector for any text with a token, zeros for others.
func FuzzLexical(f *testing.F) {
	f.Add(sample, 384)
	f.Add("a\xff\u0301 日本 ...", 1)
	f.Fuzz(func(t *testing.T, s string, dim int) {
		v := text.Lexical(s, make([]float32, 1+max(dim, -dim)%500))
		norm, want := dot(v, v), 1.0
		if len(text.Tokens(s)) == 0 {
			want = 0
		}
		if !(math.Abs(norm-want) < 1e-4) {
			t.Fatalf("norm %v of %q, want %v", norm, s, want)
		}
	})
}

func BenchmarkEmbedder(b *testing.B) {
	e := newEmbedder(b, text.EmbedderOptions{})
	for name, s := range map[string]string{"50B": "A man with a hard hat is dancing on the roof again", "600B": sample} {
		b.Run("text="+name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Run(b.Context(), s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

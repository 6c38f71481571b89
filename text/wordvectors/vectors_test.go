package wordvectors_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/text/wordvectors"
)

func newVectors(tb testing.TB, o wordvectors.Options) *wordvectors.Vectors {
	tb.Helper()
	v, err := wordvectors.New(o)
	require.NoError(tb, err)
	return v
}

func TestOptions(t *testing.T) {
	_, err := wordvectors.New(wordvectors.Options{Words: -1})
	require.ErrorIs(t, err, quintet.ErrOption)

	_, ok := newVectors(t, wordvectors.Options{Words: 100}).Word("zeppelin")
	require.False(t, ok, "not among the first")
	_, ok = newVectors(t, wordvectors.Options{Words: math.MaxInt}).Word("zeppelin")
	require.True(t, ok)
}

func TestEmbedTellsTopicsApart(t *testing.T) {
	v := newVectors(t, wordvectors.Options{})
	tests := map[string][3]string{
		"finance, not sport": {"Shares fell on Wall Street.", "The stock market closed lower.", "The striker scored twice."},
		"cats, not law":      {"The kitten purred.", "A cat slept.", "The judge dismissed the lawsuit."},
		"weather, not food":  {"Rain and storms tomorrow.", "Heavy snow is forecast.", "Bake the bread with butter."},
	}
	for name, s := range tests {
		t.Run(name, func(t *testing.T) {
			require.Greater(t, v.Similarity(s[0], s[1]), v.Similarity(s[0], s[2])+0.2)
		})
	}
}

func TestEmbed(t *testing.T) {
	v := newVectors(t, wordvectors.Options{})
	zero := make([]float32, wordvectors.Dim)
	tests := map[string]struct{ a, b string }{
		"case":                   {"The Car", "the car"},
		"the curly apostrophe":   {"John’s car", "John's car"},
		"a genitive":             {"john's car", "john car"},
		"a contraction":          {"they don't know", "they do know"},
		"marks":                  {"the car!", "(the) car"},
		"words that are unknown": {"the xqzzt car", "the car"},
		"numbers":                {"the car 3.14", "the car"},
	}
	for name, tt := range tests {
		t.Run("ignores "+name, func(t *testing.T) {
			require.Equal(t, v.Embed(tt.b, nil), v.Embed(tt.a, nil))
		})
	}
	for _, body := range []string{"", "...", "xqzzt", "\xff\x00"} {
		require.Equal(t, zero, v.Embed(body, nil), "%q", body)
		require.Zero(t, v.Similarity(body, "the car"))
	}
	dst := make([]float32, 3, 2*wordvectors.Dim)
	require.Same(t, &dst[0], &v.Embed("car", dst)[0], "dst has room")
	require.Len(t, v.Embed("car", make([]float32, 7)), wordvectors.Dim)
}

func TestKeepCommonMakesAllTextsAlike(t *testing.T) {
	with, without := newVectors(t, wordvectors.Options{KeepCommon: true}), newVectors(t, wordvectors.Options{})
	a, b := "It was on the table.", "They have been to the house."
	require.Greater(t, with.Similarity(a, b), without.Similarity(a, b))
}

func TestBlend(t *testing.T) {
	v := newVectors(t, wordvectors.Options{})
	got := v.Blend("xqzzt", nil)
	require.Equal(t, text.Lexical("xqzzt", make([]float32, 384)), got[:384], "no known word")
	require.Equal(t, make([]float32, wordvectors.BlendDim), v.Blend("", nil))
	require.InDelta(t, 1, text.Cosine(v.Blend("the car", nil), v.Blend("The car", nil)), 1e-6)
}

func TestWordAndNearest(t *testing.T) {
	v := newVectors(t, wordvectors.Options{})
	king, ok := v.Word("King")
	require.True(t, ok)
	require.Len(t, king, wordvectors.Dim)
	_, ok = v.Word("xqzzt")
	require.False(t, ok)

	near := v.Nearest("ship", 3)
	require.Len(t, near, 3)
	require.Equal(t, "vessel", near[0].Word)
	ship, _ := v.Word("ship")
	vessel, _ := v.Word("vessel")
	require.InDelta(t, text.Cosine(ship, vessel), near[0].Score, 1e-5)
	require.Nil(t, v.Nearest("xqzzt", 3))
	require.Nil(t, v.Nearest("ship", 0))
	require.Len(t, newVectors(t, wordvectors.Options{Words: 10}).Nearest("the", 50), 9)
}

func TestEmbedAllocatesTheTokensOnly(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector growing a slice costs an allocation more")
	}
	v := newVectors(t, wordvectors.Options{})
	dst := make([]float32, wordvectors.Dim)
	require.LessOrEqual(t, testing.AllocsPerRun(10, func() { v.Embed("The quick brown fox", dst) }), 1.0)
}

func FuzzEmbed(f *testing.F) {
	f.Add("The car's engine won't start.")
	f.Add("\xff ’ n't ' 東京")
	v := newVectors(f, wordvectors.Options{})
	f.Fuzz(func(t *testing.T, body string) {
		for _, vector := range [][]float32{v.Embed(body, nil), v.Blend(body, nil)} {
			square := 0.0
			for _, x := range vector {
				square += float64(x) * float64(x)
			}
			if square != 0 && math.Abs(square-1) > 1e-4 {
				t.Fatalf("squared length %v", square)
			}
		}
		if s := v.Similarity(body, "the car"); !(s >= -1 && s <= 1) {
			t.Fatalf("similarity %v", s)
		}
	})
}

func BenchmarkEmbed(b *testing.B) {
	v := newVectors(b, wordvectors.Options{})
	body := strings.Repeat("The committee said that a new ship would leave the harbour. ", 10)
	dst, lexical := make([]float32, wordvectors.Dim), make([]float32, 384)
	b.Run("way=words", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			v.Embed(body, dst)
		}
	})
	b.Run("way=lexical", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			text.Lexical(body, lexical)
		}
	})
	b.Run("way=nearest", func(b *testing.B) {
		for b.Loop() {
			v.Nearest("ship", 10)
		}
	})
}

func ExampleVectors_Similarity() {
	v, err := wordvectors.New(wordvectors.Options{})
	if err != nil {
		panic(err)
	}
	cat := "The cat sat on the mat."
	fmt.Println(v.Similarity(cat, "A kitten rests on the rug.") > v.Similarity(cat, "Parliament passed the budget."))
	// Output: true
}

func ExampleVectors_Nearest() {
	v, err := wordvectors.New(wordvectors.Options{})
	if err != nil {
		panic(err)
	}
	for _, near := range v.Nearest("ship", 3) {
		fmt.Println(near.Word)
	}
	// Output:
	// vessel
	// ships
	// boat
}

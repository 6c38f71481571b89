package text_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
)

func TestCosine(t *testing.T) {
	inf := float32(math.Inf(1))
	tests := map[string]struct {
		a, b []float32
		want float64
	}{
		"same direction":              {[]float32{1, 2}, []float32{2, 4}, 1},
		"opposite":                    {[]float32{1, 2}, []float32{-1, -2}, -1},
		"right angle":                 {[]float32{1, 0}, []float32{0, 3}, 0},
		"a shorter vector has zeros":  {[]float32{3}, []float32{3, 4}, 0.6},
		"the order does not matter":   {[]float32{3, 4}, []float32{3}, 0.6},
		"zeros":                       {[]float32{0, 0}, []float32{1, 2}, 0},
		"empty":                       {nil, nil, 0},
		"large numbers":               {[]float32{1e30, 1e30}, []float32{1e30, 1e30}, 1},
		"an infinity is not a number": {[]float32{inf}, []float32{1}, math.NaN()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := text.Cosine(tt.a, tt.b)
			if math.IsNaN(tt.want) {
				require.True(t, math.IsNaN(got))
				return
			}
			require.InDelta(t, tt.want, got, 1e-12)
		})
	}
}

func TestJaccard(t *testing.T) {
	tests := map[string]struct {
		a, b string
		want float64
	}{
		"equal":                        {"one two", "one two", 1},
		"half":                         {"one two three", "two three four", 0.5},
		"order and number do not tell": {"a b b", "b a", 1},
		"case and marks do not tell":   {"Hello, World!", "hello world", 1},
		"nothing shared":               {"one", "two", 0},
		"one without words":            {"one", "...", 0},
		"both without words":           {"", "!?", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.InDelta(t, tt.want, text.Jaccard(tt.a, tt.b), 1e-12)
			require.InDelta(t, tt.want, text.Jaccard(tt.b, tt.a), 1e-12)
		})
	}
}

func TestEditDistances(t *testing.T) {
	long := strings.Repeat("c", 62)
	tests := map[string]struct {
		a, b             string
		levenshtein, osa int
	}{
		"equal":                      {"same", "same", 0, 0},
		"both empty":                 {"", "", 0, 0},
		"one empty":                  {"", "abc", 3, 3},
		"replaced and added":         {"kitten", "sitting", 3, 3},
		"neighbours swapped":         {"form", "from", 2, 1},
		"no part is changed twice":   {"ca", "abc", 3, 3},
		"runes, not bytes":           {"naïve", "naive", 1, 1},
		"outside the first plane":    {"a😀b", "a😃b", 1, 1},
		"wide runes swapped":         {"東京都", "京東都", 2, 1},
		"bytes that are not UTF-8":   {"a\xffb\xfe", "a\xfeb\xff", 0, 0},
		"one byte for one character": {"caf\xe9", "café", 1, 1},
		"combining marks are runes":  {"e\u0301", "é", 2, 2},
		"swapped letters 64 and 65":  {"q" + long + "abz", "r" + long + "baw", 4, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.levenshtein, text.Levenshtein(tt.a, tt.b))
			require.Equal(t, tt.levenshtein, text.Levenshtein(tt.b, tt.a))
			require.Equal(t, tt.osa, text.OSA(tt.a, tt.b))
			require.Equal(t, tt.osa, text.OSA(tt.b, tt.a))
		})
	}
}

// naiveDistance fills the whole matrix.
func naiveDistance(a, b []rune, swaps bool) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if swaps && i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestEditDistancesAgreeWithTheWholeMatrix(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	letters := []rune("abcdé東😀")
	random := func(n int) string {
		s := make([]rune, rng.IntN(n+1))
		for i := range s {
			s[i] = letters[rng.IntN(2+rng.IntN(len(letters)-1))]
		}
		return string(s)
	}
	for _, n := range []int{4, 12, 63, 66, 130, 300} {
		for range 3000 / n {
			a, b := random(n), random(n)
			if rng.IntN(2) == 0 && a != "" { // a near miss
				r := []rune(a)
				i := rng.IntN(len(r))
				b = string(r[i:]) + string(r[:i])
			}
			require.Equal(t, naiveDistance([]rune(a), []rune(b), false), text.Levenshtein(a, b), "%q %q", a, b)
			require.Equal(t, naiveDistance([]rune(a), []rune(b), true), text.OSA(a, b), "%q %q", a, b)
		}
	}
}

func TestEditDistancesOfWordsDoNotAllocate(t *testing.T) {
	require.Zero(t, testing.AllocsPerRun(10, func() {
		text.Levenshtein("straße", "strasse")
		text.OSA("receive", "recieve")
		text.JaroWinkler("receive", "recieve")
	}))
}

func TestJaroWinkler(t *testing.T) {
	tests := map[string]struct {
		a, b string
		want float64
	}{
		"swapped":                      {"MARTHA", "MARHTA", 0.9611},
		"longer":                       {"DIXON", "DICKSONX", 0.8133},
		"dropped":                      {"DWAYNE", "DUANE", 0.84},
		"equal":                        {"ada", "ada", 1},
		"nothing in common":            {"abc", "xyz", 0},
		"both empty":                   {"", "", 1},
		"one empty":                    {"", "a", 0},
		"runes, not bytes":             {"é", "è", 0},
		"a low score has no bonus":     {"abcdxxxxxx", "abyyyyyyyy", 0.4667},
		"single letters do not reach":  {"ab", "ba", 0},
		"longer than what is on stack": {strings.Repeat("a", 100), strings.Repeat("a", 100), 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.InDelta(t, tt.want, text.JaroWinkler(tt.a, tt.b), 5e-5)
			require.InDelta(t, tt.want, text.JaroWinkler(tt.b, tt.a), 5e-5)
		})
	}
}

func FuzzEditDistances(f *testing.F) {
	f.Add("kitten", "sitting")
	f.Add("a\xffé", strings.Repeat("東京", 40))
	f.Add(strings.Repeat("ab", 70), strings.Repeat("ba", 70))
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := []rune(a), []rune(b)
		if len(x)*len(y) > 1<<20 {
			return
		}
		if got, want := text.Levenshtein(a, b), naiveDistance(x, y, false); got != want {
			t.Fatalf("Levenshtein is %d, want %d", got, want)
		}
		if got, want := text.OSA(a, b), naiveDistance(x, y, true); got != want {
			t.Fatalf("OSA is %d, want %d", got, want)
		}
		same := string(x) == string(y)
		if got := text.JaroWinkler(a, b); !(got >= 0 && got <= 1) || same != (got == 1) {
			t.Fatalf("JaroWinkler is %v", got)
		}
		if got := text.Jaccard(a, b); !(got >= 0 && got <= 1) || got != text.Jaccard(b, a) {
			t.Fatalf("Jaccard is %v", got)
		}
	})
}

func BenchmarkLevenshtein(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{8, 64, 1000} {
		x, y := make([]rune, n), make([]rune, n)
		for i := range x {
			x[i], y[i] = 'a'+rng.Int32N(20), 'a'+rng.Int32N(20)
		}
		s, t := string(x), string(y)
		b.Run(fmt.Sprintf("n=%d/way=bits", n), func(b *testing.B) {
			for b.Loop() {
				text.Levenshtein(s, t)
			}
		})
		b.Run(fmt.Sprintf("n=%d/way=matrix", n), func(b *testing.B) {
			for b.Loop() {
				naiveDistance(x, y, false)
			}
		})
	}
}

func ExampleLevenshtein() {
	fmt.Println(text.Levenshtein("kitten", "sitting"), text.Levenshtein("form", "from"), text.OSA("form", "from"))
	// Output: 3 2 1
}

func ExampleJaccard() {
	fmt.Println(text.Jaccard("The cat sat.", "the dog sat"))
	// Output: 0.5
}

func ExampleJaroWinkler() {
	fmt.Printf("%.2f\n", text.JaroWinkler("Katherine", "Catherine"))
	// Output: 0.93
}

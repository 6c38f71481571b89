package tokenize_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/quintet-ai/quintet/internal/tokenize"
)

// merged is the definition of byte-pair encoding: merge the leftmost pair of
// the lowest rank until none is left.
func merged(merges [][3]int32, ids []int32) []int32 {
	rank := map[[2]int32]int{}
	for i, m := range merges {
		rank[[2]int32{m[0], m[1]}] = i
	}
	for {
		at, low := -1, len(merges)
		for i := range len(ids) - 1 {
			if r, ok := rank[[2]int32{ids[i], ids[i+1]}]; ok && r < low {
				at, low = i, r
			}
		}
		if at < 0 {
			return ids
		}
		ids = append(append(append([]int32{}, ids[:at]...), merges[low][2]), ids[at+2:]...)
	}
}

// A merge of two strings makes their concatenation; that two different merges
// make the same string is common in published models.
func TestBothWaysOfMergingFollowTheDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		alphabet := 1 + rng.IntN(4)
		tokens, ids := []string{}, map[string]int32{}
		add := func(s string) int32 {
			if _, ok := ids[s]; !ok {
				ids[s] = int32(len(tokens))
				tokens = append(tokens, s)
			}
			return ids[s]
		}
		for i := range alphabet {
			add(string(rune('a' + i)))
		}
		var merges [][3]int32
		for range rng.IntN(20) {
			a, b := int32(rng.IntN(len(tokens))), int32(rng.IntN(len(tokens)))
			if len(tokens[a])+len(tokens[b]) < 12 {
				merges = append(merges, [3]int32{a, b, add(tokens[a] + tokens[b])})
			}
		}
		word := make([]int32, 2+rng.IntN(40))
		for i := range word {
			word[i] = int32(rng.IntN(alphabet))
		}
		want := merged(merges, word)
		short, long := tokenize.Merged(merges, word)
		require.Equal(t, want, short, "%v of %v", word, merges)
		require.Equal(t, want, long, "%v of %v", word, merges)
	}
}

func TestTrieFindsTheLongestKey(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "abcdefgh"[rng.IntN(1+rng.IntN(8))]
		}
		return string(b)
	}
	for range 500 {
		keys := make([]string, rng.IntN(30))
		for i := range keys {
			keys[i] = random(1 + rng.IntN(5))
		}
		s := random(8)
		want, length := -1, 0
		for i, k := range keys {
			if strings.HasPrefix(s, k) && len(k) >= length { // of equal keys the last
				want, length = i, len(k)
			}
		}
		i, n := tokenize.LongestKey(keys, s)
		require.Equal(t, [2]int{want, length}, [2]int{i, n}, "%q in %q", s, keys)
	}
}

// naive returns the matches of an expression by package regexp, which knows
// neither \s beyond ASCII nor looking ahead: a run of spaces before another
// character gives its last one back.
func naive(expr string) func(s string) []string {
	const spaceSet = `\t-\r \x{85}\p{Z}`
	expr = strings.ReplaceAll(expr, `\s+(?!\S)|\s+`, `(\s+)`)
	expr = strings.ReplaceAll(expr, `[^\s`, `[^`+spaceSet)
	re := regexp.MustCompile(strings.ReplaceAll(expr, `\s`, `[`+spaceSet+`]`))
	return func(s string) (all []string) {
		for at := 0; at < len(s); {
			m := re.FindStringSubmatchIndex(s[at:])
			if m == nil {
				break
			}
			i, j := at+m[0], at+m[1]
			if len(m) > 2 && m[2] >= 0 && j < len(s) {
				if _, n := utf8.DecodeLastRuneInString(s[i:j]); i+n < j {
					j -= n
				}
			}
			all, at = append(all, s[i:j]), j
		}
		return all
	}
}

func TestScannersMatchAsTheirExpressions(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	marks := []rune("aAbB'stdmlrevSTL  \n\r\t/.!-_1२٣²中かʰ\u0301\u0323ǅſ\u00a0\u2028🙂é")
	for _, expr := range tokenize.Expressions() {
		want := naive(expr)
		for range 400 {
			var s strings.Builder
			for range 1 + rng.IntN(14) {
				s.WriteRune(marks[rng.IntN(len(marks))])
			}
			got, err := tokenize.Matches(expr, s.String())
			require.NoError(t, err)
			require.Equal(t, want(s.String()), got, "%q by %s", s.String(), expr)
		}
	}
}

func TestPatterns(t *testing.T) {
	tests := map[string]struct {
		expr, s string
		want    []string
	}{
		"spaces":                    {`\s+`, "a \t b\u2003", []string{" \t ", "\u2003"}},
		"two blanks or more":        {` {2,}`, "a b  c   d", []string{"  ", "   "}},
		"up to three digits":        {`\p{N}{1,3}`, "12345 6", []string{"123", "45", "6"}},
		"exactly three":             {`[0-9][0-9][0-9]`, "12345678", []string{"123", "456"}},
		"first alternative wins":    {`ab|abc|c`, "abc", []string{"ab", "c"}},
		"range of ideographs":       {`[一-龥]+`, "a中文b", []string{"中文"}},
		"not in a set":              {`[^\s\w]+`, "a+- b", []string{"+-"}},
		"escapes":                   {`\.\-\n|\\`, ".-\n\\", []string{".-\n", `\`}},
		"optional space":            {`\s?\p{L}+`, " ab cd1", []string{" ab", " cd"}},
		"upper escape is not":       {`\S+`, " ab c", []string{"ab", "c"}},
		"not a property":            {`\P{L}`, "a1", []string{"1"}},
		"line ends as they stand":   {"[\r\n]", "a\r\n", []string{"\r", "\n"}},
		"closing bracket by escape": {`[\]a]+`, "b]a", []string{"]a"}},
		"minus at the end":          {`[a-]+`, "b-a", []string{"-a"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tokenize.Matches(tt.expr, tt.s)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestNormalFormsAreThoseOfPackageNorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	pools := [][2]rune{{0x41, 0x7a}, {0xc0, 0x24f}, {0x300, 0x36f}, {0x591, 0x5c7}, {0x900, 0xdff}, {0x1100, 0x11ff}, {0x1e00, 0x1fff},
		{0x2100, 0x22ff}, {0x3040, 0x30ff}, {0xac00, 0xad00}, {0xf900, 0xffef}, {0x1d15e, 0x1d1c0}, {0x2f800, 0x2fa1d}}
	for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
		for range 1500 {
			var s []rune
			for range 1 + rng.IntN(12) {
				p := pools[rng.IntN(len(pools))]
				if r := p[0] + rune(rng.IntN(int(p[1]-p[0]+1))); !tokenize.Newer(r) {
					s = append(s, r)
				}
			}
			require.Equal(t, form.String(string(s)), tokenize.NormalForm(form, string(s)), "%U", s)
		}
	}
	require.Equal(t, "a\u08ca\u0323", tokenize.NormalForm(norm.NFD, "a\u08ca\u0323"), "a mark of Unicode 14 blocks")
	require.Equal(t, strings.Repeat("\u0301", 100), tokenize.NormalForm(norm.NFC, strings.Repeat("\u0301", 100)))
}

func TestScoresAreReadAsTheReferenceLibraryReadsThem(t *testing.T) {
	tests := map[string]struct {
		s    string
		want float64
	}{
		"integer":                      {"-3", -3},
		"fraction":                     {"-3.5", -3.5},
		"exponent":                     {"1.5e+3", 1500},
		"nearest but one":              {"-14.629364013671875", -14.629364013671877},
		"digits beyond 64 bits go":     {"123456789012345678901234567890", 1.2345678901234568e+29},
		"and so do those of fractions": {"0.000000000000000000000000000012345678901234567890", 1.2345678901234567e-29},
		"too small":                    {"1e-400", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, tokenize.Score(tt.s)) })
	}
}

func TestBrokenCharactersAreReplacedOncePerBeginning(t *testing.T) {
	tests := map[string]struct{ b, want string }{
		"valid":                      {"aé中🙂", "aé中🙂"},
		"stray continuation":         {"a\x80\x81b", "a\ufffd\ufffdb"},
		"cut at the end":             {"a\xe4\xb8", "a\ufffd"},
		"cut before a letter":        {"\xf0\x9f\x99a", "\ufffda"},
		"two beginnings":             {"\xe4\xe4\xb8", "\ufffd\ufffd"},
		"surrogate":                  {"\xed\xa0\x80", "\ufffd\ufffd\ufffd"},
		"too long form":              {"\xc0\xaf", "\ufffd\ufffd"},
		"four bytes, third is wrong": {"\xf0\x9f\x41", "\ufffdA"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, tokenize.ToValid([]byte(tt.b))) })
	}
}

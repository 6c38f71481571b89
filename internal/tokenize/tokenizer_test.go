package tokenize_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
)

func TestEncodingOfOneText(t *testing.T) {
	tk := load(t, "bert", tokenize.Options{})
	const s = "Héllo, WORLD é"
	e := tk.Encode(tokenize.Encoding{}, s)
	var tokens, parts []string
	for i, id := range e.IDs {
		token, ok := tk.Token(id)
		require.True(t, ok)
		back, ok := tk.ID(token)
		require.True(t, ok)
		require.Equal(t, id, back)
		tokens = append(tokens, token)
		parts = append(parts, s[e.Offsets[i].Start:e.Offsets[i].End])
	}
	require.Equal(t, []string{"[CLS]", "hello", ",", "world", "e", "[SEP]"}, tokens)
	require.Equal(t, []string{"", "Héllo", ",", "WORLD", "é", ""}, parts)
	require.Equal(t, []int32{-1, 0, 1, 2, 3, -1}, e.WordIDs)
	require.Equal(t, []int32{-1, 0, 0, 0, 0, -1}, e.SequenceIDs)
	require.Equal(t, []int32{1, 0, 0, 0, 0, 1}, e.SpecialMask)
	require.Equal(t, []int32{1, 1, 1, 1, 1, 1}, e.AttentionMask)
	require.Equal(t, "hello, world e", tk.Decode(e.IDs, true))
	require.False(t, e.Truncated)
}

func TestEncodingOfAPair(t *testing.T) {
	tk := load(t, "bert", tokenize.Options{})
	e := tk.EncodePair(tokenize.Encoding{}, "hello", "world world")
	require.Equal(t, "[CLS] hello [SEP] world world [SEP]", tk.Decode(e.IDs, false))
	require.Equal(t, []int32{0, 0, 0, 1, 1, 1}, e.TypeIDs)
	require.Equal(t, []int32{-1, 0, -1, 1, 1, -1}, e.SequenceIDs)
	require.Equal(t, []tokenize.Span{{}, {Start: 0, End: 5}, {}, {Start: 0, End: 5}, {Start: 6, End: 11}, {}}, e.Offsets)
}

func TestBytesThatAreNotUTF8AreReadAsReplacementCharacters(t *testing.T) {
	for _, name := range []string{"gpt2", "llama2", "xlmr", "bertodd"} {
		tk := load(t, name, tokenize.Options{})
		broken, whole := "a\xff b\xe4\xb8c\xf0\x9f", "a\ufffd b\ufffd\ufffdc\ufffd\ufffd"
		got, want := tk.Encode(tokenize.Encoding{}, broken), tk.Encode(tokenize.Encoding{}, whole)
		require.Equal(t, want.IDs, got.IDs, name)
		require.Equal(t, want.WordIDs, got.WordIDs, name)
		last := got.Offsets[len(got.Offsets)-1]
		require.LessOrEqual(t, last.End, len(broken), name)
	}
	tk := load(t, "gpt2", tokenize.Options{})
	require.Equal(t, tokenize.Span{Start: 1, End: 2}, tk.Encode(tokenize.Encoding{}, "a\xff b").Offsets[1])
}

func TestTruncation(t *testing.T) {
	one := "a b c d e"
	tests := map[string]struct {
		o          tokenize.Truncation
		a, b, want string
		cut        bool
	}{
		"long enough":                      {tokenize.Truncation{MaxTokens: 7}, one, "", "[CLS] a b c d e [SEP]", false},
		"from the right":                   {tokenize.Truncation{MaxTokens: 4}, one, "", "[CLS] a b [SEP]", true},
		"from the left":                    {tokenize.Truncation{MaxTokens: 4, Side: tokenize.Left}, one, "", "[CLS] d e [SEP]", true},
		"a single text by OnlySecond":      {tokenize.Truncation{MaxTokens: 4, Strategy: tokenize.OnlySecond}, one, "", "[CLS] a b [SEP]", true},
		"the longer of two":                {tokenize.Truncation{MaxTokens: 8}, one, "x y", "[CLS] a b c [SEP] x y [SEP]", true},
		"both, the rest to the longer":     {tokenize.Truncation{MaxTokens: 8}, one, one + " x", "[CLS] a b [SEP] a b c [SEP]", true},
		"both, the first longer":           {tokenize.Truncation{MaxTokens: 8}, one + " x", one, "[CLS] a b c [SEP] a b [SEP]", true},
		"only the first":                   {tokenize.Truncation{MaxTokens: 7, Strategy: tokenize.OnlyFirst}, one, "x y", "[CLS] a b [SEP] x y [SEP]", true},
		"only the second":                  {tokenize.Truncation{MaxTokens: 9, Strategy: tokenize.OnlySecond}, one, "x y", "[CLS] a b c d e [SEP] x [SEP]", true},
		"the second cannot give enough":    {tokenize.Truncation{MaxTokens: 6, Strategy: tokenize.OnlySecond}, one, "x", "[CLS] a b c [SEP] [SEP]", true},
		"the first cannot give enough":     {tokenize.Truncation{MaxTokens: 6, Strategy: tokenize.OnlyFirst}, "x", one, "[CLS] [SEP] a b c [SEP]", true},
		"no room for a pair":               {tokenize.Truncation{MaxTokens: 3}, one, one, "[CLS] [SEP] [SEP]", true},
		"pair from the left":               {tokenize.Truncation{MaxTokens: 7, Side: tokenize.Left}, one, one, "[CLS] d e [SEP] d e [SEP]", true},
		"the left of an empty second text": {tokenize.Truncation{MaxTokens: 4, Side: tokenize.Left}, "b", " ", "[CLS] b [SEP] [SEP]", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tk := load(t, "bertcased", tokenize.Options{Truncation: tt.o})
			var e tokenize.Encoding
			if tt.b == "" {
				e = tk.Encode(e, tt.a)
			} else {
				e = tk.EncodePair(e, tt.a, tt.b)
			}
			require.Equal(t, tt.want, tk.Decode(e.IDs, false))
			require.Equal(t, tt.cut, e.Truncated)
			require.Equal(t, tt.o, tk.Truncation())
		})
	}
}

func TestPadding(t *testing.T) {
	tests := map[string]struct {
		o    tokenize.Options
		want string
		mask []int32
	}{
		"none":             {tokenize.Options{}, "[CLS] a b [SEP]", []int32{1, 1, 1, 1}},
		"to a length":      {tokenize.Options{Padding: tokenize.Padding{Length: 6}}, "[CLS] a b [SEP] [PAD] [PAD]", []int32{1, 1, 1, 1, 0, 0}},
		"on the left":      {tokenize.Options{Padding: tokenize.Padding{Length: 6, Side: tokenize.Left}}, "[PAD] [PAD] [CLS] a b [SEP]", []int32{0, 0, 1, 1, 1, 1}},
		"to a multiple":    {tokenize.Options{Padding: tokenize.Padding{MultipleOf: 5}}, "[CLS] a b [SEP] [PAD]", []int32{1, 1, 1, 1, 0}},
		"is one already":   {tokenize.Options{Padding: tokenize.Padding{MultipleOf: 4}}, "[CLS] a b [SEP]", []int32{1, 1, 1, 1}},
		"other token":      {tokenize.Options{Padding: tokenize.Padding{Length: 5, ID: 1}}, "[CLS] a b [SEP] [UNK]", []int32{1, 1, 1, 1, 0}},
		"without specials": {tokenize.Options{NoSpecialTokens: true, Padding: tokenize.Padding{Length: 3}}, "a b [PAD]", []int32{1, 1, 0}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tk := load(t, "bertcased", tt.o)
			e := tk.Encode(tokenize.Encoding{}, "a b")
			require.Equal(t, tt.want, tk.Decode(e.IDs, false))
			require.Equal(t, tt.mask, e.AttentionMask)
			require.Len(t, e.Offsets, e.Len())
			require.Len(t, e.WordIDs, e.Len())
			require.Len(t, e.SequenceIDs, e.Len())
		})
	}
	tk := load(t, "bertcased", tokenize.Options{Padding: tokenize.Padding{MultipleOf: 1, Side: tokenize.Left, TypeID: 3}})
	e := tk.Pad(tk.Encode(tokenize.Encoding{}, "a b"), 6)
	require.Equal(t, []int32{3, 3, 0, 0, 0, 0}, e.TypeIDs)
	require.Equal(t, tokenize.Span{Start: 2, End: 3}, e.Offsets[4])
	require.Equal(t, e, tk.Pad(e, 2))
}

func TestOptionsOverrideTheFile(t *testing.T) {
	file := []byte(strings.Replace(small, `"truncation":null,"padding":null`,
		`"truncation":{"direction":"Left","max_length":4,"strategy":"OnlyFirst","stride":1},`+
			`"padding":{"strategy":{"Fixed":6},"direction":"Left","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"[UNK]"}`, 1))
	tests := map[string]struct {
		o    tokenize.Options
		want string
	}{
		"the file":          {tokenize.Options{}, "[UNK] [UNK] b a b a"},
		"other length":      {tokenize.Options{Truncation: tokenize.Truncation{MaxTokens: 2}}, "[UNK] [UNK] [UNK] [UNK] a b"},
		"no truncation":     {tokenize.Options{NoTruncation: true}, "[UNK] a b a b a"},
		"no padding":        {tokenize.Options{NoPadding: true}, "b a b a"},
		"neither":           {tokenize.Options{NoPadding: true, NoTruncation: true}, "a b a b a"},
		"other padding":     {tokenize.Options{Padding: tokenize.Padding{MultipleOf: 3, ID: 1}}, "b a b a a a"},
		"padding is longer": {tokenize.Options{Padding: tokenize.Padding{Length: 5, ID: 2}}, "b a b a b"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tk, err := tokenize.Load(file, tt.o)
			require.NoError(t, err)
			require.Equal(t, tt.want, tk.Decode(tk.Encode(tokenize.Encoding{}, "a b a b a").IDs, false))
		})
	}
}

func TestOptionsThatCannotBeMeant(t *testing.T) {
	tests := map[string]tokenize.Options{
		"negative length":       {Truncation: tokenize.Truncation{MaxTokens: -1}},
		"no room for specials":  {Truncation: tokenize.Truncation{MaxTokens: 2}},
		"unknown strategy":      {Truncation: tokenize.Truncation{MaxTokens: 8, Strategy: 9}},
		"unknown side":          {Truncation: tokenize.Truncation{MaxTokens: 8, Side: 2}},
		"truncation and none":   {Truncation: tokenize.Truncation{MaxTokens: 8}, NoTruncation: true},
		"padding and none":      {Padding: tokenize.Padding{Length: 8}, NoPadding: true},
		"negative padding":      {Padding: tokenize.Padding{Length: -8}},
		"negative multiple":     {Padding: tokenize.Padding{MultipleOf: -8}},
		"negative padding id":   {Padding: tokenize.Padding{Length: 8, ID: -1}},
		"unknown padding side":  {Padding: tokenize.Padding{Length: 8, Side: 7}},
		"padding beyond reason": {Padding: tokenize.Padding{Length: 1 << 30}},
	}
	file := build(t, variants(t)["bert"])
	tk, err := tokenize.Load(file, tokenize.Options{})
	require.NoError(t, err)
	for name, o := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := tokenize.Load(file, o)
			require.ErrorIs(t, err, quintet.ErrOption)
			_, err = tk.With(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func TestVocabulary(t *testing.T) {
	tk := load(t, "gpt2", tokenize.Options{})
	require.Equal(t, 6261+1, tk.VocabSize())
	id, ok := tk.ID("<|endoftext|>")
	require.True(t, ok)
	require.Equal(t, int32(6261), id)
	require.Equal(t, []int32{6261}, tk.SpecialIDs())
	_, ok = tk.ID("no such token")
	require.False(t, ok)
	for _, id := range []int32{-1, 6262, 1 << 30} {
		_, ok = tk.Token(id)
		require.False(t, ok)
	}
	require.Empty(t, tk.Decode([]int32{-1, 1 << 30}, false))
	require.Equal(t, 2, load(t, "bert", tokenize.Options{}).SpecialTokens(false))
	require.Equal(t, 3, load(t, "bert", tokenize.Options{}).SpecialTokens(true))
}

func TestEncodingsAreTheSameFromManyGoroutines(t *testing.T) {
	list := texts(t)[:300]
	for _, name := range []string{"bert", "llama3", "llama2", "t5"} {
		tk := load(t, name, tokenize.Options{})
		want := make([]string, len(list))
		for i, s := range list {
			want[i] = join(tk.Encode(tokenize.Encoding{}, s).IDs)
		}
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				var e tokenize.Encoding
				for i := range list {
					k := (i*7 + g*31) % len(list)
					if e = tk.Encode(e, list[k]); join(e.IDs) != want[k] {
						t.Errorf("%s: %q", name, list[k])
					}
				}
			})
		}
		wg.Wait()
	}
}

func TestEncodingAgainAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector drops pooled memory at random")
	}
	for _, name := range []string{"bert", "gpt2", "llama3", "llama2", "xlmr", "clip"} {
		tk := load(t, name, tokenize.Options{})
		s := "The quick brown fox jumps over the lazy dog, doesn't it? Ça va, Łódź!"
		var e tokenize.Encoding
		for range 3 {
			e = tk.Encode(e, s)
		}
		require.Zero(t, testing.AllocsPerRun(100, func() { e = tk.Encode(e, s) }), name)
		e = tk.EncodePair(e, s, s)
		require.Zero(t, testing.AllocsPerRun(100, func() { e = tk.EncodePair(e, s, s) }), name)
	}
}

// A step that is quadratic in the text would take minutes here.
func TestHostileTextsTakeNoLonger(t *testing.T) {
	const size = 1 << 20
	hostile := map[string]string{
		"one word":              strings.Repeat("ab", size/2),
		"one letter":            strings.Repeat("a", size),
		"blanks":                strings.Repeat(" ", size),
		"blanks and line ends":  strings.Repeat("  \n", size/3),
		"blanks, then a letter": strings.Repeat(" ", size) + "a",
		"marks":                 strings.Repeat("\u0323\u0301", size/4),
		"marks in wrong order":  "a" + strings.Repeat("\u0301", size/8) + strings.Repeat("\u0323", size/8),
		"capitals":              strings.Repeat("A", size) + "1",
		"digits":                strings.Repeat("1", size),
		"apostrophes":           strings.Repeat("'", size),
		"added tokens":          strings.Repeat("<mask> ", size/7),
		"half added tokens":     strings.Repeat("<|endoftext", size/11),
		"broken bytes":          strings.Repeat("\xff", size),
		"emoji joined":          strings.Repeat("🙂\u200d", size/7),
		"unknown":               strings.Repeat("ᚠ", size/3),
		"byte-order marks":      strings.Repeat("\ufeff", size/3),
	}
	for _, name := range []string{"bert", "roberta", "gpt4o", "deepseek", "clip", "llama2", "spunk", "t5", "albert", "unibytes", "bertodd", "coder"} {
		tk := load(t, name, tokenize.Options{})
		short, err := tk.With(tokenize.Options{Truncation: tokenize.Truncation{MaxTokens: 16}})
		require.NoError(t, err)
		for kind, s := range hostile {
			if kind != "one word" || name != "llama2" {
				s = s[:len(s)/16]
			}
			if testing.Short() || raceEnabled {
				s = s[:len(s)/128]
			}
			e := tk.Encode(tokenize.Encoding{}, s)
			if e.Len() > 16 {
				require.Equal(t, 16, short.Encode(tokenize.Encoding{}, s).Len(), "%s of %s", kind, name)
			}
		}
	}
}

package text_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
)

// tokenizerFile is modelDir's tokenizer.json, with some parts replaced.
func tokenizerFile(t testing.TB, oldNew ...string) []byte {
	t.Helper()
	file, err := model(t, modelDir(t, false, nil)).File("tokenizer.json")
	require.NoError(t, err)
	for i := 0; i < len(oldNew); i += 2 {
		require.Contains(t, string(file), oldNew[i])
		file = []byte(strings.Replace(string(file), oldNew[i], oldNew[i+1], 1))
	}
	return file
}

func newTokenizer(t testing.TB, o text.TokenizerOptions, oldNew ...string) *text.Tokenizer {
	t.Helper()
	tk, err := text.NewTokenizer(tokenizerFile(t, oldNew...), o)
	require.NoError(t, err)
	return tk
}

const (
	cutAtSix  = `"truncation":{"direction":"Right","max_length":6,"strategy":"OnlyFirst","stride":0}`
	padToFive = `"padding":{"strategy":{"Fixed":5},"direction":"Left","pad_to_multiple_of":null,"pad_id":1,"pad_type_id":0,"pad_token":"[UNK]"}`
)

func TestTokenizer(t *testing.T) {
	tk := newTokenizer(t, text.TokenizerOptions{})
	const s = "The RIVER, é cats."
	e, err := tk.Encode(s)
	require.NoError(t, err)
	var tokens, parts []string
	for i, id := range e.IDs {
		token, ok := tk.TokenOf(id)
		require.True(t, ok)
		back, ok := tk.IDOf(token)
		require.True(t, ok)
		require.Equal(t, id, back)
		tokens, parts = append(tokens, token), append(parts, e.Spans[i].Of(s))
	}
	require.Equal(t, strings.Fields("[CLS] the river , e c ##a ##t ##s . [SEP]"), tokens)
	require.Equal(t, []string{"", "The", "RIVER", ",", "é", "c", "a", "t", "s", ".", ""}, parts)
	require.Equal(t, []int32{-1, 0, 1, 2, 3, 4, 4, 4, 4, 5, -1}, e.WordIDs)
	require.Equal(t, []int32{-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1}, e.SequenceIDs)
	require.Equal(t, []int32{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, e.SpecialTokensMask)
	require.Equal(t, []int32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, e.AttentionMask)
	require.Equal(t, make([]int32, 11), e.TypeIDs)
	require.Equal(t, 11, e.Len())
	require.False(t, e.Truncated)
	require.Equal(t, "the river, e cats.", tk.Decode(e.IDs, true))
	require.Equal(t, "[CLS] the [SEP]", tk.Decode([]int32{2, 4, 3, -1, 9999}, false))
	require.Equal(t, vocabulary, tk.VocabSize())
	require.Zero(t, tk.MaxTokens())
	for _, id := range []int32{-1, vocabulary, 1 << 30} {
		_, ok := tk.TokenOf(id)
		require.False(t, ok)
	}
	_, ok := tk.IDOf("no such token")
	require.False(t, ok)
}

func TestTokenizerOfPairs(t *testing.T) {
	e, err := newTokenizer(t, text.TokenizerOptions{MaxTokens: 7}).EncodePair("the river", "a city of glass")
	require.NoError(t, err)
	require.Equal(t, []int32{2, 4, 6, 3, 5, 9, 3}, e.IDs)
	require.Equal(t, []int32{0, 0, 0, 0, 1, 1, 1}, e.TypeIDs)
	require.Equal(t, []int32{-1, 0, 0, -1, 1, 1, -1}, e.SequenceIDs)
	require.Equal(t, text.Span{Start: 2, End: 6}, e.Spans[5])
	require.True(t, e.Truncated)
}

func TestTokenizerOptions(t *testing.T) {
	null := []string{`"truncation":null`, cutAtSix, `"padding":null`, padToFive}
	tests := map[string]struct {
		o      text.TokenizerOptions
		oldNew []string
		s      string
		want   string
	}{
		"the file cuts":            {text.TokenizerOptions{}, null[:2], "a a a a a a", "[CLS] a a a a [SEP]"},
		"another length":           {text.TokenizerOptions{MaxTokens: 4}, null[:2], "a a a a a a", "[CLS] a a [SEP]"},
		"whole, whatever it says":  {text.TokenizerOptions{NoTruncation: true}, null[:2], "a a a a a a", "[CLS] a a a a a a [SEP]"},
		"the file says nothing":    {text.TokenizerOptions{}, nil, "a a a a a a", "[CLS] a a a a a a [SEP]"},
		"without special tokens":   {text.TokenizerOptions{NoSpecialTokens: true}, nil, "a a", "a a"},
		"the file's padding waits": {text.TokenizerOptions{}, null, "a a", "[CLS] a a [SEP]"},
		"the file's padding":       {text.TokenizerOptions{Pad: true}, null, "a a", "[UNK] [CLS] a a [SEP]"},
		"strict, but it fits":      {text.TokenizerOptions{MaxTokens: 4, Strict: true}, nil, "a a", "[CLS] a a [SEP]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tk := newTokenizer(t, tt.o, tt.oldNew...)
			e, err := tk.Encode(tt.s)
			require.NoError(t, err)
			require.Equal(t, tt.want, tk.Decode(e.IDs, false))
		})
	}
}

func TestTokenizerPadsBatches(t *testing.T) {
	list := []string{"a a a", "", "a"}
	tests := map[string]struct {
		oldNew []string
		want   []string
	}{
		"with the padding token": {nil, []string{"[CLS] a a a [SEP]", "[CLS] [SEP] [PAD] [PAD] [PAD]", "[CLS] a [SEP] [PAD] [PAD]"}},
		"as the file says": {[]string{`"padding":null`, padToFive},
			[]string{"[CLS] a a a [SEP]", "[UNK] [UNK] [UNK] [CLS] [SEP]", "[UNK] [UNK] [CLS] a [SEP]"}},
		"with the other name": {[]string{`"content":"[PAD]"`, `"content":"<pad>"`, `"[PAD]":0`, `"<pad>":0`},
			[]string{"[CLS] a a a [SEP]", "[CLS] [SEP] <pad> <pad> <pad>", "[CLS] a [SEP] <pad> <pad>"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tk := newTokenizer(t, text.TokenizerOptions{Pad: true}, tt.oldNew...)
			batch, err := tk.EncodeBatch(list)
			require.NoError(t, err)
			for i, e := range batch {
				require.Equal(t, tt.want[i], tk.Decode(e.IDs, false))
				require.Len(t, e.Spans, 5)
				for k, one := range e.AttentionMask {
					token, _ := tk.TokenOf(e.IDs[k])
					require.Equal(t, slices.Contains([]string{"[PAD]", "<pad>", "[UNK]"}, token), one == 0)
				}
			}
		})
	}
	loose, err := newTokenizer(t, text.TokenizerOptions{}).EncodeBatch(list)
	require.NoError(t, err)
	require.Equal(t, 2, loose[1].Len(), "without Pad each is as long as it is")
}

func TestTokenizerWindows(t *testing.T) {
	tk := newTokenizer(t, text.TokenizerOptions{MaxTokens: 5})
	windows, err := tk.EncodeWindows("the river a city", 1)
	require.NoError(t, err)
	var got []string
	for _, w := range windows {
		got = append(got, tk.Decode(w.IDs, true))
	}
	require.Equal(t, []string{"the river a", "a city"}, got)
	require.Equal(t, text.Span{Start: 12, End: 16}, windows[1].Spans[2])
	_, err = tk.EncodeWindows("the river a city", 3)
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestTokenizerRefuses(t *testing.T) {
	file := tokenizerFile(t)
	for name, tt := range map[string]struct {
		file []byte
		o    text.TokenizerOptions
		want error
	}{
		"nothing":             {nil, text.TokenizerOptions{}, quintet.ErrModel},
		"no JSON":             {[]byte("{"), text.TokenizerOptions{}, quintet.ErrModel},
		"an unknown part":     {tokenizerFile(t, "BertPreTokenizer", "FuturePreTokenizer"), text.TokenizerOptions{}, quintet.ErrModel},
		"negative tokens":     {file, text.TokenizerOptions{MaxTokens: -1}, quintet.ErrOption},
		"no room":             {file, text.TokenizerOptions{MaxTokens: 2}, quintet.ErrOption},
		"cut and not cut":     {file, text.TokenizerOptions{MaxTokens: 9, NoTruncation: true}, quintet.ErrOption},
		"strict about no end": {file, text.TokenizerOptions{Strict: true, NoTruncation: true}, quintet.ErrOption},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := text.NewTokenizer(tt.file, tt.o)
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, "text: ")
		})
	}
	_, err := text.NewTokenizer(tokenizerFile(t, "BertPreTokenizer", "FuturePreTokenizer"), text.TokenizerOptions{})
	require.ErrorContains(t, err, "FuturePreTokenizer", "it says which part")
	_, err = text.OpenTokenizer(optimize.ModelBytes(nil), text.TokenizerOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)
	_, err = text.OpenTokenizer(optimize.Model{}, text.TokenizerOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)

	tk, err := text.OpenTokenizer(model(t, modelDir(t, false, nil)), text.TokenizerOptions{MaxTokens: 4, Strict: true})
	require.NoError(t, err)
	_, err = tk.Encode("a a a")
	require.EqualError(t, err, "text.Tokenizer.Encode: text has more than 4 tokens: invalid input")
	_, err = tk.EncodePair("a", "a")
	require.ErrorIs(t, err, quintet.ErrInput)
	batch, err := tk.EncodeBatch([]string{"a", "a a a", "a a"})
	require.EqualError(t, err, "text.Tokenizer.EncodeBatch [1]: text has more than 4 tokens: invalid input")
	require.Equal(t, []int{3, 0, 4}, []int{batch[0].Len(), batch[1].Len(), batch[2].Len()})
}

func TestTokenizerFromManyGoroutines(t *testing.T) {
	tk := newTokenizer(t, text.TokenizerOptions{MaxTokens: 20})
	var list []string
	for i := range 50 {
		list = append(list, synth.Prose(uint64(i), 1+i))
	}
	want, err := tk.EncodeBatch(list)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, s := range list {
				e, err := tk.Encode(s)
				if err != nil || tk.Decode(e.IDs, false) != tk.Decode(want[i].IDs, false) {
					t.Errorf("%q: %v, %v", s, e.IDs, err)
				}
			}
		})
	}
	wg.Wait()
	b, err := json.Marshal(want[0])
	require.NoError(t, err)
	var back text.Encoding
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, want[0], back)
}

// FuzzTokenizer: spans are whole characters of the text in order, slices are of
// equal length, every id is a token, and the windows hold all of the tokens.
func FuzzTokenizer(f *testing.F) {
	whole := newTokenizer(f, text.TokenizerOptions{NoSpecialTokens: true})
	cut := newTokenizer(f, text.TokenizerOptions{NoSpecialTokens: true, MaxTokens: 5})
	f.Add(sample)
	f.Add("a\xffb \u0301 日本 [SEP] ...")
	f.Fuzz(func(t *testing.T, s string) {
		e, err := whole.Encode(s)
		require.NoError(t, err)
		last := 0
		for i, id := range e.IDs {
			_, ok := whole.TokenOf(id)
			require.True(t, ok)
			at := e.Spans[i]
			require.True(t, last <= at.Start && at.Start <= at.End && at.End <= len(s))
			require.True(t, !utf8.ValidString(s) || utf8.ValidString(at.Of(s)))
			last = at.Start
		}
		for _, n := range []int{
			len(e.TypeIDs), len(e.AttentionMask), len(e.SpecialTokensMask), len(e.Spans), len(e.WordIDs), len(e.SequenceIDs),
		} {
			require.Equal(t, e.Len(), n)
		}
		windows, err := cut.EncodeWindows(s, 2)
		require.NoError(t, err)
		ids := append([]int32(nil), windows[0].IDs...)
		for _, w := range windows[1:] {
			ids = append(ids, w.IDs[2:]...)
		}
		require.Equal(t, whole.Decode(e.IDs, false), whole.Decode(ids, false))
	})
}

func BenchmarkTokenizer(b *testing.B) {
	tk := newTokenizer(b, text.TokenizerOptions{})
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tk.Encode(sample); err != nil {
			b.Fatal(err)
		}
	}
}

package tokenize_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/tokenize"
)

// gpt2Letters is the table of GPT-2 as its authors build it: printable bytes stand for
// themselves, the others get the next letters from U+0100 on.
func gpt2Letters() (letters [256]string) {
	n := rune(256)
	for b := range 256 {
		switch {
		case b >= '!' && b <= '~', b >= 0xa1 && b <= 0xac, b >= 0xae && b <= 0xff:
			letters[b] = string(rune(b))
		default:
			letters[b] = string(n)
			n++
		}
	}
	return letters
}

// bytesTokenizer has a token for each byte, whose id that is, and some longer ones. Like
// the vocabulary of Whisper it has an empty token.
func bytesTokenizer(t testing.TB, merges ...string) *tokenize.Tokenizer {
	t.Helper()
	vocab := map[string]int{"": 256}
	for b, letter := range gpt2Letters() {
		vocab[letter] = b
	}
	for _, m := range merges {
		vocab[strings.ReplaceAll(m, " ", "")] = len(vocab)
	}
	level := map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}
	file, err := json.Marshal(map[string]any{
		"version": "1.0", "pre_tokenizer": level, "decoder": level,
		"added_tokens": []any{map[string]any{"id": len(vocab), "content": "<|endoftext|>", "special": true, "single_word": false,
			"lstrip": false, "rstrip": false, "normalized": false}},
		"model": map[string]any{"type": "BPE", "vocab": vocab, "merges": append([]string{}, merges...)},
	})
	require.NoError(t, err)
	tk, err := tokenize.Load(file, tokenize.Options{})
	require.NoError(t, err)
	return tk
}

func TestLettersOfBytes(t *testing.T) {
	letters := gpt2Letters()
	for b, want := range map[byte]string{0: "Ā", '\n': "Ċ", ' ': "Ġ", 0x7f: "ġ", 0x80: "Ģ", 0xa0: "ł", 0xad: "Ń", '!': "!", 'a': "a", 0xff: "ÿ"} {
		require.Equal(t, want, letters[b])
	}
	tk := bytesTokenizer(t)
	for b := range 256 {
		letter, ok := tk.Token(int32(b))
		require.True(t, ok)
		require.Equal(t, letters[b], letter)
		want := string([]byte{byte(b)})
		if b >= utf8.RuneSelf {
			want = "\ufffd" // a part of a character alone
		}
		require.Equal(t, want, tk.Decode([]int32{int32(b)}, true))
	}
}

func TestByteLevelTokens(t *testing.T) {
	tk := bytesTokenizer(t, "h e", "l l", "he ll", "hell o", "Ġ hello", "ä ½", "Ġ w")
	id := func(token string) int32 {
		id, ok := tk.ID(token)
		require.True(t, ok, token)
		return id
	}
	tests := map[string]struct {
		text string
		want []int32
	}{
		"the merges of lowest rank first": {"hello hello", []int32{id("hello"), id("Ġhello")}},
		"a blank begins a word":           {" w  w", []int32{id("Ġw"), ' ', id("Ġw")}},
		"a contraction is a word":         {"he'll", []int32{id("he"), '\'', id("ll")}},
		"a character of two tokens":       {"你", []int32{id("ä½"), 0xa0}},
		"bytes of an emoji":               {"🙂", []int32{0xf0, 0x9f, 0x99, 0x82}},
		"controls":                        {"\x00\n", []int32{0, '\n'}},
		"nothing":                         {"", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := tk.Encode(tokenize.Encoding{}, tt.text).IDs
			require.True(t, slices.Equal(tt.want, got), "%v", got)
			require.Equal(t, tt.text, tk.Decode(got, true))
		})
	}
	require.Equal(t, "\ufffd", tk.Decode([]int32{id("ä½")}, true), "the rest comes with the next token")
	require.Equal(t, "hello", tk.Decode([]int32{id("hello"), 256, id("<|endoftext|>")}, true))
}

// FuzzByteLevel holds that text is what its tokens say, whatever it is.
func FuzzByteLevel(f *testing.F) {
	tk := bytesTokenizer(f, "h e", "l l", "he ll", "Ġ h", "ä ½", "ä½ ł")
	f.Add("hello, 你 hello\r\n  I'll")
	f.Add("\x00\u2028\u00ad🙂")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.Contains(s, "<|endoftext|>") {
			return
		}
		ids := tk.Encode(tokenize.Encoding{}, s).IDs
		if got := tk.Decode(ids, false); got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

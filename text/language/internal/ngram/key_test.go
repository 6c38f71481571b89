package ngram_test

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text/language/internal/ngram"
)

// key makes the key of symbols.
func key(symbols ...uint16) (k ngram.Key) {
	for _, s := range symbols {
		k = k.Append(s)
	}
	return k
}

func TestKey(t *testing.T) {
	k := key('a', 'b', 'c')
	require.Equal(t, 3, k.Order())
	require.Equal(t, uint16('a'), k.First())
	require.Equal(t, key('a', 'b'), k.Context())
	require.Equal(t, key('b', 'c'), k.Last(2))
	require.Equal(t, k, k.Last(3))
	require.NotEqual(t, key(ngram.Boundary, 'a'), key('a'), "a boundary counts")
	require.NotEqual(t, ngram.RuneKey('a'), key('a'))
	require.Equal(t, uint16(ngram.Boundary), key(ngram.Boundary, 'a', 'b', 'c', 'd').First())
}

func TestWindowGivesTheLongestNGram(t *testing.T) {
	var w ngram.Window
	require.Equal(t, key(0, 'a'), w.Push('a'))
	require.Equal(t, key(0, 'a', 'b'), w.Push('b'))
	require.Equal(t, key(0, 'a', 'b', 'c'), w.Push('c'))
	require.Equal(t, key(0, 'a', 'b', 'c', 'd'), w.Push('d'))
	require.Equal(t, key('a', 'b', 'c', 'd', 'e'), w.Push('e'))
	require.Equal(t, key('b', 'c', 'd', 'e', 0), w.Push(ngram.Boundary))
}

func TestLetters(t *testing.T) {
	letters := ngram.NewLetters()
	tests := map[string]struct {
		r      rune
		script ngram.Script
		symbol uint16
	}{
		"lower case":          {'a', ngram.Latin, 'a'},
		"upper case":          {'Ä', ngram.Latin, 'ä'},
		"Vietnamese":          {'Ệ', ngram.Latin, 'ệ' - 0x1e00 + 0xe00},
		"Cyrillic":            {'Я', ngram.Cyrillic, 'я'},
		"Arabic":              {'ب', ngram.Arabic, 'ب'},
		"Devanagari":          {'न', ngram.Devanagari, 'न'},
		"an ideograph":        {'語', ngram.Han, 0},
		"kana":                {'の', ngram.Han, 0},
		"Hangul":              {'한', ngram.Hangul, 1},
		"Thai":                {'ก', ngram.Thai, 1},
		"Greek":               {'Ω', ngram.Greek, 1},
		"Georgian":            {'ქ', ngram.Georgian, 1},
		"a digit":             {'1', ngram.None, 0},
		"a mark":              {'ा', ngram.None, 0},
		"bytes not UTF-8":     {unicode.ReplacementChar, ngram.None, 0},
		"NUL":                 {0, ngram.None, 0},
		"another script":      {'ሀ', ngram.None, 0},
		"Latin out of reach":  {'Ａ', ngram.None, 0},
		"the last rune there": {unicode.MaxRune, ngram.None, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := letters.Of(tt.r)
			require.Equal(t, tt.script, l.Script())
			require.Equal(t, tt.symbol, l.Symbol())
		})
	}
}

func TestLanguages(t *testing.T) {
	seen := map[string]bool{}
	script, code, number := ngram.Script(0), "", 0
	for _, l := range ngram.Languages() {
		require.False(t, seen[l.Code])
		seen[l.Code] = true
		if l.Script != script || code == "" {
			script, code, number = l.Script, "", 0
		}
		require.Less(t, code, l.Code, "by code within a script")
		code = l.Code
		number++
		require.LessOrEqual(t, number, ngram.MaxLanguages)
	}
	require.Len(t, seen, 75)
}

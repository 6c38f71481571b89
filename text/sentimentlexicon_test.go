package text

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCuesKeepEveryWord would fail if two words had one tag.
func TestCuesKeepEveryWord(t *testing.T) {
	cues, n := sentimentCues(), 0
	of := func(word string) cue {
		h, _ := hashWord(word)
		return cues.of(h.whole)
	}
	for line := range strings.Lines(sentimentTable) {
		head, words, _ := strings.Cut(line, " ")
		valence, err := strconv.Atoi(head)
		if err != nil {
			continue // the comment
		}
		for word := range strings.FieldsSeq(words) {
			require.Equal(t, int8(valence), of(word).valence, word)
			n++
		}
	}
	require.Greater(t, n, 7000)
	require.Equal(t, wordYeah, of("YEAH").role&roleName, "the names are in the order of the constants")
	for words, flag := range map[string]uint8{negators: roleNegates, boosters: roleBoosts, dampeners: roleDampens} {
		for word := range strings.FieldsSeq(words) {
			require.Equal(t, flag, of(word).role&^roleName, word)
		}
	}
	require.Zero(t, of("table"))
}

func TestHashWordFoldsCaseAndApostrophes(t *testing.T) {
	plain, shape := hashWord("don't")
	require.Equal(t, hasLower|hasMark|hasApostrophe, shape)
	for _, word := range []string{"DON'T", "don’t", "Don’T"} {
		h, shape := hashWord(word)
		require.Equal(t, plain.whole, h.whole, word)
		require.Zero(t, shape&hasForeign, word)
		require.True(t, negation(word), word)
	}
	for _, word := range []string{"'t", "n'", "nt", "rock'n'roll", "it's", "’"} {
		require.False(t, negation(word), word)
	}
	h, _ := hashWord("movies")
	movie, _ := hashWord("movi")
	require.Equal(t, movie.whole, h.head4)
	require.Zero(t, h.head6, "it would be the whole")
}

func TestStrip(t *testing.T) {
	for word, want := range map[string]string{
		"good": "good", "good,": "good", ",good": "good", "good!!": "good", "good?!?": "good",
		"good!!!!": "good!!!!", "(good)": "(good)", ",good,": ",good,", "don't,": "don't,", "a,": "a,", ":)": ":)", "": "",
	} {
		require.Equal(t, want, strip(word), word)
	}
}

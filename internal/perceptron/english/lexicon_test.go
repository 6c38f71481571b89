package english_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

// small returns the packed lexicon of the words, in clusters 1, 2, ... with list 1.
func small(t testing.TB, words ...string) []byte {
	t.Helper()
	d := english.LexiconData{Entries: map[uint32]english.Entry{}}
	for i, w := range words {
		d.Entries[english.Hash(w)] = english.Entry{Cluster: uint16(i + 1), Lists: 1}
	}
	d.Coarse[2] = 9
	return d.Pack()
}

func TestLexiconFindsWordsInAnyCase(t *testing.T) {
	x, err := english.LoadLexicon(small(t, "paris", "1,000", "zoë", "it's"))
	require.NoError(t, err)
	for word, cluster := range map[string]uint16{
		"paris": 1, "Paris": 1, "PARIS": 1, "9,876": 2, "Zoë": 3, "ZOË": 3, "It’s": 4, "berlin": 0, "": 0, "\xff": 0,
	} {
		require.Equal(t, cluster, x.Entry(english.Hash(word)).Cluster, word)
	}
	require.Equal(t, uint8(9), x.Coarse(2))
	require.Zero(t, x.Coarse(0))
}

func TestLoadLexiconRefusesWhatIsNone(t *testing.T) {
	good := small(t, "a", "b", "c")
	for n := range good {
		_, err := english.LoadLexicon(good[:n])
		require.Error(t, err, "%d of %d bytes", n, len(good))
	}
	_, err := english.LoadLexicon(append(good, 0))
	require.Error(t, err)
}

func FuzzLoadLexicon(f *testing.F) {
	f.Add(small(f, "a", "b", "c"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if x, err := english.LoadLexicon(data); err == nil {
			x.Entry(english.Hash("a"))
		}
	})
}

func TestHashWordsIsThatOfEachWordInTurn(t *testing.T) {
	require.Equal(t, english.Hash("York"), english.HashWords([]string{"york"}))
	require.NotEqual(t, english.HashWords([]string{"New", "York"}), english.HashWords([]string{"York", "New"}))
	require.Equal(t, english.HashWords([]string{"New", "York"}), english.HashWords([]string{"NEW", "york"}))
}

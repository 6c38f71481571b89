package main

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text/language/internal/ngram"
)

// randomText returns words of up to seven letters.
func randomText(rng *rand.Rand, n int) (words []string) {
	for range n {
		word := make([]rune, 1+rng.IntN(7))
		for i := range word {
			word[i] = []rune("aabbbcdeéж")[rng.IntN(10)]
		}
		words = append(words, string(word))
	}
	return words
}

// tables counts as lingua-go does: n-grams within words, and the chance of the last
// letter after the others.
func tables(words []string) (grams []gram) {
	counts := map[string]int{"": 0}
	var order []string
	for n := 1; n <= ngram.MaxOrder; n++ {
		for _, w := range words {
			r := []rune(w)
			for i := 0; i+n <= len(r); i++ {
				s := string(r[i : i+n])
				if counts[s] == 0 {
					order = append(order, s)
				}
				counts[s]++
				if n == 1 {
					counts[""]++
				}
			}
		}
	}
	for _, s := range order {
		r := []rune(s)
		grams = append(grams, gram{r, float64(counts[s]) / float64(counts[string(r[:len(r)-1])])})
	}
	return grams
}

// withBoundaries counts the n-grams of words with their boundaries, except those
// that end at the first one.
func withBoundaries(words []string) map[ngram.Key]int {
	counts := map[ngram.Key]int{}
	for _, w := range words {
		symbols := []uint16{ngram.Boundary}
		for _, r := range w {
			symbols = append(symbols, ngram.Symbol(r))
		}
		symbols = append(symbols, ngram.Boundary)
		for start := range symbols {
			k := ngram.Key(0)
			for _, s := range symbols[start:min(start+ngram.MaxOrder, len(symbols))] {
				k = k.Append(s)
				if start > 0 || k.Order() > 1 {
					counts[k]++
				}
			}
		}
	}
	return counts
}

func TestCorpusRecoversTheBoundariesOfWords(t *testing.T) {
	words := append(randomText(rand.New(rand.NewPCG(1, 2)), 500), "zyxwv") // stands once
	c := newCorpus(tables(words))
	require.Equal(t, withBoundaries(words), c.count)
	letters := 0
	for _, w := range words {
		letters += len([]rune(w))
	}
	require.Equal(t, letters+len(words), c.total)
}

func TestProbabilitiesOfAModelAddUpToOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	a, b := append(randomText(rng, 300), "q"), append(randomText(rng, 100), "x")
	m := newModel([]*corpus{newCorpus(tables(a)), newCorpus(tables(b))})
	for _, context := range []string{"a", "ab", "bab", "abbb"} {
		k, ok := letterKey([]rune(context))
		require.True(t, ok)
		for language := range uint8(2) {
			sum := math.Exp(m.log(k.Append(ngram.Boundary), language))
			for _, r := range "abcdeéжqx" {
				sum += math.Exp(m.log(k.Append(ngram.Symbol(r)), language))
			}
			require.InDelta(t, 1, sum, 0.02, "after %s, but for letters that were not seen", context)
		}
	}
}

func TestPruneKeepsWhatTellsLanguagesApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	a, b := append(randomText(rng, 3000), "q"), append(randomText(rng, 3000), "x")
	for range 300 {
		a, b = append(a, "dddd"), append(b, "eeee")
	}
	m := newModel([]*corpus{newCorpus(tables(a)), newCorpus(tables(b))})
	weights := map[ngram.Key][]ngram.Weight{}
	for _, e := range prune(m) {
		weights[e.Key] = e.Weights
	}
	k, _ := letterKey([]rune("dd"))
	require.Equal(t, uint8(0), weights[k][0].Language, "the best one stands first")
	k, _ = letterKey([]rune("ee"))
	require.Equal(t, uint8(1), weights[k][0].Language)
}

// field writes a field of a message.
func field(number, wire int, value []byte) []byte {
	b := binary.AppendUvarint(nil, uint64(number<<3|wire))
	if wire == 2 {
		b = binary.AppendUvarint(b, uint64(len(value)))
	}
	return append(b, value...)
}

func TestParse(t *testing.T) {
	half := binary.LittleEndian.AppendUint64(nil, math.Float64bits(0.5))
	set := append(field(1, 1, half), append(field(2, 2, []byte("ab")), field(2, 2, []byte("é"))...)...)
	data := append(field(2, 0, []byte{5}), field(4, 2, set)...)
	grams, err := parse(data)
	require.NoError(t, err)
	require.Equal(t, []gram{{[]rune("ab"), 0.5}, {[]rune("é"), 0.5}}, grams)
	for name, bad := range map[string][]byte{
		"cut":            data[:len(data)-1],
		"a field cut":    field(4, 2, set[:4]),
		"a wire type":    {4<<3 | 5},
		"no tag":         {0x80},
		"varint cut":     {1 << 3, 0x80},
		"length too big": {4<<3 | 2, 0xff, 0x01},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(bad)
			require.ErrorIs(t, err, errProto)
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(field(4, 2, field(2, 2, []byte("ab"))))
	f.Fuzz(func(t *testing.T, data []byte) {
		grams, err := parse(data)
		if err != nil && grams != nil {
			t.Fatal("n-grams with an error")
		}
		newCorpus(grams)
	})
}

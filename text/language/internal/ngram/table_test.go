package ngram_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text/language/internal/ngram"
)

// randomEntries makes n entries of a script with some languages.
func randomEntries(rng *rand.Rand, n, languages int) []ngram.Entry {
	entries := make([]ngram.Entry, n)
	for i := range entries {
		e := ngram.Entry{Key: ngram.Key(rng.Uint64()), Languages: languages}
		number := 1 + rng.IntN(languages)
		if rng.IntN(3) == 0 {
			number = languages
		}
		for _, l := range rng.Perm(languages)[:number] {
			units := ngram.MinWeight + rng.IntN(ngram.MaxWeight-ngram.MinWeight+1)
			e.Weights = append(e.Weights, ngram.Weight{Language: uint8(l), Units: int8(units)})
		}
		slices.SortFunc(e.Weights, func(a, b ngram.Weight) int { return cmp.Compare(b.Units, a.Units) })
		entries[i] = e
	}
	return entries
}

func TestTableGivesTheWeightsThatWerePacked(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, languages := range []int{1, 2, 8, 16, 17, 49, ngram.MaxLanguages} {
		entries := randomEntries(rng, 3000, languages)
		data, left := ngram.Pack(entries)
		require.LessOrEqual(t, left, 2)
		table, err := ngram.Open(string(data))
		require.NoError(t, err)

		var sums ngram.Sums
		want := make([]int32, languages)
		for _, e := range entries[:100] {
			require.True(t, table.Add(e.Key, &sums))
			for _, w := range e.Weights {
				if len(e.Weights) == languages {
					w.Units = ngram.InRow(e.Key, e.Weights[0].Units, w.Units)
				}
				want[w.Language] += int32(w.Units)
			}
		}
		sums.Flush()
		sums.Flush()          // twice is harmless
		for l := range want { // up to a number that is the same for all
			require.Equal(t, want[l]-want[0], sums.Of(l)-sums.Of(0), "%d languages, language %d", languages, l)
		}
	}
}

func TestTableLacksOtherKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	data, _ := ngram.Pack(randomEntries(rng, 20_000, 49))
	table, err := ngram.Open(string(data))
	require.NoError(t, err)
	wrong := 0
	for range 100_000 {
		var sums ngram.Sums
		if table.Add(ngram.Key(rng.Uint64()), &sums) {
			wrong++
		}
	}
	require.LessOrEqual(t, wrong, 8, "about one in 100,000")
}

func TestPackIsDeterministic(t *testing.T) {
	a, _ := ngram.Pack(randomEntries(rand.New(rand.NewPCG(5, 6)), 500, 8))
	b, _ := ngram.Pack(randomEntries(rand.New(rand.NewPCG(5, 6)), 500, 8))
	require.Equal(t, a, b)
	empty, _ := ngram.Pack(nil)
	table, err := ngram.Open(string(empty))
	require.NoError(t, err)
	require.False(t, table.Add(1, new(ngram.Sums)))
}

// FuzzOpen holds that what Open accepts can be asked for anything.
func FuzzOpen(f *testing.F) {
	data, _ := ngram.Pack(randomEntries(rand.New(rand.NewPCG(7, 8)), 20, 49))
	f.Add(data, uint64(1))
	f.Add(data[:len(data)-1], uint64(1))
	f.Add([]byte("qng1\x00"), uint64(0))
	f.Fuzz(func(t *testing.T, data []byte, key uint64) {
		table, err := ngram.Open(string(data))
		if err != nil {
			return
		}
		var sums ngram.Sums
		for i := range uint64(1000) {
			table.Add(ngram.Key(key+i*0x9e3779b97f4a7c15), &sums)
		}
		sums.Flush()
	})
}

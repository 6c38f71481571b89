package text_test

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
)

// randomWords returns n words of a vocabulary of 5,000.
func randomWords(rng *rand.Rand, n int) []string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprintf("w%d", rng.IntN(5000))
	}
	return words
}

// changed returns words with one in every so many replaced.
func changed(rng *rand.Rand, words []string, every int) []string {
	words = append([]string(nil), words...)
	for i := range words {
		if rng.IntN(every) == 0 {
			words[i] = fmt.Sprintf("x%d", rng.IntN(5000))
		}
	}
	return words
}

// trueSimilarity is the Jaccard similarity of the sets of three words.
func trueSimilarity(a, b []string) float64 {
	sets := [2]map[string]bool{{}, {}}
	for k, words := range [][]string{a, b} {
		for i := 0; i+3 <= len(words); i++ {
			sets[k][strings.Join(words[i:i+3], " ")] = true
		}
	}
	both := 0
	for s := range sets[0] {
		if sets[1][s] {
			both++
		}
	}
	return float64(both) / float64(len(sets[0])+len(sets[1])-both)
}

func TestSimHash(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	near, far := 0, 0
	for range 50 {
		words := randomWords(rng, 400)
		body := strings.Join(words, " ")
		near += text.SimHashDistance(text.SimHash(body), text.SimHash(strings.Join(changed(rng, words, 50), " ")))
		far += text.SimHashDistance(text.SimHash(body), text.SimHash(strings.Join(randomWords(rng, 400), " ")))
	}
	require.Less(t, float64(near)/50, 8.0)
	require.InDelta(t, 32, float64(far)/50, 3)
}

func TestSimHashIsTheSameEverywhere(t *testing.T) {
	require.Equal(t, uint64(0), text.SimHash(""))
	require.Equal(t, uint64(0), text.SimHash("... !"))
	require.Equal(t, text.SimHash("the quick brown fox"), text.SimHash("The quick, brown FOX!"))
	require.Equal(t, uint64(0xe72c825738583c7f), text.SimHash("the quick brown fox"))
}

func TestSimHashOfALongRunCountsEveryVote(t *testing.T) {
	require.Equal(t, text.SimHash("a a"), text.SimHash(strings.Repeat("a ", 10_000)), "all pairs alike")
}

func TestMinHashEstimatesTheSimilarityOfShingles(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const n, pairs = 256, 30
	for _, every := range []int{4, 10, 30, 100} {
		bias, square := 0.0, 0.0
		for range pairs {
			a := randomWords(rng, 300)
			b := changed(rng, a, every)
			got := text.NewMinHash(strings.Join(a, " "), n).Similarity(text.NewMinHash(strings.Join(b, " "), n))
			diff := got - trueSimilarity(a, b)
			bias += diff / pairs
			square += diff * diff / pairs
		}
		require.InDelta(t, 0, bias, 0.02)
		require.Less(t, math.Sqrt(square), 1.3/(2*math.Sqrt(n)))
	}
}

func TestMinHash(t *testing.T) {
	require.Nil(t, text.NewMinHash("", 128))
	require.Nil(t, text.NewMinHash("...", 128))
	require.Nil(t, text.NewMinHash("words", 0))
	one := text.NewMinHash("Hello, world", 16)
	require.Len(t, one, 16)
	require.Equal(t, 1.0, one.Similarity(text.NewMinHash("hello world!", 16)))
	require.Zero(t, one.Similarity(text.NewMinHash("world hello", 16)), "shingles have an order")
	require.Zero(t, one.Similarity(text.NewMinHash("hello world", 32)), "another length")
	require.Zero(t, one.Similarity(nil))
	require.Equal(t, 1.0, text.NewMinHash("a b c a b c a b c", 64).Similarity(text.NewMinHash("a b c a b c", 64)), "a set")
}

func TestDuplicateFinder(t *testing.T) {
	f, err := text.NewDuplicateFinder(text.DuplicateFinderOptions{})
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(5, 6))
	first := randomWords(rng, 200)
	require.Nil(t, f.Add("first", strings.Join(first, " ")))
	require.Nil(t, f.Add("other", strings.Join(randomWords(rng, 200), " ")))
	require.Nil(t, f.Add("empty", " . "), "no words")
	require.Equal(t, 2, f.Len())

	first[100] = "changed"
	found := f.Add("near", strings.Join(first, " "))
	require.Len(t, found, 1)
	require.Equal(t, "first", found[0].ID)
	require.Greater(t, found[0].Score, 0.9)

	require.Equal(t, []text.Duplicate{{ID: "near", Score: 1}, found[0]}, f.Search(strings.Join(first, ", ")))
	require.Nil(t, f.Search(""))
	require.Equal(t, 3, f.Len(), "a search adds nothing")
}

func TestDuplicateFinderFindsThePairsThatComparingAllFinds(t *testing.T) {
	f, err := text.NewDuplicateFinder(text.DuplicateFinderOptions{Threshold: 0.6})
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(7, 8))
	var bodies []string
	for range 60 {
		words := randomWords(rng, 120)
		for range 4 {
			bodies = append(bodies, strings.Join(changed(rng, words, 25), " "))
		}
	}
	want, got := 0, 0
	marks := make([]text.MinHash, len(bodies))
	for i, body := range bodies {
		marks[i] = text.NewMinHash(body, 128)
		for j := range i {
			if marks[i].Similarity(marks[j]) >= 0.6 {
				want++
			}
		}
		got += len(f.Add(fmt.Sprint(i), body))
	}
	require.Greater(t, want, 150)
	require.LessOrEqual(t, got, want, "none that is not near")
	require.Greater(t, float64(got), 0.95*float64(want))
}

func TestCopiesAreComparedWithTheFirstOnly(t *testing.T) {
	f, err := text.NewDuplicateFinder(text.DuplicateFinderOptions{})
	require.NoError(t, err)
	for i := range 500 {
		found := f.Add(fmt.Sprint(i), "one two three four five")
		require.Len(t, found, min(i, 64))
		if i > 0 {
			require.Equal(t, text.Duplicate{ID: "0", Score: 1}, found[0])
		}
	}
}

func TestDuplicateFinderOptions(t *testing.T) {
	for name, o := range map[string]text.DuplicateFinderOptions{
		"threshold too low":  {Threshold: 0.05},
		"threshold too high": {Threshold: 1.5},
		"not a number":       {Threshold: math.NaN()},
		"too few hashes":     {Hashes: 8},
		"too many hashes":    {Hashes: 1 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := text.NewDuplicateFinder(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
	_, err := text.NewDuplicateFinder(text.DuplicateFinderOptions{Threshold: 1, Hashes: 16})
	require.NoError(t, err)
}

func FuzzNearDuplicates(f *testing.F) {
	f.Add("one two three four", "one two three five")
	f.Add("\xff\x00", "東京 é")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := text.NewMinHash(a, 32), text.NewMinHash(b, 32)
		if got := x.Similarity(y); got != y.Similarity(x) || got < 0 || got > 1 {
			t.Fatalf("similarity %v", got)
		}
		if x != nil && x.Similarity(text.NewMinHash(strings.ToLower(a)+" .", 32)) != 1 && strings.ToLower(a) == a {
			t.Fatal("a mark changed the signature")
		}
		if (text.SimHash(a) == 0) != (x == nil) {
			t.Fatal("SimHash is 0 for a text with words")
		}
		if d := text.SimHashDistance(text.SimHash(a), text.SimHash(b)); d != bits.OnesCount64(text.SimHash(a)^text.SimHash(b)) {
			t.Fatalf("distance %d", d)
		}
	})
}

func BenchmarkNearDuplicates(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	body := strings.Join(randomWords(rng, 100), " ")
	b.Run("way=simhash", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			text.SimHash(body)
		}
	})
	b.Run("way=minhash", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			text.NewMinHash(body, 128)
		}
	})
	bodies := make([]string, 1000)
	for i := range bodies {
		bodies[i] = strings.Join(randomWords(rng, 100), " ")
	}
	b.Run("documents=1000/way=bands", func(b *testing.B) {
		for b.Loop() {
			f, err := text.NewDuplicateFinder(text.DuplicateFinderOptions{})
			require.NoError(b, err)
			for i, body := range bodies {
				f.Add(fmt.Sprint(i), body)
			}
		}
	})
	b.Run("documents=1000/way=allpairs", func(b *testing.B) {
		for b.Loop() {
			marks := make([]text.MinHash, len(bodies))
			for i, body := range bodies {
				marks[i] = text.NewMinHash(body, 128)
				for _, m := range marks[:i] {
					marks[i].Similarity(m)
				}
			}
		}
	})
}

func ExampleDuplicateFinder() {
	f, err := text.NewDuplicateFinder(text.DuplicateFinderOptions{Threshold: 0.5})
	if err != nil {
		panic(err)
	}
	f.Add("a", "The quick brown fox jumps over the lazy dog near the river bank.")
	f.Add("b", "Something else entirely stands in this document.")
	for _, d := range f.Add("c", "The quick brown fox jumps over the lazy dog near the river.") {
		fmt.Println(d.ID, d.Score > 0.7)
	}
	// Output: a true
}

func ExampleSimHash() {
	a := text.SimHash("Terms and conditions apply.")
	b := text.SimHash("terms and conditions apply")
	fmt.Println(text.SimHashDistance(a, b))
	// Output: 0
}

package vector_test

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// differing counts bits the plain way.
func differing(a, b []uint64) (n int) {
	for i := range a {
		n += bits.OnesCount64(a[i] ^ b[i])
	}
	return n
}

func randomWords(rng *rand.Rand, n int) []uint64 {
	w := make([]uint64, n)
	for i := range w {
		w[i] = rng.Uint64()
	}
	return w
}

// flipped returns a copy with one bit in eight turned over.
func flipped(rng *rand.Rand, words []uint64) []uint64 {
	w := slices.Clone(words)
	for i := range w {
		w[i] ^= rng.Uint64() & rng.Uint64() & rng.Uint64()
	}
	return w
}

// TestHammingAgreesWithCountingBits searches exactly and by graphs, with a filter and
// without. Distances must be those of the bits; a graph may miss one of ten.
func TestHammingAgreesWithCountingBits(t *testing.T) {
	for _, words := range []int{1, 5} {
		os := options(64*words, vector.Hamming)
		os["sq8"] = vector.WalkAlways(vector.Options{
			Dim: 64 * words, Metric: vector.Hamming, Index: vector.HNSW, Quantization: vector.SQ8})
		for index, o := range os {
			t.Run(fmt.Sprintf("dim=%d %s", o.Dim, index), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(3, uint64(words)))
				c := open(t, o)
				stored := make([][]uint64, 1200/scale)
				items := make([]item, len(stored))
				for i := range stored {
					if stored[i] = randomWords(rng, words); i%20 > 0 {
						stored[i] = flipped(rng, stored[i-i%20])
					}
					items[i] = item{ID: fmt.Sprint(i), Vector: vector.AppendBits(nil, stored[i]...)}
					items[i].Meta = vector.Meta{"even": i%2 == 0}
				}
				upsert(t, c, items...)
				vector.Settle(c)
				found, wanted := 0, 0
				for i := range 40 {
					q := flipped(rng, stored[i*20%len(stored)])
					f, w := compareBits(t, c, stored, q, i%2 == 0)
					found, wanted = found+f, wanted+w
				}
				t.Logf("found %d of %d", found, wanted)
				floor := 0.9
				if o.Index == vector.Flat {
					floor = 1
				}
				require.GreaterOrEqual(t, float64(found), floor*float64(wanted))
			})
		}
	}
}

// compareBits counts hits as near as the nearest are, of all items or the even ones.
func compareBits(
	t *testing.T, c *vector.Collection[string], stored [][]uint64, q []uint64, even bool,
) (found, wanted int) {
	t.Helper()
	var want []int
	for i, w := range stored {
		if !even || i%2 == 0 {
			want = append(want, differing(q, w))
		}
	}
	slices.Sort(want)
	ask := query{Vector: vector.AppendBits(nil, q...), K: 10}
	if even {
		ask.Filter = vector.Eq("even", true)
	}
	hits := search(t, c, ask)
	require.Len(t, hits, ask.K)
	for i, h := range hits {
		var id int
		_, err := fmt.Sscan(h.ID, &id)
		require.NoError(t, err)
		d := differing(q, stored[id])
		require.Equal(t, float64(d), h.Distance)
		require.Equal(t, 1-float64(d)/float64(64*len(q)), h.Score)
		require.False(t, even && id%2 == 1)
		if h.Distance <= float64(want[len(hits)-1]) {
			found++
		}
		require.True(t, i == 0 || cmp.Compare(hits[i-1].Distance, h.Distance) <= 0)
	}
	return found, len(hits)
}

func TestHammingIsExactInTheLargestDimension(t *testing.T) {
	c := open(t, vector.Options{Dim: vector.MaxDim, Metric: vector.Hamming})
	ones := make([]float32, vector.MaxDim)
	for i := range ones {
		ones[i] = 1
	}
	allButOne := slices.Clone(ones)
	allButOne[4711] = 0
	upsert(t, c, item{ID: "ones", Vector: ones}, item{ID: "all but one", Vector: allButOne})
	hits := search(t, c, query{Vector: make([]float32, vector.MaxDim)})
	require.Equal(t, []hit{
		{ID: "all but one", Score: 1.0 / vector.MaxDim, Distance: vector.MaxDim - 1},
		{ID: "ones", Distance: vector.MaxDim},
	}, hits)
	require.Len(t, search(t, c, query{Vector: ones, MaxDistance: 0.5}), 1)
}

func TestHammingTakesNothingButBits(t *testing.T) {
	c := open(t, vector.Options{Dim: 2, Metric: vector.Hamming})
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, x := range []float32{0.5, -1, 2, nan, inf, math.SmallestNonzeroFloat32} {
		v := []float32{1, x}
		require.ErrorIs(t, c.Upsert(t.Context(), item{ID: "x", Vector: v}), quintet.ErrInput, "%v", x)
		_, err := c.Search(t.Context(), query{Vector: v})
		require.ErrorIs(t, err, quintet.ErrInput, "%v", x)
	}
	require.ErrorIs(t, c.Upsert(t.Context(), item{ID: "x", Vector: []float32{1}}), quintet.ErrInput)
	upsert(t, c, item{ID: "zero", Vector: []float32{0, float32(math.Copysign(0, -1))}})
	require.Equal(t, []hit{{ID: "zero", Score: 1}}, search(t, c, query{Vector: []float32{0, 0}}))
}

func TestHammingIsOnDisk(t *testing.T) {
	for index, o := range options(64, vector.Hamming) {
		t.Run(index, func(t *testing.T) {
			dir := t.TempDir()
			rng := rand.New(rand.NewPCG(1, 2))
			c, err := vector.Open[string](dir, o)
			require.NoError(t, err)
			for i := range 60 {
				upsert(t, c, item{ID: fmt.Sprint(i), Vector: vector.AppendBits(nil, rng.Uint64())})
				if i == 40 {
					require.NoError(t, c.Snapshot(t.Context()))
				}
			}
			want := all(t, c)
			require.NoError(t, c.Close())

			other := o
			other.Metric = vector.L2
			_, err = vector.Open[string](dir, other)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, "metric hamming")

			c, err = vector.Open[string](dir, o)
			require.NoError(t, err)
			require.Equal(t, want, all(t, c))
			s, err := c.Stats(t.Context())
			require.NoError(t, err)
			require.Equal(t, vector.Hamming, s.Metric)
			require.NoError(t, c.Close())
		})
	}
}

func TestHammingHasAName(t *testing.T) {
	require.Equal(t, "hamming", vector.Hamming.String())
	b, err := json.Marshal(vector.Hamming)
	require.NoError(t, err)
	var back vector.Metric
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, vector.Hamming, back)
}

func TestDocumentsOfBits(t *testing.T) {
	m := newMulti(t, vector.Options{Dim: 8, Metric: vector.Hamming})
	doc := func(id string, b ...byte) multiItem {
		it := multiItem{ID: id}
		for _, x := range b {
			it.Vectors = append(it.Vectors, vector.AppendBits(nil, x))
		}
		return it
	}
	require.NoError(t, m.Upsert(t.Context(), doc("far", 0xff, 0xf0), doc("near", 0x01, 0x0e)))
	hits, err := m.Search(t.Context(), multiQuery{Vectors: doc("", 0x00, 0x0f).Vectors})
	require.NoError(t, err)
	require.Equal(t, []hit{
		{ID: "near", Score: 14.0 / 8, Distance: 2},
		{ID: "far", Score: 8.0 / 8, Distance: 8},
	}, hits)
}

// FuzzAppendBits states that every bit is there, the lowest first, and that words and
// their bytes in little-endian order say the same.
func FuzzAppendBits(f *testing.F) {
	f.Add(uint64(0), uint64(1))
	f.Add(uint64(1)<<63, uint64(0xdeadbeef))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		got := vector.AppendBits([]float32{7}, a, b)
		if len(got) != 129 || got[0] != 7 {
			t.Fatalf("%d floats, the first %v", len(got), got[0])
		}
		for i, x := range got[1:] {
			if want := [2]uint64{a, b}[i/64] >> (i % 64) & 1; x != float32(want) {
				t.Fatalf("bit %d is %v", i, x)
			}
		}
		raw := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, a), b)
		if !slices.Equal(got[1:], vector.AppendBits(nil, raw...)) {
			t.Fatal("bytes and words differ")
		}
	})
}

func ExampleAppendBits() {
	fingerprint := []byte{0b0000_0101}
	fmt.Println(vector.AppendBits(nil, fingerprint...))
	// Output: [1 0 1 0 0 0 0 0]
}

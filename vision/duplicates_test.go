package vision_test

import (
	"fmt"
	"image"
	"log"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// naiveDuplicates walks from each hash to all that are near.
func naiveDuplicates(hashes []vision.Hash, maxDistance int) (groups [][]int) {
	seen := make([]bool, len(hashes))
	for i := range hashes {
		if seen[i] {
			continue
		}
		member := map[int]bool{i: true}
		for queue := []int{i}; len(queue) > 0; queue = queue[1:] {
			for j := range hashes {
				if !member[j] && hashes[queue[0]].Distance(hashes[j]) <= maxDistance {
					member[j] = true
					queue = append(queue, j)
				}
			}
		}
		var group []int
		for j := range hashes {
			if member[j] {
				seen[j] = true
				group = append(group, j)
			}
		}
		if len(group) > 1 {
			groups = append(groups, group)
		}
	}
	return groups
}

// near returns hashes of which about half are an earlier one with up to bits changed.
func near(rng *rand.Rand, n, bits int) []vision.Hash {
	hashes := make([]vision.Hash, n)
	for i := range hashes {
		hashes[i] = vision.Hash(rng.Uint64())
		if i > 0 && rng.IntN(2) == 0 {
			hashes[i] = hashes[rng.IntN(i)]
			for range rng.IntN(bits + 1) {
				hashes[i] ^= 1 << rng.IntN(64)
			}
		}
	}
	return hashes
}

func TestDuplicatesAreThoseOfTheirDefinition(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 300, 1500} {
		for _, distance := range []int{0, 1, 3, 4, 7, 8, 16, 30, 64} {
			t.Run(fmt.Sprintf("hashes=%d/distance=%d", n, distance), func(t *testing.T) {
				hashes := near(rand.New(rand.NewPCG(uint64(n), uint64(distance))), n, distance+2)
				got, err := vision.Duplicates(hashes, distance)
				require.NoError(t, err)
				require.Equal(t, naiveDuplicates(hashes, distance), got)
			})
		}
	}
}

func TestDuplicatesRefusesDistancesThatCannotBe(t *testing.T) {
	for _, distance := range []int{-1, 65} {
		_, err := vision.Duplicates(nil, distance)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func FuzzDuplicates(f *testing.F) {
	f.Add([]byte{1, 2, 3}, uint8(3))
	f.Add([]byte{0, 0, 255, 254}, uint8(8))
	f.Fuzz(func(t *testing.T, data []byte, distance uint8) {
		if len(data) > 400 {
			return
		}
		var hashes []vision.Hash
		for i, v := range data { // sums of few values are near each other
			hashes = append(hashes, vision.Hash(v)*0x0101_0001_0000_0001<<(i%7))
		}
		got, err := vision.Duplicates(hashes, int(distance%65))
		if err != nil || fmt.Sprint(got) != fmt.Sprint(naiveDuplicates(hashes, int(distance%65))) {
			t.Fatalf("%v, %v", got, err)
		}
	})
}

func ExampleDuplicates() {
	m := photograph(640, 480)
	small, err := vision.Resize(m, 160, 120, vision.Lanczos3)
	if err != nil {
		log.Fatal(err)
	}
	var hashes []vision.Hash
	for _, m := range []image.Image{m, photograph(480, 640).SubImage(image.Rect(0, 300, 480, 640)), small} {
		h, err := vision.PerceptualHashes(m)
		if err != nil {
			log.Fatal(err)
		}
		hashes = append(hashes, h.Perceptual)
	}
	fmt.Println(vision.Duplicates(hashes, 5))
	// Output: [[0 2]] <nil>
}

func BenchmarkDuplicates(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		rng := rand.New(rand.NewPCG(1, 2))
		var hashes []vision.Hash
		for range n / 2 {
			h := vision.Hash(rng.Uint64())
			hashes = append(hashes, h, h^1<<rng.IntN(64))
		}
		b.Run(fmt.Sprintf("hashes=%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := vision.Duplicates(hashes, 5); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	hashes := near(rand.New(rand.NewPCG(1, 2)), 1000, 8)
	b.Run("hashes=1000/naive", func(b *testing.B) {
		for b.Loop() {
			naiveDuplicates(hashes, 5)
		}
	})
}

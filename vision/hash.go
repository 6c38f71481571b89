package vision

import (
	"fmt"
	"image"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"github.com/quintet-ai/quintet"
)

// Hash is a perceptual hash: 64 yes-or-no questions about the large shapes of a
// picture, asked row by row, the first in the highest bit. Pictures that look
// alike have hashes at a small [Hash.Distance].
type Hash uint64

// Distance returns the number of bits in which two hashes differ, 0 to 64.
// Unrelated pictures differ in about 32. Up to 5 is almost always the same
// picture in another size or compression, up to 10 often a close variant.
func (h Hash) Distance(other Hash) int { return bits.OnesCount64(uint64(h ^ other)) }

// String returns 16 hexadecimal digits.
func (h Hash) String() string { return fmt.Sprintf("%016x", uint64(h)) }

// MarshalText returns the digits of String: JSON numbers cannot hold 64 bits.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is [ParseHash].
func (h *Hash) UnmarshalText(text []byte) (err error) {
	*h, err = ParseHash(string(text))
	return err
}

// ParseHash reads what [Hash.String] wrote; anything else is [quintet.ErrInput].
func ParseHash(s string) (Hash, error) {
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil || len(s) != 16 {
		return 0, fmt.Errorf("hash %q: %w", s, quintet.ErrInput)
	}
	return Hash(n), nil
}

// Hashes are three perceptual hashes of one picture. They see neither colour nor
// size nor aspect, survive compression, scaling and small changes of brightness,
// and do not survive cropping, rotation or mirroring.
type Hashes struct {
	// Average (aHash) asks of 8x8 cells whether they are brighter than the
	// mean. Coarse: pictures of the same composition collide.
	Average Hash `json:"average"`

	// Difference (dHash) asks of 9x8 cells whether each is darker than its
	// right neighbour. It finds copies; gradual light does not disturb it.
	Difference Hash `json:"difference"`

	// Perceptual (pHash) asks of the 8x8 lowest frequencies of a cosine
	// transform of 32x32 cells whether they are above their median. The
	// steadiest under edits, and the one to compare first.
	Perceptual Hash `json:"perceptual"`
}

// PerceptualHashes hashes the luma of a picture; transparent pixels count as they
// look on white. It works in integers: the hashes are the same on all machines. A
// cell is the mean of the area it covers, so hashes of libraries that shrink with
// another filter may differ in a few bits. Errors are those of [Measure]. It reads
// each pixel once.
//
// Average and Difference are those of N. Krawetz, "Looks Like It" and "Kind of
// Like That", 2011 and 2013; Perceptual is that of C. Zauner, "Implementation and
// Benchmarking of Perceptual Image Hash Functions", 2010, with the lowest
// frequency included.
func PerceptualHashes(img image.Image) (Hashes, error) {
	s, err := newSource(img)
	if err != nil {
		return Hashes{}, err
	}
	return s.hashes(), nil
}

func (s *source) hashes() Hashes {
	average := newAreaGrid(8, 8, s.w, s.h)
	difference := newAreaGrid(9, 8, s.w, s.h)
	perceptual := newAreaGrid(32, 32, s.w, s.h)
	for y := range s.h {
		row := s.luma(y)
		average.add(y, row)
		difference.add(y, row)
		perceptual.add(y, row)
	}
	return Hashes{
		Average:    averageHash(average.cells()),
		Difference: differenceHash(difference.cells()),
		Perceptual: perceptualHash(perceptual.cells()),
	}
}

func averageHash(cells []uint8) (h Hash) {
	sum := 0
	for _, v := range cells {
		sum += int(v)
	}
	for _, v := range cells {
		h = h.ask(int(v)*len(cells) > sum)
	}
	return h
}

func differenceHash(cells []uint8) (h Hash) {
	for row := range slices.Chunk(cells, 9) {
		for x := range 8 {
			h = h.ask(row[x] < row[x+1])
		}
	}
	return h
}

func perceptualHash(cells []uint8) (h Hash) {
	c := lowFrequencies(cells)
	sorted := slices.Sorted(slices.Values(c[:]))
	median2 := sorted[31] + sorted[32] // twice the median, to stay in integers
	for _, v := range c {
		h = h.ask(2*v > median2)
	}
	return h
}

// ask appends the answer to a question.
func (h Hash) ask(yes bool) Hash {
	if yes {
		return h<<1 | 1
	}
	return h << 1
}

// lowFrequencies returns the 8x8 lowest coefficients of the DCT-II of 32x32
// cells, row by row, up to a common factor (which differs for the first of each
// direction, as in the unnormalised transform):
//
//	F(v, u) = Σy Σx cells(y, x) cos((2x+1)uπ/64) cos((2y+1)vπ/64)
func lowFrequencies(cells []uint8) (f [64]int64) {
	cos := cosines()
	for y := range 32 {
		for u := range 8 {
			var across int64
			for x, v := range cells[32*y : 32*y+32] {
				across += int64(v) * cos[u][x]
			}
			for v := range 8 {
				f[8*v+u] += across * cos[v][y]
			}
		}
	}
	return f
}

// cosines returns cos((2x+1)uπ/64) in 14-bit fixed point.
func cosines() (c [8][32]int64) {
	for u := range c {
		for x := range c[u] {
			c[u][x] = int64(math.Round(math.Cos(float64((2*x+1)*u)*math.Pi/64) * (1 << 14)))
		}
	}
	return c
}

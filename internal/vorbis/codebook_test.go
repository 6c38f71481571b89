package vorbis

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// randomLengths are the lengths of the codes of a random whole tree, in random order, with
// entries that have none between them.
func randomLengths(r *rand.Rand, entries int) []uint8 {
	lengths := []uint8{1, 1}
	for len(lengths) < entries {
		i := r.IntN(len(lengths))
		if r.IntN(3) > 0 {
			i = len(lengths) - 1 // so that some become long
		}
		if lengths[i] < 32 {
			lengths[i]++
			lengths = append(lengths, lengths[i])
		}
	}
	lengths = append(lengths, 0, 0)
	r.Shuffle(len(lengths), func(i, j int) { lengths[i], lengths[j] = lengths[j], lengths[i] })
	return lengths
}

// naiveCodes gives each entry the lowest code that no other one begins with (Vorbis I,
// 3.2.1), as text.
func naiveCodes(lengths []uint8) []string {
	codes := make([]string, len(lengths))
	taken := map[string]bool{} // codes and what they begin with
	var lowest func(from string, n int) string
	isCode := map[string]bool{}
	lowest = func(from string, n int) string {
		if isCode[from] || len(from) == n && taken[from] {
			return ""
		}
		if len(from) == n {
			return from
		}
		if c := lowest(from+"0", n); c != "" {
			return c
		}
		return lowest(from+"1", n)
	}
	for i, n := range lengths {
		if n == 0 {
			continue
		}
		c := lowest("", int(n))
		codes[i], isCode[c] = c, true
		for j := range len(c) + 1 {
			taken[c[:j]] = true
		}
	}
	return codes
}

func TestEveryCodeIsFoundWhateverFollows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		lengths := randomLengths(r, 2+r.IntN(60))
		book, whole := newCodebook(1, lengths)
		require.True(t, whole)
		for entry, code := range naiveCodes(lengths) {
			if code == "" {
				require.Zero(t, lengths[entry])
				continue
			}
			for _, fill := range []byte{0, 0xff} {
				packet := make([]byte, 8)
				for i := range packet {
					packet[i] = fill
				}
				for i, c := range code {
					packet[i/8] = packet[i/8]&^(1<<(i%8)) | byte(c-'0')<<(i%8)
				}
				var in bitReader
				in.reset(packet)
				require.Equal(t, entry, book.next(&in))
				require.Equal(t, len(code), in.pos)
			}
		}
	}
}

func TestTreesThatAreNotWholeAreRefused(t *testing.T) {
	for name, lengths := range map[string][]uint8{
		"no code":      {0, 0},
		"one code":     {1, 0},
		"too few":      {2, 2, 2},
		"too many":     {1, 1, 1},
		"one too long": {1, 3, 3, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			_, whole := newCodebook(1, lengths)
			require.False(t, whole)
		})
	}
}

func TestACodeBehindTheEndIsNone(t *testing.T) {
	book, _ := newCodebook(1, []uint8{1, 2, 2})
	var in bitReader
	in.reset([]byte{0xff})
	for range 4 {
		require.Equal(t, 2, book.next(&in))
	}
	require.Equal(t, -1, book.next(&in))
	require.True(t, in.short)
}

func TestNumbersAreUnpacked(t *testing.T) {
	require.Equal(t, float32(0), unpack(0))
	require.Equal(t, float32(1), unpack(788<<21|1))
	require.Equal(t, float32(-3), unpack(1<<31|788<<21|3))
	require.Equal(t, float32(0.5), unpack(787<<21|1))
	require.Equal(t, float32(math.Inf(1)), unpack(1023<<21|1)*1e10)
}

// naiveFloor is a curve as Vorbis I, 7.2.4, draws it: by points in order of x and a line
// between each two that matter.
func naiveLine(x0, y0, x1, y1, x int) int {
	dy, dx := y1-y0, x1-x0
	base, sign := dy/dx, 1
	if dy < 0 {
		sign = -1
	}
	rest := max(dy, -dy) - max(base, -base)*dx
	return y0 + base*(x-x0) + sign*(rest*(x-x0)/dx)
}

func TestLinesOfAFloor(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		x0, y0, y1 := r.IntN(30), r.IntN(256), r.IntN(256)
		x1 := x0 + 1 + r.IntN(80)
		lines := make([]float32, 100)
		for i := range lines {
			lines[i] = 1
		}
		scaleLine(lines, x0, y0, x1, y1)
		for x, v := range lines {
			want := float32(1)
			if x0 <= x && x < x1 {
				want = decibels[naiveLine(x0, y0, x1, y1, x)]
			}
			require.Equal(t, want, v)
		}
	}
}

func TestDecibelsAreThoseOfTheSpecification(t *testing.T) {
	for i, want := range map[int]float64{0: 1.0649863e-07, 1: 1.1341951e-07, 128: 0.00033677814, 254: 0.9389798, 255: 1} {
		require.InEpsilon(t, want, decibels[i], 1e-6)
	}
}

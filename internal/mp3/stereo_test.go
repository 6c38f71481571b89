package mp3_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/mp3"
)

const (
	plainMode    = 0x00
	directedMode = 0x50
	bothMode     = 0x70 // middle and side too
)

// leftBits are the bits of the left channel: 100 pairs and what follows.
const leftBits = 900

// twoFrames decodes a frame twice. Its left channel is noise; the right one is silent and
// has scale factors, each p.
func twoFrames(version, mode int, left, right part, factors, width, p int) []float32 {
	random := rand.New(rand.NewPCG(5, 5))
	w := &bitWriter{}
	left.bits, right.bits = leftBits, factors*width
	for range 3 - version {
		for range leftBits {
			w.write(1, random.IntN(2))
		}
		for range factors {
			w.write(width, p)
		}
	}
	b := build(version, mode, 0, [2]part{left, right}, w.b)
	h, _ := mp3.ParseHeader(b)
	var d mp3.Decoder
	out, whole := d.Decode(nil, h, b)
	out, again := d.Decode(out, h, b)
	if !whole || !again {
		return nil
	}
	return out
}

// A right channel that is silent has the left one's sound by its direction (ISO/IEC
// 11172-3, 2.4.3.4.9.3, and 13818-3, 2.4.3.2), with middle and side or without.
func TestSoundGoesWhereItsDirectionSays(t *testing.T) {
	type layout struct {
		name     string
		p        part
		factors1 int // of MPEG 1
		factors2 int
	}
	layouts := []layout{
		{"long", part{pairs: 100, gain: 190, tables: [3]int{1, 1, 1}}, 21, 21},
		{"short", part{pairs: 100, gain: 190, tables: [3]int{1, 1, 1}, switched: true, block: 2}, 36, 36},
		{"mixed", part{pairs: 100, gain: 190, tables: [3]int{1, 1, 1}, switched: true, block: 2, mixed: true}, 35, 33},
	}
	for _, l := range layouts {
		for _, mode := range []int{directedMode, bothMode} {
			for p := range 7 {
				t.Run(fmt.Sprintf("MPEG 1, %s, mode %#x, direction %d", l.name, mode, p), func(t *testing.T) {
					ratio := math.Tan(float64(p) * math.Pi / 12)
					left, right := ratio/(1+ratio), 1/(1+ratio)
					requireDirected(t, 1, mode, l.p, 13, l.factors1, 3, p, left, right)
				})
			}
			for p := 0; p < 15; p += 3 {
				for step := range 2 {
					t.Run(fmt.Sprintf("MPEG 2, %s, mode %#x, direction %d by %d", l.name, mode, p, step), func(t *testing.T) {
						left, right := 1.0, 1.0
						less := math.Exp2(-float64(1+step) / 4 * float64((p+1)/2))
						if p%2 == 1 {
							left = less
						} else {
							right = less
						}
						requireDirected(t, 2, mode, l.p, 172<<1|step, l.factors2, 4, p, left, right)
					})
				}
			}
		}
	}
}

func requireDirected(t *testing.T, version, mode int, p part, code, factors, width, direction int, left, right float64) {
	t.Helper()
	silent := part{gain: 210, scaleCode: code, switched: p.switched, block: p.block, mixed: p.mixed}
	plain := silent
	plain.scaleCode = 0
	want := twoFrames(version, plainMode, p, plain, 0, 0, 0)
	got := twoFrames(version, mode, p, silent, factors, width, direction)
	require.NotEmpty(t, want)
	require.Len(t, got, len(want))
	loudest, worst := float32(0), 0.0
	for i := 0; i < len(want); i += 2 {
		loudest = max(loudest, want[i])
		worst = max(worst, math.Abs(float64(want[i+1])))
		worst = max(worst, math.Abs(float64(want[i])*left-float64(got[i])), math.Abs(float64(want[i])*right-float64(got[i+1])))
	}
	require.LessOrEqual(t, worst, 1e-6)
	require.Greater(t, loudest, float32(0.01))
}

// The largest number is no direction: the channels stay what they are.
func TestADirectionThatIsNoneChangesNothing(t *testing.T) {
	p := part{pairs: 100, gain: 190, tables: [3]int{1, 1, 1}}
	requireDirected(t, 1, directedMode, p, 13, 21, 3, 7, 1, 0)
	requireDirected(t, 2, directedMode, p, 172<<1, 21, 4, 15, 1, 0)
	requireDirected(t, 1, bothMode, p, 13, 21, 3, 7, math.Sqrt2/2, math.Sqrt2/2)
}

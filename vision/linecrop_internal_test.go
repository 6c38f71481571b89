package vision

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func noisyPicture(rng *rand.Rand, w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(rng.Uint32()) | 255*uint8(i%4/3) // opaque
	}
	return m
}

// naiveCrop samples the whole picture, channel by channel.
func naiveCrop(m *image.NRGBA, f lineFrame, w int) []float64 {
	at := func(x, y, c int) float64 {
		x, y = min(max(x, 0), m.Rect.Dx()-1), min(max(y, 0), m.Rect.Dy()-1)
		return float64(m.Pix[m.PixOffset(x, y)+c])
	}
	n := int(min(max(math.Round(f.height()/lineHeight), 1), 8))
	out := make([]float64, 3*lineHeight*w)
	for i := range out {
		c, y, x := 2-i/(lineHeight*w), i/w%lineHeight, i%w
		sum := 0.0
		for k := range n * n {
			u := (float64(x*n+k%n) + 0.5) / float64(w*n)
			v := (float64(y*n+k/n) + 0.5) / float64(lineHeight*n)
			p := f.at.plus(f.along, u).plus(f.down, v)
			x, y := min(max(p.X-0.5, 0), float64(m.Rect.Dx()-1)), min(max(p.Y-0.5, 0), float64(m.Rect.Dy()-1))
			x0, y0 := math.Floor(x), math.Floor(y)
			top := at(int(x0), int(y0), c)*(x0+1-x) + at(int(x0)+1, int(y0), c)*(x-x0)
			bottom := at(int(x0), int(y0)+1, c)*(x0+1-x) + at(int(x0)+1, int(y0)+1, c)*(x-x0)
			sum += top*(y0+1-y) + bottom*(y-y0)
		}
		out[i] = sum/float64(n*n)/127.5 - 1
	}
	return out
}

func TestACropIsWhatSamplingTheWholePictureGives(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for round := range 150 {
		m := noisyPicture(rng, 1+rng.IntN(120), 1+rng.IntN(90))
		s, err := newSource(m)
		require.NoError(t, err)
		sin, cos := math.Sincos(rng.Float64() * 2 * math.Pi)
		length, height := 5+150*rng.Float64(), 5+120*rng.Float64()
		f := lineFrame{
			Point{160*rng.Float64() - 20, 130*rng.Float64() - 20},
			Point{length * cos, length * sin}, Point{-height * sin, height * cos},
		}
		w := 1 + rng.IntN(40)
		crop := newLineCrop(s.w, s.h, s.nrgba, f)
		for _, frame := range []lineFrame{f, f.turned(), f.part(0, 0.3)} {
			got := make([]float32, 3*lineHeight*(w+3))
			crop.fill(got, frame, w, w+3)
			for i, want := range naiveCrop(m, frame, w) {
				// float32 weights, and a place on an edge between pixels
				require.InDelta(t, want, got[i/w*(w+3)+i%w], 1e-4, "round %d, number %d", round, i)
			}
			require.Zero(t, got[w], "behind the line")
		}
	}
}

func TestACropOfItsOwnSizeIsThePicture(t *testing.T) {
	m := noisyPicture(rand.New(rand.NewPCG(2, 3)), 100, 60)
	s, err := newSource(m)
	require.NoError(t, err)
	f := lineFrame{Point{10, 5}, Point{40, 0}, Point{0, lineHeight}}
	crop := newLineCrop(s.w, s.h, s.nrgba, f)
	require.LessOrEqual(t, len(crop.rows), lineHeight+4, "only what is needed")
	got := make([]float32, 3*lineHeight*40)
	crop.fill(got, f, 40, 40)
	for i, v := range got {
		c, y, x := 2-i/(lineHeight*40), i/40%lineHeight, i%40
		require.InDelta(t, float64(m.Pix[m.PixOffset(10+x, 5+y)+c])/127.5-1, v, 1e-5)
	}
}

func BenchmarkLineCrop(b *testing.B) {
	m := noisyPicture(rand.New(rand.NewPCG(4, 3)), 1200, 200)
	s, err := newSource(m)
	require.NoError(b, err)
	f := lineFrame{Point{20, 20}, Point{1000, 60}, Point{-3, 50}}
	w := f.modelWidth()
	dst := make([]float32, 3*lineHeight*w)
	b.Run("crop", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			crop := newLineCrop(s.w, s.h, s.nrgba, f)
			crop.fill(dst, f, w, w)
		}
	})
	b.Run("naive", func(b *testing.B) {
		for b.Loop() {
			naiveCrop(m, f, w)
		}
	})
}

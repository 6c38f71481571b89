package vision

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
)

// boxed letterboxes a part of a picture, or around it all, to n by n pixels.
func boxed(t testing.TB, m image.Image, n int, parts ...square) []float32 {
	t.Helper()
	s, err := newSource(m)
	require.NoError(t, err)
	part := around(s.w, s.h)
	if len(parts) > 0 {
		part = parts[0]
	}
	dst := make([]float32, 3*n*n)
	for i := range dst {
		dst[i] = float32(math.NaN()) // all must be written
	}
	s.letterbox(dst, n, part)
	return dst
}

// sizes are around multiples of eight and sixteen samples, and far from square.
var sizes = [][2]int{
	{1, 1}, {2, 1}, {1, 3}, {5, 7}, {8, 8}, {15, 16}, {17, 16}, {31, 33}, {32, 32}, {47, 20}, {48, 48}, {49, 50},
	{64, 9}, {100, 30}, {127, 129}, {200, 3}, {3, 200}, {333, 77}, {1000, 1}, {1, 5000}, {700, 500},
}

func TestLetterboxMapsPointsToWhereTheyBelong(t *testing.T) {
	const n = 16
	for _, size := range sizes {
		w, h := size[0], size[1]
		for name, part := range map[string]square{
			"whole": around(w, h),
			"tile":  {float64(w / 3), float64(h / 4), math.Ceil(float64(max(w, h)) / 2)},
			"apart": {-3.25, 1.5, 20},
			"wide":  {-10, -20, float64(3 * max(w, h))},
		} {
			t.Run(fmt.Sprintf("%dx%d %s", w, h, name), func(t *testing.T) {
				ramps := image.NewNRGBA(image.Rect(7, 5, 7+w, 5+h))
				for y := range h {
					for x := range w { // red tells the column, green the row
						ramps.SetNRGBA(7+x, 5+y, color.NRGBA{ramp(x, w), ramp(y, h), 200, 255})
					}
				}
				wantRamps(t, boxed(t, ramps, n, part), n, part, w, h)
			})
		}
	}
}

// ramp grows from 0 to 255 along an axis.
func ramp(i, length int) uint8 { return uint8(math.Round((float64(i) + 0.5) / float64(length) * 255)) }

func wantRamps(t *testing.T, got []float32, n int, part square, w, h int) {
	t.Helper()
	step := part.side / float64(n)
	// At the edge the filter has less to weigh.
	bound := func(at float64, length int) float64 {
		off := 0.2 * max(math.Floor(step), 1)
		if edge := max(2*step, 1); at < edge || at > float64(length)-edge {
			off = max(1.5*step, 0.5)
		}
		return off/float64(length) + 1/255.0
	}
	for i := range n * n {
		x, y := part.x+(float64(i%n)+0.5)*step, part.y+(float64(i/n)+0.5)*step
		r, g, b := (got[3*i]+1)/2, (got[3*i+1]+1)/2, (got[3*i+2]+1)/2
		if x < 0 || y < 0 || x >= float64(w) || y >= float64(h) {
			require.Zero(t, [3]float32{r, g, b}, "outside, at %v, %v", x, y)
			continue
		}
		require.InDelta(t, x/float64(w), r, bound(x, w), "column %v", x)
		require.InDelta(t, y/float64(h), g, bound(y, h), "row %v", y)
		require.InDelta(t, 200/255.0, b, 1e-5)
	}
}

func TestLetterboxIsCloseToTheExactFilter(t *testing.T) {
	const n = 64
	for _, size := range [][2]int{{64, 48}, {90, 130}, {200, 100}, {257, 311}} {
		m := synth.Picture(9, size[0], size[1])
		s, err := newSource(m)
		require.NoError(t, err)
		part := around(s.w, s.h)
		got := boxed(t, m, n)
		cols, rows := part.axis(part.x, n, s.w), part.axis(part.y, n, s.h)
		exact, err := s.resize(frame{cols.from, rows.from, cols.to, rows.to}, cols.n, rows.n, Bilinear)
		require.NoError(t, err)
		sum := 0.0
		for y := range rows.n {
			for x := range cols.n {
				for c, v := range exact.Pix[exact.PixOffset(x, y):][:3] {
					at := 3*((rows.first+y)*n+cols.first+x) + c
					sum += math.Abs(float64(got[at]+1)*127.5 - float64(v))
				}
			}
		}
		require.Less(t, sum/float64(3*rows.n*cols.n), 0.4, "%v", size)
	}
}

func TestLetterboxIsTheSameForEveryTypeOfPicture(t *testing.T) {
	const n = 16
	gray := image.NewGray(image.Rect(0, 0, 60, 37))
	for i := range gray.Pix {
		gray.Pix[i] = uint8(i % 251)
	}
	want := boxed(t, gray, n)
	b := gray.Bounds()
	same := map[string]interface {
		image.Image
		Set(x, y int, c color.Color)
	}{
		"NRGBA": image.NewNRGBA(b), "RGBA": image.NewRGBA(b), "NRGBA64": image.NewNRGBA64(b),
		"RGBA64": image.NewRGBA64(b), "Gray16": image.NewGray16(b),
	}
	for name, m := range same {
		t.Run(name, func(t *testing.T) {
			for y := range b.Dy() {
				for x := range b.Dx() {
					m.Set(x, y, gray.At(x, y))
				}
			}
			require.InDeltaSlice(t, want, boxed(t, m, n), 1e-5)
		})
	}
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		t.Run("YCbCr "+ratio.String(), func(t *testing.T) {
			m := image.NewYCbCr(image.Rect(0, 0, 67, 41), ratio)
			for i := range m.Cb {
				m.Cb[i], m.Cr[i] = 128, 128
			}
			sub := m.SubImage(image.Rect(3, 1, 63, 38)).(*image.YCbCr)
			for y := range b.Dy() {
				copy(sub.Y[y*sub.YStride:], gray.Pix[y*gray.Stride:][:b.Dx()])
			}
			require.InDeltaSlice(t, want, boxed(t, sub, n), 1e-5)
		})
	}
}

func TestLetterboxKeepsColours(t *testing.T) {
	m := image.NewYCbCr(image.Rect(0, 0, 90, 60), image.YCbCrSubsampleRatio420)
	y, cb, cr := color.RGBToYCbCr(200, 100, 50)
	for i := range m.Y {
		m.Y[i] = y
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = cb, cr
	}
	got := boxed(t, m, 9)
	middle := got[3*(4*9+4):][:3]
	require.InDeltaSlice(t, []float32{200/127.5 - 1, 100/127.5 - 1, 50/127.5 - 1}, middle, 0.02)

	clear := image.NewNRGBA(image.Rect(0, 0, 9, 9))
	for i := range clear.Pix {
		clear.Pix[i] = []uint8{255, 0, 0, 51}[i%4] // a fifth red
	}
	got = boxed(t, clear, 9)
	require.InDeltaSlice(t, []float32{1, 0.6, 0.6}, got[3*40:][:3], 1e-5, "transparent is on white")
}

// FuzzLetterbox holds any part of any size of picture against the bounds of the
// result.
func FuzzLetterbox(f *testing.F) {
	f.Add(10, 20, 0.0, 0.0, 20.0)
	f.Add(3000, 1, -7.5, 0.25, 3000.0)
	f.Add(700, 400, 100.0, 90.0, 3.0)
	f.Fuzz(func(t *testing.T, w, h int, x, y, side float64) {
		w, h = 1+int(uint(w)%3000), 1+int(uint(h)%3000)
		if !(math.Abs(x) < 5000 && math.Abs(y) < 5000 && side >= 1 && side < 5000) {
			return
		}
		m := image.NewGray(image.Rect(0, 0, w, h))
		for i := range m.Pix {
			m.Pix[i] = 51
		}
		for i, v := range boxed(t, m, 16, square{x, y, side}) {
			cx, cy := x+(float64(i/3%16)+0.5)*side/16, y+(float64(i/48)+0.5)*side/16
			inside := cx >= 0 && cy >= 0 && cx < float64(w) && cy < float64(h)
			if math.Abs(float64(v)+0.6) > 1e-4 && inside || v != -1 && !inside {
				t.Fatalf("%v at %v, %v", v, cx, cy)
			}
		}
	})
}

func BenchmarkLetterbox(b *testing.B) {
	for _, size := range [][2]int{{512, 512}, {1024, 768}, {4000, 3000}} {
		m := image.NewYCbCr(image.Rect(0, 0, size[0], size[1]), image.YCbCrSubsampleRatio420)
		s, err := newSource(m)
		require.NoError(b, err)
		dst := make([]float32, 3*faceSide*faceSide)
		part := around(s.w, s.h)
		name := fmt.Sprintf("size=%dx%d/", size[0], size[1])
		b.Run(name+"letterbox", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.letterbox(dst, faceSide, part)
			}
		})
		b.Run(name+"filter", func(b *testing.B) {
			w, h := contain(s.w, s.h, faceSide, faceSide)
			for b.Loop() {
				if _, err := s.resize(frame{0, 0, float64(s.w), float64(s.h)}, w, h, Bilinear); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

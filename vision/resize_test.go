package vision_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/draw"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

var filters = map[string]vision.Filter{
	"lanczos3": vision.Lanczos3, "catmullrom": vision.CatmullRom, "bilinear": vision.Bilinear, "box": vision.Box,
}

// noise is a picture of random pixels, the hardest to resample.
func noise(seed uint64, w, h int, alpha bool) *image.NRGBA {
	rng := rand.New(rand.NewPCG(seed, 1))
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(rng.Uint32())
		if i%4 == 3 && !alpha {
			m.Pix[i] = 255
		}
	}
	return m
}

// kernel is a filter by its definition in the literature.
func kernel(f vision.Filter, x float64) float64 {
	x = math.Abs(x)
	sinc := func(x float64) float64 {
		if x == 0 {
			return 1
		}
		return math.Sin(math.Pi*x) / (math.Pi * x)
	}
	switch f {
	case vision.Bilinear:
		return max(0, 1-x)
	case vision.CatmullRom: // Mitchell-Netravali with B=0, C=1/2
		const c = 0.5
		switch {
		case x < 1:
			return ((12-6*c)*x*x*x + (-18+6*c)*x*x + 6) / 6
		case x < 2:
			return (-6*c*x*x*x + 30*c*x*x - 48*c*x + 24*c) / 6
		}
		return 0
	}
	if x < 3 {
		return sinc(x) * sinc(x/3)
	}
	return 0
}

// naive is resampling by its definition: a weighted mean over all source pixels
// for each output pixel, in float64.
func naive(m *image.NRGBA, w, h int, f vision.Filter) *image.NRGBA {
	weight := func(src, dst, i, o int) float64 {
		step := float64(src) / float64(dst)
		if f == vision.Box { // the common length of pixel and output pixel
			return max(0, min(float64(i+1), float64(o+1)*step)-max(float64(i), float64(o)*step))
		}
		return kernel(f, (float64(i)+0.5-(float64(o)+0.5)*step)/max(step, 1))
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	sw, sh := m.Rect.Dx(), m.Rect.Dy()
	for oy := range h {
		for ox := range w {
			var sum [4]float64
			var total float64
			for y := range sh {
				for x := range sw {
					k := weight(sw, w, x, ox) * weight(sh, h, y, oy)
					p := m.NRGBAAt(x, y)
					a := float64(p.A)
					for c, v := range []float64{float64(p.R) * a, float64(p.G) * a, float64(p.B) * a, a} {
						sum[c] += k * v
					}
					total += k
				}
			}
			clamp := func(v float64) uint8 { return uint8(min(max(v, 0), 255) + 0.5) }
			a := sum[3] / total
			p := color.NRGBA{A: clamp(a)}
			if p.A > 0 {
				p.R, p.G, p.B = clamp(sum[0]/sum[3]), clamp(sum[1]/sum[3]), clamp(sum[2]/sum[3])
			}
			out.SetNRGBA(ox, oy, p)
		}
	}
	return out
}

// differ returns the mean and the largest difference of channels, colours
// weighted by alpha.
func differ(t testing.TB, a, b image.Image) (mean, most float64) {
	t.Helper()
	require.Equal(t, a.Bounds().Size(), b.Bounds().Size())
	n := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r0, g0, b0, a0 := a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y).RGBA()
			r1, g1, b1, a1 := b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y).RGBA()
			for _, p := range [][2]uint32{{r0, r1}, {g0, g1}, {b0, b1}, {a0, a1}} {
				d := math.Abs(float64(p[0])-float64(p[1])) / 257
				mean += d
				most = max(most, d)
				n++
			}
		}
	}
	return mean / float64(n), most
}

func TestResizeAgreesWithItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	for name, f := range filters {
		for i := range 24 {
			w, h, ow, oh := 1+rng.IntN(16), 1+rng.IntN(16), 1+rng.IntN(24), 1+rng.IntN(24)
			if i == 0 {
				w, h, ow, oh = 8, 9, 24, 27 // samples meet output pixels exactly
			}
			m := noise(uint64(i), w, h, i%2 == 0)
			got, err := vision.Resize(m, ow, oh, f)
			require.NoError(t, err)
			_, most := differ(t, naive(m, ow, oh, f), got)
			require.LessOrEqual(t, most, 1.0, "%s: %dx%d to %dx%d", name, w, h, ow, oh)
		}
	}
}

func TestResizeKeepsWhatItMust(t *testing.T) {
	flat := image.NewNRGBA(image.Rect(0, 0, 50, 30))
	draw.Draw(flat, flat.Rect, image.NewUniform(color.NRGBA{200, 100, 3, 255}), image.Point{}, draw.Src)
	m := noise(1, 31, 17, true)
	for name, f := range filters {
		t.Run(name, func(t *testing.T) {
			same, err := vision.Resize(m, 31, 17, f)
			require.NoError(t, err)
			samePixels(t, m, same)
			for _, size := range []image.Point{{1, 1}, {7, 200}, {51, 31}, {333, 2}} {
				got, err := vision.Resize(flat, size.X, size.Y, f)
				require.NoError(t, err)
				for p := got.Pix; len(p) > 0; p = p[4:] {
					require.Equal(t, []byte{200, 100, 3, 255}, p[:4])
				}
			}
		})
	}
}

func TestTransparentPixelsDoNotBleed(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for i := 0; i < len(m.Pix); i += 4 {
		copy(m.Pix[i:], []byte{0, 255, 0, 0}) // green that nobody sees
		if i/4%40 < 20 {
			copy(m.Pix[i:], []byte{255, 0, 0, 255})
		}
	}
	for name, f := range filters {
		got, err := vision.Resize(m, 13, 13, f)
		require.NoError(t, err)
		half := false
		for p := got.Pix; len(p) > 0; p = p[4:] {
			half = half || p[3] > 10 && p[3] < 245
			if p[3] > 0 {
				require.Equal(t, []byte{255, 0, 0}, p[:3], name)
			}
		}
		require.True(t, half, "%s: the edge is soft", name)
	}
}

// sources are the same picture in every type that a decoder or a program gives.
func sources(t testing.TB, w, h int) map[string]image.Image {
	t.Helper()
	m := photograph(w, h)
	out := map[string]image.Image{"NRGBA": m, "unknown type": turned(m, 1)}
	for name, d := range map[string]draw.Image{
		"RGBA": image.NewRGBA(m.Rect), "RGBA64": image.NewRGBA64(m.Rect), "NRGBA64": image.NewNRGBA64(m.Rect),
	} {
		draw.Draw(d, m.Rect, m, image.Point{}, draw.Src)
		out[name] = d
	}
	big := image.NewRGBA(image.Rect(-5, -6, w+9, h+8))
	draw.Draw(big, m.Rect, m, image.Point{}, draw.Src)
	out["part of a larger RGBA"] = big.SubImage(m.Rect)
	return out
}

func TestResizeReadsEveryType(t *testing.T) {
	want, err := vision.Resize(photograph(61, 47), 20, 30, vision.Lanczos3)
	require.NoError(t, err)
	for name, m := range sources(t, 61, 47) {
		t.Run(name, func(t *testing.T) {
			got, err := vision.Resize(m, 20, 30, vision.Lanczos3)
			require.NoError(t, err)
			samePixels(t, want, got)
		})
	}
	// These hold another picture: compare with the same pixels as an NRGBA.
	for _, file := range []string{
		"video-005.gray.jpeg", "basn0g16.png", "video-001.cmyk.jpeg", "video-001.gif", "triangle-001.gif",
		"yellow_rose.lossy-with-alpha.webp", "basn6a16.png", "basn4a16.png", "invalid-palette.png",
	} {
		t.Run(file, func(t *testing.T) {
			m, _, err := vision.Decode(bytes.NewReader(libraryFile(t, file)), vision.DecodeOptions{})
			require.NoError(t, err)
			want, err := vision.Resize(nrgba(m), 50, 30, vision.Bilinear)
			require.NoError(t, err)
			got, err := vision.Resize(m, 50, 30, vision.Bilinear)
			require.NoError(t, err)
			mean, most := differ(t, want, got)
			require.LessOrEqual(t, most, 2.0)
			require.Less(t, mean, 0.3)
		})
	}
}

// Chroma is interpolated, which is not the same as repeating it for each pixel
// first, but must not shift it: the difference stays small and without a bias.
func TestResizeOfYCbCrStaysCloseToRGB(t *testing.T) {
	for _, sampling := range []string{"444", "440", "422", "420", "411", "410"} {
		t.Run(sampling, func(t *testing.T) {
			file := libraryFile(t, "video-001.q50."+sampling+".jpeg")
			m, _, err := vision.Decode(bytes.NewReader(file), vision.DecodeOptions{})
			require.NoError(t, err)
			for _, part := range []image.Rectangle{
				m.Bounds(), image.Rect(0, 0, 101, 77), image.Rect(7, 3, 150, 103), image.Rect(33, 17, 34, 18),
			} {
				sub := m.(*image.YCbCr).SubImage(part)
				want, err := vision.Resize(nrgba(sub), 60, 40, vision.Lanczos3)
				require.NoError(t, err)
				got, err := vision.Resize(sub, 60, 40, vision.Lanczos3)
				require.NoError(t, err)
				mean, _ := differ(t, want, got)
				require.Less(t, mean, 1.2, "%v", part)
			}
		})
	}
}

// The two kernels that both libraries have. x/image/draw rounds to 16 bits, so
// only rounding to 8 bits can differ.
func TestResizeAgreesWithXImageDraw(t *testing.T) {
	m := photograph(200, 150)
	for name, tt := range map[string]struct {
		f    vision.Filter
		want draw.Interpolator
	}{"catmullrom": {vision.CatmullRom, draw.CatmullRom}, "bilinear": {vision.Bilinear, draw.BiLinear}} {
		for _, size := range []image.Point{{57, 43}, {200, 16}, {320, 240}, {1, 1}} {
			t.Run(fmt.Sprintf("%s to %v", name, size), func(t *testing.T) {
				got, err := vision.Resize(m, size.X, size.Y, tt.f)
				require.NoError(t, err)
				want := image.NewNRGBA(got.Rect)
				tt.want.Scale(want, want.Rect, m, m.Rect, draw.Src, nil)
				mean, most := differ(t, want, got)
				t.Logf("mean %.4f, max %.1f of 255", mean, most)
				require.Less(t, mean, 0.5)
				require.LessOrEqual(t, most, 1.0)
			})
		}
	}
}

func TestResizeRefusesWhatItCannotDo(t *testing.T) {
	m := photograph(10, 10)
	long := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.Black, color.White})
	long.Pix[7] = 2
	hole := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{nil})
	gray := func(r image.Rectangle, stride int) image.Image {
		return &image.Gray{Pix: m.Pix, Rect: r, Stride: stride}
	}
	yuv := func(r image.Rectangle, chroma int) image.Image {
		return &image.YCbCr{Y: m.Pix, Cb: m.Pix[:chroma], Cr: m.Pix, Rect: r, YStride: 10, CStride: 10}
	}
	for name, tt := range map[string]struct {
		w, h  int
		f     vision.Filter
		cause error
	}{
		"width 0":         {0, 5, vision.Box, quintet.ErrOption},
		"negative height": {5, -1, vision.Box, quintet.ErrOption},
		"no such filter":  {5, 5, 4, quintet.ErrOption},
		"negative filter": {5, 5, -1, quintet.ErrOption},
		"too long":        {16385, 1, vision.Box, quintet.ErrInput},
		"too many pixels": {10000, 10000, vision.Box, quintet.ErrInput},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := vision.Resize(m, tt.w, tt.h, tt.f)
			require.ErrorIs(t, err, tt.cause)
			require.Nil(t, got)
		})
	}
	for name, bad := range map[string]image.Image{
		"nil":                    nil,
		"nil pointer":            (*image.YCbCr)(nil),
		"empty":                  image.NewGray(image.Rectangle{}),
		"a plane without end":    image.NewUniform(color.White),
		"index beyond palette":   long,
		"colour that is nil":     hole,
		"no pixels":              &image.NRGBA{Rect: m.Rect, Stride: 40},
		"stride too short":       &image.RGBA{Pix: m.Pix, Rect: m.Rect, Stride: 39},
		"negative stride":        gray(m.Rect, -10),
		"stride that overflows":  gray(m.Rect, math.MaxInt),
		"bounds that overflow":   gray(image.Rect(math.MinInt, 0, math.MaxInt, 1), 1),
		"chroma too small":       yuv(m.Rect, 1),
		"chroma at negative":     yuv(image.Rect(-3, 0, 3, 3), 400),
		"chroma at the last int": yuv(image.Rect(math.MaxInt-3, 0, math.MaxInt, 3), 400),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := vision.Resize(bad, 5, 5, vision.Box)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.Nil(t, got)
		})
	}
	var limit *vision.LimitError
	_, err := vision.Resize(m, 10000, 10000, vision.Box)
	require.ErrorAs(t, err, &limit)
	require.Equal(t, vision.LimitError{Field: "Pixels", Got: 1e8, Max: 50e6}, *limit)
}

// Sides that differ as much as can be: memory stays with the rows.
func TestExtremeSidesNeedNoMemory(t *testing.T) {
	const far = 2000
	wide, tall := image.NewGray(image.Rect(0, 0, far, 3)), image.NewGray(image.Rect(0, 0, 3, far))
	for _, m := range []image.Image{wide, tall} {
		for _, size := range []image.Point{{1, far}, {far, 1}, {3, 3}} {
			got := allocated(func() {
				_, err := vision.Resize(m, size.X, size.Y, vision.Lanczos3)
				require.NoError(t, err)
			})
			require.Less(t, got, uint64(1<<20), "%v to %v", m.Bounds(), size)
		}
	}
}

func TestThumbnailFits(t *testing.T) {
	tests := map[string]struct {
		src, box image.Point
		fit      vision.Fit
		want     image.Point
	}{
		"contain a wide one":    {image.Pt(400, 100), image.Pt(64, 64), vision.FitContain, image.Pt(64, 16)},
		"contain a tall one":    {image.Pt(100, 400), image.Pt(64, 64), vision.FitContain, image.Pt(16, 64)},
		"contain does not grow": {image.Pt(10, 20), image.Pt(64, 64), vision.FitContain, image.Pt(10, 20)},
		"contain a line":        {image.Pt(1000, 1), image.Pt(10, 10), vision.FitContain, image.Pt(10, 1)},
		"contain never exceeds": {image.Pt(1000, 999), image.Pt(333, 332), vision.FitContain, image.Pt(332, 332)},
		"cover":                 {image.Pt(400, 100), image.Pt(64, 64), vision.FitCover, image.Pt(64, 64)},
		"cover grows":           {image.Pt(8, 6), image.Pt(64, 64), vision.FitCover, image.Pt(64, 64)},
		"smart":                 {image.Pt(400, 100), image.Pt(64, 64), vision.FitSmart, image.Pt(64, 64)},
		"smart grows a pixel":   {image.Pt(1, 1), image.Pt(64, 3), vision.FitSmart, image.Pt(64, 3)},
		"stretch":               {image.Pt(400, 100), image.Pt(30, 70), vision.FitStretch, image.Pt(30, 70)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := vision.Thumbnail(photograph(tt.src.X, tt.src.Y), tt.box.X, tt.box.Y, tt.fit)
			require.NoError(t, err)
			require.Equal(t, image.Rectangle{Max: tt.want}, got.Rect)
		})
	}
	for name, size := range map[string]struct {
		w, h int
		fit  vision.Fit
	}{"no width": {0, 5, vision.FitContain}, "no height": {5, -5, vision.FitCover}, "no such fit": {5, 5, 4}} {
		_, err := vision.Thumbnail(photograph(5, 5), size.w, size.h, size.fit)
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
	_, err := vision.Thumbnail(photograph(5, 5), 1<<30, 5, vision.FitContain)
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = vision.Thumbnail(nil, 5, 5, vision.FitContain)
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestCoverCutsBothSidesAlike(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 300, 100)) // three squares: red, green, blue
	for i := range m.Rect.Dx() * m.Rect.Dy() {
		m.Pix[4*i+i%300/100], m.Pix[4*i+3] = 255, 255
	}
	got, err := vision.Thumbnail(m, 50, 50, vision.FitCover)
	require.NoError(t, err)
	for y := range 50 {
		for x := 3; x < 47; x++ {
			require.Equal(t, color.NRGBA{0, 255, 0, 255}, got.NRGBAAt(x, y), "%d,%d", x, y)
		}
		require.Equal(t, got.NRGBAAt(0, y).R, got.NRGBAAt(49, y).B)
	}
}

func BenchmarkResize(b *testing.B) {
	for _, size := range []struct{ w, h, ow, oh int }{{4000, 3000, 1152, 864}, {1152, 864, 224, 224}} {
		rgb := photograph(size.w, size.h)
		yuv, _, err := vision.Decode(bytes.NewReader(asJPEG(b, rgb, 95)), vision.DecodeOptions{})
		require.NoError(b, err)
		for kind, m := range map[string]image.Image{"nrgba": rgb, "ycbcr": yuv} {
			for name, f := range filters {
				b.Run(fmt.Sprintf("from=%d/src=%s/filter=%s/by=vision", size.w, kind, name), func(b *testing.B) {
					for b.Loop() {
						if _, err := vision.Resize(m, size.ow, size.oh, f); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			dst := image.NewNRGBA(image.Rect(0, 0, size.ow, size.oh))
			for name, s := range map[string]draw.Scaler{"catmullrom": draw.CatmullRom, "bilinear": draw.BiLinear} {
				b.Run(fmt.Sprintf("from=%d/src=%s/filter=%s/by=ximage", size.w, kind, name), func(b *testing.B) {
					for b.Loop() {
						s.Scale(dst, dst.Rect, m, m.Bounds(), draw.Src, nil)
					}
				})
			}
		}
	}
}

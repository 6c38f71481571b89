package jpeg_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/jpeg"
)

// libraryFiles are the JPEGs of the standard library's tests by name: all
// samplings, progressive ones, restart markers, CMYK.
func libraryFiles(t testing.TB) map[string][]byte {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skipf("no go command to ask for the test data of the standard library: %v", err)
	}
	paths, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "src/image/testdata/*.jpeg"))
	require.NoError(t, err)
	files := map[string][]byte{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		files[filepath.Base(path)] = data
	}
	if len(files) == 0 {
		t.Skip("the Go installation has no test data")
	}
	return files
}

// photograph is a picture with edges, gradients and noise.
func photograph(w, h int) *image.RGBA {
	rng := rand.New(rand.NewPCG(1, 2))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			wave := math.Sin(float64(x*y)/900) * math.Cos(float64(x)/17)
			v := 127 + 90*wave + 20*rng.NormFloat64()
			m.Set(x, y, color.RGBA{clamp(v), clamp(v * float64(y) / float64(h)), clamp(255 - v), 255})
		}
	}
	return m
}

func clamp(v float64) uint8 { return uint8(max(0, min(255, v))) }

func encode(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, stdjpeg.Encode(&b, m, &stdjpeg.Options{Quality: quality}))
	return b.Bytes()
}

// stdPlanes decodes with the standard library; nil for pictures whose planes it
// does not give.
func stdPlanes(data []byte) [][]uint8 {
	m, err := stdjpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	switch m := m.(type) {
	case *image.Gray:
		return [][]uint8{rows(m.Pix, m.Stride, m.Rect.Dx(), m.Rect.Dy())}
	case *image.YCbCr:
		w, h := m.Rect.Dx(), m.Rect.Dy()
		cw, ch := w, h
		switch m.SubsampleRatio {
		case image.YCbCrSubsampleRatio422:
			cw = (w + 1) / 2
		case image.YCbCrSubsampleRatio420:
			cw, ch = (w+1)/2, (h+1)/2
		case image.YCbCrSubsampleRatio440:
			ch = (h + 1) / 2
		case image.YCbCrSubsampleRatio411:
			cw = (w + 3) / 4
		case image.YCbCrSubsampleRatio410:
			cw, ch = (w+3)/4, (h+1)/2
		}
		return [][]uint8{
			rows(m.Y, m.YStride, w, h), rows(m.Cb, m.CStride, cw, ch), rows(m.Cr, m.CStride, cw, ch),
		}
	}
	return nil
}

func rows(pix []uint8, stride, w, h int) []uint8 {
	var out []uint8
	for y := range h {
		out = append(out, pix[y*stride:][:w]...)
	}
	return out
}

// header reads the size that a file claims.
func header(data []byte) (c image.Config, ok bool) {
	c, err := stdjpeg.DecodeConfig(bytes.NewReader(data))
	return c, err == nil
}

func planeOf(p jpeg.Plane) []uint8 { return rows(p.Pix, p.Stride, p.Width, p.Height) }

func requireNear(t *testing.T, want, got []uint8, most int) {
	t.Helper()
	require.Len(t, got, len(want))
	worst, differ := 0, 0
	for i := range want {
		d := int(want[i]) - int(got[i])
		worst = max(worst, d, -d)
		if d != 0 {
			differ++
		}
	}
	require.LessOrEqual(t, worst, most)
	require.LessOrEqual(t, float64(differ), 0.05*float64(len(want))+1)
}

func TestPlanesAreThoseOfTheStandardLibrary(t *testing.T) {
	files := libraryFiles(t)
	for _, size := range [][2]int{{1, 1}, {8, 8}, {17, 33}, {200, 119}} {
		files[image.Pt(size[0], size[1]).String()] = encode(t, photograph(size[0], size[1]), 90)
	}
	compared := 0
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			want := stdPlanes(data)
			p, err := jpeg.Decode(context.Background(), data, jpeg.Options{})
			if want == nil {
				_, stdErr := stdjpeg.Decode(bytes.NewReader(data))
				require.Equal(t, stdErr == nil, err == nil, "%v beside %v", stdErr, err)
				return
			}
			require.NoError(t, err)
			for i, plane := range want {
				requireNear(t, plane, planeOf(p.Planes[i]), 1)
			}
			compared++
		})
	}
	require.Greater(t, compared, 12)
}

// A scaled picture is near the means of the pixels that it replaces; it is sharper.
func TestScaledPicturesAreMeans(t *testing.T) {
	for name, data := range libraryFiles(t) {
		whole, err := jpeg.Decode(context.Background(), data, jpeg.Options{})
		if err != nil {
			continue
		}
		for _, scale := range []int{2, 4, 8} {
			p, err := jpeg.Decode(context.Background(), data, jpeg.Options{Scale: scale})
			require.NoError(t, err, name)
			require.Equal(t, (whole.Width+scale-1)/scale, p.Width)
			require.Equal(t, (whole.Height+scale-1)/scale, p.Height)
			for i := range p.Planes {
				require.Less(t, meanError(whole.Planes[i], p.Planes[i], scale), 5.0, "%s at 1/%d", name, scale)
			}
		}
	}
}

func meanError(whole, scaled jpeg.Plane, scale int) float64 {
	sum, n := 0.0, 0
	for y := range whole.Height / scale {
		for x := range whole.Width / scale {
			mean := 0.0
			for j := range scale {
				for i := range scale {
					mean += float64(whole.Pix[(y*scale+j)*whole.Stride+x*scale+i])
				}
			}
			mean /= float64(scale * scale)
			sum += math.Abs(mean - float64(scaled.Pix[y*scaled.Stride+x]))
			n++
		}
	}
	return sum / float64(max(n, 1))
}

func TestBadOptionsAndFilesAreRefused(t *testing.T) {
	good := encode(t, photograph(40, 30), 80)
	_, err := jpeg.Decode(context.Background(), good, jpeg.Options{Scale: 3})
	require.ErrorIs(t, err, quintet.ErrOption)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = jpeg.Decode(done, good, jpeg.Options{})
	require.ErrorIs(t, err, context.Canceled)
	for n := range good {
		_, err := jpeg.Decode(context.Background(), good[:n], jpeg.Options{})
		require.ErrorIs(t, err, quintet.ErrInput, "%d of %d bytes", n, len(good))
	}
}

// reference is the transform of n frequencies in exact arithmetic; column x of a
// block begins at 8x.
func reference(b *[64]int32, n int) (out []float64) {
	wave := func(at, frequency int) float64 {
		c := math.Cos(float64((2*at+1)*frequency) * math.Pi / float64(2*n))
		if frequency == 0 {
			return c / math.Sqrt2
		}
		return c
	}
	for y := range n {
		for x := range n {
			sum := 128.0
			for v := range n {
				for u := range n {
					sum += float64(b[8*u+v]) / 4 * wave(x, u) * wave(y, v)
				}
			}
			out = append(out, max(0, min(255, sum)))
		}
	}
	return out
}

func TestTransformsAreExactToOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for n, transform := range map[int]func(*[64]int32, []uint8, int){8: jpeg.IDCT8, 4: jpeg.IDCT4, 2: jpeg.IDCT2} {
		for range 500 {
			var b [64]int32
			for range 1 + rng.IntN(20) {
				b[rng.IntN(64)] = rng.Int32N(401) - 200
			}
			want := reference(&b, n)
			got := make([]uint8, n*n)
			transform(&b, got, n)
			for i := range want {
				require.InDelta(t, want[i], float64(got[i]), 1.001)
			}
		}
	}
}

func TestAssemblyEqualsGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for round := range 2000 {
		var a [64]int32
		for i := range a {
			a[i] = rng.Int32() >> (round % 32) // sums overflow in the first rounds
			if rng.IntN(2) == 0 {
				a[i] = -a[i]
			}
		}
		for n, both := range map[int][2]func(*[64]int32, []uint8, int){
			8: {jpeg.IDCT8, jpeg.IDCT8Generic}, 4: {jpeg.IDCT4, jpeg.IDCT4Generic},
		} {
			stride := n + rng.IntN(9)
			x, y := a, a
			got, want := make([]uint8, n*stride), make([]uint8, n*stride)
			both[0](&x, got, stride)
			both[1](&y, want, stride)
			require.Equal(t, want, got)
			require.Zero(t, x, "a block is left zero for the next")
			require.Zero(t, y)
		}
	}
}

// Whatever the bytes, Decode returns planes of the size in the header, or an error
// with a cause.
func FuzzDecode(f *testing.F) {
	for _, data := range libraryFiles(f) {
		if len(data) < 20_000 {
			f.Add(data, uint8(len(data)))
		}
	}
	f.Add(encode(f, photograph(33, 21), 60), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, scale uint8) {
		c, ok := header(data)
		if !ok || c.Width*c.Height > 1<<18 || len(data) > 1<<16 {
			return
		}
		divisor := 1 << (scale % 4)
		p, err := jpeg.Decode(t.Context(), data, jpeg.Options{Scale: divisor})
		if err != nil {
			require.True(t, errors.Is(err, quintet.ErrInput) || errors.Is(err, quintet.ErrUnsupported), err)
			return
		}
		require.Equal(t, (c.Width+divisor-1)/divisor, p.Width)
		require.Equal(t, (c.Height+divisor-1)/divisor, p.Height)
		for _, plane := range p.Planes {
			require.GreaterOrEqual(t, len(plane.Pix), plane.Stride*plane.Height)
			require.GreaterOrEqual(t, plane.Stride, plane.Width)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := encode(b, photograph(1152, 864), 90)
	for _, scale := range []int{1, 2, 4, 8} {
		b.Run("scale="+string(rune('0'+scale)), func(b *testing.B) {
			b.SetBytes(1152 * 864)
			for b.Loop() {
				if _, err := jpeg.Decode(context.Background(), data, jpeg.Options{Scale: scale}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("image/jpeg", func(b *testing.B) {
		b.SetBytes(1152 * 864)
		for b.Loop() {
			if _, err := stdjpeg.Decode(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkIDCT(b *testing.B) {
	var block [64]int32
	dst := make([]uint8, 64)
	b.Run("kernel", func(b *testing.B) {
		for b.Loop() {
			block[9] = 100
			jpeg.IDCT8(&block, dst, 8)
		}
	})
	b.Run("go", func(b *testing.B) {
		for b.Loop() {
			block[9] = 100
			jpeg.IDCT8Generic(&block, dst, 8)
		}
	})
}

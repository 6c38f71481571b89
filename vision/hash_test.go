package vision_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/vision"
)

// cellsOf is the mean of the area of each cell, in floats, over all pixels.
func cellsOf(m *image.Gray, w, h int) []float64 {
	overlap := func(src, dst, i, o int) float64 {
		step := float64(src) / float64(dst)
		return max(0, min(float64(i+1), float64(o+1)*step)-max(float64(i), float64(o)*step))
	}
	out := make([]float64, w*h)
	for o := range out {
		var sum, area float64
		for x := range m.Rect.Dx() {
			across := overlap(m.Rect.Dx(), w, x, o%w)
			if across == 0 {
				continue
			}
			for y := range m.Rect.Dy() {
				k := across * overlap(m.Rect.Dy(), h, y, o/w)
				sum += k * float64(m.GrayAt(x, y).Y)
				area += k
			}
		}
		out[o] = math.Floor(sum/area + 0.5 + 1e-9)
	}
	return out
}

// naiveHashes follows the articles, with a DCT by its formula.
func naiveHashes(m *image.Gray) (average, difference, perceptual vision.Hash) {
	ask := func(h *vision.Hash, yes bool) {
		*h <<= 1
		if yes {
			*h |= 1
		}
	}
	a := cellsOf(m, 8, 8)
	mean := 0.0
	for _, v := range a {
		mean += v / 64
	}
	for _, v := range a {
		ask(&average, v > mean+1e-9)
	}
	d := cellsOf(m, 9, 8)
	for y := range 8 {
		for x := range 8 {
			ask(&difference, d[9*y+x] < d[9*y+x+1])
		}
	}
	p := cellsOf(m, 32, 32)
	var f []float64
	for v := range 8 {
		for u := range 8 {
			sum := 0.0
			for y := range 32 {
				for x := range 32 {
					cos := func(i, k int) float64 { return math.Cos(float64(2*i+1) * float64(k) * math.Pi / 64) }
					sum += p[32*y+x] * cos(x, u) * cos(y, v)
				}
			}
			f = append(f, sum)
		}
	}
	sorted := slices.Sorted(slices.Values(f))
	for _, v := range f {
		ask(&perceptual, v > (sorted[31]+sorted[32])/2)
	}
	return average, difference, perceptual
}

func TestHashesAreThoseOfTheirDefinition(t *testing.T) {
	for _, size := range []image.Point{{64, 64}, {83, 61}, {32, 100}, {7, 5}, {1, 1}, {300, 9}, {9000, 2}} {
		m := asGray(synth.Picture(uint64(size.X), size.X, size.Y))
		if size.X == 1 {
			m.Pix[0] = 77
		}
		t.Run(size.String(), func(t *testing.T) {
			got, err := vision.PerceptualHashes(m)
			require.NoError(t, err)
			a, d, p := naiveHashes(m)
			require.Equal(t, a, got.Average)
			require.Equal(t, d, got.Difference)
			if size.Y > 2 { // else most frequencies are 0, and rounding noise in floats
				require.LessOrEqual(t, p.Distance(got.Perceptual), 1, "14-bit cosines")
			}
		})
	}
}

func TestAFlatPictureHasNoNoiseInItsHash(t *testing.T) {
	for _, v := range []uint8{0, 1, 100, 255} {
		got, err := vision.PerceptualHashes(uniform(37, 53, color.Gray{v}))
		require.NoError(t, err)
		require.Zero(t, got.Average)
		require.Zero(t, got.Difference)
		require.Zero(t, got.Perceptual<<1, "only the mean is above the median")
	}
}

// variants are edits that a hash has to survive.
func variants(t testing.TB, m image.Image, qualities ...int) map[string]image.Image {
	t.Helper()
	b := m.Bounds()
	half, err := vision.Resize(m, b.Dx()/2, b.Dy()/2, vision.Lanczos3)
	require.NoError(t, err)
	square, err := vision.Resize(m, 300, 300, vision.Bilinear)
	require.NoError(t, err)
	out := map[string]image.Image{"half size": half, "other aspect": square}
	for _, q := range qualities {
		c, _, err := vision.Decode(bytes.NewReader(asJPEG(t, m, q)), vision.DecodeOptions{})
		require.NoError(t, err)
		out[fmt.Sprintf("JPEG of quality %d", q)] = c
	}
	return out
}

func hashesOf(t testing.TB, m image.Image) vision.Hashes {
	t.Helper()
	h, err := vision.PerceptualHashes(m)
	require.NoError(t, err)
	return h
}

// separate holds the largest distance of variants, which must not exceed most,
// against the smallest distance of different pictures.
func separate(t *testing.T, pictures []image.Image, most int, qualities ...int) {
	t.Helper()
	var originals []vision.Hashes
	near, far := [3]int{}, [3]int{64, 64, 64}
	distances := func(a, b vision.Hashes) [3]int {
		return [3]int{
			a.Average.Distance(b.Average), a.Difference.Distance(b.Difference), a.Perceptual.Distance(b.Perceptual),
		}
	}
	for n, m := range pictures {
		h := hashesOf(t, m)
		edits := qualities
		if n%3 != 0 {
			edits = nil // scaling alone: encoding is slow
		}
		for name, v := range variants(t, m, edits...) {
			for i, d := range distances(h, hashesOf(t, v)) {
				near[i] = max(near[i], d)
				require.LessOrEqual(t, d, most, "%s, hash %d", name, i)
			}
		}
		for _, other := range originals {
			for i, d := range distances(h, other) {
				far[i] = min(far[i], d)
			}
		}
		originals = append(originals, h)
	}
	t.Logf("aHash, dHash, pHash: variants within %v, other pictures from %v", near, far)
	for i := range near {
		require.Less(t, near[i], far[i])
	}
	require.GreaterOrEqual(t, far[2], 16)
}

func TestHashesTellPicturesApart(t *testing.T) {
	var pictures []image.Image
	for seed := range uint64(9) {
		pictures = append(pictures, synth.Picture(seed, 200, 150))
	}
	separate(t, pictures, 12, 50) // large areas without detail give noise the say
}

func TestHashesTellPhotographsApart(t *testing.T) {
	paths, err := filepath.Glob("../../shared/data/vision/faces/*.jpg")
	require.NoError(t, err)
	if len(paths) == 0 {
		t.Skip("evaluation photographs are not here")
	}
	var pictures []image.Image
	for _, path := range paths[:min(len(paths), 6)] { // decoding under the race detector is slow
		f, err := os.Open(path)
		require.NoError(t, err)
		m, _, err := vision.Decode(f, vision.DecodeOptions{})
		require.NoError(t, err)
		require.NoError(t, f.Close())
		small, err := vision.Thumbnail(m, 400, 400, vision.FitContain) // to save the test's time
		require.NoError(t, err)
		pictures = append(pictures, small)
	}
	separate(t, pictures, 5, 50, 10)
}

func TestHashText(t *testing.T) {
	h := vision.Hash(0x0123456789abcdef)
	require.Equal(t, "0123456789abcdef", h.String())
	b, err := json.Marshal(h)
	require.NoError(t, err)
	require.Equal(t, `"0123456789abcdef"`, string(b))
	var back vision.Hash
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, h, back)
	require.Equal(t, 32, h.Distance(0))
	require.Equal(t, 64, h.Distance(^h))
	for _, s := range []string{"", "0", "0123456789abcdeg", "+123456789abcdef", "00123456789abcdef", "0x23456789abcdef"} {
		_, err := vision.ParseHash(s)
		require.ErrorIs(t, err, quintet.ErrInput, s)
	}
}

func BenchmarkPerceptualHashes(b *testing.B) {
	for _, size := range []image.Point{{1152, 864}, {4000, 3000}} {
		photo := asJPEG(b, photograph(size.X, size.Y), 95)
		m, _, err := vision.Decode(bytes.NewReader(photo), vision.DecodeOptions{})
		require.NoError(b, err)
		b.Run(fmt.Sprintf("width=%d", size.X), func(b *testing.B) {
			for b.Loop() {
				if _, err := vision.PerceptualHashes(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

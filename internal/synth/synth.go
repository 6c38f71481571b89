// Package synth makes seeded inputs for tests and benchmarks: sound, pictures,
// clustered vectors, graphs and prose. The same arguments always give the same
// data.
package synth

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
)

// Rand returns the generator that all makers of this package use for seed.
func Rand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)) }

// Tone returns n samples of a sine of the given frequency in Hz and amplitude,
// sampled at rate Hz, starting at phase 0.
func Tone(rate, n int, hz, amplitude float64) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(amplitude * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return out
}

// Noise returns n samples that are uniform in [-amplitude, amplitude).
func Noise(seed uint64, n int, amplitude float64) []float32 {
	rng := Rand(seed)
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(amplitude * (2*rng.Float64() - 1))
	}
	return out
}

// Picture returns an opaque picture with what photographs have: a smooth
// gradient, edges (a dozen discs of random colour) and a little grain.
func Picture(seed uint64, w, h int) *image.NRGBA {
	rng := Rand(seed)
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	base := [3]float64{rng.Float64() * 255, rng.Float64() * 255, rng.Float64() * 255}
	type disc struct{ x, y, r, c0, c1, c2 float64 }
	discs := make([]disc, 12)
	for i := range discs {
		discs[i] = disc{rng.Float64() * float64(w), rng.Float64() * float64(h), (0.05 + 0.15*rng.Float64()) * float64(min(w, h)),
			rng.Float64() * 255, rng.Float64() * 255, rng.Float64() * 255}
	}
	for y := range h {
		for x := range w {
			slope := float64(x+y) / float64(w+h)
			c := [3]float64{base[0] * slope, base[1] * (1 - slope), base[2]*0.5 + 60*slope}
			for _, d := range discs {
				if dx, dy := float64(x)-d.x, float64(y)-d.y; dx*dx+dy*dy < d.r*d.r {
					c = [3]float64{d.c0, d.c1, d.c2}
				}
			}
			grain := rng.Float64()*8 - 4
			m.SetNRGBA(x, y, color.NRGBA{clamp(c[0] + grain), clamp(c[1] + grain), clamp(c[2] + grain), 255})
		}
	}
	return m
}

func clamp(v float64) uint8 { return uint8(min(max(v, 0), 255)) }

// Clusters returns n vectors of the given dimension around k centres that are
// normal with deviation 1; a vector is normal around its centre with deviation
// 0.3. The centre of vector i is i mod k.
func Clusters(seed uint64, n, dim, k int) [][]float32 {
	rng := Rand(seed)
	centres := make([]float32, k*dim)
	for i := range centres {
		centres[i] = float32(rng.NormFloat64())
	}
	rows := make([]float32, n*dim)
	out := make([][]float32, n)
	for i := range out {
		out[i] = rows[i*dim : (i+1)*dim : (i+1)*dim]
		centre := centres[i%k*dim:]
		for j := range out[i] {
			out[i][j] = centre[j] + 0.3*float32(rng.NormFloat64())
		}
	}
	return out
}

// Edges returns m random pairs of nodes in [0, n), self loops and repeats
// included, as real edge lists have them.
func Edges(seed uint64, n, m int) [][2]int {
	rng := Rand(seed)
	out := make([][2]int, m)
	for i := range out {
		out[i] = [2]int{rng.IntN(n), rng.IntN(n)}
	}
	return out
}

var vocabulary = strings.Fields(`the a river engine small careful light of and to city glass morning signal
	measures carries found between quiet numbers graph letter voice picture index answer garden winter
	bridge machine learns sees hears under every second old open clear question market paper`)

// Prose returns n words in sentences of 4 to 14 words, with capitals, commas and
// full stops, in paragraphs of about six sentences.
func Prose(seed uint64, n int) string {
	rng := Rand(seed)
	var b strings.Builder
	left, sentences := 0, 0
	for i := range n {
		w := vocabulary[rng.IntN(len(vocabulary))]
		if left == 0 {
			left = 4 + rng.IntN(11)
			w = strings.ToUpper(w[:1]) + w[1:]
		}
		b.WriteString(w)
		left--
		switch {
		case left == 0 || i == n-1:
			b.WriteByte('.')
			if sentences++; i == n-1 {
				break
			}
			if sentences%6 == 0 {
				b.WriteString("\n\n")
			} else {
				b.WriteByte(' ')
			}
		case rng.IntN(8) == 0:
			b.WriteString(", ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

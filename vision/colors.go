package vision

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// maxColors is the most that Dominant tells apart.
const maxColors = 32

// Swatch is a colour and how much of a picture it stands for.
type Swatch struct {
	Color RGB     `json:"color"` // the mean of the pixels that it stands for
	Share float64 `json:"share"` // the part of the picture's pixels, 0 to 1
}

// Dominant returns at most k colours that together describe a picture, the most
// common first, ties by colour. Shares add up to 1. A picture with fewer colours,
// or whose colours nearly coincide, gives fewer; a wholly transparent one none.
//
// It is k-means in CIELAB, where distances are about those that people see, on
// the picture reduced to 128 pixels a side and to 32 levels a channel. The first
// centres are the most common colour and then, again and again, the one whose
// share times squared distance to the centres so far is largest: the same
// picture always gives the same colours. Pixels count by their alpha.
//
// A k outside 1 to 32 is [quintet.ErrOption]; other errors are those of
// [Measure]. Time is that of a [Resize] plus O(k) for at most 16384 pixels.
func Dominant(img image.Image, k int) ([]Swatch, error) {
	if k < 1 || k > maxColors {
		return nil, fmt.Errorf("%d dominant colours, 1 to %d can be told apart: %w", k, maxColors, quintet.ErrOption)
	}
	s, err := newSource(img)
	if err != nil {
		return nil, err
	}
	return s.dominant(k)
}

func (s *source) dominant(k int) ([]Swatch, error) {
	w, h := contain(s.w, s.h, 128, 128)
	small, err := s.resize(frame{0, 0, float64(s.w), float64(s.h)}, w, h, Box)
	if err != nil {
		return nil, err
	}
	points := colorPoints(small)
	if len(points) == 0 {
		return nil, nil
	}
	return swatches(points, kMeans(points, k)), nil
}

// colorPoint is a group of similar pixels.
type colorPoint struct {
	lab    lab
	rgb    [3]float64 // sums over the pixels
	weight float64    // sum of their alpha
	center int
}

// colorPoints groups the pixels by the upper 5 bits of each channel, in order of
// these bits.
func colorPoints(m *image.NRGBA) []colorPoint {
	var sums [1 << 15][4]int64
	for p := m.Pix; len(p) >= 4; p = p[4:] {
		s := &sums[int(p[0])>>3<<10|int(p[1])>>3<<5|int(p[2])>>3]
		a := int64(p[3])
		s[0] += int64(p[0]) * a
		s[1] += int64(p[1]) * a
		s[2] += int64(p[2]) * a
		s[3] += a
	}
	var points []colorPoint
	for _, s := range sums {
		if s[3] == 0 {
			continue
		}
		p := colorPoint{rgb: [3]float64{float64(s[0]), float64(s[1]), float64(s[2])}, weight: float64(s[3])}
		p.lab = labOf(p.rgb[0]/p.weight, p.rgb[1]/p.weight, p.rgb[2]/p.weight)
		points = append(points, p)
	}
	return points
}

// sameColor is the distance in CIELAB below which a new centre is not worth
// having; 2.3 is just noticeable side by side.
const sameColor = 5

// kMeans assigns each point to one of at most k centres and returns how many
// there are.
func kMeans(points []colorPoint, k int) int {
	centers := spread(points, k)
	for range 50 {
		changed := false
		for i := range points {
			p := &points[i]
			if best := nearest(centers, p.lab); best != p.center {
				p.center, changed = best, true
			}
		}
		if !changed {
			break
		}
		means := make([]lab, len(centers))
		weights := make([]float64, len(centers))
		for _, p := range points {
			c := &means[p.center]
			for j, v := range p.lab {
				c[j] += v * p.weight
			}
			weights[p.center] += p.weight
		}
		for i, w := range weights {
			if w == 0 {
				continue // nobody's centre any more: it stays where it is
			}
			for j := range means[i] {
				centers[i][j] = means[i][j] / w
			}
		}
	}
	return len(centers)
}

// spread chooses the first centres.
func spread(points []colorPoint, k int) []lab {
	first := points[0]
	for _, p := range points {
		if p.weight > first.weight {
			first = p
		}
	}
	centers := []lab{first.lab}
	gap := make([]float64, len(points)) // squared distance to the nearest centre
	for i := range gap {
		gap[i] = math.Inf(1)
	}
	for len(centers) < k {
		best, at := 0.0, -1
		for i, p := range points {
			gap[i] = min(gap[i], p.lab.distance2(centers[len(centers)-1]))
			if v := gap[i] * p.weight; gap[i] > sameColor*sameColor && v > best {
				best, at = v, i
			}
		}
		if at < 0 {
			break
		}
		centers = append(centers, points[at].lab)
	}
	for i := range points {
		points[i].center = -1
	}
	return centers
}

func nearest(centers []lab, c lab) (best int) {
	least := math.Inf(1)
	for i, m := range centers {
		if d := c.distance2(m); d < least {
			best, least = i, d
		}
	}
	return best
}

// swatches returns the mean colour and the share of each centre that has points.
func swatches(points []colorPoint, centers int) []Swatch {
	sums := make([]colorPoint, centers)
	total := 0.0
	for _, p := range points {
		s := &sums[p.center]
		for j, v := range p.rgb {
			s.rgb[j] += v
		}
		s.weight += p.weight
		total += p.weight
	}
	var out []Swatch
	for _, s := range sums {
		if s.weight == 0 {
			continue
		}
		mean := func(j int) uint8 { return uint8(s.rgb[j]/s.weight + 0.5) }
		out = append(out, Swatch{Color: RGB{mean(0), mean(1), mean(2)}, Share: s.weight / total})
	}
	slices.SortFunc(out, func(a, b Swatch) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Color.String(), b.Color.String()))
	})
	return out
}

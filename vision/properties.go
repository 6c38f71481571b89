package vision

import (
	"image"
	"math"
)

// Properties are measured on the upright picture at its full size. Luma runs from
// 0 to 255, shares from 0 to 1.
type Properties struct {
	Info

	Transparent bool    `json:"transparent"` // some pixel is not opaque
	MeanLuma    float64 `json:"mean_luma"`   // brightness
	Contrast    float64 `json:"contrast"`    // standard deviation of luma
	Entropy     float64 `json:"entropy"`     // of the luma histogram, bits

	// Sharpness is the variance of the Laplacian of luma over the inner pixels
	// (Pech-Pacheco et al., ICPR 2000): the less, the blurrier. It grows with
	// contrast, noise and detail, so compare it between takes of one scene at
	// one size; below 100 at one megapixel, look for blur.
	Sharpness float64 `json:"sharpness"`

	// Shadows and Highlights are the shares of pixels at the ends of the scale,
	// luma up to 3 and from 252, where exposure has clipped detail away.
	Shadows    float64 `json:"shadows"`
	Highlights float64 `json:"highlights"`

	// Blank says that there is nothing to see: Contrast below 3, as of an empty page
	// or of a lens under its cap. Colours of one brightness count as one.
	Blank bool `json:"blank"`

	// Quality, 0 to 1, ranks pictures by what can go wrong when they are taken. It is
	// the geometric mean of four parts, so each can spoil it:
	//
	//	sharpness  s / (s + 100) for Sharpness s
	//	exposure   1 - Shadows - Highlights
	//	contrast   Contrast / 50, at most 1
	//	size       the square root of the megapixels, at most 1
	//
	// It chooses between takes of one scene. It knows nothing of what a picture shows
	// or whether people like it, takes noise for sharpness and white paper for
	// overexposure, and does not see the artefacts of compression.
	Quality float64 `json:"quality"`
}

// quality computes Quality from the other fields.
func (p *Properties) quality() float64 {
	sharpness := p.Sharpness / (p.Sharpness + 100)
	exposure := max(1-p.Shadows-p.Highlights, 0)
	contrast := min(p.Contrast/50, 1)
	size := min(math.Sqrt(float64(p.Width)*float64(p.Height)/1e6), 1)
	return math.Sqrt(math.Sqrt(sharpness * exposure * contrast * size))
}

// Measure returns the properties of a decoded picture; of Info it knows the size,
// and 1 for the orientation. A picture that is nil, empty or not backed by its
// memory is [quintet.ErrInput].
func Measure(img image.Image) (Properties, error) {
	s, err := newSource(img)
	if err != nil {
		return Properties{}, err
	}
	return s.properties(), nil
}

func (s *source) properties() Properties {
	var h Histogram
	var l laplacian
	for y := range s.h {
		row := s.luma(y)
		h.add(row)
		l.add(row)
	}
	p := Properties{
		Info:        Info{Width: s.w, Height: s.h, Orientation: 1},
		Transparent: !s.allOpaque(),
		MeanLuma:    h.Mean(),
		Contrast:    h.StdDev(),
		Entropy:     h.Entropy(),
		Sharpness:   variance(l.sum, l.squares, l.n),
		Shadows:     h.Share(0, 3),
		Highlights:  h.Share(252, 255),
	}
	p.Blank = p.Contrast < 3
	p.Quality = p.quality()
	return p
}

// allOpaque looks for a pixel that is not opaque if the type of the picture could
// not tell.
func (s *source) allOpaque() bool {
	if s.opaque {
		return true
	}
	for y := range s.h {
		for row := s.nrgba(y); len(row) > 0; row = row[4:] {
			if row[3] != 255 {
				return false
			}
		}
	}
	return true
}

// laplacian sums the response of the kernel
//
//	0  1  0
//	1 -4  1
//	0  1  0
//
// over the rows it is given, in order. It keeps the last two.
type laplacian struct {
	rows            [2][]uint8 // the row before the last and the last
	n, sum, squares int64
}

func (l *laplacian) add(row []uint8) {
	if above, mid := l.rows[0], l.rows[1]; above != nil {
		above, below := above[:len(mid)], row[:len(mid)]
		var sum, squares int
		for x := 1; x < len(mid)-1; x++ {
			v := int(above[x]) + int(below[x]) + int(mid[x-1]) + int(mid[x+1]) - 4*int(mid[x])
			sum += v
			squares += v * v
		}
		l.n += int64(max(len(mid)-2, 0))
		l.sum += int64(sum)
		l.squares += int64(squares)
	}
	free := l.rows[0]
	l.rows[0], l.rows[1] = l.rows[1], append(free[:0], row...)
}

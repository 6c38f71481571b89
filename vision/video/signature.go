package video

import (
	"image"
	"math"

	"github.com/quintet-ai/quintet/vision"
)

// Size of the small copy of a frame, and of the cells of a signature in it.
const (
	smallWidth, smallHeight = 64, 36
	gridWidth, gridHeight   = 16, 9
	cell                    = smallWidth / gridWidth
	bins                    = 16 // of a channel's histogram
)

// Signature is what is compared of two frames: how its colours are spread, and how
// bright it is where.
type Signature struct {
	spread [3][bins]float32                // cumulative shares of the samples of a channel
	luma   [gridWidth * gridHeight]float32 // mean of each cell, 0 to 1
	still  float64                         // standard deviation of luma over the small copy, of 255
}

// Sign returns the signature of a frame. Errors are those of [vision.Resize]. Time grows
// with the pixels.
func Sign(img image.Image) (*Signature, error) {
	small, err := vision.Resize(img, smallWidth, smallHeight, vision.Box)
	if err != nil {
		return nil, err
	}
	s := new(Signature)
	var sum, squares float64
	for i := 0; i < len(small.Pix); i += 4 {
		p := small.Pix[i : i+3 : i+3]
		for c, v := range p {
			s.spread[c][v/(256/bins)]++
		}
		y := 0.299*float64(p[0]) + 0.587*float64(p[1]) + 0.114*float64(p[2])
		sum += y
		squares += y * y
		at := i / 4
		s.luma[at/smallWidth/cell*gridWidth+at%smallWidth/cell] += float32(y) / (255 * cell * cell)
	}
	const n = smallWidth * smallHeight
	s.still = math.Sqrt(max(squares/n-(sum/n)*(sum/n), 0))
	for c := range s.spread {
		before := float32(0)
		for b := range s.spread[c] {
			before += s.spread[c][b] / n
			s.spread[c][b] = before
		}
	}
	return s, nil
}

// Blank reports whether the frame has one brightness all over, as between two fades.
func (s *Signature) Blank() bool { return s.still < 3 }

// Distance returns how different two frames are, from 0 for equal ones to 1: half is the
// earth mover's distance between the histograms of each channel, so a frame that is a
// little darker is a little different; half is the mean difference in brightness of
// cells, of which there are 16 by 9, so what moves within a cell counts little.
func (s *Signature) Distance(t *Signature) float64 {
	var spread, luma float64
	for c := range s.spread {
		for b, v := range s.spread[c] {
			spread += math.Abs(float64(v - t.spread[c][b]))
		}
	}
	for i, v := range s.luma {
		luma += math.Abs(float64(v - t.luma[i]))
	}
	return spread/(2*3*(bins-1)) + luma/(2*gridWidth*gridHeight)
}

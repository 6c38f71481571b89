package main

import (
	"slices"

	"github.com/quintet-ai/quintet/vision"
)

// named are colours that people ask for.
var named = []struct {
	name string
	vision.RGB
}{
	{"black", vision.RGB{R: 20, G: 20, B: 20}}, {"grey", vision.RGB{R: 128, G: 128, B: 128}},
	{"white", vision.RGB{R: 240, G: 240, B: 240}}, {"red", vision.RGB{R: 200, G: 30, B: 30}},
	{"orange", vision.RGB{R: 235, G: 120, B: 30}}, {"yellow", vision.RGB{R: 235, G: 215, B: 60}},
	{"green", vision.RGB{R: 50, G: 140, B: 60}}, {"blue", vision.RGB{R: 40, G: 90, B: 190}},
	{"sky blue", vision.RGB{R: 140, G: 190, B: 230}}, {"purple", vision.RGB{R: 120, G: 50, B: 150}},
	{"pink", vision.RGB{R: 235, G: 150, B: 180}}, {"brown", vision.RGB{R: 110, G: 70, B: 40}},
	{"beige", vision.RGB{R: 215, G: 195, B: 165}},
}

// colorNames names the colours that stand for a tenth of a picture or more, each once.
func colorNames(swatches []vision.Swatch) (names []string) {
	for _, s := range swatches {
		if s.Share < 0.1 {
			continue
		}
		best, least := "", 1<<30
		for _, n := range named {
			if d := apart(n.RGB, s.Color); d < least {
				best, least = n.name, d
			}
		}
		if !slices.Contains(names, best) {
			names = append(names, best)
		}
	}
	return names
}

// apart is the squared distance of two colours, weighted about as eyes do.
func apart(a, b vision.RGB) int {
	r, g, u := int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B)
	return 3*r*r + 4*g*g + 2*u*u
}

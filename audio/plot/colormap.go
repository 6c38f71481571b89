package plot

import (
	"image/color"
	"math"
)

// heat returns the colour of a value from 0 to 1. Its lightness rises evenly, so that equal
// steps look equal, also to those who do not tell the hues apart: dark blue, purple, red,
// yellow, nearly white. It is a path through OKLab: Ottosson, "A perceptual color space for
// image processing", 2020.
func heat(v float64) color.RGBA {
	v = min(max(v, 0), 1)
	lightness := 0.13 + 0.85*v
	hue := (275 + 190*v) * math.Pi / 180
	for chroma := 0.19 * math.Sin(math.Pi*(0.06+0.9*v)); ; chroma *= 0.97 {
		sin, cos := math.Sincos(hue)
		if c, ok := oklab(lightness, chroma*cos, chroma*sin); ok || chroma < 1e-3 {
			return c
		}
	}
}

// oklab returns a colour in sRGB and whether it can be shown there.
func oklab(lightness, a, b float64) (c color.RGBA, ok bool) {
	l := cube(lightness + 0.3963377774*a + 0.2158037573*b)
	m := cube(lightness - 0.1055613458*a - 0.0638541728*b)
	s := cube(lightness - 0.0894841775*a - 1.2914855480*b)
	rgb := [3]float64{
		4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s,
	}
	var out [3]uint8
	ok = true
	for i, v := range rgb {
		ok = ok && v >= -1e-4 && v <= 1+1e-4
		out[i] = uint8(math.Round(255 * gamma(min(max(v, 0), 1))))
	}
	return color.RGBA{R: out[0], G: out[1], B: out[2], A: 255}, ok
}

func cube(v float64) float64 { return v * v * v }

// gamma is the curve of sRGB.
func gamma(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

package vision

import (
	"fmt"
	"math"
	"strconv"

	"github.com/quintet-ai/quintet"
)

// RGB is an opaque sRGB colour. It is a color.Color.
type RGB struct{ R, G, B uint8 }

// RGBA implements color.Color.
func (c RGB) RGBA() (r, g, b, a uint32) {
	return uint32(c.R) * 0x101, uint32(c.G) * 0x101, uint32(c.B) * 0x101, 0xffff
}

// String returns the colour as in HTML, such as "#ff8000".
func (c RGB) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// MarshalText returns what String does.
func (c RGB) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what String wrote; anything else is [quintet.ErrInput].
func (c *RGB) UnmarshalText(text []byte) error {
	n, err := uint64(0), error(nil)
	if len(text) == 7 && text[0] == '#' {
		n, err = strconv.ParseUint(string(text[1:]), 16, 32)
	}
	if err != nil || len(text) != 7 || text[0] != '#' {
		return fmt.Errorf("colour %q: %w", text, quintet.ErrInput)
	}
	*c = RGB{uint8(n >> 16), uint8(n >> 8), uint8(n)}
	return nil
}

// lab is a colour of CIELAB: lightness 0 to 100, green to red, blue to yellow.
type lab [3]float64

func (c lab) distance2(d lab) (sum float64) {
	for i, v := range c {
		sum += (v - d[i]) * (v - d[i])
	}
	return sum
}

// labOf converts an sRGB colour, 0 to 255 a channel. IEC 61966-2-1 to XYZ with
// white D65, then CIE 15 §8.2.1.
func labOf(r, g, b float64) lab {
	r, g, b = linear(r/255), linear(g/255), linear(b/255)
	x := (0.4124564*r + 0.3575761*g + 0.1804375*b) / 0.95047
	y := 0.2126729*r + 0.7151522*g + 0.0721750*b
	z := (0.0193339*r + 0.1191920*g + 0.9503041*b) / 1.08883
	fx, fy, fz := labCurve(x), labCurve(y), labCurve(z)
	return lab{116*fy - 16, 500 * (fx - fy), 200 * (fy - fz)}
}

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func labCurve(t float64) float64 {
	const d = 6.0 / 29
	if t > d*d*d {
		return math.Cbrt(t)
	}
	return t/(3*d*d) + 4.0/29
}

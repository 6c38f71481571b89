package filters

import (
	"fmt"
	"image"
	"math"

	"github.com/disintegration/imaging"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// copied returns the pixels of a picture that can be read without harm.
func copied(src image.Image) (*image.NRGBA, error) {
	if src == nil {
		return nil, fmt.Errorf("picture is nil: %w", quintet.ErrInput)
	}
	return vision.Turn(src, 1)
}

// within returns an error wrapping quintet.ErrOption unless v lies from lo to hi.
func within(name string, v, lo, hi float64) error {
	if v >= lo && v <= hi {
		return nil
	}
	return fmt.Errorf("%s %v, want %v to %v: %w", name, v, lo, hi, quintet.ErrOption)
}

// MaxSigma bounds the radius of [Blur] and [Sharpen]: their time grows with it.
const MaxSigma = 100

// Blur smooths by a Gaussian with a standard deviation of sigma pixels, above 0 up to
// [MaxSigma]. Errors are [quintet.ErrOption] for another sigma and those of
// [vision.Resize] for the picture.
func Blur(src image.Image, sigma float64) (*image.NRGBA, error) {
	return smoothed(src, sigma, imaging.Blur)
}

// Sharpen adds what a blur by sigma takes away. Range and errors are those of [Blur].
func Sharpen(src image.Image, sigma float64) (*image.NRGBA, error) {
	return smoothed(src, sigma, imaging.Sharpen)
}

func smoothed(src image.Image, sigma float64, f func(image.Image, float64) *image.NRGBA) (*image.NRGBA, error) {
	if err := within("sigma", sigma, math.SmallestNonzeroFloat64, MaxSigma); err != nil {
		return nil, err
	}
	m, err := copied(src)
	if err != nil {
		return nil, err
	}
	return f(m, sigma), nil
}

// Rotate turns a picture by an angle in degrees, counter-clockwise, onto a background
// as large as it needs, which may be twice the area. [vision.Turn] is exact for
// multiples of 90. Errors are [quintet.ErrOption] for an angle that is not finite and
// those of [vision.Resize] for the picture.
func Rotate(src image.Image, degrees float64, background vision.RGB) (*image.NRGBA, error) {
	if math.IsNaN(degrees) || math.IsInf(degrees, 0) {
		return nil, fmt.Errorf("angle %v: %w", degrees, quintet.ErrOption)
	}
	m, err := copied(src)
	if err != nil {
		return nil, err
	}
	return imaging.Rotate(m, math.Mod(degrees, 360), background), nil
}

// Adjustment changes colours. The zero value changes nothing.
type Adjustment struct {
	Brightness float64 // percent, -100 black to 100 white
	Contrast   float64 // percent, -100 gray to 100
	Saturation float64 // percent, -100 gray to 500
	Gamma      float64 // above 1 is brighter, below darker, above 0 up to 10; default: 1
	Grayscale  bool    // luma in all channels
	Invert     bool    // the negative
}

// Adjust applies an adjustment in the order of its fields. Errors are
// [quintet.ErrOption] for a value out of range and those of [vision.Resize] for the
// picture.
func Adjust(src image.Image, a Adjustment) (*image.NRGBA, error) {
	if a.Gamma == 0 {
		a.Gamma = 1
	}
	for _, err := range []error{
		within("brightness", a.Brightness, -100, 100), within("contrast", a.Contrast, -100, 100),
		within("saturation", a.Saturation, -100, 500), within("gamma", a.Gamma, math.SmallestNonzeroFloat64, 10),
	} {
		if err != nil {
			return nil, err
		}
	}
	m, err := copied(src)
	if err != nil {
		return nil, err
	}
	if a.Brightness != 0 {
		m = imaging.AdjustBrightness(m, a.Brightness)
	}
	if a.Contrast != 0 {
		m = imaging.AdjustContrast(m, a.Contrast)
	}
	if a.Saturation != 0 {
		m = imaging.AdjustSaturation(m, a.Saturation)
	}
	if a.Gamma != 1 {
		m = imaging.AdjustGamma(m, a.Gamma)
	}
	if a.Grayscale {
		m = imaging.Grayscale(m)
	}
	if a.Invert {
		m = imaging.Invert(m)
	}
	return m, nil
}

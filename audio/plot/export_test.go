package plot

import (
	"image"
	"image/color"
	"time"
)

// Heat is heat.
func Heat(v float64) color.RGBA { return heat(v) }

// Labels returns the labels of the ticks of an axis of a length over so many pixels.
func Labels(length time.Duration, width int) (labels []string) {
	a := timeAxis{image.Rect(0, 0, width, 1), length}
	for t := time.Duration(0); t <= length; t += a.step() {
		labels = append(labels, clock(t, a.step()))
	}
	return labels
}

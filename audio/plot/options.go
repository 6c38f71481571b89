package plot

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

// Options says how to draw a clip. The zero value is good.
type Options struct {
	// Width and Height are the size of the picture in pixels, 200 to 8192.
	// Default: 1200 and 360.
	Width, Height int

	// Title stands at the top. Default: none.
	Title string

	// Speech is marked, as audio.Result has it. Default: none.
	Speech []audio.Segment
}

const minSide, maxSide = 200, 8192

func (o Options) withDefaults() (Options, error) {
	for _, side := range [2]int{o.Width, o.Height} {
		if side != 0 && (side < minSide || side > maxSide) {
			return o, fmt.Errorf("plot: Width is %d, Height %d, must be from %d to %d: %w",
				o.Width, o.Height, minSide, maxSide, quintet.ErrOption)
		}
	}
	if o.Width == 0 {
		o.Width = 1200
	}
	if o.Height == 0 {
		o.Height = 360
	}
	return o, nil
}

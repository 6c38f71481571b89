package plot

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"strconv"

	"github.com/quintet-ai/quintet/audio"
)

var (
	extremes = color.RGBA{R: 128, G: 164, B: 214, A: 255} // from the lowest to the highest sample
	level    = color.RGBA{R: 30, G: 82, B: 156, A: 255}   // the root of the mean square about the mean
)

// mostLanes is how many channels are drawn one below another.
const mostLanes = 8

// WriteWaveform draws the channels of a clip over time as a PNG: in pale from the lowest
// to the highest sample of each pixel, in dark as far as the root of their mean square
// about their mean. The scale is the same for all channels and its end the first of 1,
// 0.5, 0.2, 0.1 and so on that leaves no sample out, or the peak above full scale. A
// clip of more than eight channels is drawn as their mix. Speech has a yellow ground.
//
// Errors wrap [quintet.ErrOption], [quintet.ErrInput] for a clip that is not valid, or
// are those of w.
func WriteWaveform(w io.Writer, c audio.Clip, o Options) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	p, err := audio.Measure(c)
	if err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	if c.Channels > mostLanes {
		c = c.Mono()
	}
	to, err := newCanvas(o, 0)
	if err != nil {
		return err
	}
	axis := timeAxis{to.frame, p.Duration}
	axis.spans(o.Speech, func(from, end int) {
		to.fill(image.Rect(from, to.frame.Min.Y, end, to.frame.Max.Y), shade)
	})
	scale := scaleOf(p.Peak)
	for channel := range c.Channels {
		height := to.frame.Dy() / c.Channels
		lane := image.Rect(to.frame.Min.X, to.frame.Min.Y+channel*height, to.frame.Max.X, to.frame.Min.Y+(channel+1)*height)
		to.lane(lane, c, channel, scale)
	}
	to.outline(to.frame)
	axis.ticks(to)
	return to.encode(w)
}

// scaleOf returns the end of the scale for a peak.
func scaleOf(peak float64) float64 {
	if peak > 1 {
		return peak
	}
	end := 1.0
	for _, s := range []float64{1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001} {
		if 1.001*s >= peak { // a rounded peak is no larger one
			end = s
		}
	}
	return end
}

// lane draws one channel.
func (c *canvas) lane(r image.Rectangle, clip audio.Clip, channel int, scale float64) {
	half := float64(r.Dy())/2 - 1
	middle := r.Min.Y + r.Dy()/2
	row := func(v float64) int { return middle - int(math.Round(v/scale*half)) }
	for _, v := range []float64{-1, 0, 1} {
		c.fill(image.Rect(r.Min.X, row(v*scale), r.Max.X, row(v*scale)+1), grid)
		if y := row(v * scale / 2); clip.Channels <= 4 || v == 0 {
			c.tickLeft(r, y, strconv.FormatFloat(v*scale/2, 'g', 3, 64))
		}
	}
	frames := clip.Frames()
	for x := range r.Dx() {
		from, to := columnOf(x, r.Dx(), frames)
		if from == to {
			continue
		}
		e := extentOf(clip, channel, from, to)
		column := func(low, high float64, with color.RGBA) {
			c.fill(image.Rect(r.Min.X+x, row(high), r.Min.X+x+1, row(low)+1), with)
		}
		column(e.low, e.high, extremes)
		column(max(e.mean-e.deviation, e.low), min(e.mean+e.deviation, e.high), level)
	}
}

// columnOf returns which of n values the pixel x of a width stands for: at least one, if
// there are any.
func columnOf(x, width, n int) (from, to int) {
	from = int(int64(x) * int64(n) / int64(width))
	to = int(int64(x+1) * int64(n) / int64(width))
	return from, min(max(to, from+1), n)
}

// extent is what a column shows of its samples.
type extent struct{ low, high, mean, deviation float64 }

func extentOf(c audio.Clip, channel, from, to int) extent {
	e := extent{low: math.Inf(1), high: math.Inf(-1)}
	sum, squares := 0.0, 0.0
	for i := from; i < to; i++ {
		v := float64(c.Samples[i*c.Channels+channel])
		e.low, e.high = min(e.low, v), max(e.high, v)
		sum += v
		squares += v * v
	}
	n := float64(to - from)
	e.mean = sum / n
	e.deviation = math.Sqrt(max(squares/n-e.mean*e.mean, 0))
	return e
}

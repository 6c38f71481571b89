package plot

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"strconv"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
)

const (
	floorDB   = 80 // how far below the largest value the scale ends
	barRoom   = 64 // pixels for the scale of colours
	melBands  = 128
	speechBar = 4 // pixels
)

// WriteSpectrogram draws the mel spectrogram of the mix of a clip as a PNG: time to the
// right, 128 mel bands upwards from 0 to half of the rate, and as colour the power in
// decibels below the largest, down to -80. Speech has a bar at the lower edge.
//
// Errors wrap [quintet.ErrOption], [quintet.ErrInput] for a clip that is not valid, or
// are those of w.
func WriteSpectrogram(w io.Writer, c audio.Clip, o Options) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	if _, err := audio.Measure(c); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	to, err := newCanvas(o, barRoom)
	if err != nil {
		return err
	}
	bands, err := columns(c.Mono(), to.frame.Dx())
	if err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	colors := palette()
	to.fill(to.frame, colors[0])
	to.paint(bands, colors)
	axis := timeAxis{to.frame, c.Duration()}
	axis.spans(o.Speech, func(from, end int) {
		to.fill(image.Rect(from, to.frame.Max.Y-speechBar, end, to.frame.Max.Y), paper)
	})
	to.outline(to.frame)
	axis.ticks(to)
	to.frequencies(float64(c.Rate) / 2)
	to.colorBar(colors)
	return to.encode(w)
}

// columns returns the bands of each of width columns in decibels below the largest; an
// empty clip has none. It looks at all windows and keeps of those of a column the
// largest value.
func columns(c audio.Clip, width int) ([][]float32, error) {
	n := len(c.Samples)
	if n == 0 {
		return nil, nil
	}
	size := 16
	for size*2 <= c.Rate/20 && size < 1<<13 {
		size *= 2
	}
	mel, err := dsp.NewMel(dsp.MelOptions{
		Rate: c.Rate, FFTSize: size, Hop: max(min(size/2, n/width), 1), Mels: min(melBands, size/2), Pad: dsp.PadZero,
	})
	if err != nil {
		return nil, err
	}
	frames, bands := mel.Frames(n), mel.Options().Mels
	row := make([]float32, bands)
	out := make([][]float32, width)
	largest := float32(0)
	for x := range out {
		out[x] = make([]float32, bands)
		for from, to := columnOf(x, width, frames); from < to; from++ {
			mel.Frame(row, c.Samples, from)
			for i, v := range row {
				out[x][i] = max(out[x][i], v)
				largest = max(largest, v)
			}
		}
	}
	for _, column := range out {
		for i, v := range column {
			column[i] = float32(max(10*math.Log10(float64(v)/float64(largest)), -floorDB))
			if !(column[i] <= 0) { // digital silence throughout
				column[i] = -floorDB
			}
		}
	}
	return out, nil
}

// palette is heat in steps.
func palette() (colors [256]color.RGBA) {
	for i := range colors {
		colors[i] = heat(float64(i) / 255)
	}
	return colors
}

// paint fills the frame with columns.
func (c *canvas) paint(columns [][]float32, colors [256]color.RGBA) {
	for x, bands := range columns {
		for y := range c.frame.Dy() {
			// Between the middles of bands values are mixed, so that bands make no steps.
			at := (float64(y)+0.5)/float64(c.frame.Dy())*float64(len(bands)) - 0.5
			low := min(max(int(math.Floor(at)), 0), len(bands)-1)
			high := min(low+1, len(bands)-1)
			t := min(max(at-float64(low), 0), 1)
			v := (1-t)*float64(bands[low]) + t*float64(bands[high])
			c.SetRGBA(c.frame.Min.X+x, c.frame.Max.Y-1-y, colors[int(255*(1+v/floorDB)+0.5)])
		}
	}
}

// frequencies draws the axis beside the frame, of a mel scale that ends at top.
func (c *canvas) frequencies(top float64) {
	last := math.MaxInt
	for _, hz := range []float64{0, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000} {
		if hz > top {
			return
		}
		share := dsp.ScaleSlaney.Mel(hz) / dsp.ScaleSlaney.Mel(top)
		y := c.frame.Max.Y - 1 - int(share*float64(c.frame.Dy()-1))
		if last-y < textSize+2 {
			continue
		}
		last = y
		label := strconv.FormatFloat(hz, 'f', -1, 64) + " Hz"
		if hz >= 1000 {
			label = strconv.FormatFloat(hz/1000, 'f', -1, 64) + " kHz"
		}
		c.tickLeft(c.frame, y, label)
	}
}

// colorBar draws the scale of colours.
func (c *canvas) colorBar(colors [256]color.RGBA) {
	bar := image.Rect(c.frame.Max.X+16, c.frame.Min.Y, c.frame.Max.X+28, c.frame.Max.Y)
	for y := range bar.Dy() {
		row := image.Rect(bar.Min.X, bar.Max.Y-1-y, bar.Max.X, bar.Max.Y-y)
		c.fill(row, colors[y*255/max(bar.Dy()-1, 1)])
	}
	c.outline(bar)
	for db := 0; db <= floorDB; db += 20 {
		y := bar.Min.Y + db*(bar.Dy()-1)/floorDB
		c.write(c.small, strconv.Itoa(-db)+" dB", bar.Max.X+5, y, 0)
	}
}

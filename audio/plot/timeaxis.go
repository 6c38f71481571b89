package plot

import (
	"fmt"
	"image"
	"strconv"
	"time"

	"github.com/quintet-ai/quintet/audio"
)

// tickRoom is how many pixels a label of time gets.
const tickRoom = 90

// timeAxis maps times to columns of a rectangle.
type timeAxis struct {
	in     image.Rectangle
	length time.Duration
}

// x returns the column of a time, from the left edge to the right one.
func (a timeAxis) x(t time.Duration) int {
	if a.length <= 0 {
		return a.in.Min.X
	}
	share := min(max(float64(t)/float64(a.length), 0), 1)
	return a.in.Min.X + int(share*float64(a.in.Dx())+0.5)
}

// step returns the distance of ticks: one, two or five of a unit, or a part of a minute
// or an hour.
func (a timeAxis) step() time.Duration {
	most := max(a.in.Dx()/tickRoom, 1)
	for _, unit := range []time.Duration{time.Microsecond, time.Millisecond, time.Second, time.Minute, time.Hour} {
		steps := []time.Duration{1, 2, 5, 10, 20, 50, 100, 200, 500}
		if unit == time.Second || unit == time.Minute {
			steps = []time.Duration{1, 2, 5, 10, 15, 30}
		}
		for _, n := range steps {
			if a.length/(n*unit) <= time.Duration(most) {
				return n * unit
			}
		}
	}
	return a.length/time.Duration(most) + 1
}

// ticks draws the axis below the frame of c.
func (a timeAxis) ticks(c *canvas) {
	step := a.step()
	for t := time.Duration(0); t <= a.length; t += step {
		c.tickBelow(a.x(t), clock(t, step))
		if t+step < t {
			return // the sound is as long as time itself
		}
	}
}

// clock prints a time as finely as steps of it need.
func clock(t, step time.Duration) string {
	switch {
	case step < time.Millisecond:
		return strconv.FormatInt(t.Microseconds(), 10) + " µs"
	case step < time.Second && t < time.Second:
		return strconv.FormatInt(t.Milliseconds(), 10) + " ms"
	case step < time.Second:
		return strconv.FormatFloat(t.Seconds(), 'f', -1, 64) + " s"
	}
	s := int64(t / time.Second)
	if t < time.Hour {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// spans calls draw with the columns of each segment, at least one wide.
func (a timeAxis) spans(speech []audio.Segment, draw func(from, to int)) {
	for _, s := range speech {
		if s.End > s.Start && s.Start < a.length && s.End > 0 {
			from := a.x(s.Start)
			draw(from, max(a.x(s.End), from+1))
		}
	}
}

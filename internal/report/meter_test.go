package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/report"
)

// clock is moved by the bodies: an iteration takes the given time, ever longer
// if the machine slows down.
type clock struct {
	now   time.Duration
	slow  float64 // factor of each slice that fills at least 20 ms
	scale float64
	order strings.Builder // of these slices
}

func (c *clock) body(name string, each time.Duration) func(n int) {
	return func(n int) {
		took := time.Duration(float64(each) * float64(n) * c.scale)
		c.now += took
		if took >= 20*time.Millisecond {
			c.order.WriteString(name)
			c.scale *= c.slow
		}
	}
}

func newClock(slow float64) *clock { return &clock{slow: slow, scale: 1} }

func (c *clock) meter(rounds int) *report.Meter {
	return report.NewMeter(rounds, func() time.Duration { return c.now })
}

func TestRoundsAlternate(t *testing.T) {
	c := newClock(1)
	times := c.meter(3).Times(c.body("A", 100*time.Nanosecond), c.body("B", time.Second), c.body("C", time.Microsecond))
	require.Equal(t, "ABC"+"ABCABCABC", c.order.String(), "calibration, then three rounds")
	require.Equal(t, [][]float64{{100, 100, 100}, {1e9, 1e9, 1e9}, {1000, 1000, 1000}}, times)
}

func TestRatiosAreTakenWithinARound(t *testing.T) {
	c := newClock(1.01) // each slice is 1 % slower than the one before
	m := c.meter(5)
	ours, peer := c.body("A", 100*time.Nanosecond), c.body("B", 250*time.Nanosecond)
	require.InDeltaSlice(t, []float64{2.525, 2.525, 2.525, 2.525, 2.525}, m.Speedup(ours, peer), 1e-3)
	require.InDeltaSlice(t, []float64{0.396, 0.396, 0.396, 0.396, 0.396}, m.Cost(ours, peer), 1e-3)
	require.Equal(t, 5, m.Rounds())
}

func TestNanoseconds(t *testing.T) {
	c := newClock(1)
	require.Equal(t, []float64{40, 40}, c.meter(2).Nanoseconds(c.body("A", 40*time.Nanosecond)))
}

func TestAllocs(t *testing.T) {
	var keep []byte
	got := report.NewMeter(3, nil).Allocs(func(n int) {
		for range n {
			keep = make([]byte, 100)
			keep = append([]byte(nil), keep...)
		}
	})
	require.Equal(t, []float64{2, 2, 2}, got)
	require.Len(t, keep, 100)
}

func TestTheRealClockRuns(t *testing.T) {
	for name, parallel := range map[string]bool{"thread": false, "process": true} {
		t.Run(name, func(t *testing.T) {
			sum := 0.0
			f := report.Figure{Name: "a/b", Parallel: parallel, Measure: func(m *report.Meter) ([]float64, error) {
				return m.Nanoseconds(func(n int) {
					for i := range n {
						sum += float64(i)
					}
				}), nil
			}}
			var out strings.Builder
			require.Zero(t, report.Main([]string{"-rounds", "1"}, &out, &out, []report.Figure{f}))
			require.Regexp(t, `a/b +\d+\.\d+ - goal - info\n$`, out.String())
		})
	}
}

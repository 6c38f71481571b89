package report

import (
	"fmt"
	"math"
	"runtime"
	"time"
)

// slice is the least time that a body runs between two looks at the clock: far
// above what reading the clock takes, below the seconds in which machines change.
const slice = 20 * time.Millisecond

// Meter measures the bodies of one figure. A body runs n iterations, so that the
// call of the body is no part of the iteration.
type Meter struct {
	rounds   int
	parallel bool
	note     string
	clock    func() time.Duration // nil: cpuTime; tests bring their own
}

// Rounds returns how many values a measurement should have.
func (m *Meter) Rounds() int { return m.rounds }

// Note adds a remark to the figure's line, instead of an earlier one.
func (m *Meter) Note(format string, a ...any) { m.note = fmt.Sprintf(format, a...) }

// Times returns the nanoseconds of one iteration, by body and round. In each
// round the bodies run in the order given.
func (m *Meter) Times(bodies ...func(n int)) [][]float64 {
	if !m.parallel {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	iterations := make([]int, len(bodies))
	for i, body := range bodies {
		iterations[i] = m.calibrate(body)
	}
	runtime.GC() // what the preparation left is not the bodies' garbage
	times := make([][]float64, len(bodies))
	for range m.rounds {
		for i, body := range bodies {
			took := m.time(body, iterations[i])
			times[i] = append(times[i], float64(took.Nanoseconds())/float64(iterations[i]))
		}
	}
	return times
}

// Nanoseconds returns the time of one iteration in each round.
func (m *Meter) Nanoseconds(body func(n int)) []float64 { return m.Times(body)[0] }

// Speedup returns, for each round, how many times faster ours is than the peer.
func (m *Meter) Speedup(ours, peer func(n int)) []float64 {
	t := m.Times(ours, peer)
	m.noteTimes(t)
	return quotients(t[1], t[0])
}

// Cost returns, for each round, how many times the peer's time ours takes.
func (m *Meter) Cost(ours, peer func(n int)) []float64 {
	t := m.Times(ours, peer)
	m.noteTimes(t)
	return quotients(t[0], t[1])
}

func (m *Meter) noteTimes(t [][]float64) {
	m.Note("%s ns against %s ns", number(median(t[0])), number(median(t[1])))
}

// Allocs returns the heap allocations of one iteration, to a hundredth: what the
// runtime allocates beside is less.
func (m *Meter) Allocs(body func(n int)) []float64 {
	const n = 10_000
	body(n) // what is allocated once
	var out []float64
	for range m.rounds {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		body(n)
		runtime.ReadMemStats(&after)
		out = append(out, math.Round(100*float64(after.Mallocs-before.Mallocs)/n)/100)
	}
	return out
}

// calibrate returns how many iterations fill a slice. It warms the body up.
func (m *Meter) calibrate(body func(n int)) int {
	for n := 1; ; {
		took := m.time(body, n)
		if took >= slice || n >= 1<<30 {
			return n
		}
		// A little more than it seems to need, at most a hundredfold: a
		// short run says little about a long one.
		need := 1.2 * float64(n) * float64(slice) / float64(max(took, time.Microsecond))
		n = int(min(need, 100*float64(n))) + 1
	}
}

// Took returns the time of one call of body, for bodies that take long or whose
// peer runs in another process.
func (m *Meter) Took(body func()) time.Duration {
	if !m.parallel {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	runtime.GC()
	return m.time(func(int) { body() }, 1)
}

func (m *Meter) time(body func(n int), n int) time.Duration {
	now := m.clock
	if now == nil {
		now = func() time.Duration { return cpuTime(m.parallel) }
	}
	start := now()
	body(n)
	return now() - start
}

func quotients(a, b []float64) []float64 {
	q := make([]float64, len(a))
	for i := range a {
		q[i] = a[i] / b[i]
	}
	return q
}

package optimize

import (
	"sync/atomic"
	"time"
)

// coarse is how old the time of a coarseClock may be, plus the delay of a timer.
const coarse = 10 * time.Millisecond

// coarseClock reads the time at most once in 10 ms: on a hot path that checks
// expiries, time.Now would cost more than the rest. It has no goroutine. A read
// that finds no fresh time asks for it and sets a timer that makes it stale
// again, so an idle clock does nothing at all.
type coarseClock struct {
	start time.Time
	fresh atomic.Int64 // nanoseconds since start, plus one; 0 is stale
}

func newCoarseClock() *coarseClock { return &coarseClock{start: time.Now()} }

// nanos returns the nanoseconds since the clock was made, never less than 1.
func (c *coarseClock) nanos() int64 {
	if n := c.fresh.Load(); n != 0 {
		return n
	}
	return c.read()
}

func (c *coarseClock) read() int64 {
	n := int64(time.Since(c.start)) + 1
	if c.fresh.CompareAndSwap(0, n) {
		time.AfterFunc(coarse, func() { c.fresh.Store(0) })
	}
	return n
}

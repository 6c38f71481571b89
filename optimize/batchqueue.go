package optimize

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quintet-ai/quintet"
)

// call is one input that waits for a worker.
type call[In, Out any] struct {
	ctx    context.Context // of the caller, who waits as long as the call lives
	in     In
	length int           // padded
	begin  time.Time     // zero if nobody wants to know
	flush  time.Time     // from then on nothing holds it back
	wake   chan struct{} // holds one token when there is news

	// The result, final once the state says so.
	out    Out
	err    error
	batch  int           // how many ran together
	queued time.Duration // until they started

	// Guarded by the queue's lock.
	state      callState
	prev, next *call[In, Out]
}

type callState uint8

const (
	callWaits    callState = iota // in the queue
	callTaken                     // runs in a batch
	callAnswered                  // has its result
)

// batchQueue holds the calls that wait. The oldest one leads: its goroutine waits
// for a slot, takes a batch out of the queue, itself included, which makes
// another call the oldest, and runs the step for all of the batch. So the queue
// needs no goroutine, and a slot that becomes free always finds somebody who
// waits for it.
type batchQueue[In, Out any] struct {
	e        *Engine[In, Out]
	opt      BatchOptions[In] // Length is nil if all inputs are alike
	table    atomic.Pointer[BatchTable]
	straight atomic.Int64 // calls that never waited
	size     atomic.Int64 // calls that wait; changed under the lock
	calls    sync.Pool

	mu          sync.Mutex
	first, last *call[In, Out]
	flush       time.Time // the earliest of those that wait; unused without MaxDelay
	stats       BatchStats
}

func newBatchQueue[In, Out any](e *Engine[In, Out], o BatchOptions[In]) *batchQueue[In, Out] {
	q := &batchQueue[In, Out]{e: e, opt: o}
	q.table.Store(&o.Table)
	q.calls.New = func() any { return &call[In, Out]{wake: make(chan struct{}, 1)} }
	return q
}

// run answers one input. A patient caller has a bound of its own and is never
// refused for the length of the queue.
func (q *batchQueue[In, Out]) run(
	ctx context.Context, t *timer, in In, patient bool,
) (out Out, batch int, err error) {
	if err := ctx.Err(); err != nil {
		return out, 1, err
	}
	if q.size.Load() == 0 && q.opt.MaxDelay == 0 && q.e.rt.try() {
		q.straight.Add(1)
		t.started()
		defer q.e.rt.release(true)
		out, err = q.e.one(q.e.rt.inSlot(ctx), in)
		return out, 1, err
	}
	length, err := q.length(in)
	if err != nil {
		return out, 1, err
	}
	c := q.calls.Get().(*call[In, Out])
	c.ctx, c.in, c.length, c.begin, c.batch = ctx, in, length, t.begin, 1
	if err := q.push(c, patient); err != nil {
		return out, 1, err
	}
	q.await(c)
	if c.queued > 0 {
		t.queued.Store(int64(c.queued))
	}
	out, batch, err = c.out, c.batch, c.err
	q.recycle(c)
	return out, batch, err
}

// recycle forgets everything but the channel, which nobody sends to any more.
func (q *batchQueue[In, Out]) recycle(c *call[In, Out]) {
	q.mu.Lock()
	select {
	case <-c.wake:
	default:
	}
	*c = call[In, Out]{wake: c.wake}
	q.mu.Unlock()
	q.calls.Put(c)
}

// push puts c at the end of the queue.
func (q *batchQueue[In, Out]) push(c *call[In, Out], patient bool) error {
	if q.opt.MaxDelay > 0 {
		c.flush = flushTime(c.ctx, q.opt.MaxDelay)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := q.size.Load(); n >= int64(q.opt.MaxQueue) && !patient {
		q.stats.Refused++
		return fmt.Errorf("%d calls wait already: %w", n, quintet.ErrBusy)
	}
	if c.prev = q.last; q.last == nil {
		q.first = c
	} else {
		q.last.next = c
	}
	q.last = c
	n := q.size.Add(1)
	if q.opt.MaxDelay == 0 {
		return nil
	}
	sooner := n == 1 || c.flush.Before(q.flush)
	if sooner {
		q.flush = c.flush
	}
	if c != q.first && (sooner || n == int64(q.opt.MaxItems)) {
		notify(q.first)
	}
	return nil
}

// flushTime returns when a call must not be held back any longer.
func flushTime(ctx context.Context, delay time.Duration) time.Time {
	now := time.Now()
	if deadline, ok := ctx.Deadline(); ok {
		delay = min(delay, deadline.Sub(now)/2)
	}
	return now.Add(delay)
}

// notify tells the goroutine of c that there is news. The caller holds the lock.
func notify[In, Out any](c *call[In, Out]) {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// unlink takes c out of the queue. The caller holds the lock.
func (q *batchQueue[In, Out]) unlink(c *call[In, Out]) {
	if c.prev == nil {
		q.first = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next == nil {
		q.last = c.prev
	} else {
		c.next.prev = c.prev
	}
	c.prev, c.next = nil, nil
	q.size.Add(-1)
}

// await returns when c is answered. Until then its goroutine leads whenever c is
// the oldest.
func (q *batchQueue[In, Out]) await(c *call[In, Out]) {
	for {
		q.mu.Lock()
		state, leads := c.state, q.first == c
		q.mu.Unlock()
		switch {
		case state == callAnswered:
			return
		case state == callTaken:
			<-c.wake // the batch still reads the input
		case leads:
			q.lead(c)
		default:
			select {
			case <-c.wake:
			case <-c.ctx.Done():
				q.leave(c)
			}
		}
	}
}

// leave answers c with the error of its context, unless it was taken before.
func (q *batchQueue[In, Out]) leave(c *call[In, Out]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if c.state != callWaits {
		return
	}
	oldest := q.first == c
	q.depart(c)
	if oldest && q.first != nil {
		notify(q.first)
	}
}

// depart answers a call whose context has ended. The caller holds the lock.
func (q *batchQueue[In, Out]) depart(c *call[In, Out]) {
	q.unlink(c)
	c.state, c.err = callAnswered, c.ctx.Err()
	q.stats.Departed++
}

// lead waits for a slot and runs a batch in it.
func (q *batchQueue[In, Out]) lead(c *call[In, Out]) {
	if q.opt.MaxDelay > 0 && !q.hold(c) {
		return
	}
	select {
	case q.e.rt.slots <- struct{}{}:
	case <-c.ctx.Done():
		q.leave(c)
		return
	}
	defer q.e.rt.release(true)
	if q.size.Load() < int64(q.opt.MaxItems) {
		// Those whom the last batch answered may be about to call again. They
		// run before this goroutine goes on, if the processor is not free.
		runtime.Gosched()
	}
	if c.ctx.Err() != nil {
		q.leave(c)
		return
	}
	q.serve(q.take())
}

// hold waits for others to join. It reports whether it is time to go on; if not,
// the call has news.
func (q *batchQueue[In, Out]) hold(c *call[In, Out]) bool {
	q.mu.Lock()
	left, full := time.Until(q.flush), q.size.Load() >= int64(q.opt.MaxItems)
	q.mu.Unlock()
	if left <= 0 || full {
		return true
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.wake:
	case <-c.ctx.Done():
		q.leave(c)
	}
	return false
}

// length returns the padded length of an input, or the panic of the caller's code.
func (q *batchQueue[In, Out]) length(in In) (n int, err error) {
	if q.opt.Length == nil {
		return 1, nil
	}
	defer func() {
		if v := recover(); v != nil {
			err = newPanicError(v)
		}
	}()
	return q.padded(q.opt.Length(in)), nil
}

// padded rounds a length up.
func (q *batchQueue[In, Out]) padded(n int) int {
	m := q.opt.Multiple
	n = min(max(n, 1), math.MaxInt32) // times MaxItems must not overflow
	return (n + m - 1) / m * m
}

package optimize

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// take removes a batch from the queue, which is not empty, and wakes the next
// leader.
func (q *batchQueue[In, Out]) take() []*call[In, Out] {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.choose(q.window())
	now := time.Time{}
	longest, sum := 0, int64(0)
	for _, c := range batch {
		q.unlink(c)
		c.state, c.batch = callTaken, len(batch)
		if !c.begin.IsZero() {
			if now.IsZero() {
				now = time.Now()
			}
			c.queued = now.Sub(c.begin) + 1 // 0 is reserved
		}
		longest, sum = max(longest, c.length), sum+int64(c.length)
	}
	if n := len(batch); n == 1 {
		q.stats.Alone++
	} else {
		q.stats.Batches++
		q.stats.Batched += int64(n)
		q.stats.Largest = max(q.stats.Largest, n)
		q.stats.Length += sum
		q.stats.Padded += int64(n) * int64(longest)
	}
	if q.opt.MaxDelay > 0 && q.first != nil {
		q.flush = q.first.flush
		for c := q.first.next; c != nil; c = c.next {
			if c.flush.Before(q.flush) {
				q.flush = c.flush
			}
		}
	}
	if q.first != nil {
		notify(q.first)
	}
	return batch
}

// window returns the oldest calls, of which a batch is chosen, the oldest first.
// Those whose context has ended leave, but the leader's own.
func (q *batchQueue[In, Out]) window() []*call[In, Out] {
	most := min(4*q.opt.MaxItems, 256)
	if q.opt.Length == nil {
		most = q.opt.MaxItems
	}
	calls := make([]*call[In, Out], 0, min(most, int(q.size.Load())))
	for c := q.first; c != nil && len(calls) < most; {
		next := c.next
		if len(calls) > 0 && c.ctx.Err() != nil {
			q.depart(c)
			notify(c)
		} else {
			calls = append(calls, c)
		}
		c = next
	}
	return calls
}

// choose returns the calls of the window that run together, its first among them.
func (q *batchQueue[In, Out]) choose(calls []*call[In, Out]) []*call[In, Out] {
	workers, busy := q.e.rt.opt.Workers, len(q.e.rt.slots)-1
	if q.opt.Length == nil {
		n := (2*int(q.size.Load()) + busy + 2*workers - 1) / (2 * workers)
		return calls[:min(len(calls), max(n, 1))]
	}
	if len(calls) == 1 {
		return calls
	}
	lengths := make([]int, len(calls))
	for i, c := range calls {
		lengths[i] = c.length
	}
	chosen := q.planner(workers).pick(lengths, busy)
	batch := make([]*call[In, Out], len(chosen))
	for i, at := range chosen {
		batch[i] = calls[at]
	}
	return batch
}

func (q *batchQueue[In, Out]) planner(workers int) *planner {
	return &planner{*q.table.Load(), q.opt.MaxItems, q.opt.MaxLength, workers}
}

// errExit is the error of calls whose step ended its goroutine.
var errExit = errors.New("step ended its goroutine")

// serve runs the step on a batch and answers its calls.
func (q *batchQueue[In, Out]) serve(batch []*call[In, Out]) {
	ctx, stop := q.join(batch)
	defer stop()
	in, out, errs := make([]In, len(batch)), make([]Out, len(batch)), make([]error, len(batch))
	for i, c := range batch {
		in[i] = c.in
	}
	fill(errs, errExit) // until the step has returned
	defer q.answer(batch, out, errs)
	got := make([]error, len(batch))
	if whole := q.e.many(ctx, in, out, got); whole && len(batch) > 1 {
		for i, c := range batch {
			if got[i] = c.ctx.Err(); got[i] == nil {
				got[i] = q.again(c, out[i:i+1])
			}
		}
	}
	copy(errs, got)
}

// again runs a call whose batch failed by itself.
func (q *batchQueue[In, Out]) again(c *call[In, Out], out []Out) error {
	errs := [1]error{}
	q.e.many(q.e.rt.inSlot(c.ctx), []In{c.in}, out, errs[:])
	return errs[0]
}

// join returns a context that ends when those of all calls have ended.
func (q *batchQueue[In, Out]) join(batch []*call[In, Out]) (ctx context.Context, stop func()) {
	if len(batch) == 1 {
		return q.e.rt.inSlot(batch[0].ctx), func() {}
	}
	ctx = q.e.rt.inSlot(context.WithoutCancel(batch[0].ctx))
	for _, c := range batch {
		if c.ctx.Done() == nil {
			return ctx, func() {}
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	var left atomic.Int64
	left.Store(int64(len(batch)))
	stops := make([]func() bool, len(batch))
	for i, c := range batch {
		stops[i] = context.AfterFunc(c.ctx, func() {
			if left.Add(-1) == 0 {
				cancel()
			}
		})
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}

// answer gives the calls their results.
func (q *batchQueue[In, Out]) answer(batch []*call[In, Out], out []Out, errs []error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, c := range batch {
		if c.err = errs[i]; c.err == nil {
			c.out = out[i]
		}
		c.state = callAnswered
		notify(c)
	}
}

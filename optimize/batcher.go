package optimize

import (
	"context"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
)

// BatchOptions configures a [Batcher]. Only Length is needed.
type BatchOptions[In any] struct {
	// Length returns how long an input is in the unit in which a batch is
	// padded, such as tokens. It is called on the caller's goroutine for calls
	// that wait and should be cheap; an estimate will do. Less than 1 counts
	// as 1.
	Length func(In) int

	// MaxItems bounds the inputs of a batch. Default: 32.
	MaxItems int

	// MaxLength bounds the padded length of a batch: its inputs times the
	// longest of them. An input that is longer runs alone. Default: 16,384.
	MaxLength int

	// Table says when batches pay. Default: [CPUBatchTable].
	Table BatchTable

	// Multiple is what lengths are padded up to a multiple of, for devices
	// that compile each shape anew, such as TensorRT. Default: 1.
	Multiple int

	// MaxDelay is how long a call may be held back while a worker is idle, so
	// that others can join it. It helps devices that need large batches. Of a
	// call with a deadline, half the time that is left is never touched.
	// Default: 0, an idle worker starts at once.
	MaxDelay time.Duration

	// MaxQueue bounds the calls of Run that wait; the next one fails at once
	// with [quintet.ErrBusy]. Default: 65,536.
	MaxQueue int
}

func (o BatchOptions[In]) withDefaults() (BatchOptions[In], error) {
	switch {
	case o.Length == nil:
		return o, fmt.Errorf("optimize: a batcher needs Length: %w", quintet.ErrOption)
	case o.MaxItems < 0 || o.MaxLength < 0 || o.Multiple < 0 || o.MaxDelay < 0 || o.MaxQueue < 0:
		return o, fmt.Errorf("optimize: negative limit of a batcher: %w", quintet.ErrOption)
	}
	if err := o.Table.check(); err != nil {
		return o, fmt.Errorf("optimize: %w", err)
	}
	if o.Table == nil {
		o.Table = CPUBatchTable()
	}
	for p, v := range map[*int]int{&o.MaxItems: 32, &o.MaxLength: 16_384, &o.Multiple: 1, &o.MaxQueue: 65_536} {
		if *p == 0 {
			*p = v
		}
	}
	return o, nil
}

// Batcher is an [Engine] that runs inputs together where that is faster, those of
// concurrent calls of Run and Stream too.
//
// # Never slower than one by one
//
// A call that finds an idle worker runs at once and alone. Calls that find all
// workers busy queue up; the worker that becomes free takes the oldest and of the
// others those with which it runs fastest. Three things keep batches
// from losing against single calls:
//
//   - No waiting. With MaxDelay 0 a worker is never idle while a call waits.
//   - No losing batch. In a batch each input costs as much as the longest, so a
//     batch is made only if the gain of its size and length, as the table has
//     it, exceeds the padding: n*longest/sum(lengths) < gain(n, longest), for a
//     cost proportional to length. The work done is thus never more than that
//     of the inputs alone, if the table is true; [Batcher.Calibrate] measures it.
//   - No hoarding. A batch takes no longer than all the workers together would
//     need for the calls that wait, one by one, and for what is left of those
//     that run, taken as half a call for each busy worker. So no worker toils
//     on a long batch while the others have run out of work.
//
// It is the sum of the work, and with it the throughput under load, that is never
// worse. A single call may be done later than alone, by at most its batch's time.
//
// # Order, failure, end
//
// The oldest call is in the next batch, whatever its length, so none is starved.
// A call whose context ends leaves the queue at once. One that runs returns when
// its batch does, which is stopped when the contexts of all its calls have ended.
// The context of a batch has the values of its oldest call. If the step fails for
// a whole batch of several calls, each is run again alone, so that no caller
// suffers for another's input.
//
// RunBatch groups its inputs by the same table, all at once, and Stream feeds the
// queue; both keep the order of their results. A Batcher has no goroutine of its
// own: the callers do the work.
type Batcher[In, Out any] struct{ *Engine[In, Out] }

// NewBatcher returns a batcher that is named after its package and runs step. A
// nil rt means [Default]. It fails with [quintet.ErrOption].
func NewBatcher[In, Out any](
	rt *Runtime, name string, o BatchOptions[In], step BatchStep[In, Out],
) (*Batcher[In, Out], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	e := newEngine(&Engine[In, Out]{name: name, rt: rt, batch: step, maxBatch: o.MaxItems})
	e.queue = newBatchQueue(e, o)
	return &Batcher[In, Out]{e}, nil
}

// Padded returns the length to which a step should pad a batch whose longest
// input has the given length.
func (b *Batcher[In, Out]) Padded(longest int) int { return b.queue.padded(longest) }

// Table returns the table in use. The caller must not change it.
func (b *Batcher[In, Out]) Table() BatchTable { return *b.queue.table.Load() }

// BatchStats is a snapshot of what a [Batcher] did for calls of Run and Stream.
type BatchStats struct {
	Alone    int64 `json:"alone"`    // calls that ran by themselves
	Batched  int64 `json:"batched"`  // calls that ran with others
	Batches  int64 `json:"batches"`  // how many batches these made
	Largest  int   `json:"largest"`  // calls of the largest batch
	Length   int64 `json:"length"`   // summed length of the batched calls
	Padded   int64 `json:"padded"`   // the same with padding
	Refused  int64 `json:"refused"`  // calls answered with ErrBusy
	Departed int64 `json:"departed"` // calls whose context ended in the queue
	Waiting  int   `json:"waiting"`  // calls that wait now
}

// Stats returns a snapshot.
func (b *Batcher[In, Out]) Stats() BatchStats {
	q := b.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.stats
	s.Alone += q.straight.Load()
	s.Waiting = int(q.size.Load())
	return s
}

// grouped runs inputs in groups on at most the given number of workers and
// returns the size of the largest group.
func (e *Engine[In, Out]) grouped(
	ctx context.Context, t *timer, in []In, out []Out, errs []error, workers int,
) (largest int) {
	var at, lengths []int // of the inputs that have a length
	for i, v := range in {
		n, err := e.queue.length(v)
		if errs[i] = err; err == nil {
			at, lengths = append(at, i), append(lengths, n)
		}
	}
	groups := e.queue.planner(workers).split(lengths)
	largest = 1
	for _, g := range groups {
		largest = max(largest, len(g))
	}
	spread(workers, len(groups), func(i int) {
		n := len(groups[i])
		gin, gout, gerrs := make([]In, n), make([]Out, n), make([]error, n)
		for k, j := range groups[i] {
			gin[k] = in[at[j]]
		}
		e.chunk(ctx, t, gin, gout, gerrs)
		for k, j := range groups[i] {
			out[at[j]], errs[at[j]] = gout[k], gerrs[k]
		}
	})
	return largest
}

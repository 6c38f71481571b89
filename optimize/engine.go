package optimize

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quintet-ai/quintet"
)

// Step turns one input into one result. It must be safe for concurrent use.
type Step[In, Out any] func(ctx context.Context, in In) (Out, error)

// BatchStep turns inputs into as many results, in the same order. It must be
// safe for concurrent use and must not keep in.
//
// An error fails the whole batch unless it holds item errors: then each
// [quintet.Error] with an index fails its own item only, and the results of the
// others stand. [FailItem] makes such an error; errors.Join joins them.
type BatchStep[In, Out any] func(ctx context.Context, in []In) ([]Out, error)

// FailItem returns the error with which a [BatchStep] fails its item i alone.
func FailItem(i int, err error) error { return &quintet.Error{Op: "step", Index: i, Err: err} }

// Engine gives a [Step] or a [BatchStep] the whole [quintet.Pipeline] contract,
// so that a domain package writes only its step. It adds worker slots, order,
// cancellation, events, errors with their place, and turns a panic of the step
// into a [PanicError].
//
// A step may call other pipelines with the context it was given, those of the
// same runtime too: they run in the slot that the step holds. It must not close
// its own pipeline, which would wait for itself.
type Engine[In, Out any] struct {
	name     string
	rt       *Runtime
	step     Step[In, Out]        // nil if batch is set
	batch    BatchStep[In, Out]   // nil if step is set
	maxBatch int                  // 1 if step is set
	queue    *batchQueue[In, Out] // of the calls of Run; nil if maxBatch is 1

	mu      sync.Mutex // guards closed and the start of running
	closed  bool
	running sync.WaitGroup
}

// NewEngine returns an engine that is named after its package and runs step. A
// nil rt means [Default].
func NewEngine[In, Out any](rt *Runtime, name string, step Step[In, Out]) *Engine[In, Out] {
	return newEngine(&Engine[In, Out]{name: name, rt: rt, step: step, maxBatch: 1})
}

// NewBatchEngine returns an engine that is named after its package and runs step
// on at most maxBatch inputs at a time; less than 1 means 1. It takes a batch to
// cost no more than its inputs one by one, whatever they are; see [NewBatcher]
// for inputs that are padded to the longest.
//
// Calls of Run that find all workers busy run together when one becomes free.
// They and RunBatch are spread evenly over the workers before batches are made
// longer. Stream collects a whole batch before it starts one, so live inputs want
// a small maxBatch. A nil rt means [Default].
func NewBatchEngine[In, Out any](
	rt *Runtime, name string, maxBatch int, step BatchStep[In, Out],
) *Engine[In, Out] {
	e := newEngine(&Engine[In, Out]{name: name, rt: rt, batch: step, maxBatch: max(maxBatch, 1)})
	if e.maxBatch > 1 {
		e.queue = newBatchQueue(e, BatchOptions[In]{MaxItems: e.maxBatch, MaxQueue: math.MaxInt, Multiple: 1})
	}
	return e
}

func newEngine[In, Out any](e *Engine[In, Out]) *Engine[In, Out] {
	if e.rt == nil {
		e.rt = Default()
	}
	return e
}

// Run implements [quintet.Pipeline].
func (e *Engine[In, Out]) Run(ctx context.Context, in In) (out Out, err error) {
	if !e.enter() {
		return out, e.wrap("Run", -1, quintet.ErrClosed)
	}
	defer e.running.Done()
	var t timer
	e.start(&t)
	out, batch, err := e.call(ctx, &t, in, false)
	if err != nil {
		var zero Out
		out, err = zero, e.wrap("Run", -1, err)
	}
	e.report("Run", &t, 1, batch, err)
	return out, err
}

// call runs one input, with others if that is better, and returns how many ran
// together.
func (e *Engine[In, Out]) call(
	ctx context.Context, t *timer, in In, patient bool,
) (out Out, batch int, err error) {
	if e.queue != nil && !e.rt.holdsSlot(ctx) {
		return e.queue.run(ctx, t, in, patient)
	}
	ctx, taken, err := e.rt.acquire(ctx)
	if err != nil {
		return out, 1, err
	}
	defer e.rt.release(taken)
	t.started()
	out, err = e.one(ctx, in)
	return out, 1, err
}

// RunBatch implements [quintet.Pipeline].
func (e *Engine[In, Out]) RunBatch(ctx context.Context, in []In) ([]Out, error) {
	out, errs := make([]Out, len(in)), make([]error, len(in))
	if !e.enter() {
		return out, e.failAll(errs, quintet.ErrClosed)
	}
	defer e.running.Done()
	var t timer
	e.start(&t)

	workers := e.rt.opt.Workers
	if e.rt.holdsSlot(ctx) {
		workers = 1 // called from a step: stay inside its slot
	}
	batch := 0
	if e.lengthAware() {
		batch = e.grouped(ctx, &t, in, out, errs, workers)
	} else {
		batch = e.chunked(ctx, &t, in, out, errs, workers)
	}
	for i, err := range errs {
		if err != nil {
			errs[i] = e.wrap("RunBatch", i, err)
		}
	}
	err := errors.Join(errs...)
	e.report("RunBatch", &t, len(in), min(batch, len(in)), err)
	return out, err
}

func (e *Engine[In, Out]) lengthAware() bool { return e.queue != nil && e.queue.opt.Length != nil }

// chunked runs inputs in even chunks and returns their size.
func (e *Engine[In, Out]) chunked(
	ctx context.Context, t *timer, in []In, out []Out, errs []error, workers int,
) (size int) {
	size = min(e.maxBatch, max(1, (len(in)+workers-1)/workers))
	spread(workers, (len(in)+size-1)/size, func(i int) {
		lo, hi := i*size, min((i+1)*size, len(in))
		e.chunk(ctx, t, in[lo:hi], out[lo:hi], errs[lo:hi])
	})
	return size
}

// spread calls work with 0 to n-1, in order, on at most the given number of
// goroutines, its own included.
func spread(goroutines, n int, work func(i int)) {
	var next atomic.Int64
	loop := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			work(i)
		}
	}
	var helpers sync.WaitGroup
	for range min(goroutines, n) - 1 {
		helpers.Go(loop)
	}
	loop()
	helpers.Wait()
}

// failAll puts the same cause on every item; an empty batch has the error of the
// call.
func (e *Engine[In, Out]) failAll(errs []error, cause error) error {
	if len(errs) == 0 {
		return e.wrap("RunBatch", -1, cause)
	}
	for i := range errs {
		errs[i] = e.wrap("RunBatch", i, cause)
	}
	return errors.Join(errs...)
}

// Close implements [quintet.Pipeline]. Inside a Stream loop or a step of its own
// it would wait for itself: break or return first.
func (e *Engine[In, Out]) Close() error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.running.Wait()
	return nil
}

// enter counts a call as running unless the engine is closed.
func (e *Engine[In, Out]) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.running.Add(1)
	return true
}

func (e *Engine[In, Out]) wrap(method string, index int, err error) error {
	return &quintet.Error{Op: e.name + "." + method, Index: index, Err: err}
}

// chunk runs inputs in one slot and fills out and errs, which have their length.
func (e *Engine[In, Out]) chunk(ctx context.Context, t *timer, in []In, out []Out, errs []error) {
	ctx, taken, err := e.rt.acquire(ctx)
	if err != nil {
		fill(errs, err)
		return
	}
	defer e.rt.release(taken)
	t.started()
	if e.batch == nil {
		for i := range in { // a chunk of a Step has one input
			if out[i], errs[i] = e.one(ctx, in[i]); errs[i] != nil {
				var zero Out
				out[i] = zero
			}
		}
		return
	}
	e.many(ctx, in, out, errs)
}

// one runs the step on one input.
func (e *Engine[In, Out]) one(ctx context.Context, in In) (out Out, err error) {
	if e.batch != nil {
		outs, errs := [1]Out{}, [1]error{}
		e.many(ctx, []In{in}, outs[:], errs[:])
		return outs[0], errs[0]
	}
	defer func() {
		if v := recover(); v != nil {
			err = newPanicError(v)
		}
	}()
	return e.step(ctx, in)
}

// many runs the batch step and deals its results and errors to their items. It
// reports whether the batch failed as a whole.
func (e *Engine[In, Out]) many(ctx context.Context, in []In, out []Out, errs []error) (whole bool) {
	got, err := e.guardedBatch(ctx, in)
	some := false
	for i, itemErr := range quintet.ItemErrors(err) {
		if i < len(errs) {
			some = true
			errs[i] = errors.Unwrap(itemErr)
		}
	}
	if err != nil && !some {
		fill(errs, err)
		return true
	}
	if len(got) != len(in) {
		fill(errs, fmt.Errorf("step returned %d results for %d inputs", len(got), len(in)))
		return true
	}
	for i := range got {
		if errs[i] == nil {
			out[i] = got[i]
		}
	}
	return false
}

func (e *Engine[In, Out]) guardedBatch(ctx context.Context, in []In) (out []Out, err error) {
	defer func() {
		if v := recover(); v != nil {
			out, err = nil, newPanicError(v)
		}
	}()
	return e.batch(ctx, in)
}

func fill(errs []error, err error) {
	for i := range errs {
		errs[i] = err
	}
}

// timer measures one call for its event. Without an observer it never asks for
// the time.
type timer struct {
	begin  time.Time    // zero without an observer
	queued atomic.Int64 // nanoseconds until the first item started, plus one; 0 before
}

func (e *Engine[In, Out]) start(t *timer) {
	if e.rt.opt.Observer != nil {
		t.begin = time.Now()
	}
}

// started notes that an item left the queue; only the first one counts.
func (t *timer) started() {
	if !t.begin.IsZero() && t.queued.Load() == 0 {
		t.queued.CompareAndSwap(0, int64(time.Since(t.begin))+1)
	}
}

func (e *Engine[In, Out]) report(method string, t *timer, items, batch int, err error) {
	o := e.rt.opt.Observer
	if o == nil {
		return
	}
	took := time.Since(t.begin)
	queued := time.Duration(t.queued.Load()) - 1
	if queued < 0 {
		queued = took // it never started
	}
	o.Observe(quintet.Event{Pipeline: e.name, Op: method, Items: items, Took: took, Queued: queued, Batch: batch, Err: err})
}

package optimize

import (
	"context"
	"errors"
	"fmt"
	"iter"
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
	step     Step[In, Out]      // nil if batch is set
	batch    BatchStep[In, Out] // nil if step is set
	maxBatch int                // 1 if step is set

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
// on at most maxBatch inputs at a time; less than 1 means 1. RunBatch spreads its
// inputs evenly over the workers before it makes batches longer. Stream collects
// a whole batch before it starts one, so live inputs want a small maxBatch. A nil
// rt means [Default].
func NewBatchEngine[In, Out any](rt *Runtime, name string, maxBatch int, step BatchStep[In, Out]) *Engine[In, Out] {
	return newEngine(&Engine[In, Out]{name: name, rt: rt, batch: step, maxBatch: max(maxBatch, 1)})
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
	ctx, taken, err := e.rt.acquire(ctx)
	if err == nil {
		t.started()
		defer e.rt.release(taken)
		out, err = e.one(ctx, in)
	}
	if err != nil {
		var zero Out
		out, err = zero, e.wrap("Run", -1, err)
	}
	e.report("Run", &t, 1, 1, err)
	return out, err
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
	size := min(e.maxBatch, max(1, (len(in)+workers-1)/workers))
	var next atomic.Int64
	work := func() {
		for {
			hi := int(next.Add(int64(size)))
			lo := hi - size
			if lo >= len(in) {
				return
			}
			hi = min(hi, len(in))
			e.chunk(ctx, &t, in[lo:hi], out[lo:hi], errs[lo:hi])
		}
	}
	var helpers sync.WaitGroup
	for range min(workers, (len(in)+size-1)/size) - 1 {
		helpers.Go(work)
	}
	work()
	helpers.Wait()

	for i, err := range errs {
		if err != nil {
			errs[i] = e.wrap("RunBatch", i, err)
		}
	}
	err := errors.Join(errs...)
	e.report("RunBatch", &t, len(in), min(size, len(in)), err)
	return out, err
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

// flight is a chunk of a stream under way.
type flight[Out any] struct {
	out   []Out
	errs  []error
	timer timer
	done  chan struct{} // closed when out and errs are final
}

func (f *flight[Out]) ready() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// Stream implements [quintet.Pipeline]. It holds at most Workers chunks, each of
// one input or, for a [BatchStep], of at most maxBatch inputs.
func (e *Engine[In, Out]) Stream(ctx context.Context, in iter.Seq[In]) iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		var zero Out
		if !e.enter() {
			yield(zero, e.wrap("Stream", -1, quintet.ErrClosed))
			return
		}
		defer e.running.Done()
		var running sync.WaitGroup
		defer running.Wait()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // runs before running.Wait: stop, then wait

		var queue []*flight[Out] // oldest first
		index := 0               // of the next result
		cut := false             // some result has told the consumer that ctx ended
		head := func() bool {
			f := queue[0]
			queue = queue[1:]
			<-f.done
			for i, err := range f.errs {
				if err != nil {
					cut = cut || ctx.Err() != nil && errors.Is(err, ctx.Err())
					err = e.wrap("Stream", index, err)
				}
				e.report("Stream", &f.timer, 1, len(f.errs), err)
				index++
				if !yield(f.out[i], err) {
					return false
				}
			}
			return true
		}
		launch := func(chunk []In) {
			f := &flight[Out]{out: make([]Out, len(chunk)), errs: make([]error, len(chunk)), done: make(chan struct{})}
			e.start(&f.timer)
			queue = append(queue, f)
			running.Go(func() {
				defer close(f.done)
				e.chunk(ctx, &f.timer, chunk, f.out, f.errs)
			})
		}
		var chunk []In
		for v := range in {
			if ctx.Err() != nil {
				break
			}
			if chunk = append(chunk, v); len(chunk) < e.maxBatch {
				continue
			}
			if len(queue) == e.rt.opt.Workers && !head() {
				return
			}
			launch(chunk)
			chunk = nil
			for len(queue) > 0 && queue[0].ready() { // a slow source must not hold results back
				if !head() {
					return
				}
			}
		}
		if len(chunk) > 0 {
			launch(chunk)
		}
		for len(queue) > 0 {
			if !head() {
				return
			}
		}
		if err := ctx.Err(); err != nil && !cut {
			yield(zero, e.wrap("Stream", index, err))
		}
	}
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

// many runs the batch step and deals its results and errors to their items.
func (e *Engine[In, Out]) many(ctx context.Context, in []In, out []Out, errs []error) {
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
		return
	}
	if len(got) != len(in) {
		fill(errs, fmt.Errorf("step returned %d results for %d inputs", len(got), len(in)))
		return
	}
	for i := range got {
		if errs[i] == nil {
			out[i] = got[i]
		}
	}
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

package optimize

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/quintet-ai/quintet"
)

// flight is a chunk of a stream under way.
type flight[Out any] struct {
	out   []Out
	errs  []error
	batch int // how many ran together
	timer timer
	done  chan struct{} // closed when the rest is final
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
// one input or, for a [BatchStep], of at most maxBatch inputs. That of a [Batcher]
// holds as many inputs one by one.
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
		cut := false             // the latest result has told the consumer that ctx ended
		size, most := e.maxBatch, e.rt.opt.Workers
		single := e.lengthAware() && !e.rt.holdsSlot(ctx) // the queue makes the batches
		if single {
			size, most = 1, e.maxBatch*e.rt.opt.Workers
		}
		head := func() bool {
			f := queue[0]
			queue = queue[1:]
			<-f.done
			for i, err := range f.errs {
				cut = err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err())
				if err != nil {
					err = e.wrap("Stream", index, err)
				}
				e.report("Stream", &f.timer, 1, f.batch, err)
				index++
				if !yield(f.out[i], err) {
					return false
				}
			}
			return true
		}
		launch := func(chunk []In) {
			f := &flight[Out]{batch: len(chunk), done: make(chan struct{})}
			f.out, f.errs = make([]Out, len(chunk)), make([]error, len(chunk))
			e.start(&f.timer)
			queue = append(queue, f)
			running.Go(func() {
				defer close(f.done)
				switch {
				case single:
					f.out[0], f.batch, f.errs[0] = e.call(ctx, &f.timer, chunk[0], true)
				case e.lengthAware():
					f.batch = e.grouped(ctx, &f.timer, chunk, f.out, f.errs, 1)
				default:
					e.chunk(ctx, &f.timer, chunk, f.out, f.errs)
				}
			})
		}
		var chunk []In
		for v := range in {
			if ctx.Err() != nil {
				break
			}
			if chunk = append(chunk, v); len(chunk) < size {
				continue
			}
			if len(queue) == most && !head() {
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

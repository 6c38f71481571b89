package quintet

import (
	"context"
	"iter"
)

// Pipeline is what text, vision, audio, vector and graph have in common: one
// typed input becomes one typed result.
//
// Implementations are safe for concurrent use. They keep no reference to an
// input after the call that brought it has returned, and callers own the
// results.
type Pipeline[In, Out any] interface {
	// Run processes one input.
	Run(ctx context.Context, in In) (Out, error)

	// RunBatch processes every input and returns as many results, in the
	// same order, whatever happens. A failing input leaves its result zero
	// and adds one [*Error] carrying its index; the others are unaffected.
	// Use [ItemErrors] to take the joined error apart.
	RunBatch(ctx context.Context, in []In) ([]Out, error)

	// Stream processes inputs as they are pulled and yields results in input
	// order, each with its own error. It holds a bounded number of inputs at
	// a time. When ctx ends it stops pulling, yields what is under way and
	// then one error that says so; a consumer that breaks leaves nothing
	// behind. The input sequence runs on the consumer's goroutine.
	Stream(ctx context.Context, in iter.Seq[In]) iter.Seq2[Out, error]

	// Close waits for running calls and releases the pipeline. Later calls
	// return [ErrClosed]. Closing twice is harmless.
	Close() error
}

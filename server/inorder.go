package server

import (
	"context"
	"iter"
)

// inOrder calls f for every element, at most n at a time, and yields the results in
// order. When the consumer stops, nothing new is started and what runs is waited for.
func inOrder[A, B any](ctx context.Context, all []A, n int, f func(ctx context.Context, i int, a A) B) iter.Seq[B] {
	return func(yield func(B) bool) {
		ctx, cancel := context.WithCancel(ctx)
		waiting := make(chan chan B, max(1, n)-1) // of those begun and not yielded, all but the first
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer close(waiting)
			for i, a := range all {
				out := make(chan B, 1)
				select {
				case <-ctx.Done():
					return
				case waiting <- out:
				}
				go func() { out <- f(ctx, i, a) }()
			}
		}()
		defer func() {
			cancel()
			for out := range waiting {
				<-out
			}
			<-ended
		}()
		for out := range waiting {
			if !yield(<-out) {
				return
			}
		}
	}
}

package server

import (
	"context"
	"iter"
)

// inOrder calls f for every element, at most n at a time, and yields the results in
// order. When the consumer stops, nothing new is started, and what runs is waited for,
// the next element of all too.
func inOrder[A, B any](ctx context.Context, all iter.Seq[A], n int, f func(ctx context.Context, i int, a A) B) iter.Seq[B] {
	return func(yield func(B) bool) {
		ctx, cancel := context.WithCancel(ctx)
		waiting := make(chan chan B, max(1, n)-1) // of those begun and not yielded, all but the first
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer close(waiting)
			i := -1
			for a := range all {
				i++
				out := make(chan B, 1)
				select {
				case <-ctx.Done():
					return
				case waiting <- out:
				}
				go func(i int) { out <- f(ctx, i, a) }(i)
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

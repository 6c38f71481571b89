package graph

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/quintet-ai/quintet"
)

// workersOrDefault refuses a negative number of workers and fills in 0.
func workersOrDefault(workers int) (int, error) {
	if workers < 0 {
		return 0, fmt.Errorf("graph: Workers is %d: %w", workers, quintet.ErrOption)
	}
	if workers == 0 {
		return runtime.GOMAXPROCS(0), nil
	}
	return workers, nil
}

// forBlocks calls f once for each block in [0, blocks), on at most workers
// goroutines of which the caller's is one; worker numbers them from 0. It looks
// at ctx before each block and returns its error if a block was left out. A
// panic of f surfaces in the caller.
func forBlocks(ctx context.Context, blocks, workers int, f func(block, worker int)) error {
	if workers = min(workers, blocks); workers <= 1 {
		for b := range blocks {
			if err := ctx.Err(); err != nil {
				return err
			}
			f(b, 0)
		}
		return nil
	}
	var (
		next, done atomic.Int64
		failure    atomic.Pointer[any]
		helpers    sync.WaitGroup
	)
	work := func(worker int) {
		defer func() {
			if v := recover(); v != nil {
				failure.CompareAndSwap(nil, &v)
			}
		}()
		for b := int(next.Add(1)) - 1; b < blocks && ctx.Err() == nil; b = int(next.Add(1)) - 1 {
			f(b, worker)
			done.Add(1)
		}
	}
	for worker := 1; worker < workers; worker++ {
		helpers.Go(func() { work(worker) })
	}
	work(0)
	helpers.Wait()
	if v := failure.Load(); v != nil {
		panic(*v)
	}
	if int(done.Load()) < blocks {
		return ctx.Err()
	}
	return nil
}

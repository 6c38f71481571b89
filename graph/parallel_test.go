package graph_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/graph"
)

func TestEveryBlockRunsOnce(t *testing.T) {
	for _, workers := range workerCounts {
		var count [100]atomic.Int32
		require.NoError(t, graph.ForBlocks(t.Context(), len(count), workers, func(b, worker int) {
			count[b].Add(1)
			if worker < 0 || worker >= workers {
				t.Errorf("worker %d of %d", worker, workers)
			}
		}))
		for b := range count {
			require.Equal(t, int32(1), count[b].Load())
		}
	}
}

func TestBlocksStopWithTheContext(t *testing.T) {
	for _, workers := range workerCounts {
		ctx, cancel := context.WithCancel(t.Context())
		var ran atomic.Int32
		err := graph.ForBlocks(ctx, 1_000_000, workers, func(b, _ int) {
			if ran.Add(1) == 5 {
				cancel()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, ran.Load(), int32(1_000_000))

		ctx, cancel = context.WithCancel(t.Context())
		ran.Store(0)
		err = graph.ForBlocks(ctx, 8, workers, func(int, int) {
			if ran.Add(1) == 8 {
				cancel()
			}
		})
		require.NoError(t, err, "the work was done before the context ended")
	}
}

func TestAPanicOfAWorkerReachesTheCaller(t *testing.T) {
	for _, workers := range workerCounts {
		require.PanicsWithValue(t, "bug", func() {
			_ = graph.ForBlocks(t.Context(), 64, workers, func(b, _ int) {
				if b == 13 {
					panic("bug")
				}
			})
		})
	}
}

// A goroutine that stayed would keep the bubble from ending.
func TestATeamSharesThousandsOfPhasesAndLeavesNoGoroutine(t *testing.T) {
	for _, workers := range workerCounts {
		synctest.Test(t, func(t *testing.T) {
			const phases = 3000
			var parts [16][8]int // by block and worker
			require.NoError(t, graph.Phases(t.Context(), phases, len(parts), workers, func(_, b, worker int) {
				parts[b][worker]++
			}))
			sum := 0
			for _, row := range parts {
				for _, x := range row {
					sum += x
				}
			}
			require.Equal(t, phases*len(parts), sum)
		})
	}
}

func TestATeamThatIsCancelledBetweenPhasesEnds(t *testing.T) {
	for _, workers := range workerCounts {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			var last atomic.Int32
			err := graph.Phases(ctx, 100, 8, workers, func(phase, b, _ int) {
				if last.Store(int32(phase)); phase == 50 && b == 0 {
					cancel()
				}
			})
			require.ErrorIs(t, err, context.Canceled)
			require.LessOrEqual(t, last.Load(), int32(51))
		})
	}
}

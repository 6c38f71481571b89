package optimize_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// encoder is what was measured of a six-layer encoder on one thread: the
// microseconds of one input, and the gains of 2, 4 and 8.
func encoder() optimize.BatchTable {
	return optimize.BatchTable{
		{Length: 8, Alone: 4980, Gains: []float64{1.24, 1.49, 1.90}},
		{Length: 16, Alone: 8230, Gains: []float64{1.33, 1.56, 1.50}},
		{Length: 24, Alone: 11000, Gains: []float64{1.20, 1.44, 1.48}},
		{Length: 32, Alone: 12840, Gains: []float64{1.11, 1.16, 1.30}},
		{Length: 64, Alone: 22800, Gains: []float64{1.02, 1.19, 1.20}},
		{Length: 128, Alone: 46510, Gains: []float64{1.18, 1.18, 1.07}},
		{Length: 256, Alone: 96860, Gains: []float64{1.03, 0.99, 0.91}},
	}
}

// mixes are the distributions of length that services see.
var mixes = map[string]func(*rand.Rand) int{
	"16 tokens":    func(*rand.Rand) int { return 16 },
	"8 to 24":      func(r *rand.Rand) int { return 8 + r.IntN(17) },
	"median 32":    func(r *rand.Rand) int { return min(256, max(4, int(32*math.Exp(0.8*r.NormFloat64())))) },
	"4 to 128":     func(r *rand.Rand) int { return 4 + r.IntN(125) },
	"two extremes": func(r *rand.Rand) int { return []int{8, 200}[r.IntN(2)] },
}

func lengthsOf(mix func(*rand.Rand) int, n int) []int {
	rng := rand.New(rand.NewPCG(3, 4))
	lengths := make([]int, n)
	for i := range lengths {
		lengths[i] = mix(rng)
	}
	return lengths
}

func costAlone(t optimize.BatchTable, lengths []int) (sum float64) {
	for _, n := range lengths {
		sum += optimize.Cost(t, 1, n)
	}
	return sum
}

func take(lengths, at []int) []int {
	var some []int
	for _, i := range at {
		some = append(some, lengths[i])
	}
	return some
}

func TestCostsAreInterpolated(t *testing.T) {
	table := optimize.BatchTable{
		{Length: 10, Alone: 100, Gains: []float64{2, 3}},
		{Length: 20, Alone: 160, Gains: []float64{1, 2}},
	}
	for name, tt := range map[string]struct {
		n, length int
		want      float64
	}{
		"one at a row":                          {1, 10, 100},
		"one between rows":                      {1, 15, 130},
		"one beyond is in proportion":           {1, 40, 320},
		"one below keeps half of it":            {1, 5, 75},
		"two at a row":                          {2, 10, 2 * 100 / 2},
		"two between rows":                      {2, 15, 2 * 130 / 1.5},
		"three lie between 2 and 4":             {3, 10, 3 * 100 / 2.5},
		"many gain as the last":                 {9, 10, 9 * 100 / 3.},
		"beyond the last row nothing is gained": {2, 21, 2 * 160 * 21 / 20.},
		"below the first, as the first":         {2, 5, 75},
	} {
		t.Run(name, func(t *testing.T) {
			require.InDelta(t, tt.want, optimize.Cost(table, tt.n, tt.length), 1e-9)
		})
	}
	require.InDelta(t, 7, optimize.Cost(nil, 1, 7), 0)
	require.InDelta(t, 21, optimize.Cost(nil, 3, 7), 0)
}

func TestABatchHoldsTheOldestObeysBudgetsAndNeverLoses(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	grown := 0
	for range 3000 {
		table := []optimize.BatchTable{encoder(), optimize.CPUBatchTable(), alike()}[rng.IntN(3)]
		maxItems, maxLength, workers := 1+rng.IntN(40), 1+rng.IntN(2000), 1+rng.IntN(8)
		busy := rng.IntN(workers)
		lengths := make([]int, 1+rng.IntN(100))
		for i := range lengths {
			lengths[i] = 1 + rng.IntN(1+rng.IntN(300))
		}
		got := optimize.Pick(table, maxItems, maxLength, workers, busy, lengths)
		require.Equal(t, 0, got[0])
		require.LessOrEqual(t, len(got), maxItems)
		seen := slices.Clone(got)
		slices.Sort(seen)
		require.Len(t, slices.Compact(seen), len(got), "nobody is in it twice")
		if len(got) == 1 {
			continue
		}
		grown++
		batch := take(lengths, got)
		longest := slices.Max(batch)
		cost := optimize.Cost(table, len(got), longest)
		require.Less(t, cost, costAlone(table, batch))
		require.LessOrEqual(t, len(got)*longest, maxLength)
		all := costAlone(table, lengths)
		share := (all + all/float64(len(lengths))*float64(busy)/2) / float64(workers)
		require.LessOrEqual(t, cost, share*(1+1e-9))
	}
	require.Greater(t, grown, 500)
}

func TestSplitCoversEveryInputOnceAndNeverLoses(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 1000 {
		table := []optimize.BatchTable{encoder(), optimize.CPUBatchTable(), alike()}[rng.IntN(3)]
		maxItems, maxLength, workers := 1+rng.IntN(40), 1+rng.IntN(2000), 1+rng.IntN(8)
		lengths := make([]int, rng.IntN(100))
		for i := range lengths {
			lengths[i] = 1 + rng.IntN(1+rng.IntN(300))
		}
		var seen []int
		total := 0.0
		for _, g := range optimize.Split(table, maxItems, maxLength, workers, lengths) {
			seen = append(seen, g...)
			longest := slices.Max(take(lengths, g))
			cost := optimize.Cost(table, len(g), longest)
			total += cost
			require.LessOrEqual(t, len(g), maxItems)
			if len(g) > 1 {
				require.LessOrEqual(t, len(g)*longest, maxLength)
				require.LessOrEqual(t, cost, costAlone(table, lengths)/float64(workers)*(1+1e-9))
			}
		}
		slices.Sort(seen)
		want := make([]int, len(lengths))
		for i := range want {
			want[i] = i
		}
		require.ElementsMatch(t, want, seen)
		require.LessOrEqual(t, total, costAlone(table, lengths)*(1+1e-9))
	}
}

// leastCost tries every partition of a descending list into runs.
func leastCost(table optimize.BatchTable, lengths []int) float64 {
	if len(lengths) == 0 {
		return 0
	}
	least := math.Inf(1)
	for n := 1; n <= len(lengths); n++ {
		least = min(least, optimize.Cost(table, n, lengths[0])+leastCost(table, lengths[n:]))
	}
	return least
}

func TestSplitIsTheBestOfAllPartitions(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 200 {
		lengths := make([]int, 1+rng.IntN(9))
		for i := range lengths {
			lengths[i] = 1 + rng.IntN(60)
		}
		slices.SortFunc(lengths, func(a, b int) int { return b - a })
		got := 0.0
		for _, g := range optimize.Split(encoder(), 99, 9999, 1, lengths) {
			got += optimize.Cost(encoder(), len(g), slices.Max(take(lengths, g)))
		}
		require.InDelta(t, leastCost(encoder(), lengths), got, 1e-6)
	}
}

// bench is a machine on virtual time: its step takes as long as the measured
// encoder.
type bench struct{ work atomic.Int64 }

func (m *bench) step(_ context.Context, in []int) ([]int, error) {
	cost := time.Duration(optimize.Cost(encoder(), len(in), slices.Max(in))) * time.Microsecond
	m.work.Add(int64(cost))
	time.Sleep(cost)
	return in, nil
}

// drive runs all inputs from a number of clients and returns the elapsed time
// and the work done.
func drive(t *testing.T, lengths []int, clients, workers int, batched bool, run string) (took, work time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		rt := runtimeWith(t, optimize.Options{Workers: workers})
		m := &bench{}
		b := newBatcher(t, rt, optimize.BatchOptions[int]{Length: itself}, m.step)
		e := b.Engine
		if !batched {
			e = optimize.NewBatchEngine(rt, "plain", 1, m.step)
		}
		begin := time.Now()
		switch run {
		case "RunBatch":
			_, err := e.RunBatch(t.Context(), lengths)
			require.NoError(t, err)
		case "Stream":
			for _, err := range e.Stream(t.Context(), slices.Values(lengths)) {
				require.NoError(t, err)
			}
		default:
			var next atomic.Int64
			var wg sync.WaitGroup
			for range clients {
				wg.Go(func() {
					for i := next.Add(1) - 1; int(i) < len(lengths); i = next.Add(1) - 1 {
						if v, err := e.Run(t.Context(), lengths[i]); err != nil || v != lengths[i] {
							t.Errorf("%d: %d, %v", i, v, err)
						}
					}
				})
			}
			wg.Wait()
		}
		took, work = time.Since(begin), time.Duration(m.work.Load())
	})
	return took, work
}

// With the table that stands in for a calibration, neither the work nor the time
// is above that of single calls, whatever the lengths; for short inputs it is
// well below.
func TestBatchingNeverLosesOnTheLengthsOfServices(t *testing.T) {
	gain := map[string]float64{"16 tokens/Run": 1.4, "8 to 24/Run": 1.2, "16 tokens/RunBatch": 1.4, "8 to 24/RunBatch": 1.4}
	for name, mix := range mixes {
		lengths := lengthsOf(mix, 512)
		for _, run := range []string{"Run", "RunBatch", "Stream"} {
			for _, load := range []struct{ clients, workers int }{{8, 2}, {32, 2}, {64, 8}} {
				t.Run(fmt.Sprintf("%s/%s/clients=%d/workers=%d", name, run, load.clients, load.workers), func(t *testing.T) {
					took, work := drive(t, lengths, load.clients, load.workers, true, run)
					tookAlone, workAlone := drive(t, lengths, load.clients, load.workers, false, run)
					require.LessOrEqual(t, work, workAlone)
					require.LessOrEqual(t, took.Seconds(), tookAlone.Seconds()*1.01, "at most the last batch is uneven")
					require.GreaterOrEqual(t, tookAlone.Seconds()/took.Seconds(), gain[name+"/"+run])
					t.Logf("%.2fx faster with %.2fx the work", tookAlone.Seconds()/took.Seconds(), work.Seconds()/workAlone.Seconds())
				})
			}
		}
	}
}

func TestCalibrateMeasuresTheTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &bench{}
		b := newBatcher(t, runtimeWith(t, optimize.Options{Workers: 1}), optimize.BatchOptions[int]{Length: itself}, m.step)
		require.NoError(t, b.Calibrate(t.Context(), 0, itself))
		got := b.Table()
		require.Len(t, got, 6)
		require.Equal(t, 8, got[0].Length)
		require.InDelta(t, 4980e3, got[0].Alone, 1e3)
		require.InDeltaSlice(t, []float64{0.95 * 1.24, 0.95 * 1.49, 0.95 * 1.9, 0.95 * 1.9}, got[0].Gains, 1e-3)
		require.InDeltaSlice(t, []float64{0.95 * 1.18}, got[4].Gains, 1e-3, "longer batches are not timed")
		require.Len(t, got[5].Gains, 1)
	})
}

// A budget leaves out what would go beyond it, but never the first length.
func TestCalibrateKeepsToItsBudget(t *testing.T) {
	lengths := map[time.Duration][]int{
		time.Nanosecond:         {8},
		1200 * time.Millisecond: {8, 16, 32, 64},
		time.Hour:               {8, 16, 32, 64, 128, 256},
	}
	for budget, want := range lengths {
		synctest.Test(t, func(t *testing.T) {
			m := &bench{}
			b := newBatcher(t, runtimeWith(t, optimize.Options{Workers: 1}), optimize.BatchOptions[int]{Length: itself}, m.step)
			begin := time.Now()
			require.NoError(t, b.Calibrate(t.Context(), budget, itself))
			var got []int
			for _, row := range b.Table() {
				got = append(got, row.Length)
			}
			require.Equal(t, want, got)
			if len(got) > 1 {
				require.LessOrEqual(t, time.Since(begin), budget)
			}
			require.Len(t, b.Table()[0].Gains, 4, "all sizes, once at least")
		})
	}
}

func TestCalibrateRefusesAndFails(t *testing.T) {
	rt := runtimeWith(t, optimize.Options{Workers: 1})
	b := newBatcher(t, rt, optimize.BatchOptions[int]{Length: itself, Multiple: 16}, halves)
	before := b.Table()
	for _, lengths := range [][]int{{0}, {8, 8}, {8, 4}} {
		require.ErrorContains(t, b.Calibrate(t.Context(), 0, itself, lengths...), "does not ascend: invalid option")
	}
	require.ErrorIs(t, b.Calibrate(t.Context(), -1, itself), quintet.ErrOption)
	err := b.Calibrate(t.Context(), 0, func(int) int { return 1 })
	require.EqualError(t, err, "batch.Calibrate: length 8: 1 is odd: invalid input")
	done, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, b.Calibrate(done, 0, itself), context.Canceled)
	require.Equal(t, before, b.Table())
	require.NoError(t, b.Calibrate(t.Context(), 0, itself, 2, 4, 20))
	require.Len(t, b.Table(), 2, "padding makes two lengths one")
	require.NoError(t, b.Close())
	require.ErrorContains(t, b.Calibrate(t.Context(), 0, itself), "batch.Calibrate: closed")
}

func BenchmarkBatcher(b *testing.B) {
	ctx := b.Context()
	empty := func(_ context.Context, in []int) ([]int, error) { return in, nil }
	rt := runtimeWith(b, optimize.Options{})
	plain := optimize.NewBatchEngine(rt, "plain", 1, empty)
	batcher := newBatcher(b, rt, optimize.BatchOptions[int]{Length: func(n int) int { return 8 }}, empty)
	for name, e := range map[string]*optimize.Engine[int, int]{"plain": plain, "batcher": batcher.Engine} {
		b.Run("engine="+name+"/callers=1", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = e.Run(ctx, 1)
			}
		})
		b.Run("engine="+name+"/callers=64", func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(64)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_, _ = e.Run(ctx, 1)
				}
			})
		})
	}
	for _, n := range []int{8, 64, 128} {
		lengths := lengthsOf(mixes["8 to 24"], n)
		b.Run(fmt.Sprintf("call=pick/waiting=%d", n), func(b *testing.B) {
			for b.Loop() {
				optimize.Pick(optimize.CPUBatchTable(), 32, 9999, 2, 1, lengths)
			}
		})
	}
}

package optimize

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
)

const (
	calibrationLength = 128  // longest padded batch that is timed, beyond one pair
	calibrationRounds = 3    // of which the best counts
	calibrationMargin = 0.95 // of a measured gain is trusted
)

// Calibrate measures the table of b on this machine and puts it to use. sample
// returns an input of a given length; lengths ascend, by default 8, 16, 32, 64,
// 128 and 256. It times batches of 1, 2, 4... up to MaxItems inputs while their
// summed length is at most 128, pairs always, three times each, and trusts 95 %
// of the gains. With the default lengths that is the work of some 6,500 units of
// length. It belongs into warm-up: calls that run meanwhile distort it. A failing
// step leaves the table as it was.
//
// A budget bounds the time, 0 does not: a length that would go beyond it, judged by
// what the one before took, is left out with those that follow, whose inputs are
// then never batched. The first length is always measured, once at least.
//
// It holds one worker slot. A negative budget, and lengths that do not ascend from
// 1 on, are [quintet.ErrOption].
func (b *Batcher[In, Out]) Calibrate(
	ctx context.Context, budget time.Duration, sample func(length int) In, lengths ...int,
) error {
	if !b.enter() {
		return b.wrap("Calibrate", -1, quintet.ErrClosed)
	}
	defer b.running.Done()
	if len(lengths) == 0 {
		lengths = []int{8, 16, 32, 64, 128, 256}
	}
	if budget < 0 {
		return b.wrap("Calibrate", -1, fmt.Errorf("budget is %v: %w", budget, quintet.ErrOption))
	}
	for i, n := range lengths {
		if n < 1 || i > 0 && n <= lengths[i-1] {
			return b.wrap("Calibrate", -1, fmt.Errorf("length %d does not ascend: %w", n, quintet.ErrOption))
		}
	}
	ctx, taken, err := b.rt.acquire(ctx)
	if err != nil {
		return b.wrap("Calibrate", -1, err)
	}
	defer b.rt.release(taken)
	table, err := b.tableOf(ctx, newSpending(budget), sample, lengths)
	if err != nil {
		return b.wrap("Calibrate", -1, err)
	}
	b.queue.table.Store(&table)
	return nil
}

// tableOf measures lengths as far as the budget goes.
func (b *Batcher[In, Out]) tableOf(
	ctx context.Context, s *spending, sample func(int) In, lengths []int,
) (BatchTable, error) {
	table := make(BatchTable, 0, len(lengths))
	for i, n := range lengths {
		if i > 0 && !s.affords(calibrationWork(b.sizes(b.Padded(n)), b.Padded(n))) {
			break
		}
		row, err := b.measure(ctx, s, sample, b.Padded(n))
		if err != nil {
			return nil, fmt.Errorf("length %d: %w", n, err)
		}
		if k := len(table); k > 0 {
			row.Alone = max(row.Alone, table[k-1].Alone) // more work, whatever the clock says
			if row.Length == table[k-1].Length {
				table = table[:k-1] // padding makes them one
			}
		}
		table = append(table, row)
	}
	return table, nil
}

// spending keeps a calibration within its budget.
type spending struct {
	begin  time.Time
	budget time.Duration // 0: no bound
	pace   float64       // time for a unit of length at the last length
}

func newSpending(budget time.Duration) *spending { return &spending{begin: time.Now(), budget: budget} }

// affords reports whether there is time for so many units of length.
func (s *spending) affords(units int) bool {
	return s.budget == 0 || float64(time.Since(s.begin))+s.pace*float64(units) <= float64(s.budget)
}

// calibrationWork returns how many units of length measure runs.
func calibrationWork(sizes []int, length int) int {
	n := 0
	for _, size := range sizes {
		n += calibrationRounds * size
	}
	return (n + 1) * length
}

// sizes returns the sizes of batches that are timed at a length.
func (b *Batcher[In, Out]) sizes(length int) []int {
	sizes := []int{1}
	for n := 2; n <= b.maxBatch && (n == 2 || n*length <= calibrationLength); n *= 2 {
		sizes = append(sizes, n)
	}
	return sizes
}

// measure times batches of inputs of one length.
func (b *Batcher[In, Out]) measure(ctx context.Context, s *spending, sample func(int) In, length int) (BatchRow, error) {
	sizes := b.sizes(length)
	best := make([]time.Duration, len(sizes))
	inputs := make([]In, sizes[len(sizes)-1])
	for i := range inputs {
		inputs[i] = sample(length)
	}
	if _, err := b.timed(ctx, inputs[:1]); err != nil { // the first run of a shape is slower
		return BatchRow{}, err
	}
	for round := range calibrationRounds {
		var took time.Duration
		for i, n := range sizes {
			t, err := b.timed(ctx, inputs[:n])
			if err != nil {
				return BatchRow{}, err
			}
			if best[i] == 0 || t < best[i] {
				best[i] = t
			}
			took += t
		}
		units := (calibrationWork(sizes, length) - length) / calibrationRounds
		if s.pace = float64(took) / float64(units); round+1 < calibrationRounds && !s.affords(units) {
			break
		}
	}
	row := BatchRow{Length: length, Alone: float64(best[0])}
	for i, n := range sizes[1:] {
		row.Gains = append(row.Gains, calibrationMargin*float64(best[0])*float64(n)/float64(best[i+1]))
	}
	return row, nil
}

// timed runs the step once.
func (b *Batcher[In, Out]) timed(ctx context.Context, in []In) (time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	out, errs := make([]Out, len(in)), make([]error, len(in))
	begin := time.Now()
	b.many(ctx, slices.Clone(in), out, errs)
	took := max(time.Since(begin), 1)
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return took, nil
}

package optimize

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
)

const (
	calibrationLength = 512  // longest padded batch that is timed, beyond one pair
	calibrationRounds = 3    // of which the best counts
	calibrationMargin = 0.95 // of a measured gain is trusted
)

// Calibrate measures the table of b on this machine and puts it to use. sample
// returns an input of a given length; lengths ascend, by default 8, 16, 32, 64,
// 128 and 256. It times batches of 1, 2, 4... up to MaxItems inputs while their
// summed length is at most 512, pairs always, three times each, and trusts 95 %
// of the gains. With the default lengths that is the work of some 20,000 units of
// length. It belongs into warm-up: calls that run meanwhile distort it. A failing
// step leaves the table as it was.
//
// It holds one worker slot. Lengths that do not ascend from 1 on are
// [quintet.ErrOption].
func (b *Batcher[In, Out]) Calibrate(ctx context.Context, sample func(length int) In, lengths ...int) (err error) {
	if !b.enter() {
		return b.wrap("Calibrate", -1, quintet.ErrClosed)
	}
	defer b.running.Done()
	if len(lengths) == 0 {
		lengths = []int{8, 16, 32, 64, 128, 256}
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
	table := make(BatchTable, 0, len(lengths))
	for _, n := range lengths {
		row, err := b.measure(ctx, sample, b.Padded(n))
		if err != nil {
			return b.wrap("Calibrate", -1, fmt.Errorf("length %d: %w", n, err))
		}
		if k := len(table); k > 0 {
			row.Alone = max(row.Alone, table[k-1].Alone) // more work, whatever the clock says
			if row.Length == table[k-1].Length {
				table = table[:k-1] // padding makes them one
			}
		}
		table = append(table, row)
	}
	b.queue.table.Store(&table)
	return nil
}

// measure times batches of inputs of one length.
func (b *Batcher[In, Out]) measure(ctx context.Context, sample func(int) In, length int) (BatchRow, error) {
	sizes := []int{1}
	for n := 2; n <= b.maxBatch && (n == 2 || n*length <= calibrationLength); n *= 2 {
		sizes = append(sizes, n)
	}
	best := make([]time.Duration, len(sizes))
	inputs := make([]In, sizes[len(sizes)-1])
	for i := range inputs {
		inputs[i] = sample(length)
	}
	if _, err := b.timed(ctx, inputs[:1]); err != nil { // the first run of a shape is slower
		return BatchRow{}, err
	}
	for range calibrationRounds {
		for i, n := range sizes {
			took, err := b.timed(ctx, inputs[:n])
			if err != nil {
				return BatchRow{}, err
			}
			if best[i] == 0 || took < best[i] {
				best[i] = took
			}
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

package optimize_test

import (
	"slices"
	"testing"

	"github.com/quintet-ai/quintet/optimize"
)

// FuzzBatches holds the choice of batches against what it promises: the oldest is
// in, nobody twice, everybody once, budgets kept, and never dearer than alone.
func FuzzBatches(f *testing.F) {
	f.Add([]byte{16, 16, 16}, uint8(8), uint16(500), uint8(2), uint8(1))
	f.Add([]byte{1, 255, 3, 250, 2}, uint8(32), uint16(0), uint8(1), uint8(0))
	f.Add([]byte{}, uint8(1), uint16(1), uint8(7), uint8(6))
	f.Fuzz(func(t *testing.T, raw []byte, items uint8, budget uint16, workers, busy uint8) {
		maxItems, maxLength, w := int(items)+1, int(budget)+1, int(workers)+1
		lengths := make([]int, min(len(raw), 300))
		for i := range lengths {
			lengths[i] = int(raw[i]) + 1
		}
		for _, table := range []optimize.BatchTable{encoder(), optimize.CPUBatchTable(), alike(), nil} {
			count, total := make([]int, len(lengths)), 0.0
			check := func(set []int) {
				batch := take(lengths, set)
				longest := slices.Max(batch)
				cost := optimize.Cost(table, len(set), longest)
				total += cost
				if len(set) > maxItems || len(set) > 1 && len(set)*longest > maxLength {
					t.Fatalf("batch %v breaks its bounds", batch)
				}
			}
			for _, g := range optimize.Split(table, maxItems, maxLength, w, lengths) {
				for _, at := range g {
					count[at]++
				}
				check(g)
			}
			for i, n := range count {
				if n != 1 {
					t.Fatalf("input %d is in %d groups", i, n)
				}
			}
			if total > costAlone(table, lengths)*(1+1e-9) {
				t.Fatalf("groups cost %v, alone %v", total, costAlone(table, lengths))
			}
			if len(lengths) == 0 {
				continue
			}
			set := optimize.Pick(table, maxItems, maxLength, w, int(busy)%w, lengths)
			total = 0
			check(set)
			if total > costAlone(table, take(lengths, set))*(1+1e-9) {
				t.Fatalf("batch %v loses", take(lengths, set))
			}
			slices.Sort(set)
			if set[0] != 0 || len(slices.Compact(slices.Clone(set))) != len(set) {
				t.Fatalf("batch %v", set)
			}
		}
	})
}

package vision

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
)

// Duplicates groups pictures that look alike: hashes at a [Hash.Distance] of up to
// maxDistance are in one group, and so are those that a chain of such hashes joins.
// A group is the indexes of its hashes, in ascending order; groups are in the order of
// their first, and pictures that are like no other are in none. 0 finds equal hashes;
// for [Hashes.Perceptual], 5 finds copies and 10 variants. A distance outside of 0 to
// 64 is [quintet.ErrOption].
//
// The larger the distance, the longer the chains: from about 12 on, they join what
// nobody takes for the same. Blank pictures have nearly equal hashes; leave them out
// by [Properties].Blank.
//
// Up to a distance of 15 it compares only hashes that are nearly equal in one of four
// quarters, of which there must be one (Norouzi and others, "Fast Search in Hamming
// Space with Multi-Index Hashing", CVPR 2012): the time for n hashes that are spread
// evenly grows little faster than n. Beyond that, and where very many hashes share a
// quarter, it grows with n². Memory grows with n.
func Duplicates(hashes []Hash, maxDistance int) ([][]int, error) {
	if maxDistance < 0 || maxDistance > 64 {
		return nil, fmt.Errorf("distance is %d, want 0 to 64: %w", maxDistance, quintet.ErrOption)
	}
	order := make([]int, len(hashes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(hashes[a], hashes[b]) })
	f := newForest(len(hashes))
	var distinct []int // the first index of each hash
	for i, at := range order {
		if i > 0 && hashes[at] == hashes[distinct[len(distinct)-1]] {
			f.join(at, distinct[len(distinct)-1])
			continue
		}
		distinct = append(distinct, at)
	}
	if maxDistance > 0 {
		f.joinNear(hashes, distinct, maxDistance)
	}
	return f.groups(), nil
}

// joinNear joins hashes that are near each other, by whichever way is shorter.
func (f forest) joinNear(hashes []Hash, distinct []int, maxDistance int) {
	masks := quarterMasks(maxDistance / 4)
	if maxDistance > 15 || len(distinct) < 8*len(masks) {
		for i, a := range distinct {
			for _, b := range distinct[:i] {
				if hashes[a].Distance(hashes[b]) <= maxDistance {
					f.join(a, b)
				}
			}
		}
		return
	}
	for shift := 0; shift < 64; shift += 16 {
		q := newQuarters(hashes, distinct, shift)
		for _, a := range distinct {
			for _, mask := range masks {
				for _, b := range q.with(uint16(hashes[a]>>shift) ^ mask) {
					if b < a && hashes[a].Distance(hashes[b]) <= maxDistance {
						f.join(a, b)
					}
				}
			}
		}
	}
}

// quarterMasks returns the masks of 16 bits of which at most n are set. If two hashes
// differ in at most 4n+3 bits, they differ in at most n of some quarter.
func quarterMasks(n int) (masks []uint16) {
	for v := range 1 << 16 {
		if Hash(v).Distance(0) <= n {
			masks = append(masks, uint16(v))
		}
	}
	return masks
}

// quarters lists hashes by 16 of their bits: those with the value v are
// items[start[v]:start[v+1]].
type quarters struct {
	start [1<<16 + 1]int
	items []int
}

func newQuarters(hashes []Hash, of []int, shift int) *quarters {
	q := &quarters{items: slices.Clone(of)}
	value := func(i int) uint16 { return uint16(hashes[i] >> shift) }
	slices.SortFunc(q.items, func(a, b int) int { return cmp.Compare(value(a), value(b)) })
	for _, i := range q.items {
		q.start[int(value(i))+1]++
	}
	for v := range 1 << 16 {
		q.start[v+1] += q.start[v]
	}
	return q
}

func (q *quarters) with(v uint16) []int { return q.items[q.start[v]:q.start[int(v)+1]] }

// forest joins indexes to groups: each points to one that is not larger, the smallest
// of a group to itself.
type forest []int

func newForest(n int) forest {
	f := make(forest, n)
	for i := range f {
		f[i] = i
	}
	return f
}

// root returns the smallest index of a group, and shortens the way there.
func (f forest) root(i int) int {
	for f[i] != i {
		f[i] = f[f[i]]
		i = f[i]
	}
	return i
}

func (f forest) join(a, b int) {
	a, b = f.root(a), f.root(b)
	f[max(a, b)] = min(a, b)
}

func (f forest) groups() (all [][]int) {
	place := map[int]int{} // of a group in all, by its root
	size := map[int]int{}
	for i := range f {
		size[f.root(i)]++
	}
	for i := range f {
		r := f.root(i)
		if size[r] < 2 {
			continue
		}
		if _, ok := place[r]; !ok {
			place[r] = len(all)
			all = append(all, nil)
		}
		all[place[r]] = append(all[place[r]], i)
	}
	return all
}

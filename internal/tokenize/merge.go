package tokenize

import "math/bits"

// unit is a token under way. A unit of size 0 has been merged away.
type unit struct {
	id, size   int32
	prev, next int32
}

// mergeTable maps pairs of ids to the rank of their merge. It is a hash table
// with linear probing, at most half full.
type mergeTable struct {
	slots []mergeSlot
	shift uint
	made  []int32 // the id that a merge makes, by rank
}

type mergeSlot struct {
	pair uint64 // +1, so that 0 is free
	rank uint32
}

// noRank is the rank of a pair that does not merge.
const noRank = 1<<32 - 1

// newMergeTable returns a table with room for n merges.
func newMergeTable(n int) *mergeTable {
	k := max(bits.Len(uint(2*n)), 4)
	return &mergeTable{slots: make([]mergeSlot, 1<<k), shift: uint(64 - k), made: make([]int32, 0, n)}
}

func pairOf(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) + 1 }

// add appends a merge, of the next rank. A pair that comes again has its last
// rank.
func (t *mergeTable) add(a, b, made int32) {
	s := t.slot(pairOf(a, b))
	s.pair, s.rank = pairOf(a, b), uint32(len(t.made))
	t.made = append(t.made, made)
}

func (t *mergeTable) slot(pair uint64) *mergeSlot {
	for i := pair * 0x9e3779b97f4a7c15 >> t.shift; ; i = (i + 1) & uint64(len(t.slots)-1) {
		if s := &t.slots[i]; s.pair == pair || s.pair == 0 {
			return s
		}
	}
}

func (t *mergeTable) rank(a, b int32) uint32 {
	if s := t.slot(pairOf(a, b)); s.pair != 0 {
		return s.rank
	}
	return noRank
}

// shortWord is the length up to which searching all pairs for the lowest rank
// is faster than a heap.
const shortWord = 32

// short merges by looking for the lowest rank each time. ranks[i] is that of
// the pair i, i+1.
func (t *mergeTable) short(s []unit, buf *[]uint32) []unit {
	ranks := append((*buf)[:0], make([]uint32, len(s))...)
	*buf = ranks
	n := len(s)
	for i := range n - 1 {
		ranks[i] = t.rank(s[i].id, s[i+1].id)
	}
	for n > 1 {
		at, low := -1, uint32(noRank)
		for i, r := range ranks[:n-1] {
			if r < low {
				at, low = i, r
			}
		}
		if at < 0 {
			break
		}
		s[at].id = t.made[low]
		s[at].size += s[at+1].size
		copy(s[at+1:n-1], s[at+2:n])
		copy(ranks[at+1:n-1], ranks[at+2:n])
		n--
		if at > 0 {
			ranks[at-1] = t.rank(s[at-1].id, s[at].id)
		}
		if at < n-1 {
			ranks[at] = t.rank(s[at].id, s[at+1].id)
		}
	}
	return s[:n]
}

// long merges with a heap of pairs, rank in the upper half and place in the
// lower, which takes O(n log n).
func (t *mergeTable) long(s []unit, buf *[]uint64) []unit {
	h := (*buf)[:0]
	for i := range s {
		s[i].prev, s[i].next = int32(i)-1, int32(i)+1
		if i+1 < len(s) {
			if r := t.rank(s[i].id, s[i+1].id); r != noRank {
				h = append(h, uint64(r)<<32|uint64(i))
			}
		}
	}
	s[len(s)-1].next = -1
	for i := len(h)/2 - 1; i >= 0; i-- {
		sink(h, i)
	}
	for len(h) > 0 {
		rank, at := uint32(h[0]>>32), int32(h[0]&(1<<32-1))
		h[0] = h[len(h)-1]
		h = h[:len(h)-1]
		sink(h, 0)
		h = t.join(s, h, rank, at)
	}
	*buf = h
	out := s[:0]
	for _, x := range s {
		if x.size > 0 {
			out = append(out, x)
		}
	}
	return out
}

// join carries out the merge of a rank at a place, unless the pair there is no
// longer one that makes the same token.
func (t *mergeTable) join(s []unit, h []uint64, rank uint32, at int32) []uint64 {
	x := &s[at]
	if x.size == 0 || x.next < 0 {
		return h
	}
	y := &s[x.next]
	if r := t.rank(x.id, y.id); r == noRank || t.made[r] != t.made[rank] {
		return h
	}
	x.id, x.size, x.next = t.made[rank], x.size+y.size, y.next
	y.size = 0
	if x.next >= 0 {
		s[x.next].prev = at
		if r := t.rank(x.id, s[x.next].id); r != noRank {
			h = push(h, uint64(r)<<32|uint64(at))
		}
	}
	if x.prev >= 0 {
		if r := t.rank(s[x.prev].id, x.id); r != noRank {
			h = push(h, uint64(r)<<32|uint64(x.prev))
		}
	}
	return h
}

// push and sink keep the smallest element in front. They are container/heap
// without the interface.
func push(h []uint64, v uint64) []uint64 {
	h = append(h, v)
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if h[up] <= h[i] {
			break
		}
		h[up], h[i] = h[i], h[up]
		i = up
	}
	return h
}

func sink(h []uint64, i int) {
	for {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && h[child+1] < h[child] {
			child++
		}
		if h[i] <= h[child] {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

package vector

import (
	"math"
	"slices"
)

// candidate is a slot with its rank, in one number that orders by rank and, for
// equal ranks, by slot, which is insertion order.
type candidate uint64

// newCandidate takes a finite rank. The bits of floats order like integers once
// the negative ones are turned over; adding 0 makes -0 equal to 0.
func newCandidate(rank float32, slot uint32) candidate {
	b := math.Float32bits(rank + 0)
	if b>>31 == 1 {
		b = ^b
	} else {
		b |= 1 << 31
	}
	return candidate(b)<<32 | candidate(slot)
}

func (c candidate) slot() uint32 { return uint32(c) }

func (c candidate) rank() float32 {
	b := uint32(c >> 32)
	if b>>31 == 1 {
		b &^= 1 << 31
	} else {
		b = ^b
	}
	return math.Float32frombits(b)
}

// top keeps the k lowest candidates: a heap with the highest of them at 0.
type top struct {
	k    int
	heap []candidate
}

func (t *top) reset(k int) { t.k, t.heap = k, t.heap[:0] }

// limit returns the rank above which nothing can enter.
func (t *top) limit() float32 {
	if len(t.heap) < t.k {
		return float32(math.Inf(1))
	}
	return t.heap[0].rank()
}

// push offers c in O(log k).
func (t *top) push(c candidate) {
	if len(t.heap) < t.k {
		t.heap = append(t.heap, c)
		t.up(len(t.heap) - 1)
	} else if c < t.heap[0] {
		t.heap[0] = c
		t.down()
	}
}

func (t *top) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if t.heap[parent] >= t.heap[i] {
			return
		}
		t.heap[parent], t.heap[i] = t.heap[i], t.heap[parent]
		i = parent
	}
}

func (t *top) down() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(t.heap) {
			return
		}
		if child+1 < len(t.heap) && t.heap[child+1] > t.heap[child] {
			child++
		}
		if t.heap[i] >= t.heap[child] {
			return
		}
		t.heap[i], t.heap[child] = t.heap[child], t.heap[i]
		i = child
	}
}

// sorted returns the candidates, lowest first, in the heap's memory.
func (t *top) sorted() []candidate {
	slices.Sort(t.heap)
	return t.heap
}

package postings

import (
	"cmp"
	"slices"
)

// Hit is a document found, and its score.
type Hit struct {
	ID    uint32
	Score float64
}

// top keeps the k best hits: a heap with the worst of them at 0.
type top struct {
	k    int
	hits []Hit
}

func (t *top) reset(k int) { t.k, t.hits = k, t.hits[:0] }

func (t *top) full() bool { return len(t.hits) == t.k }

// excludes reports whether a document that is not offered yet and has at most that
// score stays out: its id is higher than those of the hits, so it loses ties.
func (t *top) excludes(score float64) bool { return t.full() && score <= t.hits[0].Score }

// worse reports whether a ranks behind b.
func worse(a, b Hit) bool { return a.Score < b.Score || a.Score == b.Score && a.ID > b.ID }

// offer takes a document whose id is higher than all before, in O(log k).
func (t *top) offer(id uint32, score float64) {
	switch {
	case !t.full():
		t.hits = append(t.hits, Hit{id, score})
		t.up(len(t.hits) - 1)
	case score > t.hits[0].Score:
		t.hits[0] = Hit{id, score}
		t.down()
	}
}

func (t *top) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !worse(t.hits[i], t.hits[parent]) {
			return
		}
		t.hits[i], t.hits[parent] = t.hits[parent], t.hits[i]
		i = parent
	}
}

func (t *top) down() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(t.hits) {
			return
		}
		if child+1 < len(t.hits) && worse(t.hits[child+1], t.hits[child]) {
			child++
		}
		if !worse(t.hits[child], t.hits[i]) {
			return
		}
		t.hits[i], t.hits[child] = t.hits[child], t.hits[i]
		i = child
	}
}

// sorted returns the hits, best first, in the heap's memory.
func (t *top) sorted() []Hit {
	slices.SortFunc(t.hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return t.hits
}

package graph

import "slices"

// top keeps the n first of the items it is shown, by a strict order: which they
// are does not depend on the order in which they come.
type top[T any] struct {
	n      int
	before func(a, b T) int
	best   []T  // up to 2n candidates; when it is full, the n best of them
	full   bool // n candidates come no later than the last of best[:n]
}

func (t *top[T]) add(x T) {
	if t.n <= 0 || t.refuses(x) {
		return
	}
	if t.best = append(t.best, x); len(t.best)/2 >= t.n {
		slices.SortFunc(t.best, t.before)
		t.best, t.full = t.best[:t.n], true
	}
}

// refuses reports whether x, and all that come after it, are not among the n first.
func (t *top[T]) refuses(x T) bool { return t.full && t.before(t.best[t.n-1], x) < 0 }

// sorted returns the items, first ones first.
func (t *top[T]) sorted() []T {
	slices.SortFunc(t.best, t.before)
	return t.best[:min(max(t.n, 0), len(t.best))]
}

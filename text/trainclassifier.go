package text

import (
	"cmp"
	"slices"
	"sync"
)

// LinearClassifier labels texts by the weights of their words: [Train] makes one, and
// [ReadLinearClassifier] reads one. It is small, needs no model and no runtime, and
// labels some ten thousand short texts a second. It is safe for concurrent use.
type LinearClassifier struct {
	labels            []string // in alphabetical order
	words, characters int
	rows              map[uint32]int32 // of features, rising with them
	bias              []float32
	weights           []float32 // a row of len(labels) for each feature
	readers           sync.Pool // of *featureReader
}

// Labels returns the names of the classes, in alphabetical order.
func (c *LinearClassifier) Labels() []string { return slices.Clone(c.labels) }

// Features returns how many features have weights.
func (c *LinearClassifier) Features() int { return len(c.rows) }

// Classify returns all labels of a body, the best first, equal ones in alphabetical
// order. Their scores are from 0 to 1 and add up to 1: with [Logistic] probabilities,
// with [ComplementBayes] numbers that only have an order. A body without a known
// feature gets what the labels have without one: their shares of the examples with
// Logistic, nearly, equal scores with ComplementBayes. The cost is O(len(body)) plus
// the known features times labels.
func (c *LinearClassifier) Classify(body string) []Label {
	r, ok := c.readers.Get().(*featureReader)
	if !ok {
		r = &featureReader{words: c.words, characters: c.characters}
	}
	cells := make([]trainingCell, 0, 64)
	for _, f := range r.read(body) {
		if row, ok := c.rows[f.hash]; ok {
			cells = append(cells, trainingCell{row, f.value})
		}
	}
	if cap(r.tokens) <= maxDesk {
		c.readers.Put(r)
	}
	scaleCells(cells)
	scores := make([]float64, len(c.labels))
	for l, b := range c.bias {
		scores[l] = float64(b)
	}
	for _, f := range cells {
		addRow(scores, c.weights[int(f.row)*len(scores):], f.value)
	}
	softmaxInPlace(scores)
	out := make([]Label, len(scores))
	for i, p := range scores {
		out[i] = Label{c.labels[i], p}
	}
	slices.SortStableFunc(out, func(a, b Label) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

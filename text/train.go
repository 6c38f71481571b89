package text

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// LabeledText is an example for [Train].
type LabeledText struct {
	Text  string `json:"text"`  // in any language
	Label string `json:"label"` // 1 to 1,024 bytes
}

// TrainProgress is what [Train] tells after a pass over the examples.
type TrainProgress struct {
	Epoch, Epochs int     // passes done and in all
	Examples      int     // in a pass
	Loss          float64 // mean -ln of the probability of the right label in the pass
}

// Train makes a classifier of examples, which it reads once and does not keep.
//
// The features of a text are its words in lower case, runs of them and, if asked for,
// runs of characters, each as a hash of 32 bits. A feature that is there n times
// counts 1 + ln n, all of a text scaled to length 1. See [TrainMethod] for how their
// weights are found.
//
// The same examples in the same order and the same options give the same classifier
// on one platform, on others up to rounding. The cost is O(bytes), with characters
// times their number, plus the features of all examples times labels and epochs;
// memory is 8 bytes for a feature of an example and 16 for each feature and label.
//
// Fewer than two labels, a label that is empty or too long, and what exceeds the
// limits of the options are errors wrapping [quintet.ErrInput]. Others wrap
// [quintet.ErrOption] or are of ctx, which is looked at for each example.
func Train(ctx context.Context, examples iter.Seq[LabeledText], o TrainOptions) (*LinearClassifier, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	set := newTrainingSet(o)
	for x := range examples {
		if err := cmp.Or(ctx.Err(), set.add(x)); err != nil {
			return nil, err
		}
	}
	c, err := set.classifier()
	if err != nil {
		return nil, err
	}
	if o.Method == ComplementBayes {
		set.bayes(c)
		return c, ctx.Err()
	}
	return c, set.regress(ctx, c)
}

// trainingSet is the examples as features.
type trainingSet struct {
	opt    TrainOptions
	reader featureReader
	bytes  int

	rows   map[uint32]int32 // of features, in the order in which they came
	docs   []int32          // examples that have the feature
	labels map[string]int32
	target []int32 // label of each example
	ends   []int   // of each example in cells
	cells  []trainingCell
}

// trainingCell is a feature of an example.
type trainingCell struct {
	row   int32
	value float32
}

func newTrainingSet(o TrainOptions) *trainingSet {
	return &trainingSet{
		opt: o, reader: featureReader{words: o.Words, characters: o.Characters},
		rows: map[uint32]int32{}, labels: map[string]int32{},
	}
}

func (s *trainingSet) add(x LabeledText) error {
	n := len(s.target)
	s.bytes += len(x.Text)
	switch {
	case len(x.Text) > s.opt.MaxBytes:
		return fmt.Errorf("text: example %d has %d bytes, limit %d: %w", n, len(x.Text), s.opt.MaxBytes, quintet.ErrInput)
	case s.bytes > s.opt.MaxTotalBytes:
		return fmt.Errorf("text: examples of more than %d bytes: %w", s.opt.MaxTotalBytes, quintet.ErrInput)
	case x.Label == "" || len(x.Label) > maxLabelBytes:
		return fmt.Errorf("text: example %d has a label of %d bytes, want 1 to %d: %w", n, len(x.Label), maxLabelBytes, quintet.ErrInput)
	}
	label, ok := s.labels[x.Label]
	if !ok {
		label = int32(len(s.labels))
		s.labels[x.Label] = label
	}
	s.target = append(s.target, label)
	for _, f := range s.reader.read(x.Text) {
		row, ok := s.rows[f.hash]
		if !ok {
			row = int32(len(s.docs))
			s.rows[f.hash], s.docs = row, append(s.docs, 0)
		}
		s.docs[row]++
		s.cells = append(s.cells, trainingCell{row, f.value})
	}
	s.ends = append(s.ends, len(s.cells))
	return nil
}

// maxLabelBytes is the longest label in bytes.
const maxLabelBytes = 1 << 10

// maxWeights keeps a classifier below 128 MB and training below 1 GB.
const maxWeights = 1 << 25

// classifier returns one without weights, and numbers the labels and features of the
// set as it does: labels in alphabetical order, features by their hashes.
func (s *trainingSet) classifier() (*LinearClassifier, error) {
	if len(s.labels) < 2 {
		return nil, fmt.Errorf("text: examples have %d labels, want 2: %w", len(s.labels), quintet.ErrInput)
	}
	s.prune()
	if n := len(s.rows) * len(s.labels); n > maxWeights {
		return nil, fmt.Errorf("text: %d features and %d labels make %d weights, limit %d: %w",
			len(s.rows), len(s.labels), n, maxWeights, quintet.ErrInput)
	}
	c := &LinearClassifier{labels: slices.Sorted(maps.Keys(s.labels)), words: s.opt.Words, characters: s.opt.Characters}
	to := make([]int32, len(c.labels))
	for i, label := range c.labels {
		to[s.labels[label]] = int32(i)
	}
	for i, label := range s.target {
		s.target[i] = to[label]
	}
	c.rows = s.rows
	c.bias = make([]float32, len(c.labels))
	c.weights = make([]float32, len(c.rows)*len(c.labels))
	return c, nil
}

// prune keeps the features that most examples have, of equal ones those with lower
// hashes, and numbers them by their hashes.
func (s *trainingSet) prune() {
	kept := slices.Collect(maps.Keys(s.rows))
	slices.SortFunc(kept, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(s.docs[s.rows[b]], s.docs[s.rows[a]]), cmp.Compare(a, b))
	})
	kept = kept[:min(len(kept), s.opt.MaxFeatures)]
	slices.Sort(kept)
	to := make([]int32, len(s.docs)) // new number plus 1
	docs, rows := make([]int32, len(kept)), make(map[uint32]int32, len(kept))
	for i, hash := range kept {
		old := s.rows[hash]
		to[old], docs[i], rows[hash] = int32(i)+1, s.docs[old], int32(i)
	}
	s.rows, s.docs = rows, docs
	cells, from := s.cells[:0], 0
	for i, end := range s.ends {
		start := len(cells)
		for _, c := range s.cells[from:end] {
			if row := to[c.row]; row > 0 {
				cells = append(cells, trainingCell{row - 1, c.value})
			}
		}
		scaleCells(cells[start:])
		from, s.ends[i] = end, len(cells)
	}
	s.cells = cells
}

// scaleCells scales features to length 1.
func scaleCells(cells []trainingCell) {
	sum := 0.0
	for _, c := range cells {
		sum += float64(c.value) * float64(c.value)
	}
	for i := range cells {
		cells[i].value /= float32(math.Sqrt(sum))
	}
}

// example returns the features of an example.
func (s *trainingSet) example(i int) []trainingCell {
	start := 0
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.cells[start:s.ends[i]]
}

package perceptron

import (
	"fmt"
	"slices"
)

// Trainer learns the weights of a model. Use [NewTrainer]. It is not safe for
// concurrent use.
type Trainer struct {
	labels int
	rare   int
	steps  int64
	index  map[uint32]int32 // feature to row
	keys   []uint32
	rows   []row
}

// row is what was learnt about a feature.
type row struct {
	updates int
	fixed   bool
	cells   []cell
}

// cell is the weight of a label for a feature. The sum is that of the weights of
// all steps before at.
type cell struct {
	label  uint8
	weight int32
	at     int64
	sum    int64
}

// NewTrainer returns a trainer of a model of 1 to 254 labels. A feature counts from
// its rare-th update on (Goldberg and Elhadad, Learning sparser perceptron models,
// 2011): fewer features, and those that generalise.
func NewTrainer(labels, rare int) *Trainer {
	if labels < 1 || labels > maxLabels {
		panic(fmt.Sprintf("perceptron: %d labels", labels))
	}
	return &Trainer{labels: labels, rare: rare, index: map[uint32]int32{}}
}

// Scores sets the score of each label for the features.
func (t *Trainer) Scores(scores []int32, features []uint32) {
	clear(scores)
	for _, f := range features {
		i, ok := t.index[f]
		if !ok || t.rows[i].updates < t.rare {
			continue
		}
		for _, c := range t.rows[i].cells {
			scores[c.label] += c.weight
		}
	}
}

// Step counts a decision. The average of the weights is over all decisions.
func (t *Trainer) Step() { t.steps++ }

// Update adds delta to the weights of label for the features.
func (t *Trainer) Update(features []uint32, label int, delta int32) {
	for _, f := range features {
		r := t.row(f)
		r.updates++
		c := r.cell(uint8(label), t.steps)
		c.sum += (t.steps - c.at) * int64(c.weight)
		c.at = t.steps
		c.weight += delta
	}
}

// Fix makes label the only one that a feature speaks for; see [Model.Only].
func (t *Trainer) Fix(feature uint32, label int) {
	r := t.row(feature)
	r.fixed, r.cells = true, []cell{{label: uint8(label)}}
}

func (t *Trainer) row(feature uint32) *row {
	i, ok := t.index[feature]
	if !ok {
		i = int32(len(t.rows))
		t.index[feature] = i
		t.keys, t.rows = append(t.keys, feature), append(t.rows, row{})
	}
	return &t.rows[i]
}

func (r *row) cell(label uint8, now int64) *cell {
	for i := range r.cells {
		if r.cells[i].label == label {
			return &r.cells[i]
		}
	}
	r.cells = append(r.cells, cell{label: label, at: now})
	return &r.cells[len(r.cells)-1]
}

// Pack returns the bytes of the model for [Load]. A weight is the average times
// scale, rounded, at most 127 either way; weights nearer to zero than least are left
// out, and so are features that have none left.
func (t *Trainer) Pack(scale, least int64) []byte {
	order := make([]int, len(t.keys))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(int64(t.keys[a]) - int64(t.keys[b])) })
	p := packer{labels: t.labels}
	for _, i := range order {
		r := t.rows[i]
		p.row(t.keys[i])
		if r.fixed {
			p.cell(r.cells[0].label, largest)
			continue
		}
		if r.updates < t.rare {
			continue
		}
		slices.SortFunc(r.cells, func(a, b cell) int { return int(a.label) - int(b.label) })
		for _, c := range r.cells {
			sum := c.sum + (t.steps-c.at)*int64(c.weight)
			w := max(-largest, min(largest, divide(sum*scale, max(t.steps, 1))))
			if w >= least || w <= -least {
				p.cell(c.label, int8(w))
			}
		}
	}
	return p.bytes()
}

// largest is the largest weight of a packed model.
const largest = 127

// divide returns a/b for b > 0, rounded to the nearest whole number.
func divide(a, b int64) int64 {
	if a < 0 {
		return -((-a + b/2) / b)
	}
	return (a + b/2) / b
}

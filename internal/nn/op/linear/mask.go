package linear

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// mask is added to the scores. The zero mask is none.
type mask struct {
	x    []float32
	step [4]int // strides for batch, head, row and key; 0 where one element serves all
}

// addMask adds to the masks one whose shape broadcasts to the scores [batch, heads,
// rows, keys]; a missing tensor adds nothing. There is room for two.
func (j *job) addMask(t *tensor.Tensor) error {
	if t == nil {
		return nil
	}
	return j.addShaped(tensor.Of[float32](t), t.Shape)
}

func (j *job) addShaped(x []float32, shape []int) error {
	want := [4]int{j.batch, j.q.heads, j.q.length, j.k.length}
	fits := len(shape) <= 4
	for i := 0; fits && i < len(shape); i++ {
		fits = shape[i] == 1 || shape[i] == want[4-len(shape)+i]
	}
	if !fits {
		return fmt.Errorf("mask of shape %v for scores %v: %w", slices.Clone(shape), want, quintet.ErrInput)
	}
	m := mask{x: x}
	tensor.BroadcastStrides(m.step[:0], shape, want[:])
	at := 0
	if j.masks[0].x != nil {
		at = 1
	}
	if len(x) > 0 {
		j.masks[at] = m
	}
	return nil
}

// from returns the elements of the row p from key lo on, and their stride.
func (m *mask) from(p place, lo int) (x []float32, step int) {
	return m.x[p.batch*m.step[0]+p.head*m.step[1]+p.row*m.step[2]+lo*m.step[3]:], m.step[3]
}

// maskRow returns what is added to the scores of one row for the keys lo to hi-1,
// nil for nothing.
func (j *job) maskRow(w *work, p place, lo, hi int) []float32 {
	if j.masks[0].x == nil {
		return nil
	}
	n := hi - lo
	first, step := j.masks[0].from(p, lo)
	if j.masks[1].x == nil && (step == 1 || n == 1) {
		return first[:n]
	}
	sum := w.mask[:n]
	if step == 1 {
		copy(sum, first)
	} else {
		fill(sum, first[0])
	}
	if j.masks[1].x == nil {
		return sum
	}
	if second, step := j.masks[1].from(p, lo); step == 1 {
		vec.Add(sum, sum, second[:n])
	} else {
		vec.AddScalar(sum, sum, second[0])
	}
	return sum
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// addAllowed adds a mask of elements that are above zero where a key is seen, of the
// given shape: 0 is added there and hidden elsewhere.
func addAllowed[T tensor.Elem](c *op.Ctx, j *job, allowed []T, shape []int, hidden float32) error {
	x, err := op.Scratch[float32](c, len(allowed))
	if err != nil {
		return err
	}
	for i, a := range allowed {
		x[i] = 0
		if a <= 0 {
			x[i] = hidden
		}
	}
	return j.addShaped(x, shape)
}

// addRanges adds a mask that hides the keys outside [first, last) of each batch;
// firsts may be nil for 0.
func (j *job) addRanges(c *op.Ctx, firsts, lasts []int32, hidden float32) error {
	n := j.k.length
	x, err := op.Scratch[float32](c, j.batch*n)
	if err != nil {
		return err
	}
	for b := range j.batch {
		row := x[b*n : (b+1)*n]
		clear(row)
		fill(row[min(n, max(0, int(lasts[b]))):], hidden)
		if firsts != nil {
			fill(row[:min(n, max(0, int(firsts[b])))], hidden)
		}
	}
	shape := [4]int{j.batch, 1, 1, n}
	return j.addShaped(x, shape[:])
}

// hides reports whether a row of a mask leaves no key to see.
func hides(row []float32) bool {
	return row != nil && math.IsInf(float64(vec.MaxOf(row)), -1)
}

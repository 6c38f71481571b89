package recurrent

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// weights are the weights of a layer, ready to multiply.
type weights struct {
	input, hidden int
	dirs          []direction
}

// direction is the weights of one direction, for all gates.
type direction struct {
	w, r *gemm.Packed

	// candidate is the part of a GRU's r that multiplies the state after it has
	// been reset; nil if the reset comes after the product.
	candidate *gemm.Packed

	bias      []float32 // that of the input and, where nothing comes between them, of the state
	recurrent []float32 // of the state, all gates, for a GRU that resets after the product
	peephole  []float32 // input, output and forget gate; nil: none
}

// places of the inputs that are weights.
const (
	placeW        = 1
	placeR        = 2
	placeBias     = 3
	placePeephole = 7
)

// widest is the largest number of inputs or units, which is what the products can
// address.
const widest = 1 << 23

// prepare packs the weights among the inputs.
func (l *layer) prepare(in []*tensor.Tensor) (*weights, error) {
	w, r := in[placeW], in[placeR]
	d, gates := len(l.dirs), l.gates
	if w.Rank() != 3 || r.Rank() != 3 || r.Shape[2] == 0 {
		return nil, fmt.Errorf("weights of shapes %v and %v: %w", w.Shape, r.Shape, quintet.ErrInput)
	}
	p := &weights{input: w.Shape[2], hidden: r.Shape[2]}
	h := p.hidden
	if max(p.input, h) > widest {
		return nil, fmt.Errorf("%d inputs and %d units, at most %d: %w", p.input, h, widest, quintet.ErrInput)
	}
	if l.hidden != 0 && h != l.hidden {
		return nil, fmt.Errorf("weights of shape %v for hidden size %d: %w", r.Shape, l.hidden, quintet.ErrInput)
	}
	for _, v := range []struct {
		i     int
		shape []int
	}{{placeW, []int{d, gates * h, p.input}}, {placeR, []int{d, gates * h, h}},
		{placeBias, []int{d, 2 * gates * h}}, {placePeephole, []int{d, 3 * h}}} {
		if t := at(in, v.i); t != nil && !slices.Equal(t.Shape, v.shape) {
			return nil, fmt.Errorf("input %d has shape %v, not %v: %w", v.i, t.Shape, v.shape, quintet.ErrInput)
		}
	}
	for i := range d {
		p.dirs = append(p.dirs, l.direction(i, p.input, h, in))
	}
	return p, nil
}

func (l *layer) direction(i, input, h int, in []*tensor.Tensor) direction {
	var d direction
	n := l.gates * h
	d.w = gemm.Pack(part(in, placeW, i, n*input), input, n, input, true)
	r, now := part(in, placeR, i, n*h), n
	if l.kind == gru && !l.resetAfter {
		now = 2 * h
		d.candidate = gemm.Pack(r[now*h:], h, h, h, true)
	}
	d.r = gemm.Pack(r, h, now, h, true)
	if both := part(in, placeBias, i, 2*n); both != nil {
		d.bias = slices.Clone(both[:n])
		joined := n
		if l.kind == gru && l.resetAfter {
			d.recurrent = make([]float32, n)
			joined = 2 * h
			copy(d.recurrent[joined:], both[n+joined:])
		}
		for j, v := range both[n : n+joined] {
			d.bias[j] += v
		}
	}
	if peephole := part(in, placePeephole, i, 3*h); peephole != nil {
		d.peephole = slices.Clone(peephole)
	}
	return d
}

// at returns input i, nil if it is left out.
func at(in []*tensor.Tensor, i int) *tensor.Tensor {
	if i < len(in) {
		return in[i]
	}
	return nil
}

// part returns the part for direction d, of n elements, of input i; nil if that is
// left out.
func part(in []*tensor.Tensor, i, d, n int) []float32 {
	t := at(in, i)
	if t == nil {
		return nil
	}
	return tensor.Of[float32](t)[d*n : (d+1)*n]
}

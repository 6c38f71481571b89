package elementwise

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// maxOperands is how many inputs one pass reads: those of Where.
const maxOperands = 3

// plan says how the elements of the inputs meet those of the output. It lives on
// the stack of one Run.
type plan struct {
	n    int // elements of the output
	rank int
	full [tensor.MaxRank]int // the output's shape

	// The output with neighbouring dimensions joined where every input is
	// read alike in both; an operand's stride is 0 where it is stretched.
	nd       int
	dims     [tensor.MaxRank]int
	strides  [maxOperands][tensor.MaxRank]int
	operands int

	whole  [maxOperands]bool // the operand has the output's elements in order
	period [maxOperands]int  // the operand is the output's elements [0, period), repeated; 0 if not so
}

// shape returns the output's shape.
func (p *plan) shape() []int { return p.full[:p.rank] }

// inner is the length of the stretches in which every operand is either read
// element by element or not moved at all.
func (p *plan) inner() int { return p.dims[p.nd-1] }

// set makes the plan for the shape that all inputs, at least one, broadcast to,
// with the first three as operands.
func (p *plan) set(in []*tensor.Tensor) error {
	if err := p.broadcast(in); err != nil {
		return err
	}
	p.bind(in[:min(len(in), maxOperands)])
	return nil
}

// broadcast fills the output's shape.
func (p *plan) broadcast(in []*tensor.Tensor) error {
	p.rank = 0
	for _, t := range in {
		p.rank = max(p.rank, len(t.Shape))
	}
	if p.rank > tensor.MaxRank {
		return fmt.Errorf("%d dimensions, at most %d are possible: %w", p.rank, tensor.MaxRank, quintet.ErrInput)
	}
	for i := range p.rank {
		p.full[i] = 1
	}
	for _, t := range in {
		skip := p.rank - len(t.Shape)
		for i, d := range t.Shape {
			switch {
			case p.full[skip+i] == d || d == 1:
			case p.full[skip+i] == 1:
				p.full[skip+i] = d
			default:
				full := slices.Clone(p.shape())
				return fmt.Errorf("shape %v does not broadcast with %v: %w", t.Shape, full, quintet.ErrInput)
			}
		}
	}
	var err error
	p.n, err = tensor.Count(p.full[:p.rank])
	return err
}

// bind makes the given tensors, which broadcast to the output's shape, the
// operands.
func (p *plan) bind(in []*tensor.Tensor) {
	p.operands, p.nd = len(in), 0
	for k, t := range in {
		p.whole[k] = t.Len() == p.n
		p.period[k] = repeats(t.Shape, p.full[:p.rank])
	}
	var step, stride [maxOperands]int
	for k := range in {
		step[k] = 1
	}
	for i := p.rank - 1; i >= 0; i-- {
		d := p.full[i]
		if d == 1 {
			continue
		}
		for k, t := range in {
			stride[k] = 0
			if j := i - (p.rank - len(t.Shape)); j >= 0 && t.Shape[j] != 1 {
				stride[k] = step[k]
				step[k] *= d
			}
		}
		p.push(d, &stride)
	}
	if p.nd == 0 {
		p.push(1, &stride)
	}
	slices.Reverse(p.dims[:p.nd])
	for k := range in {
		slices.Reverse(p.strides[k][:p.nd])
	}
}

// push adds a dimension outside those there are, joined to the last where that
// changes nothing.
func (p *plan) push(d int, stride *[maxOperands]int) {
	joins := p.nd > 0
	for k := 0; joins && k < p.operands; k++ {
		joins = stride[k] == p.strides[k][p.nd-1]*p.dims[p.nd-1]
	}
	if joins {
		p.dims[p.nd-1] *= d
		return
	}
	p.dims[p.nd] = d
	for k := range p.operands {
		p.strides[k][p.nd] = stride[k]
	}
	p.nd++
}

// repeats returns how many elements a tensor of shape from has if reading it in
// a circle gives one of shape to, otherwise 0.
func repeats(from, to []int) int {
	for len(from) > 0 && from[0] == 1 {
		from = from[1:]
	}
	if len(from) > len(to) || !slices.Equal(from, to[len(to)-len(from):]) {
		return 0
	}
	n := 1
	for _, d := range from {
		n *= d
	}
	return n
}

// cursor is a place in the output and where the operands are read for it.
type cursor struct {
	index  [tensor.MaxRank]int // in all joined dimensions but the innermost
	offset [maxOperands]int    // of the stretch
	within int                 // in the stretch
}

// at returns the cursor of output element i.
func (p *plan) at(i int) cursor {
	var c cursor
	c.within = i % p.inner()
	i /= p.inner()
	for d := p.nd - 2; d >= 0; d-- {
		c.index[d] = i % p.dims[d]
		i /= p.dims[d]
		for k := range p.operands {
			c.offset[k] += c.index[d] * p.strides[k][d]
		}
	}
	return c
}

// next moves c to the start of the next stretch.
func (p *plan) next(c *cursor) {
	c.within = 0
	for d := p.nd - 2; d >= 0; d-- {
		c.index[d]++
		for k := range p.operands {
			c.offset[k] += p.strides[k][d]
		}
		if c.index[d] < p.dims[d] {
			return
		}
		for k := range p.operands {
			c.offset[k] -= p.strides[k][d] * p.dims[d]
		}
		c.index[d] = 0
	}
}

// expand writes the elements of operand k for the output elements from at on.
func expand[T tensor.Elem](dst, src []T, p *plan, k, at int) {
	step := p.strides[k][p.nd-1]
	for c := p.at(at); len(dst) > 0; p.next(&c) {
		n := min(len(dst), p.inner()-c.within)
		if step == 0 {
			fill(dst[:n], src[c.offset[k]])
		} else {
			copy(dst[:n], src[c.offset[k]+c.within:])
		}
		dst = dst[n:]
	}
}

func fill[T tensor.Elem](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}

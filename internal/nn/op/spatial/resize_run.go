package spatial

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

func (r resize) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	p, err := r.plan(in)
	if err != nil {
		return err
	}
	s := out[0].Shape[:0]
	for _, a := range p.axis[:p.rank] {
		s = append(s, a.out)
	}
	out[0].Shape = s
	if err := c.NewShape(out[0], in[0].Type, s); err != nil || out[0].Len() == 0 {
		return err
	}
	if in[0].Len() == 0 {
		return fmt.Errorf("%v has no pixel to make %v of: %w", in[0], out[0], quintet.ErrInput)
	}
	var table [tensor.MaxRank]taps
	for i := range p.rank {
		if a := &p.axis[i]; !a.same() {
			if table[i], err = r.taps(c, a); err != nil {
				return err
			}
		}
	}
	if r.mode == nearest {
		g := newGather(&p, &table, tensor.Size(in[0].Type))
		g.run(c, out[0].Data, in[0].Data)
	} else if err := r.passes(c, &p, &table, tensor.Of[float32](out[0]), tensor.Of[float32](in[0])); err != nil {
		return err
	}
	if r.coord == tfCropAndResize {
		r.extrapolate(&p, &table, tensor.Of[float32](out[0]))
	}
	return nil
}

// extrapolate fills what comes from outside.
func (r *resize) extrapolate(p *plan, table *[tensor.MaxRank]taps, dst []float32) {
	outer, inner := 1, len(dst)
	for i := range p.rank {
		inner /= p.axis[i].out
		for o, outside := range table[i].outside {
			if outside == 0 {
				continue
			}
			for u := range outer {
				row := dst[(u*p.axis[i].out+o)*inner:][:inner]
				for j := range row {
					row[j] = r.outside
				}
			}
		}
		outer *= p.axis[i].out
	}
}

// pass resizes one axis of an array of outer x in x inner elements.
type pass struct {
	taps
	in, out, inner int
}

// passes resizes the axes, those that shrink most first, so that what lies
// between is never larger than both ends.
func (r *resize) passes(c *op.Ctx, p *plan, table *[tensor.MaxRank]taps, dst, src []float32) error {
	var room [tensor.MaxRank]int
	order := room[:0]
	for i := p.rank - 1; i >= 0; i-- { // inner axes take more calls: as long as there is little to do
		if table[i].n > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return p.axis[i].out*p.axis[j].in - p.axis[j].out*p.axis[i].in
	})
	if len(order) == 0 {
		copy(dst, src)
	}
	var size [tensor.MaxRank]int
	for i := range p.rank {
		size[i] = p.axis[i].in
	}
	for k, i := range order {
		size[i] = p.axis[i].out
		to, err := dst, error(nil)
		if k < len(order)-1 {
			n := 1
			for _, d := range size[:p.rank] {
				n *= d
			}
			if to, err = op.Scratch[float32](c, n); err != nil {
				return err
			}
		}
		s := pass{taps: table[i], in: p.axis[i].in, out: p.axis[i].out, inner: 1}
		for _, d := range size[i+1 : p.rank] {
			s.inner *= d
		}
		s.run(c, to, src)
		if err := c.Done(); err != nil {
			return err
		}
		src = to
	}
	return nil
}

func (s *pass) run(c *op.Ctx, dst, src []float32) {
	rows := len(dst) / s.inner
	if !parallel(c, len(dst)) {
		s.rows(dst, src, 0, rows)
		return
	}
	s.split(c, dst, src, rows)
}

func (s pass) split(c *op.Ctx, dst, src []float32, rows int) {
	grain := 1
	if s.inner == 1 {
		grain = s.out
	}
	c.Split(rows, grain, func(lo, hi, _ int) { s.rows(dst, src, lo, hi) })
}

// short is the number of elements below which a loop is faster than a call for
// each tap.
const short = 8

// rows computes output rows [lo, hi) of inner elements each.
func (s *pass) rows(dst, src []float32, lo, hi int) {
	if s.inner < short {
		for r := lo; r < hi; r++ {
			s.few(dst[r*s.inner:][:s.inner], src[r/s.out*s.in*s.inner:], r%s.out)
		}
		return
	}
	for r := lo; r < hi; r++ {
		row, from, at := dst[r*s.inner:][:s.inner], src[r/s.out*s.in*s.inner:], r%s.out*s.n
		fresh := true
		for k, w := range s.weight[at : at+s.n] {
			x := from[int(s.index[at+k])*s.inner:][:s.inner]
			switch {
			case w == 0:
			case fresh && w == 1:
				copy(row, x)
				fresh = false
			case fresh:
				vec.MulScalar(row, x, w)
				fresh = false
			default:
				vec.Axpy(row, x, w)
			}
		}
		if fresh {
			clear(row)
		}
	}
}

// few computes one output pixel of a few elements.
func (s *pass) few(dst, src []float32, o int) {
	index, weight := s.index[o*s.n:][:s.n], s.weight[o*s.n:][:s.n]
	for i := range dst {
		sum := float32(0)
		for k, w := range weight {
			if w != 0 {
				sum += w * src[int(index[k])*len(dst)+i]
			}
		}
		dst[i] = sum
	}
}

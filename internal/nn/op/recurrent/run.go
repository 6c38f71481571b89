package recurrent

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// places of the inputs that are no weights.
const (
	placeX    = 0
	placeLens = 4
	placeH    = 5
	placeC    = 6
)

// run is one Run: the sizes, what it reads and writes and its memory.
type run struct {
	steps, batch, hidden, ways int
	batchFirst                 bool

	x          []float32
	lens       []int32 // nil: all are as long as the longest
	h0, c0     []float32
	y, yh, yc  []float32 // nil: not wanted
	gates      []float32 // for every step and batch row
	h, c, room []float32 // of all batch rows
}

func (l *layer) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	p := l.packed
	if p == nil {
		var err error
		if p, err = l.prepare(in); err != nil {
			return err
		}
	}
	r := run{hidden: p.hidden, ways: len(l.dirs), batchFirst: l.batchFirst}
	if err := r.inputs(in, p); err != nil {
		return err
	}
	if err := r.outputs(c, out); err != nil {
		return err
	}
	if err := r.memory(c, l.gates); err != nil {
		return err
	}
	if r.batch == 0 {
		return nil
	}
	for d := range l.dirs {
		if err := l.direct(c, &r, d, &p.dirs[d]); err != nil {
			return err
		}
	}
	return nil
}

// inputs checks and takes the inputs.
func (r *run) inputs(in []*tensor.Tensor, p *weights) error {
	x := in[placeX]
	if x.Rank() != 3 || x.Shape[2] != p.input {
		return fmt.Errorf("input of shape %v for weights of %d inputs: %w", x.Shape, p.input, quintet.ErrInput)
	}
	r.steps, r.batch = x.Shape[0], x.Shape[1]
	state := [3]int{r.ways, r.batch, r.hidden}
	if r.batchFirst {
		r.steps, r.batch = r.batch, r.steps
		state = [3]int{r.batch, r.ways, r.hidden}
	}
	r.x = tensor.Of[float32](x)
	for _, i := range [...]int{placeH, placeC} {
		t := at(in, i)
		if t == nil {
			continue
		}
		if !slices.Equal(t.Shape, state[:]) {
			return fmt.Errorf("first state of shape %v, want %v: %w", t.Shape, slices.Clone(state[:]), quintet.ErrInput)
		}
		if i == placeH {
			r.h0 = tensor.Of[float32](t)
		} else {
			r.c0 = tensor.Of[float32](t)
		}
	}
	if t := at(in, placeLens); t != nil {
		r.lens = tensor.Of[int32](t)
		return r.checkLens()
	}
	return nil
}

func (r *run) checkLens() error {
	if len(r.lens) != r.batch {
		return fmt.Errorf("%d lengths of %d sequences: %w", len(r.lens), r.batch, quintet.ErrInput)
	}
	for _, n := range r.lens {
		if n < 0 || int(n) > r.steps {
			return fmt.Errorf("a length of %d of %d steps: %w", n, r.steps, quintet.ErrInput)
		}
	}
	return nil
}

// outputs makes the memory of the wanted outputs.
func (r *run) outputs(c *op.Ctx, out []*tensor.Tensor) error {
	all, state := [4]int{r.steps, r.ways, r.batch, r.hidden}, [3]int{r.ways, r.batch, r.hidden}
	if r.batchFirst {
		all, state = [4]int{r.batch, r.steps, r.ways, r.hidden}, [3]int{r.batch, r.ways, r.hidden}
	}
	to := [...]*[]float32{&r.y, &r.yh, &r.yc}
	for i, t := range out {
		if t == nil {
			continue
		}
		shape := state[:]
		if i == 0 {
			shape = all[:]
		}
		if err := c.NewShape(t, onnxpb.Float, shape); err != nil {
			return err
		}
		*to[i] = tensor.Of[float32](t)
	}
	if r.lens != nil {
		clear(r.y)
	}
	return nil
}

// memory takes what the steps need.
func (r *run) memory(c *op.Ctx, gates int) error {
	states := r.batch * r.hidden
	n, err := tensor.Count([]int{r.steps, r.batch, r.hidden, gates})
	if err != nil {
		return err
	}
	if r.gates, err = op.Scratch[float32](c, n); err != nil {
		return err
	}
	if r.h, err = op.Scratch[float32](c, states); err != nil {
		return err
	}
	if r.c, err = op.Scratch[float32](c, states); err != nil {
		return err
	}
	r.room, err = op.Scratch[float32](c, states*gates)
	return err
}

// state is where direction d and batch row b stand in the first and last states.
func (r *run) state(d, b int) int {
	if r.batchFirst {
		return (b*r.ways + d) * r.hidden
	}
	return (d*r.batch + b) * r.hidden
}

// row is where step t of batch row b stands among the rows of the input.
func (r *run) row(t, b int) int {
	if r.batchFirst {
		return b*r.steps + t
	}
	return t*r.batch + b
}

// alive reports whether the sequence of batch row b has step t.
func (r *run) alive(t, b int) bool { return r.lens == nil || t < int(r.lens[b]) }

// direct runs direction d.
func (l *layer) direct(c *op.Ctx, r *run, d int, w *direction) error {
	r.start(d)
	r.multiplyInput(c, w)
	for i := range r.steps {
		t := i
		if l.dirs[d].reverse {
			t = r.steps - 1 - i
		}
		l.step(r, t, d, w)
		if i%64 == 63 {
			if err := c.Done(); err != nil {
				return err
			}
		}
	}
	for b := range r.batch {
		from, to := b*r.hidden, r.state(d, b)
		if r.yh != nil {
			copy(r.yh[to:to+r.hidden], r.h[from:])
		}
		if r.yc != nil {
			copy(r.yc[to:to+r.hidden], r.c[from:])
		}
	}
	return c.Done()
}

// start sets the states to the first ones.
func (r *run) start(d int) {
	clear(r.h)
	clear(r.c)
	for b := range r.batch {
		to, from := b*r.hidden, r.state(d, b)
		if r.h0 != nil {
			copy(r.h[to:to+r.hidden], r.h0[from:])
		}
		if r.c0 != nil {
			copy(r.c[to:to+r.hidden], r.c0[from:])
		}
	}
}

// big is the number of multiplications from which on threads are worth their
// start.
const big = 1 << 22

// multiplyInput sets the gates of all steps to the products with the input.
func (r *run) multiplyInput(c *op.Ctx, w *direction) {
	rows, n, k := r.steps*r.batch, w.w.N, w.w.K
	if c.Threads() > 1 && rows*n*k >= big {
		r.splitInput(c, w)
		return
	}
	gemm.Mul(r.gates, n, r.x, k, rows, w.w, gemm.Epilogue{Bias: w.bias})
}

func (r *run) splitInput(c *op.Ctx, w *direction) {
	gates, x, n, k := r.gates, r.x, w.w.N, w.w.K
	c.Split(r.steps*r.batch, 24, func(lo, hi, _ int) {
		gemm.Mul(gates[lo*n:], n, x[lo*k:], k, hi-lo, w.w, gemm.Epilogue{Bias: w.bias})
	})
}

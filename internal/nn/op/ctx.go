package op

import (
	"context"
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// Memory is where a run gets its buffers.
type Memory interface {
	// Get returns n bytes aligned to 64, of undefined content, and the buffer
	// that counts their users, with one. A nil buffer means that the memory
	// is not the run's to take back.
	Get(n int) ([]byte, *tensor.Buffer, error)

	// Put takes the memory of a buffer that nobody uses any more.
	Put(b *tensor.Buffer)
}

// Ctx is what an operator gets when it runs. It belongs to one run, which is on
// one goroutine; only the workers of [Ctx.Split] run beside it.
type Ctx struct {
	Context context.Context // of the run
	Mem     Memory
	Away    Memory // of outputs that leave the graph; nil: memory of the Go heap
	Team    Team   // for Split; nil: one thread

	// Of the node that runs, set by the engine.
	Last  uint64           // bit i: nobody reads input i after this node
	Fresh uint64           // bit i: output i leaves the graph, and must have memory of its own
	Outs  []*tensor.Tensor // its outputs

	states  []*State
	scratch []*tensor.Buffer
}

// Team runs the parts of a task on several threads.
type Team interface {
	// Size is how many threads there are, at least 1.
	Size() int

	// Do calls f for every part in [0, parts), of which as many run at once
	// as there are threads; worker is below Size and differs between calls
	// that overlap. It returns after the last.
	Do(parts int, f func(part, worker int))
}

// State is memory that an operator keeps from one run to the next, one for each
// worker. Extra is for the operator packages: what they find there is theirs.
type State struct {
	Extra map[string]any
}

// New gives out memory of its own for a tensor of the given type and shape. Its
// content is undefined. shape is copied. A shape that [tensor.Count] refuses is
// [quintet.ErrInput], as is one beyond the memory that the run may use.
func (c *Ctx) New(out *tensor.Tensor, typ tensor.DType, shape ...int) error {
	return c.NewShape(out, typ, shape)
}

// NewShape is New for a shape that is a slice; it may be that of an input.
func (c *Ctx) NewShape(out *tensor.Tensor, typ tensor.DType, shape []int) error {
	n, err := tensor.Count(shape)
	if err != nil {
		return err
	}
	n *= tensor.Size(typ)
	c.Drop(out)
	if mem := c.memoryOf(out); mem == nil {
		out.Data = tensor.Alloc(n)
	} else if out.Data, out.Buf, err = mem.Get(n); err != nil {
		return err
	}
	out.Type, out.Shape = typ, append(out.Shape[:0], shape...)
	return nil
}

// memoryOf is where out gets its elements; nil is the Go heap.
func (c *Ctx) memoryOf(out *tensor.Tensor) Memory {
	if c.fresh(out) {
		return c.Away
	}
	return c.Mem
}

// fresh reports whether out leaves the graph.
func (c *Ctx) fresh(out *tensor.Tensor) bool {
	for i, o := range c.Outs {
		if o == out {
			return i > 63 || c.Fresh>>i&1 != 0
		}
	}
	return false
}

// NewOver is NewShape, in the memory of input i if nobody else needs that and it
// has the right size: then out and in[i] share their elements.
func (c *Ctx) NewOver(out *tensor.Tensor, in []*tensor.Tensor, i int, typ tensor.DType, shape []int) error {
	x := in[i]
	if i < 64 && c.Last>>i&1 != 0 && x.Buf != nil && x.Buf.Refs == 1 && !c.fresh(out) {
		if n, err := tensor.Count(shape); err == nil && n*tensor.Size(typ) == len(x.Data) {
			c.alias(out, x, typ, shape)
			return nil
		}
	}
	return c.NewShape(out, typ, shape)
}

// Share makes out a view of all of x's elements in another shape, as Reshape
// does; where out must have memory of its own, the elements are copied. The
// shape must have as many elements.
func (c *Ctx) Share(out, x *tensor.Tensor, shape []int) error {
	if n, err := tensor.Count(shape); err != nil || n != x.Len() {
		return fmt.Errorf("%v does not fit into shape %v: %w", x, slices.Clone(shape), quintet.ErrInput)
	}
	if c.fresh(out) {
		if err := c.NewShape(out, x.Type, shape); err != nil {
			return err
		}
		copy(out.Data, x.Data)
		return nil
	}
	c.alias(out, x, x.Type, shape)
	return nil
}

// alias gives out the memory of x.
func (c *Ctx) alias(out, x *tensor.Tensor, typ tensor.DType, shape []int) {
	if x.Buf != nil {
		x.Buf.Refs++
	}
	c.Drop(out)
	out.Type, out.Data, out.Buf, out.Shape = typ, x.Data, x.Buf, append(out.Shape[:0], shape...)
}

// Drop ends out's use of its memory.
func (c *Ctx) Drop(out *tensor.Tensor) {
	if b := out.Buf; b != nil {
		if b.Refs--; b.Refs == 0 {
			c.memoryOf(out).Put(b)
		}
	}
	out.Data, out.Buf = nil, nil
}

// Scratch returns n elements of undefined content that live until the operator's
// Run returns.
func Scratch[T tensor.Elem](c *Ctx, n int) ([]T, error) {
	t := tensor.Tensor{Type: tensor.TypeOf[T]()}
	data, buf, err := c.Mem.Get(n * tensor.Size(t.Type))
	if err != nil {
		return nil, err
	}
	if buf != nil {
		c.scratch = append(c.scratch, buf)
	}
	t.Data = data
	return tensor.Of[T](&t), nil
}

// EndScratch gives the scratch memory of a node back.
func (c *Ctx) EndScratch() {
	for _, b := range c.scratch {
		c.Mem.Put(b)
	}
	c.scratch = c.scratch[:0]
}

// StateOf returns what the worker keeps under key, made by zero the first time.
func StateOf[T any](c *Ctx, worker int, key string) *T {
	for len(c.states) <= worker {
		c.states = append(c.states, &State{Extra: map[string]any{}})
	}
	if v, ok := c.states[worker].Extra[key].(*T); ok {
		return v
	}
	v := new(T)
	c.states[worker].Extra[key] = v
	return v
}

// Threads is how many workers Split uses, at least 1.
func (c *Ctx) Threads() int {
	if c.Team == nil {
		return 1
	}
	return c.Team.Size()
}

// Split calls f for ranges that make up [0, n), each a multiple of grain long but
// for the last, at once on as many threads as the run has. The worker is for
// StateOf, which must have been called for all workers before if f uses it.
func (c *Ctx) Split(n, grain int, f func(lo, hi, worker int)) {
	const perThread = 6 // so that nobody waits long for a thread that was late
	grains := (n + grain - 1) / grain
	if parts := min(perThread*c.Threads(), grains); parts > 1 && c.Threads() > 1 {
		c.Team.Do(parts, func(part, worker int) {
			lo, hi := part*grains/parts*grain, min((part+1)*grains/parts*grain, n)
			f(lo, hi, worker)
		})
		return
	}
	if n > 0 {
		f(0, n, 0)
	}
}

// Done returns the error of a run whose context has ended. Operators that work
// for long ask now and then.
func (c *Ctx) Done() error {
	if c.Context == nil {
		return nil
	}
	return context.Cause(c.Context)
}

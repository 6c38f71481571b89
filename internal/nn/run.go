package nn

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/graph"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// frame is what a run needs beside its program. Frames are used again.
type frame struct {
	p     *Program
	slots []tensor.Tensor
	in    [][]*tensor.Tensor // of each step
	out   [][]*tensor.Tensor
	mem   memory
	heap  heap
	ctx   op.Ctx
	args  []*tensor.Tensor
}

func (p *Program) newFrame() *frame {
	f := &frame{p: p, slots: make([]tensor.Tensor, p.slots)}
	f.mem.limit = int(p.o.MaxBytes)
	f.ctx.Mem, f.ctx.Team = &f.mem, p.team.asTeam()
	at := func(slots []int) []*tensor.Tensor {
		all := make([]*tensor.Tensor, len(slots))
		for i, s := range slots {
			switch {
			case s < 0:
			case p.consts[s] != nil:
				all[i] = p.consts[s]
			default:
				all[i] = &f.slots[s]
			}
		}
		return all
	}
	for _, s := range p.steps {
		f.in, f.out = append(f.in, at(s.in)), append(f.out, at(s.out))
	}
	return f
}

// maxIdle is how many frames a program keeps for later runs.
const maxIdle = 64

// acquire returns an idle frame, or a new one.
func (p *Program) acquire() *frame {
	p.pool.Lock()
	defer p.pool.Unlock()
	if n := len(p.idle); n > 0 {
		f := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return f
	}
	return p.newFrame()
}

// release keeps a frame whose run went well for later runs.
func (p *Program) release(f *frame) {
	for _, s := range p.in {
		f.slots[s].Data = nil // the caller's
	}
	for _, s := range p.out {
		f.slots[s].Data, f.slots[s].Buf = nil, nil
	}
	p.pool.Lock()
	defer p.pool.Unlock()
	if len(p.idle) < maxIdle {
		p.idle = append(p.idle, f)
	}
}

// maxPlans is how many layouts a program keeps.
const maxPlans = 256

// plan returns the layout for inputs of these shapes, nil if there is none yet.
func (p *Program) plan(key uint64) *placement {
	p.pool.Lock()
	defer p.pool.Unlock()
	return p.plans[key]
}

// keep remembers a layout.
func (p *Program) keep(key uint64, l *placement) {
	p.pool.Lock()
	defer p.pool.Unlock()
	for k := range p.plans {
		if len(p.plans) < maxPlans {
			break
		}
		delete(p.plans, k)
	}
	p.plans[key] = l
}

// shapeKey is a hash of the shapes of the inputs. Shapes that share one only share
// a plan, which every run checks piece by piece.
func shapeKey(in []*tensor.Tensor) uint64 {
	h := uint64(14695981039346656037)
	for _, t := range in {
		h = (h ^ uint64(len(t.Shape))) * 1099511628211
		for _, d := range t.Shape {
			h = (h ^ uint64(d)) * 1099511628211
		}
	}
	return h
}

// StepTime is how long a step took in a run.
type StepTime struct {
	Node, Op string        // Op with its domain, if that is not ONNX itself
	Start    time.Duration // since the run began
	Took     time.Duration
	Shapes   []string // of the outputs
}

// Run computes the outputs of the given inputs, which are as many and in the order
// of Inputs. Inputs are only read; outputs have memory of their own. Inputs of the
// wrong type or shape are [quintet.ErrInput]. The end of ctx ends the run between
// two steps.
func (p *Program) Run(ctx context.Context, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	out := make([]*tensor.Tensor, len(p.out))
	err := p.RunTo(ctx, in, func(i int, t tensor.Tensor) { out[i] = &t })
	if err != nil {
		return nil, err
	}
	return out, nil
}

// RunTo is Run that passes each output to take, and allocates nothing else.
func (p *Program) RunTo(ctx context.Context, in []*tensor.Tensor, take func(i int, t tensor.Tensor)) error {
	_, err := p.start(ctx, in, take, false)
	return err
}

// Profile is Run, and tells how long every step took.
func (p *Program) Profile(ctx context.Context, in []*tensor.Tensor) ([]*tensor.Tensor, []StepTime, error) {
	out := make([]*tensor.Tensor, len(p.out))
	times, err := p.start(ctx, in, func(i int, t tensor.Tensor) { out[i] = &t }, true)
	return out, times, err
}

func (p *Program) start(ctx context.Context, in []*tensor.Tensor, take func(i int, t tensor.Tensor), profile bool) (
	[]StepTime, error) {
	if err := p.check(in); err != nil {
		return nil, err
	}
	f := p.acquire()
	f.heap.left = int(p.o.MaxBytes)
	f.ctx.Context, f.ctx.Away = ctx, &f.heap
	times, err := f.run(in, profile)
	if err != nil {
		return nil, err // the frame is left to the collector
	}
	for i, s := range p.out {
		t := f.result(s)
		if slices.Contains(p.out[:i], s) {
			t = *t.Clone()
		}
		take(i, t)
	}
	f.ctx.Context = nil
	p.release(f)
	return times, nil
}

// check compares the inputs with what the model declares.
func (p *Program) check(in []*tensor.Tensor) error {
	if len(in) != len(p.infos.in) {
		return fmt.Errorf("got %d inputs, the model has %d: %w", len(in), len(p.infos.in), quintet.ErrInput)
	}
	for i, t := range in {
		want := p.infos.in[i]
		if t == nil || t.Type != want.Type || want.Ranked && len(t.Shape) != len(want.Shape) {
			return fmt.Errorf("input %s is %v, want %s%v: %w", want.Name, t, want.Type, want.Shape, quintet.ErrInput)
		}
		for d, n := range want.Shape {
			if n >= 0 && t.Shape[d] != n {
				return fmt.Errorf("input %s is %v, want %s%v: %w", want.Name, t, want.Type, want.Shape, quintet.ErrInput)
			}
		}
		if n, err := tensor.Count(t.Shape); err != nil || n*tensor.Size(t.Type) != len(t.Data) {
			return fmt.Errorf("input %s of shape %v has %d bytes: %w", want.Name, t.Shape, len(t.Data), quintet.ErrInput)
		}
	}
	return nil
}

// result is the tensor in a slot, in a value of its own.
func (f *frame) result(slot int) tensor.Tensor {
	if c := f.p.consts[slot]; c != nil {
		return *c.Clone()
	}
	for _, s := range f.p.in {
		if s == slot {
			return *f.slots[s].Clone()
		}
	}
	t := &f.slots[slot]
	return tensor.Tensor{Type: t.Type, Shape: append([]int(nil), t.Shape...), Data: t.Data}
}

// run computes all steps. What went wrong inside of an operator beyond what it
// foresaw becomes an error, and the frame is not used again.
func (f *frame) run(in []*tensor.Tensor, profile bool) (times []StepTime, err error) {
	var current *step
	defer func() {
		if r := recover(); r != nil {
			node := new(graph.Node)
			if current != nil {
				node = current.node
			}
			err = fmt.Errorf("node %s (%s): %v\n%s", node.Name, node.Type, r, debug.Stack())
		}
	}()
	for i, s := range f.p.in {
		t := &f.slots[s]
		t.Type, t.Data, t.Buf = in[i].Type, in[i].Data, nil
		t.Shape = append(t.Shape[:0], in[i].Shape...)
	}
	key := shapeKey(in)
	f.mem.start(f.p.plan(key))
	done := f.ctx.Context.Done()
	begin := time.Now()
	for i := range f.p.steps {
		current = &f.p.steps[i]
		select {
		case <-done:
			return nil, context.Cause(f.ctx.Context)
		default:
		}
		at := time.Time{}
		if profile {
			at = time.Now()
		}
		if err := f.step(i, current); err != nil {
			return nil, fmt.Errorf("node %s (%s): %w", current.node.Name, current.node.Type, err)
		}
		if profile {
			times = append(times, f.time(i, current, at.Sub(begin), time.Since(at)))
		}
		for _, s := range current.drop {
			f.ctx.Drop(&f.slots[s])
		}
	}
	if l := f.mem.finish(); l != nil {
		f.p.keep(key, l)
	}
	return times, nil
}

func (f *frame) step(i int, s *step) error {
	f.ctx.Last, f.ctx.Fresh, f.ctx.Outs = s.last, s.fresh, f.out[i]
	err := s.op.Run(&f.ctx, f.in[i], f.out[i])
	f.ctx.EndScratch()
	return err
}

func (f *frame) time(i int, s *step, start, took time.Duration) StepTime {
	t := StepTime{Node: s.node.Name, Op: s.operator(), Start: start, Took: took}
	for _, o := range f.out[i] {
		if o != nil {
			t.Shapes = append(t.Shapes, o.String())
		}
	}
	return t
}

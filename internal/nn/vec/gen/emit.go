package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// target writes the instructions of one architecture. Registers are numbers.
type target interface {
	registers() int
	begin(e *emitter) // up to the loops
	end(e *emitter)   // the loops and what follows
	op(e *emitter, in instr)
	loadConstant(e *emitter, bits uint32, reg int)
	memory(in instr, arg int) bool // whether the argument may be a constant in memory
}

// emitter writes one kernel for one target: it gives registers to values.
type emitter struct {
	target
	s    *strings.Builder
	pool *constants
	b    *builder

	// Fixed for the kernel; registers are taken from the highest down.
	maskReg   int            // of the last vector
	scalars   []int          // scalar arguments
	accs      [][]int        // accumulators: [unrolled copy][result]
	hoisted   map[uint32]int // constants that stay in registers
	reserved  map[int]bool   // all of these
	constants bool           // the table of constants is used

	// The state while a vector is written.
	copyNo  int         // which unrolled copy
	masked  bool        // the last, incomplete vector
	now     int         // the instruction
	last    map[int]int // temporary -> last instruction that needs it
	where   map[int]int // temporary -> register
	free    []bool      // registers
	scratch []int       // registers that are free again after the instruction
	peak    int         // registers that temporaries ever needed
}

// constants is the table of constants of one file.
type constants struct {
	at    map[uint32]int
	order []uint32
}

func (c *constants) index(bits uint32) int {
	if i, ok := c.at[bits]; ok {
		return i
	}
	c.at[bits] = len(c.order)
	c.order = append(c.order, bits)
	return c.at[bits]
}

// emitKernel writes the kernel twice: once to learn how many registers its
// temporaries need, then with constants in those that are left, the most used
// first.
func emitKernel(t target, pool *constants, k kernel) string {
	b := build(k)
	dry := newEmitter(t, &constants{at: map[uint32]int{}}, b, nil)
	dry.write()
	room := t.registers() - len(dry.reserved) - dry.peak
	e := newEmitter(t, pool, b, wanted(t, b, room))
	e.constants = dry.constants
	e.write()
	return e.s.String()
}

// wanted lists up to room constants to keep in registers, those first that save
// an instruction because they cannot be memory operands.
func wanted(t target, b *builder, room int) []uint32 {
	uses := map[uint32]int{}
	var order []uint32
	for _, in := range b.code {
		for i, a := range in.args {
			if a.kind != constant {
				continue
			}
			if uses[a.bits] == 0 {
				order = append(order, a.bits)
			}
			uses[a.bits]++
			if !t.memory(in, i) {
				uses[a.bits] += 100
			}
		}
	}
	slices.SortStableFunc(order, func(x, y uint32) int { return uses[y] - uses[x] })
	return order[:max(0, min(room, len(order)))]
}

func newEmitter(t target, pool *constants, b *builder, hoist []uint32) *emitter {
	e := &emitter{target: t, s: &strings.Builder{}, pool: pool, b: b,
		hoisted: map[uint32]int{}, reserved: map[int]bool{}, free: make([]bool, t.registers())}
	next := t.registers() - 1
	take := func() int {
		e.reserved[next] = true
		next--
		return next + 1
	}
	e.maskReg = take()
	for range b.k.scalars {
		e.scalars = append(e.scalars, take())
	}
	for range max(1, b.k.unroll) {
		var regs []int
		for range b.k.results {
			regs = append(regs, take())
		}
		e.accs = append(e.accs, regs)
	}
	for _, bits := range hoist {
		e.hoisted[bits] = take()
	}
	return e
}

// inOrder lists the hoisted constants by register.
func (e *emitter) inOrder() []uint32 {
	return slices.SortedFunc(maps.Keys(e.hoisted), func(x, y uint32) int { return e.hoisted[y] - e.hoisted[x] })
}

func (e *emitter) write() {
	e.begin(e)
	e.end(e)
}

func (e *emitter) line(format string, args ...any) { fmt.Fprintf(e.s, "\t"+format+"\n", args...) }
func (e *emitter) label(name string)               { fmt.Fprintf(e.s, "\n%s:\n", name) }

// vector writes the body once, for copy copyNo of an unrolled round.
func (e *emitter) vector(copyNo int, masked bool) {
	e.copyNo, e.masked = copyNo, masked
	e.where, e.last = map[int]int{}, map[int]int{}
	for r := range e.free {
		e.free[r] = !e.reserved[r]
	}
	for i, in := range e.b.code {
		for _, a := range in.args {
			if a.kind == temporary {
				e.last[a.id] = i
			}
		}
	}
	for i, in := range e.b.code {
		e.now = i
		e.op(e, in)
		e.release(in)
	}
}

// release frees the registers that the instruction was the last to need.
func (e *emitter) release(in instr) {
	for _, r := range e.scratch {
		e.free[r] = true
	}
	e.scratch = e.scratch[:0]
	for _, a := range in.args {
		if a.kind != temporary || e.last[a.id] != e.now {
			continue
		}
		if r, ok := e.where[a.id]; ok { // not taken over by the result
			e.free[r] = true
			delete(e.where, a.id)
		}
	}
}

// take returns a free register.
func (e *emitter) take() int {
	for r, ok := range e.free {
		if ok {
			e.free[r] = false
			e.peak = max(e.peak, r+1)
			return r
		}
	}
	panic("kernel " + e.b.k.name + " needs too many registers")
}

// temp returns a register that is free again after this instruction.
func (e *emitter) temp() int {
	r := e.take()
	e.scratch = append(e.scratch, r)
	return r
}

// result gives the instruction's result a register of its own.
func (e *emitter) result(in instr) int {
	r := e.take()
	e.where[in.out] = r
	return r
}

// reg is the register of an operand; a constant in memory is loaded.
func (e *emitter) reg(v value) int {
	switch v.kind {
	case scalar:
		return e.scalars[v.id]
	case constant:
		if r, ok := e.hoisted[v.bits]; ok {
			return r
		}
		r := e.temp()
		e.loadConstant(e, v.bits, r)
		return r
	}
	return e.where[v.id]
}

// dies tells whether in is the last to need its argument v, which may then be
// overwritten.
func (e *emitter) dies(in instr, v value) bool {
	if v.kind != temporary || e.last[v.id] != e.now {
		return false
	}
	count := 0
	for _, a := range in.args {
		if a == v {
			count++
		}
	}
	return count == 1
}

// reuse makes the register of the dying argument v that of in's result.
func (e *emitter) reuse(in instr, v value) int {
	r := e.where[v.id]
	delete(e.where, v.id)
	e.where[in.out] = r
	return r
}

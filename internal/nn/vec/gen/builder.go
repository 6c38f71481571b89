package main

import "math"

var (
	posInf = math.Inf(1)
	negInf = math.Inf(-1)
)

// value is an operand of an instruction: the result of an earlier one, a
// constant in every lane or a scalar argument in every lane.
type value struct {
	kind valueKind
	id   int    // of a temporary or a scalar
	bits uint32 // of a constant
}

type valueKind int

const (
	temporary valueKind = iota
	constant
	scalar
)

// instr is one operation on vectors. Its result is the temporary out.
type instr struct {
	op   string
	out  int // -1 for store and accumulate
	args []value
	imm  int // shift, slice or result
}

// builder records what a kernel does with one vector.
type builder struct {
	k      kernel
	code   []instr
	temps  int
	loaded map[int]value
}

func build(k kernel) *builder {
	b := &builder{k: k, loaded: map[int]value{}}
	k.body(b)
	return b
}

func (b *builder) do(op string, args ...value) value { return b.doImm(op, 0, args...) }

func (b *builder) doImm(op string, imm int, args ...value) value {
	v := value{id: b.temps}
	b.temps++
	b.code = append(b.code, instr{op: op, out: v.id, args: args, imm: imm})
	return v
}

// load is the current vector of the slice at position s of the signature.
func (b *builder) load(s int) value {
	if v, ok := b.loaded[s]; ok {
		return v
	}
	v := b.doImm("load", s)
	b.loaded[s] = v
	return v
}

func (b *builder) store(s int, v value) {
	b.code = append(b.code, instr{op: "store", out: -1, args: []value{v}, imm: s})
}

// collect combines v with the accumulator of result r.
func (b *builder) collect(r int, v value) {
	b.code = append(b.code, instr{op: "collect", out: -1, args: []value{v}, imm: r})
}

// collectProduct adds x*y to the accumulator of result r, rounded once.
func (b *builder) collectProduct(r int, x, y value) {
	b.code = append(b.code, instr{op: "collectProduct", out: -1, args: []value{x, y}, imm: r})
}

// stores tells whether the kernel writes to slice s.
func (b *builder) stores(s int) bool {
	for _, in := range b.code {
		if in.op == "store" && in.imm == s {
			return true
		}
	}
	return false
}

func (b *builder) scalar(i int) value { return value{kind: scalar, id: i} }

func bits(v uint32) value { return value{kind: constant, bits: v} }
func num(v float64) value { return bits(math.Float32bits(float32(v))) }

func (b *builder) add(x, y value) value { return b.do("add", x, y) }
func (b *builder) sub(x, y value) value { return b.do("sub", x, y) }
func (b *builder) mul(x, y value) value { return b.do("mul", x, y) }
func (b *builder) div(x, y value) value { return b.do("div", x, y) }

// fma is x*y + z, fnma z - x*y, both rounded once.
func (b *builder) fma(x, y, z value) value  { return b.do("fma", x, y, z) }
func (b *builder) fnma(x, y, z value) value { return b.do("fnma", x, y, z) }

// atLeast and atMost bound x by a limit that is not NaN; a NaN in x stays.
func (b *builder) atLeast(x, limit value) value { return b.do("atLeast", x, limit) }
func (b *builder) atMost(x, limit value) value  { return b.do("atMost", x, limit) }

// ge and gt are all ones where they hold, and do not hold for NaN. pick is yes
// where the mask is all ones and no where it is zero, pickNegative yes where the
// sign of x is set.
func (b *builder) ge(x, y value) value                   { return b.do("ge", x, y) }
func (b *builder) gt(x, y value) value                   { return b.do("gt", x, y) }
func (b *builder) pick(mask, yes, no value) value        { return b.do("pick", mask, yes, no) }
func (b *builder) pickNegative(x, yes, no value) value   { return b.do("pickNegative", x, yes, no) }
func (b *builder) and(x, y value) value                  { return b.do("and", x, y) }
func (b *builder) or(x, y value) value                   { return b.do("or", x, y) }
func (b *builder) xor(x, y value) value                  { return b.do("xor", x, y) }
func (b *builder) abs(x value) value                     { return b.and(x, bits(0x7fffffff)) }
func (b *builder) sign(x value) value                    { return b.and(x, bits(0x80000000)) }
func (b *builder) round(x value) value                   { return b.do("round", x) }
func (b *builder) toInt(x value) value                   { return b.do("toInt", x) }
func (b *builder) toFloat(x value) value                 { return b.do("toFloat", x) }
func (b *builder) addInt(x, y value) value               { return b.do("addInt", x, y) }
func (b *builder) subInt(x, y value) value               { return b.do("subInt", x, y) }
func (b *builder) shiftLeft(x value, n int) value        { return b.doImm("shiftLeft", n, x) }
func (b *builder) shiftRightSigned(x value, n int) value { return b.doImm("shiftRightSigned", n, x) }

// poly is c[0] + c[1]*x + c[2]*x*x + …, by Horner's rule, a long one for even and
// odd powers apart: that halves the chain of instructions that wait for each
// other.
func (b *builder) poly(x value, c ...float64) value {
	if len(c) <= 6 {
		return b.horner(x, c)
	}
	var even, odd []float64
	for i := range c {
		if i%2 == 0 {
			even = append(even, c[i])
		} else {
			odd = append(odd, c[i])
		}
	}
	square := b.mul(x, x)
	return b.fma(b.horner(square, odd), x, b.horner(square, even))
}

func (b *builder) horner(x value, c []float64) value {
	v := num(c[len(c)-1])
	for i := len(c) - 2; i >= 0; i-- {
		v = b.fma(v, x, num(c[i]))
	}
	return v
}

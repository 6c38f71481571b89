package main

import (
	"fmt"
	"strings"
)

// amd64 writes AVX2 and FMA.
type amd64 struct{}

func (amd64) registers() int { return 16 }

var pointersX86 = []string{"DI", "SI", "DX", "BX", "R8", "R9", "R10", "R11"}

func (amd64) begin(e *emitter) {
	k := e.b.k
	offset := 8*len(k.slices) + 8
	size := offset + 4*len(k.scalars)
	if len(k.results) > 0 {
		size = (size+7)&^7 + 4*len(k.results)
	}
	fmt.Fprintf(e.s, "// func %sAsm(%s)%s\n", k.name, k.asmParams(), k.returns())
	fmt.Fprintf(e.s, "TEXT ·%sAsm(SB), NOSPLIT, $0-%d\n", k.name, size)
	for i, s := range k.slices {
		e.line("MOVQ %s+%d(FP), %s", s, 8*i, pointersX86[i])
	}
	e.line("MOVQ n+%d(FP), CX", 8*len(k.slices))
	for i, s := range k.scalars {
		e.line("VBROADCASTSS %s+%d(FP), Y%d", s, offset+4*i, e.scalars[i])
	}
	for _, copies := range e.accs {
		for i, r := range copies {
			if init := num(k.results[i].init()); init.bits == 0 {
				e.line("VXORPS Y%d, Y%[1]d, Y%[1]d", r)
			} else {
				e.line("VMOVUPS %s, Y%d", e.constant(init.bits), r)
			}
		}
	}
	for _, bits := range e.inOrder() {
		e.line("VMOVUPS %s, Y%d", e.constant(bits), e.hoisted[bits])
	}
	e.line("XORQ AX, AX")
}

func (t amd64) end(e *emitter) {
	k := e.b.k
	if k.unroll > 1 {
		e.line("SUBQ $%d, CX", 8*k.unroll)
		e.line("JLT by8")
		e.line("PCALIGN $32")
		e.label("round")
		for i := range k.unroll {
			e.vector(i, false)
		}
		e.line("ADDQ $%d, AX", 32*k.unroll)
		e.line("SUBQ $%d, CX", 8*k.unroll)
		e.line("JGE round")
		e.label("by8")
		e.line("ADDQ $%d, CX", 8*k.unroll)
	}
	e.line("SUBQ $8, CX")
	e.line("JLT tail")
	e.line("PCALIGN $32")
	e.label("vector")
	e.vector(0, false)
	e.line("ADDQ $32, AX")
	e.line("SUBQ $8, CX")
	e.line("JGE vector")
	e.label("tail")
	e.line("ADDQ $8, CX")
	e.line("JEQ done")
	e.line("TAILMASK(Y%d)", e.maskReg)
	e.vector(0, true)
	e.label("done")
	t.combine(e)
	e.line("VZEROUPPER")
	e.line("RET\n")
}

// combine reduces the accumulators to one lane each and returns them.
func (t amd64) combine(e *emitter) {
	k := e.b.k
	at := (8*len(k.slices) + 8 + 4*len(k.scalars) + 7) &^ 7
	for i, r := range k.results {
		for step := 1; step < len(e.accs); step *= 2 {
			for c := 0; c+step < len(e.accs); c += 2 * step {
				t.merge(e, r.op, e.accs[c+step][i], e.accs[c][i])
			}
		}
		acc, other := e.accs[0][i], 2
		e.line("VPERM2F128 $1, Y%d, Y%[1]d, Y%d", acc, other)
		t.merge(e, r.op, other, acc)
		e.line("VPERMILPS $0x4E, Y%d, Y%d", acc, other)
		t.merge(e, r.op, other, acc)
		e.line("VPERMILPS $0xB1, Y%d, Y%d", acc, other)
		t.merge(e, r.op, other, acc)
		e.line("VMOVSS X%d, %s+%d(FP)", acc, r.name, at+4*i)
	}
}

// merge is acc = acc op v. It may use Y0 and Y1.
func (amd64) merge(e *emitter, op string, v, acc int) {
	switch op {
	case "add":
		e.line("VADDPS Y%d, Y%d, Y%[2]d", v, acc)
	case "maxAny":
		e.line("VMAXPS Y%d, Y%d, Y%d", acc, v, acc)
	default:
		strict(e, op, v, acc, acc, 0)
	}
}

// strict is d = max or min of x and y, NaN if either is: the instruction gives
// its second operand, x here, if either is NaN. t is a free register; d may be x.
func strict(e *emitter, op string, y, x, d, t int) {
	e.line("VCMPPS $3, Y%d, Y%[1]d, Y%d", y, t)
	e.line("V%sPS Y%d, Y%d, Y%d", strings.ToUpper(op), x, y, d)
	e.line("VBLENDVPS Y%d, Y%d, Y%d, Y%[3]d", t, y, d)
}

func (e *emitter) constant(bits uint32) string {
	return fmt.Sprintf("constants<>+%d(SB)", 32*e.pool.index(bits))
}

func (amd64) loadConstant(e *emitter, bits uint32, reg int) {
	if bits == 0 {
		e.line("VXORPS Y%d, Y%[1]d, Y%[1]d", reg)
		return
	}
	e.line("VMOVUPS %s, Y%d", e.constant(bits), reg)
}

// commutes lists the instructions whose operands may change places.
var commutes = map[string]bool{"add": true, "mul": true, "and": true, "or": true, "xor": true, "addInt": true}

func (amd64) memory(in instr, arg int) bool {
	switch in.op {
	case "fma", "fnma":
		return true
	case "pick", "pickNegative":
		return arg == 1
	case "atLeast", "atMost", "max", "min":
		return false
	}
	return commutes[in.op] || arg == 1
}

// operand is an argument that may be in memory.
func (e *emitter) operand(v value) string {
	if v.kind == constant && v.bits != 0 {
		if _, ok := e.hoisted[v.bits]; !ok {
			return e.constant(v.bits)
		}
	}
	return fmt.Sprintf("Y%d", e.reg(v))
}

var mnemonicsX86 = map[string]string{
	"add": "VADDPS", "sub": "VSUBPS", "mul": "VMULPS", "div": "VDIVPS", "and": "VANDPS", "or": "VORPS",
	"xor": "VXORPS", "addInt": "VPADDD", "subInt": "VPSUBD", "ge": "VCMPPS $0x1D,", "gt": "VCMPPS $0x1E,",
	"sqrt": "VSQRTPS", "round": "VROUNDPS $8,", "floor": "VROUNDPS $9,", "ceil": "VROUNDPS $10,",
	"toInt": "VCVTPS2DQ", "toFloat": "VCVTDQ2PS",
	"shiftLeft": "VPSLLD", "shiftRightSigned": "VPSRAD",
}

func (t amd64) op(e *emitter, in instr) {
	name := mnemonicsX86[in.op]
	switch in.op {
	case "load":
		e.line("%s", t.move(e, in.imm, e.result(in), true))
	case "store":
		e.line("%s", t.move(e, in.imm, e.reg(in.args[0]), false))
	case "collect", "collectProduct":
		t.collect(e, in)
	case "fma", "fnma":
		t.fma(e, in)
	case "atLeast", "atMost":
		limit, x := e.reg(in.args[1]), e.reg(in.args[0])
		name = map[string]string{"atLeast": "VMAXPS", "atMost": "VMINPS"}[in.op]
		e.line("%s Y%d, Y%d, Y%d", name, x, limit, e.result(in))
	case "max", "min":
		x, y := e.reg(in.args[0]), e.reg(in.args[1])
		strict(e, in.op, y, x, e.result(in), e.temp())
	case "pick", "pickNegative":
		yes, mask, no := e.operand(in.args[1]), e.reg(in.args[0]), e.reg(in.args[2])
		e.line("VBLENDVPS Y%d, %s, Y%d, Y%d", mask, yes, no, e.result(in))
	case "shiftLeft", "shiftRightSigned":
		x := e.reg(in.args[0])
		e.line("%s $%d, Y%d, Y%d", name, in.imm, x, e.result(in))
	case "sqrt", "round", "floor", "ceil", "toInt", "toFloat":
		x := e.reg(in.args[0])
		e.line("%s Y%d, Y%d", name, x, e.result(in))
	default:
		x, y := in.args[0], in.args[1]
		if commutes[in.op] && x.kind == constant {
			x, y = y, x
		}
		right, left := e.operand(y), e.reg(x)
		e.line("%s %s, Y%d, Y%d", name, right, left, e.result(in))
	}
}

// move is a load or a store of the current vector of slice s.
func (amd64) move(e *emitter, s, reg int, load bool) string {
	where := fmt.Sprintf("(%s)(AX*1)", pointersX86[s])
	if e.copyNo > 0 {
		where = fmt.Sprintf("%d%s", 32*e.copyNo, where)
	}
	switch {
	case load && e.masked:
		return fmt.Sprintf("VMASKMOVPS %s, Y%d, Y%d", where, e.maskReg, reg)
	case load:
		return fmt.Sprintf("VMOVUPS %s, Y%d", where, reg)
	case e.masked:
		return fmt.Sprintf("VMASKMOVPS Y%d, Y%d, %s", reg, e.maskReg, where)
	}
	return fmt.Sprintf("VMOVUPS Y%d, %s", reg, where)
}

// collect updates an accumulator, in the last vector only the lanes that hold
// elements.
func (t amd64) collect(e *emitter, in instr) {
	acc := e.accs[e.copyNo][in.imm]
	x, d := e.reg(in.args[0]), acc
	if e.masked {
		d = e.temp()
		e.line("VMOVAPS Y%d, Y%d", acc, d)
	}
	op := e.b.k.results[in.imm].op
	switch {
	case in.op == "collectProduct":
		e.line("VFMADD231PS Y%d, Y%d, Y%d", e.reg(in.args[1]), x, d)
	case op == "add":
		e.line("VADDPS Y%d, Y%d, Y%[2]d", x, d)
	case op == "maxAny":
		e.line("VMAXPS Y%d, Y%d, Y%[1]d", d, x)
	default:
		strict(e, op, x, d, d, e.temp())
	}
	if e.masked {
		e.line("VBLENDVPS Y%d, Y%d, Y%d, Y%[3]d", e.maskReg, d, acc)
	}
}

// fma picks the form that overwrites an operand no longer needed.
func (amd64) fma(e *emitter, in instr) {
	name := map[string]string{"fma": "VFMADD", "fnma": "VFNMADD"}[in.op]
	x, y, z := in.args[0], in.args[1], in.args[2]
	if x.kind == constant || (e.dies(in, y) && !e.dies(in, x)) {
		x, y = y, x
	}
	switch {
	case e.dies(in, z):
		right, left := e.operand(y), e.reg(x)
		e.line("%s231PS %s, Y%d, Y%d", name, right, left, e.reuse(in, z))
	case e.dies(in, x) && z.kind == constant:
		right, left := e.operand(z), e.reg(y)
		e.line("%s213PS %s, Y%d, Y%d", name, right, left, e.reuse(in, x))
	case e.dies(in, x):
		right, left := e.operand(y), e.reg(z)
		e.line("%s132PS %s, Y%d, Y%d", name, right, left, e.reuse(in, x))
	default:
		right, left, start := e.operand(y), e.reg(x), e.operand(z)
		d := e.result(in)
		e.line("VMOVUPS %s, Y%d", start, d)
		e.line("%s231PS %s, Y%d, Y%d", name, right, left, d)
	}
}

package main

import "fmt"

// arm64 writes NEON. Most instructions on four floats are macros of
// macros_arm64.h, because the assembler lacks them; their operands are in the
// order of the architecture's manual, result first.
type arm64 struct{}

func (arm64) registers() int { return 32 }

func (arm64) begin(e *emitter) {
	k := e.b.k
	offset := 8*len(k.slices) + 8
	size := offset + 4*len(k.scalars)
	if len(k.results) > 0 {
		size = (size+7)&^7 + 4*len(k.results)
	}
	fmt.Fprintf(e.s, "// func %sAsm(%s)%s\n", k.name, k.asmParams(), k.returns())
	fmt.Fprintf(e.s, "TEXT ·%sAsm(SB), NOSPLIT, $0-%d\n", k.name, size)
	for i, s := range k.slices {
		e.line("MOVD %s+%d(FP), R%d", s, 8*i, i)
	}
	e.line("MOVD n+%d(FP), R8", 8*len(k.slices))
	if e.constants {
		e.line("MOVD $constants<>(SB), R9")
	}
	for i, s := range k.scalars {
		e.line("FMOVS %s+%d(FP), F%d", s, offset+4*i, e.scalars[i])
		e.line("VDUP V%d.S[0], V%[1]d.S4", e.scalars[i])
	}
	for _, copies := range e.accs {
		for i, r := range copies {
			e.loadConstant(e, num(k.results[i].init()).bits, r)
		}
	}
	for _, bits := range e.inOrder() {
		e.loadConstant(e, bits, e.hoisted[bits])
	}
}

func (t arm64) end(e *emitter) {
	k := e.b.k
	if k.unroll > 1 {
		e.line("SUBS $%d, R8, R8", 4*k.unroll)
		e.line("BLT by4")
		e.line("PCALIGN $16")
		e.label("round")
		for i := range k.unroll {
			e.vector(i, false)
		}
		e.line("SUBS $%d, R8, R8", 4*k.unroll)
		e.line("BGE round")
		e.label("by4")
		e.line("ADD $%d, R8", 4*k.unroll)
	}
	e.line("SUBS $4, R8, R8")
	e.line("BLT tail")
	e.line("PCALIGN $16")
	e.label("vector")
	e.vector(0, false)
	e.line("SUBS $4, R8, R8")
	e.line("BGE vector")
	e.label("tail")
	e.line("ADDS $4, R8, R8")
	e.line("BEQ done")
	if len(k.results) > 0 {
		e.line("MOVW $-1, R10")
		e.line("FMOVS R10, F%d", e.maskReg) // clears the other lanes
	}
	e.label("single")
	e.vector(0, true)
	e.line("SUBS $1, R8, R8")
	e.line("BNE single")
	e.label("done")
	t.combine(e)
	e.line("RET\n")
}

func (t arm64) combine(e *emitter) {
	k := e.b.k
	at := (8*len(k.slices) + 8 + 4*len(k.scalars) + 7) &^ 7
	for i, r := range k.results {
		for step := 1; step < len(e.accs); step *= 2 {
			for c := 0; c+step < len(e.accs); c += 2 * step {
				t.merge(e, r.op, e.accs[c+step][i], e.accs[c][i])
			}
		}
		acc := e.accs[0][i]
		e.line("VEXT $8, V%d.B16, V%[1]d.B16, V0.B16", acc)
		t.merge(e, r.op, 0, acc)
		e.line("VEXT $4, V%d.B16, V%[1]d.B16, V0.B16", acc)
		t.merge(e, r.op, 0, acc)
		e.line("FMOVS F%d, %s+%d(FP)", acc, r.name, at+4*i)
	}
}

func (arm64) merge(e *emitter, op string, v, acc int) {
	e.line("%s(%d, %[2]d, %d)", mnemonicsARM[op], acc, v)
}

func (arm64) loadConstant(e *emitter, bits uint32, reg int) {
	if bits == 0 {
		e.line("VEOR V%d.B16, V%[1]d.B16, V%[1]d.B16", reg)
		return
	}
	e.constants = true
	e.line("FMOVQ %d(R9), F%d", 16*e.pool.index(bits), reg)
}

func (arm64) memory(instr, int) bool { return false }

var mnemonicsARM = map[string]string{
	"add": "FADD4", "sub": "FSUB4", "mul": "FMUL4", "div": "FDIV4", "ge": "FCMGE4", "gt": "FCMGT4",
	"max": "FMAX4", "min": "FMIN4", "maxAny": "FMAX4", "atLeast": "FMAX4", "atMost": "FMIN4",
	"and": "AND16", "or": "ORR16", "xor": "EOR16", "addInt": "ADD4", "subInt": "SUB4",
	"sqrt": "FSQRT4", "round": "FRINTN4", "floor": "FRINTM4", "ceil": "FRINTP4",
	"toInt": "FCVTNS4", "toFloat": "SCVTF4",
	"shiftLeft": "SHL4", "shiftRightSigned": "SSHR4",
}

func (t arm64) op(e *emitter, in instr) {
	name := mnemonicsARM[in.op]
	switch in.op {
	case "load":
		t.load(e, in.imm, e.result(in))
	case "store":
		reg := e.reg(in.args[0])
		if e.masked {
			e.line("FMOVS.P F%d, 4(R%d)", reg, in.imm)
		} else {
			e.line("VST1.P [V%d.S4], 16(R%d)", reg, in.imm)
		}
	case "collect", "collectProduct":
		t.collect(e, in)
	case "fma", "fnma":
		x, y := e.reg(in.args[0]), e.reg(in.args[1])
		name = map[string]string{"fma": "FMLA4", "fnma": "FMLS4"}[in.op]
		e.line("%s(%d, %d, %d)", name, t.overwrite(e, in, in.args[2]), x, y)
	case "pick":
		yes, no := e.reg(in.args[1]), e.reg(in.args[2])
		e.line("BSL16(%d, %d, %d)", t.overwrite(e, in, in.args[0]), yes, no)
	case "pickNegative":
		x, yes, no := e.reg(in.args[0]), e.reg(in.args[1]), e.reg(in.args[2])
		d := e.result(in)
		e.line("CMLTZ4(%d, %d)", d, x)
		e.line("BSL16(%d, %d, %d)", d, yes, no)
	case "shiftLeft", "shiftRightSigned":
		x := e.reg(in.args[0])
		e.line("%s(%d, %d, %d)", name, e.result(in), x, in.imm)
	case "sqrt", "round", "floor", "ceil", "toInt", "toFloat":
		x := e.reg(in.args[0])
		e.line("%s(%d, %d)", name, e.result(in), x)
	default:
		x, y := e.reg(in.args[0]), e.reg(in.args[1])
		e.line("%s(%d, %d, %d)", name, e.result(in), x, y)
	}
}

// overwrite is the register of in's result, holding v.
func (arm64) overwrite(e *emitter, in instr, v value) int {
	if e.dies(in, v) {
		return e.reuse(in, v)
	}
	from, d := e.reg(v), e.result(in)
	e.line("ORR16(%d, %d, %[2]d)", d, from)
	return d
}

// load moves the pointer on, unless a store to the same slice will.
func (arm64) load(e *emitter, s, reg int) {
	stay := e.b.stores(s)
	switch {
	case e.masked && stay:
		e.line("FMOVS (R%d), F%d", s, reg)
	case e.masked:
		e.line("FMOVS.P 4(R%d), F%d", s, reg)
	case stay:
		e.line("VLD1 (R%d), [V%d.S4]", s, reg)
	default:
		e.line("VLD1.P 16(R%d), [V%d.S4]", s, reg)
	}
}

// collect updates an accumulator, for a single element only its lane 0.
func (t arm64) collect(e *emitter, in instr) {
	acc := e.accs[e.copyNo][in.imm]
	x, d := e.reg(in.args[0]), acc
	if e.masked {
		d = e.temp()
		e.line("ORR16(%d, %d, %[2]d)", d, acc)
	}
	if in.op == "collectProduct" {
		e.line("FMLA4(%d, %d, %d)", d, x, e.reg(in.args[1]))
	} else {
		t.merge(e, e.b.k.results[in.imm].op, x, d)
	}
	if e.masked {
		e.line("BIT16(%d, %d, %d)", acc, d, e.maskReg)
	}
}

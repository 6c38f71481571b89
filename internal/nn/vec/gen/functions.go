package main

// The coefficients of this file are our own fits, weighted least squares
// iterated to near the least maximum of the relative error, computed with 50
// digits. The error that each comment states is that of the exact formula; the
// rounding of its evaluation is larger.

const (
	log2e   = 1.4426950408889634
	ln2High = 0.693145751953125 // 16 bits of ln(2): its product with an exponent is exact
	ln2Low  = 1.42860682030941723e-6
	signBit = 0x80000000
)

func functions() []kernel {
	return []kernel{
		unary("exp", 1, (*builder).exp),
		unary("log", 1, (*builder).log),
		unary("erf", 1, (*builder).erf),
		unary("tanh", 1, (*builder).tanh),
		unary("sigmoid", 1, (*builder).sigmoid),
		unary("gelu", 1, func(b *builder, x value) value {
			return b.gate(x, b.erf(b.mul(x, num(0.7071067811865476))))
		}),
		unary("geluTanh", 1, func(b *builder, x value) value {
			cubic := b.fma(b.mul(x, x), num(0.044715*0.7978845608028654), num(0.7978845608028654))
			return b.gate(x, b.tanh(b.mul(x, cubic)))
		}),
		unary("quickGelu", 1, func(b *builder, x value) value {
			return b.mul(x, b.sigmoid(b.mul(x, b.scalar(0))))
		}, "alpha"),
		unary("hardSwish", 4, func(b *builder, x value) value {
			return b.mul(x, b.unit(b.fma(x, num(1.0/6), num(0.5))))
		}),
		unary("hardSigmoid", 4, func(b *builder, x value) value {
			return b.unit(b.fma(x, b.scalar(0), b.scalar(1)))
		}, "alpha", "beta"),
		unary("leakyRelu", 4, func(b *builder, x value) value {
			return b.pickNegative(x, b.mul(x, b.scalar(0)), x)
		}, "alpha"),
		unary("elu", 1, func(b *builder, x value) value {
			return b.pickNegative(x, b.mul(b.expm1(b.atMost(b.atLeast(x, num(-87)), num(0))), b.scalar(0)), x)
		}, "alpha"),
		unary("softplus", 1, (*builder).softplus),
		unary("mish", 1, (*builder).mish),
	}
}

// gate is 0.5x * (1 + y).
func (b *builder) gate(x, y value) value {
	half := b.mul(x, num(0.5))
	return b.fma(half, y, half)
}

// unit bounds x to [0, 1].
func (b *builder) unit(x value) value { return b.atMost(b.atLeast(x, num(0)), num(1)) }

// reduce splits x into n*ln(2) + r with a whole n and |r| up to half of ln(2).
// tail is e^r - 1, from r + r*r*poly(r): 3e-9.
func (b *builder) reduce(x value) (n, tail value) {
	n = b.round(b.mul(x, num(log2e)))
	r := b.fnma(n, num(ln2High), x)
	r = b.fnma(n, num(ln2Low), r)
	p := b.poly(r, 0.5000000095, 0.1666651885, 0.04166620665, 0.00836888692, 0.001395043015)
	return n, b.fma(b.mul(r, r), p, r)
}

// power is 2^n for an integer n from -126 to 127.
func (b *builder) power(n value) value {
	return b.shiftLeft(b.addInt(n, bits(127)), 23)
}

// exp is e^x for every x. The power of two comes in two factors, since it may be
// too large for one, or the result denormal.
func (b *builder) exp(x value) value {
	n, tail := b.reduce(b.atMost(b.atLeast(x, num(-104)), num(88.8)))
	n = b.toInt(n)
	first := b.shiftRightSigned(n, 1)
	e := b.mul(b.add(tail, num(1)), b.power(first))
	return b.mul(e, b.power(b.subInt(n, first)))
}

// expNotPositive is e^x for x up to 0: exactly 0 below -87.33, where e^x would be
// denormal, so that adding to the exponent does for the power of two.
func (b *builder) expNotPositive(x value) value {
	n, tail := b.reduce(b.atLeast(x, num(-87.33)))
	e := b.addInt(b.add(tail, num(1)), b.shiftLeft(b.toInt(n), 23))
	return b.pick(b.gt(num(-87.33), x), num(0), e)
}

// expm1 is e^x - 1 for x from -87 to 0, to full precision near 0: 2^n*tail plus
// 2^n-1.
func (b *builder) expm1(x value) value {
	n, tail := b.reduce(x)
	power := b.power(b.toInt(n))
	return b.fma(power, tail, b.sub(power, num(1)))
}

// expOfMinusAbs is e^-|x|.
func (b *builder) expOfMinusAbs(x value) value { return b.expNotPositive(b.or(x, bits(signBit))) }

// sigmoid is e/(1+e) for negative x and 1/(1+e) for others, with e = e^-|x|.
func (b *builder) sigmoid(x value) value {
	e := b.expOfMinusAbs(x)
	return b.div(b.pickNegative(x, e, num(1)), b.add(e, num(1)))
}

// tanh is -t / (2+t) with t = e^(-2|x|) - 1 and the sign of x. In float32 it is 1
// from 9.011 on, and so is this.
func (b *builder) tanh(x value) value {
	size := b.atMost(b.abs(x), num(9.1))
	t := b.expm1(b.mul(size, num(-2)))
	y := b.div(t, b.add(t, num(2)))
	return b.or(b.abs(y), b.sign(x))
}

// erf is 1 - e^(-x*poly(x)) with the sign of x: 4e-9. In float32 it is 1 from
// 3.92 on, and so is this.
func (b *builder) erf(x value) value {
	size := b.atMost(b.abs(x), num(3.95))
	p := b.poly(size, 1.128379172, 0.6366193828, 0.1027778206, -0.01915302174, -0.0001604819224, 0.001667120209,
		-0.000632891067, 0.0001176573907, -9.25816829e-6)
	y := b.expm1(b.xor(b.mul(size, p), bits(signBit)))
	return b.or(b.abs(y), b.sign(x))
}

// softplus is max(x, 0) + log(1+e) with e = e^-|x|, and log(1+e) is e*poly(e) on
// [0, 1]: 7.4e-10.
func (b *builder) softplus(x value) value {
	e := b.expOfMinusAbs(x)
	p := b.poly(e, 0.9999999993, -0.4999998141, 0.3333255878, -0.2498726004, 0.1989067766, -0.1610543085,
		0.1241784533, -0.08243346396, 0.04147119742, -0.01340422849, 0.002029582204)
	return b.fma(e, p, b.atLeast(x, num(0)))
}

// mish is x*n/d: tanh(log(1+a)) = (a*a+2a) / (a*a+2a+2), here for a = e^x, with
// e = e^-|x|, and multiplied with e*e where x is positive.
func (b *builder) mish(x value) value {
	e := b.expOfMinusAbs(x)
	n := b.pickNegative(x, b.mul(e, b.add(e, num(2))), b.fma(e, num(2), num(1)))
	rest := b.pickNegative(x, num(2), b.mul(b.mul(e, e), num(2)))
	return b.mul(x, b.div(n, b.add(n, rest)))
}

// log splits x into 2^n * (1+f) with 1+f between the roots of 1/2 and 2, and
// takes n*ln(2) + f - f*f/2 + f*f*f*poly(f): 7.5e-10.
func (b *builder) log(x value) value {
	denormal := b.gt(num(0x1p-126), x)
	scaled := b.pick(denormal, b.mul(x, num(0x1p23)), x)
	// Subtracting the bits of the root of 1/2 leaves n in the exponent.
	offset := b.subInt(scaled, bits(0x3f3504f3))
	n := b.toFloat(b.shiftRightSigned(offset, 23))
	n = b.sub(n, b.and(denormal, num(23)))
	f := b.sub(b.addInt(b.and(offset, bits(0x7fffff)), bits(0x3f3504f3)), num(1))
	p := b.poly(f, 0.3333331246, -0.2500000904, 0.2000212578, -0.1666802561, 0.1421945483, -0.1240508789,
		0.1188831908, -0.1167835097, 0.06749430775)
	square := b.mul(f, f)
	y := b.fma(b.mul(square, f), p, b.mul(n, num(ln2Low)))
	y = b.fnma(square, num(0.5), y)
	y = b.add(f, y)
	y = b.fma(n, num(ln2High), y)
	// Outside the positive finite numbers: x itself for +Inf and NaN, -Inf for
	// zeros, NaN below.
	y = b.pick(b.gt(num(posInf), x), y, x)
	y = b.pick(b.gt(num(0), x), bits(0x7fc00000), y)
	return b.pick(b.ge(num(0), b.abs(x)), num(negInf), y)
}

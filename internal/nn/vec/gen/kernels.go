package main

// kernels lists every generated kernel.
func kernels() []kernel {
	var ks []kernel
	for _, group := range [][]kernel{functions(), arithmetic(), reductions(), softmaxes(), norms(), cells()} {
		ks = append(ks, group...)
	}
	return ks
}

// unary is a kernel of one input whose vectors go through f.
func unary(name string, unroll int, f func(b *builder, x value) value, scalars ...string) kernel {
	return kernel{name: name, slices: []string{"dst", "x"}, scalars: scalars, unroll: unroll,
		body: func(b *builder) { b.store(0, f(b, b.load(1))) }}
}

// binary is the same of two inputs.
func binary(name string, f func(b *builder, x, y value) value) kernel {
	return kernel{name: name, slices: []string{"dst", "a", "b"}, unroll: 4,
		body: func(b *builder) { b.store(0, f(b, b.load(1), b.load(2))) }}
}

func simple(op string) func(b *builder, x, y value) value {
	return func(b *builder, x, y value) value { return b.do(op, x, y) }
}

func rounding(op string) func(b *builder, x value) value {
	return func(b *builder, x value) value { return b.do(op, x) }
}

func arithmetic() []kernel {
	return []kernel{
		binary("add", simple("add")),
		binary("sub", simple("sub")),
		binary("mul", simple("mul")),
		binary("div", simple("div")),
		binary("max", simple("max")),
		binary("min", simple("min")),
		unary("addScalar", 4, func(b *builder, x value) value { return b.add(x, b.scalar(0)) }, "s"),
		unary("mulScalar", 4, func(b *builder, x value) value { return b.mul(x, b.scalar(0)) }, "s"),
		unary("subFromScalar", 4, func(b *builder, x value) value { return b.sub(b.scalar(0), x) }, "s"),
		unary("divScalar", 4, func(b *builder, x value) value { return b.div(b.scalar(0), x) }, "s"),
		unary("subTwice", 4, func(b *builder, x value) value {
			return b.sub(b.sub(x, b.scalar(0)), b.scalar(1))
		}, "a", "b"),
		unary("clip", 4, func(b *builder, x value) value {
			return b.atMost(b.atLeast(x, b.scalar(0)), b.scalar(1))
		}, "lo", "hi"),
		unary("relu", 4, func(b *builder, x value) value { return b.atLeast(x, num(0)) }),
		unary("abs", 4, (*builder).abs),
		unary("neg", 4, func(b *builder, x value) value { return b.xor(x, bits(0x80000000)) }),
		unary("reciprocal", 4, func(b *builder, x value) value { return b.div(num(1), x) }),
		unary("sqrt", 4, rounding("sqrt")),
		unary("floor", 4, rounding("floor")),
		unary("ceil", 4, rounding("ceil")),
		unary("round", 4, rounding("round")),
		{name: "mulAdd", slices: []string{"dst", "x", "scale", "shift"}, unroll: 4, body: func(b *builder) {
			b.store(0, b.fma(b.load(1), b.load(2), b.load(3)))
		}},
		{name: "axpy", slices: []string{"dst", "x"}, scalars: []string{"a"}, unroll: 4, body: func(b *builder) {
			b.store(0, b.fma(b.load(1), b.scalar(0), b.load(0)))
		}},
		{name: "max4", slices: []string{"dst", "a", "b", "c", "d"}, unroll: 2, body: func(b *builder) {
			x := b.do("max", b.load(1), b.load(2))
			b.store(0, b.do("max", x, b.do("max", b.load(3), b.load(4))))
		}},
		{name: "sum4", slices: []string{"dst", "a", "b", "c", "d"}, unroll: 2, body: func(b *builder) {
			b.store(0, b.add(b.add(b.load(1), b.load(2)), b.add(b.load(3), b.load(4))))
		}},
	}
}

func reductions() []kernel {
	sum := []result{{"sum", "add"}}
	hi, lo := result{"hi", "max"}, result{"lo", "min"}
	self := func(b *builder) { b.collect(0, b.load(0)) }
	return []kernel{
		{name: "sum", slices: []string{"x"}, results: sum, unroll: 4, body: self},
		{name: "sumSquares", slices: []string{"x"}, results: sum, unroll: 4, body: func(b *builder) {
			b.collectProduct(0, b.load(0), b.load(0))
		}},
		{name: "sumSquaredDiff", slices: []string{"x"}, scalars: []string{"mean"}, results: sum, unroll: 4,
			body: func(b *builder) {
				d := b.sub(b.load(0), b.scalar(0))
				b.collectProduct(0, d, d)
			}},
		{name: "dot", slices: []string{"a", "b"}, results: sum, unroll: 4, body: func(b *builder) {
			b.collectProduct(0, b.load(0), b.load(1))
		}},
		{name: "maxOf", slices: []string{"x"}, results: []result{hi}, unroll: 4, body: self},
		{name: "minOf", slices: []string{"x"}, results: []result{lo}, unroll: 4, body: self},
		{name: "minMax", slices: []string{"x"}, results: []result{lo, hi}, unroll: 4, body: func(b *builder) {
			b.collect(0, b.load(0))
			b.collect(1, b.load(0))
		}},
	}
}

func softmaxes() []kernel {
	sum, highest := []result{{"sum", "add"}}, []result{{"hi", "maxAny"}}
	return []kernel{
		{name: "maxScaled", slices: []string{"x"}, scalars: []string{"scale"}, results: highest, unroll: 4,
			body: func(b *builder) { b.collect(0, b.mul(b.load(0), b.scalar(0))) }},
		{name: "maxMasked", slices: []string{"x", "mask"}, scalars: []string{"scale"}, results: highest, unroll: 4,
			body: func(b *builder) { b.collect(0, b.add(b.mul(b.load(0), b.scalar(0)), b.load(1))) }},
		{name: "expSum", slices: []string{"dst", "x"}, scalars: []string{"scale", "highest"}, results: sum,
			body: func(b *builder) {
				e := b.expNotPositive(b.sub(b.mul(b.load(1), b.scalar(0)), b.scalar(1)))
				b.store(0, e)
				b.collect(0, e)
			}},
		{name: "expSumMasked", slices: []string{"dst", "x", "mask"}, scalars: []string{"scale", "highest"},
			results: sum, body: func(b *builder) {
				x := b.add(b.mul(b.load(1), b.scalar(0)), b.load(2))
				e := b.expNotPositive(b.sub(x, b.scalar(1)))
				b.store(0, e)
				b.collect(0, e)
			}},
		{name: "sumExp", slices: []string{"x"}, scalars: []string{"highest"}, results: sum, body: func(b *builder) {
			b.collect(0, b.expNotPositive(b.sub(b.load(0), b.scalar(0))))
		}},
	}
}

func norms() []kernel {
	sum := []result{{"sum", "add"}}
	moments := []string{"mean", "inv"}
	normal := func(b *builder) value { return b.mul(b.sub(b.load(1), b.scalar(0)), b.scalar(1)) }
	return []kernel{
		{name: "addSum", slices: []string{"dst", "x", "r"}, results: sum, unroll: 4, body: func(b *builder) {
			v := b.add(b.load(1), b.load(2))
			b.store(0, v)
			b.collect(0, v)
		}},
		{name: "addBiasSum", slices: []string{"dst", "x", "r", "bias"}, results: sum, unroll: 4,
			body: func(b *builder) {
				v := b.add(b.add(b.load(1), b.load(2)), b.load(3))
				b.store(0, v)
				b.collect(0, v)
			}},
		{name: "norm", slices: []string{"dst", "x"}, scalars: moments, unroll: 4,
			body: func(b *builder) { b.store(0, normal(b)) }},
		{name: "normGamma", slices: []string{"dst", "x", "gamma"}, scalars: moments, unroll: 4,
			body: func(b *builder) { b.store(0, b.mul(normal(b), b.load(2))) }},
		{name: "normGammaBeta", slices: []string{"dst", "x", "gamma", "beta"}, scalars: moments, unroll: 4,
			body: func(b *builder) { b.store(0, b.fma(normal(b), b.load(2), b.load(3))) }},
		{name: "scaleMul", slices: []string{"dst", "x", "gamma"}, scalars: []string{"s"}, unroll: 4,
			body: func(b *builder) { b.store(0, b.mul(b.mul(b.load(1), b.scalar(0)), b.load(2))) }},
	}
}

func cells() []kernel {
	return []kernel{
		{name: "lstm", slices: []string{"h", "c", "in", "out", "forget", "cell"}, body: func(b *builder) {
			c := b.mul(b.sigmoid(b.load(4)), b.load(1))
			c = b.fma(b.sigmoid(b.load(2)), b.tanh(b.load(5)), c)
			b.store(1, c)
			b.store(0, b.mul(b.sigmoid(b.load(3)), b.tanh(c)))
		}},
		{name: "gru", slices: []string{"h", "inZ", "inR", "inC", "recZ", "recR", "recC"}, body: func(b *builder) {
			r := b.sigmoid(b.add(b.load(2), b.load(5)))
			n := b.tanh(b.fma(r, b.load(6), b.load(3)))
			z := b.sigmoid(b.add(b.load(1), b.load(4)))
			b.store(0, b.fma(z, b.sub(b.load(0), n), n))
		}},
	}
}

package testmodel

import (
	"math"
	"slices"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// choices are what a random graph is made of. Each adds something, or reports that
// it cannot.
var choices = []func(r *random) bool{
	unary, unary, unary, binary, binary, binary, jump, choose, reduction, softmax, softmax, layerNorm, layerNormByMeans,
	layerNormByMeans, product, product, gemm, gelu, gate, headed, conv, conv, conv, convTransposed, pool, globalPool, batchNorm,
	instanceNorm, resize, depth, transpose, transpose, reshape, flatten, squeeze, unsqueeze, concat, slice, gather, split,
	expand, tile, pad, byShape, topK, cumulative, integers,
}

func unary(r *random) bool {
	v, _ := r.pick(nil)
	types := []string{"Abs", "Neg", "Relu", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Erf", "Softplus", "Softsign",
		"HardSigmoid", "Sin", "Cos", "Identity", "Dropout", "Relu", "Sigmoid", "Tanh"}
	if r.opset >= 14 {
		types = append(types, "HardSwish")
	}
	if r.opset >= 18 {
		types = append(types, "Mish")
	}
	typ := types[r.rng.IntN(len(types))]
	var a []onnxpb.Attribute
	if typ == "LeakyRelu" || typ == "Elu" || typ == "HardSigmoid" {
		a = attrs(onnxpb.FloatAttr("alpha", []float32{0.1, 1.0 / 6, 0.3}[r.rng.IntN(3)]))
	}
	if r.chance(12) {
		return r.keep(v, "Clip", nil, []string{"", r.scalar("", -1)}[r.rng.IntN(2)], r.scalar("", 1.5))
	}
	return r.keep(v, typ, a)
}

// partner is something that broadcasts to the shape of v.
func (r *random) partner(v value) string {
	if w, ok := r.pick(func(w value) bool { return slices.Equal(w.shape, v.shape) && w.name != v.name }); ok && r.chance(2) {
		return w.name
	}
	shape := slices.Clone(v.shape)
	switch r.rng.IntN(5) {
	case 0:
		return r.numberFor(v, 0.5)
	case 1:
		shape = shape[r.rng.IntN(len(shape)+1):]
	case 2: // one number for each element of one dimension
		at := r.rng.IntN(len(shape) + 1)
		for i := range shape {
			if i != at {
				shape[i] = 1
			}
		}
		if r.chance(2) && at < len(shape) {
			shape = shape[at:]
		}
	case 3:
		for i := range shape {
			if r.chance(2) {
				shape[i] = 1
			}
		}
	}
	return r.around("", 0.3, 0.5, shape...)
}

func binary(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 0 })
	if !ok {
		return false
	}
	typ := []string{"Add", "Add", "Add", "Mul", "Mul", "Sub", "Max", "Min", "Div", "PRelu"}[r.rng.IntN(10)]
	if typ == "Div" {
		return r.keep(v, typ, nil, r.around("", 4, 0.5, v.last()))
	}
	other := r.partner(v)
	if r.chance(2) && typ != "PRelu" {
		return r.give(r.Op(typ, other, v.name), v.shape, false)
	}
	return r.keep(v, typ, nil, other)
}

// jump adds an operator that a small change of its input changes much.
func jump(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.exact && v.rank() > 0 })
	if !ok {
		return false
	}
	if r.chance(2) {
		return r.keep(v, []string{"Floor", "Ceil", "Round", "Sign"}[r.rng.IntN(4)], nil)
	}
	at, keep := r.rng.IntN(v.rank()), r.rng.IntN(2)
	y := r.OpWith([]string{"ArgMax", "ArgMin"}[r.rng.IntN(2)],
		attrs(onnxpb.IntAttr("axis", int64(r.sign(at, v.rank()))), onnxpb.IntAttr("keepdims", int64(keep))), v.name)
	return r.give(r.float(y), reduced(v.shape, keep == 1, at), false)
}

// float casts a value to float32.
func (r *random) float(name string) string {
	return r.OpWith("Cast", attrs(onnxpb.IntAttr("to", int64(onnxpb.Float))), name)
}

// choose adds a Where.
func choose(r *random) bool {
	c, ok := r.pick(func(v value) bool { return v.exact && v.rank() > 0 })
	if !ok {
		return false
	}
	v, ok := r.pick(func(v value) bool { return slices.Equal(v.shape, c.shape) })
	if !ok {
		return false
	}
	test := r.Op([]string{"Greater", "Less"}[r.rng.IntN(2)], c.name, r.scalar("", 0.125))
	if r.chance(2) {
		test = r.Op("Not", test)
	}
	return r.give(r.Op("Where", test, v.name, r.partner(v)), v.shape, false)
}

// reduced is a shape without some of its dimensions.
func reduced(shape []int, keep bool, axes ...int) []int {
	out := []int{}
	for i, d := range shape {
		switch {
		case !slices.Contains(axes, i):
			out = append(out, d)
		case keep:
			out = append(out, 1)
		}
	}
	return out
}

func reduction(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 0 })
	if !ok {
		return false
	}
	var axes, named []int
	for i := range v.shape {
		if r.chance(2) {
			axes, named = append(axes, i), append(named, r.sign(i, v.rank()))
		}
	}
	if len(axes) == 0 {
		return false
	}
	keep := r.rng.IntN(2)
	typ := []string{"ReduceMean", "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceLogSumExp"}[r.rng.IntN(7)]
	k := onnxpb.IntAttr("keepdims", int64(keep))
	y := ""
	if r.opset >= 18 || typ == "ReduceSum" && r.opset >= 13 {
		y = r.OpWith(typ, attrs(k), v.name, r.list(named...))
	} else {
		y = r.OpWith(typ, attrs(k, intsOf("axes", named...)), v.name)
	}
	if typ == "ReduceSum" {
		y = r.Op("Mul", y, r.scalar("", 0.125))
	}
	return r.give(y, reduced(v.shape, keep == 1, axes...), false)
}

func softmax(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 0 })
	if !ok {
		return false
	}
	at := r.sign(r.rng.IntN(v.rank()), v.rank())
	return r.keep(v, []string{"Softmax", "LogSoftmax"}[r.rng.IntN(2)], attrs(onnxpb.IntAttr("axis", int64(at))))
}

func layerNorm(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 1 })
	if !ok || r.opset < 17 {
		return false
	}
	if w, ok := r.pick(func(w value) bool { return slices.Equal(w.shape, v.shape) }); ok && r.chance(2) {
		sum := r.op(v, "Add", nil, w.name)
		if r.chance(2) {
			r.give(sum.name, sum.shape, false)
		}
		v = sum
	}
	at := v.rank() - 1
	if r.chance(4) {
		at = r.rng.IntN(v.rank())
	}
	shape := v.shape[at:]
	in := []string{r.around("", 1, 0.2, shape...)}
	if r.chance(2) {
		in = append(in, r.normal("", 0.2, shape...))
	}
	return r.keep(v, "LayerNormalization", attrs(onnxpb.IntAttr("axis", int64(r.sign(at, v.rank()))), onnxpb.FloatAttr("epsilon", 1e-3)), in...)
}

// mean is over one axis, the last but for a few.
func (r *random) mean(v value, axis int) string {
	k := onnxpb.IntAttr("keepdims", 1)
	if r.opset >= 18 {
		return r.OpWith("ReduceMean", attrs(k), v.name, r.list(axis))
	}
	return r.OpWith("ReduceMean", attrs(k, intsOf("axes", axis)), v.name)
}

func layerNormByMeans(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 1 })
	if !ok {
		return false
	}
	axis, other := -1, -1
	if r.chance(4) {
		axis = r.rng.IntN(v.rank())
	}
	if r.chance(6) {
		other = r.rng.IntN(v.rank())
	}
	d := r.op(v, "Sub", nil, r.mean(v, axis))
	square := r.op(d, "Pow", nil, r.numberFor(v, 2))
	if r.chance(2) {
		square = r.op(d, "Mul", nil, d.name)
	}
	root := r.Op("Sqrt", r.Op("Add", r.mean(square, other), r.number(1e-3)))
	y := r.op(d, "Div", nil, root)
	if r.chance(6) {
		r.give(y.name, y.shape, false)
	}
	if r.chance(6) {
		r.give(d.name, d.shape, false)
	}
	if r.chance(2) {
		y = r.op(y, "Mul", nil, r.partner(y))
	}
	if r.chance(2) {
		y = r.op(y, "Add", nil, r.partner(y))
	}
	return r.give(y.name, y.shape, false)
}

// gelu writes GELU out, right but for now and then.
func gelu(r *random) bool {
	v, _ := r.pick(nil)
	half, one := float32(0.5), float32(1)
	if r.chance(8) {
		half = 0.7
	}
	if r.chance(8) {
		one = 1.5
	}
	e := r.op(v, "Erf", nil)
	if r.chance(2) {
		e = r.op(r.op(v, "Div", nil, r.numberFor(v, math.Sqrt2)), "Erf", nil)
	} else if r.chance(2) {
		cube := r.op(r.op(v, "Mul", nil, r.op(v, "Mul", nil, v.name).name), "Mul", nil, r.numberFor(v, 0.044715))
		e = r.op(r.op(r.op(v, "Add", nil, cube.name), "Mul", nil, r.numberFor(v, 0.7978846)), "Tanh", nil)
	}
	e = r.op(e, "Add", nil, r.numberFor(v, one))
	if r.chance(6) {
		r.give(e.name, e.shape, false)
	}
	if r.chance(2) {
		return r.keep(r.op(v, "Mul", nil, e.name), "Mul", nil, r.numberFor(v, half))
	}
	return r.keep(r.op(v, "Mul", nil, r.numberFor(v, half)), "Mul", nil, e.name)
}

// gate multiplies a value with a function of it, or of another.
func gate(r *random) bool {
	v, _ := r.pick(nil)
	w := v
	if r.chance(5) {
		w, _ = r.pick(func(w value) bool { return slices.Equal(w.shape, v.shape) })
	}
	switch r.rng.IntN(4) {
	case 0:
		w = r.op(w, "Sigmoid", nil)
	case 1:
		w = r.op(r.op(w, "Mul", nil, r.numberFor(v, 1.702)), "Sigmoid", nil)
	case 2:
		w = r.op(w, "HardSigmoid", attrs(onnxpb.FloatAttr("alpha", []float32{1.0 / 6, 0.2}[r.rng.IntN(2)])))
	default:
		w = r.op(r.op(w, "Add", nil, r.numberFor(v, 3)), "Clip", nil, r.scalar("", 0), r.scalar("", 6))
		w = r.op(w, "Div", nil, r.numberFor(v, 6))
	}
	if r.chance(6) {
		r.give(w.name, w.shape, false)
	}
	return r.keep(v, "Mul", nil, w.name)
}

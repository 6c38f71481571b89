package testmodel

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Sample is a valid random graph with inputs that it takes.
type Sample struct {
	Model *onnxpb.Model

	// Shapes are those of the inputs, in order. All inputs are float32; values of
	// a few units, none of them 0, keep what the graph computes in that range.
	Shapes [][]int
}

// RandomGraph returns a graph of some size operators that the seed chooses, with
// their attributes and the shapes of what they work on: element-wise operators and
// reductions, products, convolutions, pools, normalisations, what moves elements,
// and the patterns that exporters write, each now and then with something in it
// that is not as usual. Operators that jump (Floor, ArgMax) work on inputs only, so
// that rounding does not change results much.
func RandomGraph(seed uint64, size int) Sample {
	r := &random{net: newNet("random", seed)}
	r.opset = []int64{11, 13, 17, 17, 18}[r.rng.IntN(5)]
	var s Sample
	for i := range 1 + r.rng.IntN(2) {
		s.Shapes = append(s.Shapes, r.input(string(rune('x'+i))))
	}
	for done, tries := 0, 0; done < size && tries < 40*size; tries++ {
		if choices[r.rng.IntN(len(choices))](r) {
			done++
		}
	}
	r.outputs()
	s.Model = r.Model(r.opset)
	return s
}

// random is a graph being made.
type random struct {
	net
	opset  int64
	values []value
	named  int // names given to outputs
}

// value is a float32 tensor in the graph.
type value struct {
	name  string
	shape []int
	exact bool // an element of an input each, so that no rounding is in it
	read  bool
}

func (v value) rank() int { return len(v.shape) }

func (v value) last() int { return v.shape[len(v.shape)-1] }

// input adds an input whose dimensions are partly free.
func (r *random) input(name string) []int {
	shape := [][]int{{r.size(1, 3), r.size(1, 9), 8}, {r.size(1, 3), r.size(1, 5), r.size(3, 9), r.size(3, 9)},
		{r.size(1, 6), r.size(1, 9)}, {r.size(1, 3), r.size(1, 4), r.size(4, 11)}}[r.rng.IntN(4)]
	dims := make([]onnxpb.Dim, len(shape))
	for i, n := range shape {
		dims[i] = onnxpb.FixedDim(int64(n))
		if r.rng.IntN(3) == 0 {
			dims[i] = onnxpb.FreeDim(name + string(rune('a'+i)))
		}
	}
	r.values = append(r.values, value{name: r.Input(name, onnxpb.Float, dims...), shape: shape, exact: true})
	return shape
}

// outputs declares what nobody reads, and now and then something that is read.
func (r *random) outputs() {
	g := r.Graph()
	for _, v := range r.values[len(g.Inputs):] {
		if v.read && r.rng.IntN(8) > 0 {
			continue
		}
		r.Output(v.name, onnxpb.Float, make([]onnxpb.Dim, v.rank())...)
	}
}

// size is a number in [lo, hi].
func (r *random) size(lo, hi int) int { return lo + r.rng.IntN(hi-lo+1) }

// chance is true once in n times.
func (r *random) chance(n int) bool { return r.rng.IntN(n) == 0 }

// pick returns a value that ok accepts, rather one of the latest.
func (r *random) pick(ok func(v value) bool) (value, bool) {
	var fit []int
	for i, v := range r.values {
		if ok == nil || ok(v) {
			fit = append(fit, i)
		}
	}
	if len(fit) == 0 {
		return value{}, false
	}
	at := fit[len(fit)-1]
	if r.chance(3) {
		at = fit[r.rng.IntN(len(fit))]
	}
	r.values[at].read = true
	return r.values[at], true
}

// most is the largest number of elements of a value.
const most = 1 << 14

// give adds a value that the graph has computed; too large ones are forgotten.
func (r *random) give(name string, shape []int, exact bool) bool {
	n := 1
	for _, d := range shape {
		n *= d
	}
	if n == 0 || n > most || len(shape) > 6 {
		return false
	}
	r.values = append(r.values, value{name: name, shape: slices.Clone(shape), exact: exact})
	return true
}

// op adds an operator on v and possibly more that keeps v's shape.
func (r *random) op(v value, typ string, a []onnxpb.Attribute, more ...string) value {
	return value{name: r.OpWith(typ, a, append([]string{v.name}, more...)...), shape: v.shape}
}

// keep is op and give.
func (r *random) keep(v value, typ string, a []onnxpb.Attribute, more ...string) bool {
	y := r.op(v, typ, a, more...)
	return r.give(y.name, y.shape, false)
}

// number is a scalar, now and then written as a tensor with dimensions.
func (r *random) number(x float32) string {
	dims := [][]int64{nil, nil, nil, {1}, {1, 1}}[r.rng.IntN(5)]
	return r.Weight(onnxpb.NewTensor("", []float32{x}, dims...))
}

// numberFor is number for an operand of v, to whose shape it adds no dimension.
func (r *random) numberFor(v value, x float32) string {
	if v.rank() < 2 {
		return r.scalar("", x)
	}
	return r.number(x)
}

// list adds a tensor of int64.
func (r *random) list(v ...int) string {
	all := make([]int64, len(v))
	for i, x := range v {
		all[i] = int64(x)
	}
	return r.ints("", all...)
}

// intsOf is an attribute of integers.
func intsOf(name string, v ...int) onnxpb.Attribute {
	all := make([]int64, len(v))
	for i, x := range v {
		all[i] = int64(x)
	}
	return onnxpb.IntsAttr(name, all...)
}

// sign is axis, now and then counted from the end.
func (r *random) sign(axis, rank int) int {
	if r.chance(2) {
		return axis - rank
	}
	return axis
}

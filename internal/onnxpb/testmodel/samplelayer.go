package testmodel

import (
	"math"
	"slices"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// product multiplies with a matrix, of constants or not.
func product(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 1 })
	if !ok {
		return false
	}
	k := v.last()
	if w, ok := r.pick(func(w value) bool { return w.rank() == v.rank() && slices.Equal(w.shape, v.shape) }); ok && r.chance(4) {
		perm := make([]int, v.rank())
		for i := range perm {
			perm[i] = i
		}
		perm[v.rank()-1], perm[v.rank()-2] = v.rank()-2, v.rank()-1
		shape := slices.Clone(v.shape)
		shape[v.rank()-1] = v.shape[v.rank()-2]
		y := r.Op("MatMul", v.name, r.OpWith("Transpose", attrs(intsOf("perm", perm...)), w.name))
		return r.give(r.Op("Mul", y, r.scalar("", 0.25)), shape, false)
	}
	n := r.size(1, 20)
	shape := append(slices.Clone(v.shape[:v.rank()-1]), n)
	dims := []int{k, n}
	if r.chance(6) {
		dims = []int{1, k, n}
		if v.rank() == 2 {
			shape = append([]int{1}, shape...)
		}
	}
	y := value{name: r.Op("MatMul", v.name, r.normal("", 1/math.Sqrt(float64(k)), dims...)), shape: shape}
	if r.chance(2) {
		y = r.op(y, "Add", nil, r.partner(y))
	}
	return r.give(y.name, y.shape, false)
}

func gemm(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() == 2 })
	if !ok {
		return false
	}
	n, ta, tb := r.size(1, 9), r.rng.IntN(4)/3, r.rng.IntN(2)
	m, k := v.shape[0], v.shape[1]
	if ta == 1 {
		m, k = k, m
	}
	dims := []int{k, n}
	if tb == 1 {
		dims = []int{n, k}
	}
	in := []string{v.name, r.normal("", 1/math.Sqrt(float64(k)), dims...)}
	if r.chance(2) {
		bias := [][]int{{n}, {1, n}, {m, 1}, {1}, {m, n}}[r.rng.IntN(5)]
		in = append(in, r.normal("", 0.3, bias...))
	}
	a := attrs(onnxpb.IntAttr("transA", int64(ta)), onnxpb.IntAttr("transB", int64(tb)))
	if r.chance(3) {
		a = append(a, onnxpb.FloatAttr("alpha", 0.5), onnxpb.FloatAttr("beta", 0.25))
	}
	return r.give(r.OpWith("Gemm", a, in...), []int{m, n}, false)
}

// headed is attention over a value of 8 columns, as exporters write it, but for now
// and then.
func headed(r *random) bool {
	x, ok := r.pick(func(v value) bool { return v.rank() == 3 && v.last() == 8 })
	if !ok {
		return false
	}
	y, kv := x, x
	if r.chance(5) {
		kv, _ = r.pick(func(v value) bool { return v.rank() == 3 && v.last() == 8 && v.shape[0] == x.shape[0] })
	}
	b, s := x.shape[0], x.shape[1]
	head := func(v value, perm ...int) string {
		p := r.Op("Add", r.Op("MatMul", v.name, r.normal("", 0.35, 8, 8)), r.normal("", 0.2, 8))
		return r.OpWith("Transpose", attrs(intsOf("perm", perm...)), r.Op("Reshape", p, r.list(0, []int{0, -1}[r.rng.IntN(2)], 2, 4)))
	}
	q, k, v := head(y, 0, 2, 1, 3), head(kv, 0, 2, 3, 1), head(kv, 0, 2, 1, 3)
	if r.chance(3) {
		q = r.Op("Mul", q, r.number(0.5))
	}
	scores := r.Op("Div", r.Op("MatMul", q, k), r.number(2))
	if r.chance(2) {
		masks := [][]int{{1, 1, 1, kv.shape[1]}, {s, kv.shape[1]}, {b, 1, 1, kv.shape[1]}, {2, s, kv.shape[1]}, {kv.shape[1]}}
		if b == 1 && r.chance(3) {
			b = 2
			masks = [][]int{{2, 1, 1, kv.shape[1]}} // more scores than there are products
		}
		scores = r.Op("Add", scores, r.normal("", 1, masks[r.rng.IntN(len(masks))]...))
	}
	axis := int64(-1)
	if r.chance(8) {
		axis = 2
	}
	if r.opset < 13 && axis == -1 {
		axis = 3
	}
	a := r.Op("MatMul", r.OpWith("Softmax", attrs(onnxpb.IntAttr("axis", axis)), scores), v)
	if r.chance(8) {
		r.give(a, []int{b, 2, s, 4}, false)
	}
	t := r.OpWith("Transpose", attrs(onnxpb.IntsAttr("perm", 0, 2, 1, 3)), a)
	return r.give(r.Op("Reshape", t, r.list(0, 0, 8)), []int{b, s, 8}, false)
}

// window is what moves over the dimensions behind the second.
type window struct {
	kernel, strides, dilations, pads []int
	auto                             string
}

// window returns a random one and what it leaves, nil if nothing.
func (r *random) window(in []int, dilate bool) (w window, out []int) {
	w.pads = make([]int, 2*len(in))
	if r.chance(6) {
		w.auto = []string{"SAME_UPPER", "SAME_LOWER", "VALID"}[r.rng.IntN(3)]
	}
	for i, n := range in {
		k, s, d := r.size(1, 3), r.size(1, 2), 1
		if dilate && w.auto == "" && r.chance(4) {
			d = 2
		}
		if w.auto == "" && r.chance(2) {
			w.pads[i], w.pads[len(in)+i] = r.rng.IntN(k), r.rng.IntN(k)
		}
		reach := d*(k-1) + 1
		left := (n + w.pads[i] + w.pads[len(in)+i] - reach)
		if left < 0 {
			return w, nil
		}
		size := left/s + 1
		if w.auto == "SAME_UPPER" || w.auto == "SAME_LOWER" {
			size = (n + s - 1) / s
		}
		w.kernel, w.strides, w.dilations = append(w.kernel, k), append(w.strides, s), append(w.dilations, d)
		out = append(out, size)
	}
	return w, out
}

func (w window) attrs(more ...onnxpb.Attribute) []onnxpb.Attribute {
	a := append(more, intsOf("kernel_shape", w.kernel...), intsOf("strides", w.strides...))
	if w.auto != "" {
		return append(a, onnxpb.TextAttr("auto_pad", w.auto))
	}
	return append(a, intsOf("pads", w.pads...))
}

// picture picks a value with channels and space.
func (r *random) picture() (value, bool) {
	return r.pick(func(v value) bool { return v.rank() == 4 || v.rank() == 3 && v.shape[1] < 6 })
}

func conv(r *random) bool {
	v, ok := r.picture()
	if !ok {
		return false
	}
	w, space := r.window(v.shape[2:], true)
	if space == nil {
		return false
	}
	c, group := v.shape[1], 1
	m := r.size(1, 6)
	switch r.rng.IntN(4) {
	case 0:
		group, m = c, c*r.size(1, 2)
	case 1:
		if c%2 == 0 {
			group, m = 2, 2*r.size(1, 3)
		}
	}
	dims := append([]int{m, c / group}, w.kernel...)
	in := []string{v.name, r.normal("", 0.4, dims...)}
	if r.chance(2) {
		in = append(in, r.normal("", 0.2, m))
	}
	y := value{name: r.OpWith("Conv", w.attrs(onnxpb.IntAttr("group", int64(group)), intsOf("dilations", w.dilations...)), in...),
		shape: append([]int{v.shape[0], m}, space...)}
	if r.chance(2) {
		y = r.op(y, []string{"Mul", "Add", "Sub"}[r.rng.IntN(3)], nil, r.partner(y))
	}
	return r.give(y.name, y.shape, false)
}

func convTransposed(r *random) bool {
	v, ok := r.picture()
	if !ok {
		return false
	}
	group := 1
	if v.shape[1]%2 == 0 && r.chance(2) {
		group = 2
	}
	m := r.size(1, 3)
	shape, dims := []int{v.shape[0], m * group}, []int{v.shape[1], m}
	var strides, pads, extra []int
	for _, n := range v.shape[2:] {
		k, s := r.size(1, 3), r.size(1, 2)
		p, o := r.rng.IntN(k), r.rng.IntN(s)
		if (n-1)*s+k-p+o < 1 {
			return false
		}
		strides, pads, extra = append(strides, s), append(pads, p), append(extra, o)
		shape, dims = append(shape, (n-1)*s+k-p+o), append(dims, k)
	}
	pads = append(pads, make([]int, len(pads))...)
	in := []string{v.name, r.normal("", 0.4, dims...)}
	if r.chance(2) {
		in = append(in, r.normal("", 0.2, m*group))
	}
	return r.give(r.OpWith("ConvTranspose", attrs(onnxpb.IntAttr("group", int64(group)), intsOf("strides", strides...),
		intsOf("pads", pads...), intsOf("output_padding", extra...)), in...), shape, false)
}

func pool(r *random) bool {
	v, ok := r.picture()
	if !ok {
		return false
	}
	w, space := r.window(v.shape[2:], false)
	if space == nil {
		return false
	}
	shape := append(slices.Clone(v.shape[:2]), space...)
	if r.chance(2) {
		return r.give(r.OpWith("MaxPool", w.attrs(), v.name), shape, false)
	}
	return r.give(r.OpWith("AveragePool", w.attrs(onnxpb.IntAttr("count_include_pad", int64(r.rng.IntN(2)))), v.name), shape, false)
}

func globalPool(r *random) bool {
	v, ok := r.picture()
	if !ok {
		return false
	}
	shape := slices.Clone(v.shape)
	for i := 2; i < len(shape); i++ {
		shape[i] = 1
	}
	return r.give(r.OpWith([]string{"GlobalAveragePool", "GlobalMaxPool"}[r.rng.IntN(2)], nil, v.name), shape, false)
}

func batchNorm(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 1 })
	if !ok {
		return false
	}
	c := v.shape[1]
	return r.keep(v, "BatchNormalization", nil, r.around("", 1, 0.2, c), r.normal("", 0.2, c), r.normal("", 0.2, c),
		r.around("", 3, 0.2, c))
}

func instanceNorm(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 2 && v.rank() < 5 && v.last() > 1 })
	if !ok {
		return false
	}
	c := v.shape[1]
	return r.keep(v, "InstanceNormalization", attrs(onnxpb.FloatAttr("epsilon", 1e-2)), r.around("", 1, 0.2, c), r.normal("", 0.2, c))
}

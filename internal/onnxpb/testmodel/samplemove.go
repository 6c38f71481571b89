package testmodel

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func resize(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() == 4 })
	if !ok {
		return false
	}
	shape := slices.Clone(v.shape)
	scales := []float32{1, 1, 1, 1}
	for i := 2; i < 4; i++ {
		k := r.size(1, 2)
		scales[i], shape[i] = float32(k), shape[i]*k
	}
	a := attrs(onnxpb.TextAttr("mode", "nearest"), onnxpb.TextAttr("coordinate_transformation_mode", "asymmetric"),
		onnxpb.TextAttr("nearest_mode", "floor"))
	if r.chance(2) {
		a = attrs(onnxpb.TextAttr("mode", "linear"), onnxpb.TextAttr("coordinate_transformation_mode",
			[]string{"half_pixel", "align_corners", "asymmetric"}[r.rng.IntN(3)]))
	}
	if r.chance(2) {
		none := r.Weight(onnxpb.NewTensor("", []float32{}, 0))
		return r.give(r.OpWith("Resize", a, v.name, none, none, r.list(shape...)), shape, false)
	}
	return r.give(r.OpWith("Resize", a, v.name, r.Weight(onnxpb.NewTensor("", []float32{}, 0)),
		r.Weight(onnxpb.NewTensor("", scales, 4))), shape, false)
}

func depth(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() == 4 })
	if !ok {
		return false
	}
	s, a := slices.Clone(v.shape), attrs(onnxpb.IntAttr("blocksize", 2))
	if s[1]%4 == 0 {
		s[1], s[2], s[3] = s[1]/4, s[2]*2, s[3]*2
		a = append(a, onnxpb.TextAttr("mode", []string{"DCR", "CRD"}[r.rng.IntN(2)]))
		return r.give(r.OpWith("DepthToSpace", a, v.name), s, v.exact)
	}
	if s[2]%2 != 0 || s[3]%2 != 0 {
		return false
	}
	s[1], s[2], s[3] = s[1]*4, s[2]/2, s[3]/2
	return r.give(r.OpWith("SpaceToDepth", a, v.name), s, v.exact)
}

func transpose(r *random) bool {
	// ONNX Runtime 1.30 fuses a Gemm with any transposition behind or before it, also
	// with one that changes nothing.
	v, ok := r.pick(func(v value) bool { return v.rank() > 2 })
	if !ok {
		return false
	}
	perm := r.rng.Perm(v.rank())
	shape := make([]int, len(perm))
	for i, p := range perm {
		shape[i] = v.shape[p]
	}
	return r.give(r.OpWith("Transpose", attrs(intsOf("perm", perm...)), v.name), shape, v.exact)
}

func reshape(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 1 })
	if !ok {
		return false
	}
	at := r.rng.IntN(v.rank() - 1)
	joined := v.shape[at] * v.shape[at+1]
	shape := slices.Concat(v.shape[:at], []int{joined}, v.shape[at+2:])
	if r.chance(2) && joined%2 == 0 {
		shape = slices.Concat(v.shape[:at], []int{joined / 2, 2}, v.shape[at+2:])
	}
	want := slices.Clone(shape)
	for i := range want[:at] {
		if r.chance(2) {
			want[i] = 0
		}
	}
	if r.chance(2) {
		want[at] = -1
	}
	return r.give(r.Op("Reshape", v.name, r.list(want...)), shape, v.exact)
}

func flatten(r *random) bool {
	v, _ := r.pick(nil)
	at := r.rng.IntN(v.rank() + 1)
	shape := []int{1, 1}
	for i, d := range v.shape {
		shape[min(1, max(0, i-at+1))] *= d
	}
	return r.give(r.OpWith("Flatten", attrs(onnxpb.IntAttr("axis", int64(at))), v.name), shape, v.exact)
}

// byAxes adds an operator whose axes are an attribute before version 13.
func (r *random) byAxes(typ string, v value, axes ...int) string {
	if r.opset < 13 {
		return r.OpWith(typ, attrs(intsOf("axes", axes...)), v.name)
	}
	return r.Op(typ, v.name, r.list(axes...))
}

func squeeze(r *random) bool {
	v, ok := r.pick(func(v value) bool { return slices.Contains(v.shape, 1) && v.rank() > 1 })
	if !ok {
		return false
	}
	at := slices.Index(v.shape, 1)
	return r.give(r.byAxes("Squeeze", v, r.sign(at, v.rank())), reduced(v.shape, false, at), v.exact)
}

func unsqueeze(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() < 4 })
	if !ok {
		return false
	}
	at := r.rng.IntN(v.rank() + 1)
	return r.give(r.byAxes("Unsqueeze", v, r.sign(at, v.rank()+1)), slices.Insert(slices.Clone(v.shape), at, 1), v.exact)
}

func concat(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 0 })
	if !ok {
		return false
	}
	at := r.rng.IntN(v.rank())
	other, ok := r.pick(func(w value) bool {
		return w.rank() == v.rank() && slices.Equal(reduced(w.shape, true, at), reduced(v.shape, true, at))
	})
	if !ok {
		return false
	}
	shape, in := slices.Clone(v.shape), []string{v.name, other.name}
	shape[at] += other.shape[at]
	if r.chance(3) {
		in = append(in, r.normal("", 1, v.shape...))
		shape[at] += v.shape[at]
	}
	a := attrs(onnxpb.IntAttr("axis", int64(r.sign(at, v.rank()))))
	return r.give(r.OpWith("Concat", a, in...), shape, v.exact && other.exact && len(in) == 2)
}

func slice(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 0 })
	if !ok {
		return false
	}
	at := r.rng.IntN(v.rank())
	n := v.shape[at]
	lo := r.rng.IntN(n)
	hi, step := lo+1+r.rng.IntN(n-lo), r.size(1, 2)
	shape := slices.Clone(v.shape)
	shape[at] = (hi - lo + step - 1) / step
	switch {
	case hi == n && r.chance(2):
		hi = 1 << 40
	case hi < n && r.chance(2):
		hi -= n
	case r.chance(4): // backwards, all of it
		lo, hi, step, shape[at] = n-1, -n-1, -1, n
	}
	return r.give(r.Op("Slice", v.name, r.list(lo), r.list(hi), r.list(r.sign(at, v.rank())), r.list(step)), shape, v.exact)
}

func gather(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 0 })
	if !ok {
		return false
	}
	at := r.rng.IntN(v.rank())
	a := attrs(onnxpb.IntAttr("axis", int64(r.sign(at, v.rank()))))
	if r.chance(2) {
		i := r.Weight(onnxpb.NewTensor("", []int64{int64(r.rng.IntN(v.shape[at]))}))
		return r.give(r.OpWith("Gather", a, v.name, i), reduced(v.shape, false, at), v.exact)
	}
	list := make([]int, r.size(1, 4))
	for i := range list {
		list[i] = r.sign(r.rng.IntN(v.shape[at]), v.shape[at])
	}
	shape := slices.Clone(v.shape)
	shape[at] = len(list)
	return r.give(r.OpWith("Gather", a, v.name, r.list(list...)), shape, v.exact)
}

func split(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 0 && slices.Max(v.shape) > 1 })
	if !ok {
		return false
	}
	at := slices.Index(v.shape, slices.Max(v.shape))
	first := r.size(1, v.shape[at]-1)
	n := onnxpb.NewNode("Split", []string{v.name}, []string{r.name(), r.name()}, onnxpb.IntAttr("axis", int64(r.sign(at, v.rank()))))
	switch {
	case v.shape[at]%2 == 0 && r.chance(2) && r.opset < 18:
		first = v.shape[at] / 2
	case r.opset < 13:
		n.Attributes = append(n.Attributes, intsOf("split", first, v.shape[at]-first))
	default:
		n.Inputs = append(n.Inputs, r.list(first, v.shape[at]-first))
	}
	r.Add(n)
	for i, size := range []int{first, v.shape[at] - first} {
		shape := slices.Clone(v.shape)
		shape[at] = size
		r.give(n.Outputs[i], shape, v.exact)
	}
	return true
}

// name is one for an output of an operator with several.
func (r *random) name() string {
	r.named++
	return fmt.Sprintf("part_%d", r.named)
}

func expand(r *random) bool {
	v, _ := r.pick(nil)
	shape, want := slices.Clone(v.shape), slices.Clone(v.shape)
	for i, d := range shape {
		if d == 1 && r.chance(2) {
			shape[i] = r.size(1, 4)
			want[i] = shape[i]
		} else if r.chance(2) {
			want[i] = 1
		}
	}
	if r.chance(3) {
		shape, want = append([]int{2}, shape...), append([]int{2}, want...)
	}
	return r.give(r.Op("Expand", v.name, r.list(want...)), shape, v.exact)
}

func tile(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 0 })
	if !ok {
		return false
	}
	shape, times := slices.Clone(v.shape), make([]int, v.rank())
	for i := range times {
		times[i] = r.size(1, 2)
		shape[i] *= times[i]
	}
	return r.give(r.Op("Tile", v.name, r.list(times...)), shape, v.exact)
}

func pad(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 0 })
	if !ok {
		return false
	}
	mode := []string{"constant", "constant", "edge", "reflect"}[r.rng.IntN(4)]
	shape, pads := slices.Clone(v.shape), make([]int, 2*v.rank())
	for i, n := range v.shape {
		a, b := r.rng.IntN(3), r.rng.IntN(3)
		if mode == "reflect" {
			a, b = min(a, n-1), min(b, n-1)
		}
		pads[i], pads[v.rank()+i] = a, b
		shape[i] += a + b
	}
	in := []string{r.list(pads...)}
	if mode == "constant" && r.chance(2) {
		in = append(in, r.scalar("", -1.5))
	}
	return r.give(r.OpWith("Pad", attrs(onnxpb.TextAttr("mode", mode)), append([]string{v.name}, in...)...), shape, false)
}

// byShape reshapes by numbers taken from the shape, as exporters do.
func byShape(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 1 })
	if !ok {
		return false
	}
	first := r.Op("Gather", r.Op("Shape", v.name), r.Weight(onnxpb.NewTensor("", []int64{0})))
	rest := 1
	for _, d := range v.shape[1:] {
		rest *= d
	}
	switch r.rng.IntN(3) {
	case 0:
		want := r.OpWith("Concat", attrs(onnxpb.IntAttr("axis", 0)), r.byAxes("Unsqueeze", value{name: first}, 0), r.list(-1))
		return r.give(r.Op("Reshape", v.name, want), []int{v.shape[0], rest}, v.exact)
	case 1:
		n := r.Op("Mul", first, r.Weight(onnxpb.NewTensor("", []int64{2})))
		zeros := r.OpWith("ConstantOfShape", attrs(onnxpb.TensorAttr("value", onnxpb.NewTensor("", []float32{0.75}, 1))),
			r.byAxes("Unsqueeze", value{name: n}, 0))
		return r.give(zeros, []int{2 * v.shape[0]}, false)
	}
	end := r.Op("Add", first, r.Weight(onnxpb.NewTensor("", []int64{0})))
	return r.give(r.Op("Slice", v.name, r.list(0), r.byAxes("Unsqueeze", value{name: end}, 0), r.list(0)), v.shape, v.exact)
}

func topK(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.exact && v.rank() > 0 })
	if !ok {
		return false
	}
	at := r.rng.IntN(v.rank())
	k := r.size(1, v.shape[at])
	shape := slices.Clone(v.shape)
	shape[at] = k
	n := onnxpb.NewNode("TopK", []string{v.name, r.list(k)}, []string{r.name(), r.name()}, onnxpb.IntAttr("axis", int64(at)),
		onnxpb.IntAttr("largest", int64(r.rng.IntN(2))))
	r.Add(n)
	return r.give(n.Outputs[0], shape, false)
}

func cumulative(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.rank() > 0 })
	if !ok {
		return false
	}
	at := r.Weight(onnxpb.NewTensor("", []int64{int64(r.rng.IntN(v.rank()))}))
	y := r.OpWith("CumSum", attrs(onnxpb.IntAttr("exclusive", int64(r.rng.IntN(2))), onnxpb.IntAttr("reverse", int64(r.rng.IntN(2)))), v.name, at)
	return r.give(r.Op("Mul", y, r.scalar("", 0.25)), v.shape, false)
}

// integers goes through other types.
func integers(r *random) bool {
	v, ok := r.pick(func(v value) bool { return v.exact && v.rank() > 0 })
	if !ok {
		return false
	}
	to := []onnxpb.DataType{onnxpb.Int64, onnxpb.Int32, onnxpb.Bool, onnxpb.Double, onnxpb.Int8}[r.rng.IntN(5)]
	y := r.OpWith("Cast", attrs(onnxpb.IntAttr("to", int64(to))), v.name)
	if to == onnxpb.Int64 || to == onnxpb.Int32 {
		y = r.Op([]string{"Add", "Mul", "Sub"}[r.rng.IntN(3)], y, y)
	}
	return r.give(r.float(y), v.shape, false)
}

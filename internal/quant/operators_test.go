package quant_test

import (
	"math"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func constantNode(p interpreter, n *onnxpb.Node, _ []array) []array {
	w, err := n.Tensor("value")
	require.NoError(p.t, err)
	return []array{p.constant(w)}
}

func shape(_ interpreter, _ *onnxpb.Node, in []array) []array {
	out := array{dims: []int{len(in[0].dims)}}
	for _, d := range in[0].dims {
		out.v = append(out.v, float64(d))
	}
	return []array{out}
}

// slice knows the inputs start, end and axis, for one axis.
func slice(_ interpreter, _ *onnxpb.Node, in []array) []array {
	x, axis := in[0], int(in[3].v[0])
	start, end := int(in[1].v[0]), min(int(in[2].v[0]), x.dims[axis])
	ids := array{dims: []int{end - start}}
	for i := start; i < end; i++ {
		ids.v = append(ids.v, float64(i))
	}
	return []array{pick(x, ids, axis)}
}

func gather(p interpreter, n *onnxpb.Node, in []array) []array {
	return []array{pick(in[0], in[1], p.int(n, "axis", 0))}
}

func pick(x, ids array, axis int) array {
	inner, outer := size(x.dims[axis+1:]), size(x.dims[:axis])
	out := array{dims: slices.Concat(x.dims[:axis], ids.dims, x.dims[axis+1:])}
	for o := range outer {
		for _, id := range ids.v {
			from := (o*x.dims[axis] + int(id)) * inner
			out.v = append(out.v, x.v[from:from+inner]...)
		}
	}
	return out
}

func unsqueeze(p interpreter, n *onnxpb.Node, in []array) []array {
	dims := slices.Clone(in[0].dims)
	for _, a := range p.axes(n, in) {
		dims = slices.Insert(dims, a, 1)
	}
	return []array{{dims, in[0].v}}
}

func reshape(_ interpreter, _ *onnxpb.Node, in []array) []array {
	var dims []int
	for i, d := range in[1].v {
		if d == 0 {
			d = float64(in[0].dims[i])
		}
		dims = append(dims, int(d))
	}
	return []array{{dims, in[0].v}}
}

func transpose(p interpreter, n *onnxpb.Node, in []array) []array {
	x := in[0]
	perm, err := n.Ints("perm")
	require.NoError(p.t, err)
	if perm == nil {
		perm = []int64{1, 0}
	}
	old, dims, strides := x.strides(x.dims), make([]int, len(perm)), make([]int, len(perm))
	for i, k := range perm {
		dims[i], strides[i] = x.dims[k], old[k]
	}
	out := array{dims, make([]float64, len(x.v))}
	each(dims, [][]int{strides}, func(i int, at []int) { out.v[i] = x.v[at[0]] })
	return []array{out}
}

// rows calls f with each run of the last dimension of a copy of x.
func rows(x array, f func(row []float64)) []array {
	out := array{x.dims, slices.Clone(x.v)}
	width := x.dims[len(x.dims)-1]
	for i := 0; i < len(out.v); i += width {
		f(out.v[i : i+width])
	}
	return []array{out}
}

func softmax(_ interpreter, _ *onnxpb.Node, in []array) []array {
	return rows(in[0], func(row []float64) {
		top, sum := slices.Max(row), 0.0
		for i, v := range row {
			row[i] = math.Exp(v - top)
			sum += row[i]
		}
		for i := range row {
			row[i] /= sum
		}
	})
}

func mean(row []float64) (sum float64) {
	for _, v := range row {
		sum += v
	}
	return sum / float64(len(row))
}

func layerNorm(p interpreter, n *onnxpb.Node, in []array) []array {
	epsilon, err := n.Float("epsilon", 1e-5)
	require.NoError(p.t, err)
	return rows(in[0], func(row []float64) {
		m, squares := mean(row), 0.0
		for _, v := range row {
			squares += (v - m) * (v - m)
		}
		deviation := math.Sqrt(squares/float64(len(row)) + float64(epsilon))
		for i, v := range row {
			row[i] = (v-m)/deviation*in[1].v[i] + in[2].v[i]
		}
	})
}

// reduceMean knows the last axis.
func reduceMean(_ interpreter, _ *onnxpb.Node, in []array) []array {
	x := in[0]
	out := array{dims: slices.Clone(x.dims)}
	out.dims[len(out.dims)-1] = 1
	rows(x, func(row []float64) { out.v = append(out.v, mean(row)) })
	return []array{out}
}

// matMul multiplies the last two dimensions; the others are equal or those of b
// are missing.
func matMul(_ interpreter, _ *onnxpb.Node, in []array) []array {
	a, b := in[0], in[1]
	rank := len(a.dims)
	m, k, n := a.dims[rank-2], a.dims[rank-1], b.dims[len(b.dims)-1]
	out := array{dims: append(slices.Clone(a.dims[:rank-1]), n)}
	out.v = make([]float64, size(out.dims))
	for r := range size(a.dims[:rank-1]) {
		from := 0
		if len(b.dims) > 2 {
			from = r / m * k * n
		}
		to := out.v[r*n : r*n+n]
		for i := range k {
			x := a.v[r*k+i]
			for c, y := range b.v[from+i*n : from+i*n+n] {
				to[c] += x * y
			}
		}
	}
	return []array{out}
}

func gemm(p interpreter, n *onnxpb.Node, in []array) []array {
	alpha, err := n.Float("alpha", 1)
	require.NoError(p.t, err)
	beta, err := n.Float("beta", 1)
	require.NoError(p.t, err)
	flip := func(x array, name string) array {
		if p.int(n, name, 0) != 0 {
			return transpose(p, onnxpb.NewNode("Transpose", nil, nil), []array{x})[0]
		}
		return x
	}
	y := matMul(p, n, []array{flip(in[0], "transA"), flip(in[1], "transB")})[0]
	y = broadcast(y, array{v: []float64{float64(alpha)}}, func(a, b float64) float64 { return a * b })
	if len(in) > 2 {
		y = broadcast(y, in[2], func(a, b float64) float64 { return a + float64(beta)*b })
	}
	return []array{y}
}

func dynamicQuantize(_ interpreter, _ *onnxpb.Node, in []array) []array {
	low, high := float32(min(slices.Min(in[0].v), 0)), float32(max(slices.Max(in[0].v), 0))
	scale := (high - low) / 255
	if scale == 0 {
		scale = 1
	}
	saturate := func(v float64) float64 { return max(0, min(v, 255)) }
	zero := saturate(math.RoundToEven(float64(-low / scale)))
	q := broadcast(in[0], array{v: []float64{0}}, func(a, _ float64) float64 {
		return saturate(math.RoundToEven(float64(float32(a)/scale)) + zero)
	})
	return []array{q, {v: []float64{float64(scale)}}, {v: []float64{zero}}}
}

func matMulInteger(p interpreter, n *onnxpb.Node, in []array) []array {
	x := broadcast(in[0], in[2], func(a, b float64) float64 { return a - b })
	y := matMul(p, n, []array{x, in[1]})
	for _, v := range y[0].v {
		require.LessOrEqual(p.t, math.Abs(v), float64(math.MaxInt32), "overflow")
	}
	return y
}

func dequantize(_ interpreter, _ *onnxpb.Node, in []array) []array {
	return []array{broadcast(in[0], in[1], func(a, b float64) float64 { return a * b })}
}

package linear_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op/linear"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// naive is attention by its formula: q [batch, heads, S, D], k and v of as many heads
// or fewer, a mask that is added, and how many keys row r sees besides.
func naive(q, k, v, mask *tensor.Tensor, scale float32, sees func(row int) int) *tensor.Tensor {
	b, h, s, d := q.Shape[0], q.Shape[1], q.Shape[2], q.Shape[3]
	t, e, share := k.Shape[2], v.Shape[3], h/max(k.Shape[1], 1)
	out, err := tensor.New(onnxpb.Float, b, h, s, e)
	if err != nil {
		panic(err)
	}
	step := []int{0, 0, 0, 0}
	if mask != nil {
		step = tensor.BroadcastStrides(nil, mask.Shape, []int{b, h, s, t})
	}
	x, y, z, o := tensor.Of[float32](q), tensor.Of[float32](k), tensor.Of[float32](v), tensor.Of[float32](out)
	for i := range b * h * s {
		batch, head, row := i/(h*s), i/s%h, i%s
		keys := (batch*k.Shape[1] + head/share) * t
		n := min(t, sees(row))
		w, most := make([]float64, max(n, 0)), math.Inf(-1)
		for j := range w {
			for c := range d {
				w[j] += float64(x[i*d+c] * y[(keys+j)*d+c])
			}
			w[j] *= float64(scale)
			if mask != nil {
				w[j] += float64(tensor.Of[float32](mask)[batch*step[0]+head*step[1]+row*step[2]+j*step[3]])
			}
			most = max(most, w[j])
		}
		sum := 0.0
		for j := range w {
			w[j] = math.Exp(w[j] - most)
			sum += w[j]
		}
		for j := range w {
			for c := range e {
				o[i*e+c] += float32(w[j] / sum * float64(z[(keys+j)*e+c]))
			}
		}
	}
	return out
}

func all(int) int { return math.MaxInt }

// swapHeads is x, [a, b, c, d], as [a, c, b, d].
func swapHeads(x *tensor.Tensor) *tensor.Tensor {
	s := x.Shape
	y := x.Clone()
	y.Shape = []int{s[0], s[2], s[1], s[3]}
	for i := range tensor.Of[float32](x) {
		a, b, c, d := i/(s[1]*s[2]*s[3]), i/(s[2]*s[3])%s[1], i/s[3]%s[2], i%s[3]
		tensor.Of[float32](y)[((a*s[2]+c)*s[1]+b)*s[3]+d] = tensor.Of[float32](x)[i]
	}
	return y
}

// joined is x, [batch, heads, length, width], as [batch, length, heads*width].
func joined(x *tensor.Tensor) *tensor.Tensor {
	y := swapHeads(x)
	y.Shape = []int{y.Shape[0], y.Shape[1], y.Shape[2] * y.Shape[3]}
	return y
}

// sideBySide puts tensors [batch, length, width] together along the last axis.
func sideBySide(parts ...*tensor.Tensor) *tensor.Tensor {
	rows := parts[0].Shape[0] * parts[0].Shape[1]
	var x []float32
	width := 0
	for _, p := range parts {
		width += p.Shape[2]
	}
	for r := range rows {
		for _, p := range parts {
			w := p.Shape[2]
			x = append(x, tensor.Of[float32](p)[r*w:(r+1)*w]...)
		}
	}
	return tensor.From(x, parts[0].Shape[0], parts[0].Shape[1], width)
}

// scene is the sizes of an attention.
type scene struct{ batch, heads, shared, s, t, d, e int }

var scenes = []scene{
	{1, 1, 1, 1, 1, 1, 1}, {2, 3, 3, 5, 5, 4, 4}, {2, 4, 2, 5, 7, 8, 3}, {1, 2, 1, 3, 9, 5, 6}, {1, 2, 2, 9, 3, 16, 16},
	{2, 2, 2, 1, 33, 64, 64}, {1, 4, 1, 2, 40, 32, 8}, {1, 2, 2, 50, 47, 16, 17}, {1, 1, 1, 14, 3000, 2, 2}, {1, 2, 2, 4, 16, 0, 3},
	{2, 2, 2, 0, 4, 4, 4}, {2, 2, 2, 4, 0, 4, 4}, {0, 2, 2, 4, 4, 4, 4}, {2, 2, 2, 4, 4, 4, 0},
}

func (s scene) operands(rng *rand.Rand) (q, k, v *tensor.Tensor) {
	return random(rng, s.batch, s.heads, s.s, s.d), random(rng, s.batch, s.shared, s.t, s.d), random(rng, s.batch, s.shared, s.t, s.e)
}

func TestAttentionIsItsFormula(t *testing.T) {
	rng := seeded()
	for _, s := range scenes {
		if s.heads != s.shared {
			continue
		}
		masks := [][]int{
			nil, {}, {1}, {s.t}, {s.s, s.t}, {s.s, 1}, {s.heads, 1, s.t}, {s.batch, 1, 1, s.t}, {1, s.heads, s.s, s.t},
			{s.batch, s.heads, s.s, s.t}, {s.batch, 1, 1, 1},
		}
		q, k, v := s.operands(rng)
		attrs := with(onnxpb.IntAttr("heads", int64(s.heads)), onnxpb.FloatAttr("scale", 0.3))
		for _, shape := range masks {
			var mask *tensor.Tensor
			if shape != nil {
				mask = random(rng, shape...)
			}
			want := joined(naive(q, k, v, mask, 0.3, all))
			near(t, want, result(t, linear.Fused, "Attention", list(joined(q), joined(k), joined(v), mask), attrs...))
			if s.s == s.t && s.d == s.e {
				packed := sideBySide(joined(q), joined(k), joined(v))
				near(t, want, result(t, linear.Fused, "Attention", list(packed, nil, nil, mask), append(attrs, onnxpb.IntAttr("packed", 1))...))
			}
		}
	}
}

func TestHeadAttentionIsItsFormula(t *testing.T) {
	rng := seeded()
	for _, s := range scenes {
		q, k, v := s.operands(rng)
		mask := random(rng, s.batch, 1, s.s, s.t)
		for form := range 8 {
			merge, turned, causal := form&1, form>>1&1, form>>2
			sees, keys := all, k
			if causal == 1 {
				sees = func(row int) int { return s.t - s.s + row + 1 }
			}
			if turned == 1 {
				keys = transposed(k)
			}
			want := naive(q, k, v, mask, 0.5, sees)
			if merge == 1 {
				want = joined(want)
			}
			got := result(t, linear.Fused, "HeadAttention", list(q, keys, v, mask), onnxpb.FloatAttr("scale", 0.5),
				onnxpb.IntAttr("merge", int64(merge)), onnxpb.IntAttr("key_transposed", int64(turned)), onnxpb.IntAttr("causal", int64(causal)))
			near(t, want, got)
		}
	}
}

func TestScoresAtTheEdge(t *testing.T) {
	inf := float32(math.Inf(1))
	q := tensor.From([]float32{1e4, 0}, 1, 1, 2)
	k := tensor.From([]float32{1e4, 0, -1e4, 0, 0, 1}, 1, 3, 2)
	v := tensor.From([]float32{1, 2, 3, 4, 5, 6}, 1, 3, 2)
	heads := onnxpb.IntAttr("heads", 1)
	got := result(t, linear.Fused, "Attention", list(q, k, v), heads)
	require.Equal(t, []float32{1, 2}, tensor.Of[float32](got), "scores of 1e8 overflow nothing")
	hidden := tensor.From([]float32{-inf, -inf, 0}, 3)
	got = result(t, linear.Fused, "Attention", list(q, k, v, hidden), heads)
	require.Equal(t, []float32{5, 6}, tensor.Of[float32](got), "a key that a mask hides has no weight")
	got = result(t, linear.Fused, "Attention", list(q, k, v, tensor.From([]float32{-inf}, 1)), heads)
	for _, x := range tensor.Of[float32](got) {
		require.True(t, x != x, "without a key to see the formula gives NaN")
	}
	flags := tensor.From([]uint8{0, 0, 0}, 1, 3)
	flags.Type = onnxpb.Bool
	got = result(t, linear.Table, "Attention", list(q, k, v, flags), onnxpb.IntAttr("q_num_heads", 1), onnxpb.IntAttr("kv_num_heads", 1))
	require.Equal(t, []float32{0, 0}, tensor.Of[float32](got), "without a key to see ONNX's operator gives zeros")
}

func TestPackedFormsOfMultiHeadAttention(t *testing.T) {
	rng := seeded()
	heads := onnxpb.IntAttr("num_heads", 2)
	q, k, v := random(rng, 2, 2, 5, 4), random(rng, 2, 2, 5, 4), random(rng, 2, 2, 5, 4)
	want := result(t, linear.Microsoft, "MultiHeadAttention", list(joined(q), joined(k), joined(v)), heads)
	interleaved := func(parts ...*tensor.Tensor) *tensor.Tensor { // [batch, length, heads, parts, width]
		x := make([]float32, 0)
		for row := range 2 * 5 * 2 {
			for _, p := range parts {
				x = append(x, tensor.Of[float32](swapHeads(p))[row*4:(row+1)*4]...)
			}
		}
		return tensor.From(x, 2, 5, 2, len(parts), 4)
	}
	near(t, want, result(t, linear.Microsoft, "MultiHeadAttention", list(interleaved(q, k, v)), heads))
	near(t, want, result(t, linear.Microsoft, "MultiHeadAttention", list(joined(q), interleaved(k, v)), heads))
}

func TestCornerMaskIsThatOfItsRows(t *testing.T) {
	rng := seeded()
	x, w, past := random(rng, 1, 3, 8), random(rng, 8, 24), random(rng, 2, 1, 2, 2, 4)
	full := bits[int32](rng, 1, 1, 7, 7)
	rows := make([]int32, 0)
	for r := range 3 { // of 5 keys, the rows are the last three
		rows = append(rows, tensor.Of[int32](full)[(2+r)*7:(2+r)*7+5]...)
	}
	attrs := with(onnxpb.IntAttr("num_heads", 2), onnxpb.FloatAttr("mask_filter_value", -3))
	want := result(t, linear.Microsoft, "Attention", list(x, w, nil, tensor.From(rows, 1, 3, 5), past), attrs...)
	near(t, want, result(t, linear.Microsoft, "Attention", list(x, w, nil, full, past), attrs...))
}

// FuzzAttention: whatever the shapes, HeadAttention gives what the formula does, or
// says that the input is at fault.
func FuzzAttention(f *testing.F) {
	f.Add([]byte{1, 2, 2, 5, 5, 4, 4, 0, 1, 2, 3, 4}, uint8(3))
	f.Add([]byte{2, 4, 2, 1, 60, 8, 3, 1, 0, 0, 0, 0}, uint8(0))
	f.Fuzz(func(t *testing.T, sizes []byte, form uint8) {
		if len(sizes) < 12 {
			return
		}
		n := func(i, most int) int { return int(sizes[i]) % most }
		s := scene{n(0, 3), n(1, 5), n(2, 4), n(3, 40), n(4, 70), n(5, 20), n(6, 20)}
		rng := rand.New(rand.NewPCG(uint64(form), 2))
		q, k, v := s.operands(rng)
		want := [4]int{s.batch, s.heads, s.s, s.t}
		shape := []int{}
		for i := range n(7, 5) {
			d := want[4-n(7, 5)+i]
			switch sizes[8+i] % 8 {
			case 0, 1, 2:
				d = 1
			case 3:
				d++
			}
			shape = append(shape, d)
		}
		mask, sees, keys := random(rng, shape...), all, k
		if form&1 != 0 {
			keys = transposed(k)
		}
		if form&2 != 0 {
			sees = func(row int) int { return s.t - s.s + row + 1 }
		}
		out, err := compute(linear.Fused, "HeadAttention", list(q, keys, v, mask), 1, onnxpb.FloatAttr("scale", 0.5),
			onnxpb.IntAttr("key_transposed", int64(form&1)), onnxpb.IntAttr("causal", int64(form>>1&1)))
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrInput)
			return
		}
		near(t, naive(q, k, v, mask, 0.5, sees), out[0])
	})
}

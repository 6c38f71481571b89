package recurrent_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op/recurrent"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// spec is a layer and its data.
type spec struct {
	op                          string
	steps, batch, input, hidden int
	direction                   string
	clip                        float64
	flag                        string // input_forget or linear_before_reset
	relu                        bool   // Relu, Softsign, … in place of the default activations
	batchFirst                  bool

	x, w, r, b, h0, c0, p *tensor.Tensor
	lens                  []int32
}

func (s *spec) ways() int {
	if s.direction == "bidirectional" {
		return 2
	}
	return 1
}

func (s *spec) gates() int { return map[string]int{"LSTM": 4, "GRU": 3, "RNN": 1}[s.op] }

func random(rng *rand.Rand, shape ...int) *tensor.Tensor {
	n, _ := tensor.Count(shape)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64()) / 2
	}
	return tensor.From(x, shape...)
}

// fill makes random data; few leaves out what is optional.
func (s *spec) fill(rng *rand.Rand, few bool) {
	d, g, h := s.ways(), s.gates(), s.hidden
	s.x = random(rng, s.steps, s.batch, s.input)
	s.w, s.r = random(rng, d, g*h, s.input), random(rng, d, g*h, h)
	if few {
		return
	}
	s.b, s.h0 = random(rng, d, 2*g*h), random(rng, d, s.batch, h)
	for range s.batch {
		s.lens = append(s.lens, int32(rng.IntN(s.steps+1)))
	}
	if s.op == "LSTM" {
		s.c0, s.p = random(rng, d, s.batch, h), random(rng, d, 3*h)
	}
}

func (s *spec) names() []string {
	var names []string
	for range s.ways() {
		names = append(names, map[string][]string{
			"LSTM": {"Softsign", "Relu", "Elu"}, "GRU": {"HardSigmoid", "ScaledTanh"}, "RNN": {"Affine"}}[s.op]...)
	}
	return names
}

func (s *spec) node() (*onnxpb.Node, []*tensor.Tensor) {
	n := &onnxpb.Node{OpType: s.op, Outputs: []string{"y", "h", "c"}[:map[bool]int{true: 3, false: 2}[s.op == "LSTM"]]}
	n.Attributes = []onnxpb.Attribute{onnxpb.TextAttr("direction", s.direction), onnxpb.IntAttr("hidden_size", int64(s.hidden))}
	if s.clip > 0 {
		n.Attributes = append(n.Attributes, onnxpb.FloatAttr("clip", float32(s.clip)))
	}
	if s.flag != "" {
		n.Attributes = append(n.Attributes, onnxpb.IntAttr(s.flag, 1))
	}
	if s.relu {
		n.Attributes = append(n.Attributes, onnxpb.TextsAttr("activations", s.names()...),
			onnxpb.FloatsAttr("activation_alpha", 0.5, 0.75), onnxpb.FloatsAttr("activation_beta", 0.25))
	}
	if s.batchFirst {
		n.Attributes = append(n.Attributes, onnxpb.IntAttr("layout", 1))
	}
	in := []*tensor.Tensor{s.turned(s.x), s.w, s.r, s.b, nil, s.turned(s.h0), s.turned(s.c0), s.p}
	if s.lens != nil {
		in[4] = tensor.From(s.lens, s.batch)
	}
	if s.op != "LSTM" {
		in = in[:6]
	}
	for i := range in {
		n.Inputs = append(n.Inputs, fmt.Sprint("x", i))
	}
	return n, in
}

// turned brings the batch of a tensor to the front if the layer has it there.
func (s *spec) turned(t *tensor.Tensor) *tensor.Tensor {
	if t == nil || !s.batchFirst {
		return t
	}
	at := len(t.Shape) - 2 // of the batch
	outer, inner := 1, t.Shape[at+1]
	for _, d := range t.Shape[:at] {
		outer *= d
	}
	y := make([]float32, t.Len())
	for o := range outer {
		for b := range t.Shape[at] {
			copy(y[(b*outer+o)*inner:][:inner], tensor.Of[float32](t)[(o*t.Shape[at]+b)*inner:])
		}
	}
	return tensor.From(y, append([]int{t.Shape[at]}, append(append([]int{}, t.Shape[:at]...), inner)...)...)
}

func get(t *tensor.Tensor, i int) float64 {
	if t == nil {
		return 0
	}
	return float64(tensor.Of[float32](t)[i])
}

// functions are the activations of a direction; the lists of numbers above are
// used up in the first direction.
func (s *spec) functions(d int) []func(float64) float64 {
	logistic := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	var f []func(float64) float64
	switch {
	case !s.relu && s.op == "RNN":
		f = append(f, math.Tanh)
	case !s.relu:
		f = append(f, logistic, math.Tanh, math.Tanh)
	case s.op == "LSTM":
		alpha := []float64{0.5, 0.75}[d]
		f = append(f, func(x float64) float64 { return x / (1 + math.Abs(x)) }, func(x float64) float64 { return max(x, 0) },
			func(x float64) float64 { return math.Max(x, 0) + math.Min(0, alpha*math.Expm1(x)) })
	case s.op == "GRU":
		alpha, beta, scale, inner := 0.5, 0.25, 0.75, 1.0
		if d == 1 {
			alpha, beta, scale = 0.2, 0.5, 1
		}
		f = append(f, func(x float64) float64 { return min(max(alpha*x+beta, 0), 1) },
			func(x float64) float64 { return scale * math.Tanh(inner*x) })
	default:
		alpha, beta := []float64{0.5, 0.75}[d], []float64{0.25, 0}[d]
		f = append(f, func(x float64) float64 { return alpha*x + beta })
	}
	for i, g := range f {
		if s.clip > 0 {
			f[i] = func(x float64) float64 { return g(min(max(x, -s.clip), s.clip)) }
		}
	}
	return f
}

// naive computes Y, Y_h and Y_c by the formulas of ONNX, batch second.
func (s *spec) naive() [3]*tensor.Tensor {
	n, ways := s.hidden, s.ways()
	out := [3]*tensor.Tensor{}
	out[0], _ = tensor.New(onnxpb.Float, s.steps, ways, s.batch, n)
	out[1], _ = tensor.New(onnxpb.Float, ways, s.batch, n)
	out[2], _ = tensor.New(onnxpb.Float, ways, s.batch, n)
	for d := range ways {
		for b := range s.batch {
			h, c := make([]float64, n), make([]float64, n)
			for j := range n {
				h[j], c[j] = get(s.h0, (d*s.batch+b)*n+j), get(s.c0, (d*s.batch+b)*n+j)
			}
			length := s.steps
			if s.lens != nil {
				length = int(s.lens[b])
			}
			for i := range length {
				t := i
				if s.direction == "reverse" || d == 1 {
					t = length - 1 - i
				}
				s.cell(d, t*s.batch+b, h, c)
				for j, v := range h {
					tensor.Of[float32](out[0])[((t*ways+d)*s.batch+b)*n+j] = float32(v)
				}
			}
			for j := range n {
				tensor.Of[float32](out[1])[(d*s.batch+b)*n+j] = float32(h[j])
				tensor.Of[float32](out[2])[(d*s.batch+b)*n+j] = float32(c[j])
			}
		}
	}
	return out
}

// cell takes h and c through one step, for row xr of the input.
func (s *spec) cell(d, xr int, h, c []float64) {
	n, g := s.hidden, s.gates()
	f := s.functions(d)
	dotX := func(row int) float64 {
		sum := get(s.b, d*2*g*n+row)
		for k := range s.input {
			sum += get(s.x, xr*s.input+k) * get(s.w, (d*g*n+row)*s.input+k)
		}
		return sum
	}
	dotH := func(row int, h []float64) float64 {
		sum := get(s.b, d*2*g*n+g*n+row)
		for k, v := range h {
			sum += v * get(s.r, (d*g*n+row)*n+k)
		}
		return sum
	}
	next, nextC := make([]float64, n), make([]float64, n)
	reset, scaled := make([]float64, n), make([]float64, n)
	for j := range n {
		if s.op == "GRU" {
			reset[j] = f[0](dotX(n+j) + dotH(n+j, h))
			scaled[j] = reset[j] * h[j]
		}
	}
	for j := range n {
		peephole := func(k int) float64 { return get(s.p, (d*3+k)*n+j) }
		switch s.op {
		case "LSTM":
			input := f[0](dotX(j) + dotH(j, h) + peephole(0)*c[j])
			forget := f[0](dotX(2*n+j) + dotH(2*n+j, h) + peephole(2)*c[j])
			if s.flag == "input_forget" {
				forget = 1 - input
			}
			nextC[j] = forget*c[j] + input*f[1](dotX(3*n+j)+dotH(3*n+j, h))
			next[j] = f[0](dotX(n+j)+dotH(n+j, h)+peephole(1)*nextC[j]) * f[2](nextC[j])
		case "GRU":
			z := f[0](dotX(j) + dotH(j, h))
			candidate := dotX(2*n+j) + dotH(2*n+j, scaled)
			if s.flag == "linear_before_reset" {
				candidate = dotX(2*n+j) + reset[j]*dotH(2*n+j, h)
			}
			next[j] = (1-z)*f[1](candidate) + z*h[j]
		default:
			next[j] = f[0](dotX(j) + dotH(j, h))
		}
	}
	copy(h, next)
	copy(c, nextC)
}

// check holds a layer against the formulas, with weights that are known when it is
// built and with others.
func (s *spec) check(t *testing.T) {
	t.Helper()
	n, in := s.node()
	want := s.naive()
	for _, run := range []func() ([]*tensor.Tensor, error){
		func() ([]*tensor.Tensor, error) { return optest.Run(recurrent.Table, n, 14, in...) },
		func() ([]*tensor.Tensor, error) { return optest.RunConst(recurrent.Table, n, 14, in...) },
	} {
		got, err := run()
		require.NoError(t, err)
		for i := range got {
			require.NoError(t, optest.Compare(got[i], s.turned(want[i]), 1e-4, 1e-5), "output %d", i)
		}
	}
}

func TestLayersAreTheirFormulas(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for op, flag := range map[string]string{"LSTM": "input_forget", "GRU": "linear_before_reset", "RNN": ""} {
		for _, direction := range []string{"forward", "reverse", "bidirectional"} {
			for bits := range 32 {
				s := spec{op: op, steps: 4, batch: 1 + bits%3, input: 5, hidden: 3 + 6*(bits%2), direction: direction}
				if bits&1 != 0 {
					s.clip = 0.4
				}
				if bits&2 != 0 {
					s.flag = flag
				}
				s.relu, s.batchFirst = bits&4 != 0, bits&8 != 0
				t.Run(fmt.Sprintf("op=%s/direction=%s/bits=%05b", op, direction, bits), func(t *testing.T) {
					s.fill(rng, bits&16 != 0)
					s.check(t)
				})
			}
		}
	}
}

func TestSizes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, size := range [][4]int{{0, 2, 3, 4}, {3, 0, 3, 4}, {3, 2, 0, 4}, {1, 1, 1, 1}, {2, 1, 128, 128}, {9, 7, 17, 33}} {
		for _, op := range []string{"LSTM", "GRU", "RNN"} {
			t.Run(fmt.Sprint(op, size), func(t *testing.T) {
				s := spec{op: op, steps: size[0], batch: size[1], input: size[2], hidden: size[3], direction: "bidirectional"}
				s.fill(rng, true)
				s.check(t)
			})
		}
	}
}

package spatial

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// global pools each channel of an image to one number.
type global struct {
	layout layout
	kind   kind
	p      float64 // of norm
}

// kind is what a pool makes of its elements.
type kind int

const (
	average kind = iota
	maximum
	norm
)

func newGlobal(l layout, k kind) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := n.Inputs(1, 1); err != nil {
			return nil, nil, err
		}
		g := global{layout: l, kind: k}
		if k == norm {
			p, err := exponent(n)
			if err != nil {
				return nil, nil, err
			}
			g.p = p
		}
		return g, []tensor.DType{onnxpb.Float}, n.Float32(0)
	}
}

// exponent reads the attribute p of a norm.
func exponent(n *op.Node) (float64, error) {
	p, err := n.Int("p", 2)
	if err == nil && p < 1 {
		err = n.Wrong("p is %d, at least 1 makes sense", p)
	}
	return float64(p), err
}

func (g global) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	n, ch, area, err := g.layout.planes(in[0].Shape)
	if err != nil {
		return err
	}
	s, channel := append(out[0].Shape[:0], in[0].Shape...), 1
	if g.layout == last {
		channel = len(s) - 1
	}
	for i := range s {
		if i != 0 && i != channel {
			s[i] = 1
		}
	}
	out[0].Shape = s
	if err := c.NewShape(out[0], onnxpb.Float, s); err != nil || n*ch == 0 {
		return err
	}
	x, dst := tensor.Of[float32](in[0]), tensor.Of[float32](out[0])
	if g.layout == first || area == 0 {
		for i := range dst {
			dst[i] = g.plane(x[i*area:][:area])
		}
		return nil
	}
	room, err := op.Scratch[float32](c, foldRoom(ch))
	if err != nil {
		return err
	}
	for i := range n {
		g.rows(dst[i*ch:][:ch], x[i*ch*area:][:ch*area], room)
	}
	return nil
}

// plane pools one channel whose elements lie together.
func (g global) plane(x []float32) float32 {
	switch {
	case g.kind == maximum:
		return vec.MaxOf(x)
	case g.kind == norm:
		return float32(powerSum(x, g.p))
	case len(x) == 0:
		return 0
	}
	return vec.Sum(x) / float32(len(x))
}

// powerSum is the p-norm of x.
func powerSum(x []float32, p float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += math.Pow(math.Abs(float64(v)), p)
	}
	return math.Pow(sum, 1/p)
}

// rows pools one image with the channels last.
func (g global) rows(dst, x, room []float32) {
	if g.kind == maximum {
		foldRows(dst, x, room, vec.Max)
		return
	}
	foldRows(dst, x, room, vec.Add)
	vec.MulScalar(dst, dst, float32(len(dst))/float32(len(x)))
}

// foldRows combines the rows of x, at least one, of len(dst) elements each, by
// f. It does several rows at a time where they are short, in room, which has
// [foldRoom] elements.
func foldRows(dst, x, room []float32, f func(dst, a, b []float32)) {
	step := min(len(room), len(x)/len(dst)*len(dst))
	sums := room[:step]
	copy(sums, x)
	for x = x[step:]; len(x) > 0; x = x[step:] {
		step = min(step, len(x))
		f(sums[:step], sums[:step], x[:step])
	}
	copy(dst, sums)
	for sums = sums[len(dst):]; len(sums) > 0; sums = sums[len(dst):] {
		f(dst, dst, sums[:len(dst)])
	}
}

// foldRoom is the size of foldRows' room for rows of n elements.
func foldRoom(n int) int { return max(nearby/4/n, 1) * n }

package elementwise

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// floats reads float attributes, given as pairs of name and default.
func floats(n *op.Node, names []string, defaults ...float32) ([]float32, error) {
	v := make([]float32, len(names))
	for i, name := range names {
		var err error
		if v[i], err = n.Float(name, defaults[i]); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// withAlpha makes a function of one attribute.
func withAlpha(
	def float32, f32 func(dst, x []float32, alpha float32), f64 func(alpha float64) func(float64) float64,
) op.Builder {
	return newFunction(func(n *op.Node) (function, error) {
		alpha, err := n.Float("alpha", def)
		f := function{f64: f64(float64(alpha))}
		if f32 != nil {
			f.f32 = func(dst, x []float32) { f32(dst, x, alpha) }
		}
		return f, err
	})
}

func eluOf(alpha float64) func(float64) float64 { return elu(alpha, 1, 1) }

func hardSigmoidOf(n *op.Node) (function, error) {
	v, err := floats(n, []string{"alpha", "beta"}, 0.2, 0.5)
	if err != nil {
		return function{}, err
	}
	return function{
		f32: func(dst, x []float32) { vec.HardSigmoid(dst, x, v[0], v[1]) },
		f64: hardSigmoid(float64(v[0]), float64(v[1])),
	}, nil
}

func seluOf(n *op.Node) (function, error) {
	v, err := floats(n, []string{"alpha", "gamma"}, 1.67326319217681884765625, 1.05070102214813232421875)
	if err != nil {
		return function{}, err
	}
	return function{
		f32: func(dst, x []float32) {
			vec.Elu(dst, x, v[0])
			vec.MulScalar(dst, dst, v[1])
		},
		f64: elu(float64(v[0]), 1, float64(v[1])),
	}, nil
}

// celuOf is Elu but for the division by alpha, which by 1 makes no difference.
func celuOf(n *op.Node) (function, error) {
	alpha, err := n.Float("alpha", 1)
	if err != nil {
		return function{}, err
	}
	if alpha == 0 {
		return function{}, n.Unsupported("alpha 0")
	}
	f := function{f64: elu(float64(alpha), float64(alpha), 1)}
	if alpha == 1 {
		f.f32 = func(dst, x []float32) { vec.Elu(dst, x, 1) }
	}
	return f, nil
}

// geluOf is the Gelu of opset 20.
func geluOf(n *op.Node) (function, error) {
	switch approximate, err := n.Text("approximate", "none"); {
	case err != nil:
		return function{}, err
	case approximate == "none":
		return function{vec.Gelu, gelu}, nil
	case approximate == "tanh":
		return function{vec.GeluTanh, geluTanh}, nil
	default:
		return function{}, n.Unsupported("approximate %q", approximate)
	}
}

// shrinkOf is x+bias below -lambd, x-bias above lambd and 0 between.
func shrinkOf(n *op.Node) (function, error) {
	v, err := floats(n, []string{"lambd", "bias"}, 0.5, 0)
	if err != nil {
		return function{}, err
	}
	lambda, bias := float64(v[0]), float64(v[1])
	return function{f64: func(x float64) float64 {
		switch {
		case x < -lambda:
			return x + bias
		case x > lambda:
			return x - bias
		}
		return 0
	}}, nil
}

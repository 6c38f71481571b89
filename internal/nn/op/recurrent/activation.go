package recurrent

import (
	"strings"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// function is an activation of a gate.
type function struct {
	name        string
	alpha, beta float32
}

// defaults are the activations that ONNX names, with the numbers that those have
// which nobody gives them.
var defaults = []struct {
	function
	hasAlpha, hasBeta bool
}{
	{function: function{name: "Relu"}},
	{function: function{name: "Tanh"}},
	{function: function{name: "Sigmoid"}},
	{function: function{name: "Softsign"}},
	{function: function{name: "Softplus"}},
	{function{"LeakyRelu", 0.01, 0}, true, false},
	{function{"ThresholdedRelu", 1, 0}, true, false},
	{function{"Elu", 1, 0}, true, false},
	{function{"HardSigmoid", 0.2, 0.5}, true, true},
	{function{"ScaledTanh", 1, 1}, true, true},
	{function{"Affine", 1, 0}, true, true},
}

// activations reads the functions of all directions, so many for each; names are
// those without the attribute.
func activations(n *op.Node, directions int, names ...string) ([][]function, error) {
	given, err := n.Texts("activations")
	if err != nil {
		return nil, err
	}
	for i := 0; len(given) < directions*len(names) && !n.HasAttr("activations"); i++ {
		given = append(given, names[i%len(names)])
	}
	if len(given) != directions*len(names) {
		return nil, n.Wrong("%d activations, not %d", len(given), directions*len(names))
	}
	alpha, err := n.Floats("activation_alpha")
	if err != nil {
		return nil, err
	}
	beta, err := n.Floats("activation_beta")
	if err != nil {
		return nil, err
	}
	all := make([][]function, directions)
	for i, name := range given {
		f, ok := named(name, &alpha, &beta)
		if !ok {
			return nil, n.Unsupported("activation %q", name)
		}
		d := i / len(names)
		all[d] = append(all[d], f)
	}
	return all, nil
}

// named returns the function of that name and takes its numbers from the lists.
func named(name string, alpha, beta *[]float32) (function, bool) {
	for _, d := range defaults {
		if !strings.EqualFold(name, d.name) {
			continue
		}
		f := d.function
		if d.hasAlpha && len(*alpha) > 0 {
			f.alpha, *alpha = (*alpha)[0], (*alpha)[1:]
		}
		if d.hasBeta && len(*beta) > 0 {
			f.beta, *beta = (*beta)[0], (*beta)[1:]
		}
		return f, true
	}
	return function{}, false
}

// apply replaces each element of x by f of it.
func (f *function) apply(x []float32) {
	switch f.name {
	case "Relu":
		vec.Relu(x, x)
	case "Tanh":
		vec.Tanh(x, x)
	case "Sigmoid":
		vec.Sigmoid(x, x)
	case "Softplus":
		vec.Softplus(x, x)
	case "LeakyRelu":
		vec.LeakyRelu(x, x, f.alpha)
	case "Elu":
		vec.Elu(x, x, f.alpha)
	case "HardSigmoid":
		vec.HardSigmoid(x, x, f.alpha, f.beta)
	case "ScaledTanh":
		vec.MulScalar(x, x, f.beta)
		vec.Tanh(x, x)
		vec.MulScalar(x, x, f.alpha)
	case "Affine":
		vec.MulScalar(x, x, f.alpha)
		vec.AddScalar(x, x, f.beta)
	case "Softsign":
		for i, v := range x {
			x[i] = v / (1 + max(v, -v))
		}
	case "ThresholdedRelu":
		for i, v := range x {
			if v <= f.alpha {
				x[i] = 0
			}
		}
	}
}

// Package activation is the function that a fused operator applies to its sums
// before it stores them, named by the attributes "activation", "alpha" and "beta"
// of the node.
//
// # Limits
//
// Functions of one float32 each; those with other operands stay nodes of their
// own.
package activation

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// Func is an activation. The zero Func is the identity. It is comparable.
type Func struct {
	Name        string // of the ONNX operator, "" for none
	Alpha, Beta float32
}

// Of returns the activation that a fused node names: none without the attribute
// "activation". Clip takes its bounds from alpha and beta.
func Of(n *op.Node) (Func, error) {
	var f Func
	var err error
	if f.Name, err = n.Text("activation", ""); err != nil {
		return f, err
	}
	if f.Alpha, err = n.Float("alpha", 0); err != nil {
		return f, err
	}
	if f.Beta, err = n.Float("beta", 0); err != nil {
		return f, err
	}
	if !f.Known() {
		return f, n.Unsupported("activation %q", f.Name)
	}
	return f, nil
}

// Known reports whether Apply can do f.
func (f Func) Known() bool {
	switch f.Name {
	case "", "Relu", "Clip", "LeakyRelu", "Elu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Silu", "Gelu",
		"GeluTanh", "QuickGelu", "Softplus", "Mish", "Erf":
		return true
	}
	return false
}

// Clamp returns the bounds of an f that only bounds its argument, as a kernel
// does for nothing; ok is false for others.
func (f Func) Clamp() (lo, hi float32, ok bool) {
	switch f.Name {
	case "Relu":
		return 0, float32(math.Inf(1)), true
	case "Clip":
		return f.Alpha, f.Beta, true
	}
	return 0, 0, false
}

// Apply replaces each element of x by f of it.
func (f Func) Apply(x []float32) {
	switch f.Name {
	case "Relu":
		vec.Relu(x, x)
	case "Clip":
		vec.Clip(x, x, f.Alpha, f.Beta)
	case "LeakyRelu":
		vec.LeakyRelu(x, x, f.Alpha)
	case "Elu":
		vec.Elu(x, x, f.Alpha)
	case "Sigmoid":
		vec.Sigmoid(x, x)
	case "Tanh":
		vec.Tanh(x, x)
	case "HardSigmoid":
		vec.HardSigmoid(x, x, f.Alpha, f.Beta)
	case "HardSwish":
		vec.HardSwish(x, x)
	case "Silu":
		vec.Silu(x, x)
	case "Gelu":
		vec.Gelu(x, x)
	case "GeluTanh":
		vec.GeluTanh(x, x)
	case "QuickGelu":
		vec.QuickGelu(x, x, f.Alpha)
	case "Softplus":
		vec.Softplus(x, x)
	case "Mish":
		vec.Mish(x, x)
	case "Erf":
		vec.Erf(x, x)
	}
}

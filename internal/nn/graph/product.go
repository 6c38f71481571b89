package graph

import (
	"math"
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// product is a value as a number times other values.
type product struct {
	scale   float64
	factors []*Value
}

// productOf takes v apart as far as it is made by Mul, Div by a number and Pow
// with a small whole exponent, through values that nobody else reads. v itself may
// have other readers.
func (r *rewriter) productOf(v *Value) product {
	p := product{scale: 1}
	r.multiply(&p, v, true)
	return p
}

func (r *rewriter) multiply(p *product, v *Value, top bool) {
	n := v.From
	switch {
	case len(p.factors) > 8:
	case !top && !r.only(v):
	case n.Is("Mul"):
		for i, in := range n.In {
			if s, ok := in.beside(n.In[1-i]); ok {
				p.scale *= float64(s)
				continue
			}
			r.multiply(p, in, false)
		}
		return
	case n.Is("Div"):
		if s, ok := n.In[1].beside(n.In[0]); ok && s != 0 {
			p.scale /= float64(s)
			r.multiply(p, n.In[0], false)
			return
		}
	case n.Is("Pow"):
		if s, ok := n.In[1].beside(n.In[0]); ok && (s == 2 || s == 3) {
			for range int(s) {
				p.factors = append(p.factors, n.In[0])
			}
			return
		}
	}
	p.factors = append(p.factors, v)
}

// without returns the factors beside one x, if x is among them.
func (p product) without(x *Value) (rest []*Value, ok bool) {
	i := slices.Index(p.factors, x)
	if i < 0 {
		return nil, false
	}
	return slices.Delete(slices.Clone(p.factors), i, i+1), true
}

// near reports whether a is b up to the precision that exporters write.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-4*math.Abs(b) }

// sum returns the operand of an addition of the number s that nobody else reads.
func (r *rewriter) sum(v *Value, s float64) *Value {
	if !v.From.Is("Add") || !r.only(v) {
		return nil
	}
	for i, in := range v.From.In {
		if c, ok := in.beside(v.From.In[1-i]); ok && near(float64(c), s) {
			return v.From.In[1-i]
		}
	}
	return nil
}

// activations turns what exporters write out in several nodes into one.
func activations(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		if !n.Is("Mul", "Div") || n.Output(0) == nil || n.Out[0].Type != onnxpb.Float {
			continue
		}
		p := r.productOf(n.Out[0])
		if len(p.factors) != 2 {
			continue
		}
		for i, f := range p.factors {
			x := p.factors[1-i]
			name, alpha, ok := r.gate(x, f, p.scale)
			if ok && f != x {
				n.into(Fused, "Activation", named(name, alpha, 0), x)
				changed = true
				break
			}
		}
	}
	return changed
}

// named returns the attributes of an activation.
func named(name string, alpha, beta float32) []onnxpb.Attribute {
	return []onnxpb.Attribute{onnxpb.TextAttr("activation", name), onnxpb.FloatAttr("alpha", alpha),
		onnxpb.FloatAttr("beta", beta)}
}

// gate recognises scale * x * f as an activation of x.
func (r *rewriter) gate(x, f *Value, scale float64) (name string, alpha float32, ok bool) {
	if !r.only(f) || f.From == nil {
		return "", 0, false
	}
	n := f.From
	switch {
	case n.Is("Sigmoid") && near(scale, 1):
		if n.In[0] == x {
			return "Silu", 0, true
		}
		if p := r.productOf(n.In[0]); r.only(n.In[0]) && len(p.factors) == 1 && p.factors[0] == x {
			return "QuickGelu", float32(p.scale), true
		}
	case n.Is("HardSigmoid") && near(scale, 1) && n.In[0] == x:
		if near(float64(n.Float("alpha", 0.2)), 1.0/6) && near(float64(n.Float("beta", 0.5)), 0.5) {
			return "HardSwish", 0, true
		}
	case n.Is("Clip") && near(scale, 1.0/6):
		if lo, hi, known := n.clip(); known && lo == 0 && hi == 6 && r.sum(n.In[0], 3) == x {
			return "HardSwish", 0, true
		}
	case n.Is("Tanh") && near(scale, 1) && n.In[0].From.Is("Softplus") && n.In[0].From.In[0] == x && r.only(n.In[0]):
		return "Mish", 0, true
	case n.Is("Add") && near(scale, 0.5):
		return r.gelu(x, r.sum(f, 1))
	}
	return "", 0, false
}

// gelu recognises f, which is Erf(x/sqrt2) or the Tanh that approximates it.
func (r *rewriter) gelu(x, f *Value) (name string, alpha float32, ok bool) {
	if f == nil || !r.only(f) || !f.From.Is("Erf", "Tanh") || !r.only(f.From.In[0]) {
		return "", 0, false
	}
	p := r.productOf(f.From.In[0])
	if len(p.factors) != 1 && f.From.Is("Erf") {
		return "", 0, false
	}
	if f.From.Is("Erf") {
		return "Gelu", 0, p.factors[0] == x && near(p.scale, math.Sqrt2/2)
	}
	if near(p.scale, math.Sqrt(2/math.Pi)) && len(p.factors) == 1 && r.cubic(x, p.factors[0]) {
		return "GeluTanh", 0, true
	}
	// sqrt(2/pi) * x * (1 + 0.044715 x^2)
	if rest, found := p.without(x); found && len(rest) == 1 && near(p.scale, math.Sqrt(2/math.Pi)) {
		if q := r.sum(rest[0], 1); q != nil && r.only(q) {
			return "GeluTanh", 0, r.isPower(q, x, 2)
		}
	}
	return "", 0, false
}

// cubic reports whether v is x + 0.044715 x^3.
func (r *rewriter) cubic(x, v *Value) bool {
	if !v.From.Is("Add") || !r.only(v) {
		return false
	}
	for i, in := range v.From.In {
		if in == x && r.only(v.From.In[1-i]) {
			return r.isPower(v.From.In[1-i], x, 3)
		}
	}
	return false
}

// isPower reports whether v is 0.044715 x^e.
func (r *rewriter) isPower(v, x *Value, e int) bool {
	p := r.productOf(v)
	if !near(p.scale, 0.044715) || len(p.factors) != e {
		return false
	}
	return !slices.ContainsFunc(p.factors, func(f *Value) bool { return f != x })
}

// clip returns the bounds of a Clip, if they are constants.
func (n *Node) clip() (lo, hi float32, ok bool) {
	lo, hi = -math.MaxFloat32, math.MaxFloat32
	if n.Opset < 11 {
		return n.Float("min", lo), n.Float("max", hi), true
	}
	for i, p := range []*float32{&lo, &hi} {
		v := n.Input(i + 1)
		if v == nil {
			continue
		}
		if v.Const == nil || v.Const.Type != onnxpb.Float || v.Const.Len() != 1 {
			return 0, 0, false
		}
		*p = tensor.Of[float32](v.Const)[0]
	}
	return lo, hi, true
}

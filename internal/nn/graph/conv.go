package graph

import (
	"math"
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// convolutions folds what follows a convolution with constant weights and is the
// same for all pixels of a channel into the weights: normalisation by constants,
// and products and sums with them.
func convolutions(r *rewriter) (changed bool) {
	for _, n := range r.g.Nodes {
		if n.Output(0) == nil || len(n.In) == 0 {
			continue
		}
		var a *affine
		switch {
		case n.Is("BatchNormalization"):
			a = n.batchNorm()
		case n.Is("Mul", "Add", "Sub", "Div"):
			a = n.perChannel()
		}
		if a != nil && r.foldInto(a.x.From, a) {
			r.takeOver(n, a.x.From)
			changed = true
		}
	}
	return changed
}

// affine is x*scale + shift, for each channel. Slices of one element are for all.
type affine struct {
	x            *Value
	scale, shift []float32
}

// batchNorm returns what a normalisation with constants does, nil if it is none.
func (n *Node) batchNorm() *affine {
	if len(n.In) < 5 || n.Int("training_mode", 0) != 0 || len(n.Out) > 1 && slices.ContainsFunc(n.Out[1:], isValue) {
		return nil
	}
	if n.Opset < 9 && n.Int("spatial", 1) == 0 || n.Opset < 7 {
		return nil
	}
	var p [4][]float32
	for i := range p {
		var ok bool
		if p[i], ok = n.In[1+i].Floats(); !ok || len(p[i]) != len(p[0]) {
			return nil
		}
	}
	a := &affine{x: n.In[0], scale: make([]float32, len(p[0])), shift: make([]float32, len(p[0]))}
	eps := float64(n.Float("epsilon", 1e-5))
	for c := range a.scale {
		s := float64(p[0][c]) / math.Sqrt(float64(p[3][c])+eps)
		a.scale[c] = float32(s)
		a.shift[c] = float32(float64(p[1][c]) - float64(p[2][c])*s)
	}
	return a
}

func isValue(v *Value) bool { return v != nil }

// perChannel returns what a product or sum with a constant for each channel, or for
// all, does, nil if it is none.
func (n *Node) perChannel() *affine {
	for i, c := range n.In {
		x := n.In[1-i]
		k, ok := c.channels(x.Rank())
		if !ok || x.Const != nil || i == 0 && n.Is("Sub", "Div") {
			continue
		}
		one, zero := slices.Repeat([]float32{1}, len(k)), make([]float32, len(k))
		k = slices.Clone(k)
		switch n.Type {
		case "Mul":
			return &affine{x, k, zero}
		case "Add":
			return &affine{x, one, k}
		case "Sub":
			for j := range k {
				k[j] = -k[j]
			}
			return &affine{x, one, k}
		}
		for j := range k {
			k[j] = 1 / k[j]
		}
		return &affine{x, k, zero}
	}
	return nil
}

// channels returns the elements of a constant that is a number, or broadcasts over
// all but the second of rank dimensions.
func (v *Value) channels(rank int) ([]float32, bool) {
	x, ok := v.Floats()
	if !ok || rank < 3 || len(v.Const.Shape) > rank {
		return nil, false
	}
	for i, d := range v.Const.Shape {
		if d != 1 && i != len(v.Const.Shape)-rank+1 {
			return nil, false
		}
	}
	return x, len(x) > 0
}

// foldInto changes the weights of a convolution so that it does a, too.
func (r *rewriter) foldInto(n *Node, a *affine) bool {
	if !n.Is("Conv", "ConvTranspose") || !r.only(a.x) || !r.foldable(n) {
		return false
	}
	w := n.In[1].Const
	channels := w.Shape[0]
	group := int(max(1, min(n.Int("group", 1), math.MaxInt32)))
	if n.Is("ConvTranspose") {
		if group != 1 {
			return false
		}
		channels = w.Shape[1]
	}
	if l := len(a.scale); l != 1 && l != channels {
		return false
	}
	bias := make([]float32, channels)
	if b := n.Input(2); b != nil {
		copy(bias, tensor.Of[float32](b.Const))
	}
	scale := func(c int) float32 { return a.scale[min(c, len(a.scale)-1)] }
	for c := range bias {
		bias[c] = bias[c]*scale(c) + a.shift[min(c, len(a.shift)-1)]
	}
	if slices.ContainsFunc(a.scale, func(s float32) bool { return s != 1 }) {
		n.In[1] = r.g.Constant(n.In[1].Name, scaled(w, n.Is("ConvTranspose"), scale))
	}
	n.put(2, r.g.Constant(n.Name+"_bias", tensor.From(bias, channels)))
	return true
}

// foldable reports whether n's weights and bias are constants of float32.
func (r *rewriter) foldable(n *Node) bool {
	w, b := n.Input(1), n.Input(2)
	if w == nil || w.Const == nil || w.Const.Type != onnxpb.Float || len(w.Const.Shape) < 3 || w.Const.Len() == 0 {
		return false
	}
	width := w.Const.Shape[0]
	if n.Type == "ConvTranspose" {
		width = w.Const.Shape[1]
	}
	return b == nil || b.Const != nil && b.isVector(width)
}

// scaled returns weights with those of each output channel multiplied. Output
// channels are the first dimension, or the second of a transposed convolution.
func scaled(w *tensor.Tensor, transposed bool, scale func(c int) float32) *tensor.Tensor {
	t := w.Clone()
	x := tensor.Of[float32](t)
	rows, inner := w.Shape[0], len(x)/w.Shape[0]
	for i := range rows {
		if !transposed {
			scaleAll(x[i*inner:(i+1)*inner], scale(i))
			continue
		}
		one := inner / w.Shape[1]
		for c := range w.Shape[1] {
			scaleAll(x[i*inner+c*one:][:one], scale(c))
		}
	}
	return t
}

func scaleAll(x []float32, s float32) {
	for i := range x {
		x[i] *= s
	}
}

package graph

import (
	"fmt"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Dim is a dimension, or an integer made of dimensions, as far as it is known
// before the model runs: a number, or a symbol. Equal symbols are equal numbers.
// Dims are comparable.
type Dim struct {
	N   int64 // if Sym is 0
	Sym int   // 0 for a number; negative for what may be less than 0
}

// bound keeps followed numbers far from overflow.
const bound = 1 << 31

// large reports whether d is a number that 32 bits may not hold.
func (d Dim) large() bool { return d.Sym == 0 && (d.N >= bound || d.N <= -bound) }

// length reports whether d is at least 0, as what makes up shapes is.
func (d Dim) length() bool { return d.Sym > 0 || d.Sym == 0 && d.N >= 0 }

// Known returns the number, if d is one.
func (d Dim) Known() (n int64, ok bool) { return d.N, d.Sym == 0 }

// Is reports whether d is the number n.
func (d Dim) Is(n int64) bool { return d.Sym == 0 && d.N == n }

// String is the number, or s with the number of the symbol.
func (d Dim) String() string {
	if d.Sym != 0 {
		return fmt.Sprintf("s%d", d.Sym)
	}
	return fmt.Sprint(d.N)
}

// symbol returns a dimension about which nothing is known.
func (g *Graph) symbol() Dim {
	g.symbols++
	return Dim{Sym: g.symbols}
}

// number returns an integer about which nothing is known, not even that it is a
// length.
func (g *Graph) number() Dim {
	g.symbols++
	return Dim{Sym: -g.symbols}
}

// number returns the dimension n.
func number[T int | int64](n T) Dim { return Dim{N: int64(n)} }

// maxElems is the length of the longest tensor whose elements are followed.
const maxElems = 32

// describeConst sets what is known of a constant.
func (v *Value) describeConst() {
	t := v.Const
	v.Type, v.Ranked, v.Shape, v.Elems = t.Type, true, make([]Dim, len(t.Shape)), nil
	for i, n := range t.Shape {
		v.Shape[i] = number(n)
	}
	if t.Len() > maxElems || len(t.Shape) > 1 {
		return
	}
	switch t.Type {
	case onnxpb.Int64:
		v.Elems = make([]Dim, t.Len())
		for i, n := range tensor.Of[int64](t) {
			v.Elems[i] = number(n)
		}
	case onnxpb.Int32:
		v.Elems = make([]Dim, t.Len())
		for i, n := range tensor.Of[int32](t) {
			v.Elems[i] = number(int64(n))
		}
	}
}

// Sizes returns the shape with -1 for what is not known, as [op.Value] has it.
func (v *Value) Sizes() []int {
	if !v.Ranked {
		return nil
	}
	s := make([]int, len(v.Shape))
	for i, d := range v.Shape {
		s[i] = -1
		if n, ok := d.Known(); ok {
			s[i] = int(n)
		}
	}
	return s
}

// ints returns the elements of v if all are known.
func (v *Value) ints() (all []int64, ok bool) {
	if v == nil || v.Elems == nil {
		return nil, false
	}
	for _, d := range v.Elems {
		n, ok := d.Known()
		if !ok {
			return nil, false
		}
		all = append(all, n)
	}
	return all, true
}

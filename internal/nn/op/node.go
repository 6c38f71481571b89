package op

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Node is what is known of a node when it is built.
type Node struct {
	Domain string // "" for the operators of ONNX itself
	Type   string // of the operator
	Name   string // for people
	Opset  int    // the version of the domain that the model asks for
	Attrs  []onnxpb.Attribute
	In     []Value
	Out    []bool // whether somebody wants it

	// Compile builds a graph in an attribute, for control flow: given what is
	// known of the graph's own inputs. Values that the graph takes from
	// outside become further inputs of the node, in Body.Captures.
	Compile func(g *onnxpb.Graph, in []Value) (Body, error)
}

// Value is what is known of an input when its node is built.
type Value struct {
	Missing bool           // an optional input that is left out
	Type    tensor.DType   // always known
	Shape   []int          // -1 where not known; nil with Ranked false if not even the rank is
	Ranked  bool           // Shape counts
	Const   *tensor.Tensor // if the input is a constant
}

// Body is a graph in an attribute of a node, made ready.
type Body interface {
	// Outputs are the types of the graph's outputs.
	Outputs() []tensor.DType

	// Captures are the places among the node's inputs, behind those it was
	// built with, of the values that the graph takes from outside.
	Captures() []int

	// Run computes the graph's outputs into out, whose memory is then c's: to be
	// dropped, or handed on with the tensor. Inputs are only read.
	Run(c *Ctx, in, captured, out []*tensor.Tensor) error
}

// Has reports whether input i is given.
func (n *Node) Has(i int) bool { return i < len(n.In) && !n.In[i].Missing }

// Const returns input i if it is a constant, otherwise nil.
func (n *Node) Const(i int) *tensor.Tensor {
	if !n.Has(i) {
		return nil
	}
	return n.In[i].Const
}

// Dtype returns the type of input i, Undefined if it is left out.
func (n *Node) Dtype(i int) tensor.DType {
	if !n.Has(i) {
		return onnxpb.Undefined
	}
	return n.In[i].Type
}

// Wants reports whether output i is used.
func (n *Node) Wants(i int) bool { return i < len(n.Out) && n.Out[i] }

// Inputs checks that there are between least and most inputs and that the first
// least are given.
func (n *Node) Inputs(least, most int) error {
	if len(n.In) > most {
		return n.Wrong("has %d inputs, at most %d make sense", len(n.In), most)
	}
	for i := range least {
		if !n.Has(i) {
			return n.Wrong("lacks input %d", i)
		}
	}
	return nil
}

// Typed checks that input i is given and of one of the types.
func (n *Node) Typed(i int, types ...tensor.DType) error {
	if !n.Has(i) {
		return n.Wrong("lacks input %d", i)
	}
	if !slices.Contains(types, n.In[i].Type) {
		return n.Unsupported("input %d of %s", i, n.In[i].Type)
	}
	return nil
}

// Float32 checks that the given inputs, all of those named, are of float32; those
// left out pass.
func (n *Node) Float32(inputs ...int) error {
	for _, i := range inputs {
		if n.Has(i) && n.In[i].Type != onnxpb.Float {
			return n.Unsupported("input %d of %s", i, n.In[i].Type)
		}
	}
	return nil
}

// Unsupported is the error of something that the engine cannot do.
func (n *Node) Unsupported(format string, a ...any) error {
	return fmt.Errorf("%s: %s: %w", n.Type, fmt.Sprintf(format, a...), quintet.ErrUnsupported)
}

// Wrong is the error of a node that breaks the rules of ONNX.
func (n *Node) Wrong(format string, a ...any) error {
	return fmt.Errorf("%s: %s: %w", n.Type, fmt.Sprintf(format, a...), quintet.ErrModel)
}

// attr returns the named attribute if it is there, and checks its kind.
func (n *Node) attr(name string, kind onnxpb.AttributeType) (*onnxpb.Attribute, error) {
	for i := range n.Attrs {
		a := &n.Attrs[i]
		if a.Name != name {
			continue
		}
		if a.Kind() != kind {
			return nil, n.Wrong("attribute %s is of type %s, not %s", name, a.Kind(), kind)
		}
		return a, nil
	}
	return nil, nil
}

// HasAttr reports whether the named attribute is there.
func (n *Node) HasAttr(name string) bool {
	return slices.ContainsFunc(n.Attrs, func(a onnxpb.Attribute) bool { return a.Name == name })
}

// Int returns the named attribute, def if it is absent. Numbers outside 32 bits
// are bounded to them, which no operator can tell from the real ones.
func (n *Node) Int(name string, def int) (int, error) {
	a, err := n.attr(name, onnxpb.AttrInt)
	if err != nil || a == nil {
		return def, err
	}
	return bounded(a.Int), nil
}

// Flag returns the named attribute of 0 or 1, def if it is absent.
func (n *Node) Flag(name string, def bool) (bool, error) {
	a, err := n.attr(name, onnxpb.AttrInt)
	if err != nil || a == nil {
		return def, err
	}
	return a.Int != 0, nil
}

// Ints returns the named attribute, nil if it is absent, bounded as by Int.
func (n *Node) Ints(name string) ([]int, error) {
	a, err := n.attr(name, onnxpb.AttrInts)
	if err != nil || a == nil {
		return nil, err
	}
	v := make([]int, len(a.Ints))
	for i, x := range a.Ints {
		v[i] = bounded(x)
	}
	return v, nil
}

func bounded(v int64) int { return int(min(max(v, math.MinInt32), math.MaxInt32)) }

// Float returns the named attribute, def if it is absent.
func (n *Node) Float(name string, def float32) (float32, error) {
	a, err := n.attr(name, onnxpb.AttrFloat)
	if err != nil || a == nil {
		return def, err
	}
	return a.Float, nil
}

// Floats returns the named attribute, nil if it is absent.
func (n *Node) Floats(name string) ([]float32, error) {
	a, err := n.attr(name, onnxpb.AttrFloats)
	if err != nil || a == nil {
		return nil, err
	}
	return a.Floats, nil
}

// Text returns the named attribute, def if it is absent.
func (n *Node) Text(name, def string) (string, error) {
	a, err := n.attr(name, onnxpb.AttrString)
	if err != nil || a == nil {
		return def, err
	}
	return string(a.String), nil
}

// Texts returns the named attribute, nil if it is absent.
func (n *Node) Texts(name string) ([]string, error) {
	a, err := n.attr(name, onnxpb.AttrStrings)
	if err != nil || a == nil {
		return nil, err
	}
	v := make([]string, len(a.Strings))
	for i, s := range a.Strings {
		v[i] = string(s)
	}
	return v, nil
}

// Tensor returns the named attribute, nil if it is absent.
func (n *Node) Tensor(name string) (*tensor.Tensor, error) {
	a, err := n.attr(name, onnxpb.AttrTensor)
	if err != nil || a == nil {
		return nil, err
	}
	if a.Tensor == nil {
		return nil, n.Wrong("attribute %s holds no tensor", name)
	}
	return tensor.FromProto(a.Tensor)
}

// Graph returns the named attribute, which must be there.
func (n *Node) Graph(name string) (*onnxpb.Graph, error) {
	a, err := n.attr(name, onnxpb.AttrGraph)
	if err == nil && (a == nil || a.Graph == nil) {
		err = n.Wrong("lacks the graph %s", name)
	}
	if err != nil {
		return nil, err
	}
	return a.Graph, nil
}

// ConstInts returns the elements of constant input i, of int64 or int32, bounded
// as by Int. ok says whether it is given and constant.
func (n *Node) ConstInts(i int) (v []int, ok bool) {
	c := n.Const(i)
	if c == nil {
		return nil, false
	}
	return Ints(nil, c)
}

// Ints appends to dst[:0] the elements of t, of int64 or int32, bounded to 32
// bits; ok says whether it is of these types.
func Ints(dst []int, t *tensor.Tensor) (v []int, ok bool) {
	dst = dst[:0]
	switch t.Type {
	case onnxpb.Int64:
		for _, x := range tensor.Of[int64](t) {
			dst = append(dst, bounded(x))
		}
	case onnxpb.Int32:
		for _, x := range tensor.Of[int32](t) {
			dst = append(dst, int(x))
		}
	default:
		return nil, false
	}
	return dst, true
}

package onnxpb

import "encoding/binary"

// Element is a Go type that tensors can be made of.
type Element interface {
	bool | int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64 | float32 | float64
}

// NewTensor returns a tensor with the given elements, in row-major order, as raw
// data; without dims it is a scalar. It copies v. If v is not as long as dims
// say, reading the tensor is an error.
func NewTensor[T Element](name string, v []T, dims ...int64) *Tensor {
	raw, err := binary.Append(make([]byte, 0, binary.Size(v)), binary.LittleEndian, v)
	if err != nil {
		panic(err) // every Element has a fixed size
	}
	return &Tensor{Name: name, DataType: dataTypeOf[T](), Dims: dims, Raw: raw}
}

func dataTypeOf[T Element]() DataType {
	switch any(*new(T)).(type) {
	case bool:
		return Bool
	case int8:
		return Int8
	case uint8:
		return Uint8
	case int16:
		return Int16
	case uint16:
		return Uint16
	case int32:
		return Int32
	case uint32:
		return Uint32
	case int64:
		return Int64
	case uint64:
		return Uint64
	case float32:
		return Float
	}
	return Double
}

// NewNode returns a node of an operator of ONNX itself.
func NewNode(opType string, inputs, outputs []string, attrs ...Attribute) *Node {
	return &Node{OpType: opType, Inputs: inputs, Outputs: outputs, Attributes: attrs}
}

// IntAttr returns an attribute of type int.
func IntAttr(name string, v int64) Attribute { return Attribute{Name: name, Type: AttrInt, Int: v} }

// FloatAttr returns an attribute of type float.
func FloatAttr(name string, v float32) Attribute {
	return Attribute{Name: name, Type: AttrFloat, Float: v}
}

// TextAttr returns an attribute of type string.
func TextAttr(name, v string) Attribute {
	return Attribute{Name: name, Type: AttrString, String: []byte(v)}
}

// IntsAttr returns an attribute of type ints.
func IntsAttr(name string, v ...int64) Attribute {
	return Attribute{Name: name, Type: AttrInts, Ints: v}
}

// FloatsAttr returns an attribute of type floats.
func FloatsAttr(name string, v ...float32) Attribute {
	return Attribute{Name: name, Type: AttrFloats, Floats: v}
}

// TextsAttr returns an attribute of type strings.
func TextsAttr(name string, v ...string) Attribute {
	a := Attribute{Name: name, Type: AttrStrings}
	for _, s := range v {
		a.Strings = append(a.Strings, []byte(s))
	}
	return a
}

// TensorAttr returns an attribute of type tensor.
func TensorAttr(name string, t *Tensor) Attribute {
	return Attribute{Name: name, Type: AttrTensor, Tensor: t}
}

// GraphAttr returns an attribute of type graph.
func GraphAttr(name string, g *Graph) Attribute {
	return Attribute{Name: name, Type: AttrGraph, Graph: g}
}

// TensorInfo describes a value that is a tensor. Without dims it is a scalar.
func TensorInfo(name string, elem DataType, dims ...Dim) ValueInfo {
	return ValueInfo{Name: name, Type: &Type{Tensor: &TensorType{Elem: elem, Shape: &Shape{Dims: dims}}}}
}

// FixedDim is a dimension of length n.
func FixedDim(n int64) Dim { return Dim{Fixed: true, Value: n} }

// FreeDim is a dimension whose length is only known when the model runs; equal
// names are equal lengths.
func FreeDim(name string) Dim { return Dim{Param: name} }

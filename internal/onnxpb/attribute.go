package onnxpb

import "strconv"

// AttributeType says which field of an attribute counts.
type AttributeType int32

// The types of attributes, with the numbers of the file format.
const (
	AttrUndefined     AttributeType = 0
	AttrFloat         AttributeType = 1
	AttrInt           AttributeType = 2
	AttrString        AttributeType = 3
	AttrTensor        AttributeType = 4
	AttrGraph         AttributeType = 5
	AttrFloats        AttributeType = 6
	AttrInts          AttributeType = 7
	AttrStrings       AttributeType = 8
	AttrTensors       AttributeType = 9
	AttrGraphs        AttributeType = 10
	AttrSparseTensor  AttributeType = 11
	AttrSparseTensors AttributeType = 12
	AttrType          AttributeType = 13
	AttrTypes         AttributeType = 14
)

var attributeTypes = [...]string{"undefined", "float", "int", "string", "tensor", "graph", "floats", "ints",
	"strings", "tensors", "graphs", "sparse tensor", "sparse tensors", "type", "types"}

// String is the type in words.
func (t AttributeType) String() string {
	if t < 0 || int(t) >= len(attributeTypes) {
		return "attribute type " + strconv.Itoa(int(t))
	}
	return attributeTypes[t]
}

// Attribute is an AttributeProto: a named constant of a node. [Attribute.Kind]
// says which of the fields from Float on counts.
type Attribute struct {
	Name string
	Type AttributeType
	Ref  string // in a function: the function's attribute whose value this one takes
	Doc  string

	Float         float32
	Int           int64
	String        []byte
	Tensor        *Tensor
	Graph         *Graph
	Floats        []float32
	Ints          []int64
	Strings       [][]byte
	Tensors       []*Tensor
	Graphs        []*Graph
	TypeProto     *Type
	TypeProtos    []*Type
	SparseTensor  []byte   // SparseTensorProto, as read
	SparseTensors [][]byte // SparseTensorProto, as read
	keep
}

func (a *Attribute) fields(c *coder) {
	c.text(1, "name", &a.Name)
	c.float32(2, "f", &a.Float)
	c.int64(3, "i", &a.Int)
	c.blob(4, "s", &a.String)
	single(c, 5, "t", &a.Tensor)
	single(c, 6, "g", &a.Graph)
	numbers(c, 7, "floats", &a.Floats, asFloat32, false)
	numbers(c, 8, "ints", &a.Ints, asInt64, false)
	c.blobs(9, "strings", &a.Strings)
	pointers(c, 10, "tensors", &a.Tensors)
	pointers(c, 11, "graphs", &a.Graphs)
	c.text(13, "doc_string", &a.Doc)
	single(c, 14, "tp", &a.TypeProto)
	pointers(c, 15, "type_protos", &a.TypeProtos)
	enum(c, 20, "type", &a.Type)
	c.text(21, "ref_attr_name", &a.Ref)
	c.merged(22, "sparse_tensor", &a.SparseTensor)
	c.blobs(23, "sparse_tensors", &a.SparseTensors)
}

// Kind is the type of a, or, in files of IR version 1, which did not say it, the
// type of the field that is present.
func (a *Attribute) Kind() AttributeType {
	switch {
	case a.Type != AttrUndefined:
		return a.Type
	case a.Float != 0 || a.zeros&(1<<2) != 0:
		return AttrFloat
	case a.Int != 0 || a.zeros&(1<<3) != 0:
		return AttrInt
	case a.String != nil:
		return AttrString
	case a.Tensor != nil:
		return AttrTensor
	case a.Graph != nil:
		return AttrGraph
	case a.Floats != nil:
		return AttrFloats
	case a.Ints != nil:
		return AttrInts
	case a.Strings != nil:
		return AttrStrings
	case a.Tensors != nil:
		return AttrTensors
	case a.Graphs != nil:
		return AttrGraphs
	}
	return AttrUndefined
}

package onnxpb

import (
	"strconv"
	"strings"
)

// ValueInfo is a ValueInfoProto: the name and type of a value.
type ValueInfo struct {
	Name     string
	Type     *Type // nil if not known
	Doc      string
	Metadata []Entry
	keep
}

func (v *ValueInfo) fields(c *coder) {
	c.text(1, "name", &v.Name)
	single(c, 2, "type", &v.Type)
	c.text(3, "doc_string", &v.Doc)
	values(c, 4, "metadata_props", &v.Metadata)
}

// Type is a TypeProto. At most one of the pointers is set.
type Type struct {
	Tensor     *TensorType
	Sequence   *ElemType
	Map        *MapType
	Denotation string
	Opaque     []byte // as read
	Sparse     *TensorType
	Optional   *ElemType
	keep
}

func (t *Type) fields(c *coder) {
	if c.mode == reading {
		t.only(c.f.num)
	}
	single(c, 1, "tensor_type", &t.Tensor)
	single(c, 4, "sequence_type", &t.Sequence)
	single(c, 5, "map_type", &t.Map)
	c.text(6, "denotation", &t.Denotation)
	c.merged(7, "opaque_type", &t.Opaque)
	single(c, 8, "sparse_tensor_type", &t.Sparse)
	single(c, 9, "optional_type", &t.Optional)
}

// only drops the alternatives of num: of a union the last member counts.
func (t *Type) only(num int) {
	switch num {
	case 1, 4, 5, 7, 8, 9:
	default:
		return
	}
	if num != 1 {
		t.Tensor = nil
	}
	if num != 4 {
		t.Sequence = nil
	}
	if num != 5 {
		t.Map = nil
	}
	if num != 7 {
		t.Opaque = nil
	}
	if num != 8 {
		t.Sparse = nil
	}
	if num != 9 {
		t.Optional = nil
	}
}

// String is the type as people write it, such as float32[batch,384] or
// seq(int64[?]).
func (t *Type) String() string {
	switch {
	case t == nil:
		return "?"
	case t.Tensor != nil:
		return t.Tensor.String()
	case t.Sequence != nil:
		return "seq(" + t.Sequence.Elem.String() + ")"
	case t.Map != nil:
		return "map(" + t.Map.Key.String() + "," + t.Map.Value.String() + ")"
	case t.Sparse != nil:
		return "sparse(" + t.Sparse.String() + ")"
	case t.Optional != nil:
		return "optional(" + t.Optional.Elem.String() + ")"
	case t.Opaque != nil:
		return "opaque"
	}
	return "?"
}

// TensorType is a TypeProto.Tensor or TypeProto.SparseTensor.
type TensorType struct {
	Elem  DataType
	Shape *Shape // nil if not even the rank is known
	keep
}

func (t *TensorType) fields(c *coder) {
	enum(c, 1, "elem_type", &t.Elem)
	single(c, 2, "shape", &t.Shape)
}

// String is the type as people write it, such as float32[batch,384].
func (t *TensorType) String() string {
	if t.Shape == nil {
		return t.Elem.String() + "[...]"
	}
	return t.Elem.String() + t.Shape.String()
}

// ElemType is a TypeProto.Sequence or TypeProto.Optional.
type ElemType struct {
	Elem *Type
	keep
}

func (t *ElemType) fields(c *coder) { single(c, 1, "elem_type", &t.Elem) }

// MapType is a TypeProto.Map.
type MapType struct {
	Key   DataType
	Value *Type
	keep
}

func (t *MapType) fields(c *coder) {
	enum(c, 1, "key_type", &t.Key)
	single(c, 2, "value_type", &t.Value)
}

// Shape is a TensorShapeProto.
type Shape struct {
	Dims []Dim
	keep
}

func (s *Shape) fields(c *coder) { values(c, 1, "dim", &s.Dims) }

// String is the shape in brackets, such as [batch,384,?].
func (s *Shape) String() string {
	var b strings.Builder
	b.WriteByte('[')
	for i, d := range s.Dims {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(d.String())
	}
	b.WriteByte(']')
	return b.String()
}

// Dim is one dimension of a shape: a number, a name, or not known.
type Dim struct {
	Fixed      bool   // Value counts
	Value      int64  // may be negative in a file, which means nothing
	Param      string // equal names are equal lengths; empty if Fixed or not known
	Denotation string
	keep
}

func (d *Dim) fields(c *coder) {
	switch {
	case c.mode != reading && d.Fixed:
		c.tag(1, wireVarint)
		c.uvarint(uint64(d.Value))
	case c.mode != reading:
		c.text(2, "dim_param", &d.Param)
	case c.f.num == 1:
		*d = Dim{Fixed: true, Denotation: d.Denotation, keep: d.keep}
		c.int64(1, "dim_value", &d.Value)
		c.forget(1, 2)
	case c.f.num == 2:
		*d = Dim{Denotation: d.Denotation, keep: d.keep}
		c.text(2, "dim_param", &d.Param)
	}
	c.text(3, "denotation", &d.Denotation)
}

// String is the number, the name, or a question mark.
func (d Dim) String() string {
	switch {
	case d.Fixed:
		return strconv.FormatInt(d.Value, 10)
	case d.Param != "":
		return d.Param
	}
	return "?"
}

package onnxpb

// Attr returns the attribute with the given name, nil if n has none.
func (n *Node) Attr(name string) *Attribute {
	for i := range n.Attributes {
		if n.Attributes[i].Name == name {
			return &n.Attributes[i]
		}
	}
	return nil
}

// attr returns the named attribute if it has the type t. A reference to an
// attribute of a function has no value until the function is called.
func (n *Node) attr(name string, t AttributeType) (*Attribute, error) {
	a := n.Attr(name)
	switch {
	case a == nil:
		return nil, nil
	case a.Ref != "":
		return nil, n.wrong(name, "refers to attribute %q of the function", a.Ref)
	case a.Kind() != t:
		return nil, n.wrong(name, "is of type %s, want %s", a.Kind(), t)
	}
	return a, nil
}

func (n *Node) wrong(attr, format string, a ...any) error {
	return &Error{Path: n.OpType + " " + n.Name + "." + attr, Offset: -1, Err: wrong(format, a...)}
}

// Int returns the named attribute of type int, def if it is absent.
func (n *Node) Int(name string, def int64) (int64, error) {
	a, err := n.attr(name, AttrInt)
	if a == nil {
		return def, err
	}
	return a.Int, nil
}

// Float returns the named attribute of type float, def if it is absent.
func (n *Node) Float(name string, def float32) (float32, error) {
	a, err := n.attr(name, AttrFloat)
	if a == nil {
		return def, err
	}
	return a.Float, nil
}

// Text returns the named attribute of type string, def if it is absent.
func (n *Node) Text(name, def string) (string, error) {
	a, err := n.attr(name, AttrString)
	if a == nil {
		return def, err
	}
	return string(a.String), nil
}

// Ints returns the named attribute of type ints, nil if it is absent. The slice
// belongs to the node.
func (n *Node) Ints(name string) ([]int64, error) {
	a, err := n.attr(name, AttrInts)
	if a == nil {
		return nil, err
	}
	return a.Ints, nil
}

// Floats returns the named attribute of type floats, nil if it is absent. The
// slice belongs to the node.
func (n *Node) Floats(name string) ([]float32, error) {
	a, err := n.attr(name, AttrFloats)
	if a == nil {
		return nil, err
	}
	return a.Floats, nil
}

// Texts returns the named attribute of type strings, nil if it is absent.
func (n *Node) Texts(name string) ([]string, error) {
	a, err := n.attr(name, AttrStrings)
	if a == nil {
		return nil, err
	}
	return stringsOf(a.Strings), nil
}

// Tensor returns the named attribute of type tensor, nil if it is absent.
func (n *Node) Tensor(name string) (*Tensor, error) {
	a, err := n.attr(name, AttrTensor)
	if a == nil {
		return nil, err
	}
	if a.Tensor == nil {
		return nil, n.wrong(name, "has no tensor")
	}
	return a.Tensor, nil
}

// Subgraph returns the named attribute of type graph, nil if it is absent.
func (n *Node) Subgraph(name string) (*Graph, error) {
	a, err := n.attr(name, AttrGraph)
	if a == nil {
		return nil, err
	}
	if a.Graph == nil {
		return nil, n.wrong(name, "has no graph")
	}
	return a.Graph, nil
}

func stringsOf(raw [][]byte) []string {
	out := make([]string, len(raw))
	for i, b := range raw {
		out[i] = string(b)
	}
	return out
}

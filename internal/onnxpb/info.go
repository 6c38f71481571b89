package onnxpb

// Info is what can be told about a model without its nodes and weights.
type Info struct {
	IRVersion       int64
	ProducerName    string
	ProducerVersion string
	Domain          string
	ModelVersion    int64
	Doc             string
	Opsets          []Opset
	Metadata        []Entry
	GraphName       string
	Inputs          []ValueInfo // those that a caller must feed: without initializers
	Outputs         []ValueInfo
	Nodes           int // of the main graph
	Initializers    int // of the main graph
	Functions       int
}

// ReadInfo reads what stands at the top of a model file. It skips nodes and
// weights unread, so it takes microseconds whatever the size of the file, and it
// accepts files in which only these are damaged. Nothing of the result is a
// window into data.
func ReadInfo(data []byte) (Info, error) {
	var top outline
	if err := read(data, &top); err != nil {
		return Info{}, err
	}
	if top.graph == nil {
		return Info{}, &Error{Path: "graph", Offset: -1, Err: wrong("not there, in a file of %d bytes", len(data))}
	}
	named := make(map[string]bool, len(top.graph.initializers))
	for _, t := range top.graph.initializers {
		named[t.name] = true
	}
	info := top.info
	info.GraphName, info.Nodes = top.graph.name, top.graph.nodes
	info.Initializers, info.Outputs = len(top.graph.initializers), top.graph.outputs
	for _, v := range top.graph.inputs {
		if !named[v.Name] {
			info.Inputs = append(info.Inputs, v)
		}
	}
	return info, nil
}

// outline is a ModelProto of which only some fields are wanted.
type outline struct {
	info  Info
	graph *graphOutline
}

func (o *outline) kept() *keep { return nil }

func (o *outline) fields(c *coder) {
	c.int64(1, "ir_version", &o.info.IRVersion)
	c.text(2, "producer_name", &o.info.ProducerName)
	c.text(3, "producer_version", &o.info.ProducerVersion)
	c.text(4, "domain", &o.info.Domain)
	c.int64(5, "model_version", &o.info.ModelVersion)
	c.text(6, "doc_string", &o.info.Doc)
	single(c, 7, "graph", &o.graph)
	values(c, 8, "opset_import", &o.info.Opsets)
	values(c, 14, "metadata_props", &o.info.Metadata)
	c.count(25, &o.info.Functions)
}

// graphOutline is a GraphProto of which only some fields are wanted.
type graphOutline struct {
	nodes           int
	name            string
	initializers    []tensorOutline
	inputs, outputs []ValueInfo
}

func (g *graphOutline) kept() *keep { return nil }

func (g *graphOutline) fields(c *coder) {
	c.count(1, &g.nodes)
	c.text(2, "name", &g.name)
	values(c, 5, "initializer", &g.initializers)
	values(c, 11, "input", &g.inputs)
	values(c, 12, "output", &g.outputs)
}

// tensorOutline is a TensorProto of which only the name is wanted.
type tensorOutline struct{ name string }

func (t *tensorOutline) kept() *keep { return nil }

func (t *tensorOutline) fields(c *coder) { c.text(8, "name", &t.name) }

// count counts the fields with the given number.
func (c *coder) count(num int, n *int) {
	if c.f.num == num {
		c.known = true
		*n++
	}
}

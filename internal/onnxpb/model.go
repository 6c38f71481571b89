package onnxpb

// Model is a ModelProto: a graph and what is needed to run it.
type Model struct {
	IRVersion       int64
	ProducerName    string
	ProducerVersion string
	Domain          string
	ModelVersion    int64
	Doc             string
	Graph           *Graph
	Opsets          []Opset // the operator sets its nodes belong to
	Metadata        []Entry
	TrainingInfo    [][]byte // TrainingInfoProto, as read
	Functions       []*Function
	keep
}

func (m *Model) fields(c *coder) {
	c.int64(1, "ir_version", &m.IRVersion)
	c.text(2, "producer_name", &m.ProducerName)
	c.text(3, "producer_version", &m.ProducerVersion)
	c.text(4, "domain", &m.Domain)
	c.int64(5, "model_version", &m.ModelVersion)
	c.text(6, "doc_string", &m.Doc)
	single(c, 7, "graph", &m.Graph)
	values(c, 8, "opset_import", &m.Opsets)
	values(c, 14, "metadata_props", &m.Metadata)
	c.blobs(20, "training_info", &m.TrainingInfo)
	pointers(c, 25, "functions", &m.Functions)
}

// Read decodes a model file. The model has windows into data, see the package
// comment. A file without a graph is an error.
func Read(data []byte) (*Model, error) {
	m := new(Model)
	if err := read(data, m); err != nil {
		return nil, err
	}
	if m.Graph == nil {
		return nil, &Error{Path: "graph", Offset: -1, Err: wrong("not there, in a file of %d bytes", len(data))}
	}
	return m, nil
}

// Append appends the encoding of m to dst and returns the extended buffer. The
// same model gives the same bytes.
func (m *Model) Append(dst []byte) []byte { return appendMessage(dst, m) }

// Size is the length of the encoding of m in bytes, without making it.
func (m *Model) Size() int {
	c := coder{mode: sizing}
	c.body(m)
	return c.size
}

// Opset returns the version of the operator set with the given domain, 0 if the
// model does not import it. The domains "" and "ai.onnx" are the same.
func (m *Model) Opset(domain string) int64 {
	for _, o := range m.Opsets {
		if o.Domain == domain || IsONNX(o.Domain) && IsONNX(domain) {
			return o.Version
		}
	}
	return 0
}

// IsONNX reports whether domain names the operators of ONNX itself.
func IsONNX(domain string) bool { return domain == "" || domain == "ai.onnx" }

// Opset is an OperatorSetIdProto: the version of a set of operators.
type Opset struct {
	Domain  string // empty for the operators of ONNX itself
	Version int64
	keep
}

func (o *Opset) fields(c *coder) {
	c.text(1, "domain", &o.Domain)
	c.int64(2, "version", &o.Version)
}

// Entry is a StringStringEntryProto.
type Entry struct {
	Key, Value string
	keep
}

func (e *Entry) fields(c *coder) {
	c.text(1, "key", &e.Key)
	c.text(2, "value", &e.Value)
}

// Function is a FunctionProto: an operator defined by nodes.
type Function struct {
	Name       string
	Inputs     []string
	Outputs    []string
	Attributes []string // names of attributes without a default
	Nodes      []*Node
	Doc        string
	Opsets     []Opset
	Domain     string
	Defaults   []Attribute // attributes with their default values
	ValueInfos []ValueInfo
	Overload   string
	Metadata   []Entry
	keep
}

func (f *Function) fields(c *coder) {
	c.text(1, "name", &f.Name)
	c.texts(4, "input", &f.Inputs)
	c.texts(5, "output", &f.Outputs)
	c.texts(6, "attribute", &f.Attributes)
	pointers(c, 7, "node", &f.Nodes)
	c.text(8, "doc_string", &f.Doc)
	values(c, 9, "opset_import", &f.Opsets)
	c.text(10, "domain", &f.Domain)
	values(c, 11, "attribute_proto", &f.Defaults)
	values(c, 12, "value_info", &f.ValueInfos)
	c.text(13, "overload", &f.Overload)
	values(c, 14, "metadata_props", &f.Metadata)
}

package quant

// Report says what became of a model.
type Report struct {
	Layers      []Layer   // what was quantised, in the order of the nodes
	Skipped     []Skipped // what could have been, in the same order, subgraphs and functions last
	BytesBefore int       // length of the model file
	BytesAfter  int
	OpsetBefore int64 // version of ONNX's operators that the model asks for
	OpsetAfter  int64 // raised to 11, which has DynamicQuantizeLinear, if it was less
}

// Layer is a node whose weight was quantised.
type Layer struct {
	Node       string // its name, or that of its first output if it has none
	Op         string // MatMul, Gemm or Gather
	Weight     string // the name of its weight
	Rows, Cols int    // the shape of the weight as it is multiplied, or of the table
	// MaxError is the largest difference between a weight and what stands for it.
	MaxError float64
}

// Skipped is a node that was left alone.
type Skipped struct {
	Node   string // its name, or that of its first output if it has none
	Op     string
	Reason string
}

package onnxpb

import (
	"math"
	"math/bits"
)

// DataLocation says whether a tensor's data stands in the model file.
type DataLocation int32

// The places of data, with the numbers of the file format.
const (
	Inside  DataLocation = 0 // in Raw or one of the typed fields
	Outside DataLocation = 1 // in the file named by External
)

// Tensor is a TensorProto: a constant. Its elements, in row-major order, stand
// in Raw, or in the typed field for its data type, or in another file; the
// methods Float32s, Int64s and so on read them from wherever they are in the
// model, after checking that there are as many as Dims say.
type Tensor struct {
	Dims       []int64
	DataType   DataType
	Segment    []byte // TensorProto.Segment, as read: a part of a tensor
	FloatData  []float32
	Int32Data  []int32 // also for integers of 16 bits and less, booleans and float16
	StringData [][]byte
	Int64Data  []int64
	Name       string
	Raw        []byte    // little-endian; nil if the data is elsewhere
	DoubleData []float64 // also for complex128
	Uint64Data []uint64  // also for uint32
	Doc        string
	External   []Entry // location, offset, length of data outside
	Location   DataLocation
	Metadata   []Entry
	keep
}

func (t *Tensor) fields(c *coder) {
	numbers(c, 1, "dims", &t.Dims, asInt64, false)
	enum(c, 2, "data_type", &t.DataType)
	c.merged(3, "segment", &t.Segment)
	numbers(c, 4, "float_data", &t.FloatData, asFloat32, true)
	numbers(c, 5, "int32_data", &t.Int32Data, asInt32, true)
	c.blobs(6, "string_data", &t.StringData)
	numbers(c, 7, "int64_data", &t.Int64Data, asInt64, true)
	c.text(8, "name", &t.Name)
	c.blob(9, "raw_data", &t.Raw)
	numbers(c, 10, "double_data", &t.DoubleData, asFloat64, true)
	numbers(c, 11, "uint64_data", &t.Uint64Data, asUint64, true)
	c.text(12, "doc_string", &t.Doc)
	values(c, 13, "external_data", &t.External)
	enum(c, 14, "data_location", &t.Location)
	values(c, 16, "metadata_props", &t.Metadata)
}

// ReadTensor decodes a file that holds one tensor, as the test data of ONNX does.
// The tensor has windows into data, see the package comment.
func ReadTensor(data []byte) (*Tensor, error) {
	t := new(Tensor)
	if err := read(data, t); err != nil {
		return nil, err
	}
	return t, nil
}

// Append appends the encoding of t to dst and returns the extended buffer.
func (t *Tensor) Append(dst []byte) []byte { return appendMessage(dst, t) }

// Len is the number of elements that the dimensions give, 1 for a scalar. A
// negative dimension and a product that overflows are errors.
func (t *Tensor) Len() (int, error) {
	n, overflow := uint64(1), false
	for _, d := range t.Dims {
		if d < 0 {
			return 0, t.wrong("dimension %d", d)
		}
		high, low := bits.Mul64(n, uint64(d))
		overflow = overflow || high != 0 || low > math.MaxInt
		n = low
	}
	for _, d := range t.Dims {
		if d == 0 {
			return 0, nil // whatever the others are
		}
	}
	if overflow {
		return 0, t.wrong("dimensions %v overflow", t.Dims)
	}
	return int(n), nil
}

// byteLen is the length of the raw data of n elements.
func (t *Tensor) byteLen(n int) (int, error) {
	width := t.DataType.Bits()
	if width == 0 {
		return 0, t.wrong("%s has no raw data", t.DataType)
	}
	high, low := bits.Mul64(uint64(n), uint64(width))
	if high != 0 || low > math.MaxInt-7 {
		return 0, t.wrong("dimensions %v overflow", t.Dims)
	}
	return int(low+7) / 8, nil
}

// wrong is an error about the content of t.
func (t *Tensor) wrong(format string, a ...any) error {
	return &Error{Path: "tensor " + t.Name, Offset: -1, Err: wrong(format, a...)}
}

// raw returns the number of elements and, if the tensor has raw data, a window
// into it after checking its length; otherwise nil.
func (t *Tensor) raw() (n int, raw []byte, err error) {
	switch {
	case t.Location == Outside:
		return 0, nil, t.wrong("its data is in another file, which was not read")
	case t.Location != Inside:
		return 0, nil, t.wrong("data location %d", t.Location)
	case len(t.Segment) > 0:
		return 0, nil, t.wrong("is a segment of a tensor")
	}
	if n, err = t.Len(); err != nil || len(t.Raw) == 0 {
		return n, nil, err
	}
	size, err := t.byteLen(n)
	if err == nil && size != len(t.Raw) {
		err = t.wrong("%s%v needs %d bytes of raw data and has %d", t.DataType, t.Dims, size, len(t.Raw))
	}
	return n, t.Raw, err
}

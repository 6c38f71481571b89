package layout

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// oneHot puts a new axis of the given depth into the indices, with the second of
// two values where the index is and the first elsewhere. An index outside is
// nowhere.
type oneHot struct{ axis int }

func newOneHot(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(3, 3); err != nil {
		return nil, nil, err
	}
	for i := range 2 {
		switch n.Dtype(i) {
		case onnxpb.Float, onnxpb.Double, onnxpb.Int8, onnxpb.Int16, onnxpb.Int32, onnxpb.Int64,
			onnxpb.Uint8, onnxpb.Uint16, onnxpb.Uint32, onnxpb.Uint64:
		default:
			return nil, nil, n.Unsupported("input %d of %s", i, n.Dtype(i))
		}
	}
	if err := isMovable(n, 2); err != nil {
		return nil, nil, err
	}
	axis, err := n.Int("axis", -1)
	return oneHot{axis}, []tensor.DType{n.Dtype(2)}, err
}

func (o oneHot) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	ix, values := in[0], in[2]
	axis, err := tensor.Axis(o.axis, ix.Rank()+1)
	if err != nil {
		return err
	}
	if in[1].Len() != 1 || values.Len() != 2 {
		return fmt.Errorf("depth %s and values %s: %w", in[1], values, quintet.ErrInput)
	}
	wide := integer(in[1], 0)
	if wide < 0 || wide > tensor.MaxLen {
		return fmt.Errorf("depth of %d: %w", wide, quintet.ErrInput)
	}
	depth := int(wide)
	var buf [tensor.MaxRank + 1]int
	shape := append(append(append(buf[:0], ix.Shape[:axis]...), depth), ix.Shape[axis:]...)
	if err := c.NewShape(out[0], values.Type, shape); err != nil {
		return err
	}
	size := tensor.Size(values.Type)
	off, on := values.Data[:size], values.Data[size:]
	fillTensor(out[0], off)
	inner := product(ix.Shape[axis:])
	for i := range ix.Len() {
		k := integer(ix, i)
		if k < 0 {
			k += wide
		}
		if k >= 0 && k < wide {
			at := (i/inner*depth+int(k))*inner + i%inner
			copy(out[0].Data[at*size:], on)
		}
	}
	return c.Done()
}

// integer returns element i of a tensor of numbers without its fraction, -2^63 for
// those that int64 does not have.
func integer(t *tensor.Tensor, i int) int64 {
	switch t.Type {
	case onnxpb.Float:
		return truncated(float64(tensor.Of[float32](t)[i]))
	case onnxpb.Double:
		return truncated(tensor.Of[float64](t)[i])
	case onnxpb.Int8:
		return int64(tensor.Of[int8](t)[i])
	case onnxpb.Int16:
		return int64(tensor.Of[int16](t)[i])
	case onnxpb.Int32:
		return int64(tensor.Of[int32](t)[i])
	case onnxpb.Int64:
		return tensor.Of[int64](t)[i]
	case onnxpb.Uint8:
		return int64(tensor.Of[uint8](t)[i])
	case onnxpb.Uint16:
		return int64(tensor.Of[uint16](t)[i])
	case onnxpb.Uint32:
		return int64(tensor.Of[uint32](t)[i])
	}
	if u := tensor.Of[uint64](t)[i]; u <= math.MaxInt64 {
		return int64(u)
	}
	return math.MinInt64
}

func truncated(f float64) int64 {
	if f > -0x1p62 && f < 0x1p62 {
		return int64(f)
	}
	return math.MinInt64
}

// eyeLike is a matrix like its input, with ones on a diagonal and else zeros.
type eyeLike struct {
	typ tensor.DType
	k   int // columns right of the main diagonal
	one []byte
}

func newEyeLike(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	typ, err := n.Int("dtype", int(n.Dtype(0)))
	if err != nil {
		return nil, nil, err
	}
	e := eyeLike{typ: tensor.DType(typ), one: one(tensor.DType(typ))}
	if e.one == nil {
		return nil, nil, n.Unsupported("type %s", e.typ)
	}
	e.k, err = n.Int("k", 0)
	return e, []tensor.DType{e.typ}, err
}

// one returns the bytes of 1, nil for types that tensors cannot have.
func one(t tensor.DType) []byte {
	switch t {
	case onnxpb.Float:
		return tensor.Bytes([]float32{1})
	case onnxpb.Double:
		return tensor.Bytes([]float64{1})
	case onnxpb.Float16:
		return tensor.Bytes([]uint16{0x3c00})
	case onnxpb.BFloat16:
		return tensor.Bytes([]uint16{0x3f80})
	}
	switch tensor.Size(t) {
	case 1:
		return tensor.Bytes([]uint8{1})
	case 2:
		return tensor.Bytes([]uint16{1})
	case 4:
		return tensor.Bytes([]uint32{1})
	case 8:
		return tensor.Bytes([]uint64{1})
	}
	return nil
}

func (e eyeLike) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := in[0]
	if x.Rank() != 2 {
		return fmt.Errorf("identity matrix like %s: %w", x, quintet.ErrInput)
	}
	if err := c.NewShape(out[0], e.typ, x.Shape); err != nil {
		return err
	}
	clear(out[0].Data)
	if len(out[0].Data) == 0 {
		return nil
	}
	rows, cols := x.Shape[0], x.Shape[1]
	for r := max(0, -e.k); r < rows && r+e.k < cols; r++ {
		copy(out[0].Data[(r*cols+r+e.k)*len(e.one):], e.one)
	}
	return nil
}

// triangle keeps the elements of matrices on one side of a diagonal, with it, and
// makes the others zero.
type triangle struct{ upper bool }

func newTrilu(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 2); err != nil {
		return nil, nil, err
	}
	if err := isMovable(n, 0); err != nil {
		return nil, nil, err
	}
	if n.Has(1) {
		if err := n.Typed(1, onnxpb.Int64); err != nil {
			return nil, nil, err
		}
	}
	upper, err := n.Flag("upper", true)
	return triangle{upper}, []tensor.DType{n.Dtype(0)}, err
}

func (t triangle) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, k := in[0], 0
	if x.Rank() < 2 {
		return fmt.Errorf("triangle of %s: %w", x, quintet.ErrInput)
	}
	if len(in) > 1 && in[1] != nil {
		var err error
		if k, err = scalar(in[1], "diagonal"); err != nil {
			return err
		}
	}
	size := tensor.Size(x.Type)
	rows, row := x.Shape[x.Rank()-2], x.Shape[x.Rank()-1]*size
	if err := overwritable(c, out[0], in); err != nil {
		return err
	}
	if row == 0 {
		return nil
	}
	data := out[0].Data
	for r := 0; len(data) > 0; r = (r + 1) % rows {
		if t.upper {
			clear(data[:min(max(r+k, 0)*size, row)])
		} else {
			clear(data[min(max(r+k+1, 0)*size, row):row])
		}
		data = data[row:]
	}
	return c.Done()
}

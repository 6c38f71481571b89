package quantised

import (
	"fmt"
	"unsafe"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/qgemm"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// byteTypes checks that each input is of 8-bit integers.
func byteTypes(n *op.Node, inputs ...int) error {
	for _, i := range inputs {
		if err := n.Typed(i, onnxpb.Uint8, onnxpb.Int8); err != nil {
			return err
		}
	}
	return nil
}

// floatTypes checks that each input is given and of float32.
func floatTypes(n *op.Node, inputs ...int) error {
	for _, i := range inputs {
		if err := n.Typed(i, onnxpb.Float); err != nil {
			return err
		}
	}
	return nil
}

// like checks that input i, if it is given, is of the type of input of.
func like(n *op.Node, i, of int) error {
	if n.Has(i) && n.Dtype(i) != n.Dtype(of) {
		return n.Wrong("input %d of %s for %s", i, n.Dtype(i), n.Dtype(of))
	}
	return nil
}

// input returns in[i], nil if it is left out.
func input(in []*tensor.Tensor, i int) *tensor.Tensor {
	if i < len(in) {
		return in[i]
	}
	return nil
}

// scaleOf returns the one element of a scale for a whole tensor.
func scaleOf(t *tensor.Tensor) (float32, error) {
	if t.Len() != 1 {
		return 0, fmt.Errorf("scale %s for a whole tensor: %w", t, quintet.ErrInput)
	}
	return tensor.Of[float32](t)[0], nil
}

// zeroOf returns the zero point of a whole tensor, as its bits; 0 for nil.
func zeroOf(t *tensor.Tensor) (byte, error) {
	if t == nil {
		return 0, nil
	}
	if t.Len() != 1 {
		return 0, fmt.Errorf("zero point %s for a whole tensor: %w", t, quintet.ErrInput)
	}
	return t.Data[0], nil
}

// quant is how the integers of a whole tensor stand for numbers.
type quant struct {
	scale  float32
	zero   byte // its bits
	signed bool
}

// quantOf reads a scale and a zero point that may be left out.
func quantOf(scale, zero *tensor.Tensor, typ tensor.DType) (quant, error) {
	q := quant{signed: typ == onnxpb.Int8}
	var err error
	if q.scale, err = scaleOf(scale); err != nil {
		return q, err
	}
	q.zero, err = zeroOf(zero)
	return q, err
}

// point is the zero point as a number.
func (q quant) point() int32 {
	if q.signed {
		return int32(int8(q.zero))
	}
	return int32(q.zero)
}

func (q quant) dequantize(dst []float32, x []byte) {
	if q.signed {
		qgemm.DequantizeInt8(dst, int8s(x), q.scale, int8(q.zero))
		return
	}
	qgemm.Dequantize(dst, x, q.scale, q.zero)
}

func (q quant) quantize(dst []byte, x []float32) {
	if q.signed {
		qgemm.QuantizeInt8(int8s(dst), x, q.scale, int8(q.zero))
		return
	}
	qgemm.Quantize(dst, x, q.scale, q.zero)
}

// requantize brings products, of rows as long as scale or with one scale, to q.
func (q quant) requantize(dst []byte, acc []int32, scale []float32) {
	if q.signed {
		qgemm.RequantizeInt8(int8s(dst), acc, scale, int8(q.zero))
		return
	}
	qgemm.Requantize(dst, acc, scale, q.zero)
}

// int8s looks at bytes as signed numbers.
func int8s(x []byte) []int8 {
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// points appends to dst[:0] the zero points in t, of 8-bit integers; none for nil.
func points(dst []int32, t *tensor.Tensor) []int32 {
	dst = dst[:0]
	switch {
	case t == nil:
	case t.Type == onnxpb.Int8:
		for _, z := range tensor.Of[int8](t) {
			dst = append(dst, int32(z))
		}
	default:
		for _, z := range t.Data {
			dst = append(dst, int32(z))
		}
	}
	return dst
}

// scratchPoints is points in the memory of the run.
func scratchPoints(c *op.Ctx, t *tensor.Tensor) ([]int32, error) {
	if t == nil {
		return nil, nil
	}
	dst, err := op.Scratch[int32](c, t.Len())
	if err != nil {
		return nil, err
	}
	return points(dst, t), nil
}

// chunk is how many elements are turned into floats at a time.
const chunk = 1024

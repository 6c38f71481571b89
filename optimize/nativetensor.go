package optimize

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// nativeTypes are the element types that the native engine and tensors share.
var nativeTypes = map[DType]onnxpb.DataType{
	Float32: onnxpb.Float, Float16: onnxpb.Float16, Int64: onnxpb.Int64, Int32: onnxpb.Int32,
	Int8: onnxpb.Int8, Uint8: onnxpb.Uint8, Bool: onnxpb.Bool,
}

// nativeInfos describes what a program takes or gives. A type that tensors do not
// have is [quintet.ErrUnsupported].
func nativeInfos(list []nn.Info) ([]TensorInfo, error) {
	out := make([]TensorInfo, len(list))
	for i, v := range list {
		d, ok := dtypeOfONNX[v.Type]
		if !ok {
			return nil, fmt.Errorf("%s of %s: %w", v.Name, v.Type, quintet.ErrUnsupported)
		}
		out[i] = TensorInfo{Name: v.Name, DType: d, Shape: v.Shape, AnyRank: !v.Ranked}
	}
	return out, nil
}

// cloneInfos is a copy that callers may change.
func cloneInfos(list []TensorInfo) []TensorInfo {
	out := slices.Clone(list)
	for i := range out {
		out[i].Shape, out[i].Names = slices.Clone(out[i].Shape), slices.Clone(out[i].Names)
	}
	return out
}

// toNative makes n a look at t as the engine's. The elements are shared.
func toNative(n *tensor.Tensor, t Tensor) {
	*n = tensor.Tensor{Type: nativeTypes[t.dtype], Shape: t.shape}
	switch d := t.data.(type) {
	case []float32:
		n.Data = bytesOfSlice(d)
	case []Half:
		n.Data = bytesOfSlice(d)
	case []int64:
		n.Data = bytesOfSlice(d)
	case []int32:
		n.Data = bytesOfSlice(d)
	case []int8:
		n.Data = bytesOfSlice(d)
	case []uint8:
		n.Data = d
	case []bool:
		n.Data = bytesOfSlice(d)
	}
}

// fromNative looks at a tensor of the engine as a [Tensor], which then owns it.
func fromNative(n tensor.Tensor) Tensor {
	t := Tensor{dtype: dtypeOfONNX[n.Type], shape: n.Shape}
	switch t.dtype {
	case Float32:
		t.data = sliceOfBytes[float32](n.Data)
	case Float16:
		t.data = sliceOfBytes[Half](n.Data)
	case Int64:
		t.data = sliceOfBytes[int64](n.Data)
	case Int32:
		t.data = sliceOfBytes[int32](n.Data)
	case Int8:
		t.data = sliceOfBytes[int8](n.Data)
	case Uint8:
		t.data = n.Data
	case Bool:
		t.data = sliceOfBytes[bool](n.Data)
	}
	return t
}

// bytesOfSlice is the memory of a slice.
func bytesOfSlice[T Element](d []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(d))), len(d)*int(unsafe.Sizeof(*new(T))))
}

// sliceOfBytes is memory as a slice; that of booleans holds bytes of 0 and 1 only.
func sliceOfBytes[T Element](b []byte) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(*new(T))))
}

package elementwise

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// conversion writes the elements of src in the type of dst, which has as many.
type conversion func(dst, src *tensor.Tensor)

// converter returns the conversion between two types, nil if there is none.
func converter(from, to tensor.DType) conversion {
	switch from {
	case onnxpb.Float:
		return fromFloat[float32](to)
	case onnxpb.Double:
		return fromFloat[float64](to)
	case onnxpb.Float16:
		return widen(vec.HalfToFloat, to)
	case onnxpb.BFloat16:
		return widen(fromBFloat, to)
	case onnxpb.Int8:
		return fromInteger[int8](to)
	case onnxpb.Int16:
		return fromInteger[int16](to)
	case onnxpb.Int32:
		return fromInteger[int32](to)
	case onnxpb.Int64:
		return fromInteger[int64](to)
	case onnxpb.Uint8, onnxpb.Bool:
		return fromInteger[uint8](to)
	case onnxpb.Uint16:
		return fromInteger[uint16](to)
	case onnxpb.Uint32:
		return fromInteger[uint32](to)
	case onnxpb.Uint64:
		return fromInteger[uint64](to)
	}
	return nil
}

// through makes a conversion of a function on one element.
func through[S, D tensor.Elem](f func(S) D) conversion {
	return func(dst, src *tensor.Tensor) {
		d, s := tensor.Of[D](dst), tensor.Of[S](src)
		for i, v := range s {
			d[i] = f(v)
		}
	}
}

// direct converts as Go does: integers wrap around.
func direct[S, D tensor.Elem]() conversion {
	return func(dst, src *tensor.Tensor) {
		d, s := tensor.Of[D](dst), tensor.Of[S](src)
		d = d[:len(s)]
		for i, v := range s {
			d[i] = D(v)
		}
	}
}

func isTrue[S tensor.Elem](v S) uint8 { return truth(v != 0) }

// fromInteger relies on signed and unsigned integers of one size having the same
// bits for the same remainder.
func fromInteger[S integer](to tensor.DType) conversion {
	switch to {
	case onnxpb.Float:
		return direct[S, float32]()
	case onnxpb.Double:
		return direct[S, float64]()
	case onnxpb.Float16:
		return narrow[S](vec.FloatToHalf)
	case onnxpb.BFloat16:
		return narrow[S](toBFloat)
	case onnxpb.Bool:
		return through(isTrue[S])
	case onnxpb.Int8, onnxpb.Uint8:
		return direct[S, uint8]()
	case onnxpb.Int16, onnxpb.Uint16:
		return direct[S, uint16]()
	case onnxpb.Int32, onnxpb.Uint32:
		return direct[S, uint32]()
	case onnxpb.Int64, onnxpb.Uint64:
		return direct[S, uint64]()
	}
	return nil
}

func fromFloat[S float32 | float64](to tensor.DType) conversion {
	switch to {
	case onnxpb.Float:
		return direct[S, float32]()
	case onnxpb.Double:
		return direct[S, float64]()
	case onnxpb.Float16:
		if tensor.TypeOf[S]() == onnxpb.Float {
			return func(dst, src *tensor.Tensor) { vec.FloatToHalf(tensor.Of[uint16](dst), tensor.Of[float32](src)) }
		}
		return narrow[S](vec.FloatToHalf)
	case onnxpb.BFloat16:
		return narrow[S](toBFloat)
	case onnxpb.Bool:
		return through(isTrue[S])
	case onnxpb.Int8, onnxpb.Uint8:
		return through(func(v S) uint8 { return uint8(toInt32(float64(v))) })
	case onnxpb.Int16, onnxpb.Uint16:
		return through(func(v S) uint16 { return uint16(toInt32(float64(v))) })
	case onnxpb.Int32:
		return through(func(v S) int32 { return toInt32(float64(v)) })
	case onnxpb.Int64:
		return through(func(v S) int64 { return toInt64(float64(v)) })
	case onnxpb.Uint32:
		return through(func(v S) uint32 { return uint32(toInt64(float64(v))) })
	case onnxpb.Uint64:
		return through(func(v S) uint64 { return toUint64(float64(v)) })
	}
	return nil
}

// widen converts half-precision types by way of float32, some elements at a time.
func widen(f func(dst []float32, src []uint16), to tensor.DType) conversion {
	if to == onnxpb.Float {
		return func(dst, src *tensor.Tensor) { f(tensor.Of[float32](dst), tensor.Of[uint16](src)) }
	}
	next := fromFloat[float32](to)
	if next == nil {
		return nil
	}
	return func(dst, src *tensor.Tensor) {
		var room [chunk]float32
		s, size := tensor.Of[uint16](src), tensor.Size(dst.Type)
		part := tensor.Tensor{Type: dst.Type}
		for i := 0; i < len(s); i += chunk {
			n := min(chunk, len(s)-i)
			f(room[:n], s[i:i+n])
			part.Data = dst.Data[i*size : (i+n)*size]
			next(&part, &tensor.Tensor{Type: onnxpb.Float, Data: tensor.Bytes(room[:n])})
		}
	}
}

// toInt32 truncates; what does not fit, NaN too, becomes the least number, as
// x86 processors have it.
func toInt32(v float64) int32 {
	if v > math.MinInt32-1.0 && v < math.MaxInt32+1.0 {
		return int32(v)
	}
	return math.MinInt32
}

// toInt64 is toInt32 for 64 bits.
func toInt64(v float64) int64 {
	if v >= math.MinInt64 && v < math.MaxInt64 {
		return int64(v)
	}
	return math.MinInt64
}

// toUint64 truncates; negative numbers wrap around.
func toUint64(v float64) uint64 {
	if v >= math.MaxInt64 && v < math.MaxUint64 {
		return uint64(v-math.MaxInt64) + 1<<63
	}
	return uint64(toInt64(v))
}

// narrow rounds once to a type of 16 bits, by way of float32, some elements at a
// time.
func narrow[S tensor.Elem](f func(dst []uint16, src []float32)) conversion {
	return func(dst, src *tensor.Tensor) {
		var room [chunk]float32
		d, s := tensor.Of[uint16](dst), tensor.Of[S](src)
		for len(s) > 0 {
			n := min(chunk, len(s))
			for i, v := range s[:n] {
				room[i] = oddFloat32(float64(v))
			}
			f(d[:n], room[:n])
			d, s = d[n:], s[n:]
		}
	}
}

// toBFloat rounds to nearest with ties to even; NaN stays NaN.
func toBFloat(dst []uint16, src []float32) {
	for i, v := range src {
		bits := math.Float32bits(v)
		if v != v {
			dst[i] = uint16(bits>>16) | 0x40
			continue
		}
		dst[i] = uint16((bits + 0x7fff + bits>>16&1) >> 16)
	}
}

func fromBFloat(dst []float32, src []uint16) {
	for i, v := range src[:len(dst)] {
		dst[i] = math.Float32frombits(uint32(v) << 16)
	}
}

// oddFloat32 truncates v towards zero and makes the last bit odd where that lost
// something, so that a second rounding to fewer bits is as if it were the first.
func oddFloat32(v float64) float32 {
	f := float32(v)
	if float64(f) == v || v != v {
		return f
	}
	bits := math.Float32bits(f)
	if math.Abs(float64(f)) > math.Abs(v) {
		bits--
	}
	return math.Float32frombits(bits | 1)
}

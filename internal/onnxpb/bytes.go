package onnxpb

import (
	"encoding/binary"
	"math"
)

// Bytes returns the elements of t as little-endian bytes, as they stand in Raw:
// a window into Raw if it is there, otherwise a new slice made from the typed
// field. Elements of 4 bits are two to a byte, the first in the lower half.
func (t *Tensor) Bytes() ([]byte, error) {
	n, raw, err := t.raw()
	if raw != nil || err != nil {
		return raw, err
	}
	size, err := t.byteLen(n)
	if err != nil {
		return nil, err
	}
	if have := t.typedLen(); have != size {
		return nil, t.wrong("%s%v needs %d bytes of data and has %d", t.DataType, t.Dims, size, have)
	}
	out := make([]byte, 0, size)
	switch t.DataType {
	case Float, Complex64:
		for _, v := range t.FloatData {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
	case Double, Complex128:
		for _, v := range t.DoubleData {
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
		}
	case Int64:
		for _, v := range t.Int64Data {
			out = binary.LittleEndian.AppendUint64(out, uint64(v))
		}
	case Uint64:
		for _, v := range t.Uint64Data {
			out = binary.LittleEndian.AppendUint64(out, v)
		}
	case Uint32:
		for _, v := range t.Uint64Data {
			out = binary.LittleEndian.AppendUint32(out, uint32(v))
		}
	default:
		out = t.appendInt32s(out)
	}
	return out, nil
}

// appendInt32s appends the low bytes of each number of Int32Data.
func (t *Tensor) appendInt32s(out []byte) []byte {
	for _, v := range t.Int32Data {
		switch t.DataType.Bits() {
		case 32:
			out = binary.LittleEndian.AppendUint32(out, uint32(v))
		case 16:
			out = binary.LittleEndian.AppendUint16(out, uint16(v))
		default:
			out = append(out, byte(v))
		}
	}
	return out
}

// typedLen is how many bytes the typed field makes.
func (t *Tensor) typedLen() int {
	switch t.DataType {
	case Float, Complex64:
		return 4 * len(t.FloatData)
	case Double, Complex128:
		return 8 * len(t.DoubleData)
	case Int64:
		return 8 * len(t.Int64Data)
	case Uint64:
		return 8 * len(t.Uint64Data)
	case Uint32:
		return 4 * len(t.Uint64Data)
	}
	return max(t.DataType.Bits()/8, 1) * len(t.Int32Data)
}

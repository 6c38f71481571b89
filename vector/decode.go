package vector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

var errShort = errors.New("record is cut short")

// decoder takes values from the front of a record. After an error it returns
// zero values.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
}

func (d *decoder) take(n int) []byte {
	if d.err == nil && n > len(d.b) {
		d.err = errShort
	}
	if d.err != nil {
		return make([]byte, min(n, 8))
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) byte() byte { return d.take(1)[0] }

func (d *decoder) uint32() uint32 { return binary.LittleEndian.Uint32(d.take(4)) }

func (d *decoder) uint64() uint64 { return binary.LittleEndian.Uint64(d.take(8)) }

func (d *decoder) uvarint() uint64 {
	n, size := binary.Uvarint(d.b)
	if d.err == nil && size <= 0 {
		d.err = errShort
	}
	if d.err != nil {
		return 0
	}
	d.b = d.b[size:]
	return n
}

// count returns the number of parts that follow, each of at least one byte.
func (d *decoder) count() int {
	n, size := binary.Uvarint(d.b)
	if d.err == nil && (size <= 0 || n > uint64(len(d.b)-size)) {
		d.err = errShort
	}
	if d.err != nil {
		return 0
	}
	d.b = d.b[size:]
	return int(n)
}

func (d *decoder) string() string {
	n := d.count()
	if d.err != nil {
		return ""
	}
	return string(d.take(n))
}

func (d *decoder) meta() Meta {
	n := d.count()
	if n == 0 {
		return nil
	}
	m := Meta{}
	for range n {
		field := d.string()
		v := d.value()
		if d.err != nil {
			return nil
		}
		m[field] = v
	}
	return m
}

func (d *decoder) value() any {
	switch kind := d.byte(); kind {
	case typeString:
		return d.string()
	case typeFalse, typeTrue:
		return kind == typeTrue
	case typeTime:
		var when time.Time
		if err := when.UnmarshalBinary([]byte(d.string())); err != nil {
			d.fail("%w", err)
		}
		return when
	case typeStrings:
		return d.strings()
	case typeFloat32:
		return math.Float32frombits(d.uint32())
	case typeFloat64:
		return math.Float64frombits(d.uint64())
	default:
		return d.integer(kind)
	}
}

func (d *decoder) strings() []string {
	list := []string{}
	for range d.count() {
		if d.err != nil {
			break
		}
		list = append(list, d.string())
	}
	return list
}

func (d *decoder) integer(kind byte) any {
	bits := d.uint64()
	n := int64(bits)
	fits := true
	var v any
	switch kind {
	case typeInt:
		v, fits = int(n), int64(int(n)) == n
	case typeInt8:
		v, fits = int8(n), int64(int8(n)) == n
	case typeInt16:
		v, fits = int16(n), int64(int16(n)) == n
	case typeInt32:
		v, fits = int32(n), int64(int32(n)) == n
	case typeInt64:
		v = n
	case typeUint:
		v, fits = uint(bits), uint64(uint(bits)) == bits
	case typeUint8:
		v, fits = uint8(bits), uint64(uint8(bits)) == bits
	case typeUint16:
		v, fits = uint16(bits), uint64(uint16(bits)) == bits
	case typeUint32:
		v, fits = uint32(bits), uint64(uint32(bits)) == bits
	case typeUint64:
		v = bits
	default:
		d.fail("meta has unknown type %d", kind)
	}
	if !fits {
		d.fail("meta has number %d, too large for its type %T", bits, v)
	}
	return v
}

package vector

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
)

// A record of the log, or a block of a snapshot, is a verb, a count and as many
// items or keys.
const (
	verbPut    = 1
	verbRemove = 2
	verbNode   = 3 // of a snapshot with a graph, see graphBlocks
	verbGraph  = 4
	verbPart   = 5

	verbPutSparse  = 6 // as verbPut, with a sparse vector, perhaps empty, at the end of each item
	verbNodeSparse = 7 // the same for verbNode
)

// The types of Meta values in files.
const (
	typeString = iota + 1
	typeFalse
	typeTrue
	typeTime
	typeStrings
	typeFloat32
	typeFloat64
	typeInt
	typeInt8
	typeInt16
	typeInt32
	typeInt64
	typeUint
	typeUint8
	typeUint16
	typeUint32
	typeUint64
)

func (c *Collection[K]) encodeChange(ch *change[K]) (b []byte, err error) {
	if len(ch.items) == 0 {
		b = binary.AppendUvarint([]byte{verbRemove}, uint64(len(ch.ids)))
		for _, id := range ch.ids {
			b = c.keys.append(b, id)
		}
		return b, tooLarge(b)
	}
	verb := putVerb(ch.items)
	b = binary.AppendUvarint([]byte{verb}, uint64(len(ch.items)))
	for i, it := range ch.items {
		if b, err = c.appendItem(b, it, ch.ready[i].scale, verb); err == nil {
			err = tooLarge(b)
		}
		if err != nil {
			ch.index = i
			return nil, err
		}
	}
	return b, nil
}

func tooLarge(record []byte) error {
	if len(record) > wal.MaxPayload {
		return fmt.Errorf("more than %d bytes in one call: %w", wal.MaxPayload, quintet.ErrInput)
	}
	return nil
}

// putVerb keeps what has no sparse vectors as it is without them.
func putVerb[K Key](items []Item[K]) byte {
	for i := range items {
		if !items[i].Sparse.empty() {
			return verbPutSparse
		}
	}
	return verbPut
}

// appendItem writes the vector as it is stored, times scale.
func (c *Collection[K]) appendItem(b []byte, it Item[K], scale float64, verb byte) ([]byte, error) {
	b = c.keys.append(b, it.ID)
	for _, x := range it.Vector {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(float64(x)*scale)))
	}
	b, err := appendMeta(appendString(b, it.Text), it.Meta)
	if err == nil && verb == verbPutSparse {
		b = appendSparse(b, it.Sparse)
	}
	return b, err
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendMeta writes fields in the order of their names, so that equal metadata
// has equal bytes.
func appendMeta(b []byte, m Meta) (_ []byte, err error) {
	b = binary.AppendUvarint(b, uint64(len(m)))
	for _, field := range slices.Sorted(maps.Keys(m)) {
		b = appendString(b, field)
		if b, err = appendValue(b, m[field]); err != nil {
			return nil, fmt.Errorf("meta %q: %w: %w", field, err, quintet.ErrInput)
		}
	}
	return b, nil
}

func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return appendString(append(b, typeString), v), nil
	case bool:
		if v {
			return append(b, typeTrue), nil
		}
		return append(b, typeFalse), nil
	case time.Time:
		when, err := v.MarshalBinary()
		return appendString(append(b, typeTime), string(when)), err
	case []string:
		b = binary.AppendUvarint(append(b, typeStrings), uint64(len(v)))
		for _, s := range v {
			b = appendString(b, s)
		}
		return b, nil
	case float32:
		return binary.LittleEndian.AppendUint32(append(b, typeFloat32), math.Float32bits(v)), nil
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, typeFloat64), math.Float64bits(v)), nil
	}
	return appendInteger(b, v), nil
}

func appendInteger(b []byte, v any) []byte {
	put := func(kind byte, bits uint64) []byte {
		return binary.LittleEndian.AppendUint64(append(b, kind), bits)
	}
	switch v := v.(type) {
	case int:
		return put(typeInt, uint64(v))
	case int8:
		return put(typeInt8, uint64(v))
	case int16:
		return put(typeInt16, uint64(v))
	case int32:
		return put(typeInt32, uint64(v))
	case int64:
		return put(typeInt64, uint64(v))
	case uint:
		return put(typeUint, uint64(v))
	case uint8:
		return put(typeUint8, uint64(v))
	case uint16:
		return put(typeUint16, uint64(v))
	case uint32:
		return put(typeUint32, uint64(v))
	}
	return put(typeUint64, v.(uint64)) // Upsert has checked the types
}

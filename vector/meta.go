package vector

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
)

// Meta is the metadata of an item: field names with values of type string, bool,
// int, uint (of any size), float32, float64, [time.Time] or []string. Upsert
// refuses other types, named ones too, and NaN; an empty Meta comes back nil.
type Meta map[string]any

// clone returns a copy that shares nothing with m, after a check of the types.
func (m Meta) clone() (Meta, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	return m.copied(), nil
}

func (m Meta) check() error {
	for field, v := range m {
		if _, ok := v.([]string); ok {
			continue
		}
		switch x := valueOf(v); {
		case x.kind == kindNone:
			return fmt.Errorf("meta %q has type %T: %w", field, v, quintet.ErrInput)
		case x.kind == kindFloat && math.IsNaN(x.f):
			return fmt.Errorf("meta %q is NaN: %w", field, quintet.ErrInput)
		}
	}
	return nil
}

// copied is clone for a Meta that was checked before.
func (m Meta) copied() Meta {
	if len(m) == 0 {
		return nil
	}
	c := maps.Clone(m)
	for field, v := range m {
		if list, ok := v.([]string); ok {
			c[field] = slices.Clone(list)
		}
	}
	return c
}

type kind uint8

const (
	kindNone kind = iota // no type of Meta
	kindString
	kindBool
	kindTime
	kindInt   // from here on numbers, which compare with each other
	kindUint  // only above math.MaxInt64
	kindFloat // float32 too
)

// value is one value of a field, in the member that its kind says.
type value struct {
	kind kind
	s    string
	i    int64 // bools too
	u    uint64
	f    float64
	t    time.Time
}

func valueOf(v any) value {
	switch v := v.(type) {
	case string:
		return value{kind: kindString, s: v}
	case bool:
		if v {
			return value{kind: kindBool, i: 1}
		}
		return value{kind: kindBool}
	case time.Time:
		return value{kind: kindTime, t: v}
	case int:
		return intValue(int64(v))
	case int8:
		return intValue(int64(v))
	case int16:
		return intValue(int64(v))
	case int32:
		return intValue(int64(v))
	case int64:
		return intValue(v)
	case uint:
		return uintValue(uint64(v))
	case uint8:
		return intValue(int64(v))
	case uint16:
		return intValue(int64(v))
	case uint32:
		return intValue(int64(v))
	case uint64:
		return uintValue(v)
	case float32:
		return value{kind: kindFloat, f: float64(v)}
	case float64:
		return value{kind: kindFloat, f: v}
	}
	return value{}
}

func intValue(i int64) value { return value{kind: kindInt, i: i} }

func uintValue(u uint64) value {
	if u <= math.MaxInt64 {
		return intValue(int64(u))
	}
	return value{kind: kindUint, u: u}
}

// comparable reports whether compare says something about values of a and b.
func (v value) comparable(w value) bool {
	return v.kind == w.kind || v.kind >= kindInt && w.kind >= kindInt
}

// compare orders two comparable values: strings by bytes, false before true,
// times by instant, numbers by their exact values.
func compare(v, w value) int {
	switch v.kind {
	case kindString:
		return order(v.s, w.s)
	case kindBool:
		return order(v.i, w.i)
	case kindTime:
		return v.t.Compare(w.t)
	}
	return compareNumbers(v, w)
}

package vector

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
)

// Value is a type that a filter can ask for: the types of a [Meta] but []string,
// whose elements are asked for as strings.
type Value interface {
	bool | Ordered
}

// Ordered is a [Value] that has ranges.
type Ordered interface {
	string | time.Time | float32 | float64 |
		int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64
}

// Filter says which items a search may return, by their [Meta]. The zero Filter
// matches all. Filters are made by [Eq], [In], [Range], [AtLeast], [AtMost],
// [Exists], [And], [Or] and [Not], never change, and may be shared.
//
// Numbers of all types compare by value, strings by bytes, times by instant.
// Values of other types, and of fields that are missing, match nothing. A list
// matches if one of its elements does. A search refuses a filter that asks for
// NaN or for a range whose ends are in the wrong order.
type Filter struct{ n *node }

type op uint8

const (
	opIn op = iota // Eq too
	opRange
	opExists
	opAnd
	opOr
	opNot
)

// node is one function of a filter. It is never written to after it was made.
type node struct {
	op     op
	field  string
	values []value // opIn: sorted and of one type
	lo, hi value   // opRange: kindNone is no bound
	subs   []Filter
	err    error // why the filter cannot be used, its own or of a sub
}

// Eq matches items whose field equals v.
func Eq[T Value](field string, v T) Filter { return In(field, v) }

// In matches items whose field equals one of vs; without vs, none.
func In[T Value](field string, vs ...T) Filter {
	n := &node{op: opIn, field: field}
	for _, v := range vs {
		n.values = append(n.values, n.bound(v))
	}
	if n.err == nil {
		slices.SortFunc(n.values, compare)
	}
	return Filter{n}
}

// Range matches items whose field is from lo to hi, both included.
func Range[T Ordered](field string, lo, hi T) Filter {
	n := &node{op: opRange, field: field}
	n.lo, n.hi = n.bound(lo), n.bound(hi)
	if n.err == nil && compare(n.lo, n.hi) > 0 {
		n.err = fmt.Errorf("filter wants %q from %v to %v: %w", field, lo, hi, quintet.ErrInput)
	}
	return Filter{n}
}

// AtLeast matches items whose field is v or more.
func AtLeast[T Ordered](field string, v T) Filter {
	n := &node{op: opRange, field: field}
	n.lo = n.bound(v)
	return Filter{n}
}

// AtMost matches items whose field is v or less.
func AtMost[T Ordered](field string, v T) Filter {
	n := &node{op: opRange, field: field}
	n.hi = n.bound(v)
	return Filter{n}
}

// Exists matches items that have the field, whatever its value.
func Exists(field string) Filter { return Filter{&node{op: opExists, field: field}} }

// And matches what all of fs match; without fs, everything.
func And(fs ...Filter) Filter { return combine(opAnd, fs) }

// Or matches what at least one of fs matches; without fs, nothing.
func Or(fs ...Filter) Filter { return combine(opOr, fs) }

// Not matches what f does not, so also items without the field of f.
func Not(f Filter) Filter { return combine(opNot, []Filter{f}) }

func combine(o op, fs []Filter) Filter {
	n := &node{op: o, subs: slices.Clone(fs)}
	for _, f := range fs {
		if n.err == nil {
			n.err = f.err()
		}
	}
	return Filter{n}
}

// bound returns v for comparisons, and notes NaN.
func (n *node) bound(v any) value {
	x := valueOf(v)
	if x.kind == kindFloat && math.IsNaN(x.f) {
		n.err = fmt.Errorf("filter compares %q with NaN: %w", n.field, quintet.ErrInput)
	}
	return x
}

func (f Filter) err() error {
	if f.n == nil {
		return nil
	}
	return f.n.err
}

// match reports whether f lets an item with metadata m through.
func (f Filter) match(m Meta) bool {
	if f.n == nil {
		return true
	}
	switch f.n.op {
	case opAnd:
		for _, sub := range f.n.subs {
			if !sub.match(m) {
				return false
			}
		}
		return true
	case opOr:
		for _, sub := range f.n.subs {
			if sub.match(m) {
				return true
			}
		}
		return false
	case opNot:
		return !f.n.subs[0].match(m)
	}
	v, ok := m[f.n.field]
	return ok && f.n.matchField(v)
}

func (n *node) matchField(v any) bool {
	if n.op == opExists {
		return true
	}
	list, ok := v.([]string)
	if !ok {
		return n.matchValue(valueOf(v))
	}
	for _, s := range list {
		if n.matchValue(value{kind: kindString, s: s}) {
			return true
		}
	}
	return false
}

func (n *node) matchValue(v value) bool {
	if n.op == opIn {
		if len(n.values) == 0 || !v.comparable(n.values[0]) {
			return false
		}
		_, found := slices.BinarySearchFunc(n.values, v, compare)
		return found
	}
	return (n.lo.kind == kindNone || v.comparable(n.lo) && compare(v, n.lo) >= 0) &&
		(n.hi.kind == kindNone || v.comparable(n.hi) && compare(v, n.hi) <= 0)
}

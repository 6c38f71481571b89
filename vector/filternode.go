package vector

import (
	"slices"
	"time"
)

// FilterOp says what a part of a filter asks.
type FilterOp int

// The parts of filters. An item without the field matches none of FilterIn,
// FilterRange and FilterExists.
const (
	FilterAll    FilterOp = iota // nothing: the zero Filter matches every item
	FilterIn                     // whether Field equals one of Values; see [Eq] and [In]
	FilterRange                  // whether Field is from Low to High; see [Range], [AtLeast] and [AtMost]
	FilterExists                 // whether there is a Field
	FilterAnd                    // whether all of Filters match
	FilterOr                     // whether one of Filters matches
	FilterNot                    // whether the only one of Filters does not match
)

// FilterNode is a part of a filter, for those who write a [Store] and have an engine
// that asks it. What it means is said at [Filter].
type FilterNode struct {
	// Op says what is asked, and which of the other members have a meaning.
	Op FilterOp

	// Field is the name in the [Meta]. It may have any bytes.
	Field string

	// Values are of one Kind, rising; without any, nothing matches.
	Values []FilterValue

	// Low and High are the bounds, both included, of one Kind or numbers; a Kind of
	// NoValue is no bound.
	Low, High FilterValue

	// Filters are the parts that are combined.
	Filters []Filter
}

// ValueKind is the type of a [FilterValue].
type ValueKind int

// The kinds of values. The last three are numbers, which compare with each other by
// value, exactly.
const (
	NoValue     ValueKind = iota // there is none
	StringValue                  // String
	BoolValue                    // Bool
	TimeValue                    // Time, which compares by instant
	IntValue                     // Int
	UintValue                    // Uint, above the largest int64
	FloatValue                   // Float, never NaN; a float32 has its exact value
)

// FilterValue is a value that a filter compares with, in the member that Kind says.
type FilterValue struct {
	Kind   ValueKind // says which of the others counts
	String string    // by bytes
	Bool   bool      // false before true
	Time   time.Time // by instant
	Int    int64     // a whole number
	Uint   uint64    // one that Int does not hold
	Float  float64   // not NaN
}

// Node takes a filter apart. Its error is why a search refuses the filter, and wraps
// [quintet.ErrInput]; parts of a filter without one have none either. What it returns
// shares nothing with the filter but its parts.
func (f Filter) Node() (FilterNode, error) {
	if f.n == nil {
		return FilterNode{}, nil
	}
	n := FilterNode{
		Op: nodeOps[f.n.op], Field: f.n.field, Filters: slices.Clone(f.n.subs),
		Low: f.n.lo.shown(), High: f.n.hi.shown(),
	}
	for _, v := range f.n.values {
		n.Values = append(n.Values, v.shown())
	}
	return n, f.n.err
}

var nodeOps = [...]FilterOp{
	opIn: FilterIn, opRange: FilterRange, opExists: FilterExists, opAnd: FilterAnd, opOr: FilterOr, opNot: FilterNot,
}

var shownKinds = [...]ValueKind{
	kindNone: NoValue, kindString: StringValue, kindBool: BoolValue, kindTime: TimeValue,
	kindInt: IntValue, kindUint: UintValue, kindFloat: FloatValue,
}

// shown returns v as others see it.
func (v value) shown() FilterValue {
	s := FilterValue{Kind: shownKinds[v.kind], String: v.s, Time: v.t, Uint: v.u, Float: v.f}
	if v.kind == kindBool {
		s.Bool = v.i != 0
	} else {
		s.Int = v.i
	}
	return s
}

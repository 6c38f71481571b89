package qdrant

import (
	"fmt"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// The server's conditions, combined.

func allOf(cs ...*pb.Condition) *pb.Condition {
	return pb.NewFilterAsCondition(&pb.Filter{Must: cs})
}

func anyOf(cs ...*pb.Condition) *pb.Condition {
	return pb.NewFilterAsCondition(&pb.Filter{Should: cs})
}

func noneOf(cs ...*pb.Condition) *pb.Condition {
	return pb.NewFilterAsCondition(&pb.Filter{MustNot: cs})
}

// nothing matches no point: no field has an empty name.
func nothing() *pb.Condition { return pb.NewMatchKeyword(namesField, "") }

// condition says of a filter what the server understands. Whatever a caller chose is a
// value, but for names of fields, which are letters, digits and underscores there.
func condition(f vector.Filter) (*pb.Condition, error) {
	n, err := f.Node()
	if err != nil {
		return nil, err
	}
	switch n.Op {
	case vector.FilterAll:
		return noneOf(nothing()), nil
	case vector.FilterIn:
		return in(n)
	case vector.FilterRange:
		return between(n)
	case vector.FilterExists:
		return pb.NewMatchKeyword(namesField, fieldName(n.Field)), nil
	}
	cs := make([]*pb.Condition, len(n.Filters))
	for i, sub := range n.Filters {
		if cs[i], err = condition(sub); err != nil {
			return nil, err
		}
	}
	switch {
	case n.Op == vector.FilterNot:
		return noneOf(cs...), nil
	case n.Op == vector.FilterAnd && len(cs) == 0:
		return noneOf(nothing()), nil
	case n.Op == vector.FilterAnd:
		return allOf(cs...), nil
	case len(cs) == 0:
		return nothing(), nil
	}
	return anyOf(cs...), nil
}

func in(n vector.FilterNode) (*pb.Condition, error) {
	name := fieldName(n.Field)
	var texts []string
	var cs []*pb.Condition
	for _, v := range n.Values {
		switch v.Kind {
		case vector.StringValue:
			if err := checkText(v.String); err != nil {
				return nil, err
			}
			texts = append(texts, v.String)
		case vector.BoolValue:
			cs = append(cs, pb.NewMatchBool(boolsField+"."+name, v.Bool))
		default:
			p := newPair(v.Kind, name)
			x := numberOf(v)
			cs = append(cs, allOf(p.highIs(x), p.lowAtLeast(x.low), p.lowAtMost(x.low)))
		}
	}
	switch {
	case texts != nil:
		return pb.NewMatchKeywords(stringsField+"."+name, texts...), nil
	case cs == nil:
		return nothing(), nil
	}
	return anyOf(cs...), nil
}

func between(n vector.FilterNode) (*pb.Condition, error) {
	kind := max(n.Low.Kind, n.High.Kind) // NoValue is the lowest
	if kind == vector.StringValue {
		return nil, fmt.Errorf("filter asks for a range of strings in %q: %w", n.Field, quintet.ErrUnsupported)
	}
	p := newPair(kind, fieldName(n.Field))
	var cs []*pb.Condition
	if n.Low.Kind != vector.NoValue {
		x := numberOf(n.Low)
		cs = append(cs, anyOf(pb.NewRange(p.high, &pb.Range{Gt: &x.high}), allOf(p.highIs(x), p.lowAtLeast(x.low))))
	}
	if n.High.Kind != vector.NoValue {
		x := numberOf(n.High)
		cs = append(cs, anyOf(pb.NewRange(p.high, &pb.Range{Lt: &x.high}), allOf(p.highIs(x), p.lowAtMost(x.low))))
	}
	return allOf(cs...), nil
}

func numberOf(v vector.FilterValue) number {
	switch v.Kind {
	case vector.TimeValue:
		return ofTime(v.Time)
	case vector.IntValue:
		return ofInt(v.Int)
	case vector.UintValue:
		return ofUint(v.Uint)
	}
	return ofFloat(v.Float)
}

// pair is where the two parts of a number are. A low part that is not there is 0.
type pair struct{ high, low string }

func newPair(k vector.ValueKind, name string) pair {
	if k == vector.TimeValue {
		return pair{timesField + "." + name, nanosField + "." + name}
	}
	return pair{numbersField + "." + name, restsField + "." + name}
}

func (p pair) highIs(x number) *pb.Condition {
	return pb.NewRange(p.high, &pb.Range{Gte: &x.high, Lte: &x.high})
}

func (p pair) lowAtLeast(low int64) *pb.Condition {
	x := float64(low)
	if low > 0 {
		return pb.NewRange(p.low, &pb.Range{Gte: &x})
	}
	return noneOf(pb.NewRange(p.low, &pb.Range{Lt: &x}))
}

func (p pair) lowAtMost(low int64) *pb.Condition {
	x := float64(low)
	if low < 0 {
		return pb.NewRange(p.low, &pb.Range{Lte: &x})
	}
	return noneOf(pb.NewRange(p.low, &pb.Range{Gt: &x}))
}

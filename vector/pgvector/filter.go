package pgvector

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// statement is SQL with its parameters. Whatever a caller chose is a parameter.
type statement struct {
	sql  strings.Builder
	args []any
}

// arg adds a parameter and returns its name.
func (s *statement) arg(v any) string {
	s.args = append(s.args, v)
	return "$" + strconv.Itoa(len(s.args))
}

// filter returns a condition that is true for the rows that f matches, else false or
// null. Equality is asked by containment, for which the planner has statistics and an
// index of the metadata. JSON numbers compare exactly with each other.
func (s *statement) filter(f vector.Filter) (string, error) {
	n, err := f.Node()
	if err != nil {
		return "", err
	}
	if err := checkText(n.Field); err != nil {
		return "", fmt.Errorf("filter: %w", err)
	}
	switch n.Op {
	case vector.FilterAll:
		return "true", nil
	case vector.FilterIn:
		return s.in(n)
	case vector.FilterRange:
		return s.between(n)
	case vector.FilterExists:
		return "meta ? " + s.arg(n.Field) + "::text", nil
	case vector.FilterAnd:
		return s.join(n.Filters, " AND ", "true")
	case vector.FilterOr:
		return s.join(n.Filters, " OR ", "false")
	case vector.FilterNot:
		c, err := s.filter(n.Filters[0])
		return "NOT coalesce(" + c + ", false)", err
	}
	return "", fmt.Errorf("filter of unknown kind %d: %w", int(n.Op), quintet.ErrUnsupported)
}

func (s *statement) join(fs []vector.Filter, with, empty string) (string, error) {
	if len(fs) == 0 {
		return empty, nil
	}
	parts := make([]string, len(fs))
	for i, f := range fs {
		c, err := s.filter(f)
		if err != nil {
			return "", err
		}
		parts[i] = c
	}
	return "(" + strings.Join(parts, with) + ")", nil
}

func (s *statement) in(n vector.FilterNode) (string, error) {
	var objects []string
	for _, v := range n.Values {
		x, err := jsonOf(v)
		if err != nil {
			return "", err
		}
		shapes := []any{x}
		if v.Kind == vector.StringValue {
			shapes = append(shapes, []any{x}) // a list that has it
		}
		for _, shape := range shapes {
			b, err := json.Marshal(map[string]any{n.Field: shape})
			if err != nil {
				return "", err
			}
			objects = append(objects, string(b))
		}
	}
	if len(objects) == 0 {
		return "false", nil
	}
	return "meta @> ANY (" + s.arg(objects) + "::jsonb[])", nil
}

// jsonOf returns a value as metadata has it. Of a time, that is the part by which
// times compare.
func jsonOf(v vector.FilterValue) (any, error) {
	switch v.Kind {
	case vector.StringValue:
		return v.String, checkText(v.String)
	case vector.BoolValue:
		return v.Bool, nil
	case vector.TimeValue:
		return map[string]any{"unix": seconds(v.Time)}, nil
	default:
		return numberOf(v), nil
	}
}

func numberOf(v vector.FilterValue) json.Number {
	switch v.Kind {
	case vector.IntValue:
		return json.Number(strconv.FormatInt(v.Int, 10))
	case vector.UintValue:
		return json.Number(strconv.FormatUint(v.Uint, 10))
	}
	return number(v.Float)
}

func (s *statement) between(n vector.FilterNode) (string, error) {
	kind := max(n.Low.Kind, n.High.Kind) // NoValue is the lowest
	if kind == vector.StringValue {
		return s.betweenStrings(n)
	}
	at, number := "meta -> "+s.arg(n.Field)+"::text", numberOf
	if kind == vector.TimeValue {
		at, number = "("+at+") -> 'unix'", func(v vector.FilterValue) json.Number { return seconds(v.Time) }
	}
	// A string is below every number, a boolean, list or object above.
	low, high := json.Number("-1e400"), json.Number("1e400")
	if n.Low.Kind != vector.NoValue {
		low = number(n.Low)
	}
	if n.High.Kind != vector.NoValue {
		high = number(n.High)
	}
	return "(" + at + ") BETWEEN " + s.arg(string(low)) + "::jsonb AND " + s.arg(string(high)) + "::jsonb", nil
}

// betweenStrings asks whether a string, or one of a list, is between two by bytes.
func (s *statement) betweenStrings(n vector.FilterNode) (string, error) {
	at, c := "meta -> "+s.arg(n.Field)+"::text", "true"
	for _, b := range []struct {
		op string
		v  vector.FilterValue
	}{{">=", n.Low}, {"<=", n.High}} {
		if b.v.Kind == vector.NoValue {
			continue
		}
		if err := checkText(b.v.String); err != nil {
			return "", fmt.Errorf("filter: %w", err)
		}
		c += ` AND e COLLATE "C" ` + b.op + " " + s.arg(b.v.String) + "::text"
	}
	return "EXISTS (SELECT FROM jsonb_array_elements_text(CASE jsonb_typeof(" + at + ") WHEN 'array' THEN " + at +
		" WHEN 'string' THEN jsonb_build_array(" + at + ") ELSE '[]' END) AS e WHERE " + c + ")", nil
}

package server

import (
	"fmt"
	"maps"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// ParseFilter makes a filter of its JSON. Every field of the object must match:
//
//	{"lang": "en"}                              equals
//	{"year": {"gte": 2020, "lte": 2026}}        within a range, both ends included
//	{"tag": {"in": ["a", "b"]}}                 equals one
//	{"tag": {"exists": true}}                   is there
//	{"$or": [{…}, {…}]}, {"$and": […]}, {"$not": {…}}
//
// An empty object matches everything. What is none of these is [quintet.ErrInput].
func ParseFilter(m map[string]any) (vector.Filter, error) {
	var all []vector.Filter
	for _, k := range slices.Sorted(maps.Keys(m)) {
		f, err := fieldFilter(k, m[k])
		if err != nil {
			return vector.Filter{}, err
		}
		all = append(all, f)
	}
	switch len(all) {
	case 0:
		return vector.Filter{}, nil
	case 1:
		return all[0], nil
	}
	return vector.And(all...), nil
}

func badFilter(field string) error {
	return fmt.Errorf("filter of %.50q makes no sense: %w", field, quintet.ErrInput)
}

// fieldFilter makes a filter of one field, or of "$and", "$or" and "$not".
func fieldFilter(field string, v any) (vector.Filter, error) {
	switch field {
	case "$and", "$or":
		parts, err := filterList(field, v)
		if field == "$and" {
			return vector.And(parts...), err
		}
		return vector.Or(parts...), err
	case "$not":
		m, ok := v.(map[string]any)
		if !ok {
			return vector.Filter{}, badFilter(field)
		}
		f, err := ParseFilter(m)
		return vector.Not(f), err
	}
	switch v := v.(type) {
	case string:
		return vector.Eq(field, v), nil
	case float64:
		return vector.Eq(field, v), nil
	case bool:
		return vector.Eq(field, v), nil
	case map[string]any:
		return operators(field, v)
	}
	return vector.Filter{}, badFilter(field)
}

func filterList(field string, v any) ([]vector.Filter, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, badFilter(field)
	}
	out := make([]vector.Filter, len(list))
	for i, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			return nil, badFilter(field)
		}
		var err error
		if out[i], err = ParseFilter(m); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// operators joins the operators of one field.
func operators(field string, ops map[string]any) (vector.Filter, error) {
	all := make([]vector.Filter, 0, len(ops))
	for _, op := range slices.Sorted(maps.Keys(ops)) {
		f, ok := operator(field, op, ops[op])
		if !ok {
			return vector.Filter{}, badFilter(field)
		}
		all = append(all, f)
	}
	if len(all) == 0 {
		return vector.Filter{}, badFilter(field)
	}
	return vector.And(all...), nil
}

func operator(field, op string, v any) (f vector.Filter, ok bool) {
	switch op {
	case "eq":
		f, err := fieldFilter(field, v)
		return f, err == nil
	case "gte":
		return bound(field, v, vector.AtLeast[string], vector.AtLeast[float64])
	case "lte":
		return bound(field, v, vector.AtMost[string], vector.AtMost[float64])
	case "exists":
		want, ok := v.(bool)
		if f = vector.Exists(field); !want {
			f = vector.Not(f)
		}
		return f, ok
	case "in":
		list, ok := v.([]any)
		alternatives := make([]vector.Filter, len(list))
		for i, e := range list {
			if _, nested := e.(map[string]any); nested {
				return f, false
			}
			one, err := fieldFilter(field, e)
			if err != nil {
				return f, false
			}
			alternatives[i] = one
		}
		return vector.Or(alternatives...), ok
	}
	return f, false
}

func bound(field string, v any, text func(string, string) vector.Filter, number func(string, float64) vector.Filter) (vector.Filter, bool) {
	switch v := v.(type) {
	case string:
		return text(field, v), true
	case float64:
		return number(field, v), true
	}
	return vector.Filter{}, false
}

package vector_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

func TestNodesOfFilters(t *testing.T) {
	noon := time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)
	text := func(s string) vector.FilterValue { return vector.FilterValue{Kind: vector.StringValue, String: s} }
	number := func(i int64) vector.FilterValue { return vector.FilterValue{Kind: vector.IntValue, Int: i} }
	for name, tt := range map[string]struct {
		f    vector.Filter
		want vector.FilterNode
	}{
		"zero": {vector.Filter{}, vector.FilterNode{}},
		"eq":   {vector.Eq("a", "x"), vector.FilterNode{Op: vector.FilterIn, Field: "a", Values: []vector.FilterValue{text("x")}}},
		"in is sorted": {vector.In("a", uint8(3), 1, 2), vector.FilterNode{
			Op: vector.FilterIn, Field: "a", Values: []vector.FilterValue{number(1), number(2), number(3)},
		}},
		"in of none": {vector.In[bool]("a"), vector.FilterNode{Op: vector.FilterIn, Field: "a"}},
		"bools": {vector.In("a", true, false), vector.FilterNode{Op: vector.FilterIn, Field: "a", Values: []vector.FilterValue{
			{Kind: vector.BoolValue}, {Kind: vector.BoolValue, Bool: true},
		}}},
		"past int64": {vector.Eq("a", uint64(math.MaxUint64)), vector.FilterNode{
			Op: vector.FilterIn, Field: "a", Values: []vector.FilterValue{{Kind: vector.UintValue, Uint: math.MaxUint64}},
		}},
		"range of floats": {vector.Range("a", float32(0.5), 2), vector.FilterNode{
			Op: vector.FilterRange, Field: "a",
			Low: vector.FilterValue{Kind: vector.FloatValue, Float: 0.5}, High: vector.FilterValue{Kind: vector.FloatValue, Float: 2},
		}},
		"at least": {vector.AtLeast("a", noon), vector.FilterNode{
			Op: vector.FilterRange, Field: "a", Low: vector.FilterValue{Kind: vector.TimeValue, Time: noon},
		}},
		"at most": {vector.AtMost("a", -7), vector.FilterNode{Op: vector.FilterRange, Field: "a", High: number(-7)}},
		"exists":  {vector.Exists("a"), vector.FilterNode{Op: vector.FilterExists, Field: "a"}},
		"and": {vector.And(vector.Exists("a"), vector.Filter{}), vector.FilterNode{
			Op: vector.FilterAnd, Filters: []vector.Filter{vector.Exists("a"), {}},
		}},
		"or of none": {vector.Or(), vector.FilterNode{Op: vector.FilterOr}},
		"not": {vector.Not(vector.Exists("a")), vector.FilterNode{
			Op: vector.FilterNot, Filters: []vector.Filter{vector.Exists("a")},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tt.f.Node()
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestANodeSharesNothingWithItsFilter(t *testing.T) {
	f := vector.And(vector.In("n", 1, 2), vector.Exists("n"))
	n, err := f.Node()
	require.NoError(t, err)
	in, err := n.Filters[0].Node()
	require.NoError(t, err)
	in.Values[0].Int, n.Filters[1] = 9, vector.Exists("x")
	c := open(t, vector.Options{Dim: 1})
	upsert(t, c, item{ID: "a", Vector: []float32{1}, Meta: vector.Meta{"n": 1}})
	require.Len(t, search(t, c, query{Vector: []float32{1}, Filter: f}), 1)
}

func TestNodesOfBadFiltersSayWhy(t *testing.T) {
	for _, f := range []vector.Filter{
		vector.Eq("x", math.NaN()), vector.Range("x", 2, 1), vector.And(vector.Exists("y"), vector.Not(vector.AtMost("x", nan))),
	} {
		_, err := f.Node()
		require.ErrorIs(t, err, quintet.ErrInput)
	}
}

func ExampleFilter_Node() {
	var text func(f vector.Filter) string
	text = func(f vector.Filter) string {
		n, err := f.Node()
		if err != nil {
			return err.Error()
		}
		switch n.Op {
		case vector.FilterIn:
			return fmt.Sprintf("%s is one of %d", n.Field, len(n.Values))
		case vector.FilterRange:
			return fmt.Sprintf("%s >= %d", n.Field, n.Low.Int)
		case vector.FilterAnd:
			var parts []string
			for _, sub := range n.Filters {
				parts = append(parts, text(sub))
			}
			return strings.Join(parts, " and ")
		}
		return "another"
	}
	fmt.Println(text(vector.And(vector.In("lang", "en", "de"), vector.AtLeast("year", 1999))))
	// Output: lang is one of 2 and year >= 1999
}

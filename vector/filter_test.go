package vector_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vector"
)

func TestFilters(t *testing.T) {
	noon := time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)
	meta := vector.Meta{
		"lang": "en", "year": 1999, "pages": uint16(300), "price": 9.5, "half": float32(0.5), "free": false,
		"at": noon, "tags": []string{"red", "green"}, "none": []string{}, "huge": uint64(math.MaxUint64),
		"big": int64(1<<53 + 1), "most": int64(math.MaxInt64), "inf": math.Inf(1),
	}
	tests := map[string]struct {
		f    vector.Filter
		want bool
	}{
		"zero filter":                 {vector.Filter{}, true},
		"equal string":                {vector.Eq("lang", "en"), true},
		"other string":                {vector.Eq("lang", "de"), false},
		"missing field":               {vector.Eq("nope", "en"), false},
		"field names have case":       {vector.Eq("Lang", "en"), false},
		"string is no number":         {vector.Eq("lang", 1), false},
		"bool":                        {vector.Eq("free", false), true},
		"bool is no number":           {vector.Eq("free", 0), false},
		"int of another size":         {vector.Eq("year", int16(1999)), true},
		"int as float":                {vector.Eq("year", 1999.0), true},
		"float as int":                {vector.Eq("price", 9), false},
		"float32 as float64":          {vector.Eq("half", 0.5), true},
		"unsigned as int":             {vector.Eq("pages", 300), true},
		"past int64":                  {vector.Eq("huge", uint64(math.MaxUint64)), true},
		"past int64 is above int64":   {vector.AtMost("huge", int64(math.MaxInt64)), false},
		"past int64 is above a float": {vector.AtLeast("huge", float64(1<<63)), true},
		"past int64 is below 2^64":    {vector.Eq("huge", float64(1<<64)), false},
		"int64 is below 2^63":         {vector.Eq("most", float64(1<<63)), false},
		"int64 is at most 2^63":       {vector.AtMost("most", float64(1<<63)), true},
		"int64 against past int64":    {vector.AtMost("most", uint64(1<<63)), true},
		"2^53+1 is not 2^53":          {vector.Eq("big", float64(1<<53)), false},
		"2^53+1 is above 2^53":        {vector.AtLeast("big", float64(1<<53)), true},
		"2^53+1 is not below 2^53":    {vector.AtMost("big", float64(1<<53)), false},
		"infinity is a number":        {vector.AtLeast("inf", math.MaxFloat64), true},
		"int below infinity":          {vector.AtMost("most", math.Inf(1)), true},
		"time in another zone":        {vector.Eq("at", noon.In(time.FixedZone("x", 3600))), true},
		"time range":                  {vector.Range("at", noon.Add(-1), noon.Add(1)), true},
		"time is no string":           {vector.Eq("at", noon.String()), false},
		"list has it":                 {vector.Eq("tags", "green"), true},
		"list has it not":             {vector.Eq("tags", "blue"), false},
		"list against list":           {vector.In("tags", "blue", "red"), true},
		"list in a range":             {vector.Range("tags", "h", "z"), true},
		"list beside a range":         {vector.Range("tags", "h", "k"), false},
		"empty list":                  {vector.Eq("none", ""), false},
		"one of many":                 {vector.In("year", 2001, 1999, 2000, 1998), true},
		"none of many":                {vector.In("year", 2001, 1997, 2000, 1998), false},
		"none of none":                {vector.In[string]("lang"), false},
		"in a range":                  {vector.Range("year", 1990, 2000), true},
		"low end of a range":          {vector.Range("year", 1999, 2000), true},
		"high end of a range":         {vector.Range("year", 1999.0, 1999.0), true},
		"below a range":               {vector.Range("year", 2000, 2001), false},
		"above a range":               {vector.Range("price", 1, 9), false},
		"range of another type":       {vector.Range("lang", 0, 9), false},
		"range of strings":            {vector.Range("lang", "ea", "eo"), true},
		"at least":                    {vector.AtLeast("price", 9.5), true},
		"at most":                     {vector.AtMost("price", 9), false},
		"exists":                      {vector.Exists("free"), true},
		"empty list exists":           {vector.Exists("none"), true},
		"does not exist":              {vector.Exists("nope"), false},
		"and":                         {vector.And(vector.Eq("lang", "en"), vector.Eq("year", 1999)), true},
		"and with one false":          {vector.And(vector.Eq("lang", "en"), vector.Eq("year", 2000)), false},
		"and of nothing":              {vector.And(), true},
		"or":                          {vector.Or(vector.Eq("lang", "de"), vector.Eq("year", 1999)), true},
		"or with all false":           {vector.Or(vector.Eq("lang", "de"), vector.Eq("year", 2000)), false},
		"or of nothing":               {vector.Or(), false},
		"not":                         {vector.Not(vector.Eq("lang", "de")), true},
		"not of a missing field":      {vector.Not(vector.Eq("nope", 1)), true},
		"not of the zero filter":      {vector.Not(vector.Filter{}), false},
		"zero filter in and":          {vector.And(vector.Filter{}, vector.Filter{}), true},
		"nested":                      {vector.Not(vector.Or(vector.And(vector.Exists("nope")), vector.Not(vector.Exists("at")))), true},
	}
	c := open(t, vector.Options{Dim: 1})
	upsert(t, c, item{ID: "it", Vector: []float32{1}, Meta: meta}, item{ID: "bare", Vector: []float32{1}})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			hits := search(t, c, query{Vector: []float32{1}, Filter: vector.And(vector.Exists("lang"), tt.f)})
			require.Equal(t, tt.want, len(hits) == 1)
		})
	}
}

func TestFiltersDoNotChangeWithTheirArguments(t *testing.T) {
	c := open(t, vector.Options{Dim: 1})
	upsert(t, c, item{ID: "a", Vector: []float32{1}, Meta: vector.Meta{"n": 1}})
	values, subs := []int{1, 2}, []vector.Filter{vector.Eq("n", 1)}
	in, and := vector.In("n", values...), vector.And(subs...)
	values[0], subs[0] = 5, vector.Eq("n", 5)
	require.Equal(t, []int{5, 2}, values, "the caller's slice is not sorted")
	require.Len(t, search(t, c, query{Vector: []float32{1}, Filter: in}), 1)
	require.Len(t, search(t, c, query{Vector: []float32{1}, Filter: and}), 1)
}

func TestAFilterFillsUpTheHits(t *testing.T) {
	c := open(t, vector.Options{Dim: 1, Metric: vector.L2})
	for i := range 1000 {
		upsert(t, c, item{ID: string(rune('a' + i)), Vector: []float32{float32(i)}, Meta: vector.Meta{"i": i}})
	}
	hits := search(t, c, query{Vector: []float32{0}, K: 3, Filter: vector.AtLeast("i", 900)})
	require.Len(t, hits, 3)
	require.Equal(t, 900.0, hits[0].Distance)
	require.Equal(t, vector.Meta{"i": 902}, hits[2].Meta)
}

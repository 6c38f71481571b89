package storetest

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// question is a filter and whether it matches the item of the test.
type question struct {
	f    vector.Filter
	want bool
}

var noon = time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)

func filterQuestions() map[string]question {
	return map[string]question{
		"zero filter":                 {vector.Filter{}, true},
		"equal string":                {vector.Eq("lang", "en"), true},
		"other string":                {vector.Eq("lang", "de"), false},
		"missing field":               {vector.Eq("nope", "en"), false},
		"field names have case":       {vector.Eq("Lang", "en"), false},
		"string is no number":         {vector.Eq("lang", 1), false},
		"number is no string":         {vector.Eq("year", "1999"), false},
		"bool":                        {vector.Eq("free", false), true},
		"other bool":                  {vector.Eq("free", true), false},
		"bool is no number":           {vector.Eq("free", 0), false},
		"bool is no string":           {vector.Eq("free", "false"), false},
		"int of another size":         {vector.Eq("year", int16(1999)), true},
		"int as float":                {vector.Eq("year", 1999.0), true},
		"float as int":                {vector.Eq("price", 9), false},
		"float32 as float64":          {vector.Eq("half", 0.5), true},
		"a third of float32":          {vector.Eq("third", float32(1)/3), true},
		"a third of float64":          {vector.Eq("third", float64(1)/3), false},
		"a third of float32 is more":  {vector.AtLeast("third", float64(1)/3), true},
		"unsigned as int":             {vector.Eq("pages", 300), true},
		"past int64":                  {vector.Eq("huge", uint64(math.MaxUint64)), true},
		"past int64 is above int64":   {vector.AtMost("huge", int64(math.MaxInt64)), false},
		"past int64 is above a float": {vector.AtLeast("huge", float64(1<<63)), true},
		"past int64 is below 2^64":    {vector.Eq("huge", float64(1<<64)), false},
		"int64 is below 2^63":         {vector.Eq("most", float64(1<<63)), false},
		"int64 is at most 2^63":       {vector.AtMost("most", float64(1<<63)), true},
		"2^53+1 is not 2^53":          {vector.Eq("big", float64(1<<53)), false},
		"2^53+1 is above 2^53":        {vector.AtLeast("big", float64(1<<53)), true},
		"2^53+1 is not below 2^53":    {vector.AtMost("big", float64(1<<53)), false},
		"infinity is a number":        {vector.AtLeast("inf", math.MaxFloat64), true},
		"infinity equals itself":      {vector.Eq("inf", math.Inf(1)), true},
		"int below infinity":          {vector.AtMost("most", math.Inf(1)), true},
		"time in another zone":        {vector.Eq("at", noon.In(time.FixedZone("x", 3600))), true},
		"a nanosecond later":          {vector.Eq("at", noon.Add(1)), false},
		"time range":                  {vector.Range("at", noon.Add(-1), noon.Add(1)), true},
		"time is too early":           {vector.AtLeast("at", noon.Add(1)), false},
		"one of some times":           {vector.In("at", noon, noon.Add(time.Hour)), true},
		"time is no string":           {vector.Eq("at", noon.Format(time.RFC3339)), false},
		"time is no number":           {vector.Eq("at", noon.Unix()), false},
		"list has it":                 {vector.Eq("tags", "green"), true},
		"list has it not":             {vector.Eq("tags", "blue"), false},
		"list against list":           {vector.In("tags", "blue", "red"), true},
		"list in a range":             {vector.Range("tags", "h", "z"), true},
		"list beside a range":         {vector.Range("tags", "h", "k"), false},
		"a range between two of list": {vector.Range("tags", "gz", "h"), false},
		"empty list":                  {vector.Eq("none", ""), false},
		"empty list in a range":       {vector.AtLeast("none", ""), false},
		"one of many":                 {vector.In("year", 2001, 1999, 2000, 1998), true},
		"none of many":                {vector.In("year", 2001, 1997, 2000, 1998), false},
		"none of none":                {vector.In[string]("lang"), false},
		"in a range":                  {vector.Range("year", 1990, 2000), true},
		"low end of a range":          {vector.Range("year", 1999, 2000), true},
		"high end of a range":         {vector.Range("year", 1999.0, 1999.0), true},
		"below a range":               {vector.Range("year", 2000, 2001), false},
		"above a range":               {vector.Range("price", 1, 9), false},
		"range of another type":       {vector.Range("lang", 0, 9), false},
		"string range of a number":    {vector.AtLeast("year", ""), false},
		"string range of a time":      {vector.AtLeast("at", ""), false},
		"number range of a bool":      {vector.AtLeast("free", 0), false},
		"range of strings":            {vector.Range("lang", "ea", "eo"), true},
		"strings compare by bytes":    {vector.AtLeast("lang", "Z"), true},
		"at least":                    {vector.AtLeast("price", 9.5), true},
		"at most":                     {vector.AtMost("price", 9), false},
		"exists":                      {vector.Exists("free"), true},
		"empty list exists":           {vector.Exists("none"), true},
		"empty string exists":         {vector.Exists("blank"), true},
		"does not exist":              {vector.Exists("nope"), false},
		"and":                         {vector.And(vector.Eq("lang", "en"), vector.Eq("year", 1999)), true},
		"and with one false":          {vector.And(vector.Eq("lang", "en"), vector.Eq("year", 2000)), false},
		"and of nothing":              {vector.And(), true},
		"or":                          {vector.Or(vector.Eq("lang", "de"), vector.Eq("year", 1999)), true},
		"or with all false":           {vector.Or(vector.Eq("lang", "de"), vector.Eq("year", 2000)), false},
		"or of nothing":               {vector.Or(), false},
		"not":                         {vector.Not(vector.Eq("lang", "de")), true},
		"not of a missing field":      {vector.Not(vector.Eq("nope", 1)), true},
		"not of a missing range":      {vector.Not(vector.AtLeast("nope", 1)), true},
		"not of another type":         {vector.Not(vector.AtLeast("lang", 1)), true},
		"not of a time range":         {vector.Not(vector.AtLeast("lang", noon)), true},
		"not of the zero filter":      {vector.Not(vector.Filter{}), false},
		"zero filter in and":          {vector.And(vector.Filter{}, vector.Filter{}), true},
		"zero filter in or":           {vector.Or(vector.Eq("lang", "de"), vector.Filter{}), true},
		"not of none":                 {vector.Not(vector.In[int]("year")), true},
		"nested":                      {vector.Not(vector.Or(vector.And(vector.Exists("nope")), vector.Not(vector.Exists("at")))), true},
	}
}

func (s suite[K]) filters(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1})
	upsert(t, st, vector.Item[K]{ID: key[K](1), Vector: []float32{1}, Meta: vector.Meta{
		"lang": "en", "blank": "", "year": 1999, "pages": uint16(300), "price": 9.5, "half": float32(0.5), "free": false,
		"third": float32(1) / 3, "at": noon, "tags": []string{"red", "green"}, "none": []string{},
		"huge": uint64(math.MaxUint64), "big": int64(1<<53 + 1), "most": int64(math.MaxInt64), "inf": math.Inf(1),
	}}, vector.Item[K]{ID: key[K](2), Vector: []float32{1}})
	s.ask(t, st, filterQuestions(), vector.Exists("lang"))
}

// ask wants each filter to match key 1, which alone of all items passes only, or none.
func (s suite[K]) ask(t *testing.T, st vector.Store[K], questions map[string]question, only vector.Filter) {
	t.Helper()
	for name, q := range questions {
		t.Run(name, func(t *testing.T) {
			var want []K
			if q.want {
				want = keysOf[K](1)
			}
			hits, err := st.Search(t.Context(), vector.Query{Vector: []float32{1}, Filter: vector.And(only, q.f)})
			if s.opt.NoStringRanges && asksStringRange(t, q.f) {
				require.ErrorIs(t, err, quintet.ErrUnsupported)
				return
			}
			require.NoError(t, err)
			require.ElementsMatch(t, want, ids(hits))
		})
	}
}

// asksStringRange reports whether a part of a filter is a range of strings.
func asksStringRange(t *testing.T, f vector.Filter) bool {
	t.Helper()
	n, err := f.Node()
	require.NoError(t, err)
	return n.Low.Kind == vector.StringValue || n.High.Kind == vector.StringValue ||
		slices.ContainsFunc(n.Filters, func(sub vector.Filter) bool { return asksStringRange(t, sub) })
}

// hostileFilters have text in them that means something to a database.
func (s suite[K]) hostileFilters(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1})
	odd := []string{
		"", " ", "'", `"`, `\`, `\'`, "''", "--", "; DROP TABLE items; --", "' OR '1'='1", "$1", "$.x", "a.b", "a[0]", "a[]", "a->b",
		"{}", "[]", "null", "%", "_", "\n", "ключ", "é", "\u2028", "unix", "x' || pg_sleep(9) || '", "*/", "?", "@>", "0",
	}
	meta := vector.Meta{}
	for _, name := range odd {
		meta[name] = name
	}
	meta["list"] = odd
	upsert(t, st, vector.Item[K]{ID: key[K](1), Vector: []float32{1}, Meta: meta},
		vector.Item[K]{ID: key[K](2), Vector: []float32{1}, Meta: vector.Meta{"x": "y", "unix": noon, "a": "b"}})
	questions := map[string]question{}
	for _, name := range odd {
		questions["value of "+name] = question{vector.Eq(name, name), true}
		questions["no value of "+name] = question{vector.Eq(name, name+"x"), false}
		questions["range of "+name] = question{vector.Range(name, name, name), true}
		questions["above "+name] = question{vector.AtLeast(name, name+"x"), false}
		questions["there is "+name] = question{vector.Exists(name), true}
		questions["there is no "+name] = question{vector.Exists(name + "x"), false}
		questions["list has "+name] = question{vector.In("list", name, "?x"), true}
		questions["list has no "+name] = question{vector.Eq("list", name+"x"), false}
		questions["list from "+name] = question{vector.Range("list", name, name), true}
	}
	s.ask(t, st, questions, vector.Exists("list"))
	hits := search(t, st, vector.Query{Vector: []float32{1}})
	require.Len(t, hits, 2)
	require.Contains(t, []vector.Meta{hits[0].Meta, hits[1].Meta}, meta)
}

func (s suite[K]) filterFills(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1, Metric: vector.L2})
	line(t, st, 400)
	hits := search(t, st, vector.Query{Vector: []float32{0}, K: 3, Filter: vector.AtLeast("i", 300)})
	require.Equal(t, keysOf[K](300, 301, 302), ids(hits))
	s.near(t, 300, hits[0].Distance)
	require.Equal(t, vector.Meta{"i": 302}, hits[2].Meta)
	require.Empty(t, search(t, st, vector.Query{Vector: []float32{0}, Filter: vector.Eq("i", -1)}))
}

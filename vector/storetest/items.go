package storetest

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

var (
	nan = float32(math.NaN())
	inf = float32(math.Inf(1))
)

// everyType is metadata of all types that there are.
func everyType() vector.Meta {
	return vector.Meta{
		"string": "x", "empty": "", "yes": true, "no": false,
		"int": -1, "int8": int8(-8), "int16": int16(-16), "int32": int32(-32), "int64": int64(math.MinInt64),
		"uint": uint(1), "uint8": uint8(8), "uint16": uint16(16), "uint32": uint32(32), "uint64": uint64(math.MaxUint64),
		"float64": 0.1, "float32": float32(0.1), "small": 5e-324, "large": math.MaxFloat64, "whole": 3.0,
		"inf": math.Inf(1), "minus inf": float32(math.Inf(-1)), "past 2^53": int64(1<<53 + 1),
		"time": time.Date(2026, 5, 6, 12, 0, 0, 7, time.UTC), "old": time.Date(1, 2, 3, 4, 5, 6, 0, time.UTC),
		"list": []string{"b", "a", "b", ""}, "empty list": []string{},
	}
}

func (s suite[K]) itemsComeBack(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 3, Metric: vector.Dot})
	want := vector.Item[K]{ID: key[K](1), Vector: []float32{1, -2, 0}, Text: "a text; ' \" \\ \n ключ", Meta: everyType()}
	if !s.opt.NoSparse {
		want.Sparse = vector.Sparse{Indices: []uint32{0, 7, 1 << 20}, Values: []float32{1, -2, 0.5}}
	}
	bare := vector.Item[K]{ID: key[K](2), Vector: []float32{0, 0, 0}, Meta: vector.Meta{}}
	upsert(t, st, want, bare)
	got, ok, err := st.Get(t.Context(), want.ID)
	require.NoError(t, err)
	require.True(t, ok)
	s.sameItem(t, want, got)
	require.Equal(t, []vector.Hit[K]{{ID: want.ID, Score: 4, Distance: -4, Meta: want.Meta}},
		search(t, st, vector.Query{Vector: []float32{0, -2, 1}, K: 1}))
	got, ok, err = st.Get(t.Context(), bare.ID)
	require.NoError(t, err)
	require.True(t, ok)
	bare.Meta = nil
	require.Equal(t, bare, got, "an empty Meta comes back nil")
	got, ok, err = st.Get(t.Context(), key[K](3))
	require.NoError(t, err)
	require.False(t, ok, "an unknown key")
	require.Zero(t, got)
	zoned := time.Date(2026, 5, 6, 12, 0, 0, 0, time.FixedZone("", 2*3600))
	upsert(t, st, vector.Item[K]{ID: key[K](4), Vector: []float32{1, 1, 1}, Meta: vector.Meta{"t": zoned}})
	got, _, err = st.Get(t.Context(), key[K](4))
	require.NoError(t, err)
	require.True(t, zoned.Equal(got.Meta["t"].(time.Time)))
	require.Equal(t, zoned.Format(time.RFC3339Nano), got.Meta["t"].(time.Time).Format(time.RFC3339Nano))
}

func (s suite[K]) unitVectors(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 2})
	for i, v := range [][]float32{{3, 4}, {3e38, 3e38}, {1e-45, 0}, {3e38, 1e-45}} {
		upsert(t, st, vector.Item[K]{ID: key[K](i), Vector: v})
		got, _, err := st.Get(t.Context(), key[K](i))
		require.NoError(t, err)
		s.near(t, 1, math.Hypot(float64(got.Vector[0]), float64(got.Vector[1])))
		hits := search(t, st, vector.Query{Vector: v, K: 1})
		s.near(t, 1, hits[0].Score)
		require.LessOrEqual(t, hits[0].Score, 1.0)
	}
}

func (s suite[K]) replaces(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1, Metric: vector.L2})
	a, b, c := key[K](5), key[K](3), key[K](4)
	upsert(t, st, vector.Item[K]{ID: a, Vector: []float32{1}, Text: "old", Meta: vector.Meta{"x": 1}},
		vector.Item[K]{ID: b, Vector: []float32{2}})
	upsert(t, st, vector.Item[K]{ID: a, Vector: []float32{7}}, vector.Item[K]{ID: c, Vector: []float32{9}},
		vector.Item[K]{ID: a, Vector: []float32{9}, Meta: vector.Meta{"y": "new"}})
	got, ok, err := st.Get(t.Context(), a)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, vector.Item[K]{ID: a, Vector: []float32{9}, Meta: vector.Meta{"y": "new"}}, got, "the last of two counts")
	hits := search(t, st, vector.Query{Vector: []float32{0}})
	want := []K{b, a, c}
	if s.opt.AnyTies {
		require.ElementsMatch(t, want, ids(hits))
		return
	}
	require.Equal(t, want, ids(hits), "what was replaced keeps its place")
}

func (s suite[K]) badItems(t *testing.T) {
	good := vector.Item[K]{ID: key[K](0), Vector: []float32{1, 0}}
	for name, bad := range map[string]vector.Item[K]{
		"wrong dimension":      {Vector: []float32{1}},
		"no vector":            {},
		"NaN":                  {Vector: []float32{0, nan}},
		"infinity":             {Vector: []float32{inf, 0}},
		"zero vector":          {Vector: []float32{0, 0}},
		"meta of any type":     {Vector: []float32{1, 0}, Meta: vector.Meta{"x": struct{}{}}},
		"meta of a named type": {Vector: []float32{1, 0}, Meta: vector.Meta{"x": vector.Dot}},
		"nil meta":             {Vector: []float32{1, 0}, Meta: vector.Meta{"x": nil}},
		"meta NaN":             {Vector: []float32{1, 0}, Meta: vector.Meta{"x": math.NaN()}},
		"sparse NaN": {Vector: []float32{1, 0}, Sparse: vector.Sparse{
			Indices: []uint32{1}, Values: []float32{nan},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			st := s.store(t, vector.Options{Dim: 2})
			bad.ID = key[K](1)
			err := st.Upsert(t.Context(), good, bad, good, bad)
			require.ErrorIs(t, err, quintet.ErrInput)
			var e *quintet.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, 1, e.Index)
			_, ok, err := st.Get(t.Context(), good.ID)
			require.NoError(t, err)
			require.False(t, ok, "all or none")
		})
	}
}

func (s suite[K]) deletes(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1, Metric: vector.Dot})
	a, b := key[K](1), key[K](2)
	n, err := st.Delete(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	require.NoError(t, st.Upsert(t.Context()), "no items")
	upsert(t, st, vector.Item[K]{ID: a, Vector: []float32{1}}, vector.Item[K]{ID: b, Vector: []float32{1}})
	n, err = st.Delete(t.Context(), a, key[K](9), a)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, []K{b}, ids(search(t, st, vector.Query{Vector: []float32{1}})))
	_, ok, err := st.Get(t.Context(), a)
	require.NoError(t, err)
	require.False(t, ok)
	upsert(t, st, vector.Item[K]{ID: a, Vector: []float32{1}})
	hits := ids(search(t, st, vector.Query{Vector: []float32{1}}))
	if s.opt.AnyTies {
		require.ElementsMatch(t, []K{b, a}, hits)
		return
	}
	require.Equal(t, []K{b, a}, hits, "added again, it is the newest")
}

// oddKeys are as different as keys of a type can be.
func oddKeys[K vector.Key]() (keys []K) {
	var k K
	v := reflect.ValueOf(&k).Elem()
	switch v.Kind() {
	case reflect.String:
		for _, x := range []string{"", " ", "a", "A", "a ", "'; DROP TABLE x; --", `"`, `\`, "ключ", "\u0301", "é", "e\u0301", "1", "01",
			"%s$1{}", "a\nb\t"} {
			v.SetString(x)
			keys = append(keys, k)
		}
	case reflect.Uint64:
		for _, x := range []uint64{0, 1, math.MaxInt64, 1 << 63, math.MaxUint64, 1<<53 + 1, 1 << 53} {
			v.SetUint(x)
			keys = append(keys, k)
		}
	default:
		for _, x := range []int64{0, 1, -1, math.MinInt, math.MaxInt, math.MaxInt32, math.MinInt32} {
			v.SetInt(x)
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (s suite[K]) keys(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1, Metric: vector.L2})
	keys := oddKeys[K]()
	for i, k := range keys {
		upsert(t, st, vector.Item[K]{ID: k, Vector: []float32{float32(i)}})
	}
	require.Equal(t, keys, ids(search(t, st, vector.Query{Vector: []float32{-1}, K: 100})))
	for i, k := range keys {
		got, ok, err := st.Get(t.Context(), k)
		require.NoError(t, err)
		require.True(t, ok, "%v", k)
		require.Equal(t, vector.Item[K]{ID: k, Vector: []float32{float32(i)}}, got)
	}
	n, err := st.Delete(t.Context(), keys[1:]...)
	require.NoError(t, err)
	require.Equal(t, len(keys)-1, n)
	require.Equal(t, keys[:1], ids(search(t, st, vector.Query{Vector: []float32{-1}})))
}

func (s suite[K]) nothingShared(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 2, Metric: vector.L2})
	it := vector.Item[K]{ID: key[K](1), Vector: []float32{3, 4}, Meta: vector.Meta{"tags": []string{"x"}}}
	upsert(t, st, it)
	spoil := func(v []float32, m vector.Meta) {
		if v != nil {
			v[0] = 100
		}
		m["tags"].([]string)[0] = "spoilt"
		m["new"] = 1
	}
	spoil(it.Vector, it.Meta)
	want := vector.Item[K]{ID: it.ID, Vector: []float32{3, 4}, Meta: vector.Meta{"tags": []string{"x"}}}
	for range 2 {
		got, _, err := st.Get(t.Context(), it.ID)
		require.NoError(t, err)
		require.Equal(t, want, got)
		spoil(got.Vector, got.Meta)
		for _, h := range search(t, st, vector.Query{Vector: []float32{0, 0}}) {
			require.Equal(t, want.Meta, h.Meta)
			spoil(nil, h.Meta)
		}
	}
}

func (s suite[K]) stats(t *testing.T) {
	for _, m := range []vector.Metric{vector.Cosine, vector.Hamming} {
		st := s.store(t, vector.Options{Dim: 16, Metric: m})
		for i := range 5 {
			v := make([]float32, 16)
			v[i] = 1
			upsert(t, st, vector.Item[K]{ID: key[K](i), Vector: v})
		}
		_, err := st.Delete(t.Context(), key[K](2))
		require.NoError(t, err)
		got, err := st.Stats(t.Context())
		require.NoError(t, err)
		require.Equal(t, 4, got.Items)
		require.Equal(t, 16, got.Dim)
		require.Equal(t, m, got.Metric)
	}
}

// itemErrors returns the places that an error names.
func itemErrors(err error) (at []int) {
	for i, e := range quintet.ItemErrors(err) {
		if errors.Is(e, quintet.ErrInput) {
			at = append(at, i)
		}
	}
	return at
}

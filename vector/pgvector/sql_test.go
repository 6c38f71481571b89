package pgvector_test

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vector/pgvector"
)

// shaped is a filter with every kind of part, of a field, a string and a number.
func shaped(field, s string, x float64) vector.Filter {
	return vector.Or(
		vector.And(vector.Eq(field, s), vector.In(field, s, s, "x"), vector.AtLeast(field, s)), vector.Not(vector.Range(field, s, s)),
		vector.Exists(field), vector.AtMost(field, x), vector.In(field, x, 1), vector.AtLeast(field, time.Unix(0, int64(x))),
	)
}

// FuzzStatementsDoNotDependOnStrings: whatever a caller chose is a parameter.
func FuzzStatementsDoNotDependOnStrings(f *testing.F) {
	for _, s := range []string{"", "'", "$1", `"; DROP TABLE items; --`, `\`, "é", "\x00", "\xff"} {
		f.Add(s, s, 1.5)
	}
	want, args, err := pgvector.FilterSQL(shaped("a", "b", 1))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, field, s string, x float64) {
		got, params, err := pgvector.FilterSQL(shaped(field, s, x))
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrInput)
			return
		}
		require.Equal(t, want, got)
		require.Len(t, params, len(args))
	})
}

// FuzzNumbersKeepTheirOrder compares decimal numbers as jsonb does with exact ones.
func FuzzNumbersKeepTheirOrder(f *testing.F) {
	f.Add(0.1, float64(float32(0.1)), int64(0))
	f.Add(float64(1<<53), float64(1<<63), int64(1<<53+1))
	f.Add(math.MaxFloat64, math.SmallestNonzeroFloat64, int64(math.MaxInt64))
	f.Add(1e22, -1e22, int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, a, b float64, i int64) {
		if math.IsNaN(a) || math.IsNaN(b) {
			return
		}
		da, db, di := decimal(t, a), decimal(t, b), new(big.Rat).SetInt64(i)
		require.Equal(t, compare(a, b), da.Cmp(db), "%v %v", a, b)
		if !math.IsInf(a, 0) {
			require.Equal(t, new(big.Rat).SetFloat64(a).Cmp(di), da.Cmp(di), "%v %v", a, i)
		}
	})
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func decimal(t *testing.T, f float64) *big.Rat {
	r, ok := new(big.Rat).SetString(string(pgvector.NumberOf(f)))
	require.True(t, ok)
	return r
}

// FuzzMetaComesBack: metadata is the same after it was stored.
func FuzzMetaComesBack(f *testing.F) {
	f.Add("field", "value", 0.1, int64(-5), int64(7), true)
	f.Add("<&>", "\u2028", math.Inf(-1), int64(math.MinInt64), int64(-62135596800), false)
	f.Fuzz(func(t *testing.T, field, s string, x float64, i, sec int64, b bool) {
		if math.IsNaN(x) {
			return
		}
		sec %= 1 << 40
		m := vector.Meta{
			field: s, "b": b, "x": x, "f32": float32(x), "i": i, "i8": int8(i), "u": uint64(i), "u16": uint16(i),
			"list": []string{s, field}, "t": time.Unix(sec, i%1e9).UTC(),
		}
		got, err := pgvector.RoundTrip(m)
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrInput)
			return
		}
		require.Equal(t, m, got)
	})
}

func TestVersionsOfPgvector(t *testing.T) {
	for version, want := range map[string]bool{"0.7.4": true, "0.8.0": false, "0.8": false, "0.10.1": false, "1.0.0": false} {
		require.Equal(t, want, pgvector.Older(version), version)
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	const url = "postgres://nobody@127.0.0.1:1/x"
	for name, o := range map[string]pgvector.Options{
		"nothing":           {},
		"no Dim":            {URL: url},
		"no server":         {Dim: 2},
		"two servers":       {URL: url, Pool: pool(t, url), Dim: 2},
		"a URL that is not": {URL: "postgres://a:secret@b:c:d", Dim: 2},
		"metric":            {URL: url, Dim: 2, Metric: 9},
		"table":             {URL: url, Dim: 2, Table: []string{"a", ""}},
		"a long table":      {URL: url, Dim: 2, Table: []string{string(make([]byte, 51))}},
		"tenant":            {URL: url, Dim: 2, Tenant: "\xff"},
		"SQ8":               {URL: url, Dim: 2, Quantization: vector.SQ8},
		"F16 of bits":       {URL: url, Dim: 2, Quantization: vector.F16, Metric: vector.Hamming},
		"index of 2001":     {URL: url, Dim: 2001, Index: vector.HNSW},
		"M":                 {URL: url, Dim: 2, M: 101},
		"EfConstruction":    {URL: url, Dim: 2, M: 50, EfConstruction: 99},
		"EfSearch":          {URL: url, Dim: 2, EfSearch: 1001},
		"unknown index":     {URL: url, Dim: 2, Index: 7},
	} {
		_, err := pgvector.Open[string](t.Context(), o)
		require.ErrorIs(t, err, quintet.ErrOption, name)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestAServerThatIsNotThereMayComeLater(t *testing.T) {
	_, err := pgvector.Open[string](t.Context(), pgvector.Options{URL: "postgres://nobody@127.0.0.1:1/x", Dim: 2})
	require.ErrorIs(t, err, quintet.ErrBusy)
}

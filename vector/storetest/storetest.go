package storetest

import (
	"context"
	"iter"
	"math"
	"reflect"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vector"
)

// Options says what a store does less than others. The zero value asks for all.
type Options struct {
	NoText   bool // it has no TextIndex
	NoSparse bool // it refuses items with a sparse vector
	NoHybrid bool // it does not fuse a vector with a text or sparse vector as a Collection does
	AnyTies  bool // hits of equal Distance come in any order
	NoFence  bool // changes of one call may be seen in part by others
	NoAll    bool // it has no method All that yields its items

	NoStringRanges bool // it refuses filters by ranges of strings with quintet.ErrUnsupported

	// Tolerance is by how much numbers of vectors, scores and distances may be off,
	// those above 1 in proportion. Default: 1e-6.
	Tolerance float64
}

// Open returns a store without items, of the Dim, Metric and TextIndex of o. Whoever
// asked for it closes it; a test may do so too.
type Open[K vector.Key] func(t *testing.T, o vector.Options) vector.Store[K]

// suite is what all tests share.
type suite[K vector.Key] struct {
	opt  Options
	open Open[K]
}

// Run holds stores of open to the promises, each in a test of its own.
func Run[K vector.Key](t *testing.T, open Open[K], o Options) {
	if o.Tolerance == 0 {
		o.Tolerance = 1e-6
	}
	s := suite[K]{o, open}
	tests := map[string]func(*testing.T){
		"items come back as they went in":           s.itemsComeBack,
		"cosine stores unit vectors":                s.unitVectors,
		"upsert replaces in place":                  s.replaces,
		"a bad item keeps all out":                  s.badItems,
		"delete counts what was there":              s.deletes,
		"all keys are different":                    s.keys,
		"nothing is shared with the caller":         s.nothingShared,
		"stats count":                               s.stats,
		"scores and distances are of the metric":    s.metrics,
		"K bounds the hits":                         s.boundsK,
		"MaxDistance bounds the hits":               s.maxDistance,
		"bad queries are refused":                   s.badQueries,
		"equal hits come in insertion order":        s.ties,
		"batches answer in order":                   s.batches,
		"filters":                                   s.filters,
		"names and values of filters are only that": s.hostileFilters,
		"a filter fills up the hits":                s.filterFills,
		"a search by text ranks texts":              s.text,
		"a search by sparse vector is exact":        s.sparse,
		"a hybrid search fuses":                     s.hybrid,
		"all yields items in insertion order":       s.all,
		"a done context stops every call":           s.doneContext,
		"a closed store says so":                    s.closed,
		"many may use it at once":                   s.concurrent,
		"changes are seen whole":                    s.whole,
		"a store finds what a collection finds":     s.model,
	}
	for name, without := range map[string]bool{
		"equal hits come in insertion order":  o.AnyTies,
		"a search by text ranks texts":        o.NoText,
		"a hybrid search fuses":               o.NoText || o.NoHybrid,
		"all yields items in insertion order": o.NoAll,
		"changes are seen whole":              o.NoFence,
	} {
		if without {
			delete(tests, name)
		}
	}
	for name, test := range tests {
		t.Run(name, test)
	}
}

// store returns an empty one that is closed when the test ends.
func (s suite[K]) store(t *testing.T, o vector.Options) vector.Store[K] {
	t.Helper()
	st := s.open(t, o)
	require.NotNil(t, st)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	return st
}

// key returns the ith of keys that all differ.
func key[K vector.Key](i int) (k K) {
	switch v := reflect.ValueOf(&k).Elem(); v.Kind() {
	case reflect.String:
		v.SetString("key " + strconv.Itoa(i))
	case reflect.Uint64:
		v.SetUint(uint64(i))
	default:
		v.SetInt(int64(i))
	}
	return k
}

func upsert[K vector.Key](t *testing.T, s vector.Store[K], items ...vector.Item[K]) {
	t.Helper()
	require.NoError(t, s.Upsert(t.Context(), items...))
}

func search[K vector.Key](t *testing.T, s vector.Store[K], q vector.Query) []vector.Hit[K] {
	t.Helper()
	hits, err := s.Search(t.Context(), q)
	require.NoError(t, err)
	return hits
}

func ids[K vector.Key](hits []vector.Hit[K]) []K {
	out := make([]K, len(hits))
	for i, h := range hits {
		out[i] = h.ID
	}
	return out
}

// near wants numbers to be as near as the options say.
func (s suite[K]) near(t *testing.T, want, got float64) {
	t.Helper()
	require.InDelta(t, want, got, s.opt.Tolerance*max(1, math.Abs(want)))
}

func (s suite[K]) sameItem(t *testing.T, want, got vector.Item[K]) {
	t.Helper()
	require.Len(t, got.Vector, len(want.Vector))
	for i := range want.Vector {
		s.near(t, float64(want.Vector[i]), float64(got.Vector[i]))
	}
	want.Vector, got.Vector = nil, nil
	require.Equal(t, want, got)
}

func (s suite[K]) sameHits(t *testing.T, want, got []vector.Hit[K]) {
	t.Helper()
	require.Equal(t, ids(want), ids(got))
	for i, w := range want {
		s.near(t, w.Score, got[i].Score)
		s.near(t, w.Distance, got[i].Distance)
		require.Equal(t, w.Meta, got[i].Meta)
		require.False(t, math.Signbit(got[i].Score) && got[i].Score == 0, "a score of -0")
		require.False(t, math.Signbit(got[i].Distance) && got[i].Distance == 0, "a distance of -0")
	}
}

// lister is a store that yields its items, which none must.
type lister[K vector.Key] interface {
	All(ctx context.Context) iter.Seq2[vector.Item[K], error]
}

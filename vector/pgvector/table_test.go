package pgvector_test

import (
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vector/pgvector"
)

var small = vector.Options{Dim: 2, Metric: vector.L2}

func openedAgain(t *testing.T, d *database) {
	o := d.options(small)
	a := openStore[string](t, o)
	it := vector.Item[string]{ID: "a", Vector: []float32{1, 2}, Meta: vector.Meta{"x": 1}}
	require.NoError(t, a.Upsert(t.Context(), it))
	o.MetaIndex = true
	b := openStore[string](t, o)
	got, ok, err := b.Get(t.Context(), "a")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, it, got)
	require.Equal(t, 1, d.count(t, "SELECT count(*) FROM "+o.Table[0]+"_versions"))
	require.NoError(t, a.Close())
	require.NoError(t, b.Ping(t.Context()), "the pool is not the store's")
}

func openedAtOnce(t *testing.T, d *database) {
	o := d.options(small)
	o.TextIndex, o.MetaIndex = true, true
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := pgvector.Open[string](t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
	require.Equal(t, 6, d.count(t, "SELECT count(*) FROM pg_indexes WHERE tablename = $1 OR tablename = $1 || '_versions'", o.Table[0]))
}

func otherTables(t *testing.T, d *database) {
	o := d.options(small)
	openStore[string](t, o)
	for name, change := range map[string]func(*pgvector.Options){
		"dimension":    func(o *pgvector.Options) { o.Dim = 3 },
		"metric":       func(o *pgvector.Options) { o.Metric = vector.Dot },
		"quantization": func(o *pgvector.Options) { o.Quantization = vector.F16 },
	} {
		other := o
		change(&other)
		_, err := pgvector.Open[string](t.Context(), other)
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
	_, err := pgvector.Open[int](t.Context(), o)
	require.ErrorIs(t, err, quintet.ErrOption)
	require.ErrorContains(t, err, "id of type text, want bigint")
	d.exec(t, "INSERT INTO "+o.Table[0]+"_versions VALUES (99, 'l2')")
	_, err = pgvector.Open[string](t.Context(), o)
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	o.Table = []string{"no such schema", "x"}
	_, err = pgvector.Open[string](t.Context(), o)
	require.ErrorIs(t, err, quintet.ErrOption)
	require.Zero(t, d.count(t, "SELECT count(*) FROM pg_tables WHERE tablename = 'x_versions'"), "nothing is left")
}

func notMigrated(t *testing.T, d *database) {
	o := d.options(small)
	o.NoMigrate = true
	_, err := pgvector.Open[string](t.Context(), o)
	require.ErrorIs(t, err, quintet.ErrOption)
	o.NoMigrate = false
	openStore[string](t, o)
	o.NoMigrate = true
	openStore[string](t, o)
	o.TextIndex = true
	_, err = pgvector.Open[string](t.Context(), o)
	require.ErrorIs(t, err, quintet.ErrOption)
	require.ErrorContains(t, err, "words")
}

func wordsLater(t *testing.T, d *database) {
	o := d.options(small)
	a := openStore[string](t, o)
	require.NoError(t, a.Upsert(t.Context(), vector.Item[string]{ID: "a", Vector: []float32{1, 2}, Text: "Katzen und Hunde"}))
	o.TextIndex, o.TextConfig = true, "german"
	b := openStore[string](t, o)
	hits, err := b.Search(t.Context(), vector.Query{Text: "Katze"})
	require.NoError(t, err)
	require.Len(t, hits, 1)
	o = d.options(small)
	o.TextIndex, o.TextConfig = true, `x'; DROP TABLE t1; --\`
	_, err = pgvector.Open[string](t.Context(), o)
	require.ErrorIs(t, err, quintet.ErrOption, "there is no such configuration")
}

func hostileNames(t *testing.T, d *database) {
	before := d.count(t, "SELECT count(*) FROM pg_tables")
	for _, name := range []string{`a"b`, "select", "x y", `'; DROP TABLE t1; --`, `"; DROP TABLE t1; --`, "ключ", `\`} {
		o := d.options(small)
		o.Table = []string{"public", name}
		o.TextIndex, o.MetaIndex, o.Tenant = true, true, `'"; DELETE FROM t1; --`
		st := openStore[string](t, o)
		require.NoError(t, st.Upsert(t.Context(), vector.Item[string]{ID: "a", Vector: []float32{1, 2}, Text: "word"}))
		hits, err := st.Search(t.Context(), vector.Query{Vector: []float32{1, 2}, Text: "word"})
		require.NoError(t, err)
		require.Len(t, hits, 1)
		s, err := st.Stats(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, s.Items)
		require.Positive(t, s.LinkBytes)
		openStore[string](t, o)
	}
	require.Equal(t, before+14, d.count(t, "SELECT count(*) FROM pg_tables"))
}

func tenants(t *testing.T, d *database) {
	a := openStore[string](t, d.options(small))
	b, err := a.Tenant("b")
	require.NoError(t, err)
	_, err = a.Tenant("\x00")
	require.ErrorIs(t, err, quintet.ErrOption)
	item := func(x float32) vector.Item[string] { return vector.Item[string]{ID: "same", Vector: []float32{x, 0}} }
	require.NoError(t, a.Upsert(t.Context(), item(1)))
	require.NoError(t, b.Upsert(t.Context(), item(2), vector.Item[string]{ID: "more", Vector: []float32{0, 0}}))
	for st, want := range map[vector.Store[string]][]string{a: {"same"}, b: {"more", "same"}} {
		for _, exact := range []bool{true, false} {
			hits, err := st.Search(t.Context(), vector.Query{Vector: []float32{0, 0}, Exact: exact})
			require.NoError(t, err)
			require.Len(t, hits, len(want))
			for i := range want {
				require.Equal(t, want[i], hits[i].ID)
			}
		}
		s, err := st.Stats(t.Context())
		require.NoError(t, err)
		require.Equal(t, len(want), s.Items)
	}
	for it, err := range a.All(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, item(1), it)
	}
	n, err := b.Delete(t.Context(), "same")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	got, ok, err := a.Get(t.Context(), "same")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, item(1), got)
	require.NoError(t, b.Close())
	_, err = b.Stats(t.Context())
	require.ErrorIs(t, err, quintet.ErrClosed)
	require.NoError(t, a.Ping(t.Context()))
}

func ownConnections(t *testing.T, d *database) {
	o := d.options(small)
	o.Pool, o.URL = nil, d.url
	st := openStore[string](t, o)
	b, err := st.Tenant("b")
	require.NoError(t, err)
	require.NoError(t, b.Upsert(t.Context(), vector.Item[string]{ID: "x", Vector: []float32{1, 1}}))
	require.NoError(t, st.Close())
	require.ErrorIs(t, b.Ping(t.Context()), quintet.ErrClosed)
}

func unsignedKeys(t *testing.T, d *database) {
	st := openStore[uint64](t, d.options(small))
	for i, k := range []uint64{math.MaxUint64, 0, 1 << 63, math.MaxInt64} {
		it := vector.Item[uint64]{ID: k, Vector: []float32{float32(i), 0}}
		require.NoError(t, st.Upsert(t.Context(), it))
		got, ok, err := st.Get(t.Context(), k)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, it, got)
		hits, err := st.Search(t.Context(), vector.Query{Vector: it.Vector, K: 1})
		require.NoError(t, err)
		require.Equal(t, k, hits[0].ID)
	}
	n, err := st.Delete(t.Context(), math.MaxUint64, 5)
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

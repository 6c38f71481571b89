package pgvector_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

func indexed(t *testing.T, d *database) {
	o := d.options(vector.Options{Dim: 16, Metric: vector.Cosine})
	st := openStore[int](t, o)
	filled(t, st, 2000, 16)
	d.exec(t, "ANALYZE "+o.Table[0])
	q := vector.Query{Vector: make([]float32, 16), K: 10}
	for i := range q.Vector {
		q.Vector[i] = float32(i%5) + 0.5
	}
	require.Contains(t, plan(t, d, st, q), "Index Scan using "+o.Table[0]+"_hnsw")
	q.Filter = vector.Eq("half", true)
	require.Contains(t, plan(t, d, st, q), "Index Scan using "+o.Table[0]+"_hnsw")
	o.MetaIndex = true
	st = openStore[int](t, o)
	q.Filter = vector.Eq("i", 7)
	require.Contains(t, plan(t, d, st, q), o.Table[0]+"_meta", "few pass")
	q.Filter, q.Exact = vector.Filter{}, true
	require.NotContains(t, plan(t, d, st, q), "_hnsw")
	exact, err := st.Search(t.Context(), q)
	require.NoError(t, err)
	q.Exact, q.Ef = false, 200
	near, err := st.Search(t.Context(), q)
	require.NoError(t, err)
	found := 0
	for _, h := range near {
		if slices.ContainsFunc(exact, func(e vector.Hit[int]) bool { return e.ID == h.ID }) {
			found++
		}
	}
	require.GreaterOrEqual(t, found, 9)
}

func rareFilter(t *testing.T, d *database) {
	st := openStore[int](t, d.options(vector.Options{Dim: 4, Metric: vector.L2}))
	filled(t, st, 1500, 4)
	q := vector.Query{Vector: []float32{0, 0, 0, 0}, K: 20, Ef: 10, Filter: vector.Range("i", 700, 719)}
	hits, err := st.Search(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, hits, 20)
	q.Exact = true
	want, err := st.Search(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, want, hits, "all that match are there")
}

func largeUpsert(t *testing.T, d *database) {
	o := d.options(small)
	st := openStore[int](t, o)
	d.exec(t, "ALTER TABLE "+o.Table[0]+" ADD CHECK (body <> 'bad')")
	items := make([]vector.Item[int], 1200)
	for i := range items {
		items[i] = vector.Item[int]{ID: i, Vector: []float32{float32(i), 0}}
	}
	for _, at := range []int{3, 1100} {
		items[at].Text = "bad"
		err := st.Upsert(t.Context(), items...)
		require.ErrorIs(t, err, quintet.ErrInput)
		var e *quintet.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, at, e.Index)
		s, err := st.Stats(t.Context())
		require.NoError(t, err)
		require.Zero(t, s.Items)
		items[at].Text = ""
	}
	require.NoError(t, st.Upsert(t.Context(), items...))
	s, err := st.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1200, s.Items)
}

func causes(t *testing.T, d *database) {
	o := d.options(small)
	o.TextIndex = true
	st := openStore[string](t, o)
	v := []float32{1, 2}
	words := strings.Builder{}
	for i := range 200_000 {
		words.WriteString(string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26)) + string(rune('a'+i/17576)) + " ")
	}
	for name, it := range map[string]vector.Item[string]{
		"too many words":      {ID: "a", Vector: v, Text: words.String()},
		"zero byte in text":   {ID: "a", Vector: v, Text: "\x00"},
		"key is not UTF-8":    {ID: "\xff", Vector: v},
		"field is not UTF-8":  {ID: "a", Vector: v, Meta: vector.Meta{"\xff": 1}},
		"value is not UTF-8":  {ID: "a", Vector: v, Meta: vector.Meta{"x": "\xff"}},
		"list is not UTF-8":   {ID: "a", Vector: v, Meta: vector.Meta{"x": []string{"\xff"}}},
		"sparse index":        {ID: "a", Vector: v, Sparse: vector.Sparse{Indices: []uint32{1e9}, Values: []float32{1}}},
		"too many of a query": {ID: "a", Vector: v, Sparse: manyValues()},
	} {
		err := st.Upsert(t.Context(), vector.Item[string]{ID: "b", Vector: v}, it)
		require.ErrorIs(t, err, quintet.ErrInput, name)
		require.ErrorContains(t, err, "pgvector.Upsert [1]: ", name)
	}
	_, err := st.Search(t.Context(), vector.Query{Text: "\xff"})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = st.Search(t.Context(), vector.Query{Vector: v, Filter: vector.Eq("x", "\x00")})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, ok, err := st.Get(t.Context(), "\xff")
	require.NoError(t, err)
	require.False(t, ok)
	n, err := st.Delete(t.Context(), "\xff")
	require.NoError(t, err)
	require.Zero(t, n)
	half := d.options(small)
	half.Quantization = vector.F16
	err = openStore[string](t, half).Upsert(t.Context(), vector.Item[string]{ID: "a", Vector: []float32{70000, 0}})
	require.ErrorIs(t, err, quintet.ErrInput)

	d.exec(t, "DROP TABLE "+o.Table[0])
	out, err := st.SearchBatch(t.Context(), []vector.Query{{Vector: v}, {}, {Vector: v}})
	require.Len(t, out, 3)
	require.ErrorIs(t, err, quintet.ErrOption)
	var pg *pgconn.PgError
	require.ErrorAs(t, err, &pg)
	require.Equal(t, "42P01", pg.Code)
	var places []int
	for i, err := range quintet.ItemErrors(err) {
		places = append(places, i)
		require.Equal(t, i == 1, errors.Is(err, quintet.ErrInput))
	}
	require.Equal(t, []int{0, 1, 2}, places)
}

func manyValues() (s vector.Sparse) {
	for i := range uint32(16_001) {
		s.Indices, s.Values = append(s.Indices, i), append(s.Values, 1)
	}
	return s
}

// waiting calls a server that does nothing for it, as another has its only session.
func waiting(t *testing.T, d *database) {
	st := openStore[string](t, d.options(small))
	it := vector.Item[string]{ID: "a", Vector: []float32{1, 2}}
	tx, err := d.pool.BeginTx(t.Context(), pgx.TxOptions{})
	require.NoError(t, err)
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		err = st.Upsert(ctx, it)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	require.NoError(t, tx.Rollback(t.Context()))
	require.NoError(t, st.Upsert(t.Context(), it))
	_, ok, err := st.Get(t.Context(), "a")
	require.NoError(t, err)
	require.True(t, ok)
}

func observed(t *testing.T, d *database) {
	o := d.options(small)
	var mu sync.Mutex
	var events []quintet.Event
	o.Observer = quintet.ObserverFunc(func(e quintet.Event) {
		mu.Lock()
		defer mu.Unlock()
		require.Positive(t, e.Took)
		e.Took = 0
		events = append(events, e)
	})
	st := openStore[string](t, o)
	v := []float32{1, 2}
	require.NoError(t, st.Upsert(t.Context(), vector.Item[string]{ID: "a", Vector: v}, vector.Item[string]{ID: "b", Vector: v}))
	_, err := st.Search(t.Context(), vector.Query{})
	require.Error(t, err)
	_, err = st.SearchBatch(t.Context(), []vector.Query{{Vector: v}, {Vector: v}, {Vector: v}})
	require.NoError(t, err)
	require.Len(t, events, 3)
	require.Equal(t, quintet.Event{Pipeline: "pgvector", Op: "Upsert", Items: 2}, events[0])
	require.ErrorIs(t, events[1].Err, quintet.ErrInput)
	require.Equal(t, quintet.Event{Pipeline: "pgvector", Op: "SearchBatch", Items: 3}, events[2])
}

func rowsOfOthers(t *testing.T, d *database) {
	o := d.options(small)
	st := openStore[string](t, o)
	for meta, want := range map[string]vector.Meta{
		`{"a": 1, "b": [], "c": "x"}`: {"a": 1.0, "b": []string{}, "c": "x"},
		`{}`:                          nil,
		`{"t": {"unix": 1.5}}`:        {"t": time.Unix(1, 5e8).UTC()},
		`{"a": null}`:                 nil,
		`{"a": [1]}`:                  nil,
		`{"a": {"b": 1}}`:             nil,
		`[1, 2]`:                      nil,
		`{"t": {"unix": 1e300}}`:      nil,
	} {
		d.exec(t, "DELETE FROM "+o.Table[0])
		d.exec(t, "INSERT INTO "+o.Table[0]+" (tenant, id, embedding, meta) VALUES ('', 'a', '[1,2]', $1::text::jsonb)", meta)
		it, ok, err := st.Get(t.Context(), "a")
		_, searched := st.Search(t.Context(), vector.Query{Vector: []float32{1, 2}, Filter: vector.Not(vector.AtLeast("a", "x"))})
		if want == nil && meta != "{}" {
			require.ErrorIs(t, err, quintet.ErrInput, meta)
			require.ErrorIs(t, searched, quintet.ErrInput, meta)
			continue
		}
		require.NoError(t, err)
		require.NoError(t, searched)
		require.True(t, ok)
		require.Equal(t, want, it.Meta)
	}
	d.exec(t, "UPDATE "+o.Table[0]+` SET meta = '{"a": 300}', types = '{"a": "uint8"}'`)
	_, _, err := st.Get(t.Context(), "a")
	require.ErrorIs(t, err, quintet.ErrInput)
}

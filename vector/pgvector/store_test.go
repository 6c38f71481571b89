package pgvector_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vector/pgvector"
	"github.com/quintet-ai/quintet/vector/storetest"
)

// database gives each store a table of its own.
type database struct {
	pool *pgxpool.Pool
	url  string
	n    atomic.Int64
}

func (d *database) options(o vector.Options) pgvector.Options {
	return pgvector.Options{
		Pool: d.pool, Table: []string{fmt.Sprintf("t%d", d.n.Add(1))}, Dim: o.Dim, Metric: o.Metric, TextIndex: o.TextIndex,
	}
}

func (d *database) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	_, err := d.pool.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

func (d *database) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, d.pool.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

func openStore[K vector.Key](t *testing.T, o pgvector.Options) *pgvector.Store[K] {
	t.Helper()
	st, err := pgvector.Open[K](t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	return st
}

func opener[K vector.Key](d *database, change func(*pgvector.Options)) storetest.Open[K] {
	return func(t *testing.T, o vector.Options) vector.Store[K] {
		p := d.options(o)
		if change != nil {
			change(&p)
		}
		return openStore[K](t, p)
	}
}

type number int64

// TestOnPostgreSQL is all that needs a server, of which one is enough.
func TestOnPostgreSQL(t *testing.T) {
	url := start(t)
	d := &database{pool: pool(t, url), url: url}
	t.Run("conformance", func(t *testing.T) {
		t.Run("string", func(t *testing.T) { storetest.Run(t, opener[string](d, nil), storetest.Options{}) })
		t.Run("halfvec", func(t *testing.T) {
			half := func(o *pgvector.Options) {
				o.MetaIndex, o.Tenant, o.Index = true, "'; --", vector.Flat
				if o.Metric != vector.Hamming {
					o.Quantization = vector.F16
				}
			}
			storetest.Run(t, opener[number](d, half), storetest.Options{Tolerance: 2e-3})
		})
	})
	for name, test := range map[string]func(*testing.T, *database){
		"opening again changes nothing":             openedAgain,
		"many may open at once":                     openedAtOnce,
		"a table that does not fit is refused":      otherTables,
		"without migration what is missing is told": notMigrated,
		"an index of words may come later":          wordsLater,
		"names of tables are only names":            hostileNames,
		"tenants do not see each other":             tenants,
		"a search goes by the index":                indexed,
		"a rare filter is filled up":                rareFilter,
		"a large upsert is whole":                   largeUpsert,
		"what the server refuses has a cause":       causes,
		"a call that waits ends with its context":   waiting,
		"an observer is told":                       observed,
		"rows of others are read or refused":        rowsOfOthers,
		"a store has connections of its own":        ownConnections,
		"keys may have all of uint64":               unsignedKeys,
	} {
		t.Run(name, func(t *testing.T) { test(t, d) })
	}
}

func filled(t *testing.T, st vector.Store[int], n, dim int) {
	t.Helper()
	items := make([]vector.Item[int], n)
	for i := range items {
		v := make([]float32, dim)
		for j := range v {
			v[j] = float32((i*(j+3)*7919)%997+1) / 997
		}
		items[i] = vector.Item[int]{ID: i, Vector: v, Meta: vector.Meta{"i": i, "half": i*7919%997 < 500}}
	}
	require.NoError(t, st.Upsert(t.Context(), items...))
}

// plan returns what the server would do for a query.
func plan(t *testing.T, d *database, st *pgvector.Store[int], q vector.Query) string {
	t.Helper()
	sql, args, err := st.StatementOf(q)
	require.NoError(t, err)
	rows, err := d.pool.Query(t.Context(), "EXPLAIN "+sql, args...)
	require.NoError(t, err)
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		lines = append(lines, line)
	}
	require.NoError(t, rows.Err())
	return strings.Join(lines, "\n")
}

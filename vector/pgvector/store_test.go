package pgvector_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vector/pgvector"
	"github.com/quintet-ai/quintet/vector/storetest"
)

// tables gives each store a table of its own.
type tables struct {
	pool *pgxpool.Pool
	n    atomic.Int64
}

func (s *tables) options(o vector.Options) pgvector.Options {
	return pgvector.Options{
		Pool: s.pool, Table: []string{fmt.Sprintf("t%d", s.n.Add(1))},
		Dim: o.Dim, Metric: o.Metric, TextIndex: o.TextIndex,
	}
}

func opener[K vector.Key](s *tables, change func(*pgvector.Options)) storetest.Open[K] {
	return func(t *testing.T, o vector.Options) vector.Store[K] {
		p := s.options(o)
		if change != nil {
			change(&p)
		}
		st, err := pgvector.Open[K](t.Context(), p)
		require.NoError(t, err)
		return st
	}
}

func TestStoresKeepTheirPromises(t *testing.T) {
	s := &tables{pool: pool(t, start(t))}
	exact := storetest.Options{}
	t.Run("string", func(t *testing.T) { storetest.Run(t, opener[string](s, nil), exact) })
	t.Run("int64", func(t *testing.T) { storetest.Run(t, opener[int64](s, nil), exact) })
	t.Run("uint64", func(t *testing.T) { storetest.Run(t, opener[uint64](s, nil), exact) })
}

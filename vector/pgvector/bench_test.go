package pgvector_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	pgv "github.com/pgvector/pgvector-go"
	pgvx "github.com/pgvector/pgvector-go/pgx"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vector/pgvector"
)

const benchDim = 128

// byHand is the code of a program that has no store.
type byHand struct {
	pool  *pgxpool.Pool
	table string
}

type found struct {
	id       string
	distance float64
	meta     map[string]any
}

func (h byHand) search(ctx context.Context, v []float32, filter string, args ...any) (hits []found, err error) {
	b := &pgx.Batch{}
	b.Queue("SELECT set_config('hnsw.ef_search', '64', true), set_config('hnsw.iterative_scan', 'strict_order', true)")
	b.Queue("SELECT id, embedding <=> $1, meta FROM "+h.table+" WHERE "+filter+" ORDER BY embedding <=> $1 LIMIT 10",
		append([]any{pgv.NewVector(v)}, args...)...).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var f found
			var meta []byte
			if err := rows.Scan(&f.id, &f.distance, &meta); err != nil {
				return err
			}
			if err := json.Unmarshal(meta, &f.meta); err != nil {
				return err
			}
			hits = append(hits, f)
		}
		return rows.Err()
	})
	return hits, h.pool.SendBatch(ctx, b).Close()
}

func (h byHand) upsert(ctx context.Context, items []vector.Item[string]) error {
	b := &pgx.Batch{}
	for _, it := range items {
		meta, err := json.Marshal(it.Meta)
		if err != nil {
			return err
		}
		b.Queue("INSERT INTO "+h.table+" (tenant, id, embedding, meta, body) VALUES ('', $1, $2, $3, $4) ON CONFLICT (tenant, id)"+
			" DO UPDATE SET embedding = EXCLUDED.embedding, meta = EXCLUDED.meta, body = EXCLUDED.body",
			it.ID, pgv.NewVector(it.Vector), meta, it.Text)
	}
	return h.pool.SendBatch(ctx, b).Close()
}

// beside takes the time of two in turn and reports the median of their ratios.
func beside(b *testing.B, store, hand func(i int) error) {
	var ratios []float64
	var sum [2]time.Duration
	for i := 0; b.Loop(); i++ {
		var took [2]time.Duration
		for j := range 2 {
			which := (i + j) % 2 // neither is always the first
			begin := time.Now()
			if err := []func(int) error{store, hand}[which](i); err != nil {
				b.Fatal(err)
			}
			took[which] = time.Since(begin)
			sum[which] += took[which]
		}
		ratios = append(ratios, float64(took[0])/float64(took[1]))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "store/hand")
	b.ReportMetric(float64(sum[0].Microseconds())/float64(len(ratios)), "store-µs/op")
	b.ReportMetric(float64(sum[1].Microseconds())/float64(len(ratios)), "hand-µs/op")
}

func benchItems(n int) []vector.Item[string] {
	items := make([]vector.Item[string], n)
	x := uint32(1)
	for i := range items {
		v := make([]float32, benchDim)
		for j := range v {
			x = x*1664525 + 1013904223
			v[j] = float32(x>>8)/(1<<24) - 0.5
		}
		meta := vector.Meta{"lang": []string{"en", "de"}[i%2], "price": float64(i)}
		items[i] = vector.Item[string]{ID: fmt.Sprint("item ", i), Vector: v, Meta: meta}
	}
	return items
}

// BenchmarkBesidePgx compares a store with the same statements by hand, on one server.
func BenchmarkBesidePgx(b *testing.B) {
	c, err := pgxpool.ParseConfig(start(b))
	require.NoError(b, err)
	c.MaxConns = 1
	c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS vector")
		if err != nil {
			return err
		}
		return pgvx.RegisterTypes(ctx, conn)
	}
	p, err := pgxpool.NewWithConfig(b.Context(), c)
	require.NoError(b, err)
	b.Cleanup(p.Close)
	st, err := pgvector.Open[string](b.Context(), pgvector.Options{Pool: p, Dim: benchDim})
	require.NoError(b, err)
	items := benchItems(2000)
	require.NoError(b, st.Upsert(b.Context(), items...))
	_, err = p.Exec(b.Context(), "ANALYZE quintet_items")
	require.NoError(b, err)
	hand := byHand{p, "quintet_items"}
	b.Run("op=search", func(b *testing.B) {
		beside(b, func(i int) error {
			_, err := st.Search(b.Context(), vector.Query{Vector: items[i%2000].Vector})
			return err
		}, func(i int) error {
			_, err := hand.search(b.Context(), items[i%2000].Vector, "tenant = ''")
			return err
		})
	})
	b.Run("op=filtered", func(b *testing.B) {
		beside(b, func(i int) error {
			f := vector.And(vector.Eq("lang", "en"), vector.AtLeast("price", 500))
			_, err := st.Search(b.Context(), vector.Query{Vector: items[i%2000].Vector, Filter: f})
			return err
		}, func(i int) error {
			_, err := hand.search(b.Context(), items[i%2000].Vector,
				"tenant = '' AND (meta @> $2 OR meta @> $3) AND (meta->'price')::float8 >= $4",
				`{"lang": "en"}`, `{"lang": ["en"]}`, 500.0)
			return err
		})
	})
	b.Run("op=upsert100", func(b *testing.B) {
		beside(b, func(i int) error { return st.Upsert(b.Context(), items[i%19*100:][:100]...) },
			func(i int) error { return hand.upsert(b.Context(), items[i%19*100:][:100]) })
	})
}

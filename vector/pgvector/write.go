package pgvector

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// maxBatch is how many statements are sent at once.
const maxBatch = 500

// Upsert adds items; one whose ID is there replaces the old one in its place. If an
// ID comes twice, the last one counts. Either all items go in or, on any error, none;
// the error carries the index of an item that is to blame. Up to 500 items take one
// round trip.
func (s *Store[K]) Upsert(ctx context.Context, items ...vector.Item[K]) error {
	return s.call(ctx, "Upsert", len(items), func(c *pgx.Conn) (int, error) {
		rows, bad, err := s.rows(items)
		if err != nil || len(rows) == 0 {
			return bad, err
		}
		return s.retry(ctx, func() (int, error) { return s.write(ctx, c, rows) })
	})
}

// row is an item as the parameters of an upsert.
type row struct {
	at   int // in the call
	args []any
}

// rows returns the items to write, or the index of one that is refused.
func (s *Store[K]) rows(items []vector.Item[K]) (rows []row, bad int, err error) {
	place := make(map[K]int, len(items))
	for i, it := range items {
		args, err := s.row(it)
		if err != nil {
			return nil, i, err
		}
		if at, ok := place[it.ID]; ok {
			rows[at] = row{i, args}
			continue
		}
		place[it.ID] = len(rows)
		rows = append(rows, row{i, args})
	}
	return rows, -1, nil
}

func (s *Store[K]) row(it vector.Item[K]) ([]any, error) {
	it, err := vector.CheckItem(s.rules, it)
	if err != nil {
		return nil, err
	}
	id, err := s.keys.param(it.ID)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.element.checkFloats(it.Vector), checkText(it.Text)); err != nil {
		return nil, err
	}
	meta, types, err := encodeMeta(it.Meta)
	if err != nil {
		return nil, err
	}
	sparse, err := sparseParam(it.Sparse)
	return []any{s.opt.Tenant, id, s.element.param(it.Vector), meta, types, it.Text, sparse}, err
}

// write stores rows in one transaction: one batch is one by itself.
func (s *Store[K]) write(ctx context.Context, c *pgx.Conn, rows []row) (int, error) {
	sql := "INSERT INTO " + s.names.table + ` (tenant, id, embedding, meta, types, body, sparse)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, id) DO UPDATE SET embedding = EXCLUDED.embedding,
		meta = EXCLUDED.meta, types = EXCLUDED.types, body = EXCLUDED.body, sparse = EXCLUDED.sparse`
	if len(rows) <= maxBatch {
		return send(ctx, c, sql, rows)
	}
	tx, err := c.Begin(ctx)
	if err != nil {
		return -1, err
	}
	defer rollback(ctx, tx)
	for len(rows) > 0 {
		n := min(maxBatch, len(rows))
		if bad, err := send(ctx, tx, sql, rows[:n]); err != nil {
			return bad, err
		}
		rows = rows[n:]
	}
	return -1, tx.Commit(ctx)
}

// sender is a connection or a transaction.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

func send(ctx context.Context, to sender, sql string, rows []row) (bad int, err error) {
	b := &pgx.Batch{}
	for _, r := range rows {
		b.Queue(sql, r.args...)
	}
	results := to.SendBatch(ctx, b)
	for _, r := range rows {
		if _, err := results.Exec(); err != nil {
			results.Close()
			return blamed(err, r.at), err
		}
	}
	return -1, results.Close()
}

// blamed returns the place of an item if it is what the server refused.
func blamed(err error, at int) int {
	var e *pgconn.PgError
	if errors.As(err, &e) && errors.Is(causes[e.Code[:min(2, len(e.Code))]], quintet.ErrInput) {
		return at
	}
	return -1
}

// retry repeats a transaction that another one kept from ending.
func (s *Store[K]) retry(ctx context.Context, do func() (int, error)) (index int, err error) {
	for range 5 {
		if index, err = do(); err == nil || !again(err) || ctx.Err() != nil {
			break
		}
	}
	return index, err
}

// Delete removes items and returns how many of the IDs were there.
func (s *Store[K]) Delete(ctx context.Context, ids ...K) (n int, err error) {
	err = s.call(ctx, "Delete", len(ids), func(c *pgx.Conn) (int, error) {
		if len(ids) == 0 {
			return -1, nil
		}
		list, err := s.keys.params(ids)
		if err != nil {
			return -1, err
		}
		return s.retry(ctx, func() (int, error) {
			tag, err := c.Exec(ctx, "DELETE FROM "+s.names.table+" WHERE tenant = $1 AND id = ANY ($2)", s.opt.Tenant, list)
			n = int(tag.RowsAffected())
			return -1, err
		})
	})
	return n, err
}

package pgvector

import (
	"context"
	"iter"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/quintet-ai/quintet/vector"
)

// page is how many items All reads at a time.
const page = 256

// All yields the items that were there when the loop began, in insertion order, but
// for those deleted before their turn; replaced ones come as they are by then. No
// connection is held while the loop's body runs. An error is yielded once, at the end.
func (s *Store[K]) All(ctx context.Context) iter.Seq2[vector.Item[K], error] {
	return func(yield func(vector.Item[K], error) bool) {
		end, err := s.lastSeq(ctx)
		for after := int64(math.MinInt64); err == nil; {
			var items []vector.Item[K]
			if items, after, err = s.page(ctx, after, end); err != nil || len(items) == 0 {
				break
			}
			for _, it := range items {
				if !yield(it, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(vector.Item[K]{}, err)
		}
	}
}

func (s *Store[K]) lastSeq(ctx context.Context) (end int64, err error) {
	err = s.call(ctx, "All", 0, func(c *pgx.Conn) (int, error) {
		sql := "SELECT coalesce(max(seq), 0) FROM " + s.names.table + " WHERE tenant = $1"
		return -1, c.QueryRow(ctx, sql, s.opt.Tenant).Scan(&end)
	})
	return end, err
}

// page returns items behind a place, up to end, and the place of the last.
func (s *Store[K]) page(ctx context.Context, after, end int64) (items []vector.Item[K], last int64, err error) {
	err = s.call(ctx, "All", page, func(c *pgx.Conn) (int, error) {
		rows, err := c.Query(ctx, "SELECT "+columns+", seq FROM "+s.names.table+
			" WHERE tenant = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4", s.opt.Tenant, after, end, page)
		if err != nil {
			return -1, err
		}
		defer rows.Close()
		for rows.Next() {
			it, err := s.scanItem(rows, &last)
			if err != nil {
				return -1, err
			}
			items = append(items, it)
		}
		return -1, rows.Err()
	})
	return items, last, err
}

package riverjobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
)

// mine is the condition that a job may be seen: its arguments are queue, owner and ID.
const mine = ` queue = $1 AND ($2 = ''::bytea OR owner = $2) AND id = $3 AND (expires IS NULL OR expires > now())`

// Get implements [jobs.Queue].
func (q *Queue) Get(ctx context.Context, owner, id string) (info jobs.Info, err error) {
	var r row
	err = q.do(ctx, func(ctx context.Context) error {
		sql := q.sql("SELECT " + all + " FROM {s}quintet_job WHERE" + mine)
		err := q.pool.QueryRow(ctx, sql, q.opt.Name, []byte(owner), storable(id)).Scan(r.all()...)
		return missing(err)
	})
	if err != nil {
		return jobs.Info{}, err
	}
	return r.info()
}

// storable is an ID, or none if it is no text to PostgreSQL.
func storable(id string) string { return strings.ToValidUTF8(strings.ReplaceAll(id, "\x00", "?"), "?") }

// missing makes the absence of a row [jobs.ErrNotFound].
func missing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return jobs.ErrNotFound
	}
	return err
}

// List implements [jobs.Queue].
func (q *Queue) List(ctx context.Context, f jobs.Filter) (out []jobs.Info, err error) {
	sql := strings.Builder{}
	sql.WriteString("SELECT " + shown + " FROM {s}quintet_job WHERE queue = $1 AND (expires IS NULL OR expires > now())")
	values := []any{q.opt.Name}
	where := func(condition string, value any) {
		values = append(values, value)
		fmt.Fprintf(&sql, condition, len(values))
	}
	if f.Owner != "" {
		where(" AND owner = $%d", []byte(f.Owner))
	}
	if f.Kind != "" {
		where(" AND kind = $%d", []byte(f.Kind))
	}
	switch f.State {
	case "":
	case jobs.Scheduled:
		sql.WriteString(" AND state = 'waiting' AND ready > now()")
	case jobs.Queued:
		sql.WriteString(" AND state = 'waiting' AND ready <= now()")
	default:
		where(" AND state = $%d", storable(string(f.State)))
	}
	where(" ORDER BY created DESC, id LIMIT $%d", f.Max())
	err = q.do(ctx, func(ctx context.Context) error {
		rows, err := q.pool.Query(ctx, q.sql(sql.String()), values...)
		if err == nil {
			out, err = infos(rows)
		}
		return err
	})
	return out, err
}

// Cancel implements [jobs.Queue]. A job that runs hears of it within a second.
func (q *Queue) Cancel(ctx context.Context, owner, id string) error {
	sql := q.sql(`WITH old AS (SELECT id, state FROM {s}quintet_job WHERE` + mine + ` FOR UPDATE)
		UPDATE {s}quintet_job j SET
			asked = old.state = 'running',
			state = CASE WHEN old.state = 'waiting' THEN 'canceled' ELSE old.state END,
			finished = CASE WHEN old.state = 'waiting' THEN now() ELSE j.finished END,
			expires = CASE WHEN old.state = 'waiting' THEN now() + ttl ELSE j.expires END
		FROM old WHERE j.id = old.id RETURNING old.state`)
	var old string
	err := q.do(ctx, func(ctx context.Context) error {
		return missing(q.pool.QueryRow(ctx, sql, q.opt.Name, []byte(owner), storable(id)).Scan(&old))
	})
	if err == nil && old == waiting {
		q.counts.canceled.Add(1)
	}
	return err
}

// Retry implements [jobs.Queue].
func (q *Queue) Retry(ctx context.Context, owner, id string) error {
	look := q.sql("SELECT state FROM {s}quintet_job WHERE" + mine + " FOR UPDATE")
	again := q.sql(`UPDATE {s}quintet_job SET state = 'waiting', attempt = 0, ready = now(), finished = NULL, expires = NULL
		WHERE id = $1`)
	return q.do(ctx, func(ctx context.Context) error {
		return pgx.BeginFunc(ctx, q.pool, func(tx pgx.Tx) error {
			var old string
			err := tx.QueryRow(ctx, look, q.opt.Name, []byte(owner), storable(id)).Scan(&old)
			if err != nil {
				return missing(err)
			}
			if s := jobs.State(old); s != jobs.Failed && s != jobs.Canceled {
				return fmt.Errorf("job is %s: %w", old, quintet.ErrInput)
			}
			if _, err := tx.Exec(ctx, again, id); err != nil {
				return err
			}
			return q.issue(ctx, tx, 1)
		})
	})
}

// Forget implements [jobs.Queue].
func (q *Queue) Forget(ctx context.Context, owner string) (n int, err error) {
	if owner == "" {
		return 0, fmt.Errorf("no owner: %w", quintet.ErrInput)
	}
	sql := q.sql(`WITH gone AS (DELETE FROM {s}quintet_job WHERE queue = $1 AND owner = $2 RETURNING expires)
		SELECT count(*) FROM gone WHERE expires IS NULL OR expires > now()`)
	err = q.do(ctx, func(ctx context.Context) error {
		return q.pool.QueryRow(ctx, sql, q.opt.Name, []byte(owner)).Scan(&n)
	})
	return n, err
}

// Stats implements [jobs.Queue]. It looks at every job that waits or runs.
func (q *Queue) Stats(ctx context.Context) (s jobs.Stats, err error) {
	sql := q.sql(`SELECT count(*) FILTER (WHERE state = 'waiting' AND ready > now()),
		count(*) FILTER (WHERE state = 'waiting' AND ready <= now()), count(*) FILTER (WHERE state = 'running'),
		coalesce(extract(epoch FROM now() - min(ready) FILTER (WHERE state = 'waiting' AND ready <= now())), 0)::float8
		FROM {s}quintet_job WHERE queue = $1 AND state IN ('waiting', 'running')`)
	var oldest float64
	err = q.do(ctx, func(ctx context.Context) error {
		return q.pool.QueryRow(ctx, sql, q.opt.Name).Scan(&s.Scheduled, &s.Queued, &s.Running, &oldest)
	})
	if err != nil {
		return jobs.Stats{}, err
	}
	s.Oldest = time.Duration(oldest * float64(time.Second))
	s.Done, s.Failed = q.counts.done.Load(), q.counts.failed.Load()
	s.Canceled, s.Retries = q.counts.canceled.Load(), q.counts.retries.Load()
	return s, nil
}

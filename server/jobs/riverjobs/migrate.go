package riverjobs

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// steps make the table of jobs. They are only ever added to: quintet_migration says how
// many were taken. Text of callers is kept as bytes, because it may be no UTF-8.
var steps = []string{
	`CREATE TABLE {s}quintet_job (
		id text PRIMARY KEY,
		queue text NOT NULL,
		kind bytea NOT NULL,
		owner bytea NOT NULL,
		unique_key bytea,
		priority smallint NOT NULL,
		spec bytea NOT NULL,
		args bytea NOT NULL,
		ttl interval NOT NULL,
		state text NOT NULL,
		attempt integer NOT NULL DEFAULT 0,
		run text NOT NULL DEFAULT '',
		asked boolean NOT NULL DEFAULT false,
		created timestamptz NOT NULL,
		ready timestamptz NOT NULL,
		started timestamptz,
		lease timestamptz,
		finished timestamptz,
		expires timestamptz,
		error bytea,
		result bytea
	);
	CREATE UNIQUE INDEX quintet_job_unique ON {s}quintet_job (queue, owner, kind, unique_key) WHERE unique_key IS NOT NULL;
	CREATE INDEX quintet_job_next ON {s}quintet_job (queue, priority DESC, ready) WHERE state = 'waiting';
	CREATE INDEX quintet_job_oldest ON {s}quintet_job (queue, ready) WHERE state = 'waiting';
	CREATE INDEX quintet_job_lease ON {s}quintet_job (queue, lease) WHERE state = 'running';
	CREATE INDEX quintet_job_expires ON {s}quintet_job (queue, expires) WHERE expires IS NOT NULL;
	CREATE INDEX quintet_job_newest ON {s}quintet_job (queue, created DESC);
	CREATE INDEX quintet_job_owner ON {s}quintet_job (queue, owner, created DESC)`,
}

// lockID is the advisory lock that keeps two processes from making tables at a time.
const lockID = 0x71756e746a6f6273

// migrate makes what is missing of River's tables and ours.
func (q *Queue) migrate(ctx context.Context) error {
	return q.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		if _, err := c.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(lockID)); err != nil {
			return err
		}
		defer func() { // a connection that is broken has no lock
			_, _ = c.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(lockID))
		}()
		if err := q.makeSchema(ctx, c); err != nil {
			return err
		}
		m, err := rivermigrate.New(riverpgxv5.New(q.pool), &rivermigrate.Config{Schema: q.opt.Schema, Logger: q.opt.Logger})
		if err != nil {
			return err
		}
		if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error { return q.step(ctx, tx) })
	})
}

func (q *Queue) makeSchema(ctx context.Context, c *pgxpool.Conn) (err error) {
	if q.opt.Schema == "" {
		return nil
	}
	var there bool
	err = c.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", q.opt.Schema).Scan(&there)
	if err == nil && !there {
		_, err = c.Exec(ctx, "CREATE SCHEMA "+pgx.Identifier{q.opt.Schema}.Sanitize())
	}
	return err
}

// step takes the steps that are missing.
func (q *Queue) step(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, q.sql("CREATE TABLE IF NOT EXISTS {s}quintet_migration (taken integer NOT NULL)"))
	if err != nil {
		return err
	}
	var taken int
	err = tx.QueryRow(ctx, q.sql("SELECT coalesce(max(taken), 0) FROM {s}quintet_migration")).Scan(&taken)
	if err != nil {
		return err
	}
	for n := taken; n < len(steps); n++ {
		if _, err := tx.Exec(ctx, q.sql(steps[n])); err != nil {
			return fmt.Errorf("step %d: %w", n+1, err)
		}
		if _, err := tx.Exec(ctx, q.sql("INSERT INTO {s}quintet_migration VALUES ($1)"), n+1); err != nil {
			return err
		}
	}
	return nil
}

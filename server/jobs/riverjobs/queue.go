package riverjobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/server/jobs/internal/worker"
)

// Queue is a job queue in PostgreSQL. It is safe for concurrent use, and so is the
// server's side by many processes.
type Queue struct {
	opt     Options
	schema  string // quoted and with a dot, "" for the first of the search path
	pool    *pgxpool.Pool
	tickets *river.Client[pgx.Tx] // inserts
	live    live
	starts  atomic.Uint64
	counts  counts

	closing context.Context
	end     context.CancelFunc
	mu      sync.Mutex // guards the begin of serving
	serving sync.WaitGroup
}

var _ jobs.Queue = (*Queue)(nil)

// counts are what this process did.
type counts struct{ done, failed, canceled, retries atomic.Uint64 }

func (c *counts) ended(state string) {
	switch jobs.State(state) {
	case jobs.Done:
		c.done.Add(1)
	case jobs.Failed:
		c.failed.Add(1)
	case jobs.Canceled:
		c.canceled.Add(1)
	}
}

// ticket is what River delivers: some job is to start.
type ticket struct{}

// Kind implements [river.JobArgs].
func (ticket) Kind() string { return "quintet_ticket" }

// Open connects to a server and makes the tables that are missing. A server that cannot
// be reached is [jobs.ErrUnavailable], a URL that cannot be read [quintet.ErrOption].
func Open(ctx context.Context, o Options) (*Queue, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fmt.Errorf("riverjobs: %w: %w", err, quintet.ErrOption) // it shows no password
	}
	config.MaxConns = int32(min(o.Connections, 10_000))
	config.ConnConfig.ConnectTimeout = o.Timeout
	q := &Queue{opt: o}
	if o.Schema != "" {
		q.schema = pgx.Identifier{o.Schema}.Sanitize() + "."
	}
	if q.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("riverjobs: %w: %w", err, quintet.ErrOption)
	}
	q.closing, q.end = context.WithCancel(context.Background())
	q.tickets, err = river.NewClient(riverpgxv5.New(q.pool), &river.Config{Schema: o.Schema, Logger: o.Logger})
	if err == nil && !o.NoMigrate {
		within, cancel := context.WithTimeout(ctx, 10*o.Timeout) // others may be at it
		defer cancel()
		err = q.explain(ctx, q.migrate(within))
	}
	if err != nil {
		q.pool.Close()
		return nil, err
	}
	return q, nil
}

// sql puts the schema where it belongs.
func (q *Queue) sql(text string) string { return strings.ReplaceAll(text, "{s}", q.schema) }

// do calls f within the timeout.
func (q *Queue) do(ctx context.Context, f func(context.Context) error) error {
	if q.closing.Err() != nil && !worker.Serving(ctx) {
		return fmt.Errorf("riverjobs: %w", quintet.ErrClosed)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("riverjobs: %w", err)
	}
	within, cancel := context.WithTimeout(ctx, q.opt.Timeout)
	defer cancel()
	return q.explain(ctx, f(within))
}

// explain makes an error of the server, or of its absence, one of ours.
func (q *Queue) explain(ctx context.Context, err error) error {
	switch {
	case err == nil || errors.Is(err, quintet.ErrInput) || errors.Is(err, quintet.ErrBusy):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("riverjobs: %w: %w", jobs.ErrUnavailable, ctx.Err())
	}
	return fmt.Errorf("riverjobs: %w: %w", jobs.ErrUnavailable, err)
}

// Ping asks whether the server answers. It fits a check of package monitor.
func (q *Queue) Ping(ctx context.Context) error {
	return q.do(ctx, func(ctx context.Context) error { return q.pool.Ping(ctx) })
}

const (
	evict = `DELETE FROM {s}quintet_job
		WHERE queue = $1 AND owner = $2 AND kind = $3 AND unique_key = $4 AND expires <= now()`
	insert = `INSERT INTO {s}quintet_job
		(queue, owner, kind, unique_key, id, priority, spec, args, ttl, state, created, ready)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', now(), greatest(now(), $10))
		ON CONFLICT (queue, owner, kind, unique_key) WHERE unique_key IS NOT NULL DO NOTHING
		RETURNING created, ready, ready > now()`
	holder = `SELECT id FROM {s}quintet_job WHERE queue = $1 AND owner = $2 AND kind = $3 AND unique_key = $4`
)

// Enqueue implements [jobs.Queue]. The job is safe when its transaction is.
func (q *Queue) Enqueue(ctx context.Context, s jobs.Spec) (info jobs.Info, err error) {
	if err := s.Check(q.opt.MaxArgs); err != nil {
		return jobs.Info{}, err
	}
	args := s.Args
	s.Args = nil
	spec, err := json.Marshal(s)
	if err != nil { // a time beyond the year 9999
		return jobs.Info{}, fmt.Errorf("riverjobs: %w: %w", err, quintet.ErrInput)
	}
	key := []any{q.opt.Name, []byte(s.Owner), []byte(s.Kind), []byte(nil)}
	if s.UniqueKey != "" {
		key[3] = []byte(s.UniqueKey)
	}
	ttl := cmp.Or(s.ResultTTL, q.opt.ResultTTL)
	r := row{id: rand.Text(), spec: spec, args: args, state: waiting}
	var due *time.Time
	if !s.RunAt.IsZero() {
		due = &s.RunAt
	}
	values := append(key[:4:4], r.id, int16(s.Priority), spec, nonNil(args), ttl, due)
	other := ""
	err = q.do(ctx, func(ctx context.Context) error {
		if err := q.admit(ctx); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, q.pool, func(tx pgx.Tx) error {
			if s.UniqueKey != "" {
				if _, err := tx.Exec(ctx, q.sql(evict), key...); err != nil {
					return err
				}
			}
			err := tx.QueryRow(ctx, q.sql(insert), values...).Scan(&r.created, &r.ready, &r.later)
			if errors.Is(err, pgx.ErrNoRows) {
				return tx.QueryRow(ctx, q.sql(holder), key...).Scan(&other)
			}
			if err == nil && !r.later {
				err = q.issue(ctx, tx, 1)
			}
			return err
		})
	})
	switch {
	case err != nil:
		return jobs.Info{}, err
	case other != "":
		return q.Get(ctx, "", other)
	}
	q.live.n.Add(1)
	return r.info()
}

// nonNil is b, empty if it is nil, which would be NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// issue adds tickets.
func (q *Queue) issue(ctx context.Context, tx pgx.Tx, n int) error {
	o := &river.InsertOpts{Queue: q.opt.Name}
	all := make([]river.InsertManyParams, n)
	for i := range all {
		all[i] = river.InsertManyParams{Args: ticket{}, InsertOpts: o}
	}
	_, err := q.tickets.InsertManyFastTx(ctx, tx, all)
	return err
}

// live estimates how many jobs wait or run: what was counted within the last second and
// what this process has added since.
type live struct {
	mu sync.Mutex
	at time.Time
	n  atomic.Int64
}

// admit returns [quintet.ErrBusy] if there are too many jobs.
func (q *Queue) admit(ctx context.Context) error {
	const count = `SELECT count(*) FROM {s}quintet_job WHERE queue = $1 AND state IN ('waiting', 'running')`
	full := func() bool { return q.live.n.Load() >= int64(q.opt.MaxJobs) }
	q.live.mu.Lock()
	defer q.live.mu.Unlock()
	if full() || time.Since(q.live.at) > time.Second {
		var n int64
		if err := q.pool.QueryRow(ctx, q.sql(count), q.opt.Name).Scan(&n); err != nil {
			return err
		}
		q.live.n.Store(n)
		q.live.at = time.Now()
	}
	if full() {
		return fmt.Errorf("riverjobs: %d jobs wait or run: %w", q.live.n.Load(), quintet.ErrBusy)
	}
	return nil
}

// Close implements [jobs.Queue]. Jobs stay in the database.
func (q *Queue) Close() error {
	q.mu.Lock()
	q.end()
	q.mu.Unlock()
	q.serving.Wait()
	q.pool.Close()
	return nil
}

package riverjobs

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/server/jobs/internal/worker"
)

// store is what the workers of one Serve see of a queue.
type store struct {
	*Queue
	renewed time.Time // the last renewal of leases; of the one goroutine that calls Stale
	swept   time.Time // the last slow sweep; of the one that calls Sweep
}

const (
	renewEvery = 5 * time.Second
	sweepEvery = 10 * time.Second
)

// Start implements [worker.Store].
func (q *store) Start(ctx context.Context, _ string) (*worker.Job, error) {
	order := "priority DESC, ready"
	if q.starts.Add(1)%10 == 0 {
		order = "ready"
	}
	sql := q.sql(`UPDATE {s}quintet_job SET state = 'running', run = $2, attempt = attempt + 1, asked = false,
			started = now(), lease = now() + interval '30 s'
		WHERE id = (SELECT id FROM {s}quintet_job WHERE queue = $1 AND state = 'waiting' AND ready <= now()
			ORDER BY ` + order + ` LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING ` + all)
	var r row
	j := &worker.Job{Run: rand.Text()}
	err := q.do(ctx, func(ctx context.Context) error {
		return missing(q.pool.QueryRow(ctx, sql, q.opt.Name, j.Run).Scan(r.all()...))
	})
	if err != nil {
		q.starts.Add(^uint64(0)) // it was none
	}
	switch {
	case errors.Is(err, jobs.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	j.Ready = r.ready
	if j.Info, err = r.info(); err != nil {
		j.ID, j.Err = r.id, jobs.Permanent(err)
	}
	return j, nil
}

// Settle implements [worker.Store].
func (q *store) Settle(ctx context.Context, j *worker.Job, o worker.Outcome) error {
	sql := q.sql(`UPDATE {s}quintet_job SET
			state = CASE WHEN asked AND $3 <> 'done' THEN 'canceled' ELSE $3 END,
			finished = CASE WHEN asked OR $3 <> 'waiting' THEN now() END,
			expires = CASE WHEN asked OR $3 <> 'waiting' THEN now() + ttl END,
			ready = CASE WHEN $3 = 'waiting' THEN greatest(now(), $4) ELSE ready END,
			attempt = attempt - $5, error = $6, result = $7, asked = false, lease = NULL
		WHERE id = $1 AND run = $2 AND state = 'running' RETURNING state`)
	state, less := string(o.Verdict), 0
	var why, result []byte
	var at *time.Time
	switch o.Verdict {
	case worker.Done:
		result = []byte(o.Text)
	case worker.Failed:
		why = []byte(o.Text)
	case worker.Again:
		state, at, why = waiting, &o.At, []byte(o.Text)
	case worker.Drained:
		state, less, why = waiting, 1, []byte(o.Text)
	}
	err := q.do(ctx, func(ctx context.Context) error {
		return missing(q.pool.QueryRow(ctx, sql, j.ID, j.Run, state, at, less, why, result).Scan(&state))
	})
	switch {
	case errors.Is(err, jobs.ErrNotFound): // it is another's, or settled by a call whose answer got lost
		return nil
	case err == nil && state == waiting && o.Verdict == worker.Again:
		q.counts.retries.Add(1)
	case err == nil:
		q.counts.ended(state)
	}
	return err
}

// Stale implements [worker.Store]. It renews the leases too.
func (q *store) Stale(ctx context.Context, running []*worker.Job) (stale []*worker.Job) {
	ids, runs := make([]string, len(running)), make([]string, len(running))
	for i, j := range running {
		ids[i], runs[i] = j.ID, j.Run
	}
	sql := q.sql("SELECT run FROM {s}quintet_job WHERE id = ANY($1) AND state = 'running' AND NOT asked")
	values := []any{ids}
	if time.Since(q.renewed) > renewEvery {
		sql = q.sql(`UPDATE {s}quintet_job SET lease = now() + interval '30 s'
			WHERE id = ANY($1) AND run = ANY($2) AND state = 'running' AND NOT asked RETURNING run`)
		values = append(values, runs)
	}
	var well []string
	err := q.do(ctx, func(ctx context.Context) error {
		rows, err := q.pool.Query(ctx, sql, values...)
		if err == nil {
			well, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		return err
	})
	if err != nil {
		return nil
	}
	if len(values) == 2 {
		q.renewed = time.Now()
	}
	left := make(map[string]bool, len(well))
	for _, run := range well {
		left[run] = true
	}
	for _, j := range running {
		if !left[j.Run] {
			stale = append(stale, j)
		}
	}
	return stale
}

// Sweep implements [worker.Store]. Several processes may sweep at a time.
func (q *store) Sweep(ctx context.Context) {
	_ = q.do(ctx, func(ctx context.Context) error {
		if err := q.revive(ctx); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, q.pool, func(tx pgx.Tx) error { return q.deliver(ctx, tx) })
	})
	if time.Since(q.swept) > sweepEvery && q.do(ctx, q.clean) == nil {
		q.swept = time.Now()
	}
}

// revive makes jobs wait again whose workers died.
func (q *store) revive(ctx context.Context) error {
	_, err := q.pool.Exec(ctx, q.sql(`UPDATE {s}quintet_job SET
			state = CASE WHEN asked THEN 'canceled' ELSE 'waiting' END,
			finished = CASE WHEN asked THEN now() END,
			expires = CASE WHEN asked THEN now() + ttl END,
			ready = now(), lease = NULL, asked = false
		WHERE id IN (SELECT id FROM {s}quintet_job WHERE queue = $1 AND state = 'running' AND lease < now()
			LIMIT 1000 FOR UPDATE SKIP LOCKED)`), q.opt.Name)
	return err
}

// deliver issues as many tickets as are missing for the jobs that may start. One too
// many does no harm: it finds no job.
func (q *store) deliver(ctx context.Context, tx pgx.Tx) error {
	const most = 1000
	var ready, tickets int
	err := tx.QueryRow(ctx, q.sql(`SELECT
		(SELECT count(*) FROM (SELECT FROM {s}quintet_job
			WHERE queue = $1 AND state = 'waiting' AND ready <= now() LIMIT $2) a),
		(SELECT count(*) FROM (SELECT FROM {s}river_job WHERE queue = $1 AND state = 'available' LIMIT $2) b)`),
		q.opt.Name, most).Scan(&ready, &tickets)
	if err != nil || tickets >= ready {
		return err
	}
	return q.issue(ctx, tx, ready-tickets)
}

// clean removes what nobody may want any more.
func (q *store) clean(ctx context.Context) error {
	for _, sql := range []struct {
		text   string
		values []any
	}{
		{`DELETE FROM {s}quintet_job WHERE id IN (SELECT id FROM {s}quintet_job
			WHERE queue = $1 AND expires <= now() LIMIT 10000 FOR UPDATE SKIP LOCKED)`, []any{q.opt.Name}},
		{`DELETE FROM {s}quintet_job WHERE id IN (SELECT id FROM {s}quintet_job
			WHERE queue = $1 AND expires IS NOT NULL ORDER BY expires DESC OFFSET $2 LIMIT 10000)`,
			[]any{q.opt.Name, q.opt.MaxFinished}},
		{`DELETE FROM {s}river_job WHERE id IN (SELECT id FROM {s}river_job
			WHERE queue = $1 AND kind = $2 AND state = 'completed' AND finalized_at < now() - interval '1 min'
			LIMIT 10000 FOR UPDATE SKIP LOCKED)`, []any{q.opt.Name, ticket{}.Kind()}},
	} {
		if _, err := q.pool.Exec(ctx, q.sql(sql.text), sql.values...); err != nil {
			return err
		}
	}
	return nil
}

package riverjobs

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/quintet-ai/quintet/server/jobs"
)

// waiting is the state of rows whose job is scheduled or queued.
const waiting = "waiting"

// row is a job as the table has it.
type row struct {
	id, state                  string
	spec, args                 []byte
	attempt                    int
	created, ready             time.Time
	started, finished, expires *time.Time
	later                      bool // ready lies ahead
	err, result                []byte
}

const (
	// shown are the columns that List reads.
	shown = `id, state, spec, attempt, created, ready, started, finished, error, ready > now()`

	// all are the columns of a row.
	all = shown + `, args, result`
)

func (r *row) shown() []any {
	return []any{&r.id, &r.state, &r.spec, &r.attempt, &r.created, &r.ready, &r.started, &r.finished, &r.err, &r.later}
}

func (r *row) all() []any { return append(r.shown(), &r.args, &r.result) }

func (r *row) info() (i jobs.Info, err error) {
	if err := json.Unmarshal(r.spec, &i.Spec); err != nil {
		return i, fmt.Errorf("riverjobs: row of job %s: %w", r.id, err)
	}
	i.ID, i.State, i.Attempt, i.Created, i.Error = r.id, jobs.State(r.state), r.attempt, r.created, string(r.err)
	if r.started != nil {
		i.Started = *r.started
	}
	if r.finished != nil {
		i.Finished = *r.finished
	}
	if len(r.args) > 0 {
		i.Args = r.args
	}
	if len(r.result) > 0 {
		i.Result = r.result
	}
	if r.state == waiting {
		i.State = jobs.Queued
		if r.later {
			i.State, i.RunAt = jobs.Scheduled, r.ready
		}
	}
	return i, nil
}

// infos reads rows of the columns that List shows.
func infos(rows pgx.Rows) ([]jobs.Info, error) {
	out := []jobs.Info{}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(r.shown()...); err != nil {
			return nil, err
		}
		i, err := r.info()
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

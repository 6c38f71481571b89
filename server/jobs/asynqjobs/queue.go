package asynqjobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
)

// Queue is a job queue in Redis. It is safe for concurrent use, and so is the server's
// side by many processes.
type Queue struct {
	opt     Options
	root    string // of all keys but those of asynq
	redis   redis.UniversalClient
	tasks   *asynq.Client
	scripts scripts

	closing context.Context
	end     context.CancelFunc
	mu      sync.Mutex // guards the begin of serving
	serving sync.WaitGroup
}

var _ jobs.Queue = (*Queue)(nil)

// Open returns a queue. It does not wait for a server: what cannot be reached now may
// be reached later; see [Queue.Ping].
func Open(o Options) (*Queue, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	q := &Queue{opt: o, root: "quintet:{" + o.Name + "}:", scripts: newScripts()}
	q.redis = redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: o.Addresses, IsClusterMode: o.Cluster, MasterName: o.Primary,
		Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLS, PoolSize: o.Connections,
		DialTimeout: o.Timeout, ReadTimeout: o.Timeout, WriteTimeout: o.Timeout, PoolTimeout: o.Timeout,
		DialerRetries: 1, ContextTimeoutEnabled: true,
	})
	q.tasks = asynq.NewClientFromRedisClient(q.redis)
	q.closing, q.end = context.WithCancel(context.Background())
	return q, nil
}

// Ping asks whether the server answers. It fits a check of package monitor.
func (q *Queue) Ping(ctx context.Context) error {
	return q.do(ctx, func(ctx context.Context) error { return q.redis.Ping(ctx).Err() })
}

// Enqueue implements [jobs.Queue]. The job is safe once its record is in Redis, which
// holds it as safely as it was configured to.
func (q *Queue) Enqueue(ctx context.Context, s jobs.Spec) (jobs.Info, error) {
	if err := s.Check(q.opt.MaxArgs); err != nil {
		return jobs.Info{}, err
	}
	now := time.Now()
	ready := s.RunAt
	if !ready.After(now) {
		ready = now
	}
	id, ticket, args := rand.Text(), rand.Text(), s.Args
	s.Args = nil
	spec, err := json.Marshal(s)
	if err != nil { // a time beyond the year 9999
		return jobs.Info{}, fmt.Errorf("asynqjobs: %w: %w", err, quintet.ErrInput)
	}
	ttl := cmp.Or(s.ResultTTL, q.opt.ResultTTL).Microseconds()
	answer, err := q.run(ctx, q.scripts.admit, id, ticket, micros(now), micros(ready), s.Owner, uniqueField(s), int(s.Priority),
		ttl, spec, []byte(args), q.opt.MaxJobs, q.opt.MaxFinished)
	switch {
	case err != nil:
		return jobs.Info{}, err
	case word(answer, 0) == "full":
		return jobs.Info{}, fmt.Errorf("asynqjobs: %s jobs wait or run: %w", word(answer, 1), quintet.ErrBusy)
	case word(answer, 0) == "old":
		return q.Get(ctx, "", word(answer, 1))
	}
	q.issue(ctx, ticket, ready)
	r := record{"spec": string(spec), "args": string(args), "state": "waiting", "created": micros(now), "ready": micros(ready)}
	return r.info(id, now)
}

// uniqueField names the unique key of a job, "" if it has none.
func uniqueField(s jobs.Spec) string {
	if s.UniqueKey == "" {
		return ""
	}
	return fmt.Sprintf("%d:%s%d:%s%s", len(s.Owner), s.Owner, len(s.Kind), s.Kind, s.UniqueKey)
}

// year is longer than any job of asynq may take; ours end by their own timeouts.
const year = 365 * 24 * time.Hour

// issue gives a ticket to asynq. If that fails it stays in the outbox, and whoever
// serves issues it again.
func (q *Queue) issue(ctx context.Context, ticket string, ready time.Time) {
	opts := []asynq.Option{
		asynq.Queue(q.opt.Name), asynq.TaskID(ticket), asynq.MaxRetry(math.MaxInt32), asynq.Timeout(year),
	}
	if ready.After(time.Now()) {
		opts = append(opts, asynq.ProcessAt(wholeSecond(ready)))
	}
	_ = q.do(ctx, func(ctx context.Context) error {
		_, err := q.tasks.EnqueueContext(ctx, asynq.NewTask("job", []byte(ticket)), opts...)
		if err == nil || errors.Is(err, asynq.ErrTaskIDConflict) {
			err = q.redis.ZRem(ctx, q.root+"outbox", ticket).Err()
		}
		return err
	})
}

// wholeSecond returns the first whole second that is not before t: asynq knows no
// fractions, and drops them.
func wholeSecond(t time.Time) time.Time {
	return t.Add(time.Second - time.Nanosecond).Truncate(time.Second)
}

// Get implements [jobs.Queue].
func (q *Queue) Get(ctx context.Context, owner, id string) (jobs.Info, error) {
	var r record
	err := q.do(ctx, func(ctx context.Context) (err error) {
		r, err = q.redis.HGetAll(ctx, q.root+"job:"+id).Result()
		return err
	})
	now := time.Now()
	switch {
	case err != nil:
		return jobs.Info{}, err
	case len(r) == 0 || r.expired(now) || owner != "" && r["owner"] != owner:
		return jobs.Info{}, jobs.ErrNotFound
	}
	return r.info(id, now)
}

// Cancel implements [jobs.Queue]. A job that runs hears of it within a second.
func (q *Queue) Cancel(ctx context.Context, owner, id string) error {
	answer, err := q.run(ctx, q.scripts.cancel, id, owner, micros(time.Now()))
	if err == nil && word(answer, 0) == "hidden" {
		return jobs.ErrNotFound
	}
	return err
}

// Retry implements [jobs.Queue].
func (q *Queue) Retry(ctx context.Context, owner, id string) error {
	now, ticket := time.Now(), rand.Text()
	answer, err := q.run(ctx, q.scripts.retry, id, owner, micros(now), ticket)
	switch word(answer, 0) {
	case "hidden":
		return jobs.ErrNotFound
	case "state":
		return fmt.Errorf("job is %s: %w", word(answer, 1), quintet.ErrInput)
	case "ok":
		q.issue(ctx, ticket, now)
	}
	return err
}

// Forget implements [jobs.Queue]. When it returns an error some jobs may be gone.
func (q *Queue) Forget(ctx context.Context, owner string) (n int, err error) {
	if owner == "" {
		return 0, fmt.Errorf("no owner: %w", quintet.ErrInput)
	}
	for {
		answer, err := q.run(ctx, q.scripts.forget, owner, micros(time.Now()))
		if err != nil {
			return n, err
		}
		seen, _ := strconv.Atoi(word(answer, 1))
		if n += seen; word(answer, 0) == "0" {
			return n, nil
		}
	}
}

// Close implements [jobs.Queue]. Jobs stay in Redis.
func (q *Queue) Close() error {
	q.mu.Lock()
	q.end()
	q.mu.Unlock()
	q.serving.Wait()
	if err := q.redis.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return fmt.Errorf("asynqjobs: %w", err)
	}
	return nil
}

package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
)

// Options configures [New] and [Open]. The zero value suits most services.
type Options struct {
	// MaxJobs bounds the jobs that wait or run. Default: 100,000.
	MaxJobs int

	// MaxFinished bounds the jobs in a final state; those that would be forgotten
	// first are forgotten earlier. Default: 100,000.
	MaxFinished int

	// MaxArgs bounds the bytes of a job's arguments. Default: 1 MiB.
	MaxArgs int

	// ResultTTL is how long a job is known after its end. Default: 1 h.
	ResultTTL time.Duration

	files wal.FS // where a directory is; nil for the file system
}

func (o Options) withDefaults() (Options, error) {
	if o.MaxJobs < 0 || o.MaxFinished < 0 || o.MaxArgs < 0 || o.ResultTTL < 0 {
		return o, fmt.Errorf("negative bound of a job queue: %w", quintet.ErrOption)
	}
	o.MaxJobs = cmp.Or(o.MaxJobs, 100_000)
	o.MaxFinished = cmp.Or(o.MaxFinished, 100_000)
	o.MaxArgs = cmp.Or(o.MaxArgs, 1<<20)
	o.ResultTTL = cmp.Or(o.ResultTTL, time.Hour)
	return o, nil
}

// Local is a queue in this process, in memory or in a directory.
type Local struct {
	opt   Options
	store *store // nil in memory

	serving sync.WaitGroup
	closing context.Context
	end     context.CancelFunc

	mu        sync.Mutex
	wake      sync.Cond // a job is ready, or somebody must look at its context
	jobs      map[string]*job
	unique    map[uniqueKey]*job
	waiting   waiting
	scheduled timeline
	finished  timeline
	timer     *time.Timer // for the first of scheduled
	running   int
	stats     Stats
}

var _ Queue = (*Local)(nil)

type uniqueKey struct{ owner, kind, key string }

// New returns a queue in memory.
func New(o Options) (*Local, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	q := &Local{opt: o, jobs: make(map[string]*job), unique: make(map[uniqueKey]*job)}
	q.wake.L = &q.mu
	q.scheduled.when = func(j *job) time.Time { return j.RunAt }
	q.finished.when = func(j *job) time.Time { return j.expires }
	q.closing, q.end = context.WithCancel(context.Background())
	q.timer = time.AfterFunc(time.Hour, q.promote)
	q.timer.Stop()
	return q, nil
}

// Enqueue implements [Queue].
func (q *Local) Enqueue(ctx context.Context, s Spec) (Info, error) {
	if err := s.Check(q.opt.MaxArgs); err != nil {
		return Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return Info{}, err
	}
	j := &job{Info: Info{Spec: s, ID: rand.Text(), State: Queued, Created: time.Now()}, at: -1}
	j.Args = slices.Clone(s.Args)
	ticket, other, err := q.admit(j)
	if err != nil {
		return Info{}, err
	}
	if err := q.store.commit(q, ticket); err != nil {
		if other == nil {
			q.mu.Lock()
			q.drop(j)
			q.mu.Unlock()
		}
		return Info{}, fmt.Errorf("job not stored: %w", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if other != nil {
		return other.copy(), nil
	}
	if j.State == Queued { // nobody has canceled it meanwhile
		q.line(j)
	}
	return j.copy(), nil
}

// copy returns what a caller may keep. The caller of copy holds mu.
func (j *job) copy() Info {
	info := j.Info
	info.Args, info.Result = slices.Clone(info.Args), slices.Clone(info.Result)
	return info
}

// admit makes a job known, not ready yet, and returns the ticket of its record. If its
// unique key is taken it returns the job that has it.
func (q *Local) admit(j *job) (ticket uint64, other *job, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closing.Err() != nil {
		return 0, nil, fmt.Errorf("jobs: %w", quintet.ErrClosed)
	}
	q.expire(time.Now())
	if j.UniqueKey != "" {
		k := uniqueKey{j.Owner, j.Kind, j.UniqueKey}
		if other := q.unique[k]; other != nil {
			return q.store.last(), other, nil
		}
		q.unique[k] = j
	}
	if live := len(q.jobs) - q.finished.Len(); live >= q.opt.MaxJobs {
		q.drop(j)
		return 0, nil, fmt.Errorf("%d jobs wait or run: %w", live, quintet.ErrBusy)
	}
	q.jobs[j.ID] = j
	return q.store.put(j), nil, nil
}

// line makes a job wait for a worker or for its time. The caller holds mu.
func (q *Local) line(j *job) {
	now := time.Now()
	if j.RunAt.After(now) {
		j.State = Scheduled
		q.scheduled.add(j)
		if j.at == 0 {
			q.timer.Reset(time.Until(j.RunAt))
		}
		return
	}
	j.State, j.ready = Queued, now
	q.waiting.push(j)
	q.wake.Signal()
}

// promote makes the scheduled jobs ready whose time has come.
func (q *Local) promote() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for now := time.Now(); ; {
		j := q.scheduled.due(now)
		if j == nil {
			break
		}
		q.line(j)
	}
	if q.scheduled.Len() > 0 {
		q.timer.Reset(time.Until(q.scheduled.jobs[0].RunAt))
	}
}

// drop forgets a job. The caller holds mu.
func (q *Local) drop(j *job) {
	delete(q.jobs, j.ID)
	if k := (uniqueKey{j.Owner, j.Kind, j.UniqueKey}); j.UniqueKey != "" && q.unique[k] == j {
		delete(q.unique, k)
	}
	j.gone = true
	q.store.remove(j)
}

// expire forgets the jobs whose results nobody may want any more. The caller holds mu.
func (q *Local) expire(now time.Time) {
	for {
		j := q.finished.due(now)
		if j == nil && q.finished.Len() > q.opt.MaxFinished {
			j = q.finished.due(q.finished.jobs[0].expires)
		}
		if j == nil {
			return
		}
		q.drop(j)
	}
}

// finish gives a job its final state. The caller holds mu.
func (q *Local) finish(j *job, s State) {
	now := time.Now()
	j.State, j.Finished, j.cancel = s, now, nil
	j.expires = now.Add(cmp.Or(j.ResultTTL, q.opt.ResultTTL))
	switch s {
	case Done:
		q.stats.Done++
	case Failed:
		q.stats.Failed++
	case Canceled:
		q.stats.Canceled++
	}
	q.finished.add(j)
	q.store.put(j)
	q.expire(now)
}

// find returns a job that owner may see. The caller holds mu.
func (q *Local) find(owner, id string) (*job, error) {
	if q.closing.Err() != nil {
		return nil, fmt.Errorf("jobs: %w", quintet.ErrClosed)
	}
	q.expire(time.Now())
	j := q.jobs[id]
	if j == nil || owner != "" && j.Owner != owner {
		return nil, ErrNotFound
	}
	return j, nil
}

// Get implements [Queue].
func (q *Local) Get(_ context.Context, owner, id string) (Info, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j, err := q.find(owner, id)
	if err != nil {
		return Info{}, err
	}
	return j.copy(), nil
}

// List implements [Queue]. It takes time for every job that is known.
func (q *Local) List(_ context.Context, f Filter) ([]Info, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closing.Err() != nil {
		return nil, fmt.Errorf("jobs: %w", quintet.ErrClosed)
	}
	q.expire(time.Now())
	out := []Info{}
	for _, j := range q.jobs {
		if f.Matches(j.Info) {
			info := j.Info
			info.Args, info.Result = nil, nil
			out = append(out, info)
		}
	}
	slices.SortFunc(out, func(a, b Info) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID)) })
	return slices.Clip(out[:min(len(out), f.Max())]), nil
}

// Cancel implements [Queue].
func (q *Local) Cancel(_ context.Context, owner, id string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	j, err := q.find(owner, id)
	if err != nil {
		return err
	}
	q.cancel(j)
	return nil
}

// cancel does what it can to keep a job from being done. The caller holds mu.
func (q *Local) cancel(j *job) {
	switch j.State {
	case Scheduled:
		q.scheduled.remove(j)
		q.finish(j, Canceled)
	case Queued:
		if !j.ready.IsZero() { // else its Enqueue has not lined it up yet
			q.waiting.n--
		}
		q.finish(j, Canceled)
	case Running:
		if j.asked = true; j.cancel != nil { // else it is about to start, and will see
			j.cancel()
		}
	}
}

// Retry implements [Queue].
func (q *Local) Retry(_ context.Context, owner, id string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	j, err := q.find(owner, id)
	if err != nil {
		return err
	}
	if j.State != Failed && j.State != Canceled {
		return fmt.Errorf("job is %s: %w", j.State, quintet.ErrInput)
	}
	q.finished.remove(j)
	j.Attempt, j.Finished, j.RunAt = 0, time.Time{}, time.Time{}
	q.line(j)
	q.store.put(j)
	return nil
}

// Forget implements [Queue]. In a directory the jobs are gone from its files too when
// Forget returns without an error.
func (q *Local) Forget(_ context.Context, owner string) (int, error) {
	if owner == "" {
		return 0, fmt.Errorf("no owner: %w", quintet.ErrInput)
	}
	q.mu.Lock()
	if q.closing.Err() != nil {
		q.mu.Unlock()
		return 0, fmt.Errorf("jobs: %w", quintet.ErrClosed)
	}
	n := 0
	for _, j := range q.jobs {
		if j.Owner == owner {
			n++
			q.cancel(j)
			q.finished.remove(j)
			q.drop(j)
		}
	}
	q.mu.Unlock()
	return n, q.store.rewrite(q)
}

// Stats implements [Queue].
func (q *Local) Stats(context.Context) (Stats, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closing.Err() != nil {
		return Stats{}, fmt.Errorf("jobs: %w", quintet.ErrClosed)
	}
	s := q.stats
	s.Scheduled, s.Queued, s.Running = q.scheduled.Len(), q.waiting.n, q.running
	if t := q.waiting.oldest(); !t.IsZero() {
		s.Oldest = time.Since(t)
	}
	return s, nil
}

// Close implements [Queue]. Jobs in memory are lost; those in a directory are not.
func (q *Local) Close() error {
	q.mu.Lock()
	q.end()
	q.wake.Broadcast()
	q.timer.Stop()
	q.mu.Unlock()
	q.serving.Wait()
	return q.store.close(q)
}

// tag marks the files of job queues.
var tag = wal.Tag{'q', 'u', 'i', 'n', 't', 'e', 't', ' ', 'j', 'o', 'b', 's', 1}

// Open returns a queue in a directory, which is made if it is not there. Jobs that
// had not ended when it was last open wait again. A directory that is open elsewhere
// is [quintet.ErrBusy]; damage, other than what a crash leaves behind, is
// [quintet.ErrInput] with file and offset.
func Open(dir string, o Options) (*Local, error) {
	q, err := New(o)
	if err != nil {
		return nil, err
	}
	if q.store, err = openStore(dir, q); err != nil {
		return nil, err
	}
	q.resume()
	return q, nil
}

// load takes the record of a job, or of the end of one. Later ones replace earlier ones.
func (q *Local) load(record []byte) error {
	var info Info
	if err := json.Unmarshal(record, &info); err != nil {
		return err
	}
	if info.State == "" {
		delete(q.jobs, info.ID)
		return nil
	}
	q.jobs[info.ID] = &job{Info: info, at: -1}
	return nil
}

// resume puts the jobs that were loaded where they belong, in the order of their
// making.
func (q *Local) resume() {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := make([]*job, 0, len(q.jobs))
	for _, j := range q.jobs {
		all = append(all, j)
	}
	slices.SortFunc(all, func(a, b *job) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	for _, j := range all {
		if j.UniqueKey != "" {
			q.unique[uniqueKey{j.Owner, j.Kind, j.UniqueKey}] = j
		}
		if !j.State.Final() {
			q.line(j)
			continue
		}
		j.expires = j.Finished.Add(cmp.Or(j.ResultTTL, q.opt.ResultTTL))
		q.finished.add(j)
	}
}

package jobs

import (
	"encoding/json"
	"errors"
	"sync"

	"github.com/quintet-ai/quintet/internal/wal"
)

// store writes the jobs of a queue to a log: the whole state of a job for every change,
// so that reading a record twice does no harm. Methods of a nil store do nothing.
type store struct {
	// Guarded by the queue's mutex.
	records [][]byte // not written yet
	issued  uint64   // records so far

	mu      sync.Mutex // held while writing; taken before the queue's
	log     *wal.Log
	written uint64 // records that are on disk
	broken  bool   // some could not be written: everything must be written anew

	flush chan struct{} // something waits that nobody waits for
	quit  chan struct{}
	done  chan struct{}
	once  sync.Once
	err   error // of closing
}

func openStore(dir string, q *Local) (*store, error) {
	s := &store{flush: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	var err error
	s.log, err = wal.Open(dir, wal.Options{Tag: tag, FS: q.opt.files}, wal.Handler{
		Reset: func() { clear(q.jobs) }, Block: q.load, Record: q.load,
	})
	if err != nil {
		return nil, err
	}
	go s.loop(q)
	return s, nil
}

// loop writes what nobody waits for.
func (s *store) loop(q *Local) {
	defer close(s.done)
	for {
		select {
		case <-s.quit:
			return
		case <-s.flush:
			_ = s.commit(q, s.lastOf(q)) // an error comes back to the next Enqueue
		}
	}
}

// put adds the state of a job to what is to be written and returns its ticket. The
// caller holds the queue's mutex.
func (s *store) put(j *job) uint64 {
	if s == nil {
		return 0
	}
	return s.add(j.Info)
}

// remove adds the end of a job. The caller holds the queue's mutex.
func (s *store) remove(j *job) {
	if s != nil {
		s.add(Info{ID: j.ID})
	}
}

func (s *store) add(i Info) uint64 {
	b, err := json.Marshal(i)
	if err != nil { // a time beyond the year 9999, or a result that is no JSON: neither gets here
		b, _ = json.Marshal(Info{ID: i.ID})
	}
	s.records = append(s.records, b)
	s.issued++
	select {
	case s.flush <- struct{}{}:
	default:
	}
	return s.issued
}

// last returns the ticket of the newest record. The caller holds the queue's mutex.
func (s *store) last() uint64 {
	if s == nil {
		return 0
	}
	return s.issued
}

func (s *store) lastOf(q *Local) uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return s.issued
}

// commit returns when the record of a ticket is on disk. Who comes first writes what
// all others wait for.
func (s *store) commit(q *Local, ticket uint64) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written >= ticket && !s.broken {
		return nil
	}
	if s.broken || s.grown() {
		return s.replace(q)
	}
	q.mu.Lock()
	batch, top := s.records, s.issued
	s.records = nil
	q.mu.Unlock()
	if err := s.log.Append(batch...); err != nil {
		s.broken = true
		return err
	}
	s.written = top
	return nil
}

// grown reports whether the log should be written anew: it has 64 MiB and more than
// the jobs that it is about.
func (s *store) grown() bool {
	z := s.log.Sizes()
	return z.Log > 64<<20 && z.Log > 4*z.Snapshot
}

// replace writes the state of all jobs in place of the log. The caller holds s.mu.
func (s *store) replace(q *Local) error {
	q.mu.Lock()
	all := make([]Info, 0, len(q.jobs))
	for _, j := range q.jobs {
		all = append(all, j.Info)
	}
	top := s.issued
	s.records = nil
	q.mu.Unlock()
	err := s.log.Replace(func(add func([]byte) error) error {
		for _, i := range all {
			b, err := json.Marshal(i)
			if err == nil {
				err = add(b)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if s.broken = err != nil; err == nil {
		s.written = top
	}
	return err
}

// rewrite makes the files hold the jobs that are known and nothing else.
func (s *store) rewrite(q *Local) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replace(q)
}

// close writes what is left. It may be called twice.
func (s *store) close(q *Local) error {
	if s == nil {
		return nil
	}
	s.once.Do(func() {
		close(s.quit)
		<-s.done
		s.err = errors.Join(s.commit(q, s.lastOf(q)), s.log.Close())
	})
	return s.err
}

package optimize

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

type sessionState uint8

const (
	sessionUnloaded  sessionState = iota
	sessionLoading                // by a goroutine
	sessionLoaded                 // ready to run
	sessionDraining               // must go: no new run begins
	sessionUnloading              // being closed
)

// shared is a model that sessions share. The manager's lock guards it.
type shared struct {
	key     sessionKey
	model   Model
	sample  Sample
	refs    int
	running int // calls of Run under way, or about to begin
	state   sessionState
	session Session // while loaded or draining
	load    *sessionLoad
	size    int64     // memory it takes, 0 before its first load
	held    int64     // what is counted for it now
	used    int64     // the manager's count of uses at the last one
	since   time.Time // of the last use; zero without IdleUnload

	// What its last load said.
	inputs, outputs []TensorInfo
	device          string
	reason          error

	fallback string // the reason that was last reported
}

// sessionLoad is a load under way.
type sessionLoad struct {
	sample  Sample
	cancel  context.CancelFunc
	waiters int
	given   bool // nobody waited any more: it was cancelled
	done    bool
	err     error
}

// sessions holds the models of a runtime: loaded when they are wanted, shared,
// and taken out of memory when others need the room.
//
// Memory is reserved before a load; a load that finds too little takes out the
// models that do not run, least recently used first. If all run, the least
// recently used one takes no new runs until it is out, so a load never waits for
// ever. Who waits holds neither memory nor a model, so two never wait for each
// other.
type sessions struct {
	backend Backend
	budget  int64 // 0: none
	idle    time.Duration

	observer quintet.Observer // nil: none

	mu        sync.Mutex
	all       map[sessionKey]*shared
	bytes     int64
	uses      int64
	reserving int           // loads that wait for memory
	changed   chan struct{} // closed at the next change of anything; nil if nobody listens
	closed    bool
	sweeper   *time.Timer // set while an idle model is loaded
	stats     SessionStats
}

func (s *sessions) refer(k sessionKey, m Model, sample Sample) *shared {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.all[k]
	if sh == nil {
		sh = &shared{key: k, model: m}
		s.all[k] = sh
	}
	if sh.sample == nil {
		sh.sample = sample
	}
	sh.refs++
	return sh
}

// giveBack gives back a reference and returns the error of the unload that
// follows from it.
func (s *sessions) giveBack(sh *shared) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh.refs--
	return s.settle(sh)
}

// settle unloads and forgets a model that nobody refers to, unless it may stay
// for a while. The caller holds the lock.
func (s *sessions) settle(sh *shared) (err error) {
	if sh.refs == 0 && sh.state == sessionLoaded && sh.running == 0 && (s.idle == 0 || s.closed) {
		err = s.unload(sh)
	}
	if sh.refs == 0 && sh.state == sessionUnloaded && s.all[sh.key] == sh {
		delete(s.all, sh.key)
	}
	return err
}

// pin returns the session of a model, loading it if it must, and keeps it in
// memory until unpin.
func (s *sessions) pin(ctx context.Context, sh *shared) (Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for first := true; ; first = false {
		if s.closed {
			return nil, quintet.ErrClosed
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if sh.state == sessionLoaded {
			if first {
				s.stats.Hits++
			}
			sh.running++
			return sh.session, nil
		}
		if sh.state == sessionUnloaded {
			s.launch(ctx, sh)
		}
		a := sh.load
		if sh.state != sessionLoading || a.given {
			_ = s.wait(ctx)
			continue
		}
		if err := s.join(ctx, a); err != nil {
			return nil, err
		}
		if a.err != nil && s.closed {
			return nil, quintet.ErrClosed
		}
		return sh.session, a.err // pinned by the load
	}
}

// join waits for a load. When the last of those who wait leaves, it is cancelled.
func (s *sessions) join(ctx context.Context, a *sessionLoad) error {
	a.waiters++
	for !a.done {
		if err := s.wait(ctx); err != nil && !a.done {
			if a.waiters--; a.waiters == 0 {
				a.given = true
				a.cancel()
			}
			return err
		}
	}
	return nil
}

// wait gives the lock up until something has changed or ctx ends.
func (s *sessions) wait(ctx context.Context) error {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	changed := s.changed
	s.mu.Unlock()
	defer s.mu.Lock()
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tell wakes all who wait. The caller holds the lock.
func (s *sessions) tell() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

func (s *sessions) unpin(sh *shared) {
	s.mu.Lock()
	s.unpinLocked(sh)
	s.mu.Unlock()
}

func (s *sessions) unpinLocked(sh *shared) {
	sh.running--
	s.uses++
	sh.used = s.uses
	if sh.running > 0 {
		return
	}
	s.tell()
	s.rest(sh)
	if s.budget > 0 && s.bytes > s.budget && sh.state == sessionLoaded {
		_ = s.unload(sh) // a load took more than was expected
	}
	_ = s.settle(sh)
}

// rest notes that a model may be idle from now on. The caller holds the lock.
func (s *sessions) rest(sh *shared) {
	if s.idle == 0 {
		return
	}
	sh.since = time.Now()
	if s.sweeper == nil && !s.closed {
		s.sweeper = time.AfterFunc(s.idle, s.sweep)
	}
}

// sweep unloads the models that were idle for long enough.
func (s *sessions) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	var old []*shared
	next := time.Duration(-1) // until another one is
	for _, sh := range s.all {
		if sh.state != sessionLoaded || sh.running > 0 {
			continue
		}
		if left := sh.since.Add(s.idle).Sub(now); left <= 0 {
			old = append(old, sh)
		} else if next < 0 || left < next {
			next = left
		}
	}
	s.sweeper = nil
	if next >= 0 && !s.closed {
		s.sweeper = time.AfterFunc(next, s.sweep)
	}
	for _, sh := range old {
		if sh.state == sessionLoaded && sh.running == 0 { // unload gives the lock up
			_ = s.unload(sh)
			_ = s.settle(sh)
		}
	}
}

// unload takes a model that does not run out of memory. The caller holds the
// lock, which is given up meanwhile.
func (s *sessions) unload(sh *shared) error {
	session := sh.session
	sh.state, sh.session = sessionUnloading, nil
	s.mu.Unlock()
	begin := s.now()
	err := session.Close()
	s.observe("Unload", begin, 0, err)
	s.mu.Lock()
	s.bytes -= sh.held
	sh.held, sh.state = 0, sessionUnloaded
	s.stats.Unloads++
	s.tell()
	return err
}

func (s *sessions) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.sweeper != nil {
		s.sweeper.Stop()
		s.sweeper = nil
	}
	s.tell()
	var errs []error
	for {
		sh := s.first(func(sh *shared) bool { return sh.state != sessionUnloaded })
		if sh == nil {
			break
		}
		if a := sh.load; sh.state == sessionLoading {
			a.cancel()
		}
		if sh = s.first(func(sh *shared) bool { return sh.evictable() }); sh != nil {
			errs = append(errs, s.unload(sh), s.settle(sh))
			continue
		}
		_ = s.wait(context.Background())
	}
	return errors.Join(errs...)
}

// evictable reports whether the model is in memory and nothing runs on it.
func (sh *shared) evictable() bool {
	return (sh.state == sessionLoaded || sh.state == sessionDraining) && sh.running == 0
}

// first returns the least recently used of the models that ok accepts, or nil.
func (s *sessions) first(ok func(*shared) bool) (oldest *shared) {
	for _, sh := range s.all {
		if ok(sh) && (oldest == nil || sh.used < oldest.used) {
			oldest = sh
		}
	}
	return oldest
}

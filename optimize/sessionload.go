package optimize

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/quintet-ai/quintet"
)

// memoryFactor is how many times its file a loaded model takes, if its session
// does not know better: the weights, once more while they are packed, and the
// buffers of a few runs. Measured of encoders: 1.5 to 4.
const memoryFactor = 2

// launch starts a load. Its context has the values of the first caller's.
func (s *sessions) launch(ctx context.Context, sh *shared) {
	a := &sessionLoad{sample: sh.sample}
	ctx, a.cancel = context.WithCancel(context.WithoutCancel(ctx))
	sh.state, sh.load = sessionLoading, a
	s.stats.Loads++
	go s.fly(ctx, sh, a)
}

// fly loads a model and hands it to those who wait.
func (s *sessions) fly(ctx context.Context, sh *shared, a *sessionLoad) {
	defer a.cancel()
	session, err := Session(nil), errors.New("load ended its goroutine")
	begin, queued := s.now(), time.Duration(0)
	defer func() {
		s.reportLoad(sh, session, begin, queued, err)
		s.mu.Lock()
		defer s.mu.Unlock()
		a.done, a.err = true, err
		sh.load = nil
		if err != nil {
			s.bytes -= sh.held
			sh.held, sh.state = 0, sessionUnloaded
			s.stats.LoadErrors++
		} else {
			sh.state, sh.session = sessionLoaded, session
			sh.running += a.waiters
			s.uses++
			sh.used = s.uses
			s.rest(sh)
		}
		s.tell()
		_ = s.settle(sh)
	}()
	session, queued, err = s.open(ctx, sh, a.sample)
}

// open makes room, loads, warms up and measures. queued is how long it waited for
// the room.
func (s *sessions) open(ctx context.Context, sh *shared, sample Sample) (
	session Session, queued time.Duration, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = newPanicError(v)
		}
		if err != nil && session != nil {
			_ = session.Close()
			session = nil
		}
	}()
	need, err := s.expect(sh)
	if err != nil {
		return nil, 0, err
	}
	begin := s.now()
	if err := s.reserve(ctx, sh, need); err != nil {
		return nil, s.since(begin), err
	}
	queued = s.since(begin)
	if session, err = s.backend.Load(ctx, sh.model, sh.key.opt); err != nil {
		return nil, queued, err
	}
	if session == nil {
		return nil, queued, errors.New("the backend returned no session")
	}
	if err := warm(ctx, session, sample); err != nil {
		return session, queued, fmt.Errorf("warm-up: %w", err)
	}
	return session, queued, s.measure(sh, session)
}

func warm(ctx context.Context, session Session, sample Sample) error {
	if sample == nil {
		return ctx.Err()
	}
	inputs, err := sample(session.Inputs())
	if err == nil {
		_, err = session.Run(ctx, inputs)
	}
	return err
}

// expect returns the memory to reserve for a model.
func (s *sessions) expect(sh *shared) (int64, error) {
	s.mu.Lock()
	known := sh.size
	s.mu.Unlock()
	if known == 0 {
		size, err := sh.model.files.size()
		if err != nil {
			return 0, err
		}
		if s.budget > 0 && size <= s.budget {
			return min(size*memoryFactor, s.budget), nil // it may take less than the factor says
		}
		known = size
	}
	return known, s.fits(known)
}

// fits reports whether the budget has room for a model of the given size alone.
func (s *sessions) fits(size int64) error {
	if s.budget > 0 && size > s.budget {
		return fmt.Errorf("the model needs at least %d bytes, MemoryBudget is %d: %w", size, s.budget, quintet.ErrOption)
	}
	return nil
}

// reserve waits until there is room for need bytes and counts them as held.
func (s *sessions) reserve(ctx context.Context, sh *shared, need int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	waited := false
	s.reserving++
	defer s.relent()
	for s.budget > 0 && s.bytes+need > s.budget {
		if victim := s.first((*shared).evictable); victim != nil {
			_ = s.unload(victim)
			_ = s.settle(victim)
			continue
		}
		if s.first(func(sh *shared) bool { return sh.state == sessionDraining }) == nil {
			if victim := s.first(func(sh *shared) bool { return sh.state == sessionLoaded }); victim != nil {
				victim.state = sessionDraining
			}
		}
		if !waited {
			waited = true
			s.stats.Waits++
		}
		if err := s.wait(ctx); err != nil {
			return err
		}
	}
	s.bytes += need
	sh.held = need
	return nil
}

// relent lets draining models run again when no load waits for their memory.
func (s *sessions) relent() {
	if s.reserving--; s.reserving > 0 {
		return
	}
	for _, sh := range s.all {
		if sh.state == sessionDraining {
			sh.state = sessionLoaded
			s.rest(sh)
			s.tell()
		}
	}
}

// measure puts the memory that a session takes in the place of what was expected
// and unloads others if it is more than there is room for. Those that run are
// unloaded when they have finished.
func (s *sessions) measure(sh *shared, session Session) error {
	size, err := sh.model.files.size()
	if err != nil {
		return err
	}
	size *= memoryFactor
	if n, ok := bytesOf(session); ok {
		size = max(n, 1)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sh.size = size
	s.bytes += size - sh.held
	sh.held = size
	sh.inputs, sh.outputs, sh.device = session.Inputs(), session.Outputs(), session.Device()
	if r, ok := session.(interface{ Reason() error }); ok {
		sh.reason = r.Reason()
	}
	if err := s.fits(size); err != nil {
		return err
	}
	for s.budget > 0 && s.bytes > s.budget {
		victim := s.first((*shared).evictable)
		if victim == nil {
			break
		}
		_ = s.unload(victim)
		_ = s.settle(victim)
	}
	return nil
}

// size returns the bytes of the ONNX file and of the weights beside it, if they
// are named as exporters name them.
func (f *modelFiles) size() (int64, error) {
	if f.fsys == nil {
		return int64(len(f.data)), nil
	}
	info, err := fs.Stat(f.fsys, f.name)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	size := info.Size()
	for _, suffix := range []string{"_data", ".data"} {
		if info, err := fs.Stat(f.fsys, f.name+suffix); err == nil {
			size += info.Size()
		}
	}
	return size, nil
}

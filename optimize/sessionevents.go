package optimize

import (
	"time"

	"github.com/quintet-ai/quintet"
)

// sessionEvents is the name of the pipeline in events of models.
const sessionEvents = "session"

// now is the time if anybody wants to know it.
func (s *sessions) now() (t time.Time) {
	if s.observer != nil {
		t = time.Now()
	}
	return t
}

func (s *sessions) since(t time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return time.Since(t)
}

// observe reports what was done to one model. The caller does not hold the lock.
func (s *sessions) observe(op string, begin time.Time, queued time.Duration, err error) {
	if s.observer == nil {
		return
	}
	s.observer.Observe(quintet.Event{
		Pipeline: sessionEvents, Op: op, Items: 1, Took: s.since(begin), Queued: queued, Err: err})
}

// reportLoad reports a load and, if the first choice of backend or device was not
// used, why. Who loads a model again for the same reason hears of it once.
func (s *sessions) reportLoad(sh *shared, session Session, begin time.Time, queued time.Duration, err error) {
	if s.observer == nil {
		return
	}
	s.observe("Load", begin, queued, err)
	r, ok := session.(interface{ Reason() error })
	if err != nil || !ok {
		return
	}
	why, text := r.Reason(), ""
	if why != nil {
		text = why.Error()
	}
	s.mu.Lock()
	news := text != sh.fallback
	sh.fallback = text
	s.mu.Unlock()
	if news && why != nil {
		s.observe("Fallback", begin, queued, why)
	}
}

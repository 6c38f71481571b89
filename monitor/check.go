package monitor

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

// Check is one thing that health depends on.
type Check struct {
	// Name tells checks apart, such as "redis".
	Name string

	// Run returns nil if all is well. It should end when ctx does; if it panics, the
	// panic is its error.
	Run func(ctx context.Context) error

	// Optional checks degrade health when they fail, and do not make the process
	// unready: it can work without.
	Optional bool

	// Liveness checks tell, when they fail, that only a restart helps. What a restart
	// cannot mend, such as a database that is gone, must not have it.
	Liveness bool

	// Interval, Timeout, FailAfter and RecoverAfter replace those of the options.
	Interval, Timeout time.Duration

	// FailAfter is described at [HealthOptions].
	FailAfter int

	// RecoverAfter is described at [HealthOptions].
	RecoverAfter int
}

// probe is a check with its history.
type probe struct {
	Check
	onChange func(CheckReport)
	hung     chan struct{} // closed when a run that timed out has returned; nil if none did

	mu   sync.Mutex
	last CheckReport
	run  int // outcomes in a row that speak against last.Status
}

func newProbe(c Check, o HealthOptions) (*probe, error) {
	switch {
	case c.Name == "" || c.Run == nil:
		return nil, fmt.Errorf("check %q needs a name and a function: %w", c.Name, quintet.ErrOption)
	case c.Interval < 0 || c.Timeout < 0 || c.FailAfter < 0 || c.RecoverAfter < 0:
		return nil, fmt.Errorf("check %q: negative interval, timeout or count: %w", c.Name, quintet.ErrOption)
	}
	c.Interval = cmp.Or(c.Interval, o.Interval)
	c.Timeout = cmp.Or(c.Timeout, o.Timeout)
	c.FailAfter = cmp.Or(c.FailAfter, o.FailAfter)
	c.RecoverAfter = cmp.Or(c.RecoverAfter, o.RecoverAfter)
	last := CheckReport{Name: c.Name, Status: Unknown, Optional: c.Optional, Liveness: c.Liveness}
	return &probe{Check: c, onChange: o.OnChange, last: last}, nil
}

// loop runs the check until ctx ends. A tenth of the interval is left to chance, so
// that many processes do not ask the same server at the same moment.
func (p *probe) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		start := time.Now()
		err := p.once(ctx)
		if ctx.Err() != nil {
			return
		}
		p.note(start, time.Since(start), err)
		timer.Reset(p.Interval - time.Duration(rand.Int64N(int64(p.Interval)/10+1)))
	}
}

// once runs the check, at most Timeout long from where the caller stands.
func (p *probe) once(ctx context.Context) error {
	if p.hung != nil {
		select {
		case <-p.hung:
			p.hung = nil
		default:
			return errHung
		}
	}
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	done, returned := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(returned)
		done <- p.guarded(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	p.hung = returned
	return fmt.Errorf("no answer within %v: %w", p.Timeout, context.DeadlineExceeded)
}

var errHung = fmt.Errorf("the last run has not returned: %w", context.DeadlineExceeded)

func (p *probe) guarded(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return p.Run(ctx)
}

// note takes the outcome of a run into the state.
func (p *probe) note(at time.Time, took time.Duration, err error) {
	p.mu.Lock()
	r := &p.last
	before := r.Status
	r.Checked, r.Took, r.Error, r.cause = at, took, "", err
	outcome, need := Up, p.RecoverAfter
	if err != nil {
		outcome, need, r.Error = Down, p.FailAfter, err.Error()
	}
	if outcome == r.Status {
		p.run = 0
	} else if p.run++; p.run >= need || r.Status == Unknown {
		r.Status, r.Since, p.run = outcome, at, 0
	}
	now := *r
	p.mu.Unlock()
	if p.onChange != nil && now.Status != before {
		p.onChange(now)
	}
}

func (p *probe) report() CheckReport {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// weight is what a state of this check makes of the whole.
func (p *probe) weight(s Status) Status {
	if p.Optional && s != Up {
		return Degraded
	}
	return s
}

// err is the state of a check that is not up as an error.
func (r CheckReport) err() error {
	if r.Status == Unknown {
		return fmt.Errorf("check %q has not run yet", r.Name)
	}
	if r.cause == nil { // the last run was good, but too few were
		return fmt.Errorf("check %q was down until now", r.Name)
	}
	return fmt.Errorf("check %q: %w", r.Name, r.cause)
}

package monitor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

// HealthOptions configures [NewHealth]. The zero value has no checks and is ready.
type HealthOptions struct {
	// Checks are run in the background. Their names must differ.
	Checks []Check

	// Interval is the time between two runs of a check. Default: 10 s.
	Interval time.Duration

	// Timeout is how long a run may take. Default: 2 s.
	Timeout time.Duration

	// FailAfter is how many runs in a row must fail before a check that was up is
	// down. The first run of all decides alone. Default: 2.
	FailAfter int

	// RecoverAfter is how many runs in a row must succeed before a check that was
	// down is up. Default: 2.
	RecoverAfter int

	// OnChange is called, if not nil, when the state of a check changes. Calls for
	// one check come in order; it must not block for long.
	OnChange func(CheckReport)
}

func (o HealthOptions) withDefaults() (HealthOptions, error) {
	if o.Interval < 0 || o.Timeout < 0 || o.FailAfter < 0 || o.RecoverAfter < 0 {
		return o, fmt.Errorf("negative interval, timeout or count of health checks: %w", quintet.ErrOption)
	}
	o.Interval = cmp.Or(o.Interval, 10*time.Second)
	o.Timeout = cmp.Or(o.Timeout, 2*time.Second)
	o.FailAfter = cmp.Or(o.FailAfter, 2)
	o.RecoverAfter = cmp.Or(o.RecoverAfter, 2)
	return o, nil
}

// Health runs checks in the background and remembers what they said. It is safe for
// concurrent use; Live, Ready and Report never wait for a check.
type Health struct {
	probes []*probe
	stop   context.CancelFunc
	loops  sync.WaitGroup

	mu       sync.Mutex
	draining bool
	closed   bool
}

// NewHealth starts the checks; each runs at once for the first time. A check without
// a name or Run, or a name that comes twice, is [quintet.ErrOption].
func NewHealth(o HealthOptions) (*Health, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &Health{}
	seen := make(map[string]bool, len(o.Checks))
	for _, c := range o.Checks {
		if seen[c.Name] {
			return nil, fmt.Errorf("two checks are named %q: %w", c.Name, quintet.ErrOption)
		}
		seen[c.Name] = true
		p, err := newProbe(c, o)
		if err != nil {
			return nil, err
		}
		h.probes = append(h.probes, p)
	}
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	for _, p := range h.probes {
		h.loops.Go(func() { p.loop(ctx) })
	}
	return h, nil
}

// Live returns why the process should be restarted, nil if it should not: a check
// with Liveness is down. Checks without it and those still unknown do not count.
func (h *Health) Live() error {
	var bad []error
	for _, p := range h.probes {
		if r := p.report(); p.Liveness && r.Status == Down {
			bad = append(bad, r.err())
		}
	}
	return errors.Join(bad...)
}

// Ready returns why the process should get no requests, nil if it should: it drains,
// it is closed, or a check that is not Optional is down or unknown.
func (h *Health) Ready() error {
	h.mu.Lock()
	draining, closed := h.draining, h.closed
	h.mu.Unlock()
	var bad []error
	if closed {
		bad = append(bad, fmt.Errorf("health: %w", quintet.ErrClosed))
	}
	if draining {
		bad = append(bad, fmt.Errorf("shutting down: %w", quintet.ErrClosed))
	}
	for _, p := range h.probes {
		if r := p.report(); !p.Optional && r.Status != Up {
			bad = append(bad, r.err())
		}
	}
	return errors.Join(bad...)
}

// Drain makes Ready fail from now on, so that a load balancer sends requests
// elsewhere while those under way are finished.
func (h *Health) Drain() {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
}

// Report returns the state of every check in the order of the options.
func (h *Health) Report() HealthReport {
	r := HealthReport{Status: Up, Checks: make([]CheckReport, len(h.probes))}
	for i, p := range h.probes {
		r.Checks[i] = p.report()
		r.Status = max(r.Status, p.weight(r.Checks[i].Status))
	}
	h.mu.Lock()
	r.Draining = h.draining
	h.mu.Unlock()
	return r
}

// Close stops the checks and waits for those that heed their context. A hung check
// stays behind. Closing twice is harmless.
func (h *Health) Close() error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.stop()
	h.loops.Wait()
	return nil
}

// LiveHandler answers 200 while Live returns nil and 503 otherwise.
func (h *Health) LiveHandler() http.Handler { return answer(h.Live) }

// ReadyHandler answers 200 while Ready returns nil and 503 otherwise. The body says
// no more than that: errors may name hosts. See [Health.Report] for details.
func (h *Health) ReadyHandler() http.Handler { return answer(h.Ready) }

func answer(state func() error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if state() != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"status":"down"}` + "\n"))
			return
		}
		_, _ = w.Write([]byte(`{"status":"up"}` + "\n"))
	})
}

package monitor

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

// AlertsOptions configures [NewAlerts].
type AlertsOptions struct {
	// Rules are asked every Interval, one after another.
	Rules []Rule

	// Routes say who is told what. An alert goes to every route that takes it.
	Routes []Route

	// Interval is the time between two looks at the rules. Default: 15 s.
	Interval time.Duration

	// Repeat is the time after which a firing alert that nobody has acknowledged is
	// told again. Default: 4 h.
	Repeat time.Duration

	// Group is how long a route collects what begins and ends, to tell it at once.
	// Default: 5 s.
	Group time.Duration

	// Queue bounds the messages that wait for a notifier, for each route. Default: 64.
	Queue int

	// SendTimeout is how long one attempt to tell may take. Default: 10 s.
	SendTimeout time.Duration

	// Attempts is how often a message is tried, with twice the pause after each,
	// from 1 s. Default: 5.
	Attempts int

	// MaxActive bounds the alerts that are known at a time; more are dropped and
	// counted. Default: 10,000.
	MaxActive int

	// Logger is told of messages that could not be delivered. Default: slog.Default().
	Logger *slog.Logger
}

func (o AlertsOptions) withDefaults() (AlertsOptions, error) {
	if min(o.Interval, o.Repeat, o.Group, o.SendTimeout) < 0 || min(o.Queue, o.Attempts, o.MaxActive) < 0 {
		return o, fmt.Errorf("negative time or count of alerts: %w", quintet.ErrOption)
	}
	for _, r := range o.Rules {
		if err := r.check(); err != nil {
			return o, err
		}
	}
	for i, r := range o.Routes {
		if r.Notifier == nil {
			return o, fmt.Errorf("route %d has no notifier: %w", i, quintet.ErrOption)
		}
	}
	o.Rules, o.Routes = slices.Clone(o.Rules), slices.Clone(o.Routes)
	o.Interval = cmp.Or(o.Interval, 15*time.Second)
	o.Repeat = cmp.Or(o.Repeat, 4*time.Hour)
	o.Group = cmp.Or(o.Group, 5*time.Second)
	o.Queue = cmp.Or(o.Queue, 64)
	o.SendTimeout = cmp.Or(o.SendTimeout, 10*time.Second)
	o.Attempts = cmp.Or(o.Attempts, 5)
	o.MaxActive = cmp.Or(o.MaxActive, 10_000)
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o, nil
}

// Alerts asks rules and tells notifiers. It is safe for concurrent use; no method but
// Close waits for a rule or a notifier.
type Alerts struct {
	opt    AlertsOptions
	routes []*outbox
	stop   context.CancelFunc
	loops  sync.WaitGroup

	mu       sync.Mutex
	active   map[string]*entry
	silences map[string]Silence
	round    int // looks at the rules so far
	dropped  uint64
}

// entry is an alert with what was done about it.
type entry struct {
	Alert
	rule   Rule
	seen   time.Time // when the condition was last found
	round  int       // in which look that was
	told   time.Time // when notifiers were last told; zero if never
	ackBy  string
	manual bool // raised by a caller: no rule resolves it
}

// NewAlerts starts to ask the rules; the first time at once.
func NewAlerts(o AlertsOptions) (*Alerts, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &Alerts{opt: o, active: make(map[string]*entry), silences: make(map[string]Silence)}
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	for _, r := range o.Routes {
		box := newOutbox(r, o)
		a.routes = append(a.routes, box)
		a.loops.Go(func() { box.loop(ctx) })
	}
	a.loops.Go(func() { a.loop(ctx) })
	return a, nil
}

func (a *Alerts) loop(ctx context.Context) {
	ticker := time.NewTicker(a.opt.Interval)
	defer ticker.Stop()
	for {
		a.nextRound()
		for _, r := range a.opt.Rules {
			limited, cancel := context.WithTimeout(ctx, a.opt.Interval)
			found := r.find(limited)
			cancel()
			if ctx.Err() != nil {
				return
			}
			a.take(r, found)
		}
		a.resolve()
		a.tend()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (a *Alerts) nextRound() {
	a.mu.Lock()
	a.round++
	a.mu.Unlock()
}

// take notes what a rule found.
func (a *Alerts) take(r Rule, found []Condition) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range found {
		a.note(Alert{
			Name: r.Name, Severity: r.Severity, Labels: maps.Clone(c.Labels), Summary: c.Summary, Value: c.Value,
			Starts: now,
		}, r, false)
	}
}

// note adds an alert or renews it. The caller holds mu.
func (a *Alerts) note(alert Alert, r Rule, manual bool) {
	id := alert.Fingerprint()
	e, ok := a.active[id]
	if !ok {
		if len(a.active) >= a.opt.MaxActive {
			a.dropped++
			return
		}
		a.active[id] = &entry{Alert: alert, rule: r, seen: alert.Starts, round: a.round, manual: manual}
		return
	}
	e.Summary, e.Value, e.Severity = alert.Summary, alert.Value, alert.Severity
	e.seen, e.round, e.manual = alert.Starts, a.round, e.manual || manual
}

// resolve ends what no rule found in this round.
func (a *Alerts) resolve() {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, e := range a.active {
		if !e.manual && e.round != a.round && now.Sub(e.seen) >= e.rule.KeepFiring {
			a.end(id, e, now)
		}
	}
}

// end forgets an alert, and tells those who were told of it. The caller holds mu.
func (a *Alerts) end(id string, e *entry, now time.Time) {
	delete(a.active, id)
	if !e.told.IsZero() {
		e.Ends = now
		a.tell(e.Alert)
	}
}

// tend tells what is due.
func (a *Alerts) tend() {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.silences, func(_ string, s Silence) bool { return now.After(s.Until) })
	for _, e := range a.active {
		due := e.told.IsZero() || e.ackBy == "" && now.Sub(e.told) >= a.opt.Repeat
		if due && now.Sub(e.Starts) >= e.rule.For && a.silencedBy(e.Alert, now) == "" {
			e.told = now
			a.tell(e.Alert)
		}
	}
}

// tell hands an alert to the routes that take it. The caller holds mu.
func (a *Alerts) tell(alert Alert) {
	for _, box := range a.routes {
		if box.takes(alert) {
			box.put(alert)
		}
	}
}

// Raise adds an alert that no rule watches, or renews it, and returns its ID. It
// fires at once and lasts until Resolve. An alert without a name is
// [quintet.ErrInput]; beyond MaxActive it is [quintet.ErrBusy].
func (a *Alerts) Raise(alert Alert) (id string, err error) {
	if alert.Name == "" || int(alert.Severity) >= len(severityNames) {
		return "", fmt.Errorf("alert %q: no name or no such severity: %w", alert.Name, quintet.ErrInput)
	}
	alert.Labels, alert.Starts, alert.Ends = maps.Clone(alert.Labels), time.Now(), time.Time{}
	id = alert.Fingerprint()
	a.mu.Lock()
	a.note(alert, Rule{}, true)
	_, ok := a.active[id]
	a.mu.Unlock()
	if !ok {
		return "", fmt.Errorf("%d alerts are active: %w", a.opt.MaxActive, quintet.ErrBusy)
	}
	a.tend()
	return id, nil
}

// Resolve ends an alert that was raised. Those of rules end by themselves. An ID that
// is not active, or is of a rule, is [quintet.ErrInput].
func (a *Alerts) Resolve(id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	e, ok := a.active[id]
	if !ok || !e.manual {
		return fmt.Errorf("no raised alert %q: %w", id, quintet.ErrInput)
	}
	a.end(id, e, time.Now())
	return nil
}

// Acknowledge notes that somebody cares about an alert: it is not told again until it
// is over. An ID that is not active is [quintet.ErrInput].
func (a *Alerts) Acknowledge(id, by string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	e, ok := a.active[id]
	if !ok {
		return fmt.Errorf("no active alert %q: %w", id, quintet.ErrInput)
	}
	e.ackBy = cmp.Or(by, "somebody")
	return nil
}

// Active returns the alerts that are not over, the most severe first, then the oldest.
func (a *Alerts) Active() []ActiveAlert {
	now := time.Now()
	a.mu.Lock()
	out := make([]ActiveAlert, 0, len(a.active))
	for id, e := range a.active {
		out = append(out, a.state(id, e, now))
	}
	a.mu.Unlock()
	slices.SortFunc(out, func(x, y ActiveAlert) int {
		return cmp.Or(cmp.Compare(y.Severity, x.Severity), x.Starts.Compare(y.Starts), cmp.Compare(x.ID, y.ID))
	})
	return out
}

func (a *Alerts) state(id string, e *entry, now time.Time) ActiveAlert {
	s := ActiveAlert{Alert: e.Alert, ID: id, State: Firing}
	s.Labels = maps.Clone(e.Labels)
	silencer := a.silencedBy(e.Alert, now)
	switch {
	case now.Sub(e.Starts) < e.rule.For:
		s.State = Pending
	case silencer != "":
		s.State, s.By = Silenced, silencer
	case e.ackBy != "":
		s.State, s.By = Acknowledged, e.ackBy
	}
	return s
}

// AlertStats are counts since the start.
type AlertStats struct {
	Active  int    `json:"active"`  // now, in any state
	Sent    uint64 `json:"sent"`    // messages that a notifier took
	Failed  uint64 `json:"failed"`  // messages that were given up
	Dropped uint64 `json:"dropped"` // alerts that found no room in a queue or among MaxActive
}

// Stats returns counts.
func (a *Alerts) Stats() AlertStats {
	a.mu.Lock()
	s := AlertStats{Active: len(a.active), Dropped: a.dropped}
	a.mu.Unlock()
	for _, box := range a.routes {
		s.Sent += box.sent.Load()
		s.Failed += box.failed.Load()
		s.Dropped += box.dropped.Load()
	}
	return s
}

// Close stops asking, lets every route try once to tell what waits, and returns.
// Closing twice is harmless.
func (a *Alerts) Close() error {
	a.stop()
	a.loops.Wait()
	return nil
}

package monitor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
)

// Severity says how much an alert matters. A greater one matters more.
type Severity uint8

// The severities.
const (
	Info     Severity = iota // worth knowing
	Warning                  // look at it in working hours
	Error                    // something fails
	Critical                 // wake somebody
)

var severityNames = [...]string{"info", "warning", "error", "critical"}

// String returns "info", "warning", "error" or "critical".
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// MarshalText returns String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Severity) UnmarshalText(b []byte) error {
	for i, name := range severityNames {
		if name == string(b) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("no severity %q: %w", b, quintet.ErrInput)
}

// Alert is one thing that is wrong, or was. Its name and labels say which; two alerts
// with the same are the same.
type Alert struct {
	Name     string            `json:"name"`             // of the rule
	Severity Severity          `json:"severity"`         // of the rule
	Labels   map[string]string `json:"labels,omitempty"` // which of the things that the rule watches
	Summary  string            `json:"summary"`          // a sentence for a person
	Value    float64           `json:"value"`            // what was measured, if it is a number
	Starts   time.Time         `json:"starts"`           // when the condition was first seen
	Ends     time.Time         `json:"ends,omitzero"`    // when it was gone; zero while it lasts
}

// Resolved reports whether the alert is over.
func (a Alert) Resolved() bool { return !a.Ends.IsZero() }

// Fingerprint tells alerts apart: 16 hexadecimal digits made of name and labels.
func (a Alert) Fingerprint() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q", a.Name)
	for _, k := range slices.Sorted(maps.Keys(a.Labels)) {
		fmt.Fprintf(h, "%q%q", k, a.Labels[k])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// State is where an alert stands.
type State string

// The states of an active alert.
const (
	Pending      State = "pending"      // seen, for a shorter time than For
	Firing       State = "firing"       // notifiers are told
	Acknowledged State = "acknowledged" // firing, and somebody cares: no repeats
	Silenced     State = "silenced"     // firing, and a silence matches: nobody is told
)

// ActiveAlert is an alert with its state.
type ActiveAlert struct {
	Alert
	ID    string `json:"id"` // the fingerprint
	State State  `json:"state"`
	By    string `json:"by,omitempty"` // who acknowledged or silenced it
}

// Condition is one thing that a rule found to be wrong.
type Condition struct {
	Labels  map[string]string // which thing
	Summary string            // a sentence for a person
	Value   float64           // what was measured
}

// Rule looks at something every Interval of its [Alerts].
type Rule struct {
	// Name is the name of its alerts, such as "unhealthy".
	Name string

	// Severity of its alerts.
	Severity Severity

	// For is how long a condition must last before its alert fires. Default: at once.
	For time.Duration

	// KeepFiring is how long a condition must be gone before its alert is resolved,
	// so that what comes and goes is one alert. Default: at once.
	KeepFiring time.Duration

	// Find returns what is wrong now; nothing if all is well. An error is an alert
	// of its own, named as the rule with the label "rule" = "broken".
	Find func(ctx context.Context) ([]Condition, error)
}

func (r Rule) check() error {
	switch {
	case r.Name == "" || r.Find == nil:
		return fmt.Errorf("rule %q needs a name and a function: %w", r.Name, quintet.ErrOption)
	case r.For < 0 || r.KeepFiring < 0 || int(r.Severity) >= len(severityNames):
		return fmt.Errorf("rule %q: negative time or unknown severity: %w", r.Name, quintet.ErrOption)
	}
	return nil
}

// find is Find, with its failure as a condition.
func (r Rule) find(ctx context.Context) (found []Condition) {
	defer func() {
		if v := recover(); v != nil {
			found = []Condition{broken(fmt.Sprintf("the rule panicked: %v", v))}
		}
	}()
	found, err := r.Find(ctx)
	if err != nil {
		found = append(found, broken("the rule failed: "+err.Error()))
	}
	return found
}

func broken(why string) Condition {
	return Condition{Labels: map[string]string{"rule": "broken"}, Summary: why}
}

// A Notifier tells somebody about alerts that began, go on or ended. It is called from
// one goroutine for each route; ctx ends after [AlertsOptions.SendTimeout]. An error
// is tried again unless it wraps [quintet.ErrInput].
type Notifier interface {
	// Notify tells of at least one alert. It must not keep the slice.
	Notify(ctx context.Context, alerts []Alert) error
}

// NotifierFunc lets a function be a [Notifier].
type NotifierFunc func(ctx context.Context, alerts []Alert) error

// Notify calls f.
func (f NotifierFunc) Notify(ctx context.Context, alerts []Alert) error { return f(ctx, alerts) }

// Route brings alerts to a notifier.
type Route struct {
	// Notifier is who is told.
	Notifier Notifier

	// MinSeverity is the least severity that is told. Default: all.
	MinSeverity Severity

	// Match are labels that an alert must have to be told; the name of the alert
	// is matched by "alert". Default: any.
	Match map[string]string
}

func (r Route) takes(a Alert) bool { return a.Severity >= r.MinSeverity && matches(r.Match, a) }

// matches reports whether a has all labels; "alert" stands for its name.
func matches(labels map[string]string, a Alert) bool {
	for k, v := range labels {
		if has, ok := a.Labels[k]; !(ok && has == v || k == "alert" && v == a.Name) {
			return false
		}
	}
	return true
}

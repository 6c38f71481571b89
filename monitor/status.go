package monitor

import (
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
)

// Status is the state of a check or of all of them. A greater one is worse.
type Status uint8

// The states. Degraded is said of the whole only: an optional check is not up.
const (
	Up Status = iota
	Degraded
	Unknown
	Down
)

var statusNames = [...]string{"up", "degraded", "unknown", "down"}

// String returns "up", "degraded", "unknown" or "down".
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return fmt.Sprintf("status(%d)", uint8(s))
}

// MarshalText returns String.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Status) UnmarshalText(b []byte) error {
	for i, name := range statusNames {
		if name == string(b) {
			*s = Status(i)
			return nil
		}
	}
	return fmt.Errorf("no status %q: %w", b, quintet.ErrInput)
}

// HealthReport is the state of all checks.
type HealthReport struct {
	Status   Status        `json:"status"`   // the worst of the checks; an optional one counts as degraded
	Draining bool          `json:"draining"` // [Health.Drain] was called
	Checks   []CheckReport `json:"checks"`   // in the order of the options
}

// CheckReport is the state of one check.
type CheckReport struct {
	Name     string        `json:"name"`             // as in the check
	Status   Status        `json:"status"`           // Up, Down, or Unknown before its first run
	Optional bool          `json:"optional"`         // as in the check
	Liveness bool          `json:"liveness"`         // as in the check
	Error    string        `json:"error,omitempty"`  // of the last run, empty if it was good
	Took     time.Duration `json:"took"`             // the last run, nanoseconds in JSON
	Checked  time.Time     `json:"checked,omitzero"` // when the last run began
	Since    time.Time     `json:"since,omitzero"`   // when Status last changed

	cause error // what Error says
}

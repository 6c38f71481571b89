package jobs

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
)

// Priority decides which of the waiting jobs starts first. Zero is Normal.
type Priority int8

// The priorities.
const (
	Low      Priority = -1
	Normal   Priority = 0
	High     Priority = 1
	Critical Priority = 2
)

var priorityNames = [...]string{"low", "normal", "high", "critical"}

func (p Priority) ok() bool { return p >= Low && p <= Critical }

// String returns "low", "normal", "high" or "critical".
func (p Priority) String() string {
	if !p.ok() {
		return fmt.Sprintf("priority(%d)", int8(p))
	}
	return priorityNames[p-Low]
}

// MarshalText returns String.
func (p Priority) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (p *Priority) UnmarshalText(b []byte) error {
	for i, name := range priorityNames {
		if name == string(b) {
			*p = Low + Priority(i)
			return nil
		}
	}
	return fmt.Errorf("no priority %q: %w", b, quintet.ErrInput)
}

// State is where a job stands.
type State string

// The states. The last three are final, until [Queue.Retry].
const (
	Scheduled State = "scheduled" // waits for its time, the first or that of another attempt
	Queued    State = "queued"    // waits for a worker
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"   // all attempts are used up, or an error was permanent
	Canceled  State = "canceled" // by a caller
)

// Final reports whether a job in this state will not run again by itself.
func (s State) Final() bool { return s == Done || s == Failed || s == Canceled }

// Spec says what is to be done. Only Kind is needed; see [NewSpec].
type Spec struct {
	// Kind names the handler.
	Kind string `json:"kind"`

	// Args is what the handler gets, as JSON. Default: null.
	Args json.RawMessage `json:"args,omitempty"`

	// Priority decides among waiting jobs. Default: Normal.
	Priority Priority `json:"priority"`

	// MaxAttempts bounds how often the job is tried. Default: that of the kind.
	MaxAttempts int `json:"max_attempts,omitempty"`

	// RunAt is the earliest time to start. Default: now.
	RunAt time.Time `json:"run_at,omitzero"`

	// Timeout bounds one attempt. Default: that of the kind.
	Timeout time.Duration `json:"timeout,omitempty"`

	// UniqueKey makes Enqueue return the job of the same owner, kind and key, if the
	// queue still knows one, instead of adding another. Default: none.
	UniqueKey string `json:"unique_key,omitempty"`

	// Owner is who alone may see the job. Default: everybody.
	Owner string `json:"owner,omitempty"`

	// ResultTTL is how long a job is known after its end. Default: that of the queue.
	ResultTTL time.Duration `json:"result_ttl,omitempty"`
}

// NewSpec returns a spec with args as JSON. Arguments that JSON cannot hold are
// [quintet.ErrInput].
func NewSpec[A any](kind string, args A) (Spec, error) {
	b, err := json.Marshal(args)
	if err != nil {
		return Spec{}, fmt.Errorf("arguments of a job %q: %w: %w", kind, err, quintet.ErrInput)
	}
	return Spec{Kind: kind, Args: b}, nil
}

// Check returns [quintet.ErrInput] for what no queue takes: a kind of more than 100
// bytes or none, arguments that are not JSON or more than max bytes, keys and owners
// of more than 200 bytes, negative numbers, unknown priorities. Queues call it.
func (s Spec) Check(maxArgs int) error {
	switch {
	case s.Kind == "" || len(s.Kind) > 100:
		return fmt.Errorf("kind of a job has %d bytes, want 1 to 100: %w", len(s.Kind), quintet.ErrInput)
	case len(s.Args) > maxArgs:
		return fmt.Errorf("arguments have %d bytes, limit %d: %w", len(s.Args), maxArgs, quintet.ErrInput)
	case len(s.Args) > 0 && !json.Valid(s.Args):
		return fmt.Errorf("arguments are not JSON: %w", quintet.ErrInput)
	case len(s.UniqueKey) > 200 || len(s.Owner) > 200:
		return fmt.Errorf("key or owner of more than 200 bytes: %w", quintet.ErrInput)
	case s.MaxAttempts < 0 || s.Timeout < 0 || s.ResultTTL < 0 || !s.Priority.ok():
		return fmt.Errorf("negative number or unknown priority: %w", quintet.ErrInput)
	}
	return nil
}

// Info is a job as its queue knows it.
type Info struct {
	Spec
	ID       string          `json:"id"`                // 26 letters and digits that cannot be guessed
	State    State           `json:"state"`             // where it stands
	Attempt  int             `json:"attempt"`           // how often it was started
	Created  time.Time       `json:"created"`           // when it was enqueued
	Started  time.Time       `json:"started,omitzero"`  // the last attempt
	Finished time.Time       `json:"finished,omitzero"` // when it got its final state
	Error    string          `json:"error,omitempty"`   // of the last attempt that failed
	Result   json.RawMessage `json:"result,omitempty"`  // what the handler returned
}

// Result returns what the handler of a job returned. A job that is not done is
// [quintet.ErrBusy] while it may still be, otherwise an error with the job's message;
// a result of another type is [quintet.ErrInput].
func Result[R any](i Info) (r R, err error) {
	switch {
	case !i.State.Final():
		return r, fmt.Errorf("job %s is %s: %w", i.ID, i.State, quintet.ErrBusy)
	case i.State != Done:
		return r, fmt.Errorf("job %s %s: %s", i.ID, i.State, i.Error)
	}
	if err := json.Unmarshal(i.Result, &r); err != nil {
		return r, fmt.Errorf("result of job %s: %w: %w", i.ID, err, quintet.ErrInput)
	}
	return r, nil
}

// Filter chooses jobs. The zero value chooses the newest 100 of everybody.
type Filter struct {
	// Owner, Kind and State must be equal if they are not empty.
	Owner, Kind string

	// State is described at Owner.
	State State

	// Limit is how many are returned. Default: 100; at most 1,000.
	Limit int
}

// Matches reports whether a job is chosen.
func (f Filter) Matches(i Info) bool {
	return (f.Owner == "" || f.Owner == i.Owner) && (f.Kind == "" || f.Kind == i.Kind) && (f.State == "" || f.State == i.State)
}

// Max returns Limit with its default and bound applied.
func (f Filter) Max() int {
	if f.Limit <= 0 {
		return 100
	}
	return min(f.Limit, 1000)
}

// Stats counts jobs.
type Stats struct {
	Scheduled int           `json:"scheduled"` // now
	Queued    int           `json:"queued"`    // now
	Running   int           `json:"running"`   // now
	Done      uint64        `json:"done"`      // since the queue was opened, as the next two
	Failed    uint64        `json:"failed"`    // jobs, not attempts
	Canceled  uint64        `json:"canceled"`  // by callers
	Retries   uint64        `json:"retries"`   // attempts that failed and were followed by another
	Oldest    time.Duration `json:"oldest"`    // how long the job that waits longest has been ready
}

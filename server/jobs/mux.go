package jobs

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

// KindOptions configures the jobs of one kind. The zero value suits short work.
type KindOptions struct {
	// MaxAttempts bounds how often a job is tried. Default: 5.
	MaxAttempts int

	// Timeout bounds one attempt. Default: 5 min.
	Timeout time.Duration

	// Backoff is the pause before the second attempt; each further one is twice as
	// long, up to MaxBackoff, and somewhere between nothing and that by chance.
	// Default: 1 s.
	Backoff time.Duration

	// MaxBackoff bounds the pause. Default: 10 min.
	MaxBackoff time.Duration
}

func (o KindOptions) withDefaults() (KindOptions, error) {
	if o.MaxAttempts < 0 || o.Timeout < 0 || o.Backoff < 0 || o.MaxBackoff < 0 {
		return o, fmt.Errorf("negative number: %w", quintet.ErrOption)
	}
	o.MaxAttempts = cmp.Or(o.MaxAttempts, 5)
	o.Timeout = cmp.Or(o.Timeout, 5*time.Minute)
	o.Backoff = cmp.Or(o.Backoff, time.Second)
	o.MaxBackoff = max(o.Backoff, cmp.Or(o.MaxBackoff, 10*time.Minute))
	return o, nil
}

// Pause returns the pause after the attempt of that number, from 1.
func (o KindOptions) Pause(attempt int) time.Duration {
	d := o.Backoff
	for i := 1; i < attempt && d < o.MaxBackoff; i++ {
		d *= 2
	}
	return time.Duration(rand.Int64N(int64(min(d, o.MaxBackoff)) + 1))
}

// Mux knows the handler of every kind. It is safe for concurrent use.
type Mux struct {
	mu    sync.RWMutex
	kinds map[string]kind
}

type kind struct {
	KindOptions
	run func(ctx context.Context, args json.RawMessage) (json.RawMessage, error)
}

// NewMux returns a Mux without handlers.
func NewMux() *Mux { return &Mux{kinds: make(map[string]kind)} }

// Register makes f the handler of a kind of job. Arguments are read strictly: unknown
// fields are an error. f must heed its context and may be called from many goroutines.
// An empty kind or one that has a handler is [quintet.ErrOption].
func Register[A, R any](m *Mux, name string, f func(ctx context.Context, args A) (R, error), o KindOptions) error {
	o, err := o.withDefaults()
	if err != nil {
		return fmt.Errorf("kind %q: %w", name, err)
	}
	run := func(ctx context.Context, raw json.RawMessage) (json.RawMessage, error) {
		var args A
		if err := unmarshal(raw, &args); err != nil {
			return nil, Permanent(fmt.Errorf("arguments: %w: %w", err, quintet.ErrInput))
		}
		r, err := f(ctx, args)
		if err != nil {
			return nil, err
		}
		out, err := json.Marshal(r)
		if err != nil {
			return nil, Permanent(fmt.Errorf("result: %w", err))
		}
		return out, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.kinds[name]; ok || name == "" || f == nil {
		return fmt.Errorf("kind %q has a handler already, or no name or function: %w", name, quintet.ErrOption)
	}
	m.kinds[name] = kind{o, run}
	return nil
}

func unmarshal(raw json.RawMessage, to any) error {
	if len(raw) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(to)
}

// Kinds returns the kinds that have a handler, in alphabetical order.
func (m *Mux) Kinds() []string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Sorted(maps.Keys(m.kinds))
}

// Options returns the options of a kind with their defaults, and whether it has a
// handler; if not, the defaults.
func (m *Mux) Options(name string) (KindOptions, bool) {
	m.mu.RLock()
	k, ok := m.kinds[name]
	m.mu.RUnlock()
	if !ok {
		k.KindOptions, _ = KindOptions{}.withDefaults()
	}
	return k.KindOptions, ok
}

// Run runs one attempt of a job within its timeout. A panic is an error, permanent
// from the second attempt on; a kind without a handler is a permanent
// [quintet.ErrUnsupported]. Queues call it.
func (m *Mux) Run(ctx context.Context, i Info) (result json.RawMessage, err error) {
	o, _ := m.Options(i.Kind)
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(i.Timeout, o.Timeout))
	defer cancel()
	return m.run(ctx, i)
}

// run is Run within the time that ctx leaves.
func (m *Mux) run(ctx context.Context, i Info) (result json.RawMessage, err error) {
	m.mu.RLock()
	k, ok := m.kinds[i.Kind]
	m.mu.RUnlock()
	if !ok {
		return nil, Permanent(fmt.Errorf("no handler of kind %q: %w", i.Kind, quintet.ErrUnsupported))
	}
	defer func() {
		if v := recover(); v != nil {
			result, err = nil, fmt.Errorf("panic: %v\n%.2000s", v, debug.Stack())
			if i.Attempt > 1 {
				err = Permanent(err)
			}
		}
	}()
	return k.run(context.WithValue(ctx, infoKey{}, i), i.Args)
}

type infoKey struct{}

// FromContext returns the job whose handler was called with ctx.
func FromContext(ctx context.Context) (Info, bool) {
	i, ok := ctx.Value(infoKey{}).(Info)
	return i, ok
}

// Permanent marks an error of a handler: another attempt would fail as well. It is nil
// for nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanent{err}
}

type permanent struct{ error }

func (p *permanent) Unwrap() error { return p.error }

// IsPermanent reports whether an error was marked by [Permanent].
func IsPermanent(err error) bool {
	var p *permanent
	return errors.As(err, &p)
}

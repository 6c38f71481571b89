package optimize

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/quintet-ai/quintet"
)

// Prefer returns a backend that loads each model with the first of the backends
// that can. Its devices are those of all, in order; closing it closes all.
//
// A session that is not of the first backend has a method Reason() error that
// says why those before refused; sessions of a [Runtime] hand it on. If all
// refuse, the error tells the reasons of all and has the cause of the first.
func Prefer(backends ...Backend) Backend { return preferred(backends) }

type preferred []Backend

// Name implements [Backend].
func (p preferred) Name() string {
	names := make([]string, len(p))
	for i, b := range p {
		names[i] = b.Name()
	}
	return strings.Join(names, ",")
}

// Devices implements [Backend].
func (p preferred) Devices() []Device {
	var all []Device
	for _, b := range p {
		all = append(all, b.Devices()...)
	}
	return all
}

// Load implements [Backend].
func (p preferred) Load(ctx context.Context, m Model, o SessionOptions) (Session, error) {
	var refused refusals
	for _, b := range p {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := b.Load(ctx, m, o)
		switch {
		case err == nil && len(refused) == 0:
			return s, nil
		case err == nil:
			return &secondChoice{s, refused}, nil
		case ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return nil, err
		}
		refused = append(refused, fmt.Errorf("%s: %w", b.Name(), err))
	}
	if len(refused) == 0 {
		return nil, fmt.Errorf("no backend to prefer: %w", quintet.ErrUnsupported)
	}
	return nil, refused
}

// Close implements [Backend].
func (p preferred) Close() error {
	var errs []error
	for _, b := range p {
		errs = append(errs, b.Close())
	}
	return errors.Join(errs...)
}

// refusals are the errors of several backends. The first one is the cause.
type refusals []error

// Error prints all of them.
func (r refusals) Error() string {
	all := make([]string, len(r))
	for i, err := range r {
		all[i] = err.Error()
	}
	return strings.Join(all, "; ")
}

// Unwrap returns the first one.
func (r refusals) Unwrap() error { return r[0] }

// secondChoice is a session of a backend that was not the first.
type secondChoice struct {
	Session
	why error
}

// Reason says why the backends before refused, and why the one that did not could
// not use its first device.
func (s *secondChoice) Reason() error {
	if r, ok := s.Session.(interface{ Reason() error }); ok {
		return errors.Join(s.why, r.Reason())
	}
	return s.why
}

// bytesOf returns the memory that a session says it takes, if it does.
func bytesOf(s Session) (int64, bool) {
	if second, ok := s.(*secondChoice); ok {
		s = second.Session
	}
	if m, ok := s.(interface{ Bytes() int64 }); ok {
		return m.Bytes(), true
	}
	return 0, false
}

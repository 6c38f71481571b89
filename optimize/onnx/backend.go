//go:build cgo

package onnx

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx/internal/ortlib"
)

// Backend runs models with ONNX Runtime. It is safe for concurrent use.
type Backend struct {
	plan plan
	lib  ortlib.Library

	mu       sync.Mutex
	closed   bool
	sessions int              // open or being opened
	probed   map[device]error // what a trial of the device said
	refused  map[device]error // why it took no session the last time
}

var _ optimize.Backend = (*Backend)(nil)

// New finds the library and loads it. Backends of a process share it: the first
// one decides which it is, and an [Options.Library] that is another file is then
// [quintet.ErrOption]. Bad options are that too. A library that is missing, too
// old or for another architecture is [quintet.ErrUnsupported].
func New(o Options) (*Backend, error) {
	p, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	lib, err := attach(o)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	return &Backend{plan: p, lib: lib, probed: map[device]error{}, refused: map[device]error{}}, nil
}

// Name implements [optimize.Backend].
func (b *Backend) Name() string { return name }

// Library is the path of the loaded library.
func (b *Backend) Library() string { return b.lib.Path }

// Version is the version of the loaded library, such as "1.28.2".
func (b *Backend) Version() string { return b.lib.Version.String() }

// Devices implements [optimize.Backend]. It tries each device once, which may
// take seconds where there is a GPU, and remembers the outcome. Available devices
// come first, and best first among them. The reason of an available device is why
// it took no session the last time.
func (b *Backend) Devices() []optimize.Device {
	known := b.plan.devices
	for _, p := range providers {
		if !contains(known, p.name) {
			known = append(known[:len(known):len(known)], device{p, 0})
		}
	}
	var there, missing []optimize.Device
	for _, d := range known {
		entry := optimize.Device{Name: d.String(), Kind: d.kind, Backend: name,
			Detail: fmt.Sprintf("ONNX Runtime %v at %s", b.lib.Version, b.lib.Path)}
		if err := b.probe(d); err != nil {
			entry.Reason = err.Error()
			missing = append(missing, entry)
			continue
		}
		entry.Available = true
		b.mu.Lock()
		if err := b.refused[d]; err != nil {
			entry.Reason = err.Error()
		}
		b.mu.Unlock()
		there = append(there, entry)
	}
	return append(there, missing...)
}

func contains(list []device, provider string) bool {
	for _, d := range list {
		if d.name == provider {
			return true
		}
	}
	return false
}

// found are the devices that need not compile models and are available.
func (b *Backend) found() (list []device) {
	for _, d := range automatic {
		if b.probe(d) == nil {
			list = append(list, d)
		}
	}
	return list
}

// Load implements [optimize.Backend]. The devices are tried in the order of the
// options, first [optimize.SessionOptions.Device] if it names one. A device that
// cannot open the model, or not run it once with zeros, is passed over unless
// Strict is set; the method Reason() error of the session says why, and
// [Backend.Devices] keeps the last reason. It reads the model's file once, or not
// at all if a [optimize.Runtime] has just read it. Concurrent calls are
// independent: each makes a session of its own.
//
// A method Bytes() int64 of the session tells the memory that it took when it was
// loaded: its weights, in whatever files they are, and an allowance of 4 MiB. What
// runs leave in the arena comes on top.
func (b *Backend) Load(ctx context.Context, m optimize.Model, o optimize.SessionOptions) (
	optimize.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.Threads < 0 {
		return nil, fmt.Errorf("onnx: Threads is %d: %w", o.Threads, quintet.ErrOption)
	}
	devices, err := b.plan.chain(o, b.found)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	if !b.enter() {
		return nil, fmt.Errorf("onnx: %w", quintet.ErrClosed)
	}
	type outcome struct {
		s   *session
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		s, err := b.open(m, devices, o.Threads)
		if err != nil {
			b.leave()
		}
		done <- outcome{s, err}
	}()
	select {
	case out := <-done:
		if out.err != nil {
			return nil, loadError(m, out.err)
		}
		return out.s, nil
	case <-ctx.Done():
		go func() {
			if out := <-done; out.err == nil {
				out.s.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// open opens the model on the first device that takes it.
func (b *Backend) open(m optimize.Model, devices []device, threads int) (*session, error) {
	src, err := readSource(m)
	if err != nil {
		return nil, err
	}
	s, refused, err := choose(devices, func(d device) (*session, error) {
		if err := b.probe(d); err != nil {
			return nil, err
		}
		return b.openOn(d, src, threads)
	}, (*session).trial)
	b.mu.Lock()
	for _, r := range refused {
		b.refused[r.device] = r.err
	}
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s.release = b.leave
	for _, r := range refused {
		s.reason = errors.Join(s.reason, fmt.Errorf("%v: %w", r.device, r.err))
	}
	return s, nil
}

// enter counts a session, unless the backend is closed.
func (b *Backend) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.sessions++
	return true
}

func (b *Backend) leave() {
	b.mu.Lock()
	b.sessions--
	b.mu.Unlock()
}

// Close implements [optimize.Backend]. While sessions are open or being loaded,
// it closes nothing and returns [quintet.ErrBusy]. Closing twice is harmless. The
// library stays loaded until the process ends.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return nil
	case b.sessions > 0:
		return fmt.Errorf("onnx: %d sessions are open: %w", b.sessions, quintet.ErrBusy)
	}
	b.closed = true
	return nil
}

// loadError puts the name of the model in front.
func loadError(m optimize.Model, err error) error {
	if path := m.Path(); path != "" {
		return fmt.Errorf("onnx: %s: %w", filepath.Base(path), err)
	}
	return fmt.Errorf("onnx: %w", err)
}

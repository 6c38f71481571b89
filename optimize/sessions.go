package optimize

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/quintet-ai/quintet"
)

// Sample returns inputs for a first run of a session that takes what infos say.
// It is called after each load and must be safe for concurrent use.
type Sample func(infos []TensorInfo) ([]Tensor, error)

// SessionStats is a snapshot of the models of a [Runtime].
type SessionStats struct {
	Sessions   int   `json:"sessions"`    // models that are loaded or that somebody refers to
	Loaded     int   `json:"loaded"`      // models in memory now
	References int   `json:"references"`  // sessions handed out and not closed
	Running    int   `json:"running"`     // calls of Run under way
	Bytes      int64 `json:"bytes"`       // memory of loaded models and those being loaded
	Hits       int64 `json:"hits"`        // times that a model was wanted and there
	Loads      int64 `json:"loads"`       // loads begun
	LoadErrors int64 `json:"load_errors"` // of these, failed
	Unloads    int64 `json:"unloads"`     // models taken out of memory
	Waits      int64 `json:"waits"`       // loads that had to wait for others to finish running
}

// Session returns a session of m on the runtime's backend. Sessions of models
// with the same digest and equal options share one loaded model, if they have
// weights outside of the ONNX file only from the same path; the first one
// loads it, and callers at the same time wait for one load. The end of a ctx
// frees its caller only. A failed load is not remembered.
//
// The session refers to the model until it is closed. A model that does not run
// may be out of memory meanwhile, because of MemoryBudget or IdleUnload; the next
// Run loads it again and fails if that fails. When the last reference is given
// back, the model is unloaded, with IdleUnload after that time.
//
// The runtime's observer gets an event of the pipeline "session" for each load,
// with the Op "Load", the wait for memory as Queued and the error, and for each
// "Unload". A load that did not get its first choice of backend or device is
// followed by a "Fallback" whose Err is the reason; while somebody refers to the
// model, later loads for the same reason are not.
//
// A session has a method Reason() error that says why a better backend or device
// was not used, nil if the first choice was; see [Prefer].
//
// It fails with what [Backend] Load fails with, with [quintet.ErrUnsupported] if
// the runtime has no backend, with [quintet.ErrOption] if MemoryBudget is too
// small for the model alone, and with [quintet.ErrClosed].
func (rt *Runtime) Session(ctx context.Context, m Model, o SessionOptions) (Session, error) {
	return rt.WarmSession(ctx, m, o, nil)
}

// WarmSession is [Runtime.Session] with a first run after every load, so that a
// device that fails only then, or compiles, does so before the first caller. The
// sample of the first session of a model counts; nil means none.
func (rt *Runtime) WarmSession(ctx context.Context, m Model, o SessionOptions, sample Sample) (Session, error) {
	s := rt.sessions
	if s.backend == nil {
		return nil, fmt.Errorf("optimize: no backend, set Options.Backend: %w", quintet.ErrUnsupported)
	}
	if m.files == nil {
		return nil, errNoModel
	}
	data, digest, err := m.files.read()
	if err != nil {
		return nil, err
	}
	sh := s.refer(sessionKey{digest, m.place(), o}, m, sample)
	_, err = s.pin(ctx, sh)
	runtime.KeepAlive(data) // the backend gets this, not the file again
	if err != nil {
		_ = s.giveBack(sh)
		return nil, fmt.Errorf("optimize: %w", err)
	}
	s.unpin(sh)
	return &handle{all: s, sh: sh}, nil
}

// SessionStats returns a snapshot.
func (rt *Runtime) SessionStats() SessionStats {
	s := rt.sessions
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Bytes, stats.Sessions = s.bytes, len(s.all)
	for _, sh := range s.all {
		if sh.session != nil {
			stats.Loaded++
		}
		stats.References += sh.refs
		stats.Running += sh.running
	}
	return stats
}

// Close waits for running sessions and unloads every model; later calls of
// Session, and of Run on its sessions, return [quintet.ErrClosed]. Pipelines that
// need no session work on. The backend stays open: it belongs to the program.
// Closing twice is harmless. A runtime that made no session needs no Close.
func (rt *Runtime) Close() error { return rt.sessions.close() }

// handle is a reference to a shared model.
type handle struct {
	all *sessions
	sh  *shared

	mu      sync.Mutex // guards closed and the start of running
	closed  bool
	running sync.WaitGroup
}

// about reads what the last load said.
func (h *handle) about() (inputs, outputs []TensorInfo, device string, reason error) {
	h.all.mu.Lock()
	defer h.all.mu.Unlock()
	return h.sh.inputs, h.sh.outputs, h.sh.device, h.sh.reason
}

// Inputs implements [Session].
func (h *handle) Inputs() []TensorInfo {
	inputs, _, _, _ := h.about()
	return inputs
}

// Outputs implements [Session].
func (h *handle) Outputs() []TensorInfo {
	_, outputs, _, _ := h.about()
	return outputs
}

// Device implements [Session].
func (h *handle) Device() string {
	_, _, device, _ := h.about()
	return device
}

// Reason says why a better backend or device was not used.
func (h *handle) Reason() error {
	_, _, _, reason := h.about()
	return reason
}

// Run implements [Session].
func (h *handle) Run(ctx context.Context, inputs []Tensor) ([]Tensor, error) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, quintet.ErrClosed
	}
	h.running.Add(1)
	h.mu.Unlock()
	defer h.running.Done()
	session, err := h.all.pin(ctx, h.sh)
	if err != nil {
		return nil, err
	}
	defer h.all.unpin(h.sh)
	return session.Run(ctx, inputs)
}

// Close implements [Session].
func (h *handle) Close() error {
	h.mu.Lock()
	again := h.closed
	h.closed = true
	h.mu.Unlock()
	h.running.Wait()
	if again {
		return nil
	}
	return h.all.giveBack(h.sh)
}

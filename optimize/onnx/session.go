//go:build cgo

package onnx

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
	ort "github.com/yalue/onnxruntime_go"
)

// session is a model on a device.
type session struct {
	ort     *ort.DynamicAdvancedSession
	device  device
	inputs  []slot
	outputs []slot
	bytes   int64
	reason  error  // why the devices before did not take it
	release func() // tells the backend

	mu      sync.Mutex // guards closed and the start of running
	closed  bool
	running sync.WaitGroup
	scratch sync.Pool // of *values, empty
	freed   sync.Once
}

var _ optimize.Session = (*session)(nil)

// openOn makes a session on one device.
func (b *Backend) openOn(d device, src *source, threads int) (*session, error) {
	o, err := b.sessionOptions(d, threads, src.folder)
	if err != nil {
		return nil, err
	}
	defer o.Destroy()
	s := &session{device: d, inputs: src.inputs, outputs: src.outputs, bytes: src.bytes + overhead, release: func() {}}
	in, out := src.names()
	s.ort, err = ort.NewDynamicAdvancedSessionWithONNXData(src.data, in, out, o)
	if err != nil {
		return nil, openError(d, err)
	}
	return s, nil
}

func (s *session) Inputs() []optimize.TensorInfo  { return infos(s.inputs) }
func (s *session) Outputs() []optimize.TensorInfo { return infos(s.outputs) }
func (s *session) Device() string                 { return s.device.String() }

// Reason says why the session is not on the first device of the options, nil if
// it is. A runtime hands it on.
func (s *session) Reason() error { return s.reason }

// overhead is what a session takes beside its weights. Of five published models of
// 149 to 765 nodes it took 1.5 to 5.3 MiB, seen by the C library's own count.
const overhead = 4 << 20

// Bytes is the memory that the session takes after it was loaded: its weights, in
// whatever files they were, and an allowance of 4 MiB. The buffers that runs leave
// in ONNX Runtime's arena come on top; see [Options.NoArena].
func (s *session) Bytes() int64 { return s.bytes }

// infos is a copy that callers may change.
func infos(slots []slot) []optimize.TensorInfo {
	list := make([]optimize.TensorInfo, len(slots))
	for i, s := range slots {
		list[i] = s.TensorInfo
		list[i].Shape, list[i].Names = slices.Clone(s.Shape), slices.Clone(s.Names)
	}
	return list
}

// Run implements [optimize.Session].
func (s *session) Run(ctx context.Context, inputs []optimize.Tensor) ([]optimize.Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !s.enter() {
		return nil, quintet.ErrClosed
	}
	defer s.running.Done()
	if len(inputs) != len(s.inputs) {
		return nil, fmt.Errorf("got %d inputs, model has %d: %w", len(inputs), len(s.inputs), quintet.ErrInput)
	}
	v, _ := s.scratch.Get().(*values)
	if v == nil {
		v = &values{}
	}
	defer func() {
		v.free()
		s.scratch.Put(v)
	}()
	for i, t := range inputs {
		if err := s.inputs[i].Check(t); err != nil {
			return nil, err
		}
		if err := v.add(t); err != nil {
			return nil, fmt.Errorf("input %s: %w", s.inputs[i].Name, err)
		}
	}
	for _, o := range s.outputs {
		if err := v.expect(o); err != nil {
			return nil, fmt.Errorf("output %s: %w", o.Name, err)
		}
	}
	if err := s.call(ctx, v); err != nil {
		return nil, runError(ctx, err)
	}
	outputs := make([]optimize.Tensor, len(s.outputs))
	for i, o := range s.outputs {
		var err error
		if outputs[i], err = v.tensor(i, o); err != nil {
			return nil, fmt.Errorf("output %s: %w", o.Name, err)
		}
	}
	return outputs, nil
}

// call runs the model and returns when C no longer looks at v. Each run has its
// own options, since a flag to terminate stays set.
func (s *session) call(ctx context.Context, v *values) error {
	if ctx.Done() == nil {
		return s.ort.RunWithOptions(v.in, v.out, nil)
	}
	o, err := ort.NewRunOptions()
	if err != nil {
		return err
	}
	defer o.Destroy()
	terminated := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		o.Terminate() // fails only on options that are gone
		close(terminated)
	})
	err = s.ort.RunWithOptions(v.in, v.out, o)
	if !stop() {
		<-terminated // it still looks at o
	}
	return err
}

// trial runs the model once on zeros, with 1 for each dimension that is free.
func (s *session) trial() error {
	inputs := make([]optimize.Tensor, len(s.inputs))
	for i, in := range s.inputs {
		shape := slices.Clone(in.Shape)
		for d, n := range shape {
			if n < 0 {
				shape[d] = 1
			}
		}
		var err error
		if inputs[i], err = zeros(in.DType, shape); err != nil {
			return err
		}
	}
	_, err := s.Run(context.Background(), inputs)
	return err
}

func zeros(d optimize.DType, shape []int) (optimize.Tensor, error) {
	switch d {
	case optimize.Float32:
		return optimize.Zeros[float32](shape...)
	case optimize.Float16:
		return optimize.Zeros[optimize.Half](shape...)
	case optimize.Int64:
		return optimize.Zeros[int64](shape...)
	case optimize.Int32:
		return optimize.Zeros[int32](shape...)
	case optimize.Int8:
		return optimize.Zeros[int8](shape...)
	case optimize.Uint8:
		return optimize.Zeros[uint8](shape...)
	case optimize.Bool:
		return optimize.Zeros[bool](shape...)
	}
	return optimize.Zeros[string](shape...)
}

// enter counts a run, unless the session is closed.
func (s *session) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}

// Close implements [optimize.Session].
func (s *session) Close() (err error) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.running.Wait()
	s.freed.Do(func() {
		if e := s.ort.Destroy(); e != nil {
			err = fmt.Errorf("onnx: %w", e)
		}
		trim()
		s.release()
	})
	return err
}

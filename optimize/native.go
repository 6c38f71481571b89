package optimize

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/simd"
)

// NativeOptions configures the native backend. The zero value is good.
type NativeOptions struct {
	// Threads is how many threads one Run may use where
	// [SessionOptions.Threads] does not say. More than one makes single large
	// inputs faster and nothing else; a service that is busy wants 1.
	// Default: 1.
	Threads int

	// MaxRunBytes bounds the memory that the intermediate values of one Run
	// take, and that of its outputs. A run that needs more is [quintet.ErrInput].
	// Default: 4 GiB.
	MaxRunBytes int64
}

func (o NativeOptions) withDefaults() (NativeOptions, error) {
	if o.Threads < 0 || o.MaxRunBytes < 0 {
		return o, fmt.Errorf("optimize: negative Threads or MaxRunBytes: %w", quintet.ErrOption)
	}
	if o.Threads == 0 {
		o.Threads = 1
	}
	return o, nil
}

// native is the backend in pure Go.
type native struct{ o NativeOptions }

// NewNative returns the backend that runs ONNX models in Go alone: no shared
// library, no cgo. It is what a [Runtime] uses unless its options name another.
//
// It refuses at Load, with [quintet.ErrUnsupported], a model with operators or types
// that it does not have; the error lists the nodes. [Prefer] then asks another
// backend. Bad options are [quintet.ErrOption]; a machine that stores the high byte
// of a number first is ErrUnsupported.
//
// A session maps the model's file into memory where the system can, so a file must
// not be changed in place while a session has it open. Sessions take the size of the
// weights, once, beside what runs need.
func NewNative(o NativeOptions) (Backend, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if !tensor.LittleEndian {
		return nil, fmt.Errorf("optimize: the native backend on %s: %w", runtime.GOARCH, quintet.ErrUnsupported)
	}
	return &native{o}, nil
}

// Name implements [Backend].
func (n *native) Name() string { return "native" }

// Devices implements [Backend].
func (n *native) Devices() []Device {
	detail := fmt.Sprintf("%s/%s, %s", runtime.GOOS, runtime.GOARCH, simd.Kernels())
	return []Device{{Name: "cpu", Kind: DeviceCPU, Backend: n.Name(), Detail: detail, Available: true}}
}

// Close implements [Backend].
func (n *native) Close() error { return nil }

// Load implements [Backend].
func (n *native) Load(ctx context.Context, m Model, o SessionOptions) (Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.Device != "" && o.Device != "cpu" && o.Device != "cpu:0" {
		return nil, fmt.Errorf("the native backend has no device %s, only cpu: %w", o.Device, quintet.ErrUnsupported)
	}
	if o.Threads < 0 {
		return nil, fmt.Errorf("%d threads: %w", o.Threads, quintet.ErrOption)
	}
	if o.Threads == 0 {
		o.Threads = n.o.Threads
	}
	file, err := mapModel(m)
	if err != nil {
		return nil, err
	}
	program, err := nn.Load(file.model, nn.Options{Threads: o.Threads, MaxBytes: n.o.MaxRunBytes})
	if err != nil {
		file.close()
		return nil, err
	}
	file.rest()
	s := &nativeSession{program: program, file: file}
	if s.inputs, err = nativeInfos(program.Inputs()); err == nil {
		s.outputs, err = nativeInfos(program.Outputs())
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// nativeSession is a model on the native backend.
type nativeSession struct {
	program *nn.Program
	file    *mappedModel
	inputs  []TensorInfo
	outputs []TensorInfo

	mu      sync.Mutex // guards closed and the start of running
	closed  bool
	running sync.WaitGroup
	calls   sync.Pool // of *nativeCall
	freed   sync.Once
}

// Inputs implements [Session].
func (s *nativeSession) Inputs() []TensorInfo { return cloneInfos(s.inputs) }

// Outputs implements [Session].
func (s *nativeSession) Outputs() []TensorInfo { return cloneInfos(s.outputs) }

// Device implements [Session].
func (s *nativeSession) Device() string { return "cpu" }

// Bytes is the memory that the session takes now.
func (s *nativeSession) Bytes() int64 { return s.program.Bytes() }

// Run implements [Session].
func (s *nativeSession) Run(ctx context.Context, inputs []Tensor) ([]Tensor, error) {
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
	call, _ := s.calls.Get().(*nativeCall)
	if call == nil {
		call = newNativeCall(len(inputs))
	}
	defer s.calls.Put(call)
	for i, t := range inputs {
		if err := s.inputs[i].Check(t); err != nil {
			return nil, err
		}
		toNative(call.in[i], t)
	}
	defer call.forget()
	outputs := make([]Tensor, len(s.outputs))
	if err := s.program.RunTo(ctx, call.in, func(i int, t tensor.Tensor) { outputs[i] = fromNative(t) }); err != nil {
		return nil, err
	}
	return outputs, nil
}

// nativeCall is the inputs of a run as the engine knows them.
type nativeCall struct {
	values []tensor.Tensor
	in     []*tensor.Tensor // to the values
}

func newNativeCall(inputs int) *nativeCall {
	c := &nativeCall{make([]tensor.Tensor, inputs), make([]*tensor.Tensor, inputs)}
	for i := range c.values {
		c.in[i] = &c.values[i]
	}
	return c
}

// forget lets go of the caller's memory.
func (c *nativeCall) forget() { clear(c.values) }

// enter counts a run, unless the session is closed.
func (s *nativeSession) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}

// Close implements [Session].
func (s *nativeSession) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.running.Wait()
	s.freed.Do(func() {
		s.program.Close()
		s.file.close()
	})
	return nil
}

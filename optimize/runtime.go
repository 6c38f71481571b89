package optimize

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/simd"
)

// Options configures a [Runtime]. The zero value is a good CPU runtime.
type Options struct {
	// Workers bounds how many items run at once, over all pipelines of the
	// runtime. Default: GOMAXPROCS.
	Workers int

	// Backend loads models. The program that made it closes it, after the
	// runtime. Default: that of [NewNative], which is pure Go; it needs no
	// closing. Where that is not to be had, on machines that store the high
	// byte first, pipelines that need a model are refused.
	Backend Backend

	// MemoryBudget bounds the bytes of the models in memory. A model that
	// would exceed it makes others leave. What a model takes is known only
	// when it is loaded, so the bound may be exceeded until running models
	// have finished. Default: no bound.
	MemoryBudget int64

	// IdleUnload is how long a model that nobody uses stays in memory, those
	// too that no session refers to. Default: as long as a session refers to
	// it, and no longer.
	IdleUnload time.Duration

	// Observer receives an event for each call of a pipeline, and for each
	// load, unload and fallback of a model. Default: none.
	Observer quintet.Observer
}

func (o Options) withDefaults() (Options, error) {
	if o.Workers < 0 {
		return o, fmt.Errorf("optimize: Workers is %d: %w", o.Workers, quintet.ErrOption)
	}
	if o.MemoryBudget < 0 || o.IdleUnload < 0 {
		return o, fmt.Errorf("optimize: negative MemoryBudget or IdleUnload: %w", quintet.ErrOption)
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Backend == nil {
		if b, err := NewNative(NativeOptions{}); err == nil {
			o.Backend = b
		}
	}
	return o, nil
}

// Runtime is what pipelines share. It outlives them and needs no Close unless it
// loaded models: it holds no goroutine and, but for these, no memory outside the
// garbage collector's reach. It is safe for concurrent use.
type Runtime struct {
	opt      Options
	slots    chan struct{}
	sessions *sessions
}

// New returns a runtime, or an error wrapping [quintet.ErrOption].
func New(o Options) (*Runtime, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Runtime{
		opt:   o,
		slots: make(chan struct{}, o.Workers),
		sessions: &sessions{
			backend: o.Backend, budget: o.MemoryBudget, idle: o.IdleUnload, observer: o.Observer,
			all: map[sessionKey]*shared{},
		},
	}, nil
}

// Default returns the process-wide CPU runtime used by pipelines whose options
// name none. It is made on first use.
var Default = sync.OnceValue(func() *Runtime {
	rt, err := New(Options{})
	if err != nil {
		panic("optimize: zero options must be valid: " + err.Error())
	}
	return rt
})

// Workers returns how many items run at once.
func (rt *Runtime) Workers() int { return rt.opt.Workers }

// Device is a processor that pipelines can run on.
type Device struct {
	Name      string     `json:"name"`             // as options name it, such as "cpu"
	Kind      DeviceKind `json:"kind"`             // what it is
	Backend   string     `json:"backend"`          // the code that drives it, such as "native"
	Detail    string     `json:"detail,omitempty"` // for people: platform and kernels in use
	Available bool       `json:"available"`        // it can be used
	Reason    string     `json:"reason,omitempty"` // why it cannot
}

// DeviceKind tells processors apart.
type DeviceKind string

// The kinds of devices. A backend may have others.
const (
	DeviceCPU DeviceKind = "cpu" // the processor that the program itself runs on
	DeviceGPU DeviceKind = "gpu" // a graphics processor
	DeviceNPU DeviceKind = "npu" // a processor made for neural networks, or what picks one
)

// Devices returns the devices of the backend, best first as it has them, and then
// the processor that runs what needs no model, unless the backend has that.
func (rt *Runtime) Devices() []Device {
	detail := fmt.Sprintf("%s/%s, %d workers, %s", runtime.GOOS, runtime.GOARCH, rt.opt.Workers, simd.Kernels())
	own := Device{Name: "cpu", Kind: DeviceCPU, Backend: "native", Detail: detail, Available: true}
	if rt.opt.Backend == nil {
		return []Device{own}
	}
	all := slices.Clone(rt.opt.Backend.Devices())
	if !slices.ContainsFunc(all, func(d Device) bool { return d.Name == own.Name && d.Backend == own.Backend }) {
		all = append(all, own)
	}
	return all
}

// A slot is the right to run one item. The context of a step carries the slot it
// runs in, so that a step may call another pipeline of the same runtime: the
// inner call runs in the slot of the outer one and cannot deadlock with it.
type slotKey struct{ rt *Runtime }

// acquire waits for a slot. It returns the context for the step and whether a
// slot was taken that release must give back.
func (rt *Runtime) acquire(ctx context.Context) (inner context.Context, taken bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	if rt.holdsSlot(ctx) {
		return ctx, false, nil
	}
	select {
	case rt.slots <- struct{}{}: // the common case costs no look at ctx.Done
	default:
		select {
		case rt.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
	return rt.inSlot(ctx), true, nil
}

// try takes a slot if one is free.
func (rt *Runtime) try() bool {
	select {
	case rt.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// inSlot returns the context of a step that runs in a slot.
func (rt *Runtime) inSlot(ctx context.Context) context.Context {
	return context.WithValue(ctx, slotKey{rt}, true)
}

func (rt *Runtime) holdsSlot(ctx context.Context) bool { return ctx.Value(slotKey{rt}) != nil }

func (rt *Runtime) release(taken bool) {
	if taken {
		<-rt.slots
	}
}

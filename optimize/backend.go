package optimize

import (
	"context"
)

// Backend loads models and runs them on its devices. Backends are values that a
// program puts into [Options]; none registers itself. A Backend is safe for
// concurrent use.
type Backend interface {
	// Name is short and stable, such as "onnxruntime".
	Name() string

	// Devices returns the devices that the backend knows, those it cannot use
	// too, each with the reason.
	Devices() []Device

	// Load makes a session of m. It fails with [quintet.ErrModel] for a file
	// that is damaged, [quintet.ErrUnsupported] for one that the backend or
	// the device cannot run, and [quintet.ErrOption] for options that make no
	// sense. The end of ctx ends the wait for it.
	Load(ctx context.Context, m Model, o SessionOptions) (Session, error)

	// Close releases the backend. Sessions must be closed before.
	Close() error
}

// Session is a loaded model. It is safe for concurrent use: calls of Run may
// overlap, and Close during a Run is safe.
type Session interface {
	// Inputs and Outputs describe what Run takes and gives, in order.
	Inputs() []TensorInfo
	Outputs() []TensorInfo

	// Device is the name of the device that the session runs on.
	Device() string

	// Run computes the outputs of the given inputs, which are as many and in
	// the order of Inputs. Inputs are only read and may be reused after Run
	// has returned, also when ctx ended: Run returns only when nothing reads
	// them any more. The outputs own their memory. An input of the wrong type
	// or shape is [quintet.ErrInput].
	Run(ctx context.Context, inputs []Tensor) ([]Tensor, error)

	// Close waits for running calls and frees the model. Later calls of Run
	// return [quintet.ErrClosed]. Closing twice is harmless.
	Close() error
}

// SessionOptions say how a model is loaded. The zero value is good on a CPU.
// Options are comparable: sessions of the same model and options are shared.
type SessionOptions struct {
	// Device is the first device to try, as [Device] names it, such as
	// "cuda:0". Default: the best that the backend has.
	Device string

	// Strict refuses to fall back to another device.
	Strict bool

	// Threads is how many threads one Run may use. Default: 1, which is the
	// fastest for a service that runs as many inputs at once as it has cores.
	Threads int
}

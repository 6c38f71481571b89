package optimize

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a panic turned into an error, so that a bug in a step fails one
// call and not the process. It is a bug to report, not a cause to act on.
type PanicError struct {
	Err   error  // the panic's value, if it was an error, else an error that prints it
	Stack []byte // as printed by runtime/debug.Stack in the goroutine that panicked
}

// newPanicError is called in the deferred function that recovered v.
func newPanicError(v any) *PanicError {
	err, ok := v.(error)
	if !ok {
		err = fmt.Errorf("%v", v)
	}
	return &PanicError{Err: err, Stack: debug.Stack()}
}

// Error prints the panic's value followed by its stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n\n%s", e.Err, e.Stack) }

// Unwrap returns the panic's value as an error.
func (e *PanicError) Unwrap() error { return e.Err }

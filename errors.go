package quintet

import (
	"errors"
	"iter"
	"strconv"
)

// The causes that a caller can act on. Every error of this module wraps one of
// them, an error of the context, or an error of the operating system; test with
// [errors.Is].
var (
	ErrInput       = errors.New("invalid input")            // the caller's data
	ErrOption      = errors.New("invalid option")           // the caller's configuration
	ErrModel       = errors.New("model cannot be used")     // a file, shape or label set
	ErrUnsupported = errors.New("not supported here")       // no such device, format or build tag
	ErrBusy        = errors.New("too many calls in flight") // try again later
	ErrClosed      = errors.New("closed")                   // used after Close
)

// Error says where a failure happened; Err says why. Engines wrap it around a
// cause exactly once.
type Error struct {
	Op    string // package and method, such as "text.Run"
	Index int    // position in the batch or stream, -1 for a single call
	Err   error
}

// Error prints "op: why", with the index in brackets if there is one.
func (e *Error) Error() string {
	if e.Index < 0 {
		return e.Op + ": " + e.Err.Error()
	}
	return e.Op + " [" + strconv.Itoa(e.Index) + "]: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ItemErrors yields the failed items of a RunBatch error with their index, in
// the order in which they were joined, which is index order for the pipelines of
// this module. It looks through wrapping and joining; an error without an index
// yields nothing.
func ItemErrors(err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) { eachItem(err, yield) }
}

// eachItem reports whether the walk should go on.
func eachItem(err error, yield func(int, error) bool) bool {
	switch e := err.(type) {
	case nil:
	case *Error:
		if e.Index >= 0 {
			return yield(e.Index, e)
		}
		return eachItem(e.Err, yield)
	case interface{ Unwrap() error }:
		return eachItem(e.Unwrap(), yield)
	case interface{ Unwrap() []error }:
		for _, sub := range e.Unwrap() {
			if !eachItem(sub, yield) {
				return false
			}
		}
	}
	return true
}

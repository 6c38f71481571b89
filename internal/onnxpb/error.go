package onnxpb

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// Error says where a file or a tensor is not what it should be; Err says why and
// wraps [quintet.ErrModel].
type Error struct {
	Path   string // such as graph.node[3].attribute[1].name, empty for the file itself
	Offset int    // of the field in the file, in bytes; -1 if the error is not in its syntax
	Err    error
}

// Error prints "path at byte offset: why".
func (e *Error) Error() string {
	switch {
	case e.Offset < 0:
		return fmt.Sprintf("%s: %v", e.Path, e.Err)
	case e.Path == "":
		return fmt.Sprintf("byte %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("%s at byte %d: %v", e.Path, e.Offset, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// within puts the name of the enclosing field in front of the path.
func (e *Error) within(name string) {
	if e.Path != "" {
		name += "." + e.Path
	}
	e.Path = name
}

// wrong is an error about the content of a model.
func wrong(format string, a ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, a...), quintet.ErrModel)
}

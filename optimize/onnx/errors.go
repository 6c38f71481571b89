//go:build cgo

package onnx

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"syscall"

	"github.com/quintet-ai/quintet"
	ort "github.com/yalue/onnxruntime_go"
)

// place is the place in the source of ONNX Runtime that some messages begin with.
var place = regexp.MustCompile(`\S*\.(cc|h|cpp):\d+ [^()]*\([^()]*\)( const)? (\[ONNXRuntimeError\] : \d+ : \w+ : )?`)

// message is what ONNX Runtime said, on one line of a length that can be read.
func message(err error) string {
	s := place.ReplaceAllString(strings.Join(strings.Fields(err.Error()), " "), "")
	for _, call := range []string{"creating C session from file", "creating C session", "running network"} {
		s = strings.TrimPrefix(s, "Error "+call+": ")
	}
	if len(s) > 600 {
		s = strings.ToValidUTF8(s[:600], "") + "..."
	}
	return s
}

func saysAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// openError is the error of a session that could not be made. ONNX Runtime has
// codes for this, but only the text gets through the binding. What is not known
// is blamed on the model, which is where most such errors come from.
func openError(d device, err error) error {
	s := message(err)
	switch {
	case saysAny(s, "Failed to allocate", "bad_alloc", "out of memory"):
		return fmt.Errorf("%s: %w", s, syscall.ENOMEM)
	case saysAny(s, "Could not find an implementation", "NOT_IMPLEMENTED", "not a registered function/op", "No Op registered",
		"Unsupported model IR version", "only *guarantees* support for models", "is under development"):
		return fmt.Errorf("%s: %w", s, quintet.ErrUnsupported)
	case d != cpu && !saysAny(s, "Protobuf parsing failed", "INVALID_PROTOBUF", "INVALID_GRAPH"):
		return fmt.Errorf("%s: %w", s, quintet.ErrUnsupported)
	}
	return fmt.Errorf("%s: %w", s, quintet.ErrModel)
}

// runError is the error of a run. The types and shapes of the inputs were right,
// so what fails is what their values lead to.
func runError(ctx context.Context, err error) error {
	s := message(err)
	switch {
	case ctx.Err() != nil && strings.Contains(s, "terminate flag"):
		return ctx.Err()
	case errors.Is(err, ort.ZeroShapeLengthError):
		return fmt.Errorf("an output is a scalar where the model declares no shape: %w", quintet.ErrUnsupported)
	case saysAny(s, "Failed to allocate", "bad_alloc", "out of memory"):
		return fmt.Errorf("%s: %w", s, syscall.ENOMEM)
	case saysAny(s, "CUDA failure", "CUDNN failure", "CUBLAS failure", "NOT_IMPLEMENTED"):
		return fmt.Errorf("%s: %w", s, quintet.ErrUnsupported)
	}
	return fmt.Errorf("%s: %w", s, quintet.ErrInput)
}

package qdrant

import (
	"context"
	"errors"
	"fmt"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/quintet-ai/quintet"
)

// cause makes one of the causes of this module part of an error. What the server said
// stays in it.
func cause(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, known := range []error{
		quintet.ErrInput, quintet.ErrOption, quintet.ErrUnsupported, quintet.ErrBusy, quintet.ErrClosed,
		context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, known) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", err, causeOf(code(err)))
}

// code is that of the status in an error.
func code(err error) codes.Code {
	var e *pb.QdrantError
	if errors.As(err, &e) {
		err = e.Unwrap()
	}
	return status.Code(err)
}

func causeOf(c codes.Code) error {
	switch c {
	case codes.InvalidArgument, codes.OutOfRange:
		return quintet.ErrInput
	case codes.NotFound, codes.PermissionDenied, codes.Unauthenticated, codes.FailedPrecondition:
		return quintet.ErrOption
	case codes.Unimplemented:
		return quintet.ErrUnsupported
	}
	return quintet.ErrBusy
}

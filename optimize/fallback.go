package optimize

import (
	"context"
	"errors"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// Fallback returns a step that calls first and, as long as that fails, the
// others in order, and returns the first result. It lets a remote service be
// replaced by another one or by a local model; around local models alone it
// hides what should be mended.
//
// Errors that are the caller's own end the search, since they would come back:
// [quintet.ErrInput], [quintet.ErrOption] and the end of ctx. If nothing
// succeeded, the error joins those of all that were called, in order.
func Fallback[In, Out any](first Step[In, Out], others ...Step[In, Out]) Step[In, Out] {
	steps := append([]Step[In, Out]{first}, others...) // the caller may change its slice
	return func(ctx context.Context, in In) (Out, error) {
		var zero Out
		var failed []error
		for _, f := range steps {
			if err := ctx.Err(); err != nil {
				failed = append(failed, err)
				break
			}
			out, err := f(ctx, in)
			if err == nil {
				return out, nil
			}
			failed = append(failed, err)
			if errors.Is(err, quintet.ErrInput) || errors.Is(err, quintet.ErrOption) {
				break
			}
		}
		if len(failed) == 1 {
			return zero, failed[0]
		}
		return zero, fmt.Errorf("%d errors in a row: %w", len(failed), errors.Join(failed...))
	}
}

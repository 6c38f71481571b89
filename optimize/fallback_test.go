package optimize_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

func TestFallback(t *testing.T) {
	tests := map[string]struct {
		errs    []error
		calls   int
		message string
	}{
		"the first succeeds":             {[]error{nil, errRemote}, 1, ""},
		"the last succeeds":              {[]error{errRemote, quintet.ErrModel, nil}, 3, ""},
		"an open breaker":                {[]error{quintet.ErrBusy, nil}, 2, ""},
		"a closed one":                   {[]error{quintet.ErrClosed, nil}, 2, ""},
		"a deadline of its own":          {[]error{context.DeadlineExceeded, nil}, 2, ""},
		"invalid input":                  {[]error{quintet.ErrInput, nil}, 1, "invalid input"},
		"an invalid option":              {[]error{quintet.ErrOption, nil}, 1, "invalid option"},
		"only one, which fails":          {[]error{errRemote}, 1, "connection refused"},
		"all fail":                       {[]error{errRemote, quintet.ErrModel}, 2, "2 errors in a row: connection refused\nmodel cannot be used"},
		"the second finds fault with it": {[]error{errRemote, quintet.ErrInput, nil}, 2, "2 errors in a row: connection refused\ninvalid input"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			calls := 0
			var steps []optimize.Step[int, int]
			for _, err := range tt.errs {
				steps = append(steps, func(_ context.Context, n int) (int, error) {
					calls++
					return n, err
				})
			}
			out, err := optimize.Fallback(steps[0], steps[1:]...)(background, 7)
			require.Equal(t, tt.calls, calls)
			if tt.message == "" {
				require.NoError(t, err)
				require.Equal(t, 7, out)
				return
			}
			require.EqualError(t, err, tt.message)
			for _, cause := range tt.errs[:calls] {
				require.ErrorIs(t, err, cause)
			}
			require.Zero(t, out)
		})
	}
}

func TestFallbackEndsWithTheContext(t *testing.T) {
	ending, cancel := context.WithCancel(background)
	calls := 0
	first := func(context.Context, int) (int, error) {
		cancel()
		return 0, errRemote
	}
	_, err := optimize.Fallback(first, failing(&calls))(ending, 0)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, errRemote)
	require.Zero(t, calls)
}

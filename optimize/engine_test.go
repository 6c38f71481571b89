package optimize_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
)

// half refuses odd numbers.
func half(_ context.Context, n int) (int, error) {
	if n%2 != 0 {
		return 0, fmt.Errorf("%d is odd: %w", n, quintet.ErrInput)
	}
	return n / 2, nil
}

func runtimeWith(t *testing.T, o optimize.Options) *optimize.Runtime {
	t.Helper()
	rt, err := optimize.New(o)
	require.NoError(t, err)
	return rt
}

func TestEngineContract(t *testing.T) {
	pipetest.Contract(t, pipetest.Case[int, int]{
		Name: "half",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[int, int] {
			return optimize.NewEngine(runtimeWith(t, optimize.Options{Workers: 3, Observer: o}), "half", half)
		},
		Good: []int{2, 4, 6, 8, 10},
		Bad:  []int{1, 3},
	})
}

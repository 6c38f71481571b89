package quintet_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
)

func item(i int, err error) error { return &quintet.Error{Op: "text.RunBatch", Index: i, Err: err} }

func TestErrorSaysWhereAndWhy(t *testing.T) {
	require.EqualError(t, item(3, quintet.ErrInput), "text.RunBatch [3]: invalid input")
	require.EqualError(t, item(-1, quintet.ErrBusy), "text.RunBatch: too many calls in flight")
	require.ErrorIs(t, fmt.Errorf("mail 7: %w", item(3, quintet.ErrInput)), quintet.ErrInput)
}

func TestItemErrors(t *testing.T) {
	a, b, c := item(0, quintet.ErrInput), item(2, quintet.ErrModel), item(5, quintet.ErrBusy)
	tests := map[string]struct {
		err  error
		want []error
	}{
		"nil":                         {nil, nil},
		"no item":                     {quintet.ErrClosed, nil},
		"one":                         {a, []error{a}},
		"joined":                      {errors.Join(a, b, c), []error{a, b, c}},
		"wrapped and joined twice":    {fmt.Errorf("x: %w", errors.Join(a, errors.Join(b, c))), []error{a, b, c}},
		"inside an error of a call":   {item(-1, errors.Join(a, b)), []error{a, b}},
		"beside errors of other kind": {errors.Join(quintet.ErrBusy, b), []error{b}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []error
			for i, err := range quintet.ItemErrors(tt.err) {
				var e *quintet.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, e.Index, i)
				got = append(got, err)
			}
			require.Equal(t, tt.want, got)
		})
	}
	for range quintet.ItemErrors(errors.Join(a, b, c)) {
		break // must not panic
	}
}

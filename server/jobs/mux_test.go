package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
)

func nothing(context.Context, struct{}) (struct{}, error) { return struct{}{}, nil }

func TestRegisterRefuses(t *testing.T) {
	m := jobs.NewMux()
	require.NoError(t, jobs.Register(m, "b", nothing, jobs.KindOptions{}))
	require.NoError(t, jobs.Register(m, "a", nothing, jobs.KindOptions{}))
	require.Equal(t, []string{"a", "b"}, m.Kinds())
	require.ErrorIs(t, jobs.Register(m, "a", nothing, jobs.KindOptions{}), quintet.ErrOption)
	require.ErrorIs(t, jobs.Register(m, "", nothing, jobs.KindOptions{}), quintet.ErrOption)
	require.ErrorIs(t, jobs.Register(m, "c", nothing, jobs.KindOptions{Timeout: -1}), quintet.ErrOption)
	require.ErrorIs(t, jobs.Register[int, int](m, "d", nil, jobs.KindOptions{}), quintet.ErrOption)
}

func TestPauseDoublesUpToItsBound(t *testing.T) {
	o := jobs.KindOptions{Backoff: time.Second, MaxBackoff: 10 * time.Second}
	for attempt, most := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 4: 8 * time.Second, 5: 10 * time.Second, 1000: 10 * time.Second} {
		var longest time.Duration
		for range 200 {
			d := o.Pause(attempt)
			require.LessOrEqual(t, d, most)
			require.GreaterOrEqual(t, d, time.Duration(0))
			longest = max(longest, d)
		}
		require.Greater(t, longest, most/2, "chance spreads it over the whole")
	}
}

func TestPermanent(t *testing.T) {
	require.NoError(t, jobs.Permanent(nil))
	cause := errors.New("gone")
	err := fmt.Errorf("x: %w", jobs.Permanent(cause))
	require.True(t, jobs.IsPermanent(err))
	require.ErrorIs(t, err, cause)
	require.False(t, jobs.IsPermanent(cause))
}

func TestResultOfAJobThatIsNotDone(t *testing.T) {
	_, err := jobs.Result[int](jobs.Info{State: jobs.Running})
	require.ErrorIs(t, err, quintet.ErrBusy)
	_, err = jobs.Result[int](jobs.Info{State: jobs.Done, Result: json.RawMessage(`"text"`)})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = jobs.NewSpec("x", make(chan int))
	require.ErrorIs(t, err, quintet.ErrInput)
}

// A spec that passes Check survives JSON.
func FuzzSpec(f *testing.F) {
	f.Add(`{"kind":"x","args":{"a":1},"priority":"high","max_attempts":3}`)
	f.Add(`{"kind":"","priority":"normal"}`)
	f.Add(`{"kind":"x","priority":"highest"}`)
	f.Fuzz(func(t *testing.T, s string) {
		var a, b jobs.Spec
		if json.Unmarshal([]byte(s), &a) != nil || a.Check(1<<20) != nil {
			return
		}
		out, err := json.Marshal(a)
		if err != nil {
			return // a year that RFC 3339 cannot write
		}
		require.NoError(t, json.Unmarshal(out, &b))
		require.Equal(t, a.Kind, b.Kind)
		require.Equal(t, a.Priority, b.Priority)
		require.NoError(t, b.Check(1<<20))
	})
}

package optimize_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/optimize"
)

// shelf is a second level in memory that can be told to fail.
type shelf struct {
	mu     sync.Mutex
	values map[string]string
	ttls   map[string]time.Duration
	broken error
	left   time.Duration // told to the first level
}

func (s *shelf) Load(_ context.Context, k string) (string, time.Duration, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.values[k]
	return v, s.left, ok, s.broken
}

func (s *shelf) Store(_ context.Context, k, v string, ttl time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken == nil {
		s.values[k], s.ttls[k] = v, ttl
	}
	return s.broken
}

func (s *shelf) Delete(_ context.Context, k string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, k)
	return s.broken
}

func newShelf() *shelf { return &shelf{values: map[string]string{}, ttls: map[string]time.Duration{}} }

func TestTierIsAskedBeforeLoadAndFilledAfterIt(t *testing.T) {
	tier := newShelf()
	now := new(clock)
	open := func() *optimize.Cache[string, string] {
		return newCache(t, optimize.CacheOptions[string, string]{TTL: time.Minute, Tier: tier, Now: now.Now})
	}
	a, b := open(), open()
	v, err := a.Do(t.Context(), "k", value("loaded"))
	require.NoError(t, err)
	require.Equal(t, "loaded", v)
	require.Eventually(t, func() bool {
		tier.mu.Lock()
		defer tier.mu.Unlock()
		return tier.values["k"] == "loaded" && tier.ttls["k"] == time.Minute
	}, 5*time.Second, time.Millisecond, "the value reaches the second level after it reached the caller")

	tier.left = time.Second
	v, err = b.Do(t.Context(), "k", value("never called"))
	require.NoError(t, err)
	require.Equal(t, "loaded", v)
	require.EqualValues(t, 1, b.Stats().TierHits)
	require.EqualValues(t, 0, b.Stats().Loads)
	now.Advance(time.Second)
	_, ok := b.Get("k")
	require.False(t, ok, "what the second level gave for one second is not kept for a minute")

	require.NoError(t, a.Forget(t.Context(), "k"))
	v, err = a.Do(t.Context(), "k", value("again"))
	require.NoError(t, err)
	require.Equal(t, "again", v)
}

func TestABrokenTierIsAMiss(t *testing.T) {
	tier := newShelf()
	tier.broken = errors.New("connection refused")
	c := newCache(t, optimize.CacheOptions[string, string]{Tier: tier})
	v, err := c.Do(t.Context(), "k", value("loaded"))
	require.NoError(t, err)
	require.Equal(t, "loaded", v)
	require.Eventually(t, func() bool { return c.Stats().TierErrors == 2 }, 5*time.Second, time.Millisecond)
	require.ErrorIs(t, c.Forget(t.Context(), "k"), tier.broken)
}

// panicky is a tier with a bug.
type panicky struct{ *shelf }

func (panicky) Store(context.Context, string, string, time.Duration) error { panic("bug") }

func TestAPanicOfATierKillsNobody(t *testing.T) {
	c := newCache(t, optimize.CacheOptions[string, string]{Tier: panicky{newShelf()}})
	v, err := c.Do(t.Context(), "k", value("loaded"))
	require.NoError(t, err)
	require.Equal(t, "loaded", v)
	require.Eventually(t, func() bool { return c.Stats().TierErrors == 1 }, 5*time.Second, time.Millisecond)
}

package rediscache_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/rediscache"
)

// server is a Redis of the test's own.
type server struct {
	*exec.Cmd
	addr string
}

// start runs Debian's redis-server in memory.
func start(t testing.TB, extra ...string) *server {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	s := &server{addr: addr}
	s.run(t, program, extra...)
	t.Cleanup(func() { _ = s.Process.Kill(); _ = s.Wait() })
	return s
}

func (s *server) run(t testing.TB, program string, extra ...string) {
	_, port, err := net.SplitHostPort(s.addr)
	require.NoError(t, err)
	s.Cmd = exec.Command(program, append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir()}, extra...)...)
	require.NoError(t, s.Start())
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", s.addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	}, 10*time.Second, 5*time.Millisecond)
}

func connect(t testing.TB, o rediscache.ClientOptions) *rediscache.Client {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second // the machine may be busy; what is quick is tested apart
	}
	c, err := rediscache.Connect(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func tier(t testing.TB, c *rediscache.Client, o rediscache.TierOptions[string, []float32]) *rediscache.Tier[string, []float32] {
	t.Helper()
	x, err := rediscache.NewTier(c, o)
	require.NoError(t, err)
	return x
}

func TestTierStoresLoadsAndDeletes(t *testing.T) {
	s := start(t)
	x := tier(t, connect(t, rediscache.ClientOptions{Addresses: []string{s.addr}}), rediscache.TierOptions[string, []float32]{Prefix: "v:"})
	ctx := t.Context()
	_, _, ok, err := x.Load(ctx, "a")
	require.NoError(t, err)
	require.False(t, ok)
	want := []float32{1, -2.5, 3e-9}
	require.NoError(t, x.Store(ctx, "a", want, time.Minute))
	got, left, ok, err := x.Load(ctx, "a")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, want, got)
	require.Greater(t, left, 50*time.Second)
	require.NoError(t, x.Store(ctx, "b", want, 0))
	_, left, ok, err = x.Load(ctx, "b")
	require.NoError(t, err)
	require.True(t, ok)
	require.Zero(t, left, "for ever")
	require.NoError(t, x.Delete(ctx, "a"))
	_, _, ok, err = x.Load(ctx, "a")
	require.NoError(t, err)
	require.False(t, ok)
	require.NoError(t, x.Store(ctx, "c", want, time.Millisecond))
	require.Eventually(t, func() bool { _, _, ok, err := x.Load(ctx, "c"); return err == nil && !ok }, 5*time.Second, time.Millisecond)
}

func TestValuesOfOthersAreErrorsNotAnswers(t *testing.T) {
	s := start(t)
	raw := redis.NewClient(&redis.Options{Addr: s.addr})
	defer raw.Close()
	x := tier(t, connect(t, rediscache.ClientOptions{Addresses: []string{s.addr}}), rediscache.TierOptions[string, []float32]{MaxValue: 100})
	ctx := t.Context()
	for name, v := range map[string]string{"nonsense": "hello", "long": strings.Repeat("x", 1000), "a length of 2^60": "\x0c\xff\x81\x02\x01\x02\xff\x82\x00\x01\x08\x00\x00\xf8\x10\x00\x00\x00\x00\x00\x00\x00"} {
		require.NoError(t, raw.Set(ctx, name, v, 0).Err())
		_, _, ok, err := x.Load(ctx, name)
		require.ErrorIs(t, err, quintet.ErrInput, name)
		require.False(t, ok)
	}
	require.NoError(t, raw.LPush(ctx, "a list", "1").Err())
	_, _, ok, err := x.Load(ctx, "a list")
	require.Error(t, err)
	require.False(t, ok)
	require.ErrorIs(t, x.Store(ctx, "k", make([]float32, 1000), 0), quintet.ErrInput)
}

// cache is a cache over a tier, as another process would have.
func cache(t testing.TB, x *rediscache.Tier[string, []float32]) *optimize.Cache[string, []float32] {
	t.Helper()
	c, err := optimize.NewCache(optimize.CacheOptions[string, []float32]{TTL: time.Minute, Tier: x})
	require.NoError(t, err)
	return c
}

func TestTwoProcessesShareWhatOneLoaded(t *testing.T) {
	s := start(t)
	client := connect(t, rediscache.ClientOptions{Addresses: []string{s.addr}})
	x := tier(t, client, rediscache.TierOptions[string, []float32]{})
	v, err := cache(t, x).Do(t.Context(), "k", func(context.Context) ([]float32, error) { return []float32{1}, nil })
	require.NoError(t, err)
	require.Equal(t, []float32{1}, v)
	require.Eventually(t, func() bool { _, _, ok, err := x.Load(t.Context(), "k"); return err == nil && ok }, 5*time.Second, time.Millisecond)
	v, err = cache(t, x).Do(t.Context(), "k", func(context.Context) ([]float32, error) { return nil, errors.New("loaded twice") })
	require.NoError(t, err)
	require.Equal(t, []float32{1}, v)
}

func TestHungAndDeadServersAreMisses(t *testing.T) {
	s := start(t)
	client := connect(t, rediscache.ClientOptions{Addresses: []string{s.addr}, Timeout: 100 * time.Millisecond})
	x := tier(t, client, rediscache.TierOptions[string, []float32]{})
	ask := func(name string) {
		t.Helper()
		c := cache(t, x)
		begin := time.Now()
		for i := range 50 {
			v, err := c.Do(t.Context(), fmt.Sprint(name, i), func(context.Context) ([]float32, error) { return []float32{2}, nil })
			require.NoError(t, err)
			require.Equal(t, []float32{2}, v)
		}
		require.Less(t, time.Since(begin), 5*time.Second, "50 calls of 0.1 s each would take that long")
		require.Positive(t, c.Stats().TierErrors)
	}
	require.NoError(t, s.Process.Signal(syscall.SIGSTOP))
	ask("hung")
	require.Error(t, client.Ping(t.Context()))
	require.NoError(t, s.Process.Signal(syscall.SIGCONT))
	well := func() bool {
		return x.Store(t.Context(), "k", []float32{1}, 0) == nil && client.Ping(t.Context()) == nil
	}
	require.Eventually(t, well, 20*time.Second, 50*time.Millisecond, "it recovers by itself")
	require.NoError(t, s.Process.Kill())
	require.Error(t, s.Wait())
	ask("dead")
	s.run(t, s.Path)
	require.Eventually(t, well, 20*time.Second, 50*time.Millisecond, "also from a restart")
}

func TestLimiterHoldsForAllProcesses(t *testing.T) {
	s := start(t)
	var limiters []*rediscache.Limiter
	for range 2 {
		l, err := rediscache.NewLimiter(connect(t, rediscache.ClientOptions{Addresses: []string{s.addr}}), rediscache.LimiterOptions{Rate: 0.01, Burst: 20})
		require.NoError(t, err)
		limiters = append(limiters, l)
	}
	var mu sync.Mutex
	taken := 0
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			wait, err := limiters[i%2].Take(t.Context(), "ann", 1)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			} else if wait == 0 {
				taken++
			} else if wait > 100*time.Second {
				t.Error(wait)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 20, taken)
	wait, err := limiters[0].Take(t.Context(), "bob", 20)
	require.NoError(t, err)
	require.Zero(t, wait)
	for _, cost := range []float64{0, -1, 21} {
		_, err = limiters[0].Take(t.Context(), "bob", cost)
		require.ErrorIs(t, err, quintet.ErrInput)
	}
	quick, err := rediscache.NewLimiter(connect(t, rediscache.ClientOptions{Addresses: []string{s.addr}}), rediscache.LimiterOptions{Rate: 100, Burst: 1, Prefix: "q:"})
	require.NoError(t, err)
	wait, err = quick.Take(t.Context(), "ann", 1)
	require.NoError(t, err)
	require.Zero(t, wait)
	require.Eventually(t, func() bool { w, err := quick.Take(t.Context(), "ann", 1); return err == nil && w == 0 }, 5*time.Second, time.Millisecond)
}

func TestCluster(t *testing.T) {
	var addrs []string
	for range 3 {
		addrs = append(addrs, start(t, "--cluster-enabled", "yes").addr)
	}
	out, err := exec.Command("redis-cli", append([]string{"--cluster", "create", "--cluster-yes"}, addrs...)...).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("no redis-cli")
	}
	require.NoError(t, err, "%s", out)
	x := tier(t, connect(t, rediscache.ClientOptions{Addresses: addrs[:1], Cluster: true}), rediscache.TierOptions[string, []float32]{})
	require.Eventually(t, func() bool { return x.Store(t.Context(), "first", []float32{1}, 0) == nil }, 30*time.Second, 100*time.Millisecond)
	for i := range 30 { // keys of all three nodes
		k := fmt.Sprint("key", i)
		require.NoError(t, x.Store(t.Context(), k, []float32{float32(i)}, time.Minute))
		v, _, ok, err := x.Load(t.Context(), k)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, []float32{float32(i)}, v)
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	_, err := rediscache.Connect(rediscache.ClientOptions{Timeout: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	c, err := rediscache.Connect(rediscache.ClientOptions{})
	require.NoError(t, err)
	require.NoError(t, c.Close())
	require.NoError(t, c.Close())
	_, err = rediscache.NewTier[string, int](nil, rediscache.TierOptions[string, int]{})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = rediscache.NewTier(c, rediscache.TierOptions[string, int]{Encode: func(int) ([]byte, error) { return nil, nil }})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = rediscache.NewTier(c, rediscache.TierOptions[string, int]{MaxValue: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = rediscache.NewLimiter(c, rediscache.LimiterOptions{})
	require.ErrorIs(t, err, quintet.ErrOption)
}

// BenchmarkLoad is the time that a hit of the second level takes.
func BenchmarkLoad(b *testing.B) {
	s := start(b)
	x := tier(b, connect(b, rediscache.ClientOptions{Addresses: []string{s.addr}}), rediscache.TierOptions[string, []float32]{})
	require.NoError(b, x.Store(b.Context(), "k", make([]float32, 384), 0))
	for b.Loop() {
		if _, _, ok, err := x.Load(b.Context(), "k"); err != nil || !ok {
			b.Fatal(err)
		}
	}
}

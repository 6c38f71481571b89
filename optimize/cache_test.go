package optimize_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

func newCache[K comparable, V any](t testing.TB, o optimize.CacheOptions[K, V]) *optimize.Cache[K, V] {
	t.Helper()
	c, err := optimize.NewCache(o)
	require.NoError(t, err)
	return c
}

// clock is a time that moves when it is told to.
type clock struct{ nanos atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Unix(0, c.nanos.Load()) }
func (c *clock) Advance(d time.Duration) { c.nanos.Add(int64(d)) }
func value(v string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return v, nil }
}

func TestNewCacheRejects(t *testing.T) {
	for name, o := range map[string]optimize.CacheOptions[int, int]{
		"negative entries":      {Entries: -1},
		"negative bytes":        {Bytes: -1},
		"negative TTL":          {TTL: -1},
		"negative negative TTL": {NegativeTTL: -1},
		"bytes without a cost":  {Bytes: 1},
		"unknown policy":        {Policy: 7},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := optimize.NewCache(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func TestCacheKeepsItsBounds(t *testing.T) {
	for name, policy := range map[string]optimize.Policy{"2Q": optimize.TwoQueue, "LRU": optimize.LRU} {
		t.Run(name, func(t *testing.T) {
			c := newCache(t, optimize.CacheOptions[int, int]{
				Entries: 50, Bytes: 300, Policy: policy,
				Cost: func(_, v int) int64 { return int64(v) },
			})
			for i := range 5000 {
				k, cost := i*7919%200, i%13
				c.Add(k, cost)
				got, ok := c.Get(k)
				require.True(t, ok, "what was just added is there")
				require.Equal(t, cost, got)
				s := c.Stats()
				require.LessOrEqual(t, s.Entries, 50)
				require.LessOrEqual(t, s.Bytes, int64(300))
				var sum int64
				n := 0
				for _, v := range c.All() {
					sum += int64(v)
					n++
				}
				require.Equal(t, s.Bytes, sum)
				require.Equal(t, s.Entries, n)
			}
			c.Add(1000, 301)
			_, ok := c.Get(1000)
			require.False(t, ok, "a value above the bound is not stored")
			require.EqualValues(t, 1, c.Stats().Rejected)
			c.Add(1001, 100)
			c.Add(1001, 301)
			_, ok = c.Get(1001)
			require.False(t, ok, "nor is the value that it was to replace kept")
			c.Clear()
			require.Zero(t, c.Len())
			require.Zero(t, c.Stats().Bytes)
		})
	}
}

func TestCacheOfOneEntry(t *testing.T) {
	for _, policy := range []optimize.Policy{optimize.TwoQueue, optimize.LRU} {
		c := newCache(t, optimize.CacheOptions[int, int]{Entries: 1, Policy: policy})
		for i := range 10 {
			c.Add(i, i)
			v, ok := c.Get(i)
			require.True(t, ok)
			require.Equal(t, i, v)
			require.Equal(t, 1, c.Len())
		}
	}
}

// The cache must agree with a plain map that never evicts and never expires.
func FuzzCacheAgreesWithAMap(f *testing.F) {
	f.Add([]byte("abcABC123"), false)
	f.Add([]byte{0, 0, 1, 1, 2, 2, 255, 254, 3, 0}, true)
	f.Fuzz(func(t *testing.T, ops []byte, lru bool) {
		policy := optimize.TwoQueue
		if lru {
			policy = optimize.LRU
		}
		c := newCache(t, optimize.CacheOptions[byte, int]{Entries: 1000, Policy: policy})
		model := map[byte]int{}
		for i, op := range ops {
			k := op & 15
			switch op >> 6 {
			case 0, 1:
				c.Add(k, i)
				model[k] = i
			case 2:
				_, had := model[k]
				if c.Delete(k) != had {
					t.Fatalf("op %d: Delete(%d) should be %v", i, k, had)
				}
				delete(model, k)
			}
			got, ok := c.Get(k)
			if want, had := model[k]; ok != had || got != want {
				t.Fatalf("op %d: Get(%d) = %d, %v; want %d, %v", i, k, got, ok, want, had)
			}
		}
		if c.Len() != len(model) {
			t.Fatalf("Len %d, want %d", c.Len(), len(model))
		}
	})
}

func TestCacheExpires(t *testing.T) {
	now := new(clock)
	c := newCache(t, optimize.CacheOptions[string, int]{TTL: time.Minute, Now: now.Now})
	c.Add("default", 1)
	c.AddFor("short", 2, time.Second)
	c.AddFor("ever", 3, 0)
	c.AddFor("endless", 4, math.MaxInt64)
	now.Advance(time.Second)
	_, ok := c.Get("short")
	require.False(t, ok)
	now.Advance(58 * time.Second)
	_, ok = c.Get("default")
	require.True(t, ok)
	now.Advance(time.Second)
	_, ok = c.Get("default")
	require.False(t, ok)
	now.Advance(1000 * time.Hour)
	for _, k := range []string{"ever", "endless"} {
		_, ok = c.Get(k)
		require.True(t, ok, k)
	}
	c.AddFor("ever", 5, -1)
	_, ok = c.Get("ever")
	require.False(t, ok, "a negative TTL deletes")
	s := c.Stats()
	require.EqualValues(t, 2, s.Expirations)
	require.Equal(t, 1, s.Entries)
}

func TestCacheExpiresOnItsOwnClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, optimize.CacheOptions[string, int]{TTL: time.Minute})
		c.Add("a", 1)
		time.Sleep(59 * time.Second)
		_, ok := c.Get("a")
		require.True(t, ok)
		time.Sleep(time.Second + 20*time.Millisecond)
		_, ok = c.Get("a")
		require.False(t, ok)
	})
}

func TestAKeyThatIsNotItselfIsNotStored(t *testing.T) {
	c := newCache(t, optimize.CacheOptions[float64, int]{Entries: 3})
	for range 100 {
		c.Add(math.NaN(), 1)
		v, err := c.Do(t.Context(), math.NaN(), func(context.Context) (int, error) { return 2, nil })
		require.NoError(t, err)
		require.Equal(t, 2, v)
	}
	require.Zero(t, c.Len())
	c.Add(1, 1)
	require.Equal(t, 1, c.Len())
}

func TestDoLoadsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, optimize.CacheOptions[string, string]{})
		release := make(chan struct{})
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				v, err := c.Do(t.Context(), "k", func(context.Context) (string, error) {
					<-release
					return "v", nil
				})
				require.NoError(t, err)
				require.Equal(t, "v", v)
			})
		}
		synctest.Wait()
		close(release)
		wg.Wait()
		v, err := c.Do(t.Context(), "k", value("never called"))
		require.NoError(t, err)
		require.Equal(t, "v", v)
		require.Equal(t, optimize.CacheStats{Hits: 1, Misses: 100, Joined: 99, Loads: 1, Entries: 1}, c.Stats())
	})
}

func TestAWaitersContextFreesOnlyTheWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, optimize.CacheOptions[string, string]{})
		release := make(chan struct{})
		type key struct{}
		first, leave := context.WithCancel(context.WithValue(t.Context(), key{}, "carried"))
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := c.Do(first, "k", func(ctx context.Context) (string, error) {
				require.Equal(t, "carried", ctx.Value(key{}))
				<-release
				return "v", ctx.Err()
			})
			require.ErrorIs(t, err, context.Canceled)
		})
		synctest.Wait()
		wg.Go(func() {
			v, err := c.Do(t.Context(), "k", value("never called"))
			require.NoError(t, err)
			require.Equal(t, "v", v, "the first caller's end did not hurt the second")
		})
		synctest.Wait()
		leave()
		synctest.Wait()
		close(release)
		wg.Wait()
	})
}

func TestALoadThatNobodyWaitsForIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, optimize.CacheOptions[string, string]{})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			_, err := c.Do(ctx, "k", func(ctx context.Context) (string, error) {
				<-ctx.Done()
				close(ended)
				return "late", nil
			})
			require.ErrorIs(t, err, context.Canceled)
		}()
		synctest.Wait()
		cancel()
		<-ended
		v, err := c.Do(t.Context(), "k", value("afresh"))
		require.NoError(t, err)
		require.Equal(t, "afresh", v)
		synctest.Wait()
		v, _ = c.Get("k")
		require.Equal(t, "afresh", v)
		_, err = c.Do(ctx, "other", value("never called"))
		require.ErrorIs(t, err, context.Canceled, "a caller whose ctx has ended starts nothing")
	})
}

func TestErrorsOfLoad(t *testing.T) {
	now := new(clock)
	boom := errors.New("boom")
	fail := func(context.Context) (string, error) { return "half", boom }
	t.Run("are not remembered by default", func(t *testing.T) {
		c := newCache(t, optimize.CacheOptions[string, string]{Now: now.Now})
		v, err := c.Do(t.Context(), "k", fail)
		require.Equal(t, boom, err)
		require.Empty(t, v)
		v, err = c.Do(t.Context(), "k", value("v"))
		require.NoError(t, err)
		require.Equal(t, "v", v)
	})
	t.Run("are remembered for NegativeTTL", func(t *testing.T) {
		c := newCache(t, optimize.CacheOptions[string, string]{Now: now.Now, NegativeTTL: time.Second})
		_, err := c.Do(t.Context(), "k", fail)
		require.Equal(t, boom, err)
		_, err = c.Do(t.Context(), "k", value("v"))
		require.Equal(t, boom, err)
		_, ok := c.Get("k")
		require.False(t, ok, "Get has no value to give")
		for range c.All() {
			t.Fatal("All has no value to give")
		}
		now.Advance(time.Second)
		v, err := c.Do(t.Context(), "k", value("v"))
		require.NoError(t, err)
		require.Equal(t, "v", v)
	})
	for name, load := range map[string]func(context.Context) (string, error){
		"a panic":            func(context.Context) (string, error) { panic("bug") },
		"an end of the load": func(context.Context) (string, error) { runtime.Goexit(); return "", nil },
		"a cancelled load":   func(context.Context) (string, error) { return "", context.Canceled },
	} {
		t.Run(name+" is an error that is never remembered", func(t *testing.T) {
			c := newCache(t, optimize.CacheOptions[string, string]{NegativeTTL: time.Hour})
			_, err := c.Do(t.Context(), "k", load)
			require.Error(t, err)
			v, err := c.Do(t.Context(), "k", value("v"))
			require.NoError(t, err)
			require.Equal(t, "v", v)
		})
	}
	t.Run("a panic carries its stack", func(t *testing.T) {
		c := newCache(t, optimize.CacheOptions[string, string]{})
		_, err := c.Do(t.Context(), "k", func(context.Context) (string, error) { panic(boom) })
		var p *optimize.PanicError
		require.ErrorAs(t, err, &p)
		require.ErrorIs(t, err, boom)
		require.Contains(t, string(p.Stack), "TestErrorsOfLoad")
	})
	t.Run("a panic of Cost is an error too", func(t *testing.T) {
		c := newCache(t, optimize.CacheOptions[string, string]{Bytes: 1, Cost: func(_, _ string) int64 { panic(boom) }})
		_, err := c.Do(t.Context(), "k", value("v"))
		require.ErrorIs(t, err, boom)
	})
}

func TestDeleteAndAddBeatALoadUnderWay(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*optimize.Cache[string, string])
		want   string
		ok     bool
	}{
		"Delete": {func(c *optimize.Cache[string, string]) { c.Delete("k") }, "", false},
		"Clear":  {func(c *optimize.Cache[string, string]) { c.Clear() }, "", false},
		"Forget": {func(c *optimize.Cache[string, string]) { _ = c.Forget(context.Background(), "k") }, "", false},
		"Add":    {func(c *optimize.Cache[string, string]) { c.Add("k", "new") }, "new", true},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCache(t, optimize.CacheOptions[string, string]{})
			v, err := c.Do(t.Context(), "k", func(context.Context) (string, error) {
				tt.change(c)
				return "old", nil
			})
			require.NoError(t, err)
			require.Equal(t, "old", v, "who waited gets what was loaded")
			v, ok := c.Get("k")
			require.Equal(t, tt.ok, ok)
			require.Equal(t, tt.want, v)
		})
	}
}

func TestCacheUnderLoad(t *testing.T) {
	c := newCache(t, optimize.CacheOptions[int, int]{Entries: 64, TTL: time.Millisecond, NegativeTTL: time.Millisecond})
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				k := (i*31 + g) % 100
				switch i % 5 {
				case 0:
					c.Add(k, k)
				case 1:
					c.Delete(k)
				case 2:
					if v, ok := c.Get(k); ok && v != k {
						t.Errorf("Get(%d) = %d", k, v)
					}
				default:
					v, err := c.Do(context.Background(), k, func(context.Context) (int, error) {
						if k%10 == 0 {
							return 0, boom
						}
						return k, nil
					})
					if err == nil && v != k || err != nil && !errors.Is(err, boom) {
						t.Errorf("Do(%d) = %d, %v", k, v, err)
					}
				}
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, c.Len(), 64)
}

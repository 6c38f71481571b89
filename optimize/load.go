package optimize

import (
	"context"
	"errors"
	"time"
)

// loading is a load under way. result is final once done is closed.
type loading[V any] struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiters int // guarded by the cache's lock
	result  *entry[V]
}

var errGoexit = errors.New("load ended its goroutine")

// Do returns the value of k, from the cache, from its second level, or from
// load, whose value it stores. Callers that ask for the same key at the same
// time share one load. A panic of load is returned as a [*PanicError].
//
// The end of a caller's ctx frees that caller only. load runs in a goroutine of
// its own with a context that carries the values of the first caller's and ends
// when nobody waits any more. An error is returned to all who waited and is
// remembered for NegativeTTL.
func (c *Cache[K, V]) Do(ctx context.Context, k K, load func(context.Context) (V, error)) (V, error) {
	now := c.nanos()
	c.mu.Lock()
	if e := c.lookup(k, now); e != nil {
		c.stats.Hits++
		c.mu.Unlock()
		return e.value, e.err
	}
	c.stats.Misses++
	if err := ctx.Err(); err != nil {
		c.mu.Unlock()
		var zero V
		return zero, err
	}
	f, ok := c.flights[k]
	if ok {
		c.stats.Joined++
	} else {
		f = c.launch(ctx, k, load)
	}
	f.waiters++
	c.mu.Unlock()

	select {
	case <-f.done:
		return f.result.value, f.result.err
	case <-ctx.Done():
		c.leave(k, f)
		var zero V
		return zero, ctx.Err()
	}
}

// launch starts a load. The caller holds the lock.
func (c *Cache[K, V]) launch(ctx context.Context, k K, load func(context.Context) (V, error)) *loading[V] {
	f := &loading[V]{done: make(chan struct{})}
	ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if k == k { // a NaN could never be found, nor taken out again
		c.flights[k] = f
	}
	go c.fly(ctx, k, f, load)
	return f
}

// fly does the work of a load and hands its result out, even if load ends the
// goroutine.
func (c *Cache[K, V]) fly(ctx context.Context, k K, f *loading[V], load func(context.Context) (V, error)) {
	defer f.cancel()
	result, loaded := &entry[V]{err: errGoexit}, false
	defer func() {
		c.finish(k, f, result)
		if loaded && c.opt.Tier != nil {
			c.storeTier(ctx, k, result.value)
		}
	}()
	result, loaded = c.fetch(ctx, k, load)
}

// fetch asks the second level, then load. loaded says that the value is news to
// the second level. A panic of the caller's code becomes the entry's error.
func (c *Cache[K, V]) fetch(ctx context.Context, k K, load func(context.Context) (V, error)) (e *entry[V], loaded bool) {
	defer func() {
		if v := recover(); v != nil {
			e, loaded = &entry[V]{err: newPanicError(v)}, false
			c.count(&c.stats.LoadErrors)
		}
	}()
	if v, left, ok := c.loadTier(ctx, k); ok {
		return c.newEntry(k, v, nil, left), false
	}
	c.count(&c.stats.Loads)
	v, err := load(ctx)
	if err != nil {
		c.count(&c.stats.LoadErrors)
		return c.newEntry(k, *new(V), err, c.opt.NegativeTTL), false
	}
	return c.newEntry(k, v, nil, c.opt.TTL), true
}

// leave takes a caller out of a load; the last one cancels it.
func (c *Cache[K, V]) leave(k K, f *loading[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiters--; f.waiters > 0 {
		return
	}
	f.cancel()
	if c.flights[k] == f {
		delete(c.flights, k) // the next caller starts afresh
	}
}

// loadTier returns the value that the second level has, and how long it is
// valid.
func (c *Cache[K, V]) loadTier(ctx context.Context, k K) (v V, left time.Duration, ok bool) {
	if c.opt.Tier == nil {
		return v, 0, false
	}
	v, left, ok, err := c.opt.Tier.Load(ctx, k)
	switch {
	case err != nil:
		c.count(&c.stats.TierErrors)
		return v, 0, false
	case ok:
		c.count(&c.stats.TierHits)
	}
	if left <= 0 {
		left = c.opt.TTL
	}
	return v, left, ok
}

func (c *Cache[K, V]) storeTier(ctx context.Context, k K, v V) {
	defer func() {
		if recover() != nil {
			c.count(&c.stats.TierErrors)
		}
	}()
	if err := c.opt.Tier.Store(ctx, k, v, c.opt.TTL); err != nil {
		c.count(&c.stats.TierErrors)
	}
}

// count adds one to a figure of c.stats.
func (c *Cache[K, V]) count(n *int64) {
	c.mu.Lock()
	*n++
	c.mu.Unlock()
}

// finish stores the result, unless k was deleted or set meanwhile, and frees the
// waiters.
func (c *Cache[K, V]) finish(k K, f *loading[V], result *entry[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flights[k] == f {
		delete(c.flights, k)
		if result.err == nil || c.opt.NegativeTTL > 0 && memorable(result.err) {
			c.put(k, result)
		}
	}
	f.result = result
	close(f.done)
}

// memorable reports whether a later load would probably fail the same way.
func memorable(err error) bool {
	var p *PanicError
	return err != errGoexit && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &p)
}

package optimize

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

// CacheOptions configures a [Cache]. The zero value is a 2Q cache of 10,000
// entries that never expire.
type CacheOptions[K comparable, V any] struct {
	// Entries bounds the number of entries. Default: 10,000, or no bound if
	// Bytes is set.
	Entries int

	// Bytes bounds the sum of Cost over all entries; it needs Cost. A value
	// that costs more than Bytes alone is not stored. Default: no bound.
	Bytes int64

	// Cost returns the bytes that an entry takes. It must not be negative,
	// must not change while the entry is stored, and must not call the cache.
	Cost func(K, V) int64

	// TTL is how long a value is valid. Default: for ever.
	TTL time.Duration

	// NegativeTTL is how long [Cache.Do] answers with the error of a failed
	// load instead of loading again. Errors of a context and panics are never
	// remembered. Default: not at all.
	NegativeTTL time.Duration

	// Policy says which entry has to go when the cache is full. Default:
	// TwoQueue.
	Policy Policy

	// Tier is a slower second level that [Cache.Do] asks before it loads, such
	// as a server shared by several processes. Default: none.
	Tier Tier[K, V]

	// Now tells the time. Default: a clock that is at most about 10 ms late
	// and costs a nanosecond.
	Now func() time.Time
}

func (o CacheOptions[K, V]) withDefaults() (CacheOptions[K, V], error) {
	switch {
	case o.Entries < 0 || o.Bytes < 0 || o.TTL < 0 || o.NegativeTTL < 0:
		return o, fmt.Errorf("optimize: negative limit of a cache: %w", quintet.ErrOption)
	case o.Bytes > 0 && o.Cost == nil:
		return o, fmt.Errorf("optimize: a cache bounded by Bytes needs Cost: %w", quintet.ErrOption)
	case o.Policy != TwoQueue && o.Policy != LRU:
		return o, fmt.Errorf("optimize: unknown cache policy %d: %w", o.Policy, quintet.ErrOption)
	}
	if o.Entries == 0 && o.Bytes == 0 {
		o.Entries = 10_000
	}
	return o, nil
}

// Tier is a second level of a [Cache]. Its methods are called from many
// goroutines at once and should bound their own time. An error of a tier is
// counted and otherwise treated as a miss: a dead tier costs time, never answers.
type Tier[K comparable, V any] interface {
	// Load returns the value of k and how much longer it is valid; 0 means
	// the TTL of the cache. ok is false if the tier has no such value.
	Load(ctx context.Context, k K) (v V, left time.Duration, ok bool, err error)

	// Store puts v for k; ttl 0 means for ever.
	Store(ctx context.Context, k K, v V, ttl time.Duration) error

	// Delete drops k.
	Delete(ctx context.Context, k K) error
}

// CacheStats is a snapshot of what a [Cache] did since it was made.
type CacheStats struct {
	Hits        int64 `json:"hits"`        // lookups answered by a stored value or error
	Misses      int64 `json:"misses"`      // the other lookups
	Joined      int64 `json:"joined"`      // of the misses: waited for the load of another caller
	Loads       int64 `json:"loads"`       // load functions called
	LoadErrors  int64 `json:"load_errors"` // of these, failed
	TierHits    int64 `json:"tier_hits"`   // values found in the second level
	TierErrors  int64 `json:"tier_errors"` // failed calls of the second level
	Evictions   int64 `json:"evictions"`   // entries that had to make room
	Expirations int64 `json:"expirations"` // entries found too old
	Rejected    int64 `json:"rejected"`    // values that were not stored: cost above Bytes, or a key not equal to itself
	Entries     int   `json:"entries"`     // stored now; expired ones count until somebody asks for them
	Bytes       int64 `json:"bytes"`       // their summed cost
}

// HitRatio returns the hits' share of all lookups, 0 before the first.
func (s CacheStats) HitRatio() float64 {
	if s.Hits == 0 {
		return 0
	}
	return float64(s.Hits) / float64(s.Hits+s.Misses)
}

// entry is a value or, from a failed load, an error. It never changes.
type entry[V any] struct {
	value   V
	err     error
	cost    int64
	expires int64 // nanoseconds on the cache's clock, 0 is never
}

// Cache maps keys to values within bounds of entries, bytes and age. It is safe
// for concurrent use, holds no goroutine and needs no Close.
//
// Values are handed out as they were put in: if V is a slice or a pointer, all
// callers share it. Every method costs O(1) but [Cache.All] and [Cache.Clear];
// one mutex guards the cache, held for tens of nanoseconds.
type Cache[K comparable, V any] struct {
	opt   CacheOptions[K, V]
	nanos func() int64 // the clock

	mu      sync.Mutex
	entries *store[K, *entry[V]]
	bytes   int64
	flights map[K]*loading[V] // loads under way
	stats   CacheStats
}

// NewCache returns an empty cache, or an error wrapping [quintet.ErrOption].
func NewCache[K comparable, V any](o CacheOptions[K, V]) (*Cache[K, V], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Cache[K, V]{opt: o, flights: map[K]*loading[V]{}}
	if o.Now != nil {
		start := o.Now()
		c.nanos = func() int64 { return int64(o.Now().Sub(start)) + 1 }
	} else {
		c.nanos = newCoarseClock().nanos
	}
	c.reset()
	return c, nil
}

func (c *Cache[K, V]) reset() {
	c.bytes = 0
	c.entries = newStore[K, *entry[V]](c.opt.Policy, c.opt.Entries)
}

// Get returns the value of k if there is a valid one. It looks in this cache
// only; see [Cache.Do] for the second level.
func (c *Cache[K, V]) Get(k K) (v V, ok bool) {
	now := c.nanos()
	c.mu.Lock()
	if e := c.lookup(k, now); e != nil && e.err == nil {
		v, ok = e.value, true
		c.stats.Hits++
	} else {
		c.stats.Misses++
	}
	c.mu.Unlock()
	return v, ok
}

// lookup returns the valid entry of k, or nil, and drops an expired one.
func (c *Cache[K, V]) lookup(k K, now int64) *entry[V] {
	e, ok := c.entries.use(k)
	if ok && e.expires != 0 && now >= e.expires {
		c.drop(k)
		c.stats.Expirations++
		return nil
	}
	return e
}

// Add puts v for k, valid for the TTL of the cache, and evicts others if there
// is no room. It does not touch the second level.
func (c *Cache[K, V]) Add(k K, v V) { c.AddFor(k, v, c.opt.TTL) }

// AddFor is Add with a TTL of its own; 0 means for ever, a negative one deletes k.
func (c *Cache[K, V]) AddFor(k K, v V, ttl time.Duration) {
	if ttl < 0 {
		c.Delete(k)
		return
	}
	e := c.newEntry(k, v, nil, ttl)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, k) // a load under way is older than v: its waiters get it, the cache does not
	c.put(k, e)
}

func (c *Cache[K, V]) newEntry(k K, v V, err error, ttl time.Duration) *entry[V] {
	e := &entry[V]{value: v, err: err}
	if ttl > 0 {
		e.expires = c.nanos() + int64(ttl)
		if e.expires < 0 {
			e.expires = 0 // so far away that it overflows: for ever
		}
	}
	if c.opt.Cost != nil && err == nil {
		e.cost = max(0, c.opt.Cost(k, v))
	}
	return e
}

// put stores e for k within the bounds. The caller holds the lock.
func (c *Cache[K, V]) put(k K, e *entry[V]) {
	if k != k { // a NaN could never be found again
		c.stats.Rejected++
		return
	}
	if c.opt.Bytes > 0 && e.cost > c.opt.Bytes {
		c.drop(k) // it is out of date now
		c.stats.Rejected++
		return
	}
	if old, ok := c.entries.replace(k, e); ok {
		c.bytes += e.cost - old.cost
		c.makeRoom(0, 0, false)
		return
	}
	again := c.entries.again(k)
	c.makeRoom(1, e.cost, again)
	c.entries.add(k, e, again)
	c.bytes += e.cost
}

// makeRoom evicts until n more entries of the given cost fit.
func (c *Cache[K, V]) makeRoom(n int, cost int64, again bool) {
	for c.opt.Entries > 0 && c.entries.len()+n > c.opt.Entries ||
		c.opt.Bytes > 0 && c.bytes+cost > c.opt.Bytes {
		e, ok := c.entries.evict(again)
		if !ok {
			return
		}
		c.bytes -= e.cost
		c.stats.Evictions++
	}
}

func (c *Cache[K, V]) drop(k K) bool {
	e, ok := c.entries.remove(k)
	if ok {
		c.bytes -= e.cost
	}
	return ok
}

// Delete drops k and reports whether it was there. A load of k that is under way
// reaches its waiters but is not stored. The second level keeps its value; see
// [Cache.Forget].
func (c *Cache[K, V]) Delete(k K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, k)
	return c.drop(k)
}

// Forget is Delete on both levels. The error is that of the second one.
func (c *Cache[K, V]) Forget(ctx context.Context, k K) error {
	c.Delete(k)
	if c.opt.Tier == nil {
		return nil
	}
	return c.opt.Tier.Delete(ctx, k)
}

// Clear drops every entry of this cache. Loads under way are not stored.
func (c *Cache[K, V]) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.flights)
	c.reset()
}

// Len returns the number of entries, expired ones included until somebody asks
// for them.
func (c *Cache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries.len()
}

// All yields the valid entries as they were when the loop began, in no useful
// order, without counting a use. The cache may be changed in the loop.
func (c *Cache[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		type pair struct {
			k K
			v V
		}
		now := c.nanos()
		c.mu.Lock()
		all := make([]pair, 0, c.entries.len())
		c.entries.each(func(k K, e *entry[V]) {
			if e.err == nil && (e.expires == 0 || now < e.expires) {
				all = append(all, pair{k, e.value})
			}
		})
		c.mu.Unlock()
		for _, p := range all {
			if !yield(p.k, p.v) {
				return
			}
		}
	}
}

// Stats returns a snapshot.
func (c *Cache[K, V]) Stats() CacheStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Entries, s.Bytes = c.entries.len(), c.bytes
	return s
}

package optimize_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

const accesses = 100_000 // the counts below are for these

// zipf yields keys of 100,000 with exponent s.
func zipf(s float64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		z := rand.NewZipf(synth.Rand(1), s, 1, 99_999)
		for range accesses {
			if !yield(z.Uint64()) {
				return
			}
		}
	}
}

// scans yields a skewed trace that 5,000 keys used once run through now and
// then.
func scans(yield func(uint64) bool) {
	z, next := rand.NewZipf(synth.Rand(2), 1.01, 1, 99_999), uint64(1<<32)
	for i := range accesses {
		k := z.Uint64()
		if i%25_000 > 20_000 {
			next++
			k = next
		}
		if !yield(k) {
			return
		}
	}
}

// shift yields a skewed trace whose popular keys change three times.
func shift(yield func(uint64) bool) {
	z := rand.NewZipf(synth.Rand(3), 1.01, 1, 99_999)
	for i := range accesses {
		if !yield(z.Uint64() + uint64(i/(accesses/4))*1_000_000) {
			return
		}
	}
}

// getAdder is what the caches compared here have in common.
type getAdder interface {
	Get(uint64) (struct{}, bool)
	Add(uint64, struct{})
}

type plainLRU struct{ *lru.Cache[uint64, struct{}] }

func (c plainLRU) Add(k uint64, v struct{}) { c.Cache.Add(k, v) }

func hits(c getAdder, trace []uint64) (n int) {
	for _, k := range trace {
		if _, ok := c.Get(k); ok {
			n++
		} else {
			c.Add(k, struct{}{})
		}
	}
	return n
}

// Our policies must make the choices of golang-lru's caches, hit for hit; their
// exact counts on these seeded traces stand here so that neither can drift.
func TestPoliciesAgreeWithGolangLRU(t *testing.T) {
	tests := map[string]struct {
		trace     iter.Seq[uint64]
		capacity  int
		lru, twoQ int
	}{
		"zipf 1.01, 1,000 entries":       {zipf(1.01), 1000, 52030, 58502},
		"zipf 1.01, 10,000 entries":      {zipf(1.01), 10_000, 72403, 73276},
		"zipf 1.2, 1,000 entries":        {zipf(1.2), 1000, 79083, 82028},
		"zipf 1.2, 10,000 entries":       {zipf(1.2), 10_000, 88703, 88703},
		"scans, 1,000 entries":           {scans, 1000, 41461, 47031},
		"scans, 10,000 entries":          {scans, 10_000, 54152, 56319},
		"shifting, 1,000 entries":        {shift, 1000, 51798, 55541},
		"shifting, 10,000 entries":       {shift, 10_000, 65568, 64904},
		"a capacity that is not even, 7": {zipf(1.2), 7, 25540, 39852},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			plain, err := lru.New[uint64, struct{}](tt.capacity)
			require.NoError(t, err)
			twoQ, err := lru.New2Q[uint64, struct{}](tt.capacity)
			require.NoError(t, err)
			open := func(p optimize.Policy) getAdder {
				return newCache(t, optimize.CacheOptions[uint64, struct{}]{Entries: tt.capacity, Policy: p})
			}
			trace := slices.Collect(tt.trace)
			wantLRU, want2Q := hits(plainLRU{plain}, trace), hits(twoQ, trace)
			require.Equal(t, wantLRU, hits(open(optimize.LRU), trace))
			require.Equal(t, want2Q, hits(open(optimize.TwoQueue), trace))
			require.Equal(t, []int{tt.lru, tt.twoQ}, []int{wantLRU, want2Q}, "golang-lru itself")
		})
	}
}

// Bounded by bytes of equal cost, 2Q must do as well as bounded by entries.
func TestTwoQueueBoundedByBytes(t *testing.T) {
	byEntries := newCache(t, optimize.CacheOptions[uint64, struct{}]{Entries: 1000})
	byBytes := newCache(t, optimize.CacheOptions[uint64, struct{}]{
		Bytes: 8000, Cost: func(uint64, struct{}) int64 { return 8 },
	})
	trace := slices.Collect(zipf(1.01))
	require.InEpsilon(t, hits(byEntries, trace), hits(byBytes, trace), 0.01)
	require.Equal(t, 1000, byBytes.Len())
}

func BenchmarkGet(b *testing.B) {
	keys := make([]string, 256)
	for i := range keys {
		keys[i] = fmt.Sprintf("a key of forty bytes, as digests often are %d", i)
	}
	plain, err := lru.New[string, []byte](1000)
	require.NoError(b, err)
	for _, k := range keys {
		plain.Add(k, nil)
	}
	b.Run("cache=golang-lru", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			plain.Get(keys[i&255])
		}
	})
	for name, policy := range map[string]optimize.Policy{"2Q": optimize.TwoQueue, "LRU": optimize.LRU} {
		c := newCache(b, optimize.CacheOptions[string, []byte]{Entries: 1000, TTL: 1 << 50, Policy: policy})
		for _, k := range keys {
			c.Add(k, nil)
		}
		b.Run("cache=quintet-"+name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				c.Get(keys[i&255])
			}
		})
	}
}

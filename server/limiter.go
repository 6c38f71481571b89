package server

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
)

// limiter keeps a token bucket for each caller, of the 10,000 that were seen last: a
// flood of addresses costs no more memory than that.
type limiter struct {
	rate  rate.Limit
	burst int
	off   bool

	mu      sync.Mutex
	buckets *simplelru.LRU[string, *rate.Limiter]
}

func newLimiter(o Options) (*limiter, error) {
	buckets, err := simplelru.NewLRU[string, *rate.Limiter](10_000, nil)
	if err != nil {
		return nil, fmt.Errorf("rate limit: %w: %w", err, quintet.ErrOption)
	}
	return &limiter{rate: rate.Limit(o.Rate), burst: o.Burst, off: o.NoRate, buckets: buckets}, nil
}

// address bounds how often one address may try to show credentials: ten times what a
// principal may do, so that a proxy's users fit and a guesser does not. An address of
// IPv6 is its network of 64 bits, which is what one customer has.
func (l *limiter) address(a netip.Addr, rt route) error {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			a = p.Addr()
		}
	}
	return l.take("ip "+a.String(), 10*l.rate, 10*l.burst, 1, rt)
}

// principal bounds what one caller may do.
func (l *limiter) principal(p auth.Principal, cost int, rt route) error {
	return l.take("who "+p.Method+p.Owner(), l.rate, l.burst, cost, rt)
}

// wait returns when a caller may do one thing more.
func (l *limiter) wait(ctx context.Context, p auth.Principal) error {
	if l.off {
		return nil
	}
	return l.bucket("who "+p.Method+p.Owner(), l.rate, l.burst).Wait(ctx)
}

// take takes cost from a bucket. A cost that is more than a full bucket takes all of it.
func (l *limiter) take(key string, r rate.Limit, burst, cost int, rt route) error {
	if l.off || rt.quick {
		return nil
	}
	if !l.bucket(key, r, burst).AllowN(time.Now(), min(cost, burst)) {
		return fmt.Errorf("more than %v requests a second: %w", r, errRate)
	}
	return nil
}

func (l *limiter) bucket(key string, r rate.Limit, burst int) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets.Get(key)
	if !ok {
		b = rate.NewLimiter(r, burst)
		l.buckets.Add(key, b)
	}
	return b
}

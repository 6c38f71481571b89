package auth

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/quintet-ai/quintet"
)

// ErrLocked says that too many logins failed. It wraps [quintet.ErrBusy].
var ErrLocked = fmt.Errorf("too many failed logins: %w", quintet.ErrBusy)

// LockOptions bounds how many logins may fail before more are refused without a look
// at the password. An address of IPv6 counts with all of its /64.
type LockOptions struct {
	// Pair bounds those of one name from one address. Default: 5.
	Pair int

	// Address bounds those from one address. Default: 20.
	Address int

	// Subject bounds those of one name from everywhere. It is higher than Pair, for
	// whoever reaches it locks the user out. Default: 50.
	Subject int

	// Window is how long after the last failure that counted logins are refused.
	// Default: 15 min.
	Window time.Duration

	// Capacity bounds how many names and addresses are remembered; those that failed
	// longest ago are forgotten first. Default: 100,000.
	Capacity int
}

func (o LockOptions) withDefaults() (LockOptions, error) {
	if o.Pair < 0 || o.Address < 0 || o.Subject < 0 || o.Window < 0 || o.Capacity < 0 {
		return o, fmt.Errorf("negative bound of failed logins: %w", quintet.ErrOption)
	}
	or := func(v *int, other int) {
		if *v == 0 {
			*v = other
		}
	}
	or(&o.Pair, 5)
	or(&o.Address, 20)
	or(&o.Subject, 50)
	or(&o.Capacity, 100_000)
	if o.Window == 0 {
		o.Window = 15 * time.Minute
	}
	return o, nil
}

// attempts counts logins. A login counts as failed from its beginning, so that many
// at once cannot all be the last one.
type attempts struct {
	opt LockOptions
	now func() time.Time

	mu     sync.Mutex
	counts *simplelru.LRU[attemptKey, attemptCount]
}

// attemptKey has a subject, an address, or both.
type attemptKey struct {
	subject string
	address netip.Prefix
}

type attemptCount struct {
	failed int
	until  time.Time // forgotten then
}

func newAttempts(o LockOptions, now func() time.Time) (*attempts, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	lru, err := simplelru.NewLRU[attemptKey, attemptCount](o.Capacity, nil)
	return &attempts{opt: o, now: now, counts: lru}, err
}

// outcome is how a login ended.
type outcome int

const (
	failed    outcome = iota // it counts
	succeeded                // the failures of the pair are forgotten
	untried                  // as if it had not been
)

// begin counts a login, whose outcome end must be told, or refuses it with
// [ErrLocked].
func (a *attempts) begin(subject string, from netip.Addr) (end func(outcome), err error) {
	bits := 32
	if from = from.Unmap(); from.Is6() {
		bits = 64
	}
	address, err := from.WithZone("").Prefix(bits)
	if err != nil || !from.IsValid() {
		address = netip.PrefixFrom(netip.IPv4Unspecified(), 0) // all that are not known are one
	}
	keys := [3]attemptKey{{subject, address}, {"", address}, {subject, netip.Prefix{}}}
	limits := [3]int{a.opt.Pair, a.opt.Address, a.opt.Subject}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	for i, k := range keys {
		if c, _ := a.counts.Peek(k); c.failed >= limits[i] && now.Before(c.until) {
			return nil, ErrLocked
		}
	}
	for _, k := range keys {
		a.add(k, 1, now)
	}
	return func(o outcome) { a.end(keys, o) }, nil
}

func (a *attempts) end(keys [3]attemptKey, o outcome) {
	if o == failed {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	for _, k := range keys {
		a.add(k, -1, now)
	}
	if o == succeeded {
		a.counts.Remove(keys[0])
	}
}

func (a *attempts) add(k attemptKey, n int, now time.Time) {
	c, _ := a.counts.Peek(k)
	if !now.Before(c.until) {
		c.failed = 0
	}
	if c.failed = max(0, c.failed+n); c.failed == 0 {
		a.counts.Remove(k)
		return
	}
	if n > 0 {
		c.until = now.Add(a.opt.Window)
	}
	a.counts.Add(k, c)
}

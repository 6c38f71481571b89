package vector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/quintet-ai/quintet"
)

// TenantsOptions configures [Tenants]. Collection.Dim is required.
type TenantsOptions struct {
	// Collection configures the collection of every tenant.
	Collection Options

	// MaxOpen is how many tenants of a directory are open at a time, not
	// counting those that are being closed. In memory it says nothing: a
	// tenant that is not on disk stays. Default: 64.
	MaxOpen int
}

func (o TenantsOptions) withDefaults() (TenantsOptions, error) {
	if _, err := o.Collection.withDefaults(); err != nil {
		return o, err
	}
	if o.MaxOpen < 0 {
		return o, fmt.Errorf("vector: MaxOpen is %d: %w", o.MaxOpen, quintet.ErrOption)
	}
	o.MaxOpen = cmp.Or(o.MaxOpen, 64)
	return o, nil
}

// MaxTenantName is the most bytes in the name of a tenant.
const MaxTenantName = 4096

// Tenants are collections with names, each apart from the others: one for every
// customer or user, say. No call in one sees or reads past the items of another. Names
// are any strings of at most [MaxTenantName] bytes, told apart by their bytes, so "A"
// is not "a".
//
// With a directory, a tenant is opened when it is first used, and of those that no
// call uses the one used longest ago is closed to make room for another.
//
// Every method may be called at any time from any goroutine. A call waits for other
// calls on the same tenant where it says so, never for what is done in other
// tenants, except Close. The errors are [quintet.Error] values with the causes of
// those of [Collection].
type Tenants[K Key] struct {
	opt  TenantsOptions
	dir  string    // "" in memory
	lock io.Closer // of the directory

	calls      sync.WaitGroup // that run
	background sync.WaitGroup // goroutines that open and close collections

	mu      sync.Mutex
	closed  bool
	tenants map[string]*tenant[K]
	clock   uint64 // of the last use of any
	trash   uint64 // number of the last directory to be deleted
	lost    error  // the first of closing a tenant in the background
}

// tenant is a collection with the number of its users, or the claim to a name.
type tenant[K Key] struct {
	opened chan struct{} // closed when c or err is there
	c      *Collection[K]
	err    error

	users int           // calls, and the goroutine that opens
	used  uint64        // when it was last left
	gone  chan struct{} // not nil if nobody may enter; closed when the name is free
	idle  chan struct{} // closed when the last user leaves, if somebody waits for that
}

// NewTenants returns an empty set of tenants in memory, or an error wrapping
// [quintet.ErrOption].
func NewTenants[K Key](o TenantsOptions) (*Tenants[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Tenants[K]{opt: o, tenants: map[string]*tenant[K]{}}, nil
}

// OpenTenants opens the tenants in a directory, or makes an empty one, and locks it
// until Close. It opens no tenant yet. The error wraps [quintet.ErrOption],
// [quintet.ErrBusy] if the directory is open elsewhere, [quintet.ErrUnsupported] on a
// system without file locks, or is one of the file system.
//
// Each tenant has a directory of its own, as [Open] makes it, whose name is made of
// that of the tenant: "t-" and the name, with "_" and two hexadecimal digits for each
// byte that is not a lower-case letter, a digit or "-". Where that has more than 120
// bytes it is "h-" and the SHA-256 of the name, which a file "tenant" inside holds.
// Other files in the directory are left alone.
func OpenTenants[K Key](dir string, o TenantsOptions) (*Tenants[K], error) {
	t, err := NewTenants[K](o)
	if err != nil {
		return nil, err
	}
	if t.lock, err = openTenantsDir(dir); err != nil {
		return nil, fail("OpenTenants", -1, err)
	}
	t.dir = dir
	return t, nil
}

// Use calls f with the collection of a tenant and returns what f returns. A tenant
// that is not there is made, empty. It is not closed before f returns. In turn f must
// not close it or keep it, and must not call Use or Drop for the same tenant, or
// Close: these can wait for f.
//
// Use waits until the tenant is open, or dropped, if that is going on. The error is
// [quintet.ErrBusy] if the tenant is not open and as many as TenantsOptions.MaxOpen
// are in use, [quintet.ErrInput] if the name is too long, or one of [Open].
func (t *Tenants[K]) Use(ctx context.Context, name string, f func(*Collection[K]) error) error {
	if err := t.begin(ctx, name); err != nil {
		return fail("Use", -1, err)
	}
	defer t.calls.Done()
	n, err := t.enter(ctx, name)
	if err != nil {
		return fail("Use", -1, bare(err))
	}
	defer t.leave(n)
	return f(n.c)
}

// Names returns the names of all tenants in the order of their bytes. A directory
// is read each time.
func (t *Tenants[K]) Names(ctx context.Context) ([]string, error) {
	if err := t.begin(ctx, ""); err != nil {
		return nil, fail("Names", -1, err)
	}
	defer t.calls.Done()
	names, err := t.names(ctx)
	if err != nil {
		return nil, fail("Names", -1, err)
	}
	return names, nil
}

// Drop deletes a tenant with all its items, and reports whether it was there. It
// waits for the calls of Use that the tenant has; those that come meanwhile wait for
// Drop and find a new, empty tenant. A crash leaves all of the tenant or nothing.
// If there is an error with true, the tenant is gone but some of its files are left;
// the next [OpenTenants] deletes them.
func (t *Tenants[K]) Drop(ctx context.Context, name string) (bool, error) {
	if err := t.begin(ctx, name); err != nil {
		return false, fail("Drop", -1, err)
	}
	defer t.calls.Done()
	n, err := t.claim(ctx, name)
	if err != nil {
		return false, fail("Drop", -1, err)
	}
	defer t.release(name, n, nil)
	was := n.c != nil
	if was {
		_ = n.c.Close() // what it could not write is not wanted
	}
	if t.dir != "" {
		was, err = t.discard(name)
	}
	if err != nil {
		return was, fail("Drop", -1, err)
	}
	return was, nil
}

// Close waits for running calls and closes all tenants. Later calls return
// [quintet.ErrClosed]; closing twice is harmless. Its error is one of the file
// system, also if it happened when a tenant was closed to make room.
func (t *Tenants[K]) Close() error {
	if !t.shut() {
		return nil
	}
	t.calls.Wait()
	t.background.Wait()
	errs := []error{t.lost}
	for _, n := range t.tenants {
		if err := n.c.Close(); err != nil {
			errs = append(errs, bare(err))
		}
	}
	clear(t.tenants)
	if t.lock != nil {
		errs = append(errs, t.lock.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fail("Close", -1, err)
	}
	return nil
}

// shut reports whether it was open.
func (t *Tenants[K]) shut() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := !t.closed
	t.closed = true
	return was
}

// begin counts a call, until calls.Done.
func (t *Tenants[K]) begin(ctx context.Context, name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closed:
		return quintet.ErrClosed
	case len(name) > MaxTenantName:
		return fmt.Errorf("name of a tenant has %d bytes, limit %d: %w", len(name), MaxTenantName, quintet.ErrInput)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t.calls.Add(1)
	return nil
}

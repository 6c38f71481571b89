package vector

import (
	"context"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// enter returns a tenant that is open and stays so until leave.
func (t *Tenants[K]) enter(ctx context.Context, name string) (*tenant[K], error) {
	n, err := t.join(ctx, name)
	if err != nil {
		return nil, err
	}
	select {
	case <-n.opened:
		err = n.err
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		t.leave(n)
		return nil, err
	}
	return n, nil
}

// join counts a user of a tenant, which it starts to open if it is not.
func (t *Tenants[K]) join(ctx context.Context, name string) (*tenant[K], error) {
	for {
		n, gone, err := t.tryJoin(name)
		if gone == nil {
			return n, err
		}
		if err := await(ctx, gone); err != nil {
			return nil, err
		}
	}
}

// tryJoin returns what to wait for before the next try if nobody may enter.
func (t *Tenants[K]) tryJoin(name string) (n *tenant[K], gone <-chan struct{}, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n = t.tenants[name]
	if n != nil && n.gone != nil {
		return nil, n.gone, nil
	}
	if n == nil {
		if err := t.makeRoom(); err != nil {
			return nil, nil, err
		}
		n = &tenant[K]{opened: make(chan struct{}), users: 1}
		t.tenants[name] = n
		t.background.Go(func() { t.load(name, n) })
	}
	n.users++
	return n, nil, nil
}

func await(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// load opens a tenant in the background, so that the context of a caller cuts its
// own waiting short and nothing else.
func (t *Tenants[K]) load(name string, n *tenant[K]) {
	c, err := t.open(name)
	t.mu.Lock()
	n.c, n.err = c, err
	if err != nil && n.gone == nil {
		delete(t.tenants, name) // the next call tries again
	}
	close(n.opened)
	t.mu.Unlock()
	t.leave(n)
}

func (t *Tenants[K]) open(name string) (*Collection[K], error) {
	if t.dir == "" {
		return New[K](t.opt.Collection)
	}
	dir, err := t.prepareDir(name)
	if err != nil {
		return nil, err
	}
	return Open[K](dir, t.opt.Collection)
}

func (t *Tenants[K]) leave(n *tenant[K]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clock++
	n.used = t.clock
	n.users--
	if n.users == 0 && n.idle != nil {
		close(n.idle)
	}
}

// makeRoom closes the tenant that was left longest ago, if as many are open as may
// be. Closing can take long, so it happens in the background. It is called with mu
// held and reads all open tenants, which is little beside opening one.
func (t *Tenants[K]) makeRoom() error {
	if t.dir == "" {
		return nil
	}
	open := 0
	var oldest *tenant[K]
	var name string
	for k, n := range t.tenants {
		if n.gone != nil {
			continue
		}
		open++
		if n.users == 0 && (oldest == nil || n.used < oldest.used) {
			oldest, name = n, k
		}
	}
	switch {
	case open < t.opt.MaxOpen:
	case oldest == nil:
		return fmt.Errorf("%d tenants are in use: %w", open, quintet.ErrBusy)
	default:
		oldest.gone = make(chan struct{})
		t.background.Go(func() { t.release(name, oldest, oldest.c.Close()) })
	}
	return nil
}

// release makes a name free that nobody could enter.
func (t *Tenants[K]) release(name string, n *tenant[K], lost error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost == nil && lost != nil {
		t.lost = bare(lost)
	}
	delete(t.tenants, name)
	close(n.gone)
}

// claim returns a tenant without users that nobody may enter until release, or in
// its place a new one that was never opened.
func (t *Tenants[K]) claim(ctx context.Context, name string) (*tenant[K], error) {
	for {
		n, gone := t.tryClaim(name)
		if gone != nil {
			if err := await(ctx, gone); err != nil {
				return nil, err
			}
			continue
		}
		if n.idle == nil {
			return n, nil
		}
		if err := await(ctx, n.idle); err != nil {
			t.unclaim(name, n)
			return nil, err
		}
		return n, nil
	}
}

// tryClaim returns what to wait for before the next try if somebody else has the
// claim, else the tenant, which has no users once its idle, if any, is closed.
func (t *Tenants[K]) tryClaim(name string) (n *tenant[K], gone <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n = t.tenants[name]
	switch {
	case n == nil:
		n = new(tenant[K])
		t.tenants[name] = n
	case n.gone != nil:
		return nil, n.gone
	}
	n.gone = make(chan struct{})
	if n.users > 0 {
		n.idle = make(chan struct{})
	}
	return n, nil
}

func (t *Tenants[K]) unclaim(name string, n *tenant[K]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n.err != nil {
		delete(t.tenants, name) // load has left that to who had the claim
	}
	close(n.gone)
	n.gone, n.idle = nil, nil
}

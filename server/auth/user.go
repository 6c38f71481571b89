package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

// maxName is the longest name of a user in bytes.
const maxName = 256

// User is somebody who logs in with a password.
type User struct {
	// Name is what the user types, and the subject of the [Principal].
	Name string

	// Tenant and Roles are those of the [Principal].
	Tenant string
	Roles  []string

	// Hash is of the password, from [Passwords.Hash] or of bcrypt.
	Hash string

	// TOTP makes the codes of the user's app. Nil asks for no code.
	TOTP *TOTP

	// LastCode is the period of the last code that was used. See [TOTP.Verify].
	LastCode int64

	// Disabled users cannot log in.
	Disabled bool
}

// UserStore keeps users. It is safe for concurrent use.
type UserStore interface {
	// Load returns the user of a name, and whether there is one.
	Load(ctx context.Context, name string) (User, bool, error)

	// Save adds a user or replaces the one of the same name.
	Save(ctx context.Context, u User) error
}

// MemoryUsers is a [UserStore] that ends with the process, for users from a
// configuration. The zero value is empty.
type MemoryUsers struct {
	mu     sync.RWMutex
	byName map[string]User
}

var _ UserStore = (*MemoryUsers)(nil)

// Load implements [UserStore].
func (m *MemoryUsers) Load(_ context.Context, name string) (User, bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	u, ok := m.byName[name]
	return u, ok, nil
}

// Save implements [UserStore].
func (m *MemoryUsers) Save(_ context.Context, u User) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byName == nil {
		m.byName = map[string]User{}
	}
	m.byName[u.Name] = u
	return nil
}

// UsersOptions configures [NewUsers].
type UsersOptions struct {
	// Store keeps the users. Default: empty memory.
	Store UserStore

	// Passwords hashes and verifies. Default: that of PasswordOptions{}.
	Passwords *Passwords

	// Lock bounds logins that fail.
	Lock LockOptions

	// Now tells the time. Default: time.Now.
	Now func() time.Time
}

// Users logs people in. It is safe for concurrent use by one process.
type Users struct {
	opt      UsersOptions
	attempts *attempts
	change   sync.Mutex // over loading and saving a user
}

// NewUsers returns users who can log in. The error wraps [quintet.ErrOption].
func NewUsers(o UsersOptions) (*Users, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Store == nil {
		o.Store = &MemoryUsers{}
	}
	if o.Passwords == nil {
		p, err := NewPasswords(PasswordOptions{})
		if err != nil {
			return nil, err
		}
		o.Passwords = p
	}
	a, err := newAttempts(o.Lock, o.Now)
	if err != nil {
		return nil, err
	}
	return &Users{opt: o, attempts: a}, nil
}

// Add saves a user with a new password, over the one of the same name if there is one.
func (u *Users) Add(ctx context.Context, user User, password string) error {
	if user.Name == "" || len(user.Name) > maxName {
		return fmt.Errorf("name of a user has %d bytes, not 1 to %d: %w", len(user.Name), maxName, quintet.ErrInput)
	}
	if user.TOTP != nil {
		if _, err := user.TOTP.withDefaults(); err != nil {
			return err
		}
	}
	var err error
	if user.Hash, err = u.opt.Passwords.Hash(ctx, password); err != nil {
		return err
	}
	u.change.Lock()
	defer u.change.Unlock()
	return u.opt.Store.Save(ctx, user)
}

// Attempt is what somebody logs in with.
type Attempt struct {
	Name     string     // of the user
	Password string     // in plain text
	Code     string     // of the user's app; empty without one
	Remote   netip.Addr // where it comes from
}

// Login returns who logs in. The error wraps [ErrDenied] for an unknown name, a wrong
// password and a wrong or missing code alike, which take the same time; [ErrLocked]
// after too many of them; [quintet.ErrBusy] if too many log in at once, which does
// not count.
func (u *Users) Login(ctx context.Context, a Attempt) (Principal, error) {
	if a.Name == "" || len(a.Name) > maxName {
		return Principal{}, denied("name of a user has %d bytes", len(a.Name))
	}
	end, err := u.attempts.begin(a.Name, a.Remote)
	if err != nil {
		return Principal{}, err
	}
	p, err := u.check(ctx, a)
	switch {
	case err == nil:
		end(succeeded)
	case !errors.Is(err, ErrDenied):
		end(untried)
	}
	return p, err
}

func (u *Users) check(ctx context.Context, a Attempt) (Principal, error) {
	user, ok, err := u.opt.Store.Load(ctx, a.Name)
	if err != nil {
		return Principal{}, err
	}
	if !ok || user.Disabled {
		if err := u.opt.Passwords.verifyNobody(ctx, a.Password); err != nil {
			return Principal{}, err
		}
		return Principal{}, denied("user is unknown or disabled")
	}
	match, rehash, err := u.opt.Passwords.Verify(ctx, user.Hash, a.Password)
	if err != nil {
		return Principal{}, err
	}
	if !match {
		return Principal{}, denied("password is wrong")
	}
	if user.TOTP != nil {
		if err := u.useCode(ctx, a); err != nil {
			return Principal{}, err
		}
	}
	if rehash {
		u.rehash(ctx, user, a.Password)
	}
	return Principal{Subject: user.Name, Tenant: user.Tenant, Roles: slices.Clone(user.Roles), Method: "password"}, nil
}

// useCode checks a code and keeps that it was used before anybody else can use it.
func (u *Users) useCode(ctx context.Context, a Attempt) error {
	u.change.Lock()
	defer u.change.Unlock()
	user, ok, err := u.opt.Store.Load(ctx, a.Name)
	switch {
	case err != nil:
		return err
	case !ok || user.TOTP == nil:
		return denied("user was changed")
	}
	if user.LastCode, err = user.TOTP.Verify(a.Code, u.opt.Now(), user.LastCode); err != nil {
		return err
	}
	return u.opt.Store.Save(ctx, user)
}

// rehash replaces the hash of a password that was just verified, unless somebody
// else did. If that is not possible now, the next login tries again.
func (u *Users) rehash(ctx context.Context, was User, password string) {
	hash, err := u.opt.Passwords.Hash(ctx, password)
	if err != nil {
		return
	}
	u.change.Lock()
	defer u.change.Unlock()
	if user, ok, err := u.opt.Store.Load(ctx, was.Name); err == nil && ok && user.Hash == was.Hash {
		user.Hash = hash
		_ = u.opt.Store.Save(ctx, user)
	}
}

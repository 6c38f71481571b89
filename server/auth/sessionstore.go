package auth

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Session is a login that lasts.
type Session struct {
	// Principal is who logged in, with the roles of then.
	Principal Principal `json:"principal"`

	// CSRF is the token that changing requests must have.
	CSRF string `json:"csrf"`

	// Created, Seen and Expires are when the login was, when there was a request (to
	// a sixteenth of SessionsOptions.Idle), and when the session ends at the latest.
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Expires time.Time `json:"expires"`
}

// SessionStore keeps sessions by a key, which is a hash of the ID. It is safe for
// concurrent use.
type SessionStore interface {
	// Load returns a session, and whether there is one.
	Load(ctx context.Context, key string) (Session, bool, error)

	// Save adds a session.
	Save(ctx context.Context, key string, s Session) error

	// Touch changes when a session was seen. It must not bring back one that was
	// deleted.
	Touch(ctx context.Context, key string, seen time.Time) error

	// Delete removes a session, if there is one.
	Delete(ctx context.Context, key string) error

	// DeleteOwner removes all sessions of a [Principal.Owner], such as after a new
	// password.
	DeleteOwner(ctx context.Context, owner string) error
}

// MemorySessions is a [SessionStore] that ends with the process. When it is full, the
// session that was not seen for longest ends.
type MemorySessions struct {
	mu  sync.Mutex
	all *simplelru.LRU[string, Session]
}

var _ SessionStore = (*MemorySessions)(nil)

// NewMemorySessions returns a store for up to capacity sessions; 10,000 if it is not
// positive.
func NewMemorySessions(capacity int) *MemorySessions {
	if capacity <= 0 {
		capacity = 10_000
	}
	all, err := simplelru.NewLRU[string, Session](capacity, nil)
	if err != nil {
		panic(err) // for no capacity alone
	}
	return &MemorySessions{all: all}
}

// Load implements [SessionStore].
func (m *MemorySessions) Load(_ context.Context, key string) (Session, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.all.Get(key)
	return s, ok, nil
}

// Save implements [SessionStore].
func (m *MemorySessions) Save(_ context.Context, key string, s Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all.Add(key, s)
	return nil
}

// Touch implements [SessionStore].
func (m *MemorySessions) Touch(_ context.Context, key string, seen time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.all.Peek(key); ok {
		s.Seen = seen
		m.all.Add(key, s)
	}
	return nil
}

// Delete implements [SessionStore].
func (m *MemorySessions) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all.Remove(key)
	return nil
}

// DeleteOwner implements [SessionStore]. It looks at every session.
func (m *MemorySessions) DeleteOwner(_ context.Context, owner string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range m.all.Keys() {
		if s, ok := m.all.Peek(key); ok && s.Principal.Owner() == owner {
			m.all.Remove(key)
		}
	}
	return nil
}

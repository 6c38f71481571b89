package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

// APIKey is what is kept of a key: all but the key.
type APIKey struct {
	// ID is the part of the key that is no secret.
	ID string `json:"id"`

	// Name is for people, such as "build server".
	Name string `json:"name,omitempty"`

	// Subject is who uses the key. Default: its ID.
	Subject string `json:"subject"`

	// Tenant is whose data the key works with.
	Tenant string `json:"tenant,omitempty"`

	// Roles and Scopes are those of the [Principal].
	Roles  []string `json:"roles,omitempty"`
	Scopes []string `json:"scopes,omitempty"`

	// Created is when the key was made.
	Created time.Time `json:"created"`

	// Expires is when the key ends. Default: never.
	Expires time.Time `json:"expires,omitzero"`

	// Revoked is when the key was ended; zero if it was not.
	Revoked time.Time `json:"revoked,omitzero"`

	// Hash is the SHA-256 of the key in hexadecimal digits. The key has 256 random
	// bits, so that a slow hash would gain nothing.
	Hash string `json:"hash"`
}

// KeyStore keeps API keys. It is safe for concurrent use. What it takes and returns
// belongs to the caller, but for the elements of slices, which nobody changes.
type KeyStore interface {
	// Load returns the key with an ID, and whether there is one.
	Load(ctx context.Context, id string) (APIKey, bool, error)

	// Save adds a key or replaces the one with its ID. It is kept when Save returns.
	Save(ctx context.Context, k APIKey) error

	// Delete removes the key with an ID, if there is one.
	Delete(ctx context.Context, id string) error

	// List returns all keys in any order.
	List(ctx context.Context) ([]APIKey, error)
}

// APIKeysOptions configures [NewAPIKeys].
type APIKeysOptions struct {
	// Store keeps the keys. Default: memory, where they are lost at the end.
	Store KeyStore

	// Prefix begins every key, so that people and scanners for leaked secrets know
	// it: 1 to 16 letters, digits and underscores, the last an underscore. Default:
	// "qk_".
	Prefix string

	// Now tells the time. Default: time.Now.
	Now func() time.Time
}

// APIKeys makes keys for programs, and recognises those who send one in the header
// "X-Api-Key" or as "Authorization: Bearer". It is safe for concurrent use.
//
// A key is the prefix, an ID, an underscore and 256 random bits, in small letters
// and digits.
type APIKeys struct {
	opt    APIKeysOptions
	change sync.Mutex // over loading and saving a key
}

var _ Authenticator = (*APIKeys)(nil)

// Lengths of the parts of a key in digits of base 32.
const (
	keyIDLen     = 13 // 8 bytes
	keySecretLen = 52 // 32 bytes
)

var base32Small = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewAPIKeys returns an authenticator for API keys. The error wraps
// [quintet.ErrOption].
func NewAPIKeys(o APIKeysOptions) (*APIKeys, error) {
	if o.Prefix == "" {
		o.Prefix = "qk_"
	}
	odd := strings.ContainsFunc(o.Prefix, func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_')
	})
	if odd || len(o.Prefix) > 16 || !strings.HasSuffix(o.Prefix, "_") {
		return nil, fmt.Errorf("prefix %.20q of API keys: %w", o.Prefix, quintet.ErrOption)
	}
	if o.Store == nil {
		o.Store = NewMemoryKeys()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &APIKeys{opt: o}, nil
}

// Create makes a key with the name, subject, tenant, roles, scopes and end of k, and
// returns it with what is kept of it. The key itself is kept nowhere: show it once.
func (a *APIKeys) Create(ctx context.Context, k APIKey) (key string, kept APIKey, err error) {
	now := a.opt.Now()
	if !k.Expires.IsZero() && !now.Before(k.Expires) {
		return "", kept, fmt.Errorf("API key that is expired: %w", quintet.ErrInput)
	}
	b := make([]byte, 8+32)
	rand.Read(b)
	k.ID = base32Small.EncodeToString(b[:8])
	key = a.opt.Prefix + k.ID + "_" + base32Small.EncodeToString(b[8:])
	k.Subject = cmp.Or(k.Subject, k.ID)
	k.Created, k.Revoked, k.Hash = now.UTC(), time.Time{}, hashOf(key)
	k.Roles, k.Scopes = slices.Clone(k.Roles), slices.Clone(k.Scopes)
	if err := a.opt.Store.Save(ctx, k); err != nil {
		return "", kept, err
	}
	return key, k, nil
}

// Revoke ends a key at once. It stays in the list. An ID that is not known is
// [quintet.ErrInput], a key that was revoked before is none.
func (a *APIKeys) Revoke(ctx context.Context, id string) error {
	a.change.Lock()
	defer a.change.Unlock()
	k, ok, err := a.opt.Store.Load(ctx, id)
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("no API key with ID %.40q: %w", id, quintet.ErrInput)
	case !k.Revoked.IsZero():
		return nil
	}
	k.Revoked = a.opt.Now().UTC()
	return a.opt.Store.Save(ctx, k)
}

// Delete ends a key and forgets it.
func (a *APIKeys) Delete(ctx context.Context, id string) error {
	a.change.Lock()
	defer a.change.Unlock()
	return a.opt.Store.Delete(ctx, id)
}

// List returns all keys, revoked ones too, the oldest first, ties by ID.
func (a *APIKeys) List(ctx context.Context) ([]APIKey, error) {
	all, err := a.opt.Store.List(ctx)
	slices.SortFunc(all, func(x, y APIKey) int { return cmp.Or(x.Created.Compare(y.Created), cmp.Compare(x.ID, y.ID)) })
	return all, err
}

// Authenticate implements [Authenticator]. A bearer token without the prefix is none
// of its kind; whatever X-Api-Key has, is.
func (a *APIKeys) Authenticate(r *http.Request) (Principal, error) {
	switch sent := r.Header.Values("X-Api-Key"); {
	case len(sent) > 1:
		return Principal{}, denied("%d headers X-Api-Key", len(sent))
	case len(sent) == 1:
		return a.Verify(r.Context(), sent[0])
	}
	key, err := bearer(r)
	if err != nil {
		return Principal{}, err
	}
	if !strings.HasPrefix(key, a.opt.Prefix) {
		return Principal{}, ErrNoCredentials
	}
	return a.Verify(r.Context(), key)
}

// Verify returns who uses a key. The error wraps [ErrDenied], or is that of the store.
func (a *APIKeys) Verify(ctx context.Context, key string) (Principal, error) {
	rest, ok := strings.CutPrefix(key, a.opt.Prefix)
	if !ok || len(rest) != keyIDLen+1+keySecretLen || rest[keyIDLen] != '_' {
		return Principal{}, denied("no API key")
	}
	k, known, err := a.opt.Store.Load(ctx, rest[:keyIDLen])
	if err != nil {
		return Principal{}, err
	}
	// The hash of a key that is not known is empty, and no hash equals it.
	same := subtle.ConstantTimeCompare([]byte(hashOf(key)), []byte(k.Hash)) == 1
	switch {
	case !known || !same:
		return Principal{}, denied("unknown API key")
	case !k.Revoked.IsZero():
		return Principal{}, denied("API key %s is revoked", k.ID)
	case !k.Expires.IsZero() && !a.opt.Now().Before(k.Expires):
		return Principal{}, denied("API key %s is expired", k.ID)
	}
	return Principal{Subject: k.Subject, Tenant: k.Tenant, Roles: k.Roles, Scopes: k.Scopes, Method: "apikey"}, nil
}

func hashOf(key string) string {
	h := sha256.Sum256([]byte(key))
	return hex.EncodeToString(h[:])
}

package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/quintet-ai/quintet"
)

// Principal is who sends a request.
type Principal struct {
	// Subject names the caller within the tenant, such as a user or a key. Empty for
	// nobody in particular.
	Subject string `json:"subject"`

	// Tenant separates data: jobs, vectors and cached results of one tenant do not
	// exist for another. Empty is a tenant like any other.
	Tenant string `json:"tenant,omitempty"`

	// Roles are looked up in a [Policy].
	Roles []string `json:"roles,omitempty"`

	// Scopes narrow what the roles allow, in the form of permissions, such as those
	// of an API key. Nil narrows nothing.
	Scopes []string `json:"scopes,omitempty"`

	// Method is how the caller was recognised, such as "jwt" or "apikey".
	Method string `json:"method"`
}

// Owner names the principal across tenants: what belongs to one owner is seen by no
// other. Tenant and subject cannot be mixed up.
func (p Principal) Owner() string { return fmt.Sprintf("%q/%q", p.Tenant, p.Subject) }

// ParseOwner returns the tenant and subject of [Principal.Owner], and whether s is one.
func ParseOwner(s string) (p Principal, ok bool) {
	tenant, err := strconv.QuotedPrefix(s)
	if err != nil {
		return p, false
	}
	subject, found := strings.CutPrefix(s[len(tenant):], "/")
	if !found {
		return p, false
	}
	if p.Tenant, err = strconv.Unquote(tenant); err != nil {
		return p, false
	}
	p.Subject, err = strconv.Unquote(subject)
	return p, err == nil
}

// Causes of a request that is refused. Both are [quintet.ErrInput].
var (
	ErrNoCredentials = fmt.Errorf("no credentials: %w", quintet.ErrInput)
	ErrDenied        = fmt.Errorf("credentials are not valid: %w", quintet.ErrInput)
)

// Authenticator recognises callers. It is safe for concurrent use.
type Authenticator interface {
	// Authenticate returns who sends r, without reading its body. The error wraps
	// [ErrNoCredentials] or [ErrDenied] if that cannot be said, and another cause if
	// the authenticator cannot work. It must not tell a caller which part was wrong.
	Authenticate(r *http.Request) (Principal, error)
}

// AuthenticatorFunc lets a function be an [Authenticator].
type AuthenticatorFunc func(r *http.Request) (Principal, error)

// Authenticate calls f.
func (f AuthenticatorFunc) Authenticate(r *http.Request) (Principal, error) { return f(r) }

// Chain asks authenticators in order. The first that finds credentials of its kind
// decides.
func Chain(all ...Authenticator) Authenticator {
	all = slices.Clone(all)
	return AuthenticatorFunc(func(r *http.Request) (Principal, error) {
		for _, a := range all {
			p, err := a.Authenticate(r)
			if !errors.Is(err, ErrNoCredentials) {
				return p, err
			}
		}
		return Principal{}, ErrNoCredentials
	})
}

// Anonymous takes every caller for nobody in particular with these roles. It belongs
// at the end of a chain, or in a test.
func Anonymous(roles ...string) Authenticator {
	roles = slices.Clone(roles)
	return AuthenticatorFunc(func(*http.Request) (Principal, error) {
		return Principal{Roles: roles, Method: "anonymous"}, nil
	})
}

type principalKey struct{}

// NewContext returns ctx with a principal.
func NewContext(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// FromContext returns the principal of a request's context, and whether there is one.
func FromContext(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	return p, ok
}

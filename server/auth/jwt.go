package auth

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/quintet-ai/quintet"
)

// maxToken is how long a token may be in bytes: more does not fit a header anyway.
const maxToken = 16 << 10

// JWTOptions configures [NewJWT].
type JWTOptions struct {
	// Keys verify tokens. At least one is needed.
	Keys []JWTKey

	// Algorithms are those that are accepted, now and after [JWT.SetKeys]. A key of
	// another one is refused. Default: the algorithms of the keys.
	Algorithms []string

	// Issuer is the "iss" that a token must have. Default: any or none.
	Issuer string

	// Audience are the names of this service: one of them must be in a token's "aud".
	// Default: none, and a token that has an "aud" is refused (RFC 7519, section 4.1.3).
	Audience []string

	// Leeway is how far clocks may differ. Default: 30 s.
	Leeway time.Duration

	// MaxAge bounds how long ago a token was issued; one without "iat" is refused
	// then. Default: no bound but the token's "exp", which it must have.
	MaxAge time.Duration

	// Names are the claims that are read.
	Names ClaimNames

	// Roles are those of a token without the claim. Default: none, which may do nothing.
	Roles []string

	// Now tells the time. Default: time.Now.
	Now func() time.Time
}

// JWT recognises the senders of signed tokens (RFC 7519) in the header
// "Authorization: Bearer". It is safe for concurrent use.
//
// A token is accepted if its "alg" is that of the key with its "kid", which must be
// known; a token without "kid" is checked with the only key that there is. Tokens
// that are not signed, that have a critical header or a name twice in the header or
// the claims are refused. Keys that a token brings or points to are not looked at.
type JWT struct {
	opt  JWTOptions
	keys atomic.Pointer[keySet]
}

// keySet is never changed once it is in use.
type keySet struct {
	byID   map[string]checkedKey
	parser *jwt.Parser // with the algorithms of the keys
}

var _ Authenticator = (*JWT)(nil)

// NewJWT returns an authenticator for tokens. The error wraps [quintet.ErrOption].
func NewJWT(o JWTOptions) (*JWT, error) {
	if o.Leeway < 0 || o.MaxAge < 0 {
		return nil, fmt.Errorf("negative time of a token: %w", quintet.ErrOption)
	}
	if o.Leeway == 0 {
		o.Leeway = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Names = o.Names.withDefaults()
	o.Algorithms, o.Audience, o.Roles = slices.Clone(o.Algorithms), slices.Clone(o.Audience), slices.Clone(o.Roles)
	j := &JWT{opt: o}
	if err := j.SetKeys(o.Keys); err != nil {
		return nil, err
	}
	j.opt.Keys = nil
	return j, nil
}

// SetKeys replaces all keys: for a rotation, first by the old one and the new one, and
// when the last old token has expired, by the new one. After an error the keys are
// those of before.
func (j *JWT) SetKeys(keys []JWTKey) error {
	if len(keys) == 0 {
		return fmt.Errorf("no key for tokens: %w", quintet.ErrOption)
	}
	set := &keySet{byID: make(map[string]checkedKey, len(keys))}
	algorithms := map[string]bool{}
	for _, k := range keys {
		c, err := k.check()
		if err != nil {
			return err
		}
		if _, twice := set.byID[c.id]; twice {
			return fmt.Errorf("two keys with ID %q: %w", c.id, quintet.ErrOption)
		}
		if len(j.opt.Algorithms) > 0 && !slices.Contains(j.opt.Algorithms, c.method.Alg()) {
			return fmt.Errorf("key %q: algorithm %s is not accepted: %w", c.id, c.method.Alg(), quintet.ErrOption)
		}
		set.byID[c.id] = c
		algorithms[c.method.Alg()] = true
	}
	set.parser = jwt.NewParser(jwt.WithValidMethods(slices.Sorted(maps.Keys(algorithms))),
		jwt.WithStrictDecoding(), jwt.WithJSONNumber(), jwt.WithoutClaimsValidation())
	j.keys.Store(set)
	return nil
}

// Authenticate implements [Authenticator]. A bearer token without a point is none of
// its kind.
func (j *JWT) Authenticate(r *http.Request) (Principal, error) {
	token, err := bearer(r)
	if err != nil {
		return Principal{}, err
	}
	if !strings.Contains(token, ".") {
		return Principal{}, ErrNoCredentials
	}
	return j.Verify(token)
}

// Verify returns whom a token was issued to. The error wraps [ErrDenied] and says why,
// which is for a log and not for the sender.
func (j *JWT) Verify(token string) (Principal, error) {
	if len(token) > maxToken {
		return Principal{}, denied("token has %d bytes, limit %d", len(token), maxToken)
	}
	if err := unambiguous(token); err != nil {
		return Principal{}, err
	}
	set, claims := j.keys.Load(), jwt.MapClaims{}
	if _, err := set.parser.ParseWithClaims(token, claims, set.find); err != nil {
		return Principal{}, denied("token: %v", err)
	}
	if err := j.checkClaims(claims); err != nil {
		return Principal{}, err
	}
	return j.opt.principal(claims)
}

// find returns the key for a token whose algorithm is that of some key.
func (s *keySet) find(t *jwt.Token) (any, error) {
	kid, has := t.Header["kid"]
	id, isString := kid.(string)
	k, known := s.byID[id]
	if !has && len(s.byID) == 1 {
		for _, only := range s.byID {
			k, known = only, true
		}
	} else if !isString {
		return nil, denied("no key ID")
	}
	switch {
	case !known:
		return nil, denied("unknown key ID")
	case k.method.Alg() != t.Method.Alg():
		return nil, denied("algorithm %s is not that of the key", t.Method.Alg())
	}
	return k.verify, nil
}

// bearer returns the token of a request: [ErrNoCredentials] if it has none,
// [ErrDenied] if it has several.
func bearer(r *http.Request) (string, error) {
	all := r.Header.Values("Authorization")
	switch {
	case len(all) == 0:
		return "", ErrNoCredentials
	case len(all) > 1:
		return "", denied("%d headers Authorization", len(all))
	}
	scheme, token, ok := strings.Cut(all[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", ErrNoCredentials
	}
	return strings.TrimLeft(token, " "), nil
}

// denied is an [ErrDenied] that says why.
func denied(format string, a ...any) error {
	return fmt.Errorf(format+": %w", append(a, ErrDenied)...)
}

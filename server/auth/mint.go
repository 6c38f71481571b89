package auth

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/quintet-ai/quintet"
)

// MintOptions configures [Mint].
type MintOptions struct {
	// Key signs: one with a Secret or a Private key. It is needed.
	Key JWTKey

	// Issuer is the token's "iss". Default: none.
	Issuer string

	// Audience is the token's "aud". Default: none.
	Audience []string

	// TTL is how long the token is valid. Default: 15 min.
	TTL time.Duration

	// Names are the claims to write, which are no paths here.
	Names ClaimNames

	// Now tells the time. Default: time.Now.
	Now func() time.Time
}

// Mint returns a signed token for p with "iat", "nbf", "exp" and a random "jti". A
// principal without a subject is [quintet.ErrInput]. There is no way to take a token
// back but to replace the key: keep TTL short.
func Mint(o MintOptions, p Principal) (string, error) {
	k, err := o.Key.check()
	switch {
	case err != nil:
		return "", err
	case k.sign == nil:
		return "", fmt.Errorf("key %q cannot sign: %w", k.id, quintet.ErrOption)
	case o.TTL < 0:
		return "", fmt.Errorf("negative time of a token: %w", quintet.ErrOption)
	case p.Subject == "":
		return "", fmt.Errorf("principal without a subject: %w", quintet.ErrInput)
	}
	if o.TTL == 0 {
		o.TTL = 15 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	now, names := o.Now(), o.Names.withDefaults()
	c := jwt.MapClaims{"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(o.TTL).Unix(), "jti": rand.Text()}
	put(c, "iss", o.Issuer, o.Issuer != "")
	put(c, "aud", o.Audience, len(o.Audience) > 0)
	put(c, names.Subject, p.Subject, true)
	put(c, names.Tenant, p.Tenant, p.Tenant != "")
	put(c, names.Roles, p.Roles, p.Roles != nil)
	put(c, names.Scopes, p.Scopes, p.Scopes != nil)
	t := jwt.NewWithClaims(k.method, c)
	if k.id != "" {
		t.Header["kid"] = k.id
	}
	signed, err := t.SignedString(k.sign)
	if err != nil {
		return "", fmt.Errorf("key %q: %w: %w", k.id, err, quintet.ErrOption)
	}
	return signed, nil
}

func put[T any](c jwt.MapClaims, name string, v T, is bool) {
	if is && name != "-" {
		c[name] = v
	}
}

package auth

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"github.com/quintet-ai/quintet"
)

// Algorithms of tokens, as the header "alg" names them (RFC 7518, RFC 8037).
const (
	HS256 = "HS256" // HMAC with SHA-256
	HS384 = "HS384" // HMAC with SHA-384
	HS512 = "HS512" // HMAC with SHA-512
	RS256 = "RS256" // RSA PKCS #1 v1.5 with SHA-256
	PS256 = "PS256" // RSA PSS with SHA-256
	ES256 = "ES256" // ECDSA on P-256 with SHA-256
	ES384 = "ES384" // ECDSA on P-384 with SHA-384
	EdDSA = "EdDSA" // Ed25519
)

// minRSA is the least length in bits of an RSA key (RFC 7518, section 3.3).
const minRSA = 2048

// JWTKey verifies or signs tokens with one algorithm. It has a Secret, or a Public
// key, or a Private key, from which the public one is known.
type JWTKey struct {
	// ID is the key's "kid". Keys of a set have different ones.
	ID string

	// Algorithm is the only one that the key is used with. Default: HS256, RS256, EdDSA
	// or that of the curve.
	Algorithm string

	// Secret is the key of an HMAC: at least as many bytes as the hash has, from a
	// random source. A public key in PEM form is refused.
	Secret []byte

	// Public is an *rsa.PublicKey of 2,048 bits or more, an *ecdsa.PublicKey on P-256 or
	// P-384, or an ed25519.PublicKey.
	Public crypto.PublicKey

	// Private is an *rsa.PrivateKey, an *ecdsa.PrivateKey, or a signer with an Ed25519
	// key.
	Private crypto.Signer
}

// checkedKey is a key whose algorithm fits it.
type checkedKey struct {
	id     string
	method jwt.SigningMethod
	verify any // as the method wants it
	sign   any // nil if it only verifies
}

func (k JWTKey) check() (checkedKey, error) {
	c, err := k.fit()
	if err != nil {
		return c, fmt.Errorf("key %q: %w", k.ID, err)
	}
	return c, nil
}

func (k JWTKey) fit() (checkedKey, error) {
	if k.Secret != nil {
		return k.fitSecret()
	}
	public := k.Public
	if k.Private != nil {
		if public != nil {
			return checkedKey{}, fmt.Errorf("public and private key at once: %w", quintet.ErrOption)
		}
		public = k.Private.Public()
	}
	fits, err := algorithmsOf(public)
	if err != nil {
		return checkedKey{}, err
	}
	c := checkedKey{id: k.ID, verify: public}
	if k.Private != nil {
		c.sign = k.Private
	}
	for _, name := range fits {
		if k.Algorithm == "" || k.Algorithm == name {
			c.method = jwt.GetSigningMethod(name)
			return c, nil
		}
	}
	return c, fmt.Errorf("algorithm %q does not fit a key of type %T: %w", k.Algorithm, public, quintet.ErrOption)
}

// algorithmsOf returns what a public key may be used with, the default first.
func algorithmsOf(public crypto.PublicKey) ([]string, error) {
	switch p := public.(type) {
	case *rsa.PublicKey:
		if p == nil || p.N == nil || p.N.BitLen() < minRSA {
			return nil, fmt.Errorf("RSA key with less than %d bits: %w", minRSA, quintet.ErrOption)
		}
		return []string{RS256, PS256}, nil
	case *ecdsa.PublicKey:
		switch {
		case p != nil && p.Curve == elliptic.P256():
			return []string{ES256}, nil
		case p != nil && p.Curve == elliptic.P384():
			return []string{ES384}, nil
		}
		return nil, fmt.Errorf("curve is neither P-256 nor P-384: %w", quintet.ErrOption)
	case ed25519.PublicKey:
		if len(p) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("Ed25519 key has %d bytes: %w", len(p), quintet.ErrOption)
		}
		return []string{EdDSA}, nil
	}
	return nil, fmt.Errorf("keys of type %T cannot be used: %w", public, quintet.ErrOption)
}

func (k JWTKey) fitSecret() (checkedKey, error) {
	name := k.Algorithm
	if name == "" {
		name = HS256
	}
	method, ok := jwt.GetSigningMethod(name).(*jwt.SigningMethodHMAC)
	switch {
	case !ok:
		return checkedKey{}, fmt.Errorf("algorithm %q does not fit a secret: %w", k.Algorithm, quintet.ErrOption)
	case k.Public != nil || k.Private != nil:
		return checkedKey{}, fmt.Errorf("secret and another key at once: %w", quintet.ErrOption)
	case len(k.Secret) < method.Hash.Size():
		return checkedKey{}, fmt.Errorf("secret has %d bytes, %s needs %d: %w",
			len(k.Secret), name, method.Hash.Size(), quintet.ErrOption)
	case bytes.Contains(k.Secret, []byte("-----BEGIN ")):
		return checkedKey{}, fmt.Errorf("secret is a key in PEM form: %w", quintet.ErrOption)
	}
	secret := bytes.Clone(k.Secret)
	return checkedKey{id: k.ID, method: method, verify: secret, sign: secret}, nil
}

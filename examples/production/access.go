package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/config"
)

// jwtKey is the key that the settings verify tokens with.
func jwtKey(s config.Security) (auth.JWTKey, error) {
	k := auth.JWTKey{Algorithm: s.Algorithm}
	if s.PublicKey.Empty() {
		k.Secret = []byte(s.SecretKey.Reveal())
		return k, nil
	}
	block, _ := pem.Decode([]byte(s.PublicKey.Reveal()))
	if block == nil {
		return k, fmt.Errorf("JWT_PUBLIC_KEY is no PEM: %w", quintet.ErrOption)
	}
	var err error
	if k.Public, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
		return k, fmt.Errorf("JWT_PUBLIC_KEY: %w: %w", err, quintet.ErrOption)
	}
	return k, nil
}

// authenticator recognises callers by their tokens. It is nil, which stands for callers on
// this machine, if the settings ask for no credentials.
func authenticator(s config.Security) (auth.Authenticator, error) {
	if !s.Auth {
		return nil, nil
	}
	k, err := jwtKey(s)
	if err != nil {
		return nil, err
	}
	return auth.NewJWT(auth.JWTOptions{Keys: []auth.JWTKey{k}, MaxAge: time.Duration(s.AccessTokenMinutes) * time.Minute})
}

// token prints a token that this service accepts, for operators and tests. Users get
// theirs of an identity provider.
func token(c config.Config, o options, out io.Writer) error {
	k, err := jwtKey(c.Security)
	if err != nil {
		return err
	}
	t, err := auth.Mint(
		auth.MintOptions{Key: k, TTL: time.Duration(c.Security.AccessTokenMinutes) * time.Minute},
		auth.Principal{Subject: o.subject, Roles: strings.Split(o.roles, ",")},
	)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, t)
	return err
}

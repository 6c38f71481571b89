package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// ClaimNames are the claims of a token that make a [Principal]. A name that is no
// claim but has points is a path, such as "realm_access.roles". The name "-" is not
// read.
type ClaimNames struct {
	// Subject is a string that is not empty. Default: "sub".
	Subject string

	// Tenant is a string. Default: "tenant".
	Tenant string

	// Roles is a list of strings, or one string with spaces. Default: "roles".
	Roles string

	// Scopes is like Roles. Scopes narrow what roles allow, so a token with "openid"
	// alone may do nothing: name another claim, or "-". Default: "scope".
	Scopes string
}

func (n ClaimNames) withDefaults() ClaimNames {
	or := func(s *string, name string) {
		if *s == "" {
			*s = name
		}
	}
	or(&n.Subject, "sub")
	or(&n.Tenant, "tenant")
	or(&n.Roles, "roles")
	or(&n.Scopes, "scope")
	return n
}

// checkClaims checks when, by whom and for whom a token was issued.
func (j *JWT) checkClaims(c jwt.MapClaims) error {
	now, o := j.opt.Now(), &j.opt
	exp, hasExp, err1 := instant(c, "exp")
	nbf, hasNbf, err2 := instant(c, "nbf")
	iat, hasIat, err3 := instant(c, "iat")
	switch {
	case err1 != nil || err2 != nil || err3 != nil:
		return denied("exp, nbf or iat is no time")
	case !hasExp:
		return denied("token has no exp")
	case !now.Before(exp.Add(o.Leeway)):
		return denied("token is expired")
	case hasNbf && now.Before(nbf.Add(-o.Leeway)):
		return denied("token is not valid yet")
	case hasIat && now.Before(iat.Add(-o.Leeway)):
		return denied("token was issued in the future")
	case o.MaxAge > 0 && !hasIat:
		return denied("token has no iat")
	case o.MaxAge > 0 && now.Sub(iat) > o.MaxAge+o.Leeway:
		return denied("token is too old")
	}
	if iss, _ := c["iss"].(string); o.Issuer != "" && iss != o.Issuer {
		return denied("token is of another issuer")
	}
	aud, has := c["aud"]
	if !has && len(o.Audience) == 0 {
		return nil
	}
	names, err := texts(aud, false)
	if err != nil || !slices.ContainsFunc(names, func(a string) bool { return slices.Contains(o.Audience, a) }) {
		return denied("token is for another audience")
	}
	return nil
}

// instant reads seconds since 1970, which may have a fraction.
func instant(c jwt.MapClaims, name string) (at time.Time, has bool, err error) {
	v, has := c[name]
	if !has {
		return at, false, nil
	}
	n, ok := v.(json.Number)
	if !ok {
		return at, true, denied("%s is no number", name)
	}
	f, err := n.Float64()
	if err != nil || math.Abs(f) > 1<<38 { // some 8,700 years: a time.Duration is not needed beyond
		return at, true, denied("%s is out of range", name)
	}
	sec, frac := math.Modf(f)
	return time.Unix(int64(sec), int64(frac*1e9)), true, nil
}

// principal reads who the token was issued to.
func (o *JWTOptions) principal(c jwt.MapClaims) (Principal, error) {
	p := Principal{Method: "jwt", Roles: slices.Clone(o.Roles)}
	var ok bool
	if v, has := claim(c, o.Names.Subject); has {
		p.Subject, ok = v.(string)
	}
	if !ok || p.Subject == "" {
		return Principal{}, denied("token has no subject")
	}
	if v, has := claim(c, o.Names.Tenant); has {
		if p.Tenant, ok = v.(string); !ok {
			return Principal{}, denied("tenant is no string")
		}
	}
	var err error
	if v, has := claim(c, o.Names.Roles); has {
		if p.Roles, err = texts(v, true); err != nil {
			return Principal{}, err
		}
	}
	if v, has := claim(c, o.Names.Scopes); has {
		if p.Scopes, err = texts(v, true); err != nil {
			return Principal{}, err
		}
	}
	return p, nil
}

// claim finds a claim by its name, else by the path that the name is.
func claim(c map[string]any, name string) (v any, has bool) {
	if name == "-" {
		return nil, false
	}
	if v, has = c[name]; has {
		return v, true
	}
	first, rest, path := strings.Cut(name, ".")
	if inner, ok := c[first].(map[string]any); path && ok {
		return claim(inner, rest)
	}
	return nil, false
}

// texts reads a list of strings, or one string, whose words are meant if split is
// set. The result is not nil.
func texts(v any, split bool) ([]string, error) {
	switch v := v.(type) {
	case string:
		if split {
			return append([]string{}, strings.Fields(v)...), nil
		}
		return []string{v}, nil
	case []any:
		out := make([]string, len(v))
		for i, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, denied("claim has an element that is no string")
			}
			out[i] = s
		}
		return out, nil
	}
	return nil, denied("claim is no list of strings")
}

// unambiguous refuses a token that two readers might understand in two ways: with a
// name twice in its header or claims, or with a header that must be understood and is
// not (RFC 7515, section 4.1.11).
func unambiguous(token string) error {
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 {
		return denied("token has not three parts")
	}
	for i, part := range parts[:2] {
		b, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return denied("token is not base64")
		}
		d := json.NewDecoder(bytes.NewReader(b))
		names, err := objectNames(d)
		if err != nil {
			return denied("token: %v", err)
		}
		if _, err := d.Token(); err != io.EOF { //nolint:errorlint // Token returns it as it is
			return denied("token has more than one object in a part")
		}
		if i == 0 && names["crit"] {
			return denied("token has a critical header")
		}
	}
	return nil
}

// maxDepth bounds how deep the objects of a token are nested.
const maxDepth = 16

// objectNames reads one JSON object whose names, and those of all objects in it, are
// different, and returns its names.
func objectNames(d *json.Decoder) (names map[string]bool, err error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	if t != json.Delim('{') {
		return nil, fmt.Errorf("no object")
	}
	return namesInside(d, true, 1)
}

// namesInside reads the rest of an object or list that was begun.
func namesInside(d *json.Decoder, object bool, depth int) (names map[string]bool, err error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	names = map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		if object {
			name, _ := t.(string)
			if names[name] {
				return nil, fmt.Errorf("name %.40q stands twice", name)
			}
			names[name] = true
			if t, err = d.Token(); err != nil {
				return nil, err
			}
		}
		if open, ok := t.(json.Delim); ok {
			if _, err := namesInside(d, open == '{', depth+1); err != nil {
				return nil, err
			}
		}
	}
	_, err = d.Token()
	return names, err
}

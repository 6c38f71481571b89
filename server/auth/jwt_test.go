package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
)

var (
	noon   = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	secret = []byte("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
	ann    = auth.Principal{Subject: "ann", Tenant: "acme", Roles: []string{"user"}, Scopes: []string{"text:*"}}

	rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return k
	})
)

func atNoon() time.Time { return noon }

func withHeader(name, value string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set(name, value)
	return r
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// handmade is a token of these parts, signed with HS256.
func handmade(header, claims string, key []byte) string {
	text := encode(header) + "." + encode(claims)
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return text + "." + encode(string(m.Sum(nil)))
}

func TestTokenOfEveryAlgorithmComesBackAsItsPrincipal(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for name, k := range map[string]auth.JWTKey{
		auth.HS256: {Secret: secret}, auth.HS384: {Secret: secret, Algorithm: auth.HS384},
		auth.HS512: {Secret: secret, Algorithm: auth.HS512}, auth.RS256: {Private: rsaKey()},
		auth.PS256: {Private: rsaKey(), Algorithm: auth.PS256},
		auth.ES256: {Private: p256}, auth.ES384: {Private: p384}, auth.EdDSA: {Private: ed},
	} {
		t.Run(name, func(t *testing.T) {
			k.ID = name
			token, err := auth.Mint(auth.MintOptions{Key: k, Issuer: "us", Audience: []string{"api"}, Now: atNoon}, ann)
			require.NoError(t, err)
			verify := k
			if k.Private != nil {
				verify.Private, verify.Public = nil, k.Private.Public()
			}
			j, err := auth.NewJWT(auth.JWTOptions{Keys: []auth.JWTKey{verify}, Issuer: "us", Audience: []string{"x", "api"}, Now: atNoon})
			require.NoError(t, err)
			p, err := j.Authenticate(withHeader("Authorization", "bearer "+token))
			require.NoError(t, err)
			want := ann
			want.Method = "jwt"
			require.Equal(t, want, p)
			_, err = auth.Mint(auth.MintOptions{Key: verify}, ann)
			if k.Private != nil {
				require.ErrorIs(t, err, quintet.ErrOption, "a public key signs nothing")
			}
			parts := strings.Split(token, ".")
			for i := range parts {
				for _, bad := range []string{parts[i][:len(parts[i])-1], "", parts[i] + "A", parts[i] + "="} {
					all := append([]string{}, parts...)
					all[i] = bad
					_, err := j.Verify(strings.Join(all, "."))
					require.ErrorIs(t, err, auth.ErrDenied, "part %d is %q", i, bad)
				}
			}
		})
	}
}

func TestForgedTokensAreDenied(t *testing.T) {
	der, err := x509.MarshalPKIXPublicKey(rsaKey().Public())
	require.NoError(t, err)
	asPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	pkcs1 := x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)
	j, err := auth.NewJWT(auth.JWTOptions{
		Keys: []auth.JWTKey{{ID: "rsa", Public: rsaKey().Public()}, {ID: "hmac", Secret: secret}},
		Now:  atNoon,
	})
	require.NoError(t, err)
	claims := fmt.Sprintf(`{"sub":"ann","roles":["admin"],"exp":%d}`, noon.Add(time.Hour).Unix())
	good := handmade(`{"alg":"HS256","kid":"hmac"}`, claims, secret)
	_, err = j.Verify(good)
	require.NoError(t, err)
	unsigned := func(alg string) string { return encode(`{"alg":"`+alg+`","kid":"hmac"}`) + "." + encode(claims) + "." }
	headed := func(h string) string { return handmade(h, claims, secret) }
	for name, token := range map[string]string{
		"no algorithm":                         unsigned("none"),
		"no algorithm in capitals":             unsigned("None"),
		"no algorithm with a signature":        headed(`{"alg":"none","kid":"hmac"}`),
		"an empty signature":                   unsigned("HS256"),
		"an empty algorithm":                   headed(`{"alg":"","kid":"hmac"}`),
		"an algorithm that is a list":          headed(`{"alg":["HS256"],"kid":"hmac"}`),
		"no name of an algorithm":              headed(`{"kid":"hmac"}`),
		"the public key as secret, PEM":        handmade(`{"alg":"HS256","kid":"rsa"}`, claims, asPEM),
		"the public key as secret, DER":        handmade(`{"alg":"HS256","kid":"rsa"}`, claims, der),
		"the public key as secret, PKCS #1":    handmade(`{"alg":"HS256","kid":"rsa"}`, claims, pkcs1),
		"the secret for the name of the other": handmade(`{"alg":"HS256","kid":"rsa"}`, claims, secret),
		"an algorithm that no key has":         headed(`{"alg":"HS512","kid":"hmac"}`),
		"a key ID that is a path":              headed(`{"alg":"HS256","kid":"../../../../dev/null"}`),
		"a key ID with SQL":                    headed(`{"alg":"HS256","kid":"x' UNION SELECT 'k"}`),
		"a key ID that is empty":               headed(`{"alg":"HS256","kid":""}`),
		"a key ID that is a number":            headed(`{"alg":"HS256","kid":1}`),
		"a key ID that is null":                headed(`{"alg":"HS256","kid":null}`),
		"a key ID that nobody knows":           headed(`{"alg":"HS256","kid":"other"}`),
		"no key ID where there are two keys":   headed(`{"alg":"HS256"}`),
		"an algorithm twice":                   headed(`{"alg":"none","kid":"hmac","alg":"HS256"}`),
		"a key ID twice":                       headed(`{"kid":"x","alg":"HS256","kid":"hmac"}`),
		"a name twice by an escape":            headed(`{"alg":"HS256","kid":"hmac","al\u0067":"HS256"}`),
		"a critical header":                    headed(`{"alg":"HS256","kid":"hmac","crit":["b64"],"b64":false}`),
		"a header that is a list":              headed(`[]`),
		"a header of two objects":              headed(`{"alg":"HS256","kid":"hmac"}{}`),
		"a key of its own":                     handmade(`{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"},"jku":"http://x"}`, claims, []byte{0, 0, 0}),
		"a header that is very deep":           headed(`{"alg":"HS256","kid":"hmac","x":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`),
		"a claim twice":                        handmade(`{"alg":"HS256","kid":"hmac"}`, claims[:len(claims)-1]+`,"sub":"bob"}`, secret),
		"a role in another list twice":         handmade(`{"alg":"HS256","kid":"hmac"}`, claims[:len(claims)-1]+`,"x":[{"a":1,"a":2}]}`, secret),
		"another secret":                       handmade(`{"alg":"HS256","kid":"hmac"}`, claims, []byte("guess")),
		"no secret":                            handmade(`{"alg":"HS256","kid":"hmac"}`, claims, nil),
		"two parts":                            good[:strings.LastIndex(good, ".")],
		"four parts":                           good + "." + good,
		"a line break":                         good[:20] + "\n" + good[20:],
		"a space at the end":                   good + " ",
		"too long":                             good + strings.Repeat("A", 20<<10),
		"no bytes":                             "..",
	} {
		t.Run(name, func(t *testing.T) {
			p, err := j.Authenticate(withHeader("Authorization", "Bearer "+token))
			require.ErrorIs(t, err, auth.ErrDenied)
			require.Empty(t, p)
		})
	}
	twice := withHeader("Authorization", "Bearer "+good)
	twice.Header.Add("Authorization", "Bearer "+good)
	_, err = j.Authenticate(twice)
	require.ErrorIs(t, err, auth.ErrDenied, "two headers")
	for _, h := range []string{"", "Basic YTpi", "Bearer", "Bearer qk_opaque", "Token a.b.c"} {
		_, err = j.Authenticate(withHeader("Authorization", h))
		require.ErrorIs(t, err, auth.ErrNoCredentials, h)
	}
}

func TestClaimsDecideWhetherASignedTokenCounts(t *testing.T) {
	at := func(d time.Duration) int64 { return noon.Add(d).Unix() }
	for name, c := range map[string]struct {
		claims string
		want   string // part of the reason; "" if it counts
	}{
		"all is well":                {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","exp":%d,"iat":%d}`, at(time.Hour), at(0)), ""},
		"one of several audiences":   {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":["x","api"],"exp":%d,"iat":%d}`, at(time.Hour), at(0)), ""},
		"expired within the leeway":  {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","exp":%d,"iat":%d}`, at(-9*time.Second), at(-60e9)), ""},
		"expired":                    {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","exp":%d,"iat":%d}`, at(-10*time.Second), at(-60e9)), "expired"},
		"never expires":              {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","iat":%d}`, at(0)), "no exp"},
		"expires at a text":          {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","exp":"%d","iat":%d}`, at(time.Hour), at(0)), "no time"},
		"expires at the end of days": {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","exp":1e300,"iat":%d}`, at(0)), "no time"},
		"expires at null":            {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","exp":null,"iat":%d}`, at(0)), "no time"},
		"valid later":                {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","exp":%d,"iat":%d,"nbf":%d}`, at(time.Hour), at(0), at(11*time.Second)), "not valid yet"},
		"valid soon":                 {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","exp":%d,"iat":%d,"nbf":%d}`, at(time.Hour), at(0), at(10*time.Second)), ""},
		"issued in the future":       {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","exp":%d,"iat":%d}`, at(time.Hour), at(time.Minute)), "future"},
		"issued long ago":            {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","exp":%d,"iat":%d}`, at(time.Hour), at(-2*time.Hour)), "too old"},
		"issued nobody knows when":   {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"api","exp":%d}`, at(time.Hour)), "no iat"},
		"another issuer":             {fmt.Sprintf(`{"sub":"ann","iss":"them","aud":"api","exp":%d,"iat":%d}`, at(time.Hour), at(0)), "issuer"},
		"no issuer":                  {fmt.Sprintf(`{"sub":"ann","aud":"api","exp":%d,"iat":%d}`, at(time.Hour), at(0)), "issuer"},
		"another audience":           {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"apis","exp":%d,"iat":%d}`, at(time.Hour), at(0)), "audience"},
		"no audience":                {fmt.Sprintf(`{"sub":"ann","iss":"us","exp":%d,"iat":%d}`, at(time.Hour), at(0)), "audience"},
		"audience with spaces":       {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":"x api","exp":%d,"iat":%d}`, at(time.Hour), at(0)), "audience"},
		"audience of numbers":        {fmt.Sprintf(`{"sub":"ann","iss":"us","aud":[1,"api"],"exp":%d,"iat":%d}`, at(time.Hour), at(0)), "audience"},
		"no subject":                 {fmt.Sprintf(`{"iss":"us","aud":"api","exp":%d,"iat":%d}`, at(time.Hour), at(0)), "subject"},
		"an empty subject":           {fmt.Sprintf(`{"sub":"","iss":"us","aud":"api","exp":%d,"iat":%d}`, at(time.Hour), at(0)), "subject"},
		"a subject that is a number": {fmt.Sprintf(`{"sub":7,"iss":"us","aud":"api","exp":%d,"iat":%d}`, at(time.Hour), at(0)), "subject"},
		"a tenant that is a list":    {fmt.Sprintf(`{"sub":"ann","tenant":["a"],"iss":"us","aud":"api","exp":%d,"iat":%d}`, at(time.Hour), at(0)), "tenant"},
		"roles that are an object":   {fmt.Sprintf(`{"sub":"ann","roles":{"admin":true},"iss":"us","aud":"api","exp":%d,"iat":%d}`, at(time.Hour), at(0)), "list of strings"},
		"scopes that are null":       {fmt.Sprintf(`{"sub":"ann","scope":null,"iss":"us","aud":"api","exp":%d,"iat":%d}`, at(time.Hour), at(0)), "list of strings"},
	} {
		t.Run(name, func(t *testing.T) {
			j, err := auth.NewJWT(auth.JWTOptions{
				Keys: []auth.JWTKey{{Secret: secret}}, Issuer: "us", Audience: []string{"api"},
				Leeway: 10 * time.Second, MaxAge: time.Hour, Now: atNoon,
			})
			require.NoError(t, err)
			_, err = j.Verify(handmade(`{"alg":"HS256"}`, c.claims, secret))
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, auth.ErrDenied)
			require.ErrorContains(t, err, c.want)
		})
	}
	j, err := auth.NewJWT(auth.JWTOptions{Keys: []auth.JWTKey{{Secret: secret}}, Now: atNoon})
	require.NoError(t, err)
	_, err = j.Verify(handmade(`{"alg":"HS256"}`, fmt.Sprintf(`{"sub":"ann","aud":"other","exp":%d}`, at(time.Hour)), secret))
	require.ErrorIs(t, err, auth.ErrDenied, "a token for somebody else is not for a service without a name")
}

func TestClaimNamesAreChosen(t *testing.T) {
	claims := fmt.Sprintf(`{"email":"ann@x.org","https://x.org/t":"acme","realm":{"access":{"roles":["user"]}},"scope":"openid","exp":%d}`,
		noon.Add(time.Hour).Unix())
	names := auth.ClaimNames{Subject: "email", Tenant: "https://x.org/t", Roles: "realm.access.roles", Scopes: "-"}
	j, err := auth.NewJWT(auth.JWTOptions{Keys: []auth.JWTKey{{Secret: secret}}, Names: names, Now: atNoon})
	require.NoError(t, err)
	p, err := j.Verify(handmade(`{"alg":"HS256"}`, claims, secret))
	require.NoError(t, err)
	require.Equal(t, auth.Principal{Subject: "ann@x.org", Tenant: "acme", Roles: []string{"user"}, Method: "jwt"}, p)

	names = auth.ClaimNames{Subject: "email", Tenant: "-", Roles: "scope", Scopes: "scope"}
	j, err = auth.NewJWT(auth.JWTOptions{Keys: []auth.JWTKey{{Secret: secret}}, Names: names, Now: atNoon, Roles: []string{"viewer"}})
	require.NoError(t, err)
	p, err = j.Verify(handmade(`{"alg":"HS256"}`, claims, secret))
	require.NoError(t, err)
	require.Equal(t, auth.Principal{Subject: "ann@x.org", Roles: []string{"openid"}, Scopes: []string{"openid"}, Method: "jwt"}, p)
	p, err = j.Verify(handmade(`{"alg":"HS256"}`, strings.Replace(claims, `"scope":"openid",`, "", 1), secret))
	require.NoError(t, err)
	require.Equal(t, []string{"viewer"}, p.Roles, "the roles of a token without the claim")
	require.Nil(t, p.Scopes)
}

func TestKeysRotateAtRunTime(t *testing.T) {
	old, next := auth.JWTKey{ID: "1", Secret: secret}, auth.JWTKey{ID: "2", Secret: []byte(strings.Repeat("s", 32))}
	j, err := auth.NewJWT(auth.JWTOptions{Keys: []auth.JWTKey{old}, Algorithms: []string{auth.HS256}})
	require.NoError(t, err)
	ofOld, err := auth.Mint(auth.MintOptions{Key: old}, ann)
	require.NoError(t, err)
	ofNext, err := auth.Mint(auth.MintOptions{Key: next}, ann)
	require.NoError(t, err)
	for _, step := range []struct {
		keys      []auth.JWTKey
		old, next bool
	}{{[]auth.JWTKey{old}, true, false}, {[]auth.JWTKey{old, next}, true, true}, {[]auth.JWTKey{next}, false, true}} {
		require.NoError(t, j.SetKeys(step.keys))
		_, err = j.Verify(ofOld)
		require.Equal(t, step.old, err == nil)
		_, err = j.Verify(ofNext)
		require.Equal(t, step.next, err == nil)
	}
	require.ErrorIs(t, j.SetKeys(nil), quintet.ErrOption)
	require.ErrorIs(t, j.SetKeys([]auth.JWTKey{{ID: "r", Public: rsaKey().Public()}}), quintet.ErrOption, "an algorithm that is not accepted")
	_, err = j.Verify(ofNext)
	require.NoError(t, err, "the keys are those of before")
}

func TestUnfitKeysAreRefused(t *testing.T) {
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	require.NoError(t, err)
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	asPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: make([]byte, 200)})
	for name, keys := range map[string][]auth.JWTKey{
		"no key":                       nil,
		"an empty key":                 {{}},
		"an empty secret":              {{Secret: []byte{}}},
		"a short secret":               {{Secret: secret[:31]}},
		"a secret too short for 512":   {{Secret: secret[:63], Algorithm: auth.HS512}},
		"a public key as a secret":     {{Secret: asPEM}},
		"a secret for RS256":           {{Secret: secret, Algorithm: auth.RS256}},
		"a secret for none":            {{Secret: secret, Algorithm: "none"}},
		"an RSA key for HS256":         {{Public: rsaKey().Public(), Algorithm: auth.HS256}},
		"an RSA key for ES256":         {{Public: rsaKey().Public(), Algorithm: auth.ES256}},
		"a short RSA key":              {{Public: &rsa.PublicKey{N: p256.X, E: 65537}}},
		"a nil RSA key":                {{Public: (*rsa.PublicKey)(nil)}},
		"a nil key of a curve":         {{Public: (*ecdsa.PublicKey)(nil)}},
		"another curve":                {{Public: p224.Public()}},
		"the algorithm of another one": {{Public: p256.Public(), Algorithm: auth.ES384}},
		"half an Ed25519 key":          {{Public: ed25519.PublicKey(make([]byte, 16))}},
		"a text":                       {{Public: crypto.PublicKey("key")}},
		"secret and public key":        {{Secret: secret, Public: p256.Public()}},
		"public and private key":       {{Public: p256.Public(), Private: p256}},
		"two keys of one name":         {{ID: "a", Secret: secret}, {ID: "a", Public: p256.Public()}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := auth.NewJWT(auth.JWTOptions{Keys: keys})
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
	_, err = auth.NewJWT(auth.JWTOptions{Keys: []auth.JWTKey{{Secret: secret}}, Leeway: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = auth.Mint(auth.MintOptions{Key: auth.JWTKey{Secret: secret}}, auth.Principal{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = auth.Mint(auth.MintOptions{Key: auth.JWTKey{Secret: secret}, TTL: -1}, ann)
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = auth.Mint(auth.MintOptions{Key: auth.JWTKey{Secret: secret[:3]}}, ann)
	require.ErrorIs(t, err, quintet.ErrOption)
}

// No header makes a token count whose signature was made with another key.
func FuzzJWTHeader(f *testing.F) {
	for _, h := range []string{`{"alg":"HS256","kid":"a"}`, `{"alg":"none"}`, `{"alg":"RS256","kid":"r"}`, `{"alg":"HS256","kid":"r","kid":"a"}`, `{}`, `[`, ``} {
		f.Add(h, `{"sub":"ann","exp":4102444800}`)
	}
	j, err := auth.NewJWT(auth.JWTOptions{Keys: []auth.JWTKey{{ID: "a", Secret: secret}, {ID: "r", Public: rsaKey().Public()}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header, claims string) {
		for _, key := range [][]byte{nil, []byte("guess"), x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)} {
			if p, err := j.Verify(handmade(header, claims, key)); err == nil {
				t.Fatalf("%s.%s is %v", header, claims, p)
			}
		}
		if p, err := j.Verify(handmade(header, claims, secret)); err == nil && p.Subject == "" {
			t.Fatalf("%s.%s is nobody", header, claims)
		}
		_, _ = j.Verify(header)
	})
}

func BenchmarkJWTVerify(b *testing.B) {
	for name, k := range map[string]auth.JWTKey{"HS256": {Secret: secret}, "RS256": {Private: rsaKey()}} {
		b.Run("algorithm="+name, func(b *testing.B) {
			token, err := auth.Mint(auth.MintOptions{Key: k, TTL: time.Hour}, ann)
			require.NoError(b, err)
			j, err := auth.NewJWT(auth.JWTOptions{Keys: []auth.JWTKey{k}})
			require.NoError(b, err)
			for b.Loop() {
				if _, err := j.Verify(token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

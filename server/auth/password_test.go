package auth_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
)

// quick are costs that a test can afford.
var quick = auth.PasswordOptions{Memory: 64, Time: 1, Concurrent: 4}

func passwords(t *testing.T, o auth.PasswordOptions) *auth.Passwords {
	t.Helper()
	p, err := auth.NewPasswords(o)
	require.NoError(t, err)
	return p
}

func TestPasswordMatchesItsHashAlone(t *testing.T) {
	ctx, p := t.Context(), passwords(t, quick)
	for _, word := range []string{"a", "correct horse battery staple", "ключ 🔑", "\xff\x00", strings.Repeat("x", 1024)} {
		h, err := p.Hash(ctx, word)
		require.NoError(t, err)
		again, err := p.Hash(ctx, word)
		require.NoError(t, err)
		require.NotEqual(t, h, again, "salted")
		require.True(t, strings.HasPrefix(h, "$argon2id$v=19$m=64,t=1,p=1$"))
		match, rehash, err := p.Verify(ctx, h, word)
		require.NoError(t, err)
		require.True(t, match)
		require.False(t, rehash)
		for _, other := range []string{"", "b", word + "x", word[:len(word)-1], strings.Repeat("x", 1025)} {
			match, rehash, err = p.Verify(ctx, h, other)
			require.NoError(t, err)
			require.False(t, match || rehash)
		}
	}
	for _, bad := range []string{"", strings.Repeat("x", 1025)} {
		_, err := p.Hash(ctx, bad)
		require.ErrorIs(t, err, quintet.ErrInput)
	}
}

func TestDefaultCostsAreThoseOfOWASP(t *testing.T) {
	h, err := passwords(t, auth.PasswordOptions{}).Hash(t.Context(), "x")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(h, "$argon2id$v=19$m=19456,t=2,p=1$"), h)
}

func TestHashOfAnotherCostOrKindIsToBeReplaced(t *testing.T) {
	ctx, p := t.Context(), passwords(t, quick)
	// Made by the reference implementation of argon2 with the salt "somesalt".
	reference := "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	b, err := bcrypt.GenerateFromPassword([]byte("password"), bcrypt.MinCost)
	require.NoError(t, err)
	for _, h := range []string{reference, string(b)} {
		match, rehash, err := p.Verify(ctx, h, "password")
		require.NoError(t, err)
		require.True(t, match && rehash, h)
		match, rehash, err = p.Verify(ctx, h, "Password")
		require.NoError(t, err)
		require.False(t, match || rehash, "only who knows the password can replace its hash")
	}
}

func TestHashesThatAskForTooMuchOrMakeNoSenseAreRefused(t *testing.T) {
	ctx, p := t.Context(), passwords(t, quick)
	const salt, hash = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for name, h := range map[string]string{
		"nothing":          "",
		"plain text":       "password",
		"argon2i":          "$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + hash,
		"another version":  "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + hash,
		"too much memory":  "$argon2id$v=19$m=4194304,t=1,p=1$" + salt + "$" + hash,
		"too many passes":  "$argon2id$v=19$m=64,t=1000,p=1$" + salt + "$" + hash,
		"no pass":          "$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + hash,
		"no lane":          "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + hash,
		"257 lanes":        "$argon2id$v=19$m=4096,t=1,p=257$" + salt + "$" + hash,
		"a sign":           "$argon2id$v=19$m=+64,t=1,p=1$" + salt + "$" + hash,
		"an order":         "$argon2id$v=19$t=1,m=64,p=1$" + salt + "$" + hash,
		"no salt":          "$argon2id$v=19$m=64,t=1,p=1$$" + hash,
		"no hash":          "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$",
		"a short hash":     "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$AAAA",
		"padding":          "$argon2id$v=19$m=64,t=1,p=1$" + salt + "=$" + hash,
		"another part":     "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + hash + "$",
		"bcrypt cut":       "$2a$10$abc",
		"bcrypt too dear":  "$2a$31$" + strings.Repeat("a", 53),
		"bcrypt of no age": "$2z$10$" + strings.Repeat("é", 27),
	} {
		t.Run(name, func(t *testing.T) {
			match, _, err := p.Verify(ctx, h, "password")
			require.ErrorIs(t, err, quintet.ErrInput)
			require.False(t, match)
		})
	}
	for _, o := range []auth.PasswordOptions{{Memory: -1}, {Memory: 7}, {Memory: 1 << 30}, {Time: -1}, {Time: 17}, {Threads: 300}, {Concurrent: -1}} {
		_, err := auth.NewPasswords(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestMoreHashesThanAllowedAreRefusedAtOnce(t *testing.T) {
	o := quick
	o.Concurrent = 1
	p := passwords(t, o)
	free := p.Occupy()
	_, err := p.Hash(t.Context(), "x")
	require.ErrorIs(t, err, quintet.ErrBusy)
	free()
	h, err := p.Hash(t.Context(), "x")
	require.NoError(t, err)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = p.Verify(gone, h, "x")
	require.ErrorIs(t, err, context.Canceled)
}

// What Verify takes for a hash is in the form that Hash writes, and never makes it panic.
func FuzzStoredHash(f *testing.F) {
	p, err := auth.NewPasswords(quick)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$2a$04$abcdefghijklmnopqrstuuZ9Z9Z9Z9Z9Z9Z9Z9Z9Z9Z9Z9Z9Z9Z9Z")
	f.Fuzz(func(t *testing.T, hash string) {
		if len(hash) > 200 || strings.Contains(hash, "m=") && !strings.Contains(hash, "m=64,t=1,") {
			return // dear
		}
		if match, _, _ := p.Verify(t.Context(), hash, "password of nobody"); match {
			t.Fatal(hash)
		}
	})
}

func BenchmarkPassword(b *testing.B) {
	for name, o := range map[string]auth.PasswordOptions{"default": {}, "46MiB": {Memory: 46 * 1024, Time: 1}} {
		b.Run("cost="+name, func(b *testing.B) {
			p, err := auth.NewPasswords(o)
			require.NoError(b, err)
			for b.Loop() {
				if _, err := p.Hash(b.Context(), "correct horse battery staple"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

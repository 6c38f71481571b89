package auth_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
)

func newKeys(t *testing.T, o auth.APIKeysOptions) *auth.APIKeys {
	t.Helper()
	a, err := auth.NewAPIKeys(o)
	require.NoError(t, err)
	return a
}

func fileKeys(t *testing.T, path string) *auth.FileKeys {
	t.Helper()
	f, err := auth.OpenFileKeys(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func TestAPIKeyIsItsOwnersUntilItEnds(t *testing.T) {
	now := noon
	for name, store := range map[string]auth.KeyStore{
		"in memory": nil,
		"in a file": fileKeys(t, filepath.Join(t.TempDir(), "keys.json")),
	} {
		t.Run(name, func(t *testing.T) {
			now = noon
			ctx := t.Context()
			a := newKeys(t, auth.APIKeysOptions{Store: store, Now: func() time.Time { return now }})
			key, kept, err := a.Create(ctx, auth.APIKey{
				Name: "ci", Subject: "ann", Tenant: "acme", Roles: []string{"user"}, Scopes: []string{"text:*"},
				Expires: noon.Add(time.Hour), Revoked: noon, Hash: "x",
			})
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(key, "qk_"+kept.ID+"_"))
			require.NotContains(t, kept.Hash, key[20:])
			want := ann
			want.Method = "apikey"
			for _, r := range []struct{ name, value string }{
				{"X-Api-Key", key}, {"Authorization", "Bearer " + key}, {"Authorization", "bearer  " + key},
			} {
				p, err := a.Authenticate(withHeader(r.name, r.value))
				require.NoError(t, err)
				require.Equal(t, want, p)
			}
			other, unnamed, err := a.Create(ctx, auth.APIKey{})
			require.NoError(t, err)
			require.NotEqual(t, key, other)
			require.Equal(t, unnamed.ID, unnamed.Subject)
			list, err := a.List(ctx)
			require.NoError(t, err)
			require.Len(t, list, 2)

			now = noon.Add(time.Hour)
			_, err = a.Verify(ctx, key)
			require.ErrorIs(t, err, auth.ErrDenied, "expired")
			_, err = a.Verify(ctx, other)
			require.NoError(t, err)
			require.NoError(t, a.Revoke(ctx, unnamed.ID))
			require.NoError(t, a.Revoke(ctx, unnamed.ID), "twice")
			_, err = a.Verify(ctx, other)
			require.ErrorIs(t, err, auth.ErrDenied, "revoked")
			require.NoError(t, a.Delete(ctx, unnamed.ID))
			_, err = a.Verify(ctx, other)
			require.ErrorIs(t, err, auth.ErrDenied, "deleted")
			require.ErrorIs(t, a.Revoke(ctx, unnamed.ID), quintet.ErrInput)
			_, _, err = a.Create(ctx, auth.APIKey{Expires: now})
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
}

func TestForgedAPIKeysAreDenied(t *testing.T) {
	ctx := t.Context()
	a := newKeys(t, auth.APIKeysOptions{})
	key, kept, err := a.Create(ctx, auth.APIKey{})
	require.NoError(t, err)
	_, rival, err := a.Create(ctx, auth.APIKey{})
	require.NoError(t, err)
	last := byte('a')
	if key[len(key)-1] == last {
		last = 'b'
	}
	for name, bad := range map[string]string{
		"empty":                    "",
		"prefix alone":             "qk_",
		"ID alone":                 "qk_" + kept.ID,
		"no secret":                "qk_" + kept.ID + "_",
		"truncated":                key[:len(key)-1],
		"longer":                   key + "a",
		"last letter is another":   key[:len(key)-1] + string(last),
		"the hash as the secret":   "qk_" + kept.ID + "_" + kept.Hash[:52],
		"secret of another ID":     "qk_" + rival.ID + key[3+len(kept.ID):],
		"unknown ID":               "qk_" + strings.Repeat("a", 13) + key[3+len(kept.ID):],
		"in capitals":              strings.ToUpper(key),
		"a space before":           " " + key,
		"another prefix":           "pk_" + key[3:],
		"long":                     strings.Repeat("q", 1<<16),
		"not in Unicode":           "qk_\xff" + key[4:],
		"ID that is a path":        "qk_../../../etc_" + key[len(key)-52:],
		"an underscore that moved": key[:10] + "_" + key[10:16] + key[17:],
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.Authenticate(withHeader("X-Api-Key", bad))
			require.ErrorIs(t, err, auth.ErrDenied)
		})
	}
	twice := withHeader("X-Api-Key", key)
	twice.Header.Add("X-Api-Key", key)
	_, err = a.Authenticate(twice)
	require.ErrorIs(t, err, auth.ErrDenied)
	_, err = a.Authenticate(withHeader("Authorization", "Bearer a.b.c"))
	require.ErrorIs(t, err, auth.ErrNoCredentials, "a token is not of this kind")
	for _, prefix := range []string{"qk", "q-k_", "é_", strings.Repeat("k", 16) + "_", "a b_"} {
		_, err := auth.NewAPIKeys(auth.APIKeysOptions{Prefix: prefix})
		require.ErrorIs(t, err, quintet.ErrOption, prefix)
	}
}

func TestFileOfKeysLastsAndHoldsNoSecret(t *testing.T) {
	path, ctx := filepath.Join(t.TempDir(), "keys.json"), t.Context()
	f := fileKeys(t, path)
	a := newKeys(t, auth.APIKeysOptions{Store: f})
	key, kept, err := a.Create(ctx, auth.APIKey{Subject: "ann"})
	require.NoError(t, err)
	_, err = auth.OpenFileKeys(path)
	require.ErrorIs(t, err, quintet.ErrBusy)
	require.NoError(t, f.Close())
	require.ErrorIs(t, a.Delete(ctx, kept.ID), quintet.ErrClosed)

	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(b), key[len(key)-52:])
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o077, "nobody else may read it")
	names, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.Equal(t, []string{path, path + ".lock"}, names, "nothing temporary is left")

	a = newKeys(t, auth.APIKeysOptions{Store: fileKeys(t, path)})
	p, err := a.Verify(ctx, key)
	require.NoError(t, err)
	require.Equal(t, "ann", p.Subject)
}

func TestKeyIsAsBeforeWhenItsFileCannotBeWritten(t *testing.T) {
	dir, ctx := filepath.Join(t.TempDir(), "d"), t.Context()
	require.NoError(t, os.Mkdir(dir, 0o700))
	a := newKeys(t, auth.APIKeysOptions{Store: fileKeys(t, filepath.Join(dir, "keys.json"))})
	key, kept, err := a.Create(ctx, auth.APIKey{})
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(dir))
	require.Error(t, a.Revoke(ctx, kept.ID))
	_, err = a.Verify(ctx, key)
	require.NoError(t, err)
	_, _, err = a.Create(ctx, auth.APIKey{})
	require.Error(t, err)
	list, err := a.List(ctx)
	require.NoError(t, err)
	require.Len(t, list, 1)
}

func TestFileThatHoldsNoKeysIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"no JSON": "x", "cut": `[{"id":`, "an object": `{}`, "a field nobody knows": `[{"id":"abcdefghijklm","admin":true}]`,
		"no hash":   `[{"id":"abcdefghijklm"}]`,
		"two of ID": `[` + strings.Repeat(`{"id":"abcdefghijklm","hash":"`+strings.Repeat("0", 64)+`"},`, 2) + `]`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keys.json")
			require.NoError(t, os.WriteFile(path, []byte(body), 0o600))
			_, err := auth.OpenFileKeys(path)
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
}

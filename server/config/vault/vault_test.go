package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openbao/openbao/api/v2"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/config"
	"github.com/quintet-ai/quintet/server/config/vault"
)

func resolver(t *testing.T, o vault.Options) *vault.Resolver {
	t.Helper()
	r, err := vault.New(o)
	require.NoError(t, err)
	return r
}

// root returns a resolver with the root token.
func (f *fake) root(t *testing.T) *vault.Resolver {
	o := f.options()
	o.Token = config.NewSecret(rootToken)
	return resolver(t, o)
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestReferencesAreResolved(t *testing.T) {
	f := newFake(t)
	f.put("app/db", map[string]any{"password": "s3cret ${env:X} $$", "port": 5432, "empty": "", "none": nil})
	f.put("with space", map[string]any{"k#v": "odd"})
	r, path := f.root(t), file(t, "line 1\nline 2\r\n")
	got, err := r.Environ(t.Context(), []string{
		"A=${vault:secret/app/db#password}", "B=a ${vault:secret/app/db#port}-${file:" + path + "} b", "C=${HOME} ${X:-y} $$ ${vault",
		"D=${env:C}", "E=${vault:secret/with space#k#v}", "no variable", "F=",
	})
	require.NoError(t, err)
	require.Equal(t, []string{
		"A=s3cret ${env:X} $$", "B=a 5432-line 1\nline 2 b", "C=${HOME} ${X:-y} $$ ${vault",
		"D=${HOME} ${X:-y} $$ ${vault", "E=odd", "no variable", "F=",
	}, got)
	require.Equal(t, 1, f.count("GET secret/data/app/db"), "one secret is read once")
	s, err := r.Expand(t.Context(), "x${vault:secret/app/db#port}")
	require.NoError(t, err)
	require.Equal(t, "x5432", s.Reveal())
	require.Equal(t, "***", s.String())
}

func TestMountMayBeOfTheOptions(t *testing.T) {
	f := newFake(t)
	f.put("app", map[string]any{"k": "v"})
	o := f.options()
	o.Token, o.Mount = config.NewSecret(rootToken), "/secret/"
	s, err := resolver(t, o).Expand(t.Context(), "${vault:app#k}")
	require.NoError(t, err)
	require.Equal(t, "v", s.Reveal())
}

func TestWhatIsNotThereIsAnErrorWithoutSecrets(t *testing.T) {
	f := newFake(t)
	f.put("app", map[string]any{"k": "the-secret-itself", "empty": ""})
	f.put("gone", nil)
	r := f.root(t)
	for text, want := range map[string]error{
		"${vault:secret/app#other}": vault.ErrNotFound, "${vault:secret/app#empty}": vault.ErrNotFound,
		"${vault:secret/none#k}": vault.ErrNotFound, "${vault:secret/gone#k}": vault.ErrNotFound,
		"${vault:other/app#k}": vault.ErrDenied, "${vault:old/app#k}": quintet.ErrUnsupported,
		"${vault:secret/app}": quintet.ErrOption, "${vault:app#k}": quintet.ErrOption, "${vault:secret/../app#k}": quintet.ErrOption,
		"${vault:/secret/app#k}": quintet.ErrOption, "${vault:}": quintet.ErrOption,
		"${file:/not/there}": vault.ErrNotFound, "${file:relative}": quintet.ErrOption, "${file:" + t.TempDir() + "}": quintet.ErrOption,
		"${file:" + file(t, "\n") + "}": quintet.ErrOption, "${file:" + file(t, strings.Repeat("x", 70_000)) + "}": quintet.ErrOption,
		"${env:NONE}": vault.ErrNotFound,
	} {
		_, err := r.Expand(t.Context(), "${vault:secret/app#k}"+text)
		require.ErrorIs(t, err, want, text)
		require.NotContains(t, err.Error(), "the-secret-itself")
		require.NotContains(t, err.Error(), rootToken)
	}
	_, err := r.Environ(t.Context(), []string{"A=${env:NONE}", "OK=1", "B=${vault:secret/none#k}"})
	require.ErrorContains(t, err, "A: ")
	require.ErrorContains(t, err, "B: ")
}

func TestLogins(t *testing.T) {
	for name, way := range map[string]func(*testing.T, *vault.Options, bool){
		"by an AppRole": func(_ *testing.T, o *vault.Options, good bool) {
			o.AppRole = vault.AppRole{RoleID: roleID, SecretID: config.NewSecret(pick(good, secretID))}
		},
		"by an AppRole with a file": func(t *testing.T, o *vault.Options, good bool) {
			o.AppRole = vault.AppRole{RoleID: roleID, SecretIDFile: file(t, pick(good, secretID)+"\n")}
		},
		"by a service account": func(t *testing.T, o *vault.Options, good bool) {
			o.Kubernetes = vault.Kubernetes{Role: "quintet", TokenFile: file(t, pick(good, jwt))}
		},
		"by a token":      func(_ *testing.T, o *vault.Options, good bool) { o.Token = config.NewSecret(pick(good, rootToken)) },
		"by a token file": func(t *testing.T, o *vault.Options, good bool) { o.TokenFile = file(t, pick(good, rootToken)) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.put("app", map[string]any{"k": "v"})
			var log bytes.Buffer
			o := f.options()
			o.Logger = slog.New(slog.NewTextHandler(&log, nil))
			way(t, &o, true)
			r := resolver(t, o)
			for range 3 {
				s, err := r.Expand(t.Context(), "${vault:secret/app#k}")
				require.NoError(t, err)
				require.Equal(t, "v", s.Reveal())
			}
			require.LessOrEqual(t, f.count("POST auth/"), 1, "one login is enough")
			way(t, &o, false)
			_, err := resolver(t, o).Expand(t.Context(), "${vault:secret/app#k}")
			require.ErrorIs(t, err, vault.ErrDenied)
			require.ErrorIs(t, err, fs.ErrPermission)
			for _, hidden := range []string{rootToken, secretID, jwt, "issued-token", "wrong"} {
				require.NotContains(t, log.String()+err.Error(), hidden)
			}
		})
	}
}

func pick(good bool, text string) string {
	if good {
		return text
	}
	return "wrong"
}

// approle returns options with a login, whose tokens last some seconds.
func approle(f *fake, ttl int64) vault.Options {
	f.ttl = ttl
	o := f.options()
	o.AppRole = vault.AppRole{RoleID: roleID, SecretID: config.NewSecret(secretID)}
	return o
}

func TestTokensAreRenewedOrReplaced(t *testing.T) {
	f := newFake(t)
	f.put("app", map[string]any{"k": "v"})
	read := func(r *vault.Resolver) {
		t.Helper()
		_, err := r.Expand(t.Context(), "${vault:secret/app#k}")
		require.NoError(t, err)
	}
	renewed := func() int { f.mu.Lock(); defer f.mu.Unlock(); return f.renewals }

	r := resolver(t, approle(f, 1))
	require.Eventually(t, func() bool { read(r); return renewed() > 0 }, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, 1, f.count("POST auth/approle/login"), "it was renewed in time")

	f.revoke()
	read(r)
	require.Equal(t, 2, f.count("POST auth/approle/login"), "a revoked one is replaced")

	f.mu.Lock()
	f.static = true
	f.mu.Unlock()
	r = resolver(t, approle(f, 1))
	require.Eventually(t, func() bool { read(r); return f.count("POST auth/approle/login") >= 4 }, 20*time.Second, 10*time.Millisecond,
		"one that cannot be renewed is replaced")

	o := f.options()
	o.TokenFile = file(t, "old")
	f.mu.Lock()
	f.tokens["old"], f.tokens["new"] = &token{}, &token{}
	f.mu.Unlock()
	r = resolver(t, o)
	read(r)
	require.NoError(t, os.WriteFile(o.TokenFile, []byte("new"), 0o600))
	f.mu.Lock()
	delete(f.tokens, "old")
	f.mu.Unlock()
	read(r)
}

func TestServerInTrouble(t *testing.T) {
	f := newFake(t)
	f.put("app", map[string]any{"k": "v"})
	r := f.root(t)
	get := func(ctx context.Context) error { _, err := r.Expand(ctx, "${vault:secret/app#k}"); return err }
	f.fail(503, 2)
	require.NoError(t, get(t.Context()), "it was sealed for a moment")
	for _, status := range []int{500, 503, 429, 307} {
		f.fail(status, -1)
		err := get(t.Context())
		require.ErrorIs(t, err, vault.ErrUnavailable, status)
		require.ErrorIs(t, err, quintet.ErrBusy)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, get(ctx), context.Canceled)
	f.fail(0, 0)
	require.NoError(t, get(t.Context()))

	o := f.options()
	o.Token, o.CAFile = config.NewSecret(rootToken), ""
	_, err := resolver(t, o).Expand(t.Context(), "${vault:secret/app#k}")
	require.ErrorIs(t, err, vault.ErrUnavailable, "its certificate is nobody's")
}

func TestOptionsAreChecked(t *testing.T) {
	secret := config.NewSecret("x")
	for name, o := range map[string]vault.Options{
		"no way in": {Address: "https://v"}, "two ways": {Address: "https://v", Token: secret, TokenFile: "f"},
		"no address": {Token: secret}, "in the clear": {Address: "http://vault:8200", Token: secret},
		"no scheme": {Address: "vault:8200", Token: secret}, "a user": {Address: "https://u:p@v", Token: secret},
		"no secret ID": {Address: "https://v", AppRole: vault.AppRole{RoleID: "r"}}, "negative": {Every: -1},
		"no certificate": {Address: "https://v", Token: secret, CAFile: file(t, "no PEM")},
	} {
		_, err := vault.New(o)
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
	_, err := resolver(t, vault.Options{}).Expand(t.Context(), "${vault:secret/a#b}")
	require.ErrorIs(t, err, quintet.ErrOption, "no server")
	s, err := resolver(t, vault.Options{}).Expand(t.Context(), "${file:"+file(t, "v")+"}")
	require.NoError(t, err)
	require.Equal(t, "v", s.Reveal())
}

func TestSecretsThatChangeAreAppliedWithoutARestart(t *testing.T) {
	f := newFake(t)
	f.put("db", map[string]any{"password": "one"})
	mounted := file(t, "a")
	var log lines
	o := f.options()
	o.Token, o.Every, o.Logger = config.NewSecret(rootToken), 5*time.Millisecond, slog.New(slog.NewTextHandler(&log, nil))
	environ := []string{"DB_HOST=localhost", "DB_PASSWORD=${vault:secret/db#password}", "REDIS_PASSWORD=${file:" + mounted + "}"}
	got, refuse := make(chan string), make(chan bool, 1)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- resolver(t, o).Watch(ctx, environ, func(_ context.Context, environ []string) error {
			c, err := config.Load(config.LoadOptions{Environ: environ})
			if err != nil {
				return err
			}
			select {
			case <-refuse:
				return errors.New("not now")
			default:
			}
			got <- c.Database.Password.Reveal() + " " + c.Redis.Password.Reveal()
			return nil
		})
	}()
	require.Equal(t, "one a", <-got)
	f.put("db", map[string]any{"password": "two"})
	require.Equal(t, "two a", <-got)
	require.NoError(t, os.WriteFile(mounted, []byte("b"), 0o600))
	require.Equal(t, "two b", <-got)

	f.fail(503, -1)
	require.Eventually(t, func() bool { return log.has("not updated") }, 20*time.Second, 5*time.Millisecond)
	refuse <- true
	f.put("db", map[string]any{"password": "three"})
	f.fail(0, 0)
	require.Equal(t, "three b", <-got, "what was not applied comes again")
	stop()
	require.NoError(t, <-ended)
	for _, hidden := range []string{"one", "two", "three", rootToken} {
		require.False(t, log.has("="+hidden))
	}
}

func TestFirstLookMustSucceed(t *testing.T) {
	f := newFake(t)
	err := f.root(t).Watch(t.Context(), []string{"A=${vault:secret/none#k}"}, func(context.Context, []string) error {
		return errors.New("called")
	})
	require.ErrorIs(t, err, vault.ErrNotFound)
	err = f.root(t).Watch(t.Context(), []string{"A=b"}, func(context.Context, []string) error { return fs.ErrInvalid })
	require.ErrorIs(t, err, fs.ErrInvalid)
}

// lines is a log that can be read meanwhile.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), text)
}

// official is OpenBao's own client.
func official(t *testing.T, address, ca, token string) *api.Client {
	t.Helper()
	c := api.DefaultConfig()
	c.Address = address
	if ca != "" {
		require.NoError(t, c.ConfigureTLS(&api.TLSConfig{CACert: ca}))
	}
	client, err := api.NewClient(c)
	require.NoError(t, err)
	client.SetToken(token)
	return client
}

func TestTheFakeSatisfiesTheOfficialClient(t *testing.T) {
	f := newFake(t)
	f.put("app/db", map[string]any{"password": "s3cret"})
	f.put("gone", nil)
	c := official(t, f.url, f.ca, "")
	login, err := c.Logical().Write("auth/approle/login", map[string]any{"role_id": roleID, "secret_id": secretID})
	require.NoError(t, err)
	name, err := login.TokenID()
	require.NoError(t, err)
	c.SetToken(name)
	got, err := c.KVv2("secret").Get(t.Context(), "app/db")
	require.NoError(t, err)
	require.Equal(t, "s3cret", got.Data["password"])
	require.Equal(t, 1, got.VersionMetadata.Version)
	_, err = c.KVv2("secret").Get(t.Context(), "none")
	require.ErrorIs(t, err, api.ErrSecretNotFound)
	self, err := c.Auth().Token().LookupSelf()
	require.NoError(t, err)
	ttl, err := self.TokenTTL()
	require.NoError(t, err)
	require.Equal(t, time.Hour, ttl)
	renewed, err := c.Auth().Token().RenewSelf(0)
	require.NoError(t, err)
	require.True(t, renewed.Auth.Renewable)
	_, err = c.Logical().Write("auth/approle/login", map[string]any{"role_id": roleID, "secret_id": "wrong"})
	var refused *api.ResponseError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, 400, refused.StatusCode)
}

func TestRealServer(t *testing.T) {
	address, root := os.Getenv("VAULT_TEST_ADDR"), os.Getenv("VAULT_TEST_TOKEN")
	if address == "" {
		t.Skip("VAULT_TEST_ADDR names no server in development mode, with KV v2 at secret/")
	}
	c, path := official(t, address, "", root), fmt.Sprint("quintet-test-", time.Now().UnixNano())
	_, err := c.KVv2("secret").Put(t.Context(), path, map[string]any{"k": "v"})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.KVv2("secret").DeleteMetadata(context.Background(), path)) }()
	r := resolver(t, vault.Options{Address: address, Token: config.NewSecret(root)})
	s, err := r.Expand(t.Context(), "${vault:secret/"+path+"#k}")
	require.NoError(t, err)
	require.Equal(t, "v", s.Reveal())
	require.NoError(t, c.KVv2("secret").Delete(t.Context(), path))
	_, err = r.Expand(t.Context(), "${vault:secret/"+path+"#k}")
	require.ErrorIs(t, err, vault.ErrNotFound)
}

package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

// tokens keeps a token that the server accepts.
type tokens struct {
	*server

	mu        sync.Mutex
	token     string
	ttl       time.Duration // when it was got or renewed; 0 is for ever
	until     time.Time
	renewable bool
}

// current returns a token, which it renews or replaces if it ends soon.
func (t *tokens) current(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == "" {
		err := t.login(ctx)
		return t.token, err
	}
	if t.ttl == 0 || time.Until(t.until) > t.ttl/3 {
		return t.token, nil
	}
	if t.renewable {
		a, err := t.call(ctx, http.MethodPost, "auth/token/renew-self", t.token, map[string]string{})
		if err == nil && a.Auth != nil && a.Auth.LeaseDuration > 0 {
			t.keep(t.token, a.Auth.LeaseDuration, a.Auth.Renewable)
			t.opt.Logger.Info("vault: token renewed", "ttl", t.ttl)
			if time.Until(t.until) > t.ttl/3 {
				return t.token, nil
			}
		} else if err != nil {
			t.opt.Logger.Warn("vault: token not renewed", "error", err)
		}
	}
	if err := t.login(ctx); err != nil && time.Now().After(t.until) {
		return "", err
	} else if err != nil { // it is good for a while yet
		t.opt.Logger.Warn("vault: no new token", "error", err)
	}
	return t.token, nil
}

// replace gets another token than one that was refused. It reports whether there is
// one.
func (t *tokens) replace(ctx context.Context, refused string) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != refused {
		return true, nil
	}
	if !t.opt.Token.Empty() {
		return false, nil
	}
	err := t.login(ctx)
	return err == nil && t.token != refused, err
}

// keep takes a token that is good for some seconds; 0 is for ever.
func (t *tokens) keep(token string, seconds int64, renewable bool) {
	t.token, t.renewable = token, renewable
	t.ttl = time.Duration(seconds) * time.Second
	t.until = time.Now().Add(t.ttl)
}

// login gets a token in the one way that the options have.
func (t *tokens) login(ctx context.Context) error {
	o := t.opt
	switch {
	case !o.Token.Empty():
		return t.adopt(ctx, o.Token.Reveal())
	case o.TokenFile != "":
		token, err := readSecret(o.TokenFile)
		if err != nil {
			return err
		}
		return t.adopt(ctx, token)
	case o.Kubernetes.Role != "":
		jwt, err := readSecret(o.Kubernetes.TokenFile)
		if err != nil {
			return err
		}
		return t.exchange(ctx, o.Kubernetes.Mount, map[string]string{"role": o.Kubernetes.Role, "jwt": jwt})
	}
	secret := o.AppRole.SecretID.Reveal()
	if o.AppRole.SecretIDFile != "" {
		var err error
		if secret, err = readSecret(o.AppRole.SecretIDFile); err != nil {
			return err
		}
	}
	return t.exchange(ctx, o.AppRole.Mount, map[string]string{"role_id": o.AppRole.RoleID, "secret_id": secret})
}

// exchange logs in with credentials.
func (t *tokens) exchange(ctx context.Context, mount string, credentials map[string]string) error {
	a, err := t.call(ctx, http.MethodPost, "auth/"+escaped(mount)+"/login", "", credentials)
	if err != nil {
		return err
	}
	if a.Auth == nil || a.Auth.ClientToken == "" {
		return fmt.Errorf("vault: login at %s gives no token: %w", mount, quintet.ErrUnsupported)
	}
	t.keep(a.Auth.ClientToken, a.Auth.LeaseDuration, a.Auth.Renewable)
	t.opt.Logger.Info("vault: logged in", "method", mount, "ttl", t.ttl)
	return nil
}

// adopt takes a token of somebody else and asks how long it is good. One that may not
// ask is taken as it is.
func (t *tokens) adopt(ctx context.Context, token string) error {
	a, err := t.call(ctx, http.MethodGet, "auth/token/lookup-self", token, nil)
	var self struct {
		TTL       int64 `json:"ttl"`
		Renewable bool  `json:"renewable"`
	}
	switch {
	case errors.Is(err, ErrDenied):
	case err != nil:
		return err
	case json.Unmarshal(a.Data, &self) != nil:
		return fmt.Errorf("vault: what the server says about the token cannot be read: %w", quintet.ErrUnsupported)
	}
	t.keep(token, self.TTL, self.Renewable)
	return nil
}

const maxFile = 64 << 10

// readSecret reads a file that an orchestrator mounted, without the end of its last line.
func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("vault: file %s: %w: %w", path, ErrNotFound, err)
	case err != nil:
		return "", fmt.Errorf("vault: %w", err)
	case !info.Mode().IsRegular() || info.Size() > maxFile:
		return "", fmt.Errorf("vault: %s is no file of at most %d bytes: %w", path, maxFile, quintet.ErrOption)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("vault: %w", err)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if text == "" || len(text) > maxFile {
		return "", fmt.Errorf("vault: file %s is empty or too long: %w", path, quintet.ErrOption)
	}
	return text, nil
}

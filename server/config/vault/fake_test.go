package vault_test

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server/config/vault"
)

// fake is a server of the parts of Vault's API that are used: KV v2 at secret/, logins by
// AppRole and Kubernetes, and tokens of one policy, which end when the test says so.
type fake struct {
	url, ca string

	mu       sync.Mutex
	secrets  map[string][]map[string]any // versions by path; nil is deleted
	tokens   map[string]*token
	issued   int
	ttl      int64 // of tokens that logins give, in seconds
	static   bool  // they cannot be renewed
	status   int   // answers everything, if it is not 0
	left     int   // how often; -1 is for ever
	seen     []string
	renewals int
}

type token struct {
	ttl       int64
	renewable bool
}

const (
	rootToken = "root-token-5f2d"
	roleID    = "role-7c1a"
	secretID  = "secret-id-93be"
	jwt       = "jwt-44d0"
)

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{secrets: map[string][]map[string]any{}, tokens: map[string]*token{rootToken: {}}, ttl: 3600}
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that trust nobody are part of the tests
	s.StartTLS()
	t.Cleanup(s.Close)
	f.url, f.ca = s.URL, filepath.Join(t.TempDir(), "ca.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	require.NoError(t, os.WriteFile(f.ca, cert, 0o600))
	return f
}

// options are those of a client with the root token.
func (f *fake) options() vault.Options { return vault.Options{Address: f.url, CAFile: f.ca} }

// put adds a version of a secret.
func (f *fake) put(path string, data map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.secrets[path] = append(f.secrets[path], data)
}

// revoke ends all tokens but the root's.
func (f *fake) revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tokens = map[string]*token{rootToken: {}}
}

// fail makes the next answers a status.
func (f *fake) fail(status, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status, f.left = status, times
}

// count returns how many requests began with some words.
func (f *fake) count(prefix string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.seen {
		if strings.HasPrefix(s, prefix) {
			n++
		}
	}
	return n
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	f.seen = append(f.seen, r.Method+" "+path)
	if f.status != 0 && f.left != 0 {
		f.left--
		w.Header().Set("Location", "https://elsewhere.example/")
		refuse(w, f.status)
		return
	}
	var body map[string]any
	if r.Body != nil && r.Method != http.MethodGet {
		_ = json.NewDecoder(r.Body).Decode(&body)
	}
	switch path {
	case "auth/approle/login":
		f.login(w, body["role_id"] == roleID && body["secret_id"] == secretID, http.StatusBadRequest)
		return
	case "auth/kubernetes/login":
		f.login(w, body["role"] == "quintet" && body["jwt"] == jwt, http.StatusForbidden)
		return
	}
	name := r.Header.Get("X-Vault-Token")
	t := f.tokens[name]
	if t == nil {
		refuse(w, http.StatusForbidden)
		return
	}
	switch {
	case path == "auth/token/lookup-self":
		reply(w, map[string]any{"data": map[string]any{"ttl": t.ttl, "renewable": t.renewable, "policies": []string{"default"}}})
	case path == "auth/token/renew-self" && t.renewable:
		f.renewals++
		t.ttl = f.ttl
		reply(w, auth(name, t))
	case path == "auth/token/renew-self":
		refuse(w, http.StatusBadRequest)
	case strings.HasPrefix(path, "secret/data/"):
		f.secret(w, strings.TrimPrefix(path, "secret/data/"))
	case strings.HasPrefix(path, "old/"): // an engine of version 1
		reply(w, map[string]any{"data": map[string]any{"data": map[string]any{"k": "v"}}})
	default:
		refuse(w, http.StatusForbidden)
	}
}

func (f *fake) login(w http.ResponseWriter, ok bool, otherwise int) {
	if !ok {
		refuse(w, otherwise)
		return
	}
	f.issued++
	name, t := fmt.Sprintf("issued-token-%d", f.issued), &token{f.ttl, !f.static}
	f.tokens[name] = t
	reply(w, auth(name, t))
}

func auth(name string, t *token) map[string]any {
	return map[string]any{"auth": map[string]any{
		"client_token": name, "lease_duration": t.ttl, "renewable": t.renewable, "policies": []string{"default"},
	}}
}

// secret answers as the engine does, which says 404 of deleted versions with a body.
func (f *fake) secret(w http.ResponseWriter, path string) {
	versions := f.secrets[path]
	if len(versions) == 0 {
		refuse(w, http.StatusNotFound)
		return
	}
	last := versions[len(versions)-1]
	meta := map[string]any{"version": len(versions), "created_time": "2026-11-23T12:00:00Z", "deletion_time": "", "destroyed": false}
	if last == nil {
		w.WriteHeader(http.StatusNotFound)
	}
	reply(w, map[string]any{"data": map[string]any{"data": last, "metadata": meta}})
}

func reply(w http.ResponseWriter, body map[string]any) { _ = json.NewEncoder(w).Encode(body) }

func refuse(w http.ResponseWriter, status int) {
	w.WriteHeader(status)
	reply(w, map[string]any{"errors": []string{"as the server would say"}})
}

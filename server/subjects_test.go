package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/audit"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/vector"
)

func TestErasingAPerson(t *testing.T) {
	dir := t.TempDir()
	log, err := audit.Open(dir, audit.Options{SubjectKey: []byte(strings.Repeat("k", 32)), NoSync: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	login, _ := logins(t, time.Now())
	cached := 2
	p := full(t)
	store := p.Vectors
	other, err := vector.New[string](vector.Options{Dim: 384})
	require.NoError(t, err)
	defer other.Close()
	p.VectorsOf = func(_ context.Context, tenant string) (vector.Store[string], error) {
		if tenant == "acme" {
			return store, nil
		}
		return other, nil
	}
	s := serve(t, p, server.Options{
		Audit: log, NoRate: true, Login: login,
		Erasers: map[string]server.Eraser{"cache": func(context.Context, auth.Principal) (int, error) {
			n := cached
			cached = 0
			return n, nil
		}},
		Auth: auth.AuthenticatorFunc(func(r *http.Request) (auth.Principal, error) {
			who, role, _ := strings.Cut(r.Header.Get("X-User"), " ")
			return auth.Principal{Subject: who, Tenant: "acme", Roles: []string{role}}, nil
		}),
	})
	const admin = "root admin"
	for _, who := range []string{"ann", "bob"} {
		for i := range 3 {
			body := fmt.Sprintf(`{"items":[{"id":"%s-%d","text":"about somebody","meta":{"subject":%q}}]}`, who, i, who)
			require.Equal(t, 200, ask(s, "POST", "/api/v1/vector/upsert", body, "X-User", who+" user").Code)
		}
		_, err := p.Jobs.Enqueue(t.Context(), jobs.Spec{Kind: "text", Owner: auth.Principal{Subject: who, Tenant: "acme"}.Owner()})
		require.NoError(t, err)
	}
	require.NoError(t, other.Upsert(t.Context(), vector.Item[string]{ID: "ann-x", Vector: append(make([]float32, 383), 1), Meta: vector.Meta{"subject": "ann"}}))
	require.Equal(t, 403, ask(s, "DELETE", "/api/v1/subjects/ann", "", "X-User", "ann user").Code)

	got := get[server.Erased](t, s, "DELETE", "/api/v1/subjects/ann", "", "X-User", admin)
	require.Equal(t, map[string]int{"vectors": 3, "jobs": 1, "cache": 2, "sessions": 0}, got.Erased)
	require.Equal(t, server.Erased{Subject: "ann", Tenant: "acme", Erased: got.Erased, Kept: map[string]int{"audit": 4}}, got, "three upserts and a refusal")
	again := get[server.Erased](t, s, "DELETE", "/api/v1/subjects/ann", "", "X-User", admin)
	require.Equal(t, map[string]int{"vectors": 0, "jobs": 0, "cache": 0, "sessions": 0}, again.Erased, "it may be asked again")
	require.Equal(t, 5, again.Kept["audit"], "and that she was erased")

	hits := get[server.SearchResponse](t, s, "POST", "/api/v1/vector/search", `{"query":"somebody","top_k":100}`, "X-User", "bob user").Results
	require.Len(t, hits, 3)
	for _, h := range hits {
		require.True(t, strings.HasPrefix(h.ID, "bob-"), h.ID)
	}
	_, there, err := other.Get(t.Context(), "ann-x")
	require.NoError(t, err)
	require.True(t, there, "another tenant's ann is somebody else")
	all, err := p.Jobs.List(t.Context(), jobs.Filter{})
	require.NoError(t, err)
	require.Len(t, all, 1)

	w := ask(s, "GET", "/api/v1/subjects/ann/audit", "", "X-User", admin)
	require.Equal(t, 200, w.Code)
	require.Equal(t, 6, strings.Count(w.Body.String(), "\n"))
	require.NotContains(t, w.Body.String(), "ann", "the log has a pseudonym in place of her name")
	require.Contains(t, w.Body.String(), `"path":"/api/v1/subjects/{id}"`)
	require.Equal(t, 403, ask(s, "GET", "/api/v1/subjects/ann/audit", "", "X-User", "ann user").Code)
	require.NoError(t, log.Flush())
	_, err = audit.Verify(dir, audit.VerifyOptions{})
	require.NoError(t, err)
}

func TestAPartThatCannotEraseIsAnError(t *testing.T) {
	p := full(t)
	failing := server.Options{Erasers: map[string]server.Eraser{
		"cache": func(context.Context, auth.Principal) (int, error) { return 0, errors.New("cache.internal is away") },
	}}
	_, err := p.Jobs.Enqueue(t.Context(), jobs.Spec{Kind: "text", Owner: auth.Principal{Subject: "ann"}.Owner()})
	require.NoError(t, err)
	w := ask(serve(t, p, failing), "DELETE", "/api/v1/subjects/ann", "")
	require.Equal(t, 500, w.Code)
	require.NotContains(t, w.Body.String(), "cache.internal")
	all, err := p.Jobs.List(t.Context(), jobs.Filter{})
	require.NoError(t, err)
	require.Empty(t, all, "the other parts are erased")
	p.Vectors = struct{ vector.Store[string] }{p.Vectors}
	require.Equal(t, 422, ask(serve(t, p, server.Options{}), "DELETE", "/api/v1/subjects/ann", "").Code, "a store that cannot list")
	require.Equal(t, 400, ask(serve(t, p, server.Options{}), "DELETE", "/api/v1/subjects/"+strings.Repeat("a", 300), "").Code)
}

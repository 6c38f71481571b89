package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
)

func TestPolicyDeniesByDefault(t *testing.T) {
	p := auth.Policy{"user": {"text:*", "vector:search"}, "admin": {"*"}, "odd": {"tex*", ""}}
	for name, c := range map[string]struct {
		who        auth.Principal
		permission string
		want       bool
	}{
		"a role has it":                    {auth.Principal{Roles: []string{"user"}}, "vector:search", true},
		"a role has all of a kind":         {auth.Principal{Roles: []string{"user"}}, "text:process", true},
		"a role has all":                   {auth.Principal{Roles: []string{"x", "admin"}}, "vector:upsert", true},
		"a role has it not":                {auth.Principal{Roles: []string{"user"}}, "vector:upsert", false},
		"no role":                          {auth.Principal{}, "text:process", false},
		"a role that is not known":         {auth.Principal{Roles: []string{"root"}}, "text:process", false},
		"no permission":                    {auth.Principal{Roles: []string{"admin"}}, "", false},
		"half a kind is none":              {auth.Principal{Roles: []string{"odd"}}, "text:process", false},
		"the kind alone is not in its all": {auth.Principal{Roles: []string{"user"}}, "text", false},
		"a scope has it":                   {auth.Principal{Roles: []string{"admin"}, Scopes: []string{"text:*"}}, "text:process", true},
		"no scope has it":                  {auth.Principal{Roles: []string{"admin"}, Scopes: []string{"text:*"}}, "jobs:read", false},
		"scopes that are empty":            {auth.Principal{Roles: []string{"admin"}, Scopes: []string{}}, "text:process", false},
		"a scope widens nothing":           {auth.Principal{Roles: []string{"user"}, Scopes: []string{"*"}}, "vector:upsert", false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, p.Allows(c.who, c.permission)) })
	}
}

func TestChainAsksUntilSomebodyFindsCredentials(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	says := func(p auth.Principal, err error) auth.Authenticator {
		return auth.AuthenticatorFunc(func(*http.Request) (auth.Principal, error) { return p, err })
	}
	none, denied, ann := says(auth.Principal{}, auth.ErrNoCredentials), says(auth.Principal{}, auth.ErrDenied), says(auth.Principal{Subject: "ann"}, nil)
	p, err := auth.Chain(none, ann, denied).Authenticate(r)
	require.NoError(t, err)
	require.Equal(t, "ann", p.Subject)
	_, err = auth.Chain(none, denied, ann).Authenticate(r)
	require.ErrorIs(t, err, auth.ErrDenied, "wrong credentials are not no credentials")
	_, err = auth.Chain().Authenticate(r)
	require.ErrorIs(t, err, auth.ErrNoCredentials)
	require.ErrorIs(t, err, quintet.ErrInput)
	p, err = auth.Chain(none, auth.Anonymous("user")).Authenticate(r)
	require.NoError(t, err)
	require.Equal(t, []string{"user"}, p.Roles)
	broken := errors.New("no key server")
	_, err = auth.Chain(says(auth.Principal{}, broken), ann).Authenticate(r)
	require.ErrorIs(t, err, broken)
}

func TestOwnersOfTwoTenantsAreNeverTheSame(t *testing.T) {
	a, b := auth.Principal{Tenant: "a/b", Subject: "c"}, auth.Principal{Tenant: "a", Subject: "b/c"}
	require.NotEqual(t, a.Owner(), b.Owner())
	for _, p := range []auth.Principal{a, b, {}, {Subject: `q"`}} {
		back, ok := auth.ParseOwner(p.Owner())
		require.True(t, ok)
		require.Equal(t, p, back)
	}
	for _, s := range []string{"", "a/b", `"a"`, `"a"b`, `"a"/b`} {
		_, ok := auth.ParseOwner(s)
		require.False(t, ok, s)
	}
	ctx := auth.NewContext(t.Context(), a)
	got, ok := auth.FromContext(ctx)
	require.True(t, ok)
	require.Equal(t, a, got)
	_, ok = auth.FromContext(t.Context())
	require.False(t, ok)
}

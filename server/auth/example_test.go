package auth_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/quintet-ai/quintet/server/auth"
)

func ExampleNewJWT() {
	key := auth.JWTKey{ID: "2026-01", Secret: []byte(strings.Repeat("from a random source ", 2))}
	tokens, err := auth.NewJWT(auth.JWTOptions{Keys: []auth.JWTKey{key}, Issuer: "us", Audience: []string{"quintet"}})
	if err != nil {
		panic(err)
	}
	token, err := auth.Mint(auth.MintOptions{Key: key, Issuer: "us", Audience: []string{"quintet"}, TTL: time.Minute},
		auth.Principal{Subject: "ann", Tenant: "acme", Roles: []string{auth.RoleUser}})
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	p, err := tokens.Authenticate(r)
	fmt.Println(p.Subject, p.Tenant, p.Roles, p.Method, err)
	_, err = tokens.Verify(token[:len(token)-2])
	fmt.Println(err != nil)
	// Output:
	// ann acme [user] jwt <nil>
	// true
}

func ExampleNewAPIKeys() {
	ctx := context.Background()
	keys, err := auth.NewAPIKeys(auth.APIKeysOptions{})
	if err != nil {
		panic(err)
	}
	key, kept, err := keys.Create(ctx, auth.APIKey{Subject: "build server", Roles: []string{auth.RoleUser}, Scopes: []string{"text:*"}})
	if err != nil {
		panic(err)
	}
	p, err := keys.Verify(ctx, key)
	fmt.Println(p.Subject, auth.DefaultPolicy().Allows(p, "text:process"), auth.DefaultPolicy().Allows(p, "vector:search"), err)
	fmt.Println(keys.Revoke(ctx, kept.ID))
	_, err = keys.Verify(ctx, key)
	fmt.Println(err == nil)
	// Output:
	// build server true false <nil>
	// <nil>
	// false
}

func ExampleTOTP() {
	app := auth.TOTP{Secret: []byte("12345678901234567890"), Digits: 8}
	at := time.Unix(59, 0)
	code, err := app.Code(at)
	fmt.Println(code, err)
	step, err := app.Verify(code, at, 0)
	fmt.Println(step, err)
	_, err = app.Verify(code, at, step)
	fmt.Println(err)
	// Output:
	// 94287082 <nil>
	// 1 <nil>
	// one-time code is wrong, too old or used: credentials are not valid: invalid input
}

func ExampleLogin() {
	users, err := auth.NewUsers(auth.UsersOptions{})
	if err != nil {
		panic(err)
	}
	if err := users.Add(context.Background(), auth.User{Name: "ann", Roles: []string{auth.RoleViewer}}, "a long password"); err != nil {
		panic(err)
	}
	browsers, err := auth.NewSessions(auth.SessionsOptions{})
	if err != nil {
		panic(err)
	}
	login, err := auth.NewLogin(auth.LoginOptions{Users: users, Sessions: browsers})
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodPost, "https://localhost/session", strings.NewReader(`{"name":"ann","password":"a long password"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	login.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Result().Cookies()[0].Name)
	// Output: 200 __Host-quintet
}

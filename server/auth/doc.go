// Package auth says who sends a request and what they may do.
//
//	tokens, err := auth.NewJWT(auth.JWTOptions{Keys: keys, Issuer: "https://id.example.org", Audience: names})
//	programs, err := auth.NewAPIKeys(auth.APIKeysOptions{Store: file})
//	browsers, err := auth.NewSessions(auth.SessionsOptions{})
//	all := auth.Chain(programs, tokens, browsers) // the first that finds credentials decides
//	s, err := server.New(pipelines, server.Options{Auth: all})
//
// # Deny by default
//
// A role without a row in the [Policy] may do nothing, and a permission that no row
// names is nobody's. Every authenticator tells a request without credentials of its
// kind ([ErrNoCredentials]) from one with wrong credentials ([ErrDenied]): the first
// leaves it to the next, the second ends it. Errors say why for the log; server tells
// callers nothing but that they are refused.
//
// # People
//
// [Users] log in with a password ([Passwords]) and perhaps a code of an app ([TOTP]);
// guessing is bounded by [LockOptions]. [Login] is that for a page, which gets a cookie
// of [Sessions]. Requests of the page that change something need the token of the
// session.
//
// # Limits
//
// Everything in memory, such as failed logins and sessions by default, holds for one
// process and ends with it. A token cannot be taken back before it expires but by
// replacing its key, and a session keeps the roles of its login until it ends. Tokens
// are not encrypted, and keys are not fetched from anywhere: what rotates them calls
// [JWT.SetKeys]. A user whose hash is still of bcrypt can be told from an unknown one
// by the time of an answer, until the first login replaces it. Whoever guesses from
// many addresses can lock a user out for a time.
package auth

// Package auth says who sends a request and what they may do.
//
//	users, err := auth.Chain(keys, tokens)          // the first that knows the caller decides
//	principal, err := users.Authenticate(request)
//	ok := policy.Allows(principal, "text:process")
//
// # Deny by default
//
// A role without a row in the [Policy] may do nothing, and a permission that no row
// names is nobody's. Every authenticator tells a request without credentials of its
// kind ([ErrNoCredentials]) from one with wrong credentials ([ErrDenied]): the first
// leaves it to the next, the second ends it.
package auth

// Package e2e has no code, but tests that hold the server's answers against its OpenAPI
// document with a validator that is not ours. It is a module of its own so that nobody
// who uses Quintet has the validator among their modules.
package e2e

// Package vault takes secrets of a service from a server of Vault or OpenBao, from files
// that Docker or Kubernetes mount, and from other variables of the environment:
//
//	r, err := vault.New(vault.Options{
//		Address: "https://vault:8200", Kubernetes: vault.Kubernetes{Role: "quintet"},
//	})
//	environ, err := r.Environ(ctx, os.Environ())
//	c, err := config.Load(config.LoadOptions{File: "config.yml", Environ: environ})
//
// # References
//
// A variable such as DB_PASSWORD may hold references, alone or within a text:
//
//	${vault:secret/quintet/db#password}  a key of a secret of the KV v2 engine at secret
//	${file:/run/secrets/db_password}     a file, without the end of its last line
//	${env:PGPASSWORD}                    another variable, whose own references stay as they are
//
// A reference to what is not there is an error; nothing is ever taken for empty. In the
// file of package config, ${DB_PASSWORD} stands for such a variable. A secret is never
// logged and stands in no error.
//
// # Rotation
//
// [Resolver.Watch] looks at the secrets again and again and hands the new environment to
// a function when one has changed, which loads the configuration and applies it. A
// server that is away changes nothing.
//
// # Tokens
//
// The token is given, read from a file such as that of an agent, or got by the login of
// an AppRole or of a Kubernetes service account. It is renewed when a third of its time
// is left; one that cannot be renewed, or was revoked, is replaced by another login.
//
// # Limits
//
// Of Vault's engines only KV version 2 is read. Tokens go over https only, except to this
// machine itself. Redirects are not followed, since they could take the token elsewhere:
// Address should be that of a load balancer or of the active server. OpenBao cannot be
// built from the module proxy, so that the tests speak to a server of their own, which
// holds to the documents of the API and passes the calls of OpenBao's official client;
// they run on a real server too where VAULT_TEST_ADDR and VAULT_TEST_TOKEN name one.
package vault

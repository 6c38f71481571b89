package vault

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/config"
)

// Options configures [New]. The zero value resolves files and variables only.
type Options struct {
	// Address is that of the server, such as "https://vault:8200". Default: none, and
	// references to it are errors.
	Address string

	// Namespace is that of Vault Enterprise and OpenBao. Default: none.
	Namespace string

	// Mount is the path of the engine, which references then leave out. Default: the
	// first element of each reference.
	Mount string

	// Token is the token itself.
	Token config.Secret

	// TokenFile holds the token; it is read again when the token ends.
	TokenFile string

	// AppRole logs in by a role's ID and secret.
	AppRole AppRole

	// Kubernetes logs in by a service account. At most one of the four may be set;
	// without Address none.
	Kubernetes Kubernetes

	// CAFile has the certificates, as PEM, that vouch for the server. Default: those of
	// the system.
	CAFile string

	// Timeout bounds every request. Default: 10 s.
	Timeout time.Duration

	// Every is the time between two looks of [Resolver.Watch]. Default: 1 min.
	Every time.Duration

	// Logger hears of logins, renewals and trouble, never of secrets. Default: nobody.
	Logger *slog.Logger
}

// AppRole is a role for machines.
type AppRole struct {
	// RoleID is that of the role. Default: no login by AppRole.
	RoleID string

	// SecretID is the secret that belongs to it.
	SecretID config.Secret

	// SecretIDFile holds it instead, and is read at every login.
	SecretIDFile string

	// Mount is the path of the method. Default: approle.
	Mount string
}

// Kubernetes is a login by the token of a service account.
type Kubernetes struct {
	// Role is that of the method. Default: no login by service account.
	Role string

	// TokenFile holds the account's token, and is read at every login. Default: where
	// Kubernetes mounts it.
	TokenFile string

	// Mount is the path of the method. Default: kubernetes.
	Mount string
}

func (o Options) withDefaults() (Options, error) {
	ways := 0
	for _, set := range []bool{!o.Token.Empty(), o.TokenFile != "", o.AppRole.RoleID != "", o.Kubernetes.Role != ""} {
		if set {
			ways++
		}
	}
	switch {
	case o.Timeout < 0 || o.Every < 0:
		return o, fmt.Errorf("vault: negative time: %w", quintet.ErrOption)
	case ways > 1 || ways == 1 && o.Address == "" || ways == 0 && o.Address != "":
		return o, fmt.Errorf("vault: want an address and one of token, file, AppRole and Kubernetes, or neither: %w", quintet.ErrOption)
	case o.AppRole.RoleID != "" && o.AppRole.SecretID.Empty() == (o.AppRole.SecretIDFile == ""):
		return o, fmt.Errorf("vault: want a secret ID or its file: %w", quintet.ErrOption)
	}
	o.AppRole.Mount = cmp.Or(strings.Trim(o.AppRole.Mount, "/"), "approle")
	o.Kubernetes.Mount = cmp.Or(strings.Trim(o.Kubernetes.Mount, "/"), "kubernetes")
	o.Kubernetes.TokenFile = cmp.Or(o.Kubernetes.TokenFile, "/var/run/secrets/kubernetes.io/serviceaccount/token")
	o.Mount = strings.Trim(o.Mount, "/")
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.Every = cmp.Or(o.Every, time.Minute)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	if o.Address == "" {
		return o, nil
	}
	o.Address = strings.TrimRight(o.Address, "/")
	return o, checkAddress(o.Address)
}

func checkAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("vault: address is no http address: %w", quintet.ErrOption)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("vault: address holds more than scheme, host and path: %w", quintet.ErrOption)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return fmt.Errorf("vault: secrets would come from %s in the clear, use https: %w", u.Host, quintet.ErrOption)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// client returns one that follows no redirects.
func (o Options) client() (*http.Client, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("vault: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("vault: %s has no certificate: %w", o.CAFile, quintet.ErrOption)
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{
		Transport: t, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

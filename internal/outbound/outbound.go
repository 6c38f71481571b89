// Package outbound makes HTTP clients for addresses that somebody configured or sent.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"github.com/quintet-ai/quintet"
)

// Options configures [Client]. The zero value reaches public addresses only.
type Options struct {
	// Private lets the client reach loopback, private and link-local addresses too.
	Private bool

	// Allow are networks that it may reach although they are not public.
	Allow []netip.Prefix

	// Timeout bounds a request with its redirects and its body. Default: 10 s.
	Timeout time.Duration
}

// Client returns a client that looks at the address it is about to connect to, after
// names were resolved and for every redirect, and refuses with [quintet.ErrInput] what
// the options do not allow. It heeds no proxy of the environment and follows at most 3
// redirects, none from https to http.
func Client(o Options) *http.Client {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	dialer := &net.Dialer{Timeout: o.Timeout, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		return o.check(address)
	}}
	return &http.Client{
		Timeout:       o.Timeout,
		CheckRedirect: redirect,
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           16,
			IdleConnTimeout:        30 * time.Second,
			TLSHandshakeTimeout:    5 * time.Second,
			ResponseHeaderTimeout:  o.Timeout,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
}

func redirect(r *http.Request, via []*http.Request) error {
	switch {
	case len(via) > 3:
		return fmt.Errorf("more than 3 redirects: %w", quintet.ErrInput)
	case via[0].URL.Scheme == "https" && r.URL.Scheme != "https":
		return fmt.Errorf("redirect from https to %s: %w", r.URL.Scheme, quintet.ErrInput)
	}
	return nil
}

// check refuses an address and port that must not be connected to.
func (o Options) check(address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, errors.Join(err, quintet.ErrInput))
	}
	ip := ap.Addr().Unmap().WithZone("")
	if o.Private || Public(ip) {
		return nil
	}
	for _, p := range o.Allow {
		if p.Contains(ip) {
			return nil
		}
	}
	return fmt.Errorf("%v is not a public address: %w", ip, quintet.ErrInput)
}

// special are networks that are not private by name and lead inside all the same:
// shared address space, benchmarking, documentation, and IPv6 forms that hold an IPv4
// address.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/32"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// Public reports whether an address is reachable by anybody, so that a request to it
// tells a stranger nothing new.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// Read returns at most limit bytes of a body and closes it; one that is longer is
// [quintet.ErrInput].
func Read(body io.ReadCloser, limit int64) ([]byte, error) {
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err == nil && int64(len(b)) > limit {
		return nil, fmt.Errorf("answer is longer than %d bytes: %w", limit, quintet.ErrInput)
	}
	return b, err
}

// RetryAfter reads the header of that name: seconds or a date. It is 0 if there is none.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if n, err := strconv.Atoi(v); err == nil {
		return time.Duration(min(max(n, 0), 1<<31)) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}

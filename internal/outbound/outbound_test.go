package outbound_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/outbound"
)

func TestPublic(t *testing.T) {
	tests := map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "1.1.1.1": true,
		"127.0.0.1": false, "::1": false, "::ffff:127.0.0.1": false, "::127.0.0.1": false, "0.0.0.0": false, "::": false,
		"10.0.0.1": false, "192.168.1.1": false, "172.16.0.1": false, "169.254.169.254": false, "fe80::1": false,
		"fd00::1": false, "100.64.0.1": false, "64:ff9b::a00:1": false, "2002:7f00:1::": false, "224.0.0.1": false,
		"255.255.255.255": false, "198.18.0.1": false,
	}
	for addr, want := range tests {
		require.Equal(t, want, outbound.Public(netip.MustParseAddr(addr)), addr)
	}
}

func TestClientRefusesPrivateAddresses(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inside") }))
	defer s.Close()
	for _, url := range []string{s.URL, strings.Replace(s.URL, "127.0.0.1", "localhost", 1), strings.Replace(s.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)} {
		_, err := outbound.Client(outbound.Options{}).Get(url)
		require.ErrorIs(t, err, quintet.ErrInput, url)
	}
	allowed := outbound.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for _, o := range []outbound.Options{{Private: true}, allowed} {
		resp, err := outbound.Client(o).Get(s.URL)
		require.NoError(t, err)
		body, err := outbound.Read(resp.Body, 6)
		require.NoError(t, err)
		require.Equal(t, "inside", string(body))
	}
}

func TestClientChecksEveryRedirect(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer inside.Close()
	hops := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hops++
		if r.URL.Path == "/inside" {
			http.Redirect(w, r, strings.Replace(inside.URL, "127.0.0.1", "127.0.0.2", 1), http.StatusFound)
			return
		}
		http.Redirect(w, r, "/again", http.StatusFound)
	}))
	defer s.Close()
	c := outbound.Client(outbound.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	_, err := c.Get(s.URL + "/inside")
	require.ErrorIs(t, err, quintet.ErrInput)
	require.ErrorContains(t, err, "127.0.0.2")
	hops = 0
	_, err = c.Get(s.URL)
	require.ErrorIs(t, err, quintet.ErrInput)
	require.Equal(t, 4, hops)
}

func TestReadStopsAtItsLimit(t *testing.T) {
	_, err := outbound.Read(io.NopCloser(strings.NewReader("seven b")), 6)
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-7": 0, "soon": 0, "Fri, 02 Jan 2026 03:05:05 GMT": time.Minute,
		"Fri, 02 Jan 2025 03:05:05 GMT": 0,
	} {
		require.Equal(t, want, outbound.RetryAfter(http.Header{"Retry-After": {v}}, now), v)
	}
}

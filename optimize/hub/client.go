package hub

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// maxRedirects is far above what a file server and its storage need.
const maxRedirects = 10

// transient is an error that another attempt may not meet.
type transient struct{ err error }

func (t *transient) Error() string { return t.err.Error() }
func (t *transient) Unwrap() error { return t.err }

func isTransient(err error) bool {
	var t *transient
	return errors.As(err, &t)
}

// client speaks to one server and to where that redirects.
type client struct {
	http     http.Client
	endpoint *url.URL
	token    string
}

func newClient(o FetchOptions) (*client, error) {
	endpoint, err := url.Parse(o.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("endpoint: %w: %w", err, quintet.ErrOption)
	}
	c := &client{endpoint: endpoint, token: o.Token}
	if o.Client != nil {
		c.http = *o.Client
	} else {
		c.http.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	}
	// Redirects are followed by hand: the token must not go with them, not even
	// to a host of the same domain, and what the first server says is needed.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// close frees the connections of a client that nobody else uses.
func (c *client) close(o FetchOptions) {
	if o.Client == nil {
		c.http.CloseIdleConnections()
	}
}

// origin is what the server of the endpoint says about a file before it
// redirects to where that is kept.
type origin struct {
	commit string // "" if it does not say
	digest string // SHA-256, "" if it does not say
	size   int64  // -1 if it does not say
}

// get follows redirects and returns the last response, whose body the caller
// closes.
func (c *client) get(ctx context.Context, address string, header http.Header) (*http.Response, origin, error) {
	at := origin{size: -1}
	u, err := url.Parse(address)
	if err != nil {
		return nil, at, fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	for range maxRedirects {
		resp, err := c.once(ctx, u, header)
		if err != nil {
			return nil, at, err
		}
		if c.trusted(u) {
			at.note(resp.Header)
		}
		next, err := redirect(resp)
		if err != nil || next == nil {
			return resp, at, err
		}
		u = next
	}
	return nil, at, fmt.Errorf("more than %d redirects: %w", maxRedirects, quintet.ErrModel)
}

// once sends one request.
func (c *client) once(ctx context.Context, u *url.URL, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	req.Header = header.Clone()
	req.Header.Set("User-Agent", "quintet")
	if c.token != "" && c.trusted(u) {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	var outer *url.Error
	if errors.As(err, &outer) {
		err = fmt.Errorf("%s: %w", u.Host, outer.Err) // its text has the address with the storage's secrets
	}
	var badCert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &badCert):
		return nil, fmt.Errorf("%w: %w", err, quintet.ErrModel)
	case err != nil:
		return nil, &transient{err}
	}
	return resp, nil
}

// trusted reports whether u is on the endpoint's own host and protocol.
func (c *client) trusted(u *url.URL) bool {
	return u.Scheme == c.endpoint.Scheme && strings.EqualFold(u.Host, c.endpoint.Host)
}

// note keeps what the first answer says.
func (at *origin) note(h http.Header) {
	if commit := h.Get("X-Repo-Commit"); at.commit == "" && isCommit(commit) {
		at.commit = commit
	}
	if digest := strings.Trim(h.Get("X-Linked-Etag"), `"`); at.digest == "" && isSHA256(digest) {
		at.digest = digest
	}
	if size, err := strconv.ParseInt(h.Get("X-Linked-Size"), 10, 64); at.size < 0 && err == nil && size >= 0 {
		at.size = size
	}
}

// redirect returns where resp leads, nil if it is an answer. It closes the body
// of a response that leads elsewhere.
func redirect(resp *http.Response) (*url.URL, error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	resp.Body.Close()
	u, err := resp.Location()
	switch {
	case err != nil:
		return nil, fmt.Errorf("redirect: %w: %w", err, quintet.ErrModel)
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return nil, fmt.Errorf("redirect to a %q address: %w", u.Scheme, quintet.ErrModel)
	case u.Scheme == "http" && resp.Request.URL.Scheme == "https":
		return nil, fmt.Errorf("redirect from https to http at %s: %w", u.Host, quintet.ErrModel)
	}
	return u, nil
}

// statusError explains an answer that is none.
func statusError(resp *http.Response) error {
	status := resp.Status
	if status == "" {
		status = strconv.Itoa(resp.StatusCode)
	}
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return fmt.Errorf("server answers %q: no such repository, or one that needs a token with access: %w",
			status, quintet.ErrModel)
	case code == http.StatusNotFound || code == http.StatusGone:
		return fmt.Errorf("server answers %q: no such repository, revision or file: %w", status, quintet.ErrModel)
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		err := fmt.Errorf("server answers %q: %w", status, quintet.ErrBusy)
		if wait, ok := retryAfter(resp.Header.Get("Retry-After"), time.Now()); ok {
			err = &optimize.RetryAfterError{After: wait, Err: err}
		}
		return &transient{err}
	}
	return fmt.Errorf("server answers %q: %w", status, quintet.ErrModel)
}

// retryAfter reads the header of that name: seconds or a date.
func retryAfter(s string, now time.Time) (time.Duration, bool) {
	if n, err := strconv.ParseUint(s, 10, 32); err == nil {
		return time.Duration(n) * time.Second, true
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}

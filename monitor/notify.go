package monitor

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/outbound"
)

// Log returns a notifier that writes one record for each alert: at level Info when it
// is over or is Info, at Warn for a Warning, at Error otherwise.
func Log(l *slog.Logger) Notifier {
	return NotifierFunc(func(ctx context.Context, alerts []Alert) error {
		for _, a := range alerts {
			level, what := slog.LevelError, "alert"
			switch {
			case a.Resolved():
				level, what = slog.LevelInfo, "alert resolved"
			case a.Severity == Info:
				level = slog.LevelInfo
			case a.Severity == Warning:
				level = slog.LevelWarn
			}
			l.LogAttrs(ctx, level, what, slog.String("name", a.Name), slog.String("severity", a.Severity.String()),
				slog.Any("labels", a.Labels), slog.String("summary", a.Summary), slog.Float64("value", a.Value))
		}
		return nil
	})
}

// Endpoint is where a notifier sends to.
type Endpoint struct {
	// URL is http or https.
	URL string

	// Private allows an address that is not public, such as that of a service on the
	// same network. Without it such an address is refused, also behind a name or a
	// redirect: an address that somebody else may set must not lead inside.
	Private bool

	// Header is added to requests, such as Authorization.
	Header http.Header

	// Timeout bounds a request. Default: 10 s.
	Timeout time.Duration
}

// poster sends JSON to an endpoint.
type poster struct {
	Endpoint
	client *http.Client
}

func (e Endpoint) poster() (*poster, error) {
	u, err := url.Parse(e.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("notifier needs the URL of a server: %w", quintet.ErrOption) // the URL may be secret
	}
	return &poster{e, outbound.Client(outbound.Options{Private: e.Private, Timeout: e.Timeout})}, nil
}

// post sends body and takes any answer of 2xx for yes.
func (p *poster) post(ctx context.Context, body []byte, header http.Header) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("request: %w", quintet.ErrOption)
	}
	for _, h := range []http.Header{p.Header, header} {
		for k, v := range h {
			r.Header[k] = v
		}
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := p.client.Do(r)
	if err != nil {
		var where *url.Error // it prints the URL, which may hold a secret
		if errors.As(err, &where) {
			err = where.Err
		}
		return err
	}
	answer, _ := outbound.Read(resp.Body, 64<<10)
	return verdict(resp, answer)
}

// verdict is the answer as an error: one that will not change wraps ErrInput.
func verdict(resp *http.Response, body []byte) error {
	if resp.StatusCode/100 == 2 {
		return nil
	}
	err := fmt.Errorf("the service answered %d %.200q", resp.StatusCode, body)
	switch {
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable:
		if after := outbound.RetryAfter(resp.Header, time.Now()); after > 0 {
			return &RetryAfterError{after, err}
		}
		return err
	case resp.StatusCode/100 == 5 || resp.StatusCode == http.StatusRequestTimeout:
		return err
	}
	return fmt.Errorf("%w: %w", err, quintet.ErrInput)
}

// Webhook returns a notifier that posts {"version":1,"alerts":[…]}, each alert as its
// JSON with "fingerprint" and "resolved". With a secret, which should have 32 bytes or
// more, each request is signed for [VerifyWebhook].
func Webhook(e Endpoint, secret []byte) (Notifier, error) {
	p, err := e.poster()
	if err != nil {
		return nil, err
	}
	secret = bytes.Clone(secret)
	return NotifierFunc(func(ctx context.Context, alerts []Alert) error {
		body, err := json.Marshal(webhookBody{Version: 1, Alerts: webhookAlerts(alerts)})
		if err != nil {
			return fmt.Errorf("%w: %w", err, quintet.ErrInput)
		}
		header := http.Header{}
		if len(secret) > 0 {
			at := strconv.FormatInt(time.Now().Unix(), 10)
			header.Set(timestampHeader, at)
			header.Set(signatureHeader, "sha256="+hex.EncodeToString(signature(secret, at, body)))
		}
		return p.post(ctx, body, header)
	}), nil
}

type webhookBody struct {
	Version int            `json:"version"`
	Alerts  []webhookAlert `json:"alerts"`
}

type webhookAlert struct {
	Alert
	Fingerprint string `json:"fingerprint"`
	Resolved    bool   `json:"resolved"`
}

func webhookAlerts(alerts []Alert) []webhookAlert {
	out := make([]webhookAlert, len(alerts))
	for i, a := range alerts {
		out[i] = webhookAlert{a, a.Fingerprint(), a.Resolved()}
	}
	return out
}

const (
	timestampHeader = "X-Quintet-Timestamp"
	signatureHeader = "X-Quintet-Signature"
)

func signature(secret []byte, timestamp string, body []byte) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(timestamp + "."))
	m.Write(body)
	return m.Sum(nil)
}

// VerifyWebhook returns nil if a request of [Webhook] was signed with the secret at
// most age ago, and [quintet.ErrInput] otherwise: header and body are those of the
// request. The signature is the HMAC-SHA256 of the time in seconds, a full stop and
// the body. It takes the same time whatever differs.
func VerifyWebhook(secret []byte, header http.Header, body []byte, age time.Duration) error {
	at := header.Get(timestampHeader)
	given, err := hex.DecodeString(trimScheme(header.Get(signatureHeader)))
	if err != nil || !hmac.Equal(given, signature(secret, at, body)) {
		return fmt.Errorf("the signature is not that of this body: %w", quintet.ErrInput)
	}
	sec, err := strconv.ParseInt(at, 10, 64)
	if err != nil || time.Since(time.Unix(sec, 0)).Abs() > age {
		return fmt.Errorf("the request was signed at %q, too long ago: %w", at, quintet.ErrInput)
	}
	return nil
}

func trimScheme(s string) string {
	const scheme = "sha256="
	if len(s) < len(scheme) || s[:len(scheme)] != scheme {
		return "?"
	}
	return s[len(scheme):]
}

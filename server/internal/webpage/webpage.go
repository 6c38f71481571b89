// Package webpage serves pages that are one file each: markup with its style and its
// script inside, under a policy that lets the browser run these and nothing else.
package webpage

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// Page is a page, an [http.Handler].
type Page struct {
	body   string
	policy string
}

// New puts css and js where the markup has an empty style and an empty script element.
// The page may ask its own origin for data; it is shown in no frame, submits no form
// by itself, and its script cannot turn text into markup.
func New(markup, css, js string) *Page {
	body := strings.Replace(markup, "<style></style>", "<style>"+css+"</style>", 1)
	body = strings.Replace(body, "<script></script>", "<script>"+js+"</script>", 1)
	return &Page{body, strings.Join([]string{
		"default-src 'none'", "script-src " + hash(js), "style-src " + hash(css), "connect-src 'self'", "img-src data:",
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
	}, "; ")}
}

// hash names a text as a policy does.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// ServeHTTP sends the page. The policy replaces one that was set before.
func (p *Page) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	Protect(h)
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(p.body)) // an error here is a client that went away
}

// Protect sets the headers that every answer to a browser has.
func Protect(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}

package hub_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
)

func TestFetchRefuses(t *testing.T) {
	data := blob(5, 1<<20)
	want := sum(data)
	bad := append([]byte{data[0] ^ 1}, data[1:]...)
	tests := map[string]struct {
		trouble trouble
		change  func(o *hub.FetchOptions)
		cause   error
		message string
	}{
		"corrupt bytes": {
			func(_ int, w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write(bad); return true },
			func(o *hub.FetchOptions) { o.SHA256 = map[string]string{"model.onnx": want} },
			quintet.ErrModel, "model.onnx: SHA-256 should be " + want + ", is " + sum(bad),
		},
		"bytes that are not what the server itself states": {
			func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("X-Linked-Etag", `"`+want+`"`)
				_, _ = w.Write(bad)
				return true
			}, nil, quintet.ErrModel, "SHA-256 should be " + want,
		},
		"more bytes than the size": {
			func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("X-Linked-Size", "1000")
				_, _ = w.Write(data)
				return true
			}, nil, quintet.ErrModel, "more bytes than its size, which is 1000",
		},
		"endless bytes": {
			func(_ int, w http.ResponseWriter, r *http.Request) bool {
				for r.Context().Err() == nil {
					_, _ = w.Write(data)
				}
				return true
			},
			func(o *hub.FetchOptions) { o.MaxBytes = 5 << 20 },
			quintet.ErrModel, "more bytes than MaxBytes leaves, which is 5242880 of 5242880",
		},
		"a size beyond the limit": {
			nil, func(o *hub.FetchOptions) { o.MaxBytes = 1000 },
			quintet.ErrModel, "more bytes than MaxBytes leaves, which is 1000 of 1000",
		},
		"an end that may be a cut": {
			func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					_, _ = conn.Write([]byte("HTTP/1.0 200 OK\r\n\r\nsome"))
					conn.Close()
				}
				return true
			}, nil, quintet.ErrModel, "server states no size",
		},
		"a compressed body": {
			func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Encoding", "gzip")
				_, _ = w.Write(data)
				return true
			}, nil, quintet.ErrModel, `encoding "gzip"`,
		},
		"no access":      {status(401), nil, quintet.ErrModel, `server answers "401 Unauthorized": no such repository, or one`},
		"forbidden":      {status(403), nil, quintet.ErrModel, "needs a token with access"},
		"no such file":   {status(404), nil, quintet.ErrModel, "no such repository, revision or file"},
		"an odd status":  {status(418), nil, quintet.ErrModel, "418"},
		"always busy":    {status(503), nil, quintet.ErrBusy, `attempt 5 of 5: server answers "503 Service Unavailable"`},
		"too many calls": {status(429), nil, quintet.ErrBusy, "attempt 5 of 5"},
		"a long pause": {
			func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(429)
				return true
			}, nil, quintet.ErrBusy, "try again in 1h0m0s",
		},
		"always cut": {
			func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Length", "100")
				panic(http.ErrAbortHandler)
			}, nil, quintet.ErrModel, "attempt 5 of 5",
		},
		"a redirect in a circle": {
			func(_ int, w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, r.URL.Path, http.StatusFound)
				return true
			}, nil, quintet.ErrModel, "more than 10 redirects",
		},
		"a redirect to the disk": {
			func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Location", "file:///etc/passwd")
				w.WriteHeader(http.StatusFound)
				return true
			}, nil, quintet.ErrModel, `redirect to a "file" address`,
		},
		"a redirect to nowhere": {status(302), nil, quintet.ErrModel, "redirect: "},
		"a server that is not there": {
			nil, func(o *hub.FetchOptions) { o.Endpoint = "http://127.0.0.1:1" },
			quintet.ErrModel, "attempt 5 of 5: 127.0.0.1:1: ",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string][]byte{"model.onnx": data})
			s.trouble = tt.trouble
			o := s.options(t)
			if tt.change != nil {
				tt.change(&o)
			}
			dir, err := hub.Fetch(ctx, repo, o)
			require.ErrorIs(t, err, tt.cause)
			require.ErrorContains(t, err, tt.message)
			require.ErrorContains(t, err, "hub: owner/name: model.onnx: ")
			require.Empty(t, dir)
			require.Empty(t, tree(t, o.Dir), "nothing stays")
		})
	}
}

func status(code int) trouble {
	return func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(code)
		return true
	}
}

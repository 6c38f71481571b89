package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// The causes that are this package's own.
var (
	// ErrNotFound says that a secret, key, file or variable is not there. It is a
	// [quintet.ErrOption].
	ErrNotFound = fmt.Errorf("no such secret: %w", quintet.ErrOption)

	// ErrDenied says that the server does not accept the login, or that its policies do
	// not let the token read. It is a [fs.ErrPermission].
	ErrDenied = fmt.Errorf("denied by the server: %w", fs.ErrPermission)

	// ErrUnavailable says that the server cannot be reached, is sealed or overloaded. It
	// is a [quintet.ErrBusy].
	ErrUnavailable = fmt.Errorf("server does not answer: %w", quintet.ErrBusy)
)

const maxAnswer = 4 << 20

// server sends requests to the API.
type server struct {
	opt  Options
	http *http.Client
}

// answer is what the server says.
type answer struct {
	Data json.RawMessage `json:"data"`
	Auth *struct {
		ClientToken   string `json:"client_token"`
		LeaseDuration int64  `json:"lease_duration"` // in seconds
		Renewable     bool   `json:"renewable"`
	} `json:"auth"`
}

// call sends a request, and again if the server may do better then. Its errors have
// nothing of what was sent or answered.
func (s *server) call(ctx context.Context, method, path, token string, body map[string]string) (answer, error) {
	step := func(ctx context.Context, _ struct{}) (answer, error) { return s.try(ctx, method, path, token, body) }
	a, err := optimize.Retry(step, optimize.RetryOptions{
		Attempts: 3, Retryable: func(err error) bool { return errors.Is(err, ErrUnavailable) },
	})(ctx, struct{}{})
	if err != nil {
		return answer{}, fmt.Errorf("vault: %s: %w", path, err)
	}
	return a, nil
}

func (s *server) try(ctx context.Context, method, path, token string, body map[string]string) (a answer, err error) {
	var sent io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return a, err
		}
		sent = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, s.opt.Address+"/v1/"+path, sent)
	if err != nil {
		return a, fmt.Errorf("%w: %w", err, quintet.ErrOption)
	}
	r.Header.Set("X-Vault-Request", "true")
	if token != "" {
		r.Header.Set("X-Vault-Token", token)
	}
	if s.opt.Namespace != "" {
		r.Header.Set("X-Vault-Namespace", s.opt.Namespace)
	}
	resp, err := s.http.Do(r)
	if err != nil {
		return a, unreachable(ctx, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return a, unreachable(ctx, err)
	case len(b) > maxAnswer:
		return a, fmt.Errorf("answer has more than %d bytes: %w", maxAnswer, quintet.ErrInput)
	}
	if err := status(resp.StatusCode); err != nil {
		return a, err
	}
	if len(b) > 0 && json.Unmarshal(b, &a) != nil {
		return a, fmt.Errorf("answer is no JSON: %w", ErrUnavailable)
	}
	return a, nil
}

// unreachable keeps the end of the caller's context and nothing of other contexts.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %s", ErrUnavailable, err.Error())
}

// status says what the code of an answer means.
func status(code int) error {
	switch {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusNotFound:
		return ErrNotFound
	case code == http.StatusForbidden || code == http.StatusUnauthorized || code == http.StatusBadRequest:
		return fmt.Errorf("status %d: %w", code, ErrDenied)
	case code >= 300 && code < 400:
		return fmt.Errorf("status %d, which leads elsewhere; is the address that of a standby? %w", code, ErrUnavailable)
	case code >= 500 || code == http.StatusTooManyRequests || code == 412 || code == 472 || code == 473:
		return fmt.Errorf("status %d: %w", code, ErrUnavailable)
	}
	return fmt.Errorf("status %d: %w", code, quintet.ErrUnsupported)
}

// secret reads a secret of the KV v2 engine.
func (s *server) secret(ctx context.Context, path, token string) (map[string]json.RawMessage, error) {
	mount, rest := s.opt.Mount, path
	if mount == "" {
		mount, rest, _ = strings.Cut(path, "/")
	}
	a, err := s.call(ctx, http.MethodGet, escaped(mount)+"/data/"+escaped(rest), token, nil)
	if err != nil {
		return nil, err
	}
	var kv struct {
		Data     map[string]json.RawMessage `json:"data"`
		Metadata *struct{}                  `json:"metadata"`
	}
	if err := json.Unmarshal(a.Data, &kv); err != nil || kv.Metadata == nil {
		return nil, fmt.Errorf("vault: %s is no secret of a KV v2 engine: %w", path, quintet.ErrUnsupported)
	}
	if kv.Data == nil { // the version was deleted
		return nil, fmt.Errorf("vault: %s: %w", path, ErrNotFound)
	}
	return kv.Data, nil
}

func escaped(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

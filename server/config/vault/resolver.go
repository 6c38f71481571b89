package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/config"
)

// Resolver puts secrets in the place of references. It is safe for concurrent use.
type Resolver struct {
	opt    Options
	tokens *tokens // nil without a server
}

// New returns a resolver. It asks nobody before the first reference to the server.
func New(o Options) (*Resolver, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &Resolver{opt: o}
	if o.Address == "" {
		return r, nil
	}
	c, err := o.client()
	if err != nil {
		return nil, err
	}
	r.tokens = &tokens{server: &server{o, c}}
	return r, nil
}

// reference is ${kind:rest}. Other texts in braces are left to package config.
var reference = regexp.MustCompile(`\$\{(vault|file|env):([^{}]*)\}`)

// Environ returns the variables, of the form NAME=value, with secrets in the place of
// references. A secret is read once, however many variables name it. What cannot be
// resolved is an error that names the variable; several are joined.
func (r *Resolver) Environ(ctx context.Context, environ []string) ([]string, error) {
	l := &look{Resolver: r, environ: make(map[string]string, len(environ)), secrets: make(map[string]secret)}
	for _, kv := range environ {
		if k, v, ok := strings.Cut(kv, "="); ok {
			l.environ[k] = v
		}
	}
	out := make([]string, len(environ))
	var bad []error
	for i, kv := range environ {
		k, v, _ := strings.Cut(kv, "=")
		v, err := l.expand(ctx, v)
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("vault: %w", ctx.Err())
		case err != nil:
			bad = append(bad, fmt.Errorf("%s: %w", k, err))
		case strings.ContainsRune(kv, '='):
			out[i] = k + "=" + v
		default:
			out[i] = kv
		}
	}
	if len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	return out, nil
}

// Expand returns a text with secrets in the place of references to the server and to
// files. Those to variables are [ErrNotFound].
func (r *Resolver) Expand(ctx context.Context, text string) (config.Secret, error) {
	l := &look{Resolver: r, secrets: make(map[string]secret)}
	v, err := l.expand(ctx, text)
	if err != nil {
		return config.Secret{}, err
	}
	return config.NewSecret(v), nil
}

// look is a call that reads each secret once.
type look struct {
	*Resolver
	environ map[string]string
	secrets map[string]secret // by path
}

type secret struct {
	data map[string]json.RawMessage
	err  error
}

// expand replaces references, once: what they hold is not expanded again.
func (l *look) expand(ctx context.Context, text string) (string, error) {
	var bad error
	text = reference.ReplaceAllStringFunc(text, func(m string) string {
		parts := reference.FindStringSubmatch(m)
		v, err := l.value(ctx, parts[1], parts[2])
		if err != nil && bad == nil {
			bad = err
		}
		return v
	})
	if bad != nil {
		return "", bad
	}
	return text, nil
}

func (l *look) value(ctx context.Context, kind, rest string) (string, error) {
	switch kind {
	case "env":
		v := l.environ[rest]
		if v == "" {
			return "", fmt.Errorf("vault: variable %s: %w", rest, ErrNotFound)
		}
		return v, nil
	case "file":
		if !filepath.IsAbs(rest) {
			return "", fmt.Errorf("vault: path %q is not absolute: %w", rest, quintet.ErrOption)
		}
		return readSecret(rest)
	}
	path, key, ok := strings.Cut(rest, "#")
	if !ok || key == "" || !validPath(path) || l.opt.Mount == "" && !strings.Contains(path, "/") {
		return "", fmt.Errorf("vault: want ${vault:mount/path#key}, is %q: %w", rest, quintet.ErrOption)
	}
	if l.tokens == nil {
		return "", fmt.Errorf("vault: reference to %s, and no server: %w", path, quintet.ErrOption)
	}
	s, ok := l.secrets[path]
	if !ok {
		s.data, s.err = l.tokens.read(ctx, path)
		l.secrets[path] = s
	}
	if s.err != nil {
		return "", s.err
	}
	v, err := textOf(s.data[key])
	if err != nil {
		return "", fmt.Errorf("vault: key %s of %s: %w", key, path, err)
	}
	return v, nil
}

// validPath reports whether a path has no element that leads elsewhere.
func validPath(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// textOf returns a text as it is, and anything else as JSON.
func textOf(v json.RawMessage) (string, error) {
	if len(v) == 0 || string(v) == "null" || string(v) == `""` {
		return "", ErrNotFound
	}
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s, nil
	}
	return string(v), nil
}

// read reads a secret, with another token if the first is refused.
func (t *tokens) read(ctx context.Context, path string) (map[string]json.RawMessage, error) {
	token, err := t.current(ctx)
	if err != nil {
		return nil, err
	}
	data, err := t.secret(ctx, path, token)
	if !errors.Is(err, ErrDenied) {
		return data, err
	}
	if other, _ := t.replace(ctx, token); !other {
		return nil, err
	}
	if token, err = t.current(ctx); err != nil {
		return nil, err
	}
	return t.secret(ctx, path, token)
}

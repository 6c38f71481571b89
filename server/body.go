package server

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// some makes a nil slice an empty one, which JSON has as [].
func some[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// maxDepth bounds how deep arrays and objects of a body may nest.
const maxDepth = 32

// readJSON reads a body into to, strictly: one value of JSON in UTF-8, no unknown
// fields, nothing after it.
func readJSON(r *http.Request, to any) error {
	kind, params, err := mime.ParseMediaType(cmp.Or(r.Header.Get("Content-Type"), "application/json"))
	if err != nil || kind != "application/json" {
		return fmt.Errorf("want a body of application/json: %w", errMediaType)
	}
	if c := params["charset"]; c != "" && c != "utf-8" && c != "UTF-8" {
		return fmt.Errorf("want UTF-8, not %q: %w", c, errMediaType)
	}
	b, err := bodyOf(r)
	if err != nil {
		return err
	}
	return parseJSON(b, to)
}

// inputUnless makes an error of reading a body the caller's, unless it has a code.
func inputUnless(err error) error {
	if codeOf(err) != internal {
		return err
	}
	return errors.Join(quintet.ErrInput, err)
}

func parseJSON(b []byte, to any) error {
	if !utf8.Valid(b) {
		return fmt.Errorf("body is not UTF-8: %w", quintet.ErrInput)
	}
	if q, ok := to.(quickJSON); ok && q.parseQuickly(b) {
		return nil
	}
	if depth(b) > maxDepth {
		return fmt.Errorf("body nests deeper than %d: %w", maxDepth, quintet.ErrInput)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return fmt.Errorf("body: %w: %w", err, quintet.ErrInput)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something stands after the body's value: %w", quintet.ErrInput)
	}
	return nil
}

// depth returns how deep the brackets of a JSON text nest, whether or not they match.
func depth(b []byte) (deepest int) {
	at, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			at++
			deepest = max(deepest, at)
		case c == '}' || c == ']':
			at--
		}
	}
	return deepest
}

package server

import (
	"bytes"
	"slices"
)

// quickJSON is a type that reads the JSON that clients mostly send without reflection.
type quickJSON interface {
	// parseQuickly reads a body of UTF-8 as encoding/json would, or returns false and
	// leaves the value as it was.
	parseQuickly(b []byte) bool
}

// parseQuickly implements quickJSON for an object with known names, each once, and
// strings without escapes of the form \uXXXX. A text is most of its body: it is looked
// through once here, and three times by encoding/json.
func (q *TextRequest) parseQuickly(b []byte) bool {
	var out TextRequest
	var seen []string
	p := quickParser{b}
	if !p.take('{') {
		return false
	}
	for {
		name, ok := p.string()
		if !ok || slices.Contains(seen, name) || !p.take(':') {
			return false
		}
		seen = append(seen, name)
		switch name {
		case "id":
			out.ID, ok = p.string()
		case "text":
			out.Text, ok = p.string()
		case "operations":
			out.Operations, ok = p.strings()
		default:
			return false
		}
		if !ok {
			return false
		}
		if !p.take(',') {
			break
		}
	}
	if !p.take('}') || len(p.b) > 0 {
		return false
	}
	*q = out
	return true
}

// quickParser reads JSON from the front of b. What it does not know it says no to.
type quickParser struct{ b []byte }

// take takes a mark and the white space around it.
func (p *quickParser) take(mark byte) bool {
	p.space()
	if len(p.b) == 0 || p.b[0] != mark {
		return false
	}
	p.b = p.b[1:]
	p.space()
	return true
}

func (p *quickParser) space() {
	for len(p.b) > 0 && (p.b[0] == ' ' || p.b[0] == '\n' || p.b[0] == '\r' || p.b[0] == '\t') {
		p.b = p.b[1:]
	}
}

// strings takes a list of strings.
func (p *quickParser) strings() ([]string, bool) {
	if !p.take('[') {
		return nil, false
	}
	all := []string{}
	if p.take(']') {
		return all, true
	}
	for {
		s, ok := p.string()
		if !ok {
			return nil, false
		}
		all = append(all, s)
		if !p.take(',') {
			return all, p.take(']')
		}
	}
}

// string takes a string.
func (p *quickParser) string() (string, bool) {
	p.space()
	if len(p.b) == 0 || p.b[0] != '"' {
		return "", false
	}
	b := p.b[1:]
	end := bytes.IndexByte(b, '"')
	if end < 0 {
		return "", false
	}
	if bytes.IndexByte(b[:end], '\\') >= 0 {
		return p.escaped(b)
	}
	if control(b[:end]) {
		return "", false
	}
	p.b = b[end+1:]
	return string(b[:end]), true
}

// control reports whether a string has characters that JSON wants escaped.
func control(b []byte) bool {
	for _, c := range b {
		if c < ' ' {
			return true
		}
	}
	return false
}

// plain are the characters that stand for others behind a backslash.
const plain = `"\/bfnrt`

// escaped takes the rest of a string with escapes.
func (p *quickParser) escaped(b []byte) (string, bool) {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			p.b = b[i+1:]
			return string(out), true
		case c < ' ':
			return "", false
		case c == '\\':
			i++
			if i == len(b) {
				return "", false
			}
			at := bytes.IndexByte([]byte(plain), b[i])
			if at < 0 {
				return "", false
			}
			out = append(out, "\"\\/\b\f\n\r\t"[at])
		default:
			out = append(out, c)
		}
	}
	return "", false
}

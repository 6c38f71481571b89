package graph

import (
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// jsonReader reads a JSON text value by value, and holds one string or number.
type jsonReader struct {
	scanner
	depth, max int
}

// object reads an object; f reads the value of each member.
func (j *jsonReader) object(f func(name string) error) error {
	return j.list('{', '}', func() error {
		name, err := j.text()
		if err == nil {
			err = j.expect(':')
		}
		if err != nil {
			return err
		}
		return f(name)
	})
}

// array reads an array; f reads each value.
func (j *jsonReader) array(f func() error) error { return j.list('[', ']', f) }

func (j *jsonReader) list(open, end byte, f func() error) error {
	if err := j.expect(open); err != nil {
		return err
	}
	if j.depth++; j.depth > j.max {
		return fmt.Errorf("values nested deeper than %d: %w", j.max, quintet.ErrInput)
	}
	c, err := j.start()
	for first := true; err == nil && c != end; first = false {
		if !first {
			if err := j.expect(','); err != nil {
				return err
			}
		}
		if err := f(); err != nil {
			return err
		}
		c, err = j.start()
	}
	if err != nil && err != io.EOF {
		return err
	}
	j.depth--
	return j.expect(end)
}

// text reads a string.
func (j *jsonReader) text() (string, error) {
	if err := j.expect('"'); err != nil {
		return "", err
	}
	j.buf = append(j.buf[:0], '"')
	escaped := false
	for {
		c, err := j.must()
		if err != nil {
			return "", err
		}
		j.take()
		j.buf = append(j.buf, c)
		switch {
		case c < ' ':
			return "", fmt.Errorf("byte %#x in a string: %w", c, quintet.ErrInput)
		case c == '"':
			return unquoteJSON(j.buf, escaped)
		case c == '\\':
			escaped = true
			c, err := j.must()
			if err != nil {
				return "", err
			}
			j.take()
			j.buf = append(j.buf, c)
		}
	}
}

func unquoteJSON(quoted []byte, escaped bool) (s string, err error) {
	if !utf8.Valid(quoted) {
		return "", fmt.Errorf("a string that is not UTF-8: %w", quintet.ErrInput)
	}
	if !escaped {
		return string(quoted[1 : len(quoted)-1]), nil
	}
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", fmt.Errorf("%v: %w", err, quintet.ErrInput)
	}
	return s, nil
}

// word reads a number, true, false or null.
func (j *jsonReader) word() (string, error) {
	word, err := j.run(func(c byte) bool {
		return alphanumeric(c) || c == '+' || c == '-' || c == '.'
	})
	if err == nil && !json.Valid(word) {
		err = fmt.Errorf("%.64q is no value: %w", word, quintet.ErrInput)
	}
	return string(word), err
}

// jsonScalar is a string or a number; the zero value is neither.
type jsonScalar struct {
	text string
	kind byte // '"' or '0'
}

// scalar reads any value, of which it returns a string or a number.
func (j *jsonReader) scalar() (v jsonScalar, err error) {
	c, err := j.start()
	switch {
	case err == io.EOF:
		return v, short()
	case err != nil:
		return v, err
	case c == '"':
		v.kind = '"'
		v.text, err = j.text()
	case c == '{' || c == '[':
		err = j.skip()
	default:
		if v.text, err = j.word(); c == '-' || c >= '0' && c <= '9' {
			v.kind = '0'
		}
	}
	return v, err
}

// skip reads a value that is not wanted.
func (j *jsonReader) skip() error {
	c, err := j.start()
	switch {
	case err == io.EOF:
		return short()
	case err != nil:
		return err
	case c == '{':
		return j.object(func(string) error { return j.skip() })
	case c == '[':
		return j.array(j.skip)
	}
	_, err = j.scalar()
	return err
}

// truth reads true or false.
func (j *jsonReader) truth() (bool, error) {
	if _, err := j.start(); err != nil && err != io.EOF {
		return false, err
	}
	word, err := j.word()
	if err == nil && word != "true" && word != "false" {
		err = fmt.Errorf("%.64q in the place of true or false: %w", word, quintet.ErrInput)
	}
	return word == "true", err
}

// end makes sure that the text is over.
func (j *jsonReader) end() error {
	c, err := j.start()
	if err == io.EOF {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%q after the end: %w", c, quintet.ErrInput)
	}
	return err
}

// jsonKey returns a key as a JSON string or number.
func jsonKey[K FileKey](k K) (string, error) {
	s, ok := any(k).(string)
	if !ok {
		return keyText(k), nil
	}
	return jsonText(s)
}

func jsonText(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", fmt.Errorf("graph: node %s is not UTF-8: %w", show(s), quintet.ErrInput)
	}
	out, err := json.Marshal(s)
	return string(out), err
}

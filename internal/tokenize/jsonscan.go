package tokenize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// jsonReader reads JSON from the left, without building what it reads: the
// vocabulary of a model is millions of bytes of strings and numbers. The first
// error sticks, and every method returns at once after it.
type jsonReader struct {
	b   []byte
	i   int
	err error
	buf []byte // of str
}

const jsonDepth = 32

func (r *jsonReader) fail(format string, a ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("byte %d: %s: %w", r.i, fmt.Sprintf(format, a...), quintet.ErrModel)
		r.i = len(r.b)
	}
}

// peek returns the next byte that is not space, 0 at the end.
func (r *jsonReader) peek() byte {
	for r.i < len(r.b) {
		switch c := r.b[r.i]; c {
		case ' ', '\n', '\r', '\t':
			r.i++
		default:
			return c
		}
	}
	return 0
}

// skip reads one byte, which must be c.
func (r *jsonReader) skip(c byte) {
	if got := r.peek(); got != c {
		r.fail("%q instead of %q", got, c)
		return
	}
	r.i++
}

// object calls f with each key, which is valid until the next read. f must read
// the value.
func (r *jsonReader) object(f func(key []byte)) {
	r.skip('{')
	r.list('}', func() {
		key := r.str()
		r.skip(':')
		f(key)
	})
}

// array calls f for each element. f must read it.
func (r *jsonReader) array(f func()) {
	r.skip('[')
	r.list(']', f)
}

func (r *jsonReader) list(end byte, f func()) {
	if r.err == nil && r.peek() == end {
		r.i++
		return
	}
	for r.err == nil {
		f()
		if r.peek() == end {
			r.i++
			return
		}
		r.skip(',')
	}
}

// str reads a string, valid until the next read.
func (r *jsonReader) str() []byte {
	if r.skip('"'); r.err != nil {
		return nil
	}
	start := r.i
	end := bytes.IndexByte(r.b[start:], '"')
	if end < 0 {
		r.fail("string without end")
		return nil
	}
	s := r.b[start : start+end]
	if bytes.IndexByte(s, '\\') >= 0 {
		return r.escaped(start)
	}
	r.i += end + 1
	r.checkString(s)
	return s
}

func (r *jsonReader) checkString(s []byte) {
	for _, c := range s {
		if c < ' ' {
			r.fail("control character in a string")
			return
		}
	}
	r.checkUTF8(s)
}

func (r *jsonReader) checkUTF8(s []byte) {
	if !utf8.Valid(s) {
		r.fail("string is not UTF-8")
	}
}

// escaped reads the rest of a string with escapes.
func (r *jsonReader) escaped(start int) []byte {
	r.buf, r.i = r.buf[:0], start
	for r.i < len(r.b) {
		c := r.b[r.i]
		r.i++
		switch c {
		case '"':
			r.checkUTF8(r.buf)
			return r.buf
		case '\\':
			r.escape()
		default:
			if c < ' ' {
				r.fail("control character in a string")
			}
			r.buf = append(r.buf, c)
		}
	}
	r.fail("string without end")
	return nil
}

func (r *jsonReader) escape() {
	if r.i >= len(r.b) {
		return
	}
	c := r.b[r.i]
	r.i++
	switch c {
	case '"', '\\', '/':
		r.buf = append(r.buf, c)
	case 'b':
		r.buf = append(r.buf, '\b')
	case 'f':
		r.buf = append(r.buf, '\f')
	case 'n':
		r.buf = append(r.buf, '\n')
	case 'r':
		r.buf = append(r.buf, '\r')
	case 't':
		r.buf = append(r.buf, '\t')
	case 'u':
		u := r.hex4()
		if utf16.IsSurrogate(u) {
			if !bytes.HasPrefix(r.b[r.i:], []byte(`\u`)) {
				r.fail("half a surrogate pair")
				return
			}
			r.i += 2
			if u = utf16.DecodeRune(u, r.hex4()); u == utf8.RuneError {
				r.fail("half a surrogate pair")
			}
		}
		r.buf = utf8.AppendRune(r.buf, u)
	default:
		r.fail("escape %q", c)
	}
}

func (r *jsonReader) hex4() rune {
	if len(r.b)-r.i < 4 {
		r.fail("string without end")
		return 0
	}
	v, err := strconv.ParseUint(string(r.b[r.i:r.i+4]), 16, 16)
	if err != nil {
		r.fail("escape is not hexadecimal")
	}
	r.i += 4
	return rune(v)
}

// id reads a number that can be a token id.
func (r *jsonReader) id() int32 {
	r.peek()
	start, v := r.i, int64(0)
	for r.i < len(r.b) && '0' <= r.b[r.i] && r.b[r.i] <= '9' {
		if v = 10*v + int64(r.b[r.i]-'0'); v > math.MaxInt32 {
			r.fail("id is too large")
			return 0
		}
		r.i++
	}
	if r.i == start {
		r.fail("%q instead of an id", r.peek())
	}
	return int32(v)
}

// number returns the bytes of a number.
func (r *jsonReader) number() []byte {
	r.peek()
	start := r.i
	for r.i < len(r.b) && bytes.IndexByte([]byte("+-0123456789.eE"), r.b[r.i]) >= 0 {
		r.i++
	}
	if !json.Valid(r.b[start:r.i]) {
		r.fail("%q instead of a number", r.b[start:r.i])
	}
	return r.b[start:r.i]
}

// raw skips a value and returns its bytes.
func (r *jsonReader) raw() []byte {
	r.peek()
	start := r.i
	r.value(0)
	return r.b[start:r.i]
}

func (r *jsonReader) value(depth int) {
	if depth > jsonDepth {
		r.fail("more than %d levels", jsonDepth)
	}
	switch c := r.peek(); {
	case r.err != nil:
	case c == '{':
		r.object(func([]byte) { r.value(depth + 1) })
	case c == '[':
		r.array(func() { r.value(depth + 1) })
	case c == '"':
		r.str()
	case c == 't':
		r.word("true")
	case c == 'f':
		r.word("false")
	case c == 'n':
		r.word("null")
	default:
		r.number()
	}
}

func (r *jsonReader) word(s string) {
	if !bytes.HasPrefix(r.b[r.i:], []byte(s)) {
		r.fail("not a value")
		return
	}
	r.i += len(s)
}

package graph

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// dotToken is a token of the DOT language: an identifier, a mark or, if it is zero,
// the end of the file.
type dotToken struct {
	mark  string // such as "{" or "->"; "" for an identifier
	text  string // of an identifier
	plain bool   // the identifier has no quotes, so that it may be a keyword
	id    bool
}

// is reports whether a token is a mark or a keyword.
func (t dotToken) is(s string) bool {
	return t.mark == s || t.plain && strings.EqualFold(t.text, s)
}

func (t dotToken) String() string {
	if t.id || t.mark != "" {
		return fmt.Sprintf("%.64q", t.text+t.mark)
	}
	return "the end of the file"
}

// dotLexer reads the tokens of a file and can look at one before it is taken.
type dotLexer struct {
	scanner
	next dotToken // of the last call of look
	held bool
}

// look returns the next token.
func (l *dotLexer) look() (dotToken, error) {
	if l.held {
		return l.next, nil
	}
	t, err := l.token()
	for err == nil && t.id && !t.plain {
		// Quoted strings are joined by a plus sign.
		var c byte
		if c, err = l.begin(); err == io.EOF || err == nil && c != '+' {
			err = nil
			break
		}
		var more dotToken
		if err == nil {
			l.take()
			more, err = l.token()
		}
		if err == nil && (!more.id || more.plain) {
			err = fmt.Errorf("%v after a plus sign: %w", more, quintet.ErrInput)
		}
		if t.text += more.text; len(t.text) > l.in.max {
			err = l.in.tooLong()
		}
	}
	l.next, l.held = t, err == nil
	return t, err
}

// drop takes the token that look returned.
func (l *dotLexer) drop() { l.held = false }

// accept takes the next token if it is s, and reports whether it is.
func (l *dotLexer) accept(s string) (bool, error) {
	t, err := l.look()
	if err != nil || !t.is(s) {
		return false, err
	}
	l.drop()
	return true, nil
}

// identifier takes the next token, which must be one.
func (l *dotLexer) identifier() (string, error) {
	t, err := l.look()
	if err == nil && !t.id {
		err = fmt.Errorf("%v in the place of a name: %w", t, quintet.ErrInput)
	}
	l.drop()
	return t.text, err
}

// begin skips white space, comments and lines of a preprocessor.
func (l *dotLexer) begin() (byte, error) {
	for {
		c, err := l.start()
		switch {
		case err != nil:
			return 0, err
		case c == '#':
			err = l.restOfLine()
		case c == '/':
			l.take()
			err = l.comment()
		default:
			return c, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

func (l *dotLexer) comment() error {
	c, err := l.must()
	switch {
	case err != nil:
		return err
	case c == '/':
		return l.restOfLine()
	case c != '*':
		return fmt.Errorf("%q after a slash: %w", c, quintet.ErrInput)
	}
	l.take()
	for star := false; ; {
		l.in.next()
		c, err := l.must()
		if err != nil {
			return err
		}
		l.take()
		if star && c == '/' {
			return nil
		}
		star = c == '*'
	}
}

func (l *dotLexer) token() (dotToken, error) {
	c, err := l.begin()
	switch {
	case err == io.EOF:
		return dotToken{}, nil
	case err != nil:
		return dotToken{}, err
	case strings.IndexByte("{}[];,:=", c) >= 0:
		l.take()
		return dotToken{mark: string(c)}, nil
	case c == '"':
		l.take()
		text, err := l.quoted()
		return dotToken{text: text, id: true}, err
	case c == '<':
		return dotToken{}, fmt.Errorf("a name in HTML: %w", quintet.ErrUnsupported)
	case c == '-':
		l.take()
		if c, err := l.peek(); err == nil && (c == '-' || c == '>') {
			l.take()
			return dotToken{mark: "-" + string(c)}, nil
		}
		text, err := l.run(isDotName)
		if err == nil && !isNumeral(string(text)) {
			err = fmt.Errorf("%.64q after a minus sign: %w", text, quintet.ErrInput)
		}
		return dotToken{text: "-" + string(text), id: true, plain: true}, err
	}
	return l.bare(c)
}

// bare reads a name without quotes or a number.
func (l *dotLexer) bare(c byte) (dotToken, error) {
	text, err := l.run(isDotName)
	t := dotToken{text: string(text), id: true, plain: true}
	switch {
	case err != nil:
		return t, err
	case len(text) == 0:
		return t, fmt.Errorf("%q in the place of a name: %w", c, quintet.ErrInput)
	case !utf8.Valid(text):
		return t, fmt.Errorf("a name that is not UTF-8: %w", quintet.ErrInput)
	case !isNumeral(t.text) && (strings.Contains(t.text, ".") || t.text[0] >= '0' && t.text[0] <= '9'):
		return t, fmt.Errorf("%.64q is no name: %w", text, quintet.ErrInput)
	}
	return t, nil
}

// isDotName tells the bytes of names without quotes and of numbers.
func isDotName(c byte) bool {
	return alphanumeric(c) || c == '_' || c == '.' || c >= 0x80
}

// isNumeral reports whether s is digits with at most one point.
func isNumeral(s string) bool {
	whole, fraction, _ := strings.Cut(s, ".")
	return whole+fraction != "" && strings.Trim(whole+fraction, "0123456789") == ""
}

// quoted reads a string after its first quote. A backslash makes the quote after it
// a part of the string, and the end of a line after it none; else it stays.
func (l *dotLexer) quoted() (string, error) {
	l.buf = l.buf[:0]
	for {
		c, err := l.must()
		if err != nil {
			return "", err
		}
		l.take()
		if c == '"' {
			break
		}
		if c != '\\' {
			l.buf = append(l.buf, c)
			continue
		}
		if c, err = l.must(); err != nil {
			return "", err
		}
		l.take()
		switch c {
		case '\n':
		case '"':
			l.buf = append(l.buf, c)
		default:
			l.buf = append(l.buf, '\\', c)
		}
	}
	if !utf8.Valid(l.buf) {
		return "", fmt.Errorf("a name that is not UTF-8: %w", quintet.ErrInput)
	}
	return string(l.buf), nil
}

package config

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that does not show itself: fmt, slog, JSON and YAML print ***, or
// nothing if it is empty. The zero value is empty.
type Secret struct {
	value *string // behind a pointer: fmt looks into unexported fields of others, not through it
}

// NewSecret returns a secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{&s}
}

// Reveal returns the text itself.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.value == nil }

// String returns "***", or "" if s is empty.
func (s Secret) String() string {
	if s.Empty() {
		return ""
	}
	return "***"
}

// GoString returns String.
func (s Secret) GoString() string { return s.String() }

// Format prints String for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns String, for JSON and YAML too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes any text.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = NewSecret(string(b))
	return nil
}

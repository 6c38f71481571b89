package mail

import (
	"crypto/tls"
	"fmt"
	"net/mail"
	"time"

	"github.com/quintet-ai/quintet"
)

// Security says how the connection is encrypted.
type Security uint8

// The ways. There is no "if the server can": who sits between could say it cannot.
const (
	StartTLS Security = iota // begins in the clear, and ends if the server has no STARTTLS
	TLS                      // encrypted from the first byte
	Plain                    // never encrypted: for a server on the same machine
)

// Options configures [New]. Host, From and To are needed.
type Options struct {
	// Host is the name of the SMTP server; its certificate must be for it.
	Host string

	// Port of the server. Default: 587; 465 with TLS, 25 with Plain.
	Port int

	// Security of the connection. Default: StartTLS.
	Security Security

	// TLS replaces the settings of encryption, such as for a private authority.
	// Default: the system's authorities and TLS 1.2 or later.
	TLS *tls.Config

	// User logs in with Password, by the best mechanism that the server has. It is
	// refused together with Plain. Default: no login.
	User, Password string

	// From is the sender, such as "Quintet <alerts@example.org>".
	From string

	// To are those who get each message; they see one another.
	To []string

	// Subject begins each subject. Default: "[quintet]".
	Subject string

	// MaxAlerts bounds the alerts that a message names; the rest is counted.
	// Default: 100.
	MaxAlerts int

	// Timeout bounds each step of the dialogue with the server; the context of the
	// notifier bounds all of it. Default: 10 s.
	Timeout time.Duration
}

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Host == "" || len(o.To) == 0:
		return o, fmt.Errorf("mail needs a server and somebody to write to: %w", quintet.ErrOption)
	case o.Security > Plain || o.Port < 0 || o.Port > 65535 || o.Timeout < 0 || o.MaxAlerts < 0:
		return o, fmt.Errorf("unknown security, or port, time or bound out of range: %w", quintet.ErrOption)
	case o.Security == Plain && (o.User != "" || o.Password != ""):
		return o, fmt.Errorf("a password over a plain connection: %w", quintet.ErrOption)
	case (o.User == "") != (o.Password == ""):
		return o, fmt.Errorf("user and password come together: %w", quintet.ErrOption)
	case oneLine(o.Subject) != o.Subject:
		return o, fmt.Errorf("subject %q is not one line: %w", o.Subject, quintet.ErrOption)
	}
	for _, a := range append([]string{o.From}, o.To...) {
		if _, err := mail.ParseAddress(a); err != nil || oneLine(a) != a {
			return o, fmt.Errorf("%q is no address: %w", a, quintet.ErrOption)
		}
	}
	if o.Port == 0 {
		o.Port = [...]int{StartTLS: 587, TLS: 465, Plain: 25}[o.Security]
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Subject == "" {
		o.Subject = "[quintet]"
	}
	if o.MaxAlerts == 0 {
		o.MaxAlerts = 100
	}
	if o.TLS == nil {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	o.TLS = o.TLS.Clone()
	if o.TLS.ServerName == "" {
		o.TLS.ServerName = o.Host
	}
	return o, nil
}

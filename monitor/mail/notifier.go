package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"

	gomail "github.com/wneessen/go-mail"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
)

// notifier sends one message for each call.
type notifier struct{ opt Options }

// New returns a notifier. It connects to nobody yet. What a server refuses for good,
// such as an address or a password, is [quintet.ErrInput] and not tried again.
func New(o Options) (monitor.Notifier, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	o.To = slices.Clone(o.To)
	n := &notifier{o}
	if _, err := n.message([]monitor.Alert{{}}); err != nil { // addresses that the server's library does not take
		return nil, fmt.Errorf("%w: %w", err, quintet.ErrOption)
	}
	return n, nil
}

// Notify sends the alerts.
func (n *notifier) Notify(ctx context.Context, alerts []monitor.Alert) error {
	m, err := n.message(alerts)
	if err != nil {
		return fmt.Errorf("%w: %w", err, quintet.ErrInput)
	}
	c, err := n.client(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", err, quintet.ErrOption)
	}
	conn, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return verdict(ctx, err)
	}
	err = c.SendWithSMTPClient(conn, m)
	_ = c.CloseWithSMTPClient(conn) // the server has the message or not, however it says goodbye
	if err != nil {
		return verdict(ctx, err)
	}
	return nil
}

// verdict adds whether another attempt makes sense.
func verdict(ctx context.Context, err error) error {
	if ctx.Err() != nil { // the connection was closed for that
		return ctx.Err()
	}
	var sent *gomail.SendError
	var answer *textproto.Error
	permanent := errors.As(err, &sent) && sent.ErrorCode()/100 == 5
	permanent = permanent || errors.As(err, &answer) && answer.Code/100 == 5
	if permanent {
		return fmt.Errorf("%w: %w", err, quintet.ErrInput)
	}
	return err
}

func (n *notifier) client(ctx context.Context) (*gomail.Client, error) {
	o := []gomail.Option{
		gomail.WithPort(n.opt.Port), gomail.WithTimeout(n.opt.Timeout), gomail.WithTLSConfig(n.opt.TLS.Clone()),
		gomail.WithDialContextFunc(n.dial(ctx)),
	}
	switch n.opt.Security {
	case StartTLS:
		o = append(o, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS:
		o = append(o, gomail.WithSSL())
	case Plain:
		o = append(o, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if n.opt.User != "" {
		o = append(o, n.login(), gomail.WithUsername(n.opt.User), gomail.WithPassword(n.opt.Password))
	}
	return gomail.NewClient(n.opt.Host, o...)
}

// login chooses the mechanism. With TLS the library does not see that the connection
// of dial is encrypted, so it is told what to prefer; it checks the connection later.
func (n *notifier) login() gomail.Option {
	if n.opt.Security == TLS {
		return gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin)
	}
	return gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover)
}

// dial makes connections that end with ctx: the client heeds it only until it is
// connected.
func (n *notifier) dial(ctx context.Context) gomail.DialContextFunc {
	return func(limited context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(limited, network, address)
		if err != nil {
			return nil, err
		}
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		conn = &closing{conn, stop}
		if n.opt.Security != TLS {
			return conn, nil
		}
		secure := tls.Client(conn, n.opt.TLS.Clone())
		if err := secure.HandshakeContext(limited); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return secure, nil
	}
}

// closing forgets the context when it is closed.
type closing struct {
	net.Conn
	stop func() bool
}

// Close closes the connection.
func (c *closing) Close() error {
	c.stop()
	return c.Conn.Close()
}

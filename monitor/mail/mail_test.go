package mail_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/monitor/mail"
)

// script runs aiosmtpd: it prints its port, and each message that it takes as JSON.
const script = `
import asyncio, json, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
mode, cert, key = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 no such user"
        if address.startswith("busy@"):
            return "451 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None or mode == "tls",
            "auth": session.authenticated, "data": envelope.content.decode()}), flush=True)
        return "250 OK"
def login(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data.login == b"ada" and data.password == b"p\xc3\xa4ss"
    return AuthResult(success=good, handled=good)
options = dict(authenticator=login, enable_SMTPUTF8=True)
if mode == "starttls":
    options.update(tls_context=context, require_starttls=True, auth_required=True)
if mode == "tls":
    options.update(auth_required=True, auth_require_tls=False)
async def main():
    make = lambda: SMTP(Handler(), **options)
    s = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, ssl=context if mode == "tls" else None)
    print(s.sockets[0].getsockname()[1], flush=True)
    await s.serve_forever()
asyncio.run(main())
`

// certificate makes one for localhost and returns its files and who trusts it.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	require.NoError(t, err)
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	roots = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots.AddCert(parsed)
	return cert, key, roots
}

type received struct {
	From string
	To   []string
	TLS  bool
	Auth bool
	Data string
}

// server starts Debian's aiosmtpd and returns options for it and what it receives.
func server(t *testing.T, mode string) (mail.Options, func() received) {
	t.Helper()
	const python = "/usr/bin/python3"
	if exec.Command(python, "-c", "import aiosmtpd").Run() != nil {
		t.Skip("no python3-aiosmtpd")
	}
	cert, key, roots := certificate(t)
	c := exec.Command(python, "-W", "ignore", "-c", script, mode, cert, key)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	lines := bufio.NewReader(out)
	var port int
	_, err = fmt.Fscanln(lines, &port)
	require.NoError(t, err)
	o := mail.Options{
		Host: "127.0.0.1", Port: port, TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		User: "ada", Password: "päss", From: "Quintet <alerts@example.org>", To: []string{"ops@example.org", "Eve <eve@example.org>"},
	}
	return o, func() (r received) {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		return r
	}
}

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func alert() monitor.Alert {
	return monitor.Alert{Name: "unhealthy", Severity: monitor.Critical, Labels: map[string]string{"check": "redis"},
		Summary: "check redis is down: größer", Value: 1, Starts: at}
}

// read returns the header and the text of a message.
func read(t *testing.T, r received) (netmail.Header, string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(r.Data))
	require.NoError(t, err)
	body := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	require.NoError(t, err)
	return m.Header, strings.ReplaceAll(string(text), "\r\n", "\n")
}

func decoded(t *testing.T, header string) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(header)
	require.NoError(t, err)
	return s
}

func TestServersTakeMail(t *testing.T) {
	for mode, security := range map[string]mail.Security{"starttls": mail.StartTLS, "tls": mail.TLS, "plain": mail.Plain} {
		t.Run(mode, func(t *testing.T) {
			o, next := server(t, mode)
			if o.Security = security; mode == "plain" {
				o.User, o.Password = "", ""
			}
			n, err := mail.New(o)
			require.NoError(t, err)
			require.NoError(t, n.Notify(t.Context(), []monitor.Alert{alert()}))
			got := next()
			require.Equal(t, "alerts@example.org", got.From)
			require.Equal(t, []string{"ops@example.org", "eve@example.org"}, got.To)
			require.Equal(t, mode != "plain", got.TLS)
			require.Equal(t, mode != "plain", got.Auth)
			header, text := read(t, got)
			require.Equal(t, "[quintet] CRITICAL unhealthy: check redis is down: größer", decoded(t, header.Get("Subject")))
			require.Equal(t, "auto-generated", header.Get("Auto-Submitted"))
			require.Equal(t, "CRITICAL unhealthy\n  check redis is down: größer\n  check: redis\n  since: 2026-11-23T12:00:00Z\n"+
				"  value: 1\n  fingerprint: "+alert().Fingerprint()+"\n\n", text)
		})
	}
}

func TestDigest(t *testing.T) {
	o, next := server(t, "starttls")
	o.MaxAlerts, o.Subject = 3, "shop:"
	n, err := mail.New(o)
	require.NoError(t, err)
	over, slow := alert(), alert()
	over.Name, over.Ends = "disk", at.Add(time.Hour)
	slow.Name, slow.Severity = "slow", monitor.Warning
	all := []monitor.Alert{over, slow, alert(), over, over}
	require.NoError(t, n.Notify(t.Context(), all))
	require.Equal(t, "disk", all[0].Name, "the slice of the caller stays")
	header, text := read(t, next())
	require.Equal(t, "shop: 1 CRITICAL, 1 WARNING, 3 RESOLVED", header.Get("Subject"))
	require.Regexp(t, `(?s)^CRITICAL unhealthy\n.*WARNING slow\n.*RESOLVED disk\n.*until: 2026-11-23T13:00:00Z\n.*and 2 more\n$`, text)
}

func TestAlertsForgeNothing(t *testing.T) {
	o, next := server(t, "starttls")
	n, err := mail.New(o)
	require.NoError(t, err)
	a := alert()
	a.Name = "x\r\nBcc: eve@example.com\r\n\r\nhello"
	a.Summary = "down\nCRITICAL another\u2028one\r\n.\r\nQUIT\r\n"
	a.Labels = map[string]string{"k\n": "v\r\n  since: never"}
	require.NoError(t, n.Notify(t.Context(), []monitor.Alert{a}))
	got := next()
	require.Len(t, got.To, 2)
	header, text := read(t, got)
	require.Empty(t, header.Get("Bcc"))
	require.Contains(t, decoded(t, header.Get("Subject")), "CRITICAL x  Bcc: eve@example.com    hello: down")
	require.Equal(t, 7, strings.Count(text, "\n"))
	require.Contains(t, text, "  down CRITICAL another one  .  QUIT  \n  k : v    since: never\n")
}

func TestServersThatRefuse(t *testing.T) {
	tests := map[string]struct {
		mode      string
		change    func(*mail.Options)
		permanent bool
	}{
		"wrong password":       {"starttls", func(o *mail.Options) { o.Password = "x" }, true},
		"unknown address":      {"starttls", func(o *mail.Options) { o.To = []string{"nobody@example.org"} }, true},
		"try later":            {"starttls", func(o *mail.Options) { o.To = []string{"busy@example.org"} }, false},
		"unknown authority":    {"starttls", func(o *mail.Options) { o.TLS = nil }, false},
		"unknown authority, 2": {"tls", func(o *mail.Options) { o.TLS, o.Security = nil, mail.TLS }, false},
		"no STARTTLS":          {"plain", func(*mail.Options) {}, false},
		"plain for a secret":   {"starttls", func(o *mail.Options) { o.Security, o.User, o.Password = mail.Plain, "", "" }, true},
	}
	servers := make(map[string]mail.Options)
	for _, mode := range []string{"starttls", "tls", "plain"} {
		servers[mode], _ = server(t, mode)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := servers[tt.mode]
			tt.change(&o)
			n, err := mail.New(o)
			require.NoError(t, err)
			err = n.Notify(t.Context(), []monitor.Alert{alert()})
			require.Error(t, err)
			require.Equal(t, tt.permanent, isInput(err), "%v", err)
			require.NotContains(t, err.Error(), "päss")
		})
	}
}

func isInput(err error) bool { return strings.HasSuffix(err.Error(), quintet.ErrInput.Error()) }

func TestHungServerEndsWithTheContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprint(c, "220 here\r\n")
		_, _ = bufio.NewReader(c).ReadString('\n') // the greeting; no answer
		cancel()
		_, _ = io.Copy(io.Discard, c)
	}()
	n, err := mail.New(mail.Options{
		Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, From: "a@example.org", To: []string{"b@example.org"}, Timeout: time.Hour,
	})
	require.NoError(t, err)
	require.ErrorIs(t, n.Notify(ctx, []monitor.Alert{alert()}), context.Canceled)
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	good := mail.Options{Host: "h", From: "a@example.org", To: []string{"b@example.org"}}
	tests := map[string]func(*mail.Options){
		"no server":                  func(o *mail.Options) { o.Host = "" },
		"nobody to write to":         func(o *mail.Options) { o.To = nil },
		"no sender":                  func(o *mail.Options) { o.From = "" },
		"header in the sender":       func(o *mail.Options) { o.From = "a@example.org\r\nBcc: c@example.org" },
		"header in an address":       func(o *mail.Options) { o.To = []string{"\"x\r\nBcc: y\" <a@example.org>"} },
		"header in the subject":      func(o *mail.Options) { o.Subject = "x\nBcc: y" },
		"password in the clear":      func(o *mail.Options) { o.Security, o.User, o.Password = mail.Plain, "a", "b" },
		"user without a password":    func(o *mail.Options) { o.User = "a" },
		"port out of range":          func(o *mail.Options) { o.Port = 70000 },
		"security that is not known": func(o *mail.Options) { o.Security = 9 },
	}
	_, err := mail.New(good)
	require.NoError(t, err)
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			o := good
			change(&o)
			_, err := mail.New(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

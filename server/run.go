package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

// Listen configures [Server.Run].
type Listen struct {
	// Address is host and port. Default: 127.0.0.1:8001.
	Address string

	// CertFile and KeyFile make it serve TLS 1.2 and later, HTTP/2 too. They are read
	// again when they change. Default: no TLS.
	CertFile, KeyFile string

	// Drain is how long, after ctx ended, requests are still taken while readiness
	// says no, so that a load balancer notices. Default: none.
	Drain time.Duration

	// Shutdown is how long requests under way may take then. Default: 30 s.
	Shutdown time.Duration

	// Ready is told the address when requests are taken. Default: nobody.
	Ready func(net.Addr)
}

// Run serves until ctx ends, then finishes what is under way: readiness says no, for
// Drain everything is served as before, then no more connections are taken. It returns
// nil if all requests were answered. Slow senders are cut off: headers within 5 s,
// bodies within the server's Timeout.
func (s *Server) Run(ctx context.Context, l Listen) error {
	tlsConfig, err := l.tls()
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cmp.Or(l.Address, "127.0.0.1:8001"))
	if err != nil {
		return fmt.Errorf("listen: %w: %w", err, quintet.ErrOption)
	}
	h := &http.Server{
		Handler:           s,
		TLSConfig:         tlsConfig,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.opt.Logger.Handler(), slog.LevelDebug),
	}
	if l.Ready != nil {
		l.Ready(listener.Addr())
	}
	ended := make(chan error, 1)
	go func() {
		if tlsConfig != nil {
			ended <- h.ServeTLS(listener, "", "")
			return
		}
		ended <- h.Serve(listener)
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.health.Drain()
	time.Sleep(l.Drain)
	bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(l.Shutdown, 30*time.Second))
	defer cancel()
	err = h.Shutdown(bye)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests under way were cut off: %w", err), h.Close())
	}
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// tls returns the configuration of TLS, nil if there are no files.
func (l Listen) tls() (*tls.Config, error) {
	if l.CertFile == "" && l.KeyFile == "" {
		return nil, nil
	}
	c := &certificate{certFile: l.CertFile, keyFile: l.KeyFile}
	if _, err := c.get(nil); err != nil {
		return nil, fmt.Errorf("certificate: %w: %w", err, quintet.ErrOption)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// certificate reads its files again when they have changed. A pair that cannot be read,
// such as one half written, leaves the old one in place.
type certificate struct {
	certFile, keyFile string

	mu      sync.Mutex
	looked  time.Time
	changed time.Time
	pair    *tls.Certificate
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pair != nil && time.Since(c.looked) < time.Second {
		return c.pair, nil
	}
	c.looked = time.Now()
	info, err := os.Stat(c.certFile)
	if err == nil && c.pair != nil && info.ModTime().Equal(c.changed) {
		return c.pair, nil
	}
	pair, loadErr := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err = errors.Join(err, loadErr); err != nil {
		if c.pair != nil {
			return c.pair, nil
		}
		return nil, err
	}
	c.pair, c.changed = &pair, info.ModTime()
	return c.pair, nil
}

package server_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server"
)

// running starts a server and returns its address and how to stop it.
func running(t *testing.T, s *server.Server, l server.Listen) (addr string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	l.Address, l.Ready = "127.0.0.1:0", func(a net.Addr) { ready <- a }
	go func() { ended <- s.Run(ctx, l) }()
	select {
	case a := <-ready:
		addr = a.String()
	case err := <-ended:
		require.NoError(t, err)
	}
	return addr, func() error { cancel(); return <-ended }
}

func TestRunFinishesWhatIsUnderWay(t *testing.T) {
	inside, release := make(chan struct{}), make(chan struct{})
	s := serve(t, full(t), server.Options{Actions: map[string]func() error{"wait": func() error { close(inside); <-release; return nil }}})
	addr, stop := running(t, s, server.Listen{})
	answered := make(chan string, 1)
	go func() {
		resp, err := http.Post("http://"+addr+"/api/v1/optimize/performance", "application/json", strings.NewReader(`{"actions":["wait"]}`))
		if err != nil {
			answered <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		answered <- fmt.Sprint(resp.StatusCode, strings.Contains(string(b), `"wait":"done"`), err)
	}()
	<-inside
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err != nil
	}, 10*time.Second, 5*time.Millisecond, "no new connections are taken")
	close(release)
	require.NoError(t, <-stopped)
	require.Equal(t, "200 true <nil>", <-answered)
	require.Equal(t, 503, ask(s, "GET", "/readyz", "").Code)
}

func TestRunServesWhileItDrains(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	addr, stop := running(t, s, server.Listen{Drain: 2 * time.Second})
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	require.Eventually(t, func() bool {
		resp, err := client.Get("http://" + addr + "/readyz")
		require.NoError(t, err)
		resp.Body.Close()
		return resp.StatusCode == 503
	}, 10*time.Second, 5*time.Millisecond)
	resp, err := client.Post("http://"+addr+"/api/v1/text/process", "application/json", strings.NewReader(`{"text":"a"}`))
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, 200, resp.StatusCode)
	require.NoError(t, <-stopped)
}

// pair writes a certificate for a name.
func pair(t *testing.T, dir, name string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), 0o600))
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return certFile, keyFile
}

func TestCertificatesAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := pair(t, dir, "one.example.org")
	addr, stop := running(t, serve(t, full(t), server.Options{}), server.Listen{CertFile: certFile, KeyFile: keyFile})
	name := func() string {
		c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true}) // the certificate is our own
		require.NoError(t, err)
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	require.Equal(t, "one.example.org", name())
	_, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11})
	require.Error(t, err)
	pair(t, dir, "two.example.org")
	require.NoError(t, os.Chtimes(certFile, time.Time{}, time.Now().Add(time.Minute)))
	require.Eventually(t, func() bool { return name() == "two.example.org" }, 10*time.Second, 50*time.Millisecond)
	require.NoError(t, os.WriteFile(certFile, []byte("half"), 0o600))
	require.Equal(t, "two.example.org", name(), "half a file changes nothing")
	require.NoError(t, stop())
}

func TestRunRefusesBadAddressesAndCertificates(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	require.ErrorIs(t, s.Run(t.Context(), server.Listen{Address: "nowhere:x"}), quintet.ErrOption)
	require.ErrorIs(t, s.Run(t.Context(), server.Listen{CertFile: "none"}), quintet.ErrOption)
}

// A caller who sends a body byte by byte is cut off, and others are served meanwhile.
func TestSlowSendersAreCutOff(t *testing.T) {
	s := serve(t, full(t), server.Options{Timeout: 300 * time.Millisecond})
	addr, stop := running(t, s, server.Listen{})
	for name, head := range map[string]string{
		"one that may":     "POST /api/v1/text/process HTTP/1.1\r\nHost: localhost\r\n",
		"one that may not": "POST /api/v1/text/process HTTP/1.1\r\nHost: x\r\n",
		"no route":         "POST /nothing HTTP/1.1\r\nHost: localhost\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", addr)
			require.NoError(t, err)
			defer c.Close()
			_, err = fmt.Fprint(c, head+"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
			require.NoError(t, err)
			resp, err := http.Get("http://" + addr + "/healthz")
			require.NoError(t, err)
			resp.Body.Close()
			require.Equal(t, 200, resp.StatusCode)
			require.NoError(t, c.SetReadDeadline(time.Now().Add(20*time.Second)))
			b, err := io.ReadAll(c)
			require.NoError(t, err, "the server closes the connection")
			require.NotContains(t, string(b), " 200 ")
		})
	}
	require.NoError(t, stop())
}

//go:build unix

package riverjobs_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server/jobs/riverjobs"
)

// absent skips a test that lacks a program, except where all are to be there.
func absent(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("no %s, which Debian's package postgresql brings", what)
	}
	t.Skipf("no %s, which Debian's package postgresql brings", what)
}

// program finds a program of PostgreSQL, which Debian keeps out of the path.
func program(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		absent(t, name)
	}
	return found[len(found)-1]
}

// asUser makes a command run as a user other than root, whom PostgreSQL refuses.
func asUser(t testing.TB, dir string, c *exec.Cmd) *exec.Cmd {
	t.Helper()
	c.Dir = dir
	if os.Getuid() != 0 {
		return c
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		absent(t, "user postgres")
	}
	uid, err := strconv.Atoi(who.Uid)
	require.NoError(t, err)
	gid, err := strconv.Atoi(who.Gid)
	require.NoError(t, err)
	require.NoError(t, os.Chown(dir, uid, gid))
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return c
}

// server is a PostgreSQL of the test's own.
type server struct {
	socket string
	queues atomic.Int32
}

// way leads to a server through a proxy that can be stopped, to a queue of its own.
type way struct {
	*proxy
	riverjobs.Options
}

func (s *server) way(t testing.TB) *way {
	t.Helper()
	p := newProxy(t, s.socket)
	host, port, err := net.SplitHostPort(p.l.Addr().String())
	require.NoError(t, err)
	return &way{p, riverjobs.Options{
		URL:  "host=" + host + " port=" + port + " user=tester dbname=postgres sslmode=disable",
		Name: fmt.Sprint("queue", s.queues.Add(1)), Poll: 50 * time.Millisecond,
	}}
}

// start runs a server in a folder of its own until the test ends.
func start(t testing.TB) *server {
	t.Helper()
	initdb, postgres := program(t, "initdb"), program(t, "postgres")
	dir, err := os.MkdirTemp("", "pg") // the name of a socket may not be long
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	out, err := asUser(t, dir, exec.Command(initdb, "-D", data, "-U", "tester", "-A", "trust", "-N", "-E", "UTF8",
		"--locale=C")).CombinedOutput()
	require.NoError(t, err, string(out))
	c := asUser(t, dir, exec.Command(postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=300", "-F"))
	said, err := c.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGQUIT)
		_ = c.Wait()
	})
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "ready to accept connections") {
			go func() { // lest the server wait for a reader
				for lines.Scan() {
				}
			}()
			return &server{socket: filepath.Join(dir, ".s.PGSQL.5432")}
		}
	}
	t.Fatal("the server ended")
	return nil
}

// open returns a queue that the test closes.
func open(t testing.TB, o riverjobs.Options) *riverjobs.Queue {
	t.Helper()
	q, err := riverjobs.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, q.Close()) })
	return q
}

// proxy passes on what clients and a server say, unless it hangs or is cut.
type proxy struct {
	l    net.Listener
	to   string
	mu   sync.Mutex
	wake sync.Cond
	hung bool
	gone bool
	all  map[net.Conn]bool
}

func newProxy(t testing.TB, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{l: l, to: to, all: make(map[net.Conn]bool)}
	p.wake.L = &p.mu
	var every sync.WaitGroup
	every.Go(func() {
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				every.Go(func() { p.serve(c) })
			}
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.set(false, true)
		every.Wait()
	})
	return p
}

// set makes the proxy hang, which keeps connections and says nothing, or cuts them all.
func (p *proxy) set(hung, gone bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hung, p.gone = hung, gone
	for c := range p.all {
		if gone {
			c.Close()
		}
	}
	p.wake.Broadcast()
}

// pass waits while the proxy hangs.
func (p *proxy) pass() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.hung {
		p.wake.Wait()
	}
}

func (p *proxy) serve(c net.Conn) {
	defer c.Close()
	s, err := net.Dial("unix", p.to)
	if err != nil {
		return
	}
	defer s.Close()
	p.mu.Lock()
	if p.gone {
		p.mu.Unlock()
		return
	}
	p.all[c], p.all[s] = true, true
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { p.copy(s, c) })
	both.Go(func() { p.copy(c, s) })
	both.Wait()
	p.mu.Lock()
	delete(p.all, c)
	delete(p.all, s)
	p.mu.Unlock()
}

func (p *proxy) copy(to, from net.Conn) {
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		p.pass()
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				from.Close()
			}
			return
		}
	}
}

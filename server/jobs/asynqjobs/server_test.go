package asynqjobs_test

import (
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server/jobs/asynqjobs"
)

// server is a Redis of the test's own.
type server struct {
	*exec.Cmd
	addr string
}

// start runs Debian's redis-server in memory.
func start(t testing.TB) *server {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("no redis-server, which Debian's package redis-server brings")
	} else if err != nil {
		t.Skip("no redis-server, which Debian's package redis-server brings")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	s := &server{addr: addr}
	s.run(t, program)
	t.Cleanup(s.kill)
	return s
}

func (s *server) run(t testing.TB, program string) {
	_, port, err := net.SplitHostPort(s.addr)
	require.NoError(t, err)
	s.Cmd = exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	require.NoError(t, s.Start())
	raw := s.client()
	defer raw.Close()
	require.Eventually(t, func() bool { return raw.Ping(t.Context()).Err() == nil }, 20*time.Second, 5*time.Millisecond)
}

// kill ends the server, if it has not ended.
func (s *server) kill() {
	_ = s.Process.Kill()
	_ = s.Wait()
}

// client returns one that looks at what the queue wrote.
func (s *server) client() *redis.Client { return redis.NewClient(&redis.Options{Addr: s.addr}) }

func (s *server) options() asynqjobs.Options {
	return asynqjobs.Options{Addresses: []string{s.addr}, Poll: 20 * time.Millisecond}
}

// open returns a queue that the test closes.
func open(t testing.TB, o asynqjobs.Options) *asynqjobs.Queue {
	t.Helper()
	q, err := asynqjobs.Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, q.Close()) })
	return q
}

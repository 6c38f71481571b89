package pgvector_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// missing ends a test for want of a program: with an error where all are installed.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// start runs a PostgreSQL with pgvector until the test ends, and returns how to connect.
func start(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	folder := filepath.Join(cache, "quintet-test", "pglite")
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "@electric-sql", "pglite-pgvector")); err != nil {
		missing(t, "no PGlite: sh vector/pgvector/testdata/install.sh brings it")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "no node, which Debian's package nodejs brings")
	}
	c := exec.Command(node, filepath.Join("testdata", "server.mjs"), folder)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	require.NoError(t, err)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		in.Close()
		c.Process.Kill()
		c.Wait()
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "the server ended")
	return "postgres://postgres@127.0.0.1:" + strings.TrimSpace(port) +
		"/postgres?sslmode=disable&pool_max_conns=4&default_query_exec_mode=cache_describe"
}

// pool returns connections that are closed with the test.
func pool(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(context.Background(), url)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

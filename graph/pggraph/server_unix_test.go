//go:build unix

package pggraph_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// program finds a program of PostgreSQL, which Debian keeps out of the path.
func program(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		t.Skipf("no %s, which Debian's package postgresql brings", name)
	}
	return found[len(found)-1]
}

// asUser makes a command run as a user other than root, whom PostgreSQL refuses.
func asUser(t *testing.T, dir string, c *exec.Cmd) *exec.Cmd {
	t.Helper()
	c.Dir = dir
	if os.Getuid() != 0 {
		return c
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		t.Skip("run by root, and there is no user postgres")
	}
	uid, err := strconv.Atoi(who.Uid)
	require.NoError(t, err)
	gid, err := strconv.Atoi(who.Gid)
	require.NoError(t, err)
	require.NoError(t, os.Chown(dir, uid, gid))
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return c
}

// start runs a server in a folder of its own until the test ends, and returns how to
// connect to it.
func start(t *testing.T) string {
	t.Helper()
	initdb, postgres := program(t, "initdb"), program(t, "postgres")
	dir, err := os.MkdirTemp("", "pg") // the name of a socket may not be long
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	out, err := asUser(t, dir, exec.Command(initdb, "-D", data, "-U", "tester", "-A", "trust", "-N", "-E", "UTF8",
		"--locale=C")).CombinedOutput()
	require.NoError(t, err, string(out))
	server := asUser(t, dir, exec.Command(postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-F"))
	said, err := server.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGINT)
		server.Wait()
	})
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "ready to accept connections") {
			go func() { // lest the server wait for a reader
				for lines.Scan() {
				}
			}()
			return "host=" + dir + " user=tester dbname=postgres"
		}
	}
	t.Fatal("the server ended")
	return ""
}

// connect returns a connection that ends with the test.
func connect(t *testing.T, where string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), where)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func TestPostgreSQL(t *testing.T) {
	where := start(t)
	for name, test := range map[string]func(*testing.T, *pgx.Conn, string){
		"edges of whole numbers and of text are read":     edgesAreRead,
		"scores are written and replaced":                 scoresAreWritten,
		"a name is nothing but a name":                    namesAreQuoted,
		"a row that is no edge is bad input":              badRows,
		"an early end leaves the connection usable":       earlyEnd,
		"a context that ends, ends the stream":            cancelled,
		"a server that goes away ends the stream":         killed,
		"a stream sees the table as it was at its begin":  snapshot,
		"nothing of a copy that fails is left":            failedCopy,
		"what is no table or graph is refused beforehand": refused,
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, where)
			run(t, c, "DROP TABLE IF EXISTS links, ranks; CREATE TABLE ranks (node bigint, score float8);"+
				"CREATE TABLE links (source bigint, target bigint, label text, w float8)")
			test(t, c, where)
		})
	}
}

func run(t *testing.T, c *pgx.Conn, sql string) {
	t.Helper()
	_, err := c.Exec(t.Context(), sql)
	require.NoError(t, err)
}

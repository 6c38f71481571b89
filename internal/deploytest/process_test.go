package deploytest_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for what should come within seconds.
const patience = 60 * time.Second

// program finds a program, which may be where only root looks. Without it a test fails in
// CI and is left out elsewhere.
func program(t *testing.T, name, debian string) string {
	t.Helper()
	for _, pattern := range []string{name, "/usr/sbin/" + name, "/usr/lib/postgresql/*/bin/" + name} {
		if path, err := exec.LookPath(pattern); err == nil {
			return path
		}
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("no %s, which Debian's package %s brings", name, debian)
	}
	t.Skipf("no %s, which Debian's package %s brings", name, debian)
	return ""
}

// buildCommand is that of the Dockerfile, but for the path.
const buildCommand = `CGO_ENABLED=0 GOWORK=off go build -trimpath -ldflags="-s -w" -o`

// buildFolder is where the program is, once a test has asked for it.
var buildFolder string

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "quintetd")
	if err != nil {
		return "", err
	}
	buildFolder = dir
	path := filepath.Join(dir, "quintetd")
	c := exec.Command("sh", "-c", buildCommand+" "+path+" .")
	c.Dir = "../../examples/production"
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// quintetd is the program, built once for all tests.
func quintetd(t *testing.T) string {
	t.Helper()
	path, err := built()
	require.NoError(t, err)
	return path
}

func TestMain(m *testing.M) {
	code := m.Run()
	if buildFolder != "" {
		os.RemoveAll(buildFolder)
	}
	os.Exit(code)
}

// process is a program that runs until it is stopped or the test ends.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string        // file with what it said
	gone chan struct{} // closed when it has ended
}

// launch starts a program. What it says is shown if the test fails.
func launch(t *testing.T, name string, c *exec.Cmd) *process {
	t.Helper()
	log := filepath.Join(t.TempDir(), name+".log")
	f, err := os.Create(log)
	require.NoError(t, err)
	if c.Stdout == nil {
		c.Stdout = f
	}
	c.Stderr = f
	require.NoError(t, c.Start(), name)
	require.NoError(t, f.Close())
	p := &process{name: name, cmd: c, log: log, gone: make(chan struct{})}
	go func() { _ = c.Wait(); close(p.gone) }()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s said at its end:\n%s", name, tail(log))
		}
	})
	return p
}

func tail(file string) string {
	body, _ := os.ReadFile(file)
	lines := strings.Split(string(body), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// kill ends it at once, also if it is stopped.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.gone
}

// end asks it to end and waits until it has ended without an error.
func (p *process) end(t *testing.T) {
	t.Helper()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.gone:
		require.True(t, p.cmd.ProcessState.Success(), "%s: %v\n%s", p.name, p.cmd.ProcessState, tail(p.log))
	case <-time.After(patience):
		t.Fatalf("%s does not end", p.name)
	}
}

// ports returns addresses of this machine that are free.
func ports(t *testing.T, n int) []string {
	t.Helper()
	out := make([]string, n)
	for i := range out {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		out[i] = l.Addr().String()
	}
	return out
}

func port(addr string) string {
	_, p, _ := net.SplitHostPort(addr)
	return p
}

// status returns that of an answer, 0 if there is none.
func status(url string) int {
	c := http.Client{Timeout: 5 * time.Second}
	resp, err := c.Get(url)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

func await(t *testing.T, what string, f func() bool) {
	t.Helper()
	require.Eventually(t, f, patience, 20*time.Millisecond, what)
}

// awaitNone waits until f finds nothing more.
func awaitNone(t *testing.T, what string, f func() []string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; <-tick.C {
		left := f()
		if len(left) == 0 {
			return
		}
		require.True(t, time.Now().Before(deadline), "%s: %s", what, left)
	}
}

func awaitStatus(t *testing.T, url string, want int) {
	t.Helper()
	await(t, fmt.Sprintf("%s to be %d", url, want), func() bool { return status(url) == want })
}

// asPostgres makes a command run as a user other than root, whom PostgreSQL refuses.
func asPostgres(t *testing.T, dir string, c *exec.Cmd) *exec.Cmd {
	t.Helper()
	c.Dir = dir
	if os.Getuid() != 0 {
		return c
	}
	who, err := user.Lookup("postgres")
	require.NoError(t, err, "run by root, and there is no user postgres")
	uid, err := strconv.Atoi(who.Uid)
	require.NoError(t, err)
	gid, err := strconv.Atoi(who.Gid)
	require.NoError(t, err)
	require.NoError(t, os.Chown(dir, uid, gid))
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return c
}

package deploytest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// prepared is a folder with secrets and certificates.
func prepared(t *testing.T, names ...string) string {
	t.Helper()
	program(t, "openssl", "openssl")
	dir := t.TempDir()
	script(t, nil, "prepare.sh", append([]string{dir}, names...)...)
	return dir
}

// script runs one of ours and returns what it printed.
func script(t *testing.T, environ []string, name string, args ...string) string {
	t.Helper()
	c := command(environ, name, args...)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	require.NoError(t, err, "%s%s", out, said.Bytes())
	return strings.TrimSpace(string(out))
}

func command(environ []string, name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(deployment, name), args...)
	c.Env = append(os.Environ(), environ...)
	return c
}

func tryScript(environ []string, name string, args ...string) (string, error) {
	out, err := command(environ, name, args...).CombinedOutput()
	return string(out), err
}

func TestScriptsAreClean(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(deployment, "*.sh"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	out, err := exec.Command(program(t, "shellcheck", "shellcheck"), files...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestPrepareKeepsWhatIsThere(t *testing.T) {
	dir := prepared(t, "quintet.example.org", "192.0.2.7")
	before, err := os.ReadFile(filepath.Join(dir, "secrets/secret_key"))
	require.NoError(t, err)
	require.Len(t, before, 64)
	script(t, nil, "prepare.sh", dir)
	after, err := os.ReadFile(filepath.Join(dir, "secrets/secret_key"))
	require.NoError(t, err)
	require.Equal(t, before, after)
	out, err := exec.Command("openssl", "verify", "-CAfile", filepath.Join(dir, "tls/ca.crt"), "-verify_ip", "192.0.2.7",
		"-verify_hostname", "quintet.example.org", filepath.Join(dir, "tls/nginx.crt")).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// alone runs quintetd all on a folder and returns where it answers.
func alone(t *testing.T, storage string) (*process, string) {
	t.Helper()
	p := ports(t, 2)
	c := exec.Command(quintetd(t), "all", "-drain", "0s")
	c.Env = []string{
		"STORAGE_PATH=" + storage, "API_PORT=" + port(p[0]), "MONITORING_PORT=" + port(p[1]), "HEALTH_CHECK_INTERVAL=1s",
		"RATE_LIMIT_PER_MINUTE=0",
	}
	q := launch(t, "all", c)
	awaitStatus(t, "http://"+p[0]+"/readyz", http.StatusOK)
	return q, "http://" + p[0]
}

func TestBackupOfFilesBringsEverythingBack(t *testing.T) {
	program(t, "flock", "util-linux")
	dir := t.TempDir()
	storage, backups := filepath.Join(dir, "data"), filepath.Join(dir, "backups")
	q, url := alone(t, storage)
	s := session{client: http.DefaultClient, url: url}
	s.must(t, "POST", "/api/v1/vector/upsert", `{"items":[{"id":"a","text":"a cat sat on the mat"}]}`, 200)
	job := s.must(t, "POST", "/api/v1/jobs", `{"kind":"text","args":{"text":"a b"}}`, 202)["id"].(string)
	s.awaitDone(t, job)
	environ := []string{"STORAGE_PATH=" + storage}
	out, err := tryScript(environ, "backup.sh", backups)
	require.Error(t, err, "the process has the folder")
	require.Contains(t, out, "stop quintetd first")
	q.end(t)
	backup := script(t, environ, "backup.sh", backups)
	require.FileExists(t, filepath.Join(backup, "SHA256SUMS"))

	_, err = tryScript(environ, "restore.sh", backup)
	require.Error(t, err, "nothing is overwritten")
	back := filepath.Join(dir, "back")
	script(t, []string{"STORAGE_PATH=" + back}, "restore.sh", backup)
	_, url = alone(t, back)
	s.url = url
	found := s.must(t, "POST", "/api/v1/vector/search", `{"query":"cat"}`, 200)
	require.Equal(t, "a", found["results"].([]any)[0].(map[string]any)["id"])
	require.Equal(t, "done", s.must(t, "GET", "/api/v1/jobs/"+job, "", 200)["state"])

	file := filepath.Join(backup, "storage.tar.gz")
	body, err := os.ReadFile(file)
	require.NoError(t, err)
	body[len(body)/2] ^= 1
	require.NoError(t, os.WriteFile(file, body, 0o600))
	hurt := filepath.Join(dir, "hurt")
	_, err = tryScript([]string{"STORAGE_PATH=" + hurt}, "restore.sh", backup)
	require.Error(t, err)
	require.NoDirExists(t, hurt, "damage is found before anything is written")
}

func TestBackupsAreCountedAndHalfOnesRemoved(t *testing.T) {
	program(t, "flock", "util-linux")
	dir := t.TempDir()
	backups := filepath.Join(dir, "backups")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data/jobs"), 0o700))
	for i := range 5 {
		require.NoError(t, os.MkdirAll(filepath.Join(backups, fmt.Sprintf("quintet-2020010%dT000000Z", i+1)), 0o700))
	}
	newest := script(t, []string{"STORAGE_PATH=" + filepath.Join(dir, "data"), "KEEP=2"}, "backup.sh", backups)
	left, err := filepath.Glob(filepath.Join(backups, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(backups, "quintet-20200105T000000Z"), newest}, left)
	_, err = tryScript([]string{"STORAGE_PATH=", "REDIS_URL=", "DATABASE_URL="}, "backup.sh", t.TempDir())
	require.Error(t, err, "nothing to save")
}

func TestBackupOfRedisBringsJobsBack(t *testing.T) {
	program(t, "redis-cli", "redis-tools")
	dir := t.TempDir()
	cli := func(addr string, args ...string) string {
		out, err := exec.Command("redis-cli", append([]string{"-p", port(addr)}, args...)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return strings.TrimSpace(string(out))
	}
	first := plainRedis(t, filepath.Join(dir, "first"))
	for i := range 100 {
		cli(first, "set", fmt.Sprint("key", i), strings.Repeat("x", i))
	}
	backup := script(t, []string{"REDIS_URL=redis://" + first}, "backup.sh", filepath.Join(dir, "backups"))
	script(t, []string{"REDIS_DIR=" + filepath.Join(dir, "second")}, "restore.sh", backup)
	second := plainRedis(t, filepath.Join(dir, "second"))
	require.Equal(t, "100", cli(second, "dbsize"))
	require.Equal(t, strings.Repeat("x", 99), cli(second, "get", "key99"))
}

// plainRedis runs a server with appendonly files in a folder, without password.
func plainRedis(t *testing.T, dir string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o700))
	addr := ports(t, 1)[0]
	launch(t, "redis", exec.Command(program(t, "redis-server", "redis-server"), "--port", port(addr), "--bind", "127.0.0.1", "--dir", dir, "--appendonly", "yes",
		"--repl-diskless-sync-delay", "0"))
	await(t, "redis", func() bool {
		out, _ := exec.Command("redis-cli", "-p", port(addr), "ping").Output()
		return strings.TrimSpace(string(out)) == "PONG"
	})
	return addr
}

func TestBackupOfPostgresBringsRowsBack(t *testing.T) {
	dump, psql := program(t, "pg_dump", "postgresql-client"), program(t, "psql", "postgresql-client")
	require.NotEmpty(t, dump)
	addr := postgres(t)
	sql := func(db, query string) string {
		out, err := exec.Command(psql, "-qtAX", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", port(addr), "-U", "tester", "-d", db, "-c", query).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return strings.TrimSpace(string(out))
	}
	sql("postgres", "create table items (id text primary key, v real[])")
	sql("postgres", "insert into items select i::text, array[i, i / 2.0] from generate_series(1, 500) i")
	sql("postgres", "create database back")
	url := "DATABASE_URL=postgres://tester@" + addr + "/"
	backup := script(t, []string{url + "postgres"}, "backup.sh", filepath.Join(t.TempDir(), "backups"))
	script(t, []string{url + "back"}, "restore.sh", backup)
	require.Equal(t, "500|125250", sql("back", "select count(*), sum(v[1]) from items"))
	_, err := tryScript([]string{url + "back"}, "restore.sh", backup)
	require.Error(t, err, "nothing is overwritten")
}

// postgres runs Debian's server for a user tester and returns its address.
func postgres(t *testing.T) string {
	t.Helper()
	initdb, server := program(t, "initdb", "postgresql"), program(t, "postgres", "postgresql")
	dir, err := os.MkdirTemp("", "pg") // the name of a socket may not be long
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	data, addr := filepath.Join(dir, "data"), ports(t, 1)[0]
	out, err := asPostgres(t, dir, exec.Command(initdb, "-D", data, "-U", "tester", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	launch(t, "postgres", asPostgres(t, dir, exec.Command(server, "-D", data, "-k", dir, "-p", port(addr), "-c", "listen_addresses=127.0.0.1", "-F")))
	await(t, "postgres", func() bool {
		return exec.Command("psql", "-h", "127.0.0.1", "-p", port(addr), "-U", "tester", "-d", "postgres", "-c", "select 1").Run() == nil
	})
	return addr
}

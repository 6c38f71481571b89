package deploytest_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// graph is the whole service: what docker-compose.advanced.yml describes, but for Grafana,
// with the same files of configuration, as processes of this machine.
type graph struct {
	whole     *testing.T // whose end is that of every process
	dir, made string     // files of the test, secrets and certificates

	redis, postgres     *process
	toRedis, toPostgres *fault // every quintetd reaches them through these
	redisAddr           string

	api        [2]*process
	apiAddr    [2]string
	monitorOf  map[string]string // port for operators of each quintetd
	workers    map[string]*process
	nginx      *process
	prometheus string
	told       *receiver

	session
}

// newGraph starts everything and waits until it is ready.
func newGraph(t *testing.T) *graph {
	t.Helper()
	g := &graph{whole: t, dir: t.TempDir(), made: prepared(t), monitorOf: make(map[string]string), workers: make(map[string]*process), told: newReceiver(t)}
	g.redisAddr = ports(t, 1)[0]
	g.startRedis(t)
	var pg string
	g.postgres, pg = startPGlite(t)
	g.toRedis, g.toPostgres = newFault(t, g.redisAddr), newFault(t, pg)
	p := ports(t, 10)
	g.apiAddr = [2]string{p[0], p[1]}
	for i, name := range []string{"api-1", "api-2", "worker-1", "worker-2", "monitor"} {
		g.monitorOf[name] = p[2+i]
	}
	for i := range g.api {
		g.startAPI(t, i)
	}
	g.startWorker(t, "worker-1")
	g.startWorker(t, "worker-2")
	g.start(t, "monitor", "monitor", "127.0.0.1:1")
	g.startNginx(t, p[7], p[8])
	g.startPrometheus(t)
	g.awaitReady(t)
	g.session = session{client: g.httpClient(t), url: "https://" + p[8], token: g.mint(t, "ann", "user")}
	return g
}

// environ are the settings of every quintetd, those of the profile for production.
func (g *graph) environ(name, api string) []string {
	return []string{
		"ENVIRONMENT=production", "LOG_LEVEL=warning", "AUTH_ENABLED=true", "TRUSTED_PROXIES=127.0.0.1",
		"SECRET_KEY_FILE=" + filepath.Join(g.made, "secrets/secret_key"),
		"API_PORT=" + port(api), "MONITORING_PORT=" + port(g.monitorOf[name]),
		"STORAGE_PATH=" + filepath.Join(g.dir, name), "HEALTH_CHECK_INTERVAL=1s", "RATE_LIMIT_PER_MINUTE=0", "MAX_WORKERS=2",
		"REDIS_HOST=127.0.0.1", "REDIS_PORT=" + port(g.toRedis.addr), "REDIS_TLS=true",
		"REDIS_PASSWORD_FILE=" + filepath.Join(g.made, "secrets/redis_password"),
		"SSL_CERT_FILE=" + filepath.Join(g.made, "tls/ca.crt"),
		"DB_HOST=127.0.0.1", "DB_PORT=" + port(g.toPostgres.addr), "DB_NAME=postgres", "DB_USER=postgres", "DB_SSL_MODE=disable",
		"DB_POOL_SIZE=4",
	}
}

func (g *graph) start(t *testing.T, name, command, api string) *process {
	t.Helper()
	c := exec.Command(quintetd(t), command, "-drain", "500ms")
	c.Env = g.environ(name, api)
	return launch(g.whole, name, c)
}

func (g *graph) startAPI(t *testing.T, i int) {
	t.Helper()
	g.api[i] = g.start(t, []string{"api-1", "api-2"}[i], "serve", g.apiAddr[i])
}

func (g *graph) startWorker(t *testing.T, name string) {
	t.Helper()
	g.workers[name] = g.start(t, name, "worker", "127.0.0.1:1")
}

// config writes a file of the folder deployment with other addresses and paths. What is to
// be replaced must be there.
func (g *graph) config(t *testing.T, name string, replace ...string) string {
	t.Helper()
	text := read(t, name)
	for i := 0; i < len(replace); i += 2 {
		require.Contains(t, text, replace[i], name)
		text = strings.ReplaceAll(text, replace[i], replace[i+1])
	}
	path := filepath.Join(g.dir, filepath.Base(name))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func (g *graph) startRedis(t *testing.T) {
	t.Helper()
	data := filepath.Join(g.dir, "redis")
	require.NoError(t, os.MkdirAll(data, 0o700))
	tls := filepath.Join(g.made, "tls")
	file := g.config(t, "redis/redis.conf", "/tls/", tls+"/", "dir /data", "dir "+data, "tls-port 6379", "tls-port "+port(g.redisAddr)+"\nbind 127.0.0.1")
	password, err := os.ReadFile(filepath.Join(g.made, "secrets/redis_password"))
	require.NoError(t, err)
	g.redis = launch(g.whole, "redis", exec.Command(program(t, "redis-server", "redis-server"), file, "--requirepass", string(password)))
	await(t, "redis", func() bool {
		c := exec.Command("redis-cli", "-p", port(g.redisAddr), "--tls", "--cacert", filepath.Join(tls, "ca.crt"), "ping")
		c.Env = append(os.Environ(), "REDISCLI_AUTH="+string(password))
		out, _ := c.Output()
		return strings.TrimSpace(string(out)) == "PONG"
	})
}

// startPGlite runs PostgreSQL with pgvector, which Debian 12 has not, compiled to
// WebAssembly: the server that the tests of vector/pgvector use.
func startPGlite(t *testing.T) (*process, string) {
	t.Helper()
	node := program(t, "node", "nodejs")
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	folder := filepath.Join(cache, "quintet-test", "pglite")
	if _, err := os.Stat(filepath.Join(folder, "node_modules/@electric-sql/pglite-pgvector")); err != nil {
		const why = "no PGlite: sh vector/pgvector/testdata/install.sh brings it"
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	c := exec.Command(node, "../../vector/pgvector/testdata/server.mjs", folder)
	_, err = c.StdinPipe() // it ends with its standard input
	require.NoError(t, err)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	c.Stdout = w
	p := launch(t, "postgres", c)
	require.NoError(t, w.Close())
	line, err := bufio.NewReader(r).ReadString('\n')
	require.NoError(t, err, tail(p.log))
	return p, "127.0.0.1:" + strings.TrimSpace(line)
}

func (g *graph) startNginx(t *testing.T, plain, tls string) {
	t.Helper()
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += "\t" + kind + "_temp_path " + filepath.Join(g.dir, kind) + ";\n"
	}
	file := g.config(t, "nginx/nginx.conf",
		"pid /run/nginx.pid;", "pid "+filepath.Join(g.dir, "nginx.pid")+";", "http {\n", "http {\n"+temporary,
		"/dev/stdout", filepath.Join(g.dir, "access.log"), "listen 80;", "listen "+plain+";", "listen 443 ", "listen "+tls+" ",
		"/etc/nginx/tls/server", filepath.Join(g.made, "tls/nginx"), "api-1:8001", g.apiAddr[0], "api-2:8001", g.apiAddr[1],
		"proxy_read_timeout 65s", "proxy_read_timeout 5s", // what hangs is found sooner
	)
	nginx := program(t, "nginx", "nginx-light")
	out, err := exec.Command(nginx, "-t", "-q", "-e", "stderr", "-c", file).CombinedOutput()
	require.NoError(t, err, "%s", out)
	g.nginx = launch(t, "nginx", exec.Command(nginx, "-e", "stderr", "-c", file, "-g", "daemon off;"))
	await(t, "nginx", func() bool {
		c, err := net.Dial("tcp", tls)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// startPrometheus runs Prometheus and Alertmanager with our files, but that everything
// takes seconds instead of minutes.
func (g *graph) startPrometheus(t *testing.T) {
	t.Helper()
	p := ports(t, 2)
	secrets := filepath.Join(g.made, "secrets")
	require.NoError(t, os.WriteFile(filepath.Join(secrets, "slack_url"), []byte(g.told.url+"/slack"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(secrets, "pagerduty_key"), []byte("0123456789abcdef0123456789abcdef"), 0o600))
	alerts := g.config(t, "alertmanager/alertmanager.yml", "/etc/alertmanager/secrets", secrets,
		"https://events.pagerduty.com/v2/enqueue", g.told.url+"/pagerduty", "group_wait: 15s", "group_wait: 200ms", "group_interval: 1m", "group_interval: 1s")
	launch(t, "alertmanager", exec.Command(program(t, "prometheus-alertmanager", "prometheus-alertmanager"), "--config.file="+alerts,
		"--storage.path="+filepath.Join(g.dir, "alertmanager"), "--web.listen-address="+p[0], "--cluster.listen-address="))

	workers := regexp.MustCompile(`(?s)    dns_sd_configs:.*?refresh_interval: 10s\n`)
	text := read(t, "prometheus/prometheus.yml")
	require.Regexp(t, workers, text)
	file := g.config(t, "prometheus/prometheus.yml", workers.FindString(text),
		`    static_configs: [{targets: ["`+g.monitorOf["worker-1"]+`", "`+g.monitorOf["worker-2"]+`"]}]`+"\n",
		"api-1:8002", g.monitorOf["api-1"], "api-2:8002", g.monitorOf["api-2"], "monitoring:8002", g.monitorOf["monitor"],
		"alertmanager:9093", p[0], "_interval: 10s", "_interval: 1s")
	rules := read(t, "prometheus/rules.yml")
	rules = regexp.MustCompile(`for: \d+m`).ReplaceAllString(rules, "for: 2s")
	require.NoError(t, os.WriteFile(filepath.Join(g.dir, "rules.yml"), []byte(rules), 0o600))
	g.prometheus = "http://" + p[1]
	launch(t, "prometheus", exec.Command(program(t, "prometheus", "prometheus"), "--config.file="+file,
		"--storage.tsdb.path="+filepath.Join(g.dir, "prometheus"), "--web.listen-address="+p[1]))
	awaitStatus(t, g.prometheus+"/-/ready", http.StatusOK)
}

// readiness is what each quintetd says of itself.
func (g *graph) readiness(name string) int { return status("http://" + g.monitorOf[name] + "/readyz") }

func (g *graph) awaitReady(t *testing.T) {
	t.Helper()
	for name := range g.monitorOf {
		await(t, name+" to be ready", func() bool { return g.readiness(name) == http.StatusOK })
	}
}

// awaitUnready waits until all that need something say that it is missing.
func (g *graph) awaitUnready(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		await(t, name+" to be unready", func() bool { return g.readiness(name) == http.StatusServiceUnavailable })
	}
}

func (g *graph) httpClient(t *testing.T) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(filepath.Join(g.made, "tls/ca.crt"))
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(pem))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 30 * time.Second}
}

func (g *graph) mint(t *testing.T, subject, roles string) string {
	t.Helper()
	c := exec.Command(quintetd(t), "token", "-subject", subject, "-roles", roles)
	c.Env = append(g.environ("monitor", "127.0.0.1:1"), "ACCESS_TOKEN_EXPIRE_MINUTES=1440")
	out, err := c.Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

// query returns what Prometheus answers.
func (g *graph) query(t *testing.T, expr string) (series int, err string) {
	t.Helper()
	resp, e := http.Get(g.prometheus + "/api/v1/query?query=" + url.QueryEscape(expr))
	require.NoError(t, e)
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct{ Result []json.RawMessage }
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
	if answer.Status != "success" {
		return 0, answer.Error + "!"
	}
	return len(answer.Data.Result), ""
}

// receiver stands for Slack and PagerDuty.
type receiver struct {
	url string

	mu  sync.Mutex
	got []string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, q.URL.Path+" "+string(body))
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(`{"status":"success"}`))
	}))
	t.Cleanup(s.Close)
	r.url = s.URL
	return r
}

// has reports whether a message to a path has all words.
func (r *receiver) has(path string, words ...string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		all := strings.HasPrefix(m, path+" ")
		for _, w := range words {
			all = all && strings.Contains(m, w)
		}
		if all {
			return true
		}
	}
	return false
}

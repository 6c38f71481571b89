package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/config"
)

// key is long and varied enough for production.
const key = "mV3xQ9rT7bK1sW5zN8cH2dF6gJ4pL0yA"

// write makes a file and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestDefaultsAreFitForDevelopment(t *testing.T) {
	t.Setenv("API_PORT", "9999") // only what the caller hands over is read
	c, err := config.Load(config.LoadOptions{})
	require.NoError(t, err)
	require.Equal(t, config.Development, c.General.Environment)
	require.Equal(t, "127.0.0.1", c.API.Host)
	require.Equal(t, 8001, c.API.Port)
	require.Equal(t, time.Minute, c.API.Timeout)
	require.Equal(t, time.Hour, c.Performance.CacheTTL)
	require.Equal(t, slog.LevelInfo, c.General.LogLevel.Level())
	require.Empty(t, c.Security.CORSOrigins)
	require.True(t, c.Database.URL().Empty())
}

const environment = `DB_HOST=localhost
DB_PORT=5433
DB_NAME=shop
DB_USER=ada
DB_PASSWORD=p@ss word
DB_POOL_SIZE=20
REDIS_HOST=localhost
REDIS_PORT=6380
REDIS_PASSWORD=r
REDIS_MAX_CONNECTIONS=50
SECRET_KEY=` + key + `
ALGORITHM=HS512
ACCESS_TOKEN_EXPIRE_MINUTES=60
API_HOST=0.0.0.0
API_PORT=8100
API_WORKERS=4
LOG_LEVEL=WARNING
MAX_WORKERS=16
BATCH_SIZE=64
GPU_ENABLED=true
CORS_ORIGINS=https://a.example.org, https://b.example.org
CACHE_TTL=90
TRUSTED_PROXIES=10.0.0.0/8,192.0.2.1
ENVIRONMENT=production
AUTH_ENABLED=1
API_TLS_TERMINATED=true
UNKNOWN=is nothing of ours`

func TestEnvironment(t *testing.T) {
	c, err := config.Load(config.LoadOptions{Environ: strings.Split(environment, "\n")})
	require.NoError(t, err)
	require.Equal(t, "postgres://ada:p%40ss%20word@localhost:5433/shop?sslmode=prefer", c.Database.URL().Reveal())
	require.Equal(t, 20, c.Database.PoolSize)
	require.Equal(t, "r", c.Redis.Password.Reveal())
	require.Equal(t, 50, c.Redis.MaxConnections)
	require.Equal(t, key, c.Security.SecretKey.Reveal())
	require.Equal(t, "HS512", c.Security.Algorithm)
	require.Equal(t, 60, c.Security.AccessTokenMinutes)
	require.Equal(t, []string{"https://a.example.org", "https://b.example.org"}, c.Security.CORSOrigins)
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32")}, c.Security.TrustedProxies)
	require.Equal(t, 4, c.API.Workers)
	require.Equal(t, slog.LevelWarn, c.General.LogLevel.Level())
	require.True(t, c.Performance.GPU)
	require.Equal(t, 90*time.Second, c.Performance.CacheTTL)
}

const file = `# a comment
environment: staging
log_level: "${LEVEL:-error}"
api:
  host: 127.0.0.1
  port: ${PORT:-8200}   # of the file
database: {host: localhost, password: "${DB_SECRET}", name: 007}
security:
  auth_enabled: true
  secret_key: ${KEY}
  cors_origins: ["https://a.example.org", '${ORIGIN}']
  rate_limit_per_minute:
monitoring:
  health_check_interval: 30
  alert_email_to:
    - ops@example.org
    - "with, comma@example.org"
storage:
  path: |-
    a folder
`

func TestFileWithVariables(t *testing.T) {
	path := write(t, "config.yml", file)
	environ := []string{"KEY=" + key, "DB_SECRET=a: b\n#$${KEY}", "ORIGIN=https://b.example.org", "API_PORT=8300", "API_HOST="}
	c, err := config.Load(config.LoadOptions{File: path, Environ: environ})
	require.NoError(t, err)
	require.Equal(t, config.Staging, c.General.Environment)
	require.Equal(t, "error", c.General.LogLevel.String())
	require.Equal(t, 8300, c.API.Port, "the environment wins")
	require.Equal(t, "127.0.0.1", c.API.Host, "an empty variable sets nothing")
	require.Equal(t, "a: b\n#$${KEY}", c.Database.Password.Reveal(), "put in as it is")
	require.Equal(t, "007", c.Database.Name)
	require.Equal(t, []string{"https://a.example.org", "https://b.example.org"}, c.Security.CORSOrigins)
	require.Equal(t, 6000, c.Security.RatePerMinute, "a key without a value is the default")
	require.Equal(t, 30*time.Second, c.Monitoring.CheckInterval)
	require.Equal(t, []string{"ops@example.org", "with, comma@example.org"}, c.Monitoring.MailTo)
	require.Equal(t, "a folder", c.Storage.Path)
}

func TestFilesThatAreRefused(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"unknown section":          {"api:\n  port: 1\nnope:\n  a: 1", "config.yml:3: no setting nope"},
		"unknown key":              {"api:\n\n  prot: 8000", "config.yml:3: no setting api.prot"},
		"key of a section on top":  {"port: 1", "config.yml:1: no setting port"},
		"key twice":                {"api:\n  port: 1\n  port: 2", "port"},
		"section twice":            {"api: {port: 1}\n\napi: {host: a}", "api"},
		"wrong type":               {"api:\n  port: high", `config.yml:2: api.port: "high" is no number`},
		"wrong bool":               {"debug: perhaps", `config.yml:1: debug: "perhaps" is no bool`},
		"wrong duration":           {"api: {timeout: soon}", `config.yml:1: api.timeout: "soon" is no duration`},
		"wrong profile":            {"environment: moon", "config.yml:1: environment: want development"},
		"wrong level":              {"log_level: loud", "config.yml:1: log_level: want debug"},
		"wrong network":            {"security: {allowed_ips: [here]}", `security.allowed_ips: "here" is no network`},
		"list for a number":        {"api:\n  port: [1]", "config.yml:2: api.port is a number, not a list"},
		"mapping for a text":       {"api:\n  host: {a: b}", "config.yml:2: api.host: want a plain text"},
		"text for a section":       {"api: 1", "config.yml:1: want keys with values for api"},
		"list at the top":          {"- a", "config.yml:1: want keys with values"},
		"variable that is not set": {"api:\n  host: ${NO_SUCH}", "config.yml:2: api.host: variable NO_SUCH is not set"},
		"variable without an end":  {"api:\n  host: 'x${A'", "config.yml:2: api.host: want ${NAME}"},
		"anchor":                   {"api: &a\n  port: 1", "config.yml:1: "},
		"alias":                    {"api:\n  host: *a", "config.yml:2: "},
		"merge key":                {"api:\n  <<: {port: 1}", "config.yml:2: want a plain key"},
		"two documents":            {"debug: true\n---\ndebug: false", "2 documents"},
		"no YAML":                  {"a: [", "config.yml:1: "},
		"too large":                {strings.Repeat("# x\n", 1<<17), "more than 262144 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(config.LoadOptions{File: write(t, "config.yml", tt.text)})
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, tt.want)
		})
	}
	_, err := config.Load(config.LoadOptions{File: filepath.Join(t.TempDir(), "none")})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAllErrorsOfAFileAreTold(t *testing.T) {
	_, err := config.Load(config.LoadOptions{File: write(t, "config.yml", "a: 1\nb: 2\napi: {port: 3, c: 4}")})
	for _, want := range []string{"1: no setting a", "2: no setting b", "3: no setting api.c"} {
		require.ErrorContains(t, err, want)
	}
	_, err = config.Load(config.LoadOptions{Environ: []string{"API_PORT=x", "DB_PORT=y"}})
	require.ErrorContains(t, err, `API_PORT: "x" is no number`)
	require.ErrorContains(t, err, `DB_PORT: "y" is no number`)
}

func TestSecretsFromFiles(t *testing.T) {
	load := func(environ ...string) (config.Config, error) {
		return config.Load(config.LoadOptions{Environ: environ})
	}
	c, err := load("SECRET_KEY_FILE=" + write(t, "key", key+"\n"))
	require.NoError(t, err)
	require.Equal(t, key, c.Security.SecretKey.Reveal())
	_, err = load("SECRET_KEY_FILE="+write(t, "key", key), "SECRET_KEY=a")
	require.ErrorContains(t, err, "SECRET_KEY and SECRET_KEY_FILE are both set")
	_, err = load("SECRET_KEY_FILE=" + write(t, "key", "\n"))
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = load("SECRET_KEY_FILE=" + filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = load("API_HOST_FILE=/nowhere")
	require.NoError(t, err, "it is no secret")
}

// good passes in production.
func good(t *testing.T, set ...string) (config.Config, error) {
	t.Helper()
	return config.Load(config.LoadOptions{Environ: append(strings.Split(environment, "\n"), set...)})
}

func TestProductionRefusesWhatIsWeak(t *testing.T) {
	tests := map[string]struct {
		set  string
		want string // empty: staging and production take it
	}{
		"debug":                       {"DEBUG=true", "DEBUG is on"},
		"no authentication":           {"AUTH_ENABLED=false", "AUTH_ENABLED is off"},
		"short key":                   {"SECRET_KEY=aB3$", "SECRET_KEY has 4 bytes"},
		"key of one character":        {"SECRET_KEY=" + strings.Repeat("a", 64), "SECRET_KEY repeats"},
		"key of the manual":           {"SECRET_KEY=your-secret-key-change-in-production", "SECRET_KEY looks like a placeholder"},
		"no key":                      {"SECRET_KEY_FILE=/dev/null", "both set"},
		"long tokens":                 {"ACCESS_TOKEN_EXPIRE_MINUTES=100000", "ACCESS_TOKEN_EXPIRE_MINUTES"},
		"any origin":                  {"CORS_ORIGINS=*", "CORS_ORIGINS is any origin"},
		"any origin as JSON":          {`CORS_ORIGINS=["*"]`, "CORS_ORIGINS is any origin"},
		"origin without TLS":          {"CORS_ORIGINS=http://a.example.org", "without TLS"},
		"plaintext for everybody":     {"API_TLS_TERMINATED=false", "API_HOST 0.0.0.0 without TLS"},
		"plaintext database":          {"DB_HOST=db.example.org", "DB_SSL_MODE is prefer"},
		"plaintext Redis":             {"REDIS_HOST=10.0.0.7", "REDIS_TLS is off"},
		"algorithm none":              {"ALGORITHM=none", `ALGORITHM "none"`},
		"another algorithm, no key":   {"ALGORITHM=EdDSA", "JWT_PUBLIC_KEY"},
		"half of TLS":                 {"API_TLS_CERT=cert.pem", "come together"},
		"port out of range":           {"API_PORT=70000", "API_PORT is 70000"},
		"negative workers":            {"MAX_WORKERS=-1", "MAX_WORKERS is -1"},
		"origin with a path":          {"CORS_ORIGINS=https://a.example.org/x", "no origin"},
		"cloud without a bucket":      {"STORAGE_TYPE=s3", "STORAGE_BUCKET"},
		"mail without addresses":      {"SMTP_HOST=mail.example.org", "ALERT_EMAIL_FROM"},
		"dashboard on the same port":  {"MONITORING_PORT=8100", "both 8100"},
		"plain origin on this laptop": {"CORS_ORIGINS=http://localhost:3000", ""},
		"loopback needs no TLS":       {"API_HOST=::1", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := good(t, tt.set)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "your-secret", "errors tell no secrets")
		})
	}
	_, err := good(t, "ENVIRONMENT=staging", "DEBUG=true")
	require.NoError(t, err, "staging may debug")
	_, err = good(t, "ENVIRONMENT=development", "DEBUG=true", "CORS_ORIGINS=*", "SECRET_KEY=x", "API_TLS_TERMINATED=0")
	require.NoError(t, err, "development may do anything")
}

func TestSecretsDoNotShow(t *testing.T) {
	c, err := good(t)
	require.NoError(t, err)
	s := c.Security.SecretKey
	private := struct{ config config.Config }{c}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("config", "all", c, "key", s, "pointer", &c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "all", c, "key", s)
	asJSON, err := json.Marshal(c)
	require.NoError(t, err)
	asYAML, err := yaml.Marshal(c)
	require.NoError(t, err)
	prints := []string{log.String(), string(asJSON), string(asYAML), fmt.Sprint(c, &c, s, private), fmt.Sprintln(c, private)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%10v"} {
		prints = append(prints, fmt.Sprintf(verb, s), fmt.Sprintf(verb, &s), fmt.Sprintf(verb, c), fmt.Sprintf(verb, private))
	}
	for _, p := range prints {
		require.NotContains(t, p, key)
		require.NotContains(t, p, fmt.Sprintf("%x", key))
		require.NotContains(t, p, "p@ss word")
	}
	require.Contains(t, string(asJSON), `"***"`)
	require.Contains(t, string(asYAML), "environment: production\n")
	require.Contains(t, string(asYAML), `secret_key: "***"`)
	require.Empty(t, fmt.Sprint(config.Secret{}), "one can see that it is not set")
}

func TestReferenceNamesEverySettingOnce(t *testing.T) {
	table := config.Reference()
	keys, vars := make(map[string]bool), make(map[string]bool)
	for _, s := range config.Settings() {
		require.NotEmpty(t, s.Key)
		require.NotEmpty(t, s.Env, s.Key)
		require.NotEmpty(t, s.Help, s.Key)
		require.NotContains(t, s.Help, "|")
		require.False(t, keys[s.Key] || vars[s.Env], s.Key)
		keys[s.Key], vars[s.Env] = true, true
		require.Contains(t, table, "| `"+s.Key+"` | `"+s.Env+"`")
	}
	require.Equal(t, len(config.Settings())+2, strings.Count(table, "\n"))
	for _, name := range []string{"DB_HOST", "REDIS_HOST", "SECRET_KEY", "ALGORITHM", "ACCESS_TOKEN_EXPIRE_MINUTES", "API_HOST", "API_PORT",
		"API_WORKERS", "LOG_LEVEL", "MAX_WORKERS", "BATCH_SIZE", "GPU_ENABLED", "CORS_ORIGINS", "MONITORING_ENABLED"} {
		require.True(t, vars[name], name)
	}
}

func TestEverySettingCanStandInAFile(t *testing.T) {
	values := map[string]string{"number": "7", "bool": "true", "duration": "5s", "list": "[https://a.example.org]", "networks": "[10.0.0.0/8]", "secret": "x", "text": "x"}
	own := map[string]string{"environment": "staging", "log_level": "debug", "security.algorithm": "HS384", "database.ssl_mode": "require", "storage.type": "s3"}
	for _, s := range config.Settings() {
		v := values[s.Type]
		if own[s.Key] != "" {
			v = own[s.Key]
		}
		section, k, nested := strings.Cut(s.Key, ".")
		text := section + ": " + v
		if nested {
			text = section + ":\n  " + k + ": " + v
		}
		_, err := config.Load(config.LoadOptions{File: write(t, "config.yml", text)})
		if err != nil { // settings that need others are refused for that only
			require.NotContains(t, err.Error(), "config.yml", s.Key)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(file)
	f.Add("api: {port: 1}")
	f.Add("a: &a [*a]\n<<: 1")
	f.Add("? {a: b}\n: !!int |\n  x")
	path := filepath.Join(f.TempDir(), "config.yml")
	f.Fuzz(func(t *testing.T, text string) {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		c, err := config.Load(config.LoadOptions{File: path, Environ: []string{"KEY=" + key}})
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrOption)
			return
		}
		require.NoError(t, c.Validate())
	})
}

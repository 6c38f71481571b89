package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
)

// Config has all settings. Each field is explained by its tag help, as [Reference]
// prints it.
type Config struct {
	General     General     `yaml:",inline"`
	API         API         `yaml:"api"`
	Security    Security    `yaml:"security"`
	Database    Database    `yaml:"database"`
	Redis       Redis       `yaml:"redis"`
	Monitoring  Monitoring  `yaml:"monitoring"`
	Performance Performance `yaml:"performance"`
	Storage     Storage     `yaml:"storage"`
}

// General has the settings at the top of the file: Environment, Debug and LogLevel.
type General struct {
	Environment Profile `yaml:"environment" env:"ENVIRONMENT" envDefault:"development" help:"development, staging or production"`
	Debug       bool    `yaml:"debug" env:"DEBUG" envDefault:"false" help:"more in logs and answers; refused in production"`
	LogLevel    Level   `yaml:"log_level" env:"LOG_LEVEL" envDefault:"info" help:"debug, info, warning or error"`
}

// API says where and how requests are served.
type API struct {
	// See the tags.
	Host          string        `yaml:"host" env:"API_HOST" envDefault:"127.0.0.1" help:"address to listen on"`
	Port          int           `yaml:"port" env:"API_PORT" envDefault:"8001" help:"port to listen on"`
	Workers       int           `yaml:"workers" env:"API_WORKERS" envDefault:"0" help:"requests worked on at a time; 0 is chosen by the server"`
	Docs          bool          `yaml:"docs" env:"API_DOCS" envDefault:"true" help:"serve the explorer, outside of production"`
	Timeout       time.Duration `yaml:"timeout" env:"API_TIMEOUT" envDefault:"60s" help:"bound for one request"`
	MaxBodyMB     int           `yaml:"max_body_mb" env:"API_MAX_BODY_MB" envDefault:"32" help:"bound for the body of a request, MiB"`
	TLSCert       string        `yaml:"tls_cert" env:"API_TLS_CERT" help:"file with the certificate chain; with tls_key it serves HTTPS"`
	TLSKey        string        `yaml:"tls_key" env:"API_TLS_KEY" help:"file with the private key"`
	TLSTerminated bool          `yaml:"tls_terminated" env:"API_TLS_TERMINATED" envDefault:"false" help:"a proxy in front speaks TLS"`
}

// Security says who may call.
type Security struct {
	// See the tags.
	Auth               bool           `yaml:"auth_enabled" env:"AUTH_ENABLED" envDefault:"false" help:"ask for credentials; must be true outside of development"`
	SecretKey          Secret         `yaml:"secret_key" env:"SECRET_KEY" help:"signs and verifies tokens of HS algorithms; 32 bytes or more"`
	Algorithm          string         `yaml:"algorithm" env:"ALGORITHM" envDefault:"HS256" help:"of tokens: HS256, HS384, HS512, RS256, ES256 or EdDSA"`
	PublicKey          Secret         `yaml:"public_key" env:"JWT_PUBLIC_KEY" help:"PEM; verifies tokens of the other algorithms"`
	AccessTokenMinutes int            `yaml:"access_token_expire_minutes" env:"ACCESS_TOKEN_EXPIRE_MINUTES" envDefault:"30" help:"life of a token"`
	CORSOrigins        []string       `yaml:"cors_origins" env:"CORS_ORIGINS" help:"origins whose pages may call; * is all, in development only"`
	RatePerMinute      int            `yaml:"rate_limit_per_minute" env:"RATE_LIMIT_PER_MINUTE" envDefault:"6000" help:"requests of one caller; 0 is no bound"`
	TrustedProxies     []netip.Prefix `yaml:"trusted_proxies" env:"TRUSTED_PROXIES" help:"networks whose X-Forwarded-For is believed"`
	AllowedIPs         []netip.Prefix `yaml:"allowed_ips" env:"ALLOWED_IPS" help:"networks that may call; none is all"`
}

// Database is a PostgreSQL server.
type Database struct {
	// See the tags.
	Host     string `yaml:"host" env:"DB_HOST" help:"server of PostgreSQL; none keeps everything in memory and files"`
	Port     int    `yaml:"port" env:"DB_PORT" envDefault:"5432" help:"its port"`
	Name     string `yaml:"name" env:"DB_NAME" envDefault:"quintet" help:"database"`
	User     string `yaml:"user" env:"DB_USER" envDefault:"quintet" help:"role"`
	Password Secret `yaml:"password" env:"DB_PASSWORD" help:"of the role"`
	SSLMode  string `yaml:"ssl_mode" env:"DB_SSL_MODE" envDefault:"prefer" help:"disable, prefer, require, verify-ca or verify-full"`
	PoolSize int    `yaml:"pool_size" env:"DB_POOL_SIZE" envDefault:"10" help:"connections"`
}

// URL returns the connection string, empty without a host.
func (d Database) URL() Secret {
	if d.Host == "" {
		return Secret{}
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(d.User, d.Password.Reveal()), Path: "/" + d.Name,
		Host:     net.JoinHostPort(d.Host, strconv.Itoa(d.Port)),
		RawQuery: url.Values{"sslmode": {d.SSLMode}}.Encode(),
	}
	return NewSecret(u.String())
}

// Redis is a server for caches, rate limits and jobs that several processes share.
type Redis struct {
	// See the tags.
	Host           string `yaml:"host" env:"REDIS_HOST" help:"server of Redis; none keeps caches and jobs in this process"`
	Port           int    `yaml:"port" env:"REDIS_PORT" envDefault:"6379" help:"its port"`
	Password       Secret `yaml:"password" env:"REDIS_PASSWORD" help:"of the server"`
	DB             int    `yaml:"db" env:"REDIS_DB" envDefault:"0" help:"number of the database"`
	MaxConnections int    `yaml:"max_connections" env:"REDIS_MAX_CONNECTIONS" envDefault:"20" help:"connections"`
	TLS            bool   `yaml:"tls" env:"REDIS_TLS" envDefault:"false" help:"speak TLS"`
}

// Monitoring says what is watched and who is told.
type Monitoring struct {
	// See the tags.
	Enabled       bool          `yaml:"enabled" env:"MONITORING_ENABLED" envDefault:"true" help:"run health checks and alerts"`
	Port          int           `yaml:"port" env:"MONITORING_PORT" envDefault:"8002" help:"port of the dashboard"`
	Prometheus    bool          `yaml:"prometheus_enabled" env:"PROMETHEUS_ENABLED" envDefault:"true" help:"answer scrapes at /metrics"`
	Grafana       bool          `yaml:"grafana_enabled" env:"GRAFANA_ENABLED" envDefault:"false" help:"write a dashboard for Grafana; the service itself ignores it"`
	CheckInterval time.Duration `yaml:"health_check_interval" env:"HEALTH_CHECK_INTERVAL" envDefault:"10s" help:"between two runs of a check"`
	SlackURL      Secret        `yaml:"slack_webhook_url" env:"SLACK_WEBHOOK_URL" help:"incoming webhook of Slack for alerts"`
	WebhookURL    Secret        `yaml:"webhook_url" env:"ALERT_WEBHOOK_URL" help:"alerts are posted there"`
	WebhookSecret Secret        `yaml:"webhook_secret" env:"ALERT_WEBHOOK_SECRET" help:"signs what is posted"`
	PagerDutyKey  Secret        `yaml:"pagerduty_key" env:"PAGERDUTY_KEY" help:"integration key for Events v2"`
	SMTPHost      string        `yaml:"smtp_host" env:"SMTP_HOST" help:"server that takes mail about alerts"`
	SMTPPort      int           `yaml:"smtp_port" env:"SMTP_PORT" envDefault:"587" help:"its port"`
	SMTPUser      string        `yaml:"smtp_user" env:"SMTP_USER" help:"user at this server"`
	SMTPPassword  Secret        `yaml:"smtp_password" env:"SMTP_PASSWORD" help:"of this user"`
	MailFrom      string        `yaml:"alert_email_from" env:"ALERT_EMAIL_FROM" help:"sender of mail about alerts"`
	MailTo        []string      `yaml:"alert_email_to" env:"ALERT_EMAIL_TO" help:"who gets mail about alerts"`
}

// Performance says how much is done at a time.
type Performance struct {
	// See the tags.
	MaxWorkers    int           `yaml:"max_workers" env:"MAX_WORKERS" envDefault:"0" help:"items that run at once; 0 is one for each processor"`
	BatchSize     int           `yaml:"batch_size" env:"BATCH_SIZE" envDefault:"32" help:"items that a model executes together"`
	GPU           bool          `yaml:"gpu_enabled" env:"GPU_ENABLED" envDefault:"false" help:"use a graphics processor where there is one"`
	CacheEntries  int           `yaml:"cache_size" env:"CACHE_SIZE" envDefault:"10000" help:"results that are remembered"`
	CacheTTL      time.Duration `yaml:"cache_ttl" env:"CACHE_TTL" envDefault:"1h" help:"how long"`
	ModelMemoryMB int           `yaml:"model_memory_mb" env:"MODEL_MEMORY_MB" envDefault:"0" help:"memory of all models, MiB; 0 is no bound"`
}

// Storage is where models, indexes and payloads are kept.
type Storage struct {
	// See the tags.
	Type   string `yaml:"type" env:"STORAGE_TYPE" envDefault:"local" help:"local, s3, gcs or azure"`
	Path   string `yaml:"path" env:"STORAGE_PATH" envDefault:"data" help:"folder of local storage"`
	Bucket string `yaml:"bucket" env:"STORAGE_BUCKET" help:"bucket or container of the others"`
}

// Profile says how strict [Config.Validate] is.
type Profile string

// The profiles.
const (
	Development Profile = "development"
	Staging     Profile = "staging"
	Production  Profile = "production"
)

// UnmarshalText takes one of the profiles.
func (p *Profile) UnmarshalText(b []byte) error {
	switch v := Profile(strings.ToLower(string(b))); v {
	case Development, Staging, Production:
		*p = v
		return nil
	}
	return fmt.Errorf("want development, staging or production: %w", quintet.ErrOption)
}

// Level is how severe a record must be to be logged. It is a [slog.Leveler].
type Level slog.Level

// Level returns the level for package slog.
func (l Level) Level() slog.Level { return slog.Level(l) }

// String returns "debug", "info", "warning" or "error".
func (l Level) String() string {
	if slog.Level(l) == slog.LevelWarn {
		return "warning"
	}
	return strings.ToLower(slog.Level(l).String())
}

// MarshalText returns String.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText takes what String returns, also "warn", and "critical" for error.
func (l *Level) UnmarshalText(b []byte) error {
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "warning": slog.LevelWarn,
		"error": slog.LevelError, "critical": slog.LevelError,
	}
	level, ok := levels[strings.ToLower(string(b))]
	if !ok {
		return fmt.Errorf("want debug, info, warning or error: %w", quintet.ErrOption)
	}
	*l = Level(level)
	return nil
}

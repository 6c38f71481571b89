package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
)

// Validate returns all that is wrong, each wrapping [quintet.ErrOption]: numbers out
// of range and settings that contradict each other in every profile; outside of
// Development also
//
//   - no authentication, or tokens that live longer than a day
//   - a secret key that is missing, shorter than 32 bytes, repetitive or well known
//   - any origin, or one without https
//   - plain HTTP on an address that other machines reach, unless a proxy speaks TLS
//   - a database or Redis on another machine without TLS or password
//
// and in Production DEBUG.
func (c Config) Validate() error {
	var p problems
	c.ranges(&p)
	c.pairs(&p)
	if c.General.Environment != Development {
		c.weakSecurity(&p)
		c.weakConnections(&p)
	}
	p.when(c.General.Environment == Production && c.General.Debug, "DEBUG is on in production")
	return errors.Join(p...)
}

type problems []error

func (p *problems) when(bad bool, format string, a ...any) {
	if bad {
		*p = append(*p, fmt.Errorf(format+": %w", append(a, quintet.ErrOption)...))
	}
}

func (c Config) ranges(p *problems) {
	ports := map[string]int{
		"API_PORT": c.API.Port, "DB_PORT": c.Database.Port, "REDIS_PORT": c.Redis.Port,
		"MONITORING_PORT": c.Monitoring.Port, "SMTP_PORT": c.Monitoring.SMTPPort,
	}
	for _, name := range []string{"API_PORT", "DB_PORT", "REDIS_PORT", "MONITORING_PORT", "SMTP_PORT"} {
		p.when(ports[name] < 1 || ports[name] > 65535, "%s is %d, want 1 to 65535", name, ports[name])
	}
	for _, n := range []struct {
		name       string
		value, min int
	}{
		{"API_WORKERS", c.API.Workers, 0}, {"API_MAX_BODY_MB", c.API.MaxBodyMB, 1},
		{"ACCESS_TOKEN_EXPIRE_MINUTES", c.Security.AccessTokenMinutes, 1},
		{"RATE_LIMIT_PER_MINUTE", c.Security.RatePerMinute, 0},
		{"DB_POOL_SIZE", c.Database.PoolSize, 1},
		{"REDIS_DB", c.Redis.DB, 0}, {"REDIS_MAX_CONNECTIONS", c.Redis.MaxConnections, 1},
		{"MAX_WORKERS", c.Performance.MaxWorkers, 0}, {"BATCH_SIZE", c.Performance.BatchSize, 1},
		{"CACHE_SIZE", c.Performance.CacheEntries, 0}, {"MODEL_MEMORY_MB", c.Performance.ModelMemoryMB, 0},
	} {
		p.when(n.value < n.min, "%s is %d, want at least %d", n.name, n.value, n.min)
	}
	p.when(c.API.Timeout <= 0, "API_TIMEOUT is %v", c.API.Timeout)
	p.when(c.Monitoring.CheckInterval < time.Second, "HEALTH_CHECK_INTERVAL is %v, want at least 1 s", c.Monitoring.CheckInterval)
	p.when(c.Performance.CacheTTL < 0, "CACHE_TTL is %v", c.Performance.CacheTTL)
}

func oneOf(v string, of ...string) bool { return slices.Contains(of, v) }

// pairs are settings that make sense together only.
func (c Config) pairs(p *problems) {
	s, m := c.Security, c.Monitoring
	p.when(!oneOf(s.Algorithm, "HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA"), "ALGORITHM %q is not taken", s.Algorithm)
	p.when(s.Auth && s.symmetric() && s.SecretKey.Empty(), "AUTH_ENABLED needs a SECRET_KEY")
	p.when(s.Auth && !s.symmetric() && s.PublicKey.Empty(), "AUTH_ENABLED with %s needs a JWT_PUBLIC_KEY", s.Algorithm)
	p.when((c.API.TLSCert == "") != (c.API.TLSKey == ""), "API_TLS_CERT and API_TLS_KEY come together")
	p.when(m.SMTPHost != "" && (m.MailFrom == "" || len(m.MailTo) == 0), "SMTP_HOST needs ALERT_EMAIL_FROM and ALERT_EMAIL_TO")
	p.when(!oneOf(c.Database.SSLMode, "disable", "prefer", "require", "verify-ca", "verify-full"), "DB_SSL_MODE %q is not known", c.Database.SSLMode)
	p.when(!oneOf(c.Storage.Type, "local", "s3", "gcs", "azure"), "STORAGE_TYPE %q is not known", c.Storage.Type)
	p.when(c.Storage.Type != "local" && c.Storage.Bucket == "", "STORAGE_TYPE %s needs a STORAGE_BUCKET", c.Storage.Type)
	p.when(c.Monitoring.Enabled && c.Monitoring.Port == c.API.Port, "API_PORT and MONITORING_PORT are both %d", c.API.Port)
	for _, o := range s.CORSOrigins {
		u, err := url.Parse(o)
		whole := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Path == "" && u.RawQuery == "" && u.User == nil
		p.when(o != "*" && !whole, "CORS_ORIGINS: %q is no origin, want such as https://app.example.org", o)
	}
}

// symmetric reports whether tokens are signed and verified with the same key.
func (s Security) symmetric() bool { return strings.HasPrefix(s.Algorithm, "HS") }

func (c Config) weakSecurity(p *problems) {
	s, where := c.Security, c.General.Environment
	p.when(!s.Auth, "AUTH_ENABLED is off in %s", where)
	p.when(s.AccessTokenMinutes > 24*60, "ACCESS_TOKEN_EXPIRE_MINUTES is %d, more than a day, in %s", s.AccessTokenMinutes, where)
	if s.symmetric() && !s.SecretKey.Empty() {
		why := weakness(s.SecretKey.Reveal())
		p.when(why != "", "SECRET_KEY %s in %s", why, where)
	}
	for _, o := range s.CORSOrigins {
		p.when(o == "*", "CORS_ORIGINS is any origin in %s", where)
		u, err := url.Parse(o)
		p.when(o != "*" && err == nil && u.Scheme == "http" && !local(u.Hostname()), "CORS_ORIGINS: %s without TLS in %s", o, where)
	}
}

// weakness says what is wrong with a key, "" for nothing that can be seen.
func weakness(key string) string {
	distinct := make(map[byte]bool)
	for i := range len(key) {
		distinct[key[i]] = true
	}
	lower := strings.ToLower(key)
	known := func(s string) bool { return strings.Contains(lower, s) }
	switch {
	case len(key) < 32:
		return fmt.Sprintf("has %d bytes, want 32 or more,", len(key))
	case len(distinct) < 10:
		return "repeats few characters"
	case slices.ContainsFunc([]string{"change", "secret", "your-", "your_", "example", "default", "password", "insecure"}, known):
		return "looks like a placeholder"
	}
	return ""
}

func (c Config) weakConnections(p *problems) {
	d, r, where := c.Database, c.Redis, c.General.Environment
	p.when(!local(c.API.Host) && c.API.TLSCert == "" && !c.API.TLSTerminated,
		"API_HOST %s without TLS in %s: set API_TLS_CERT, or API_TLS_TERMINATED behind a proxy", c.API.Host, where)
	if d.Host != "" && !local(d.Host) {
		p.when(oneOf(d.SSLMode, "disable", "prefer"), "DB_SSL_MODE is %s for another machine in %s", d.SSLMode, where)
		p.when(d.Password.Empty(), "no DB_PASSWORD in %s", where)
	}
	if r.Host != "" && !local(r.Host) {
		p.when(!r.TLS, "REDIS_TLS is off for another machine in %s", where)
		p.when(r.Password.Empty(), "no REDIS_PASSWORD in %s", where)
	}
}

// local reports whether a host is this machine; a folder is that of a socket.
func local(host string) bool {
	if host == "localhost" || strings.HasPrefix(host, "/") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && net.IP(ip.AsSlice()).IsLoopback()
}

package main

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet"
)

// expandURLs adds the variables that REDIS_URL and DATABASE_URL, which many platforms
// set, stand for. A URL wins over variables of its parts.
func expandURLs(environ []string) ([]string, error) {
	out := slices.Clone(environ)
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if value == "" || name != "REDIS_URL" && name != "DATABASE_URL" {
			continue
		}
		u, err := url.Parse(value)
		if err != nil || u.Hostname() == "" {
			return nil, fmt.Errorf("%s is no URL with a host: %w", name, quintet.ErrOption) // the value has a password
		}
		add, ok := redisVariables(u), u.Scheme == "redis" || u.Scheme == "rediss"
		if name == "DATABASE_URL" {
			add, ok = databaseVariables(u), u.Scheme == "postgres" || u.Scheme == "postgresql"
		}
		if !ok {
			return nil, fmt.Errorf("%s has scheme %q: %w", name, u.Scheme, quintet.ErrOption)
		}
		out = append(out, add...)
	}
	return out, nil
}

func redisVariables(u *url.URL) []string {
	password, _ := u.User.Password()
	return []string{
		"REDIS_HOST=" + u.Hostname(),
		"REDIS_PORT=" + cmp.Or(u.Port(), "6379"),
		"REDIS_PASSWORD=" + password,
		"REDIS_DB=" + cmp.Or(strings.Trim(u.Path, "/"), "0"),
		fmt.Sprintf("REDIS_TLS=%t", u.Scheme == "rediss"),
	}
}

func databaseVariables(u *url.URL) []string {
	password, _ := u.User.Password()
	return []string{
		"DB_HOST=" + u.Hostname(),
		"DB_PORT=" + cmp.Or(u.Port(), "5432"),
		"DB_NAME=" + cmp.Or(strings.Trim(u.Path, "/"), "quintet"),
		"DB_USER=" + cmp.Or(u.User.Username(), "quintet"),
		"DB_PASSWORD=" + password,
		"DB_SSL_MODE=" + cmp.Or(u.Query().Get("sslmode"), "prefer"),
	}
}

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/rediscache"
	"github.com/quintet-ai/quintet/server/config"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/server/jobs/asynqjobs"
	"github.com/quintet-ai/quintet/vector"
)

// address is host:port of a server of Redis.
func address(r config.Redis) string { return net.JoinHostPort(r.Host, strconv.Itoa(r.Port)) }

func redisTLS(r config.Redis) *tls.Config {
	if !r.TLS {
		return nil
	}
	return &tls.Config{ServerName: r.Host, MinVersion: tls.VersionTLS12}
}

// connect returns a client of Redis, nil if the settings name none.
func connect(r config.Redis) (*rediscache.Client, error) {
	if r.Host == "" {
		return nil, nil
	}
	return rediscache.Connect(rediscache.ClientOptions{
		Addresses: []string{address(r)}, Password: r.Password.Reveal(), DB: r.DB,
		TLS: redisTLS(r), Connections: r.MaxConnections,
	})
}

// openQueue returns the queue that the role works with: that on Redis, or if one process
// does everything, a directory. It is nil for an API alone, which has no background jobs.
func openQueue(c config.Config, r role) (jobs.Queue, error) {
	switch {
	case c.Redis.Host != "":
		return asynqjobs.Open(asynqjobs.Options{
			Addresses: []string{address(c.Redis)}, Password: c.Redis.Password.Reveal(), DB: c.Redis.DB,
			TLS: redisTLS(c.Redis), Connections: c.Redis.MaxConnections, Timeout: 3 * time.Second,
		})
	case r.api && r.worker:
		return jobs.Open(filepath.Join(c.Storage.Path, "jobs"), jobs.Options{})
	case r.worker:
		return nil, fmt.Errorf("a worker needs a queue that processes share: set REDIS_HOST, or run all: %w", quintet.ErrOption)
	}
	return nil, nil
}

// openVectors returns the collection of the settings: that in PostgreSQL, or one in a
// directory, which this process alone has. It is nil where the role has no use for it.
func openVectors(c config.Config, r role) (vector.Store[string], error) {
	switch {
	case !r.api && !r.worker:
		return nil, nil
	case c.Database.Host != "":
		return newDatabaseStore(c.Database)
	case r.api:
		return vector.Open[string](filepath.Join(c.Storage.Path, "vectors"), vector.Options{Dim: dim, TextIndex: true})
	}
	return nil, nil
}

// probe writes, reads and removes a file: the truth about a disk that is full, gone or
// read-only.
func probe(ctx context.Context, dir string) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	page := make([]byte, 4096)
	if _, err := f.WriteString(time.Now().UTC().Format(time.RFC3339Nano)); err != nil {
		return err
	}
	if _, err := f.Write(page); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if _, err := f.ReadAt(page, 0); err != nil {
		return err
	}
	return ctx.Err()
}

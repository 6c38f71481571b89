package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/config"
)

// check prints a table of the settings and of what the service depends on, and returns an
// error if something is wrong. Bad is the error of reading the settings.
func check(ctx context.Context, c config.Config, bad error, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tSTATE\tDETAIL")
	failed := 0
	row := func(what, detail string, err error) {
		state := "ok"
		if err != nil {
			failed++
			state, detail = "failed", err.Error()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", what, state, detail)
	}
	for _, err := range parts(bad) {
		row("settings", "", err)
	}
	if bad == nil {
		row("settings", string(c.General.Environment), nil)
		for _, d := range dependencies(c) {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			row(d.name, d.detail, d.ask(ctx))
			cancel()
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d checks failed: %w", failed, quintet.ErrOption)
	}
	return nil
}

// parts takes joined errors apart.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// dependency is something outside of the process.
type dependency struct {
	name, detail string
	ask          func(context.Context) error
}

func dependencies(c config.Config) []dependency {
	all := []dependency{{"storage", c.Storage.Path, func(ctx context.Context) error { return probe(ctx, c.Storage.Path) }}}
	if c.API.TLSCert != "" {
		all = append(all, dependency{"certificate", c.API.TLSCert, func(context.Context) error { return certificate(c.API) }})
	}
	if c.Security.Auth {
		all = append(all, dependency{"tokens", c.Security.Algorithm, func(context.Context) error {
			_, err := authenticator(c.Security)
			return err
		}})
	}
	if c.Redis.Host != "" {
		all = append(all, dependency{"redis", address(c.Redis), func(ctx context.Context) error { return pingRedis(ctx, c.Redis) }})
	}
	if c.Database.Host != "" {
		where := net.JoinHostPort(c.Database.Host, strconv.Itoa(c.Database.Port))
		all = append(all, dependency{"database", where, func(ctx context.Context) error { return pingDatabase(ctx, c.Database) }})
	}
	return all
}

func pingRedis(ctx context.Context, r config.Redis) error {
	client, err := connect(r)
	if err != nil {
		return err
	}
	err = client.Ping(ctx)
	return errors.Join(err, client.Close())
}

func certificate(a config.API) error {
	pair, err := tls.LoadX509KeyPair(a.TLSCert, a.TLSKey)
	if err != nil {
		return err
	}
	if left := time.Until(pair.Leaf.NotAfter); left < 0 {
		return fmt.Errorf("expired %v ago: %w", -left.Round(time.Hour), quintet.ErrOption)
	}
	return nil
}

// ready returns an error unless the service of these settings on this machine is ready,
// for containers that have no other program.
func ready(ctx context.Context, c config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	url := "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Monitoring.Port)) + "/readyz"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %w", url, resp.Status, quintet.ErrBusy)
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "quintetd:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	config         string
	drain          time.Duration
	subject, roles string
}

// run runs one command until it is done or ctx ends.
func run(ctx context.Context, args, environ []string, out, log io.Writer) error {
	command := "help"
	if len(args) > 0 {
		command = args[0]
	}
	var o options
	flags := flag.NewFlagSet("quintetd serve|worker|monitor|all|check|ready|token", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.StringVar(&o.config, "config", "", "YAML file of settings; the environment wins over it")
	flags.DurationVar(&o.drain, "drain", 5*time.Second, "how long requests are served after readiness said no")
	flags.StringVar(&o.subject, "subject", "", "token: who gets it")
	flags.StringVar(&o.roles, "roles", "user", "token: roles, split at commas")
	if len(args) == 0 || command[0] == '-' {
		return flags.Parse([]string{"-h"})
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	c, err := load(o.config, environ)
	if command == "check" {
		return check(ctx, c, err, out)
	}
	if err != nil {
		return err
	}
	if command == "ready" {
		return ready(ctx, c)
	}
	if command == "token" {
		return token(c, o, out)
	}
	r, ok := roleOf(command)
	if !ok {
		return fmt.Errorf("no command %q: %w", command, quintet.ErrOption)
	}
	logger := slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: c.General.LogLevel}))
	return serve(ctx, c, r, o.drain, logger.With("role", command))
}

// role says which parts a process has. All have health, metrics and alerts.
type role struct{ api, worker bool }

func roleOf(command string) (role, bool) {
	roles := map[string]role{"serve": {api: true}, "worker": {worker: true}, "monitor": {}, "all": {api: true, worker: true}}
	r, ok := roles[command]
	return r, ok
}

// load reads the settings of a file and the environment.
func load(file string, environ []string) (config.Config, error) {
	environ, err := expandURLs(environ)
	if err != nil {
		return config.Config{}, err
	}
	c, err := config.Load(config.LoadOptions{File: file, Environ: environ})
	if err == nil && c.Storage.Type != "local" {
		err = fmt.Errorf("STORAGE_TYPE %s: this program keeps files in a folder: %w", c.Storage.Type, quintet.ErrUnsupported)
	}
	return c, err
}

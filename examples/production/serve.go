package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/config"
)

// serve runs a role until ctx ends, and then ends it in order: requests, jobs, stores.
func serve(ctx context.Context, c config.Config, r role, drain time.Duration, logger *slog.Logger) (err error) {
	began := time.Now()
	a, err := open(c, r, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	stopMonitoring, err := a.listenMonitoring()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopMonitoring()) }()
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	var workers sync.WaitGroup
	if r.worker {
		workers.Go(func() { a.work(working) })
	}
	defer func() { stopWork(); workers.Wait() }()
	go a.tellReady(ctx, began)
	if !r.api {
		<-ctx.Done()
		a.health.Drain()
		return nil
	}
	return a.server.Run(ctx, server.Listen{
		Address:  net.JoinHostPort(c.API.Host, strconv.Itoa(c.API.Port)),
		CertFile: c.API.TLSCert, KeyFile: c.API.TLSKey, Drain: drain,
		Ready: func(at net.Addr) {
			logger.Info("listening", "address", at.String(), "took", time.Since(began).String())
		},
	})
}

// tellReady logs once how long it took until all checks were good.
func (a *app) tellReady(ctx context.Context, began time.Time) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for a.health.Ready() != nil {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	a.logger.Info("ready", "took", time.Since(began).String(), "seconds", time.Since(began).Seconds())
}

// listenMonitoring serves operators until the returned function is called.
func (a *app) listenMonitoring() (stop func() error, err error) {
	if !a.config.Monitoring.Enabled {
		return func() error { return nil }, nil
	}
	board, err := a.board(true)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", net.JoinHostPort(a.config.API.Host, strconv.Itoa(a.config.Monitoring.Port)))
	if err != nil {
		return nil, fmt.Errorf("monitoring: %w", err)
	}
	h := &http.Server{
		Handler: monitoring(a.health, a.export, board), ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(a.logger.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(l) }()
	return func() error {
		if err := h.Close(); err != nil {
			return err
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("monitoring: %w", err)
		}
		return nil
	}, nil
}

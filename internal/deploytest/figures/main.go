// Command figures measures what make report prints of the area production:
//
//	go run ./figures start    # seconds from the start of quintetd to ready, a line each of five times
//	go run ./figures redis    # median microseconds of a hit in the second level of a cache, five times
//
// It runs in the folder of package deploytest. It is a program of its own so that the one
// that prints the report needs no client of Redis.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/quintet-ai/quintet/optimize/rediscache"
)

const rounds = 5

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	dir, err := os.MkdirTemp("", "figures")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if len(args) != 1 {
		return errors.New("want start or redis")
	}
	switch args[0] {
	case "start":
		return start(ctx, dir)
	case "redis":
		return redis(ctx, dir)
	}
	return fmt.Errorf("no figure %q", args[0])
}

// start measures everything in one process: stores on disk, pipelines, health.
func start(ctx context.Context, dir string) error {
	program := filepath.Join(dir, "quintetd")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, ".")
	build.Dir = "../../examples/production"
	build.Env = append(os.Environ(), "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	for i := range rounds {
		took, err := startOnce(ctx, program, filepath.Join(dir, fmt.Sprint("data", i)))
		if err != nil {
			return err
		}
		fmt.Println(took.Seconds())
	}
	return nil
}

func startOnce(ctx context.Context, program, data string) (time.Duration, error) {
	api, monitoring, err := twoPorts()
	if err != nil {
		return 0, err
	}
	c := exec.CommandContext(ctx, program, "all", "-drain", "0s")
	c.Env = []string{"API_PORT=" + api, "MONITORING_PORT=" + monitoring, "STORAGE_PATH=" + data, "LOG_LEVEL=error"}
	began := time.Now()
	if err := c.Start(); err != nil {
		return 0, err
	}
	defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
	for time.Since(began) < time.Minute {
		resp, err := http.Get("http://127.0.0.1:" + api + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return time.Since(began), nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return 0, errors.New("quintetd is not ready after a minute")
}

func twoPorts() (a, b string, err error) {
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	defer first.Close()
	second, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	defer second.Close()
	_, a, _ = net.SplitHostPort(first.Addr().String())
	_, b, _ = net.SplitHostPort(second.Addr().String())
	return a, b, nil
}

// redis measures a hit: what a cache with a second level waits when it has nothing itself.
func redis(ctx context.Context, dir string) error {
	port, _, err := twoPorts()
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", dir)
	if err := c.Start(); err != nil {
		return err
	}
	defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
	client, err := rediscache.Connect(rediscache.ClientOptions{Addresses: []string{"127.0.0.1:" + port}, Timeout: 2 * time.Second})
	if err != nil {
		return err
	}
	defer client.Close()
	tier, err := rediscache.NewTier(client, rediscache.TierOptions[string, []float32]{})
	if err != nil {
		return err
	}
	for began := time.Now(); tier.Store(ctx, "k", make([]float32, 384), 0) != nil; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			return errors.New("redis-server does not answer")
		}
	}
	for range rounds {
		took := make([]time.Duration, 2000)
		for i := range took {
			began := time.Now()
			if _, _, ok, err := tier.Load(ctx, "k"); err != nil || !ok {
				return fmt.Errorf("no hit: %w", err)
			}
			took[i] = time.Since(began)
		}
		slices.Sort(took)
		fmt.Println(float64(took[len(took)/2].Nanoseconds()) / 1e3)
	}
	return nil
}

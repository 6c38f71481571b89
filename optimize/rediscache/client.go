package rediscache

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"

	"github.com/quintet-ai/quintet"
)

// ClientOptions configures [Connect].
type ClientOptions struct {
	// Addresses are host:port of one server, of some nodes of a cluster, or of
	// sentinels. Default: localhost:6379.
	Addresses []string

	// Cluster says that a single address is that of a cluster. More than one is.
	Cluster bool

	// Primary is the name of the primary that sentinels are asked for. Default: the
	// addresses are servers.
	Primary string

	// Username and Password of the server. Default: none.
	Username, Password string

	// DB is the number of the database; a cluster has only 0. Default: 0.
	DB int

	// TLS encrypts connections. Default: it does not.
	TLS *tls.Config

	// Timeout bounds every call, with waiting for a connection. Default: 50 ms.
	Timeout time.Duration

	// Connections bounds the open connections to each server. Default: 10 for each
	// processor.
	Connections int
}

// Client speaks to Redis. It is safe for concurrent use.
type Client struct {
	redis   redis.UniversalClient
	timeout time.Duration
	breaker *gobreaker.CircuitBreaker[any]
}

// Connect returns a client. It does not wait for a server: what cannot be reached now may
// be reached later.
func Connect(o ClientOptions) (*Client, error) {
	if o.Timeout < 0 || o.Connections < 0 || o.DB < 0 {
		return nil, fmt.Errorf("rediscache: negative timeout, connections or database: %w", quintet.ErrOption)
	}
	if o.Timeout == 0 {
		o.Timeout = 50 * time.Millisecond
	}
	if len(o.Addresses) == 0 {
		o.Addresses = []string{"localhost:6379"}
	}
	c := &Client{timeout: o.Timeout}
	c.redis = redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: o.Addresses, IsClusterMode: o.Cluster, MasterName: o.Primary,
		Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLS, PoolSize: o.Connections,
		DialTimeout: o.Timeout, ReadTimeout: o.Timeout, WriteTimeout: o.Timeout, PoolTimeout: o.Timeout,
		DialerRetries: 1, MaxRetries: -1, ContextTimeoutEnabled: true,
	})
	c.breaker = gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
		Timeout:     time.Second,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= 3 },
		IsSuccessful: func(err error) bool {
			return err == nil || errors.Is(err, redis.Nil) || errors.Is(err, context.Canceled)
		},
	})
	return c, nil
}

// do calls f within the timeout, unless the last calls all failed.
func (c *Client) do(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	_, err := c.breaker.Execute(func() (any, error) { return nil, f(ctx) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return fmt.Errorf("rediscache: the last calls failed: %w", quintet.ErrBusy)
	}
	return err
}

// Ping asks whether the server answers. It fits a check of package monitor.
func (c *Client) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if err := c.redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("rediscache: %w", err)
	}
	return nil
}

// Close closes the connections. Closing twice is harmless.
func (c *Client) Close() error {
	if err := c.redis.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return fmt.Errorf("rediscache: %w", err)
	}
	return nil
}

package rediscache

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/quintet-ai/quintet"
)

// LimiterOptions configures [NewLimiter].
type LimiterOptions struct {
	// Prefix stands before every key. Default: "limit:".
	Prefix string

	// Rate is how much a caller may spend a second on average. Required.
	Rate float64

	// Burst is how much it may spend at once after a pause. Default: Rate, at least 1.
	Burst float64
}

// Limiter bounds what callers spend on all processes that share a server. It is the
// generic cell rate algorithm, by the server's clock: one key of 20 bytes for a caller,
// gone when the caller has its full burst again.
type Limiter struct {
	client *Client
	opt    LimiterOptions
}

// NewLimiter returns a limiter on a server.
func NewLimiter(c *Client, o LimiterOptions) (*Limiter, error) {
	if c == nil || !(o.Rate > 0 && o.Rate <= 1e9) || !(o.Burst >= 0 && o.Burst <= 1e9) {
		return nil, fmt.Errorf("rediscache: a limiter needs a client and a rate: %w", quintet.ErrOption)
	}
	if o.Prefix == "" {
		o.Prefix = "limit:"
	}
	if o.Burst == 0 {
		o.Burst = max(1, o.Rate)
	}
	return &Limiter{c, o}, nil
}

// gcra keeps when the caller will have its full burst again, in microseconds. What is
// spent moves that away; it may be at most a burst away. It answers how long to wait,
// 0 if the cost was spent.
var gcra = redis.NewScript(`
local t = redis.call("TIME")
local now = t[1] * 1000000 + t[2]
local cost, burst = ARGV[1] * 1000000 / ARGV[2], ARGV[3] * 1000000 / ARGV[2]
local full = math.max(now, tonumber(redis.call("GET", KEYS[1]) or 0)) + cost
if full - burst > now then return math.ceil(full - burst - now) end
redis.call("SET", KEYS[1], string.format("%.0f", full), "PX", math.ceil((full - now) / 1000) + 1)
return 0`)

// Take spends cost for a caller. It returns 0 if that was possible, else how long until
// it will be. A cost that is not positive or more than Burst is [quintet.ErrInput].
// Another error says nothing about the caller: let it through, or bound it in this
// process.
func (l *Limiter) Take(ctx context.Context, caller string, cost float64) (wait time.Duration, err error) {
	if !(cost > 0 && cost <= l.opt.Burst) {
		return 0, fmt.Errorf("rediscache: cost %v, burst %v: %w", cost, l.opt.Burst, quintet.ErrInput)
	}
	var us int64
	err = l.client.do(ctx, func(ctx context.Context) (err error) {
		us, err = gcra.Run(ctx, l.client.redis, []string{l.opt.Prefix + caller}, cost, l.opt.Rate, l.opt.Burst).Int64()
		return err
	})
	return time.Duration(us) * time.Microsecond, err
}

// Package rediscache lets processes share what they cache, and what callers may do, in
// Redis: a second level for [optimize.Cache], and a rate limit.
//
//	client, err := rediscache.Connect(rediscache.ClientOptions{Addresses: []string{"localhost:6379"}})
//	tier, err := rediscache.NewTier(client, rediscache.TierOptions[string, []float32]{Prefix: "embeddings:"})
//	cache, err := optimize.NewCache(optimize.CacheOptions[string, []float32]{TTL: time.Hour, Tier: tier})
//
// It is a module of its own, so that nobody else downloads the client of Redis. One
// server, a cluster, and a primary behind sentinels are the same to it.
//
// # When Redis is slow, hung or gone
//
// Every call ends within ClientOptions.Timeout, 50 ms by default. After three failures in
// a row calls fail at once for a second, then one of them tries again. For a cache a
// failure is a miss: it costs time, never an answer. [Client.Ping] is a health check,
// which should be optional: a service can work without its second level.
//
// # Limits
//
// Values are encoded by encoding/gob unless the options say otherwise. Values longer than
// MaxValue are not stored, and not read. Whoever may write to the server may change
// what is cached; it should ask for a password.
package rediscache

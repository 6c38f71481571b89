package rediscache_test

import (
	"fmt"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/rediscache"
)

func Example() {
	client, err := rediscache.Connect(rediscache.ClientOptions{Addresses: []string{"localhost:6379"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	tier, err := rediscache.NewTier(client, rediscache.TierOptions[string, []float32]{Prefix: "embeddings:"})
	if err != nil {
		fmt.Println(err)
		return
	}
	cache, err := optimize.NewCache(optimize.CacheOptions[string, []float32]{Tier: tier})
	fmt.Println(cache.Len(), err)
	// Output: 0 <nil>
}

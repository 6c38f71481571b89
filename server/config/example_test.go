package config_test

import (
	"fmt"

	"github.com/quintet-ai/quintet/server/config"
)

func ExampleLoad() {
	c, err := config.Load(config.LoadOptions{Environ: []string{
		"ENVIRONMENT=production", "AUTH_ENABLED=true", "SECRET_KEY=changeme", "API_PORT=8080",
	}})
	fmt.Println(err)
	fmt.Println(c.API.Port, c.Security.SecretKey)
	// Output:
	// SECRET_KEY has 8 bytes, want 32 or more, in production: invalid option
	// 8080 ***
}

package vault_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/quintet-ai/quintet/server/config"
	"github.com/quintet-ai/quintet/server/config/vault"
)

func Example() {
	dir, err := os.MkdirTemp("", "secrets") // as an orchestrator mounts them
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "db_password")
	if err := os.WriteFile(path, []byte("correct horse\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	r, err := vault.New(vault.Options{}) // with Address it takes ${vault:secret/db#password} too
	if err != nil {
		log.Fatal(err)
	}
	environ, err := r.Environ(context.Background(), []string{"DB_HOST=localhost", "DB_PASSWORD=${file:" + path + "}"})
	if err != nil {
		log.Fatal(err)
	}
	c, err := config.Load(config.LoadOptions{Environ: environ})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Database.Password, len(c.Database.Password.Reveal()))
	// Output: *** 13
}

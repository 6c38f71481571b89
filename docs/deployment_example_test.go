package docs_test

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/text"
)

func Example_deploymentRun() {
	s, err := server.New(server.Pipelines{Text: &text.Options{}}, server.Options{})
	check(err)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = s.Run(ctx, server.Listen{Address: "127.0.0.1:0", Drain: 5 * time.Second, Shutdown: 30 * time.Second})
	check(err) // nil if all requests were answered
}

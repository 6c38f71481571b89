//go:build unix

package riverjobs_test

import (
	"context"
	"fmt"
	"log"

	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/server/jobs/riverjobs"
)

func Example() {
	ctx := context.Background()
	q, err := riverjobs.Open(ctx, riverjobs.Options{URL: "postgres://app@localhost/app"})
	if err != nil {
		log.Fatal(err)
	}
	defer q.Close()

	// In the workers:
	mux := jobs.NewMux()
	shout := func(_ context.Context, s string) (string, error) { return s + "!", nil }
	if err := jobs.Register(mux, "shout", shout, jobs.KindOptions{}); err != nil {
		log.Fatal(err)
	}
	go q.Serve(ctx, mux, jobs.ServeOptions{Workers: 8})

	// In whoever has work for them:
	spec, err := jobs.NewSpec("shout", "hello")
	if err != nil {
		log.Fatal(err)
	}
	info, err := q.Enqueue(ctx, spec)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.ID)
}

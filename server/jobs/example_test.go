package jobs_test

import (
	"context"
	"fmt"

	"github.com/quintet-ai/quintet/server/jobs"
)

func Example() {
	type resize struct{ Picture string }
	mux := jobs.NewMux()
	finished := make(chan struct{})
	err := jobs.Register(mux, "resize", func(_ context.Context, r resize) (string, error) {
		defer close(finished)
		return "small-" + r.Picture, nil
	}, jobs.KindOptions{MaxAttempts: 5})
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := jobs.New(jobs.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error)
	go func() { served <- q.Serve(ctx, mux, jobs.ServeOptions{}) }()

	spec, err := jobs.NewSpec("resize", resize{Picture: "a.jpg"})
	if err != nil {
		fmt.Println(err)
		return
	}
	info, err := q.Enqueue(ctx, spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	<-finished
	stop() // no new jobs; those that run are finished
	<-served
	info, err = q.Get(context.Background(), "", info.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	name, err := jobs.Result[string](info)
	fmt.Println(info.State, name, err, q.Close())
	// Output: done small-a.jpg <nil> <nil>
}

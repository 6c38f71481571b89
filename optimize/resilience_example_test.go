package optimize_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

func ExampleRetry() {
	tries := 0
	remote := func(_ context.Context, s string) (int, error) {
		if tries++; tries < 3 {
			return 0, errors.New("connection reset")
		}
		return len(s), nil
	}
	f := optimize.Retry(remote, optimize.RetryOptions{Base: time.Millisecond})
	n, err := f(context.Background(), "hello")
	fmt.Println(n, err, "after", tries, "attempts")
	// Output: 5 <nil> after 3 attempts
}

func ExampleBreaker() {
	remote := func(context.Context, string) (int, error) { return 0, errors.New("connection refused") }
	f := optimize.Breaker(remote, optimize.BreakerOptions{Failures: 2})
	for range 3 {
		_, err := f(context.Background(), "hello")
		fmt.Println(err != nil, errors.Is(err, quintet.ErrBusy))
	}
	// Output:
	// true false
	// true false
	// true true
}

func ExampleLimit() {
	inside := make(chan struct{})
	remote := func(context.Context, string) (int, error) {
		inside <- struct{}{}
		<-inside
		return 1, nil
	}
	f := optimize.Limit(remote, optimize.LimitOptions{Concurrent: 1, NoQueue: true})
	go f(context.Background(), "first")
	<-inside
	_, err := f(context.Background(), "second")
	fmt.Println(err)
	inside <- struct{}{}
	// Output: 1 calls run and 0 wait: too many calls in flight
}

// A remote service that is retried, left alone when it is down, and replaced by a
// local model meanwhile. The result is a step like any other.
func ExampleFallback() {
	remote := func(context.Context, string) (string, error) { return "", errors.New("connection refused") }
	local := func(_ context.Context, s string) (string, error) { return s + ", said the local model", nil }

	f := optimize.Fallback(
		optimize.Retry(
			optimize.Breaker(remote, optimize.BreakerOptions{}),
			optimize.RetryOptions{Base: time.Millisecond}),
		local)
	p := optimize.NewEngine(optimize.Default(), "answer", f)
	defer p.Close()
	fmt.Println(p.Run(context.Background(), "yes"))
	// Output: yes, said the local model <nil>
}

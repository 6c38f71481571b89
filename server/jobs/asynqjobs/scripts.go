package asynqjobs

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/server/jobs/internal/worker"
)

// lua holds the scripts. Each changes a job and all that refers to it at once. go-redis
// sends a script again when a connection broke; each says what makes that harmless.
//
//go:embed lua/*.lua
var lua embed.FS

// scripts are those of a queue, with the hashes by which a server knows them.
type scripts struct{ admit, start, settle, cancel, retry, forget, sweep *redis.Script }

func newScripts() (s scripts) {
	for name, to := range map[string]**redis.Script{
		"admit": &s.admit, "start": &s.start, "settle": &s.settle, "cancel": &s.cancel,
		"retry": &s.retry, "forget": &s.forget, "sweep": &s.sweep,
	} {
		*to = redis.NewScript(source("common") + source(name))
	}
	return s
}

func source(name string) string {
	b, err := lua.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err) // the file is part of this program
	}
	return string(b)
}

// run calls a script within the timeout and returns its list.
func (q *Queue) run(ctx context.Context, s *redis.Script, args ...any) (list []any, err error) {
	err = q.do(ctx, func(ctx context.Context) error {
		list, err = s.Run(ctx, q.redis, []string{q.root}, args...).Slice()
		return err
	})
	return list, err
}

// do calls f within the timeout. It is the one who explains errors of Redis.
func (q *Queue) do(ctx context.Context, f func(context.Context) error) error {
	if q.closing.Err() != nil && !worker.Serving(ctx) {
		return fmt.Errorf("asynqjobs: %w", quintet.ErrClosed)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("asynqjobs: %w", err)
	}
	within, cancel := context.WithTimeout(ctx, q.opt.Timeout)
	defer cancel()
	err := f(within)
	if err == nil || errors.Is(err, redis.Nil) {
		return nil
	}
	if end, ok := ctx.Deadline(); ok && !time.Now().Before(end) { // the connection may notice first
		err = context.DeadlineExceeded
	} else if ctx.Err() != nil {
		err = ctx.Err()
	}
	return fmt.Errorf("asynqjobs: %w: %w", jobs.ErrUnavailable, err)
}

// word returns an element of a script's list as text, "" if there is none.
func word(list []any, i int) string {
	if i >= len(list) {
		return ""
	}
	s, _ := list[i].(string)
	return s
}

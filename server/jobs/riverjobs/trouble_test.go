//go:build unix

package riverjobs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/server/jobs/riverjobs"
)

// calls are all that ask the server.
func calls(ctx context.Context, q *riverjobs.Queue) map[string]error {
	_, enqueue := q.Enqueue(ctx, jobs.Spec{Kind: "x"})
	_, get := q.Get(ctx, "", "id")
	_, list := q.List(ctx, jobs.Filter{})
	_, forget := q.Forget(ctx, "ann")
	_, stats := q.Stats(ctx)
	return map[string]error{
		"Enqueue": enqueue, "Get": get, "List": list, "Forget": forget, "Stats": stats,
		"Cancel": q.Cancel(ctx, "", "id"), "Retry": q.Retry(ctx, "", "id"), "Ping": q.Ping(ctx),
	}
}

func unavailable(t *testing.T, s *way) {
	o := s.Options
	o.Timeout = 300 * time.Millisecond
	o.NoMigrate = true
	open(t, s.Options) // makes the tables, for which the time is short
	q := open(t, o)
	var before jobs.Info
	require.Eventually(t, func() (ok bool) {
		var err error
		before, err = q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
		return err == nil
	}, 20*time.Second, time.Millisecond, "the machine may be busy")
	all := func() {
		t.Helper()
		for name, err := range calls(t.Context(), q) {
			require.ErrorIs(t, err, jobs.ErrUnavailable, name)
			require.ErrorIs(t, err, quintet.ErrBusy, name)
		}
	}
	s.set(true, false)
	all()
	serve(t, q, instant(t)) // tries until it gets on
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	for name, err := range calls(short, q) {
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
	}
	s.set(false, false)
	await(t, q, before.ID, jobs.Done)

	s.set(false, true)
	all()
	o.NoMigrate = false
	_, err := riverjobs.Open(t.Context(), o)
	require.ErrorIs(t, err, jobs.ErrUnavailable)
	s.set(false, false)
	var after jobs.Info
	require.Eventually(t, func() (ok bool) {
		after, err = q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
		return err == nil
	}, 20*time.Second, 10*time.Millisecond)
	await(t, q, after.ID, jobs.Done)
}

func away(t *testing.T, s *way) {
	q := open(t, s.Options)
	started, release := make(chan struct{}), make(chan struct{})
	m := jobs.NewMux()
	require.NoError(t, jobs.Register(m, "x", func(context.Context, struct{}) (string, error) {
		close(started)
		<-release
		return "kept", nil
	}, jobs.KindOptions{}))
	serve(t, q, m)
	i, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x", MaxAttempts: 1})
	require.NoError(t, err)
	<-started
	s.set(false, true)
	close(release)
	require.Error(t, q.Ping(t.Context()))
	s.set(false, false)
	i = await(t, q, i.ID, jobs.Done)
	require.JSONEq(t, `"kept"`, string(i.Result))
}

// helped is set in processes that a test starts: they work and run no test.
const (
	helped     = "RIVERJOBS_TEST_URL"
	helpedName = "RIVERJOBS_TEST_NAME"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(helped); url != "" {
		if err := help(url); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	m.Run()
}

// help is the worker of another process, which ends with its standard input. A job
// "meet" returns when another one runs too; a job "hang" does not return.
func help(url string) error {
	q, err := riverjobs.Open(context.Background(), riverjobs.Options{URL: url, Name: os.Getenv(helpedName), Poll: 50 * time.Millisecond})
	if err != nil {
		return err
	}
	m := jobs.NewMux()
	err = errors.Join(jobs.Register(m, "meet", meet, jobs.KindOptions{}), jobs.Register(m, "hang", hang, jobs.KindOptions{}))
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	return errors.Join(q.Serve(ctx, m, jobs.ServeOptions{Workers: 1}), q.Close())
}

// meet waits until two jobs have each left a file in a folder.
func meet(ctx context.Context, dir string) (pid int, err error) {
	i, _ := jobs.FromContext(ctx)
	if err := os.WriteFile(filepath.Join(dir, i.ID), nil, 0o600); err != nil {
		return 0, err
	}
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for {
		if all, _ := os.ReadDir(dir); len(all) == 2 {
			return os.Getpid(), nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-look.C:
		}
	}
}

func hang(ctx context.Context, _ struct{}) (int, error) {
	fmt.Println("started")
	<-ctx.Done()
	return 0, ctx.Err()
}

// child is a worker in another process.
type child struct {
	*exec.Cmd
	in  io.Closer
	out *bufio.Scanner
}

func spawn(t *testing.T, s *way) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0])}
	c.Env = append(os.Environ(), helped+"="+s.URL, helpedName+"="+s.Name)
	in, err := c.StdinPipe()
	require.NoError(t, err)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	c.in, c.out = in, bufio.NewScanner(out)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	return c
}

func shared(t *testing.T, s *way) {
	q, dir := open(t, s.Options), t.TempDir()
	children := []*child{spawn(t, s), spawn(t, s)}
	var ids []string
	for range 2 {
		spec, err := jobs.NewSpec("meet", dir)
		require.NoError(t, err)
		i, err := q.Enqueue(t.Context(), spec)
		require.NoError(t, err)
		ids = append(ids, i.ID)
	}
	pids := map[int]bool{}
	for _, id := range ids {
		pid, err := jobs.Result[int](await(t, q, id, jobs.Done))
		require.NoError(t, err)
		pids[pid] = true
	}
	require.Len(t, pids, 2, "each has one worker, and both jobs ran at a time")
	for _, c := range children {
		require.NoError(t, c.in.Close())
		for c.out.Scan() { // until it ended
		}
		require.NoError(t, c.Wait())
	}
}

func killed(t *testing.T, s *way) {
	q := open(t, s.Options)
	c := spawn(t, s)
	i, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "hang"})
	require.NoError(t, err)
	last, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "hang", MaxAttempts: 1})
	require.NoError(t, err)
	for c.out.Scan() && !strings.Contains(c.out.Text(), "started") {
	}
	require.NoError(t, c.Process.Kill())
	_ = c.Wait()
	require.Equal(t, jobs.Running, await(t, q, i.ID, jobs.Running).State, "nobody knows yet")
	age(t, s)

	m := jobs.NewMux()
	require.NoError(t, jobs.Register(m, "hang", func(context.Context, struct{}) (string, error) {
		return "elsewhere", nil
	}, jobs.KindOptions{}))
	serve(t, q, m)
	got := await(t, q, i.ID, jobs.Done)
	require.Equal(t, 2, got.Attempt)
	require.Equal(t, 1, await(t, q, last.ID, jobs.Done).Attempt, "it had only waited")
}

// age makes all leases end, for which a worker's death would need half a minute.
func age(t *testing.T, s *way) {
	t.Helper()
	n := look[int](t, s, "WITH old AS (UPDATE quintet_job SET lease = now() - interval '1 s' WHERE queue = $1 AND state = 'running' RETURNING 1) SELECT count(*) FROM old", s.Name)
	require.Equal(t, 1, n)
}

func deadly(t *testing.T, s *way) {
	q := open(t, s.Options)
	c := spawn(t, s)
	i, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "hang", MaxAttempts: 1})
	require.NoError(t, err)
	for c.out.Scan() && !strings.Contains(c.out.Text(), "started") {
	}
	require.NoError(t, c.Process.Kill())
	_ = c.Wait()
	age(t, s)
	serve(t, q, instant(t))
	_, err = jobs.Result[int](await(t, q, i.ID, jobs.Failed))
	require.ErrorContains(t, err, "the process ended during every attempt")
	require.False(t, errors.Is(err, quintet.ErrBusy))
}

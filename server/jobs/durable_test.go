package jobs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
	"github.com/quintet-ai/quintet/server/jobs"
)

func open(t *testing.T, dir string) *jobs.Local {
	t.Helper()
	q, err := jobs.Open(dir, jobs.Options{})
	require.NoError(t, err)
	return q
}

func TestReopenedQueueKnowsItsJobs(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	q := open(t, dir)
	waits, err := q.Enqueue(ctx, jobs.Spec{Kind: "x", Args: []byte(`[1]`), Owner: "ann", Priority: jobs.High, UniqueKey: "k"})
	require.NoError(t, err)
	later, err := q.Enqueue(ctx, jobs.Spec{Kind: "x", RunAt: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	canceled, err := q.Enqueue(ctx, jobs.Spec{Kind: "x"})
	require.NoError(t, err)
	require.NoError(t, q.Cancel(ctx, "", canceled.ID))
	_, err = jobs.Open(dir, jobs.Options{})
	require.ErrorIs(t, err, quintet.ErrBusy, "it is open")
	require.NoError(t, q.Close())

	q = open(t, dir)
	defer q.Close()
	for id, want := range map[string]jobs.State{waits.ID: jobs.Queued, later.ID: jobs.Scheduled, canceled.ID: jobs.Canceled} {
		i, err := q.Get(ctx, "", id)
		require.NoError(t, err)
		require.Equal(t, want, i.State)
	}
	again, err := q.Enqueue(ctx, jobs.Spec{Kind: "x", Owner: "ann", UniqueKey: "k"})
	require.NoError(t, err)
	require.Equal(t, waits.ID, again.ID)
	require.Equal(t, jobs.High, again.Priority)
	require.JSONEq(t, `[1]`, string(again.Args))
}

func TestForgottenOwnerIsGoneFromTheFiles(t *testing.T) {
	dir := t.TempDir()
	q := open(t, dir)
	_, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x", Owner: "ann", Args: []byte(`"a secret of ann"`)})
	require.NoError(t, err)
	holds := func() bool {
		names, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		for _, name := range names {
			b, err := os.ReadFile(name)
			require.NoError(t, err)
			if contains(b, "a secret of ann") {
				return true
			}
		}
		return false
	}
	require.True(t, holds())
	_, err = q.Forget(t.Context(), "ann")
	require.NoError(t, err)
	require.False(t, holds())
	require.NoError(t, q.Close())
}

func contains(b []byte, s string) bool {
	for i := range len(b) - len(s) + 1 {
		if string(b[i:i+len(s)]) == s {
			return true
		}
	}
	return false
}

// fullDisk is a file system on which nothing more can be written.
type fullDisk struct {
	wal.OS
	full atomic.Bool
}

type fullFile struct {
	wal.File
	disk *fullDisk
}

func (d *fullDisk) Open(name string, write bool) (wal.File, error) {
	f, err := d.OS.Open(name, write)
	return fullFile{f, d}, err
}

func (d *fullDisk) Create(name string) (wal.File, error) {
	if d.full.Load() {
		return nil, syscall.ENOSPC
	}
	f, err := d.OS.Create(name)
	return fullFile{f, d}, err
}

func (f fullFile) WriteAt(b []byte, at int64) (int, error) {
	if f.disk.full.Load() {
		return 0, syscall.ENOSPC
	}
	return f.File.WriteAt(b, at)
}

func TestFullDiskRefusesJobsAndLosesNone(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	disk := &fullDisk{}
	q, err := jobs.Open(dir, jobs.Options{}.On(disk))
	require.NoError(t, err)
	before, err := q.Enqueue(ctx, jobs.Spec{Kind: "x"})
	require.NoError(t, err)
	disk.full.Store(true)
	for range 3 {
		_, err = q.Enqueue(ctx, jobs.Spec{Kind: "x", UniqueKey: "k"})
		require.ErrorIs(t, err, syscall.ENOSPC)
	}
	mux := jobs.NewMux()
	require.NoError(t, jobs.Register(mux, "x", func(context.Context, struct{}) (int, error) { return 1, nil }, jobs.KindOptions{}))
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- q.Serve(serving, mux, jobs.ServeOptions{}) }()
	require.Eventually(t, func() bool { i, err := q.Get(ctx, "", before.ID); return err == nil && i.State == jobs.Done }, 10*time.Second, time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	disk.full.Store(false)
	after, err := q.Enqueue(ctx, jobs.Spec{Kind: "x"})
	require.NoError(t, err)
	require.NoError(t, q.Close())
	q = open(t, dir)
	defer q.Close()
	all, err := q.List(ctx, jobs.Filter{})
	require.NoError(t, err)
	require.Len(t, all, 2)
	i, err := q.Get(ctx, "", before.ID)
	require.NoError(t, err)
	require.Equal(t, jobs.Done, i.State, "what ended while the disk was full was written when it was not")
	_, err = q.Get(ctx, "", after.ID)
	require.NoError(t, err)
}

// The child adds jobs, prints the number of each that was acknowledged, and runs them,
// adding a line to a file for each run. It is killed at random moments.
func TestMain(m *testing.M) {
	if dir := os.Getenv("QUINTET_JOBS_CHILD"); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(dir string) error {
	q, err := jobs.Open(dir, jobs.Options{})
	if err != nil {
		return err
	}
	ran, err := os.OpenFile(filepath.Join(dir, "ran.txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	mux := jobs.NewMux()
	err = jobs.Register(mux, "n", func(_ context.Context, n int) (int, error) {
		_, err := fmt.Fprintln(ran, n)
		return n, err
	}, jobs.KindOptions{})
	if err != nil {
		return err
	}
	go q.Serve(context.Background(), mux, jobs.ServeOptions{Workers: 2})
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() { // a number to add
		s := jobs.Spec{Kind: "n", Args: []byte(in.Text())}
		if _, err := q.Enqueue(context.Background(), s); err != nil {
			return err
		}
		fmt.Println(in.Text())
	}
	select {} // until it is killed
}

func TestKilledProcessLosesNoAcknowledgedJob(t *testing.T) {
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(5, 6))
	acknowledged := map[string]bool{}
	n := 0
	for range 6 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "QUINTET_JOBS_CHILD="+dir)
		in, err := c.StdinPipe()
		require.NoError(t, err)
		out, err := c.StdoutPipe()
		require.NoError(t, err)
		c.Stderr = os.Stderr
		require.NoError(t, c.Start())
		go func(from int) {
			for i := from; ; i++ {
				if _, err := fmt.Fprintln(in, i); err != nil {
					return
				}
			}
		}(n)
		lines := bufio.NewScanner(out)
		for left := 1 + rnd.IntN(100); left > 0 && lines.Scan(); left-- {
			acknowledged[lines.Text()] = true
		}
		require.NoError(t, c.Process.Kill())
		for lines.Scan() {
			acknowledged[lines.Text()] = true
		}
		require.Error(t, c.Wait())
		n += 100_000
	}
	require.NotEmpty(t, acknowledged)
	q := open(t, dir)
	defer q.Close()
	mux := jobs.NewMux()
	ran := map[string]bool{}
	f, err := os.Open(filepath.Join(dir, "ran.txt"))
	require.NoError(t, err)
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		ran[lines.Text()] = true
	}
	require.NoError(t, jobs.Register(mux, "n", func(_ context.Context, n int) (int, error) { ran[fmt.Sprint(n)] = true; return n, nil }, jobs.KindOptions{}))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- q.Serve(ctx, mux, jobs.ServeOptions{Workers: 1}) }()
	require.Eventually(t, func() bool {
		s, err := q.Stats(ctx)
		return err == nil && s.Queued+s.Running+s.Scheduled == 0
	}, 30*time.Second, 5*time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	for id := range acknowledged {
		require.True(t, ran[id], "job %s was acknowledged and never ran", id)
	}
}

func TestDamagedFilesAreNotOpened(t *testing.T) {
	dir := t.TempDir()
	q := open(t, dir)
	for i := range 50 {
		_, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x", Args: fmt.Append(nil, i)})
		require.NoError(t, err)
	}
	require.NoError(t, q.Close())
	names, err := filepath.Glob(filepath.Join(dir, "*.log"))
	require.NoError(t, err)
	b, err := os.ReadFile(names[0])
	require.NoError(t, err)
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 100 {
		bad := append([]byte(nil), b...)
		bad[rnd.IntN(len(bad))] ^= 1 << rnd.IntN(8)
		require.NoError(t, os.WriteFile(names[0], bad, 0o600))
		q, err := jobs.Open(dir, jobs.Options{})
		if err == nil { // a flipped bit in the end mark, which says no more than that it was closed
			all, err := q.List(t.Context(), jobs.Filter{})
			require.NoError(t, err)
			require.Len(t, all, 50)
			require.NoError(t, q.Close())
			require.NoError(t, os.WriteFile(names[0], b, 0o600))
			continue
		}
		require.True(t, errors.Is(err, quintet.ErrInput) || errors.Is(err, quintet.ErrUnsupported) || errors.Is(err, quintet.ErrOption), "%v", err)
	}
}

func BenchmarkNoop(b *testing.B) {
	for _, kind := range []string{"memory", "directory"} {
		b.Run("queue="+kind, func(b *testing.B) {
			q, err := jobs.New(jobs.Options{MaxJobs: 1 << 30})
			if kind == "directory" {
				q, err = jobs.Open(b.TempDir(), jobs.Options{MaxJobs: 1 << 30})
			}
			require.NoError(b, err)
			mux := jobs.NewMux()
			var ran atomic.Int64
			require.NoError(b, jobs.Register(mux, "noop", func(context.Context, struct{}) (struct{}, error) {
				ran.Add(1)
				return struct{}{}, nil
			}, jobs.KindOptions{}))
			ctx, stop := context.WithCancel(b.Context())
			ended := make(chan error)
			go func() { ended <- q.Serve(ctx, mux, jobs.ServeOptions{Workers: 2}) }()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := q.Enqueue(ctx, jobs.Spec{Kind: "noop"}); err != nil {
						b.Error(err)
					}
				}
			})
			for ran.Load() < int64(b.N) {
				time.Sleep(time.Millisecond)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
			stop()
			require.NoError(b, <-ended)
			require.NoError(b, q.Close())
		})
	}
}

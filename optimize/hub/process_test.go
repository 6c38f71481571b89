package hub_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/optimize/hub"
)

// childEnv holds the order of a test binary that runs as a second process.
const childEnv = "QUINTET_HUB_CHILD"

// order is what a child has to do.
type order struct {
	Endpoint, Dir string
	FileLimit     uint64 // bytes that a file may have; 0 is no limit
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		os.Exit(child(text))
	}
	os.Exit(m.Run())
}

func child(text string) int {
	var o order
	err := json.Unmarshal([]byte(text), &o)
	if err == nil && o.FileLimit > 0 {
		err = limitFiles(o.FileLimit)
	}
	if err == nil {
		_, err = hub.Fetch(context.Background(), repo, hub.FetchOptions{
			Endpoint: o.Endpoint, Dir: o.Dir, Files: []string{"model.onnx"}, Base: time.Microsecond,
		})
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// start starts a child; its output is complete once it has ended.
func start(t *testing.T, o order, env ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	text, err := json.Marshal(o)
	require.NoError(t, err)
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd, out := exec.Command(exe), &bytes.Buffer{}
	cmd.Env = append(os.Environ(), childEnv+"="+string(text), "GORACE=atexit_sleep_ms=0")
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(t, cmd.Start())
	return cmd, out
}

func TestProcessesThatFetchTheSameShareOneDownload(t *testing.T) {
	data := blob(20, 4<<20)
	both := make(chan struct{})
	s := serve(t, map[string][]byte{"model.onnx": data}, func(int, http.ResponseWriter, *http.Request) bool {
		<-both
		return false
	})
	dir := t.TempDir()
	a, outA := start(t, order{Endpoint: s.URL, Dir: dir})
	b, outB := start(t, order{Endpoint: s.URL, Dir: dir})
	close(both)
	require.NoError(t, a.Wait(), outA)
	require.NoError(t, b.Wait(), outB)
	require.Len(t, s.paths(), 1)
	require.EqualValues(t, len(data), s.served.Load())
}

func TestGoroutinesThatFetchTheSameShareOneDownload(t *testing.T) {
	s := serve(t, map[string][]byte{"model.onnx": blob(21, 1<<20)})
	o := s.options(t)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = hub.Fetch(ctx, repo, o) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, s.paths(), 1)
}

// The bytes that a killed process had are not asked for again, its lock is gone,
// and who waits for a lock can be stopped.
func TestFetchAfterAKilledProcess(t *testing.T) {
	const half = 2 << 20
	data := blob(22, 2*half)
	s := serve(t, map[string][]byte{"model.onnx": data}, func(i int, w http.ResponseWriter, r *http.Request) bool {
		if i > 0 {
			return false
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		w.Header().Set("ETag", `"`+sum(data)[:8]+`"`)
		w.Header().Set("X-Repo-Commit", commit)
		_, _ = w.Write(data[:half])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		return true
	})
	dir := t.TempDir()
	victim, out := start(t, order{Endpoint: s.URL, Dir: dir})
	parts := filepath.Join(dir, "owner--name", "main", ".quintet", "*.part")
	require.Eventually(t, func() bool {
		found, _ := filepath.Glob(parts)
		if len(found) != 1 {
			return false
		}
		info, err := os.Stat(found[0])
		return err == nil && info.Size() == half
	}, 30*time.Second, 5*time.Millisecond)

	o := s.options(t)
	o.Dir = dir
	impatient, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err := hub.Fetch(impatient, repo, o)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "waiting for another fetch")

	require.NoError(t, victim.Process.Kill())
	require.Error(t, victim.Wait(), out)
	_, err = hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	require.Equal(t, []string{"", fmt.Sprintf("bytes=%d-", half)}, s.asked("Range"))
	require.EqualValues(t, len(data), s.served.Load())
	require.NoError(t, hub.Verify(ctx, filepath.Join(dir, "owner--name", "main")))
}

func TestFetchThroughAProxy(t *testing.T) {
	data := blob(23, 1000)
	proxy := serve(t, map[string][]byte{"model.onnx": data})
	cmd, out := start(t, order{Endpoint: "http://models.example", Dir: t.TempDir()},
		"HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "NO_PROXY=", "no_proxy=")
	require.NoError(t, cmd.Wait(), out)
	require.Equal(t, []string{"/owner/name/resolve/main/model.onnx"}, proxy.paths())
	require.Equal(t, "models.example", proxy.requests[0].Host)
}

func TestFetchBeyondTheRoomOfTheDisk(t *testing.T) {
	if limitFiles == nil {
		t.Skip("no limit of file sizes here")
	}
	s := serve(t, map[string][]byte{"model.onnx": blob(24, 1<<20)})
	cmd, out := start(t, order{Endpoint: s.URL, Dir: t.TempDir(), FileLimit: 300_000})
	require.Error(t, cmd.Wait())
	require.Contains(t, out.String(), "hub: owner/name: model.onnx: write ")
	require.Contains(t, out.String(), "file too large")
	require.Len(t, s.paths(), 1, "the disk is not tried again")
}

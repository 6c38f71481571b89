package deploytest_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// smallDisk mounts a file system of 8 MiB, which only root may.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("quintet", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("no file system of a bounded size: mounting one needs root: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}

// fill leaves no room on a disk, and returns how to make room again.
func fill(t *testing.T, dir string) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	require.NoError(t, err)
	for piece := make([]byte, 64<<10); err == nil; {
		_, err = f.Write(piece)
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NoError(t, f.Close())
	return func() { require.NoError(t, os.Remove(path)) }
}

// A full disk refuses what cannot be kept, says so, loses nothing that was accepted, and
// when there is room all is well again without hands.
func TestFullDisk(t *testing.T) {
	disk := smallDisk(t)
	storage := filepath.Join(disk, "data")
	q, url := alone(t, storage)
	s := session{client: http.DefaultClient, url: url}
	var jobs, items []string
	n := 0
	// add stores a vector and adds a job, and returns whether both were accepted.
	add := func() bool {
		n++
		item := fmt.Sprint("item-", n)
		got, _, err := s.ask(t.Context(), "POST", "/api/v1/vector/upsert", fmt.Sprintf(`{"items":[{"id":%q,"text":"item %d","meta":{"n":%[2]d}}]}`, item, n))
		require.NoError(t, err)
		stored := got == http.StatusOK
		if stored {
			items = append(items, item)
		}
		got, out, err := s.ask(t.Context(), "POST", "/api/v1/jobs", jobBody(fmt.Sprint("job-", n)))
		require.NoError(t, err)
		accepted := got == http.StatusAccepted
		if accepted {
			jobs = append(jobs, out["id"].(string))
		}
		return stored && accepted
	}
	for range 50 {
		require.True(t, add())
	}
	for range 2 { // it happens again
		empty := fill(t, disk)
		await(t, "writes to be refused", func() bool { return !add() })
		awaitStatus(t, url+"/readyz", http.StatusServiceUnavailable)
		s.must(t, "POST", "/api/v1/text/process", `{"text":"it computes as before"}`, http.StatusOK)
		s.must(t, "POST", "/api/v1/vector/search", `{"query":"item"}`, http.StatusOK)
		empty()
		awaitStatus(t, url+"/readyz", http.StatusOK)
		await(t, "writes to be accepted again", add)
	}
	q.kill()
	_, s.url = alone(t, storage)
	for _, id := range jobs {
		s.awaitDone(t, id)
	}
	for _, id := range items {
		var n int
		_, err := fmt.Sscanf(id, "item-%d", &n)
		require.NoError(t, err)
		out := s.must(t, "POST", "/api/v1/vector/search", fmt.Sprintf(`{"query":"item","top_k":1,"filter":{"n":%d}}`, n), http.StatusOK)
		require.Len(t, out["results"], 1, id)
	}
	t.Logf("%d of %d jobs and %d vectors were accepted, none lost", len(jobs), n, len(items))
}

package deploytest_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// load is callers at work: some whose requests only compute, which must all succeed
// whatever dies, one that adds jobs and one that stores vectors, which try again until
// they are told that it is done, and remember what they were told.
type load struct {
	session
	stop    context.CancelFunc
	callers sync.WaitGroup

	answered atomic.Int64
	mu       sync.Mutex
	lost     []string          // requests that failed
	jobs     map[string]string // accepted: key to ID
	stored   []string          // accepted
	again    int               // times that a job or vector had to be sent again
}

func startLoad(t *testing.T, s session) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{session: s, stop: cancel, jobs: make(map[string]string)}
	for i := range 3 {
		l.callers.Go(func() { l.compute(ctx, i) })
	}
	l.callers.Go(func() { l.addJobs(ctx) })
	l.callers.Go(func() { l.storeVectors(ctx) })
	t.Cleanup(l.end)
	return l
}

// end stops all callers after what they are doing.
func (l *load) end() {
	l.stop()
	l.callers.Wait()
}

// every calls f until ctx ends, at most once in a while. What f does is not cut short.
func every(ctx context.Context, pause time.Duration, f func(n int)) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f(n)
		}
	}
}

func (l *load) compute(ctx context.Context, caller int) {
	every(ctx, 15*time.Millisecond, func(n int) {
		path, body := "/api/v1/text/process", `{"text":"What a lovely day in Berlin.","operations":["sentiment"]}`
		if n%3 == 1 {
			path, body = "/v1/embeddings", fmt.Sprintf(`{"model":"quintet-lexical","input":"text %d of %d"}`, n%50, caller)
		}
		got, out, err := l.ask(context.Background(), "POST", path, body)
		if err != nil || got != http.StatusOK {
			l.mu.Lock()
			l.lost = append(l.lost, fmt.Sprintf("%s %s: %d %v %.60v", time.Now().Format(time.TimeOnly), path, got, out, err))
			l.mu.Unlock()
			return
		}
		l.answered.Add(1)
	})
}

// until sends a request until it is accepted, for as long as ctx lasts.
func (l *load) until(ctx context.Context, path, body string, want int) (map[string]any, bool) {
	for {
		one, cancel := context.WithTimeout(context.Background(), 8*time.Second)
		got, out, err := l.ask(one, "POST", path, body)
		cancel()
		if err == nil && got == want {
			return out, true
		}
		l.mu.Lock()
		l.again++
		l.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, false
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func jobBody(key string) string {
	return fmt.Sprintf(`{"kind":"text","unique_key":%q,"args":{"id":%[1]q,"text":"Ann sees a lovely day.","operations":["sentiment","keywords"]}}`, key)
}

func (l *load) addJobs(ctx context.Context) {
	every(ctx, 40*time.Millisecond, func(n int) {
		key := fmt.Sprint("job-", n)
		if out, ok := l.until(ctx, "/api/v1/jobs", jobBody(key), http.StatusAccepted); ok {
			l.mu.Lock()
			l.jobs[key] = out["id"].(string)
			l.mu.Unlock()
		}
	})
}

func (l *load) storeVectors(ctx context.Context) {
	every(ctx, 100*time.Millisecond, func(n int) {
		id := fmt.Sprint("item-", n)
		body := fmt.Sprintf(`{"items":[{"id":%q,"text":"item number %d","meta":{"n":%[2]d}}]}`, id, n)
		if _, ok := l.until(ctx, "/api/v1/vector/upsert", body, http.StatusOK); ok {
			l.mu.Lock()
			l.stored = append(l.stored, id)
			l.mu.Unlock()
		}
	})
}

// awaitAnswers waits until so many more requests were answered: the load goes on whatever
// is broken at the moment.
func (l *load) awaitAnswers(t *testing.T, more int64) {
	t.Helper()
	want := l.answered.Load() + more
	await(t, "requests to be answered", func() bool { return l.answered.Load() >= want })
}

// noneLost wants that no request that computes has failed.
func (l *load) noneLost(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	require.Empty(t, l.lost[:min(len(l.lost), 10)], "the first of %d lost, %d were answered", len(l.lost), l.answered.Load())
}

// account ends the load and wants every accepted job done once with its result, and every
// accepted vector found.
func (l *load) account(t *testing.T) {
	t.Helper()
	l.end()
	l.noneLost(t)
	// A job of a killed worker runs again when its lease has ended, which asynq fixes at
	// one to two minutes.
	deadline := time.Now().Add(4 * time.Minute)
	for key, id := range l.jobs {
		for {
			got, out, err := l.ask(t.Context(), "GET", "/api/v1/jobs/"+id, "")
			if err == nil && out["state"] == "done" {
				require.Equal(t, key, out["result"].(map[string]any)["id"])
				break
			}
			require.True(t, time.Now().Before(deadline), "%s: %d %v %v", key, got, out, err)
			time.Sleep(200 * time.Millisecond)
		}
		again := l.must(t, "POST", "/api/v1/jobs", jobBody(key), http.StatusAccepted)
		require.Equal(t, id, again["id"], "the same key is the same job")
	}
	for i, id := range l.stored {
		var n int
		_, err := fmt.Sscanf(id, "item-%d", &n)
		require.NoError(t, err)
		out := l.must(t, "POST", "/api/v1/vector/search", fmt.Sprintf(`{"query":"item","top_k":1,"filter":{"n":%d}}`, n), http.StatusOK)
		found := out["results"].([]any)
		require.Len(t, found, 1, "%s, number %d of those stored", id, i)
		require.Equal(t, id, found[0].(map[string]any)["id"])
	}
	t.Logf("answered %d, jobs %d, vectors %d, none lost; sent again %d", l.answered.Load(), len(l.jobs), len(l.stored), l.again)
}

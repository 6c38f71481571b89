package deploytest_test

import (
	"math/rand/v2"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestGraph runs the whole service through its life. The parts build on one another.
func TestGraph(t *testing.T) {
	began := time.Now()
	g := newGraph(t)
	t.Logf("everything is ready after %v", time.Since(began).Round(time.Millisecond))
	for _, part := range []struct {
		name string
		run  func(*testing.T, *graph)
	}{
		{"requests through nginx are answered", requestsAreAnswered},
		{"a job of one instance is done by a worker and read from the other", jobsAreShared},
		{"metrics are scraped, and rules and dashboard know no others", metricsAreKnown},
		{"an alert fires and is resolved", alertFiresAndResolves},
		{"a rolling restart loses no request", rollingRestart},
		{"chaos loses nothing that was accepted", chaos},
		{"everything ends cleanly", cleanEnd},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(t, g) }) {
			return
		}
	}
	t.Logf("done after %v", time.Since(began).Round(time.Second))
}

func requestsAreAnswered(t *testing.T, g *graph) {
	for path, body := range map[string]string{
		"/api/v1/text/process":  `{"text":"What a lovely day.","operations":["sentiment"]}`,
		"/api/v1/graph/process": `{"edges":[{"from":"a","to":"b"}]}`,
		"/api/v1/vector/upsert": `{"items":[{"id":"a","text":"a cat sat on the mat"}]}`,
		"/api/v1/vector/search": `{"query":"cat"}`,
		"/api/v1/batch/process": `{"operation_type":"text","items":["one","two"]}`,
		"/v1/embeddings":        `{"model":"quintet-lexical","input":["a cat","a cat"]}`,
	} {
		g.must(t, "POST", path, body, http.StatusOK)
	}
	g.must(t, "POST", "/api/v1/text/process", `{"text":1}`, http.StatusBadRequest)
	nobody := g.session
	nobody.token = ""
	nobody.must(t, "POST", "/api/v1/text/process", `{"text":"a"}`, http.StatusUnauthorized)
	for _, path := range []string{"/metrics", "/dashboard/"} {
		got, _, _ := g.ask(t.Context(), "GET", path, "")
		require.Equal(t, http.StatusNotFound, got, "%s is for operators", path)
	}
}

// direct is a caller of one instance.
func (g *graph) direct(i int) session {
	return session{client: http.DefaultClient, url: "http://" + g.apiAddr[i], token: g.token}
}

func jobsAreShared(t *testing.T, g *graph) {
	job := g.direct(0).must(t, "POST", "/api/v1/jobs", jobBody("shared"), http.StatusAccepted)["id"].(string)
	g.direct(1).awaitDone(t, job)
	batch := g.direct(1).must(t, "POST", "/api/v1/batch/process", `{"operation_type":"text","items":["one"],"async":true}`, http.StatusAccepted)
	g.direct(0).awaitDone(t, batch["id"].(string))
	g.direct(0).must(t, "POST", "/api/v1/vector/upsert", `{"items":[{"id":"b","text":"a dog"}]}`, http.StatusOK)
	found := g.direct(1).must(t, "POST", "/api/v1/vector/search", `{"query":"dog","top_k":1}`, http.StatusOK)
	require.Equal(t, "b", found["results"].([]any)[0].(map[string]any)["id"])
	other := g.direct(1)
	other.token = g.mint(t, "bob", "user")
	other.must(t, "GET", "/api/v1/jobs/"+job, "", http.StatusNotFound)
}

func alertFiresAndResolves(t *testing.T, g *graph) {
	g.workers["worker-1"].end(t)
	g.workers["worker-2"].end(t)
	await(t, "the channel and the pager to be told", func() bool {
		return g.told.has("/slack", "FIRING", "QuintetNoWorker") && g.told.has("/pagerduty", `"trigger"`, "no worker answers")
	})
	g.startWorker(t, "worker-1")
	g.startWorker(t, "worker-2")
	await(t, "both to be told that it is over", func() bool {
		return g.told.has("/slack", "RESOLVED", "QuintetNoWorker") && g.told.has("/pagerduty", `"resolve"`, "no worker answers")
	})
	g.awaitReady(t)
}

func rollingRestart(t *testing.T, g *graph) {
	l := startLoad(t, g.session)
	l.awaitAnswers(t, 100)
	for i := range g.api {
		g.api[i].end(t)
		l.awaitAnswers(t, 100)
		g.startAPI(t, i)
		g.awaitReady(t)
		l.awaitAnswers(t, 100)
	}
	l.account(t)
}

// fault of the graph: it breaks something, waits until that shows, and heals it.
type trouble struct {
	name string
	make func(*testing.T, *graph, *load)
}

// needRedis and needPostgres say no while it is away.
var (
	needRedis    = []string{"api-1", "api-2", "worker-1", "worker-2", "monitor"}
	needPostgres = []string{"api-1", "api-2", "worker-1", "worker-2"}
)

// stopped breaks something for as long as it takes to show, and a hundred requests more.
func stopped(needs []string, hurt, heal func(*testing.T, *graph)) func(*testing.T, *graph, *load) {
	return func(t *testing.T, g *graph, l *load) {
		hurt(t, g)
		g.awaitUnready(t, needs...)
		l.awaitAnswers(t, 100)
		heal(t, g)
		g.awaitReady(t)
	}
}

func troubles() []trouble {
	return []trouble{
		{"kill a worker", func(t *testing.T, g *graph, l *load) {
			g.workers["worker-1"].kill()
			l.awaitAnswers(t, 100)
			g.startWorker(t, "worker-1")
			g.awaitReady(t)
		}},
		{"stop a worker", func(t *testing.T, g *graph, l *load) {
			g.workers["worker-2"].signal(syscall.SIGSTOP)
			l.awaitAnswers(t, 200)
			g.workers["worker-2"].signal(syscall.SIGCONT)
			g.awaitReady(t)
		}},
		{"kill an instance", func(t *testing.T, g *graph, l *load) {
			g.api[0].kill()
			l.awaitAnswers(t, 200)
			g.startAPI(t, 0)
			g.awaitReady(t)
		}},
		{"stop an instance", func(t *testing.T, g *graph, l *load) {
			g.api[1].signal(syscall.SIGSTOP)
			l.awaitAnswers(t, 200)
			g.api[1].signal(syscall.SIGCONT)
			g.awaitReady(t)
		}},
		{"kill Redis", stopped(needRedis,
			func(_ *testing.T, g *graph) { g.redis.kill() },
			func(t *testing.T, g *graph) { g.startRedis(t) })},
		{"stop Redis", stopped(needRedis,
			func(_ *testing.T, g *graph) { g.redis.signal(syscall.SIGSTOP) },
			func(_ *testing.T, g *graph) { g.redis.signal(syscall.SIGCONT) })},
		{"cut connections to Redis", stopped(needRedis,
			func(_ *testing.T, g *graph) { g.toRedis.set(0, true, false) },
			func(_ *testing.T, g *graph) { g.toRedis.heal() })},
		{"connections to Redis half open", stopped(needRedis,
			func(_ *testing.T, g *graph) { g.toRedis.set(0, false, true) },
			func(_ *testing.T, g *graph) { g.toRedis.heal() })},
		{"slow connections to Redis", func(t *testing.T, g *graph, l *load) {
			g.toRedis.set(150*time.Millisecond, false, false)
			l.awaitAnswers(t, 200)
			g.toRedis.heal()
			g.awaitReady(t)
		}},
		{"stop PostgreSQL", stopped(needPostgres,
			func(_ *testing.T, g *graph) { g.postgres.signal(syscall.SIGSTOP) },
			func(_ *testing.T, g *graph) { g.postgres.signal(syscall.SIGCONT) })},
		{"cut connections to PostgreSQL", stopped(needPostgres,
			func(_ *testing.T, g *graph) { g.toPostgres.set(0, true, false) },
			func(_ *testing.T, g *graph) { g.toPostgres.heal() })},
	}
}

// chaos makes every trouble once, and with QUINTET_SOAK, such as 30m, goes on for that
// time with troubles by chance.
func chaos(t *testing.T, g *graph) {
	l := startLoad(t, g.session)
	l.awaitAnswers(t, 100)
	for _, x := range troubles() {
		if !t.Run(x.name, func(t *testing.T) { x.make(t, g, l); l.noneLost(t) }) {
			return
		}
	}
	if soak, err := time.ParseDuration(os.Getenv("QUINTET_SOAK")); err == nil {
		rng := rand.New(rand.NewPCG(1, 2))
		for end := time.Now().Add(soak); time.Now().Before(end); {
			all := troubles()
			x := all[rng.IntN(len(all))]
			t.Log(x.name)
			x.make(t, g, l)
			l.noneLost(t)
			l.awaitAnswers(t, 500)
		}
	}
	l.account(t)
}

func cleanEnd(t *testing.T, g *graph) {
	g.nginx.signal(syscall.SIGQUIT)
	<-g.nginx.gone
	require.True(t, g.nginx.cmd.ProcessState.Success())
	for _, p := range []*process{g.api[0], g.api[1], g.workers["worker-1"], g.workers["worker-2"], g.redis} {
		p.end(t)
	}
}

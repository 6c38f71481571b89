package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/text"
)

func TestAFormOfManyPartsIsRefusedEarly(t *testing.T) {
	s := serve(t, full(t), server.Options{NoRate: true})
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	for range 100_000 {
		require.NoError(t, m.WriteField("operations", "properties"))
	}
	require.NoError(t, m.Close())
	w := ask(s, "POST", "/api/v1/image/process", form.String(), "Content-Type", m.FormDataContentType())
	require.Equal(t, 400, w.Code)
	require.Contains(t, w.Body.String(), "more than 16 parts")
	header := "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n" + strings.Repeat("X-A: b\r\n", 50_000) + "\r\na\r\n--x--\r\n"
	require.Equal(t, 400, ask(s, "POST", "/api/v1/image/process", header, "Content-Type", "multipart/form-data; boundary=x").Code)
}

// Callers, addresses, paths, methods and request IDs that never come twice leave
// nothing behind but what is bounded.
func TestFloodsOfKeysStayBounded(t *testing.T) {
	user := auth.AuthenticatorFunc(func(r *http.Request) (auth.Principal, error) {
		return auth.Principal{Subject: r.Header.Get("X-User"), Roles: []string{auth.RoleUser}}, nil
	})
	metrics, err := monitor.NewMetrics(monitor.MetricsOptions{})
	require.NoError(t, err)
	s := serve(t, server.Pipelines{Text: &text.Options{}}, server.Options{Auth: user, Observer: metrics})
	for i := range 12_000 {
		r := httptest.NewRequest("POST", "/api/v1/text/process", strings.NewReader("{"))
		r.RemoteAddr = fmt.Sprintf("10.%d.%d.1:1", i/250, i%250)
		r.Header.Set("X-User", fmt.Sprint(i))
		r.Header.Set("X-Request-Id", fmt.Sprint("id", i))
		s.ServeHTTP(httptest.NewRecorder(), r)
		if i%10 == 0 {
			ask(s, "GET", fmt.Sprintf("/no/such/path/%d", i), "")
			ask(s, fmt.Sprintf("METHOD%d", i), "/api/v1/text/process", "")
		}
	}
	require.Equal(t, 10_000, s.Buckets())
	require.LessOrEqual(t, len(metrics.Snapshot().Pipelines), 1200+2, "a path that is no route has no name of its own")
}

// While slowhttptest keeps hundreds of half requests open, others are served.
func TestSlowlorisDoesNotKeepOthersOut(t *testing.T) {
	program, err := exec.LookPath("slowhttptest")
	if err != nil {
		t.Skip("no slowhttptest")
	}
	for name, flags := range map[string][]string{
		"slow headers": {"-H"}, "slow bodies": {"-B", "-s", "100000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, full(t), server.Options{Timeout: 2 * time.Second, NoRate: true})
			addr, stop := running(t, s, server.Listen{})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			args := append(flags, "-c", "300", "-r", "300", "-i", "1", "-l", "7", "-x", "4", "-p", "5", "-u", "http://"+addr+"/api/v1/text/process")
			attack := exec.CommandContext(ctx, program, args...)
			ended := make(chan error, 1)
			go func() { ended <- attack.Run() }()
			served := 0
			for attacking := true; attacking; {
				resp, err := http.Post("http://"+addr+"/api/v1/text/process", "application/json", strings.NewReader(`{"text":"a"}`))
				require.NoError(t, err)
				_, err = io.Copy(io.Discard, resp.Body)
				require.NoError(t, errors.Join(err, resp.Body.Close()))
				if resp.StatusCode == 200 {
					served++
				}
				select {
				case <-ended:
					attacking = false
				default:
				}
			}
			t.Logf("%d requests were served meanwhile", served)
			require.Greater(t, served, 50)
			require.NoError(t, stop(), "the slow ones are cut off and keep nothing open")
		})
	}
}

// quantile returns a share of the durations' upper bound.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))]
}

// probe is a caller who asks again and again and notes how long the answers take.
type probe struct {
	accepted, refused []time.Duration
	others            map[int]int
}

// ask asks until ctx ends.
func (p *probe) ask(ctx context.Context, url, body string) error {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		start := time.Now()
		resp, err := client.Post(url, "application/json", strings.NewReader(body))
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			return err
		}
		switch took := time.Since(start); resp.StatusCode {
		case 200:
			p.accepted = append(p.accepted, took)
		case 429, 503:
			p.refused = append(p.refused, took)
		default:
			p.others[resp.StatusCode]++
		}
		time.Sleep(5 * time.Millisecond) // a probe, not a load
	}
	return nil
}

// sides notes how long requests took inside the server.
type sides struct {
	mu                sync.Mutex
	accepted, refused []time.Duration
}

func (s *sides) Observe(e quintet.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Err != nil {
		s.refused = append(s.refused, e.Took)
		return
	}
	s.accepted = append(s.accepted, e.Took)
}

// needLoad skips a test where load cannot be made or would say nothing.
func needLoad(t *testing.T) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector spoils the figures")
	}
	if _, err := exec.LookPath("wrk"); err != nil {
		t.Skip("no wrk")
	}
}

// load lets wrk keep connections busy with texts while a probe looks on.
func load(t *testing.T, addr string, connections, seconds int) *probe {
	t.Helper()
	p := &probe{others: map[int]int{}}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := p.ask(ctx, "http://"+addr+"/api/v1/text/process", `{"operations":["sentences","sentiment","keywords"],"text":"`+strings.Repeat(sample, 6)+`"}`); err != nil {
			t.Error(err)
		}
	})
	command(t, "wrk", "-t1", fmt.Sprint("-c", connections), fmt.Sprintf("-d%ds", seconds), "-s", "testdata/text.lua", "http://"+addr+"/api/v1/text/process")
	cancel()
	wg.Wait()
	require.Empty(t, p.others, "an answer is 200, 429 or 503")
	return p
}

// At three times the requests that the server works on at a time, those that it takes
// are answered nearly as soon as at its capacity, and the others refused at once.
func TestEvaluateOverload(t *testing.T) {
	needLoad(t)
	const inFlight = 8
	p99 := map[int]time.Duration{}
	for _, times := range []int{1, 3} {
		var inside sides
		s := serve(t, server.Pipelines{Text: &text.Options{}}, server.Options{InFlight: inFlight, NoRate: true, Observer: &inside})
		addr, stop := running(t, s, server.Listen{})
		seen := load(t, addr, times*inFlight-1, 3) // and the probe
		require.NoError(t, stop())
		p99[times] = quantile(inside.accepted, 0.99)
		t.Logf("%dx capacity: inside, %d accepted with p50 %v p99 %v, %d refused with p99 %v; to a caller, %d accepted with p99 %v, %d refused with p99 %v",
			times, len(inside.accepted), quantile(inside.accepted, 0.5), p99[times], len(inside.refused), quantile(inside.refused, 0.99),
			len(seen.accepted), quantile(seen.accepted, 0.99), len(seen.refused), quantile(seen.refused, 0.99))
		require.NotEmpty(t, inside.accepted)
		if times > 1 {
			require.NotEmpty(t, inside.refused)
			require.Less(t, quantile(inside.refused, 0.99), 50*time.Millisecond)
		}
	}
	t.Logf("p99 at 3x is %.2f of that at 1x", p99[3].Seconds()/p99[1].Seconds())
	require.Less(t, p99[3], 10*p99[1])
}

// descriptors returns how many files and sockets are open; 0 where that is not told.
func descriptors() int {
	all, _ := os.ReadDir("/proc/self/fd")
	return len(all)
}

// After a while under three times its load the server holds no more than before.
func TestEvaluateSoak(t *testing.T) {
	needLoad(t)
	s := serve(t, full(t), server.Options{InFlight: 8, NoRate: true})
	addr, stop := running(t, s, server.Listen{})
	load(t, addr, 24, 1) // what is made once is there
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	settled := func() bool { return runtime.NumGoroutine() < 40 }
	require.Eventually(t, settled, 20*time.Second, 10*time.Millisecond)
	goroutines, files, bytes := runtime.NumGoroutine(), descriptors(), heap()
	load(t, addr, 24, 10)
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= goroutines+2 && descriptors() <= files+2 }, 20*time.Second, 10*time.Millisecond)
	t.Logf("before and after 10 s: %d and %d goroutines, %d and %d descriptors, %d and %d KiB of heap",
		goroutines, runtime.NumGoroutine(), files, descriptors(), bytes>>10, heap()>>10)
	require.Less(t, heap(), bytes+8<<20)
	require.NoError(t, stop())
}

// TestMain lets the test program be a server that a signal stops.
func TestMain(m *testing.M) {
	if os.Getenv("QUINTET_TEST_SERVER") == "" {
		os.Exit(m.Run())
	}
	if err := serveUntilSignal(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serveUntilSignal prints its address, and at the end how many requests it answered.
func serveUntilSignal() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var done atomic.Int64
	s, err := server.New(server.Pipelines{}, server.Options{
		Logger: quiet, NoRate: true, InFlight: 1000,
		Actions: map[string]func() error{"wait": func() error { time.Sleep(20 * time.Millisecond); return nil }},
		Observer: quintet.ObserverFunc(func(e quintet.Event) {
			if e.Err == nil {
				done.Add(1)
			}
		}),
	})
	if err != nil {
		return err
	}
	err = s.Run(ctx, server.Listen{
		Address: "127.0.0.1:0", Drain: 200 * time.Millisecond, Ready: func(a net.Addr) { fmt.Println(a) },
	})
	fmt.Println(done.Load())
	return err
}

func TestSIGTERMUnderLoadLosesNoAcceptedRequest(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGTERM")
	}
	self, err := os.Executable()
	require.NoError(t, err)
	c := exec.CommandContext(t.Context(), self)
	c.Env = append(os.Environ(), "QUINTET_TEST_SERVER=1")
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	var complaint strings.Builder
	c.Stderr = &complaint
	require.NoError(t, c.Start())
	var addr string
	_, err = fmt.Fscan(out, &addr)
	require.NoError(t, err)

	var answered atomic.Int64
	var wg sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}}
	for range 50 {
		wg.Go(func() {
			for { // until no more requests are taken
				resp, err := client.Post("http://"+addr+"/api/v1/optimize/performance", "application/json", strings.NewReader(`{"actions":["wait"]}`))
				if err != nil {
					return
				}
				_, err = io.Copy(io.Discard, resp.Body)
				if err := errors.Join(err, resp.Body.Close()); err != nil || resp.StatusCode != 200 {
					t.Errorf("an accepted request got %s %v", resp.Status, err)
					return
				}
				if answered.Add(1) == 200 {
					if err := c.Process.Signal(syscall.SIGTERM); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	client.CloseIdleConnections()
	var done int64
	_, err = fmt.Fscan(out, &done)
	require.NoError(t, err)
	require.NoError(t, c.Wait(), complaint.String())
	t.Logf("%d requests were answered, the last after the signal", done)
	require.Greater(t, done, int64(200))
	require.Equal(t, done, answered.Load(), "as many answers came as the server gave")
}

package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
)

const patience = 30 * time.Second

// event is one of an answer of events.
type event struct{ name, data string }

// readEvent reads an event, past comments.
func readEvent(r *bufio.Reader) (e event, err error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return e, err
		}
		switch line = strings.TrimSuffix(line, "\n"); {
		case line == "" && e != event{}:
			return e, nil
		case strings.HasPrefix(line, "event: "):
			e.name = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			e.data = line[len("data: "):]
		}
	}
}

// sentencesOf are the events of a text in JSON.
func sentencesOf(t *testing.T, body string) (all []server.TextEvent, end event) {
	t.Helper()
	r := bufio.NewReader(strings.NewReader(body))
	for {
		e, err := readEvent(r)
		require.NoError(t, err)
		if e.name != "sentence" {
			_, err = r.ReadByte()
			require.ErrorIs(t, err, io.EOF, "nothing comes after the end")
			return all, e
		}
		var one server.TextEvent
		require.NoError(t, json.Unmarshal([]byte(e.data), &one))
		all = append(all, one)
	}
}

func TestATextInEvents(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	body := "Berlin is lovely. I hate \xff it.  It rains."
	for name, c := range map[string][]string{
		"the text itself": {"/api/v1/text/stream?operations=statistics,sentiment", body, "text/plain; charset=utf-8"},
		"JSON":            {"/api/v1/text/stream", `{"text":"Berlin is lovely. I hate it.  It rains.","operations":["statistics","sentiment"]}`, "application/json"},
	} {
		w := ask(s, "POST", c[0], c[1], "Content-Type", c[2], "Accept-Encoding", "gzip")
		require.Equal(t, 200, w.Code, w.Body)
		require.Equal(t, "text/event-stream", w.Header().Get("Content-Type"))
		require.Empty(t, w.Header().Get("Content-Encoding"), "nothing waits in a compressor")
		all, end := sentencesOf(t, w.Body.String())
		require.Len(t, all, 3, name)
		for i, e := range all {
			require.Equal(t, i, e.Index)
			if name == "the text itself" && i == 1 {
				require.Equal(t, "input", e.Error.Code)
				require.Nil(t, e.Result)
				continue
			}
			require.Equal(t, len(e.Text), e.End-e.Start)
			require.Positive(t, e.Result.Stats.Words, name)
			require.Empty(t, e.Result.Keywords, "they were not asked for")
		}
		want := `{"sentences":3,"failed":0}`
		if name == "the text itself" {
			require.Equal(t, "Berlin is lovely.", body[all[0].Start:all[0].End])
			want = `{"sentences":2,"failed":1}`
		}
		require.Equal(t, event{"done", want}, end)
	}
	require.Equal(t, 400, ask(s, "POST", "/api/v1/text/stream?operations=beans", "a", "Content-Type", "text/plain").Code)
	require.Equal(t, 415, ask(s, "POST", "/api/v1/text/stream", "a", "Content-Type", "text/html").Code)
}

// Sentences come while the text is still being sent.
func TestEventsComeWhileTheTextIsSent(t *testing.T) {
	web := httptest.NewServer(serve(t, full(t), server.Options{NoRate: true}))
	defer web.Close()
	body, send := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), "POST", web.URL+"/api/v1/text/stream?operations=stats", body)
	require.NoError(t, err)
	r.Header.Set("Content-Type", "text/plain")
	go func() { _, _ = io.WriteString(send, strings.Repeat("One sentence of some words. ", 1000)) }() // an error is told by the reader
	resp, err := web.Client().Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	in := bufio.NewReader(resp.Body)
	for i := range 100 {
		e, err := readEvent(in)
		require.NoError(t, err)
		require.Contains(t, e.data, fmt.Sprintf(`{"index":%d,"start":%d,`, i, 28*i))
	}
	require.NoError(t, send.Close())
	for i := 100; i < 1000; i++ {
		_, err := readEvent(in)
		require.NoError(t, err)
	}
	e, err := readEvent(in)
	require.NoError(t, err)
	require.Equal(t, event{"done", `{"sentences":1000,"failed":0}`}, e)
}

func TestABatchInLines(t *testing.T) {
	s := serve(t, full(t), server.Options{NoRate: true, MaxBatch: 10})
	var body strings.Builder
	for i := range 500 {
		fmt.Fprintf(&body, "{\"id\":\"%d\",\"text\":%q}\n\n", i, strings.Repeat("word ", i%7+1))
	}
	body.WriteString("{\"txt\":1}\r\n\"a string\"")
	const path = "/api/v1/batch/process?operation_type=text&operations=stats&batch_size=3"
	w := ask(s, "POST", path, body.String(), "Content-Type", "application/x-ndjson")
	require.Equal(t, 200, w.Code, w.Body)
	require.Equal(t, "application/x-ndjson", w.Header().Get("Content-Type"))
	lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
	require.Len(t, lines, 502, "MaxBatch is for batches in memory")
	for i, line := range lines {
		var one server.BatchResult
		require.NoError(t, json.Unmarshal([]byte(line), &one))
		require.Equal(t, i, one.Index)
		if i == 500 {
			require.Equal(t, "input", one.Error.Code)
			continue
		}
		var res text.Result
		require.NoError(t, json.Unmarshal(one.Result, &res))
		if i < 500 {
			require.Equal(t, []any{fmt.Sprint(i), i%7 + 1}, []any{res.ID, res.Stats.Words})
		}
	}
	require.Zero(t, s.Held(), "memory of lines is given back")
	for name, query := range map[string]string{"no type": "", "an unknown one": "?operation_type=beans", "a bad size": "?operation_type=text&batch_size=x"} {
		require.Equal(t, 400, ask(s, "POST", "/api/v1/batch/process"+query, "\"a\"\n", "Content-Type", "application/x-ndjson").Code, name)
	}
}

func TestALineThatIsTooLongEndsABatch(t *testing.T) {
	s := serve(t, full(t), server.Options{MaxBody: 100})
	w := ask(s, "POST", "/api/v1/batch/process?operation_type=text", "\"a\"\n\""+strings.Repeat("a", 200)+"\"\n\"b\"\n", "Content-Type", "application/x-ndjson")
	lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
	require.Len(t, lines, 2)
	require.Contains(t, lines[0], `"result"`)
	require.Contains(t, lines[1], `"code":"too_large"`)
	require.Zero(t, s.Held())
}

// An answer in pieces is no faster than its caller may ask.
func TestRateBoundsTheItemsOfAStream(t *testing.T) {
	user := auth.AuthenticatorFunc(func(r *http.Request) (auth.Principal, error) {
		return auth.Principal{Subject: r.Header.Get("X-User"), Roles: []string{auth.RoleUser}}, nil
	})
	s := serve(t, full(t), server.Options{Auth: user, Rate: 0.001, Burst: 4})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := httptest.NewRequest("POST", "/api/v1/batch/process?operation_type=text&operations=stats", strings.NewReader(strings.Repeat("\"a\"\n", 10))).WithContext(ctx)
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("Content-Type", "application/x-ndjson")
	r.Header.Set("X-User", "ann")
	w := &signals{ResponseRecorder: httptest.NewRecorder(), wrote: make(chan string, 100)}
	ended := make(chan bool)
	go func() { s.ServeHTTP(w, r); close(ended) }()
	for range 3 { // the request itself has taken one
		<-w.wrote
	}
	cancel()
	<-ended
	require.LessOrEqual(t, strings.Count(w.Body.String(), `"result"`), 3)
}

// signals is a writer that tells what is written.
type signals struct {
	*httptest.ResponseRecorder
	wrote chan string
}

func (s *signals) Write(b []byte) (int, error) {
	n, err := s.ResponseRecorder.Write(b)
	s.wrote <- string(b)
	return n, err
}

// stuck are pipelines whose vector searches tell that they begin and end with their
// context only.
func stuck(t *testing.T) (p server.Pipelines, begun, ended chan bool) {
	p = full(t)
	begun, ended = make(chan bool, 100), make(chan bool, 100)
	p.VectorsOf = func(ctx context.Context, _ string) (vector.Store[string], error) {
		begun <- true
		<-ctx.Done()
		ended <- true
		return nil, ctx.Err()
	}
	return p, begun, ended
}

const search = `{"vector":[1]}` + "\n"

func TestWorkEndsWhenTheCallerIsGone(t *testing.T) {
	for name, c := range map[string][2]string{
		"lines": {"application/x-ndjson", strings.Repeat(search, 5)},
		"JSON":  {"application/json", `{"operation_type":"vector","items":[{"vector":[1]}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			p, begun, ended := stuck(t)
			s := serve(t, p, server.Options{NoRate: true})
			web := httptest.NewServer(s)
			defer web.Close()
			ctx, leave := context.WithCancel(t.Context())
			r, err := http.NewRequestWithContext(ctx, "POST", web.URL+"/api/v1/batch/process?operation_type=vector", strings.NewReader(c[1]))
			require.NoError(t, err)
			r.Header.Set("Content-Type", c[0])
			r.Header.Set("Accept", "application/x-ndjson")
			go func() {
				<-begun
				leave()
			}()
			resp, err := web.Client().Do(r)
			if err == nil {
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			require.ErrorIs(t, err, context.Canceled)
			<-ended
			require.Eventually(t, func() bool {
				flight, streams := s.InFlight()
				return flight == 0 && streams == 0 && s.Held() == 0
			}, patience, time.Millisecond)
		})
	}
}

func TestMoreStreamsThanThereMayBeAreRefused(t *testing.T) {
	p, begun, _ := stuck(t)
	s := serve(t, p, server.Options{NoRate: true, Streams: 1, InFlight: 1})
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	stream := func(ctx context.Context) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/api/v1/batch/process?operation_type=vector", strings.NewReader(search)).WithContext(ctx)
		r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
		r.Header.Set("Content-Type", "application/x-ndjson")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	first := make(chan bool)
	go func() { stream(ctx); close(first) }()
	<-begun
	require.Equal(t, 503, stream(t.Context()).Code)
	require.Equal(t, 503, ask(s, "POST", "/api/v1/text/stream", `{"text":"a"}`).Code)
	require.Equal(t, 200, ask(s, "POST", "/api/v1/text/process", `{"text":"a"}`).Code, "streams have slots of their own")
	leave()
	<-first
	require.Equal(t, 200, ask(s, "POST", "/api/v1/text/stream", `{"text":"a"}`).Code)
}

func TestEventsAreKeptAlive(t *testing.T) {
	s := serve(t, full(t), server.Options{KeepAlive: time.Millisecond})
	body, send := io.Pipe()
	r := httptest.NewRequest("POST", "/api/v1/text/stream", body)
	r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
	r.Header.Set("Content-Type", "text/plain")
	w := &signals{ResponseRecorder: httptest.NewRecorder(), wrote: make(chan string)}
	ended := make(chan bool)
	go func() { s.ServeHTTP(w, r); close(ended); close(w.wrote) }()
	for range 5 {
		require.Equal(t, ":\n\n", <-w.wrote)
	}
	go func() { _ = send.Close() }() // never fails
	for range w.wrote {
	}
	<-ended
	require.Contains(t, w.Body.String(), "event: done")
}

// outcomes is an observer that passes on the errors of requests.
type outcomes chan error

func (o outcomes) Observe(e quintet.Event) { o <- e.Err }

// dial connects to an address with small buffers and sends a request.
func dial(t *testing.T, addr, request string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4096))
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	return conn
}

func TestAReaderWhoDoesNotReadIsCutOff(t *testing.T) {
	ended := make(outcomes, 10)
	s := serve(t, full(t), server.Options{NoRate: true, Observer: ended, Timeout: 500 * time.Millisecond})
	addr, stop := running(t, s, server.Listen{})
	conn := dial(t, addr, "POST /api/v1/batch/process?operation_type=text&operations=embedding HTTP/1.1\r\nHost: localhost\r\n"+
		"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
	chunk := strings.Repeat("\"one more text\"\n", 1000)
	go func() {
		var err error
		for err == nil { // until nobody takes more
			_, err = fmt.Fprintf(conn, "%x\r\n%s\r\n", len(chunk), chunk)
		}
	}()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.Eventually(t, func() bool { _, streams := s.InFlight(); return streams == 0 }, patience, time.Millisecond)
	require.NoError(t, stop())
}

// Who sends slowly is not worked on, and keeps nobody from being so.
func TestASlowBodyHoldsNoSlot(t *testing.T) {
	ended := make(outcomes, 10)
	s := serve(t, full(t), server.Options{NoRate: true, InFlight: 1, Observer: ended, Timeout: 20 * time.Second})
	addr, stop := running(t, s, server.Listen{})
	const head = "POST /api/v1/text/process HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n"
	var slow []net.Conn
	for range 3 {
		slow = append(slow, dial(t, addr, head+`{"text"`))
	}
	require.Eventually(t, func() bool { return s.Held() == 3*4096 }, patience, time.Millisecond, "they are being read")
	resp, err := http.Post("http://"+addr+"/api/v1/text/process", "application/json", strings.NewReader(`{"text":"a"}`))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 200, resp.StatusCode)
	require.NoError(t, <-ended)
	for _, conn := range slow {
		_, err := io.WriteString(conn, `:"b"}`)
		require.NoError(t, err)
		require.NoError(t, <-ended)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.Equal(t, 200, answer.StatusCode)
		require.NoError(t, answer.Body.Close())
	}
	require.NoError(t, stop())
	require.Zero(t, s.Held())
}

func TestABodyThatDoesNotComeInTimeIsRefused(t *testing.T) {
	ended := make(outcomes, 10)
	s := serve(t, full(t), server.Options{NoRate: true, Observer: ended, Timeout: 100 * time.Millisecond})
	addr, stop := running(t, s, server.Listen{})
	for name, request := range map[string]string{
		"whole":     "POST /api/v1/text/process HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{",
		"in pieces": "POST /api/v1/text/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n{",
	} {
		dial(t, addr, request)
		require.ErrorIs(t, <-ended, quintet.ErrInput, name)
	}
	require.NoError(t, stop())
}

func TestMemoryOfBodiesIsBounded(t *testing.T) {
	s := serve(t, full(t), server.Options{NoRate: true, BodyMemory: 64 << 10})
	long := `{"text":"` + strings.Repeat("a", 100_000) + `"}`
	w := ask(s, "POST", "/api/v1/text/process", long)
	require.Equal(t, 503, w.Code)
	require.Equal(t, 200, ask(s, "POST", "/api/v1/text/process", `{"text":"a"}`).Code)
	require.Zero(t, s.Held())
	w = ask(s, "POST", "/api/v1/batch/process?operation_type=text", `"`+strings.Repeat("a", 100_000)+`"`, "Content-Type", "application/x-ndjson")
	require.Contains(t, w.Body.String(), `"code":"overloaded"`)
	require.Zero(t, s.Held())
}

// blocked is a writer whose first byte waits.
type blocked struct {
	*httptest.ResponseRecorder
	begun, release chan bool
}

func (b *blocked) Write(p []byte) (int, error) {
	b.begun <- true
	<-b.release
	return b.ResponseRecorder.Write(p)
}

// Who takes an answer slowly keeps nobody from being worked on.
func TestASlowReaderHoldsNoSlot(t *testing.T) {
	s := serve(t, full(t), server.Options{NoRate: true, InFlight: 1})
	w := &blocked{httptest.NewRecorder(), make(chan bool), make(chan bool)}
	r := httptest.NewRequest("POST", "/api/v1/text/process", strings.NewReader(`{"text":"a"}`))
	r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
	ended := make(chan bool)
	go func() { s.ServeHTTP(w, r); close(ended) }()
	<-w.begun
	require.Equal(t, 200, ask(s, "POST", "/api/v1/text/process", `{"text":"a"}`).Code)
	close(w.release)
	<-ended
	require.Equal(t, 200, w.Code)
}

func TestTokenIDsNeedTheirVocabulary(t *testing.T) {
	p := full(t)
	require.Equal(t, 422, ask(serve(t, p, server.Options{}), "POST", "/v1/embeddings", `{"input":[1,2]}`).Code)
	p.Tokens = words{"a", "cat", "dog"}
	s := serve(t, p, server.Options{NoRate: true})
	want := get[server.EmbeddingsResponse](t, s, "POST", "/v1/embeddings", `{"input":["a cat","dog"]}`)
	got := get[server.EmbeddingsResponse](t, s, "POST", "/v1/embeddings", `{"input":[[0,1],[2]]}`)
	require.Equal(t, want.Data, got.Data)
	require.Equal(t, server.Usage{PromptTokens: 3, TotalTokens: 3}, got.Usage)
	require.Equal(t, want.Data[0], get[server.EmbeddingsResponse](t, s, "POST", "/v1/embeddings", `{"input":[0,1]}`).Data[0])
	for _, bad := range []string{`[]`, `[[]]`, `[[0],[]]`, `[9]`, `[1.5]`, `[-1,"a"]`, `[[1],"a"]`, `{}`, `[99999999999]`} {
		require.Equal(t, 400, ask(s, "POST", "/v1/embeddings", `{"input":`+bad+`}`).Code, bad)
	}
}

// words is a vocabulary.
type words []string

func (w words) Decode(ids []int32, _ bool) string {
	var all []string
	for _, id := range ids {
		if id >= 0 && int(id) < len(w) {
			all = append(all, w[id])
		}
	}
	return strings.Join(all, " ")
}

// infinite makes vectors that JSON cannot say.
type infinite struct {
	quintet.Pipeline[string, []float32]
}

func (infinite) RunBatch(context.Context, []string) ([][]float32, error) {
	return [][]float32{{1, float32(math.Inf(1))}}, nil
}

func TestAVectorWithoutAJSONFormIsAnError(t *testing.T) {
	s := serve(t, server.Pipelines{Embedder: infinite{}}, server.Options{})
	require.Equal(t, 500, ask(s, "POST", "/v1/embeddings", `{"input":"a"}`).Code)
	require.Equal(t, 200, ask(s, "POST", "/v1/embeddings", `{"input":"a","encoding_format":"base64"}`).Code)
}

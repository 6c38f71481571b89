package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"
)

// checker asks a server and holds what it answers against its document.
type checker struct {
	server http.Handler
	router routers.Router
	seen   map[string]bool // operations with an answer that was good
}

func newChecker(t *testing.T, s http.Handler) (*openapi3.T, *checker) {
	t.Helper()
	w := httptest.NewRecorder()
	decoders()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	router, err := gorillamux.NewRouter(doc)
	require.NoError(t, err)
	return doc, &checker{s, router, map[string]bool{}}
}

// decoders tells the validator, once, of media types that it does not know.
var decoders = sync.OnceFunc(func() {
	for _, media := range []string{"text/event-stream", "application/x-ndjson"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.PlainBodyDecoder)
	}
})

const formType = "multipart/form-data; boundary=x"

// speech is a form with a sound and fields.
func speech(t *testing.T, fields ...string) string {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	require.NoError(t, m.SetBoundary("x"))
	w, err := m.CreateFormFile("file", "a.wav")
	require.NoError(t, err)
	_, err = io.WriteString(w, sound(t))
	require.NoError(t, err)
	for i := 0; i < len(fields); i += 2 {
		require.NoError(t, m.WriteField(fields[i], fields[i+1]))
	}
	require.NoError(t, m.Close())
	return b.String()
}

// request is one request and the status that it gets.
type request struct {
	method, path, kind, body string
	status                   int
}

// ask sends a request. A good one is as the document says as well as the answer.
func (c *checker) ask(t *testing.T, q request) *httptest.ResponseRecorder {
	t.Helper()
	make := func() *http.Request {
		r := httptest.NewRequest(q.method, q.path, strings.NewReader(q.body))
		r.RemoteAddr, r.Host = "127.0.0.1:4711", "localhost"
		if q.body != "" {
			r.Header.Set("Content-Type", q.kind)
		}
		return r
	}
	route, params, err := c.router.FindRoute(make())
	require.NoError(t, err, "%s %s", q.method, q.path)
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, make())
	require.Equal(t, q.status, w.Code, "%s %s: %s", q.method, q.path, w.Body)
	sent := &openapi3filter.RequestValidationInput{
		Request: make(), PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if q.status < 300 {
		require.NoError(t, openapi3filter.ValidateRequest(t.Context(), sent), "%s %s", q.method, q.path)
		c.seen[route.Operation.OperationID] = true
	}
	got := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: sent, Status: w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	require.NoError(t, openapi3filter.ValidateResponse(t.Context(), got), "%s %s", q.method, q.path)
	return w
}

// Every operation of the document is asked for once at least with success, and every
// answer, errors too, is as the document says.
func TestAnswersAreAsTheDocumentSays(t *testing.T) {
	s, work := service(t)
	doc, c := newChecker(t, s)
	const j, lines = "application/json", "application/x-ndjson"
	w := c.ask(t, request{"POST", "/api/v1/jobs", j, `{"kind":"text","args":{"text":"a b"}}`, 202})
	var job struct{ ID string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &job))
	c.ask(t, request{"DELETE", "/api/v1/jobs/" + job.ID, "", "", 200})
	c.ask(t, request{"POST", "/api/v1/jobs/" + job.ID + "/retry", "", "", 200})
	work()
	require.Eventually(t, func() bool {
		return strings.Contains(c.ask(t, request{"GET", "/api/v1/jobs/" + job.ID, "", "", 200}).Body.String(), `"state":"done"`)
	}, 20*time.Second, 5*time.Millisecond)
	tensor := `{"inputs":[{"name":"x","datatype":"FP32","shape":[2],"data":[1,2]}]}`
	file := `{"data":"` + base64.StdEncoding.EncodeToString([]byte(picture(t))) + `"}`
	for _, q := range []request{
		{"GET", "/", "", "", 200},
		{"GET", "/health", "", "", 200},
		{"GET", "/healthz", "", "", 200},
		{"GET", "/readyz", "", "", 200},
		{"GET", "/openapi.json", "", "", 200},
		{"GET", "/docs", "", "", 200},
		{"GET", "/metrics", "", "", 200},
		{"GET", "/dashboard/data.json", "", "", 200},
		{"POST", "/dashboard/acknowledge", j, `{"id":"none"}`, 404},
		{"GET", "/api/v1/system/info", "", "", 200},
		{"POST", "/api/v1/optimize/performance", j, `{"actions":["gc"]}`, 200},
		{"POST", "/api/v1/optimize/performance", j, `{"actions":["none"]}`, 400},
		{"POST", "/api/v1/text/process", j, `{"text":"Berlin is lovely. Ann lives there.","operations":["all"]}`, 200},
		{"POST", "/api/v1/text/process", j, `{"text":"Berlin is lovely."}`, 200},
		{"POST", "/api/v1/text/process", j, `{"text":1}`, 400},
		{"POST", "/api/v1/text/process", "text/plain", `hello`, 415},
		{"POST", "/api/v1/text/process", j, `{"text":"` + strings.Repeat("a", 2<<20) + `"}`, 413},
		{"POST", "/api/v1/image/process?operations=all", "application/octet-stream", picture(t), 200},
		{"POST", "/api/v1/image/process", j, file, 200},
		{"POST", "/api/v1/audio/process?operations=all", "application/octet-stream", sound(t), 200},
		{"POST", "/api/v1/graph/process", j, `{"edges":[{"from":"a","to":"b"},{"from":"b","to":"c","weight":2}],"operations":["all"]}`, 200},
		{"POST", "/api/v1/vector/upsert", j, `{"items":[{"id":"a","text":"a cat","meta":{"year":2020}}]}`, 200},
		{"POST", "/api/v1/vector/search", j, `{"query":"cat","filter":{"year":{"gte":2000}}}`, 200},
		{"POST", "/api/v1/vector/search", j, `{}`, 400},
		{"POST", "/api/v1/vector/delete", j, `{"ids":["a"]}`, 200},
		{"POST", "/api/v1/batch/process", j, `{"operation_type":"text","items":["one",{"text":"two"},{"txt":3}]}`, 200},
		{"POST", "/api/v1/batch/process", j, `{"operation_type":"text","items":["one"],"async":true}`, 202},
		{"GET", "/api/v1/jobs", "", "", 200},
		{"DELETE", "/api/v1/subjects/nobody", "", "", 200},
		{"GET", "/api/v1/jobs/none", "", "", 404},
		{"POST", "/v1/embeddings", j, `{"model":"quintet-lexical","input":["a","b"]}`, 200},
		{"POST", "/v1/embeddings", j, `{"model":"quintet-lexical","input":"a","encoding_format":"base64"}`, 200},
		{"POST", "/v1/embeddings", j, `{"model":"none","input":"a"}`, 404},
		{"POST", "/api/v1/batch/process?operation_type=text", lines, "\"one\"\n{\"txt\":2}\n", 200},
		{"POST", "/api/v1/text/stream?operations=stats", "text/plain", "One. Two.", 200},
		{"POST", "/api/v1/text/stream", j, `{"text":"One. Two."}`, 200},
		{"POST", "/api/v1/text/stream", j, `{}{}`, 400},
		{"POST", "/v1/audio/transcriptions", formType, speech(t, "response_format", "verbose_json"), 200},
		{"POST", "/v1/audio/transcriptions", formType, speech(t, "stream", "true", "language", "en"), 200},
		{"POST", "/v1/audio/transcriptions", formType, speech(t, "model", "none"), 404},
		{"POST", "/v1/audio/translations", formType, speech(t, "model", "whisper-1"), 200},
		{"POST", "/v1/rerank", j, `{"query":"a","documents":["a","b"],"return_documents":true}`, 200},
		{"GET", "/v1/models", "", "", 200},
		{"GET", "/v2", "", "", 200},
		{"GET", "/v2/health/live", "", "", 200},
		{"GET", "/v2/health/ready", "", "", 200},
		{"GET", "/v2/models/same", "", "", 200},
		{"GET", "/v2/models/none", "", "", 404},
		{"GET", "/v2/models/same/ready", "", "", 200},
		{"GET", "/v2/models/same/versions/1", "", "", 200},
		{"GET", "/v2/models/same/versions/1/ready", "", "", 200},
		{"POST", "/v2/models/same/infer", j, tensor, 200},
		{"POST", "/v2/models/same/versions/1/infer", j, tensor, 200},
		{"POST", "/v2/models/same/infer", j, `{"inputs":[]}`, 400},
	} {
		c.ask(t, q)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if method == http.MethodPost && strings.HasPrefix(path, "/dashboard/") {
				continue // it needs an alert; package dashboard tests it
			}
			require.True(t, c.seen[op.OperationID], "%s %s was not asked with success", method, path)
		}
	}
}

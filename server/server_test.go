package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"

	"iter"
	"log/slog"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vision"
)

// full are pipelines of every kind.
func full(t testing.TB) server.Pipelines {
	t.Helper()
	embedder, err := text.NewEmbedder(text.EmbedderOptions{})
	require.NoError(t, err)
	vectors, err := vector.New[string](vector.Options{Dim: 384})
	require.NoError(t, err)
	queue, err := jobs.New(jobs.Options{})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, errors.Join(queue.Close(), vectors.Close(), embedder.Close()))
	})
	return server.Pipelines{
		Text: &text.Options{}, Vision: &vision.Options{}, Audio: &audio.Options{}, Graph: &graph.Options{},
		Vectors: vectors, Embedder: embedder, Reranker: overlap{}, Jobs: queue, Kinds: []string{"text"},
		Models: map[string]optimize.Session{"double": double{}},
	}
}

// overlap scores a passage by the words that it shares with the query.
type overlap struct{}

func (overlap) Run(_ context.Context, p text.Pair) (score float64, _ error) {
	for word := range strings.FieldsSeq(p.Query) {
		if strings.Contains(p.Passage, word) {
			score++
		}
	}
	return score, nil
}

func (o overlap) RunBatch(ctx context.Context, all []text.Pair) ([]float64, error) {
	out := make([]float64, len(all))
	for i, p := range all {
		out[i], _ = o.Run(ctx, p)
	}
	return out, nil
}

func (overlap) Stream(context.Context, iter.Seq[text.Pair]) iter.Seq2[float64, error] { return nil }

func (overlap) Close() error { return nil }

// double is a model whose outputs are twice its inputs.
type double struct{}

func (double) Inputs() []optimize.TensorInfo {
	return []optimize.TensorInfo{{Name: "x", DType: optimize.Float32, Shape: []int{-1, 2}}, {Name: "n", DType: optimize.Uint8, Shape: []int{-1}}}
}

func (double) Outputs() []optimize.TensorInfo {
	return []optimize.TensorInfo{{Name: "y", DType: optimize.Float32, Shape: []int{-1, 2}}, {Name: "m", DType: optimize.Uint8, Shape: []int{-1}}}
}

func (double) Device() string { return "cpu" }

func (double) Run(_ context.Context, in []optimize.Tensor) ([]optimize.Tensor, error) {
	x, err := optimize.Data[float32](in[0])
	if err != nil {
		return nil, err
	}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = 2 * v
	}
	out, err := optimize.NewTensor(y, in[0].Shape()...)
	return []optimize.Tensor{out, in[1].Clone()}, err
}

func (double) Close() error { return nil }

var quiet = slog.New(slog.DiscardHandler)

func serve(t testing.TB, p server.Pipelines, o server.Options) *server.Server {
	t.Helper()
	if o.Logger == nil {
		o.Logger = quiet
	}
	s, err := server.New(p, o)
	require.NoError(t, err)
	return s
}

// ask sends a request from this machine.
func ask(s http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:4711", "localhost:8001"
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// get decodes the answer to a request that succeeds.
func get[T any](t testing.TB, s http.Handler, method, path, body string, header ...string) (out T) {
	t.Helper()
	w := ask(s, method, path, body, header...)
	require.Less(t, w.Code, 300, "%s", w.Body)
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out), "%s", w.Body)
	return out
}

func TestTextProcess(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	r := get[text.Result](t, s, "POST", "/api/v1/text/process",
		`{"id":"a","text":"Berlin is lovely. It is a great city.","operations":["statistics","sentiment","keywords"]}`)
	require.Equal(t, "a", r.ID)
	require.Equal(t, 8, r.Stats.Words)
	require.Positive(t, r.Sentiment.Score)
	require.NotEmpty(t, r.Keywords)
	require.Empty(t, r.Sentences, "it was not asked for")
	require.NotEmpty(t, get[text.Result](t, s, "POST", "/api/v1/text/process", `{"text":"One. Two."}`).Sentences)
	require.Empty(t, get[text.Result](t, s, "POST", "/api/v1/text/process", `{"text":""}`).Sentences)
}

func picture(t testing.TB) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))))
	return b.Bytes()
}

func TestImageProcessTakesFormsJSONAndBareFiles(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	data := picture(t)
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("file", "a.png")
	require.NoError(t, err)
	_, err = part.Write(data)
	require.NoError(t, err)
	require.NoError(t, m.WriteField("operations", "properties, hashes"))
	require.NoError(t, m.Close())
	asJSON, err := json.Marshal(server.FileRequest{Data: data, Operations: []string{"properties"}})
	require.NoError(t, err)
	for kind, body := range map[string]string{
		m.FormDataContentType(): form.String(), "application/json": string(asJSON), "image/png": string(data),
	} {
		r := get[struct{ Properties struct{ Width, Height int } }](t, s, "POST", "/api/v1/image/process?operations=properties", body, "Content-Type", kind)
		require.Equal(t, 40, r.Properties.Width, kind)
	}
	for name, c := range map[string]struct {
		kind, body string
		want       int
	}{
		"no file":             {"application/json", `{}`, 400},
		"a bad operation":     {"application/json", `{"data":"AAAA","operations":["rotate"]}`, 400},
		"no picture":          {"image/png", "hello", 400},
		"another type":        {"text/html", "hello", 415},
		"half a form":         {m.FormDataContentType(), form.String()[:form.Len()/2], 400},
		"a form's own parts":  {`multipart/form-data; boundary=x`, "--x\r\nContent-Disposition: form-data; name=\"evil\"\r\n\r\n1\r\n--x--\r\n", 400},
		"a bomb of 2^31 side": {"image/png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x02\x00\x00\x00\x00\x00\x00\x00", 400},
	} {
		w := ask(s, "POST", "/api/v1/image/process", c.body, "Content-Type", c.kind)
		require.Equal(t, c.want, w.Code, "%s: %s", name, w.Body)
	}
}

func TestAudioProcess(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	var wav bytes.Buffer
	samples := make([]float32, 16000)
	for i := range samples {
		samples[i] = float32(math.Sin(float64(i) / 10))
	}
	require.NoError(t, audio.EncodeWAV(&wav, audio.Clip{Rate: 16000, Channels: 1, Samples: samples}, audio.PCM16))
	r := get[struct {
		Properties struct{ Duration time.Duration }
	}](t, s, "POST", "/api/v1/audio/process?operations=properties", wav.String(), "Content-Type", "audio/wav")
	require.Equal(t, time.Second, r.Properties.Duration)
}

func TestGraphProcess(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	r := get[graph.Result[string]](t, s, "POST", "/api/v1/graph/process", `{"edges":[{"from":"a","to":"b"},{"from":"b","to":"c","weight":2}],"operations":["pagerank"]}`)
	require.Len(t, r.Ranks, 3)
	require.Equal(t, "b", r.Ranks[0].Node)
}

func TestVectorsThroughHTTP(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	items := []string{}
	for i, body := range []string{"the cat sat on the mat", "stock markets fell sharply", "a dog chased the cat"} {
		items = append(items, fmt.Sprintf(`{"id":"%d","text":%q,"meta":{"year":%d,"tags":["a","n%d"]}}`, i, body, 2020+i, i))
	}
	require.Equal(t, 3, get[server.CountResponse](t, s, "POST", "/api/v1/vector/upsert", `{"items":[`+strings.Join(items, ",")+`]}`).Count)
	search := func(body string) (ids []string) {
		for _, h := range get[server.SearchResponse](t, s, "POST", "/api/v1/vector/search", body).Results {
			ids = append(ids, h.ID)
		}
		return ids
	}
	require.Equal(t, "1", search(`{"query":"markets and stock","top_k":1}`)[0])
	require.Equal(t, []string{"2"}, search(`{"query":"cat","filter":{"year":{"gte":2021},"$not":{"tags":"n1"}}}`))
	require.ElementsMatch(t, []string{"0", "1"}, search(`{"query":"cat","filter":{"$or":[{"tags":{"in":["n0","n1"]}},{"year":1999}]}}`))
	require.Equal(t, 1, get[server.CountResponse](t, s, "POST", "/api/v1/vector/delete", `{"ids":["0","x"]}`).Count)
	for _, bad := range []string{
		`{}`, `{"query":"a","vector":[1]}`, `{"vector":[1,2]}`, `{"query":"a","top_k":-1}`, `{"query":"a","filter":{"a":null}}`,
		`{"query":"a","filter":{"a":{}}}`, `{"query":"a","filter":{"$or":1}}`, `{"query":"a","filter":{"a":{"near":1}}}`,
	} {
		require.Equal(t, 400, ask(s, "POST", "/api/v1/vector/search", bad).Code, bad)
	}
}

func TestTenantsSeeTheirOwnVectors(t *testing.T) {
	stores := map[string]vector.Store[string]{}
	for _, tenant := range []string{"a", "b"} {
		c, err := vector.New[string](vector.Options{Dim: 2})
		require.NoError(t, err)
		defer c.Close()
		stores[tenant] = c
	}
	tenant := auth.AuthenticatorFunc(func(r *http.Request) (auth.Principal, error) {
		return auth.Principal{Tenant: r.Header.Get("X-Tenant"), Roles: []string{auth.RoleUser}}, nil
	})
	queue, err := jobs.New(jobs.Options{})
	require.NoError(t, err)
	defer queue.Close()
	s := serve(t, server.Pipelines{Jobs: queue, VectorsOf: func(_ context.Context, tenant string) (vector.Store[string], error) {
		return stores[tenant], nil
	}}, server.Options{Auth: tenant})
	require.Equal(t, 1, get[server.CountResponse](t, s, "POST", "/api/v1/vector/upsert", `{"items":[{"id":"secret","vector":[1,0]}]}`, "X-Tenant", "a").Count)
	const q = `{"vector":[1,0]}`
	require.Len(t, get[server.SearchResponse](t, s, "POST", "/api/v1/vector/search", q, "X-Tenant", "a").Results, 1)
	require.Empty(t, get[server.SearchResponse](t, s, "POST", "/api/v1/vector/search", q, "X-Tenant", "b").Results)

	mux := jobs.NewMux()
	require.NoError(t, s.RegisterJobs(mux))
	stop := work(t, queue, mux)
	defer stop()
	for tenant, want := range map[string]string{"a": "secret", "b": `"results":[]`} {
		info := get[jobs.Info](t, s, "POST", "/api/v1/batch/process", `{"operation_type":"vector","items":[`+q+`],"async":true}`, "X-Tenant", tenant)
		require.Contains(t, string(finished(t, s, info.ID, "X-Tenant", tenant).Result), want)
	}
}

// work serves a queue until stop is called.
func work(t *testing.T, q jobs.Queue, m *jobs.Mux) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Serve(ctx, m, jobs.ServeOptions{}) }()
	return func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

func finished(t *testing.T, s http.Handler, id string, header ...string) (info jobs.Info) {
	require.Eventually(t, func() bool {
		info = get[jobs.Info](t, s, "GET", "/api/v1/jobs/"+id, "", header...)
		return info.State.Final()
	}, 20*time.Second, 5*time.Millisecond)
	return info
}

func TestBatchKeepsOrderAndOneBadItemFailsAlone(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	const body = `{"operation_type":"text","operations":["statistics"],"batch_size":2,"items":["one","two words",{"text":"and three words"},{"txt":1},"last"]}`
	r := get[server.BatchResponse](t, s, "POST", "/api/v1/batch/process", body)
	require.Equal(t, []int{4, 1}, []int{r.Succeeded, r.Failed})
	for i, want := range []int{1, 2, 3, -1, 1} {
		require.Equal(t, i, r.Results[i].Index)
		if want < 0 {
			require.Equal(t, "input", r.Results[i].Error.Code)
			continue
		}
		var one text.Result
		require.NoError(t, json.Unmarshal(r.Results[i].Result, &one))
		require.Equal(t, want, one.Stats.Words)
	}
	w := ask(s, "POST", "/api/v1/batch/process", body, "Accept", "application/x-ndjson")
	require.Equal(t, 5, strings.Count(w.Body.String(), "\n"))
	for _, bad := range []string{`{"operation_type":"text","items":[]}`, `{"operation_type":"nothing","items":[1]}`, `{"operation_type":"text","items":["a"],"batch_size":-1}`} {
		require.Equal(t, 400, ask(s, "POST", "/api/v1/batch/process", bad).Code, bad)
	}
}

func TestBatchAsAJob(t *testing.T) {
	p := full(t)
	s := serve(t, p, server.Options{})
	mux := jobs.NewMux()
	require.NoError(t, s.RegisterJobs(mux))
	require.Equal(t, []string{"batch", "cleanup", "health", "image", "performance", "text", "vector"}, mux.Kinds())
	defer work(t, p.Jobs, mux)()
	w := ask(s, "POST", "/api/v1/batch/process", `{"operation_type":"text","items":["one","two"],"async":true}`)
	require.Equal(t, http.StatusAccepted, w.Code)
	where := w.Header().Get("Location")
	info := finished(t, s, strings.TrimPrefix(where, "/api/v1/jobs/"))
	require.Equal(t, jobs.Done, info.State)
	r, err := jobs.Result[server.BatchResponse](info)
	require.NoError(t, err)
	require.Equal(t, 2, r.Succeeded)
	require.Len(t, get[server.JobList](t, s, "GET", "/api/v1/jobs?state=done", "").Jobs, 1)
	info = get[jobs.Info](t, s, "POST", "/api/v1/jobs", `{"kind":"text","args":{"text":"a b"}}`)
	require.Equal(t, jobs.Done, finished(t, s, info.ID).State)
	require.Equal(t, 400, ask(s, "POST", "/api/v1/jobs", `{"kind":"cleanup"}`).Code, "not one of the kinds")
	require.Equal(t, 404, ask(s, "GET", "/api/v1/jobs/none", "").Code)
	require.Equal(t, 400, ask(s, "GET", "/api/v1/jobs?limit=0", "").Code)
}

func TestUsersSeeTheirOwnJobs(t *testing.T) {
	p := full(t)
	user := auth.AuthenticatorFunc(func(r *http.Request) (auth.Principal, error) {
		return auth.Principal{Subject: r.Header.Get("X-User"), Roles: []string{auth.RoleUser}}, nil
	})
	s := serve(t, p, server.Options{Auth: user})
	info := get[jobs.Info](t, s, "POST", "/api/v1/jobs", `{"kind":"text","args":{"text":"mine"}}`, "X-User", "ann")
	for _, c := range [][2]string{{"GET", ""}, {"DELETE", ""}, {"POST", "/retry"}} {
		require.Equal(t, 404, ask(s, c[0], "/api/v1/jobs/"+info.ID+c[1], "", "X-User", "bob").Code, c)
	}
	require.Empty(t, get[server.JobList](t, s, "GET", "/api/v1/jobs", "", "X-User", "bob").Jobs)
	require.Equal(t, jobs.Canceled, get[jobs.Info](t, s, "DELETE", "/api/v1/jobs/"+info.ID, "", "X-User", "ann").State)
	require.Equal(t, jobs.Queued, get[jobs.Info](t, s, "POST", "/api/v1/jobs/"+info.ID+"/retry", "", "X-User", "ann").State)
}

func TestEmbeddingsAsOpenAIHasThem(t *testing.T) {
	p := full(t)
	s := serve(t, p, server.Options{})
	r := get[server.EmbeddingsResponse](t, s, "POST", "/v1/embeddings", `{"model":"quintet-lexical","input":["a cat","two dogs"]}`)
	require.Equal(t, []string{"list", "quintet-lexical"}, []string{r.Object, r.Model})
	require.Len(t, r.Data, 2)
	require.Equal(t, 4, r.Usage.TotalTokens)
	want, err := p.Embedder.Run(t.Context(), "two dogs")
	require.NoError(t, err)
	var floats []float32
	require.NoError(t, json.Unmarshal(r.Data[1].Embedding, &floats))
	require.Equal(t, want, floats)

	r = get[server.EmbeddingsResponse](t, s, "POST", "/v1/embeddings", `{"model":"quintet-lexical","input":"two dogs","encoding_format":"base64","dimensions":384,"user":"u"}`)
	var encoded string
	require.NoError(t, json.Unmarshal(r.Data[0].Embedding, &encoded))
	b, err := base64.StdEncoding.DecodeString(encoded)
	require.NoError(t, err)
	got := make([]float32, len(b)/4)
	for i := range got {
		got[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	require.Equal(t, want, got)

	for body, status := range map[string]int{
		`{"model":"quintet-lexical","input":""}`:                                   400,
		`{"model":"quintet-lexical","input":[]}`:                                   400,
		`{"model":"quintet-lexical","input":[1,2]}`:                                422,
		`{"model":"quintet-lexical","input":[[1,2]]}`:                              422,
		`{"model":"quintet-lexical","input":{"a":1}}`:                              400,
		`{"model":"gpt","input":"a"}`:                                              404,
		`{"model":"quintet-lexical","input":"a","encoding_format":"int8"}`:         400,
		`{"model":"quintet-lexical","input":"a","dimensions":100}`:                 400,
		`{"model":"quintet-lexical","input":"a","unknown":1}`:                      400,
		`{"model":"quintet-lexical","input":"` + strings.Repeat("a", 5<<20) + `"}`: 413,
	} {
		w := ask(s, "POST", "/v1/embeddings", body)
		require.Equal(t, status, w.Code, "%.80s %s", body, w.Body)
		var e struct {
			Error struct{ Message, Type, Code string }
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &e))
		require.Equal(t, "invalid_request_error", e.Error.Type)
		require.NotEmpty(t, e.Error.Message)
	}
	require.Equal(t, "quintet-lexical", get[server.ModelList](t, s, "GET", "/v1/models", "").Data[0].ID)
}

func TestRerank(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	r := get[server.RerankResponse](t, s, "POST", "/v1/rerank", `{"query":"black holes","documents":["a cat","black paint","black holes bend light"],"top_n":2,"return_documents":true}`)
	require.Equal(t, []server.RerankResult{{2, 2, "black holes bend light"}, {1, 1, "black paint"}}, r.Results)
	require.Equal(t, 400, ask(s, "POST", "/v1/rerank", `{"query":"a","documents":[]}`).Code)
}

func TestOpenInferenceProtocol(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	require.Equal(t, "quintet", get[server.ServerMetadata](t, s, "GET", "/v2", "").Name)
	require.Equal(t, 200, ask(s, "GET", "/v2/health/live", "").Code)
	require.Equal(t, 200, ask(s, "GET", "/v2/health/ready", "").Code)
	require.Equal(t, 200, ask(s, "GET", "/v2/models/double/ready", "").Code)
	m := get[server.ModelMetadata](t, s, "GET", "/v2/models/double/versions/1", "")
	require.Equal(t, []server.TensorMetadata{{"x", "FP32", []int{-1, 2}}, {"n", "UINT8", []int{-1}}}, m.Inputs)
	for _, data := range []string{"[1,2,3,4.5]", "[[1,2],[3,4.5]]"} {
		r := get[server.InferResponse](t, s, "POST", "/v2/models/double/infer", `{"id":"7","inputs":[
			{"name":"n","datatype":"UINT8","shape":[2],"data":[0,255]},
			{"name":"x","datatype":"FP32","shape":[2,2],"data":`+data+`}]}`)
		require.Equal(t, "7", r.ID)
		require.JSONEq(t, `[2,4,6,9]`, string(r.Outputs[0].Data))
		require.JSONEq(t, `[0,255]`, string(r.Outputs[1].Data))
	}
	const n = `{"name":"n","datatype":"UINT8","shape":[1],"data":[1]}`
	for body, status := range map[string]int{
		`{"inputs":[` + n + `]}`: 400,
		`{"inputs":[` + n + `,{"name":"x","datatype":"INT64","shape":[1,2],"data":[1,2]}]}`:                                               400,
		`{"inputs":[` + n + `,{"name":"x","datatype":"FP32","shape":[1,2],"data":[1]}]}`:                                                  400,
		`{"inputs":[` + n + `,{"name":"x","datatype":"FP32","shape":[2,1],"data":[1,2]}]}`:                                                400,
		`{"inputs":[` + n + `,{"name":"x","datatype":"FP32","shape":[1,2],"data":"AAAA"}]}`:                                               400,
		`{"inputs":[` + n + `,{"name":"x","datatype":"FP32","shape":[1099511627776,1099511627776],"data":[1,2]}]}`:                        400,
		`{"inputs":[{"name":"n","datatype":"UINT8","shape":[1],"data":[256]},{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}`: 400,
		`{"inputs":[` + n + `,{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}],"outputs":[{"name":"z"}]}`:                       400,
	} {
		w := ask(s, "POST", "/v2/models/double/infer", body)
		require.Equal(t, status, w.Code, "%s %s", body, w.Body)
		require.Contains(t, w.Body.String(), `{"error":`)
	}
	require.Equal(t, 404, ask(s, "GET", "/v2/models/none", "").Code)
	require.Equal(t, 404, ask(s, "GET", "/v2/models/double/versions/2", "").Code)
}

// Every route answers 401 without credentials and 403 without permission, unless it
// says that it is for everybody.
func TestEveryRouteIsDeniedByDefault(t *testing.T) {
	p := full(t)
	public := map[string]bool{"GET /{$}": true, "GET /health": true, "GET /healthz": true, "GET /readyz": true, "GET /openapi.json": true, "GET /docs": true, "GET /v2": true, "GET /v2/health/live": true, "GET /v2/health/ready": true, "GET /login": true, "POST /api/v1/session": true, "GET /api/v1/session": true, "DELETE /api/v1/session": true}
	login, _ := logins(t, time.Now())
	p.Transcriber, p.Translator = spoken{}, spoken{}
	roles := []string{}
	s := serve(t, p, server.Options{
		Metrics: http.NotFoundHandler(), Dashboard: http.NotFoundHandler(), NoRate: true, Login: login,
		Auth: auth.AuthenticatorFunc(func(r *http.Request) (auth.Principal, error) {
			if r.Header.Get("Authorization") == "" {
				return auth.Principal{}, auth.ErrNoCredentials
			}
			return auth.Principal{Subject: "ann", Roles: roles}, nil
		}),
	})
	require.Greater(t, len(s.Routes()), 30)
	for _, rt := range s.Routes() {
		method, path, _ := strings.Cut(rt, " ")
		path = strings.NewReplacer("{$}", "", "{id}", "1", "{model}", "double", "{version}", "1", "{path...}", "x").Replace(path)
		if public[rt] {
			w := ask(s, method, path, "{}")
			require.True(t, strings.HasSuffix(path, "/session") || w.Code != 401 && w.Code != 403, rt)
			continue
		}
		require.Equal(t, 401, ask(s, method, path, "{}").Code, rt)
		require.Equal(t, 403, ask(s, method, path, "{}", "Authorization", "x").Code, rt)
	}
}

func TestBatchNeedsThePermissionOfItsItems(t *testing.T) {
	who := auth.Anonymous("clerk")
	s := serve(t, full(t), server.Options{Auth: who, Policy: auth.Policy{"clerk": {"batch:process", "text:process"}}})
	require.Equal(t, 200, ask(s, "POST", "/api/v1/batch/process", `{"operation_type":"text","items":["a"]}`).Code)
	require.Equal(t, 403, ask(s, "POST", "/api/v1/batch/process", `{"operation_type":"graph","items":[{}]}`).Code)
}

func TestWithoutAuthOnlyThisMachineIsServed(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	for name, c := range map[string]struct {
		remote, header string
		want           int
	}{
		"loopback": {"127.0.0.1:1", "", 200}, "loopback of IPv6": {"[::1]:1", "", 200},
		"elsewhere": {"192.0.2.1:1", "", 401}, "through a proxy": {"127.0.0.1:1", "192.0.2.1", 401}, "no address": {"@", "", 401},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/system/info", nil)
		r.RemoteAddr = c.remote
		if c.header != "" {
			r.Header.Set("X-Forwarded-For", c.header)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		require.Equal(t, c.want, w.Code, name)
	}
}

// A page that somebody looks at on this machine must not act in its name.
func TestPagesOfOthersCannotActOnThisMachine(t *testing.T) {
	s := serve(t, full(t), server.Options{Origins: []string{"https://app.example.org"}})
	act := func(host string, header ...string) int {
		r := httptest.NewRequest(http.MethodPost, "http://"+host+"/api/v1/vector/delete", strings.NewReader(`{"ids":["a"]}`))
		r.RemoteAddr = "127.0.0.1:1"
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	for _, host := range []string{"localhost", "localhost:8001", "127.0.0.1:8001", "[::1]:8001", "[::1]"} {
		require.Equal(t, 200, act(host), host)
	}
	for _, host := range []string{"evil.example.org", "localhost.evil.example.org", "192.0.2.1", "127.0.0.1.evil.example.org:80"} {
		require.Equal(t, 401, act(host), host)
	}
	require.Equal(t, 403, act("localhost", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example.org"))
	require.Equal(t, 403, act("localhost", "Origin", "https://evil.example.org"))
	require.Equal(t, 200, act("localhost", "Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.org"))
	require.Equal(t, 200, act("localhost", "Sec-Fetch-Site", "same-origin"))
}

func TestForwardedAddressesAreBelievedFromProxiesOnly(t *testing.T) {
	s := serve(t, full(t), server.Options{
		Auth: auth.Anonymous(auth.RoleAdmin), Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Allow: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")},
	})
	for name, c := range map[string]struct {
		remote, forwarded string
		want              int
	}{
		"a caller that may":                  {"203.0.113.9:1", "", 200},
		"a caller that may not":              {"198.51.100.1:1", "", 403},
		"who says so itself":                 {"198.51.100.1:1", "203.0.113.9", 403},
		"through a proxy":                    {"10.0.0.1:1", "203.0.113.9", 200},
		"through two":                        {"10.0.0.1:1", "203.0.113.9, 10.0.0.2", 200},
		"who says so itself through a proxy": {"10.0.0.1:1", "203.0.113.9, 198.51.100.1", 403},
		"nonsense":                           {"10.0.0.1:1", "203.0.113.9, x", 403},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/system/info", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		require.Equal(t, c.want, w.Code, name)
	}
}

func TestHostileBodies(t *testing.T) {
	s := serve(t, full(t), server.Options{NoRate: true})
	for name, c := range map[string]struct {
		body string
		want int
		code string
	}{
		"nothing":         {``, 400, "input"},
		"no JSON":         {`{`, 400, "input"},
		"two values":      {`{"text":"a"}{"text":"b"}`, 400, "input"},
		"unknown fields":  {`{"text":"a","admin":true}`, 400, "input"},
		"not UTF-8":       {"{\"text\":\"\xff\"}", 400, "input"},
		"deep":            {`{"text":` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + `}`, 400, "input"},
		"long":            {`{"text":"` + strings.Repeat("a", 2<<20) + `"}`, 413, "too_large"},
		"another type":    {`{"text":1}`, 400, "input"},
		"a bad operation": {`{"text":"a","operations":["rm -rf"]}`, 400, "option"},
	} {
		w := ask(s, "POST", "/api/v1/text/process", c.body)
		require.Equal(t, c.want, w.Code, "%s: %s", name, w.Body)
		var p server.Problem
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
		require.Equal(t, c.code, p.Code, name)
		require.Equal(t, w.Header().Get("X-Request-Id"), p.RequestID)
		require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	}
	require.Equal(t, 415, ask(s, "POST", "/api/v1/text/process", `{"text":"a"}`, "Content-Type", "text/plain").Code)
	require.Equal(t, 415, ask(s, "POST", "/api/v1/text/process", `{"text":"a"}`, "Content-Type", "application/json; charset=latin1").Code)
	require.Equal(t, "/etc/passwd", ask(s, "GET", "/api/v1/../../etc/passwd", "").Header().Get("Location"))
	require.Equal(t, 404, ask(s, "GET", "/etc/passwd", "").Code)
	w := ask(s, "GET", "/api/v1/text/process", "")
	require.Equal(t, 405, w.Code)
	require.Equal(t, "POST", w.Header().Get("Allow"))
}

func TestRateLimitHoldsForEachCaller(t *testing.T) {
	user := auth.AuthenticatorFunc(func(r *http.Request) (auth.Principal, error) {
		return auth.Principal{Subject: r.Header.Get("X-User"), Roles: []string{auth.RoleUser}}, nil
	})
	s := serve(t, full(t), server.Options{Auth: user, Rate: 0.001, Burst: 5})
	limited := 0
	for range 8 {
		w := ask(s, "POST", "/api/v1/text/process", `{"text":"a"}`, "X-User", "ann")
		if w.Code == 429 {
			limited++
			require.Equal(t, "1", w.Header().Get("Retry-After"))
		}
	}
	require.Equal(t, 3, limited)
	require.Equal(t, 200, ask(s, "POST", "/api/v1/text/process", `{"text":"a"}`, "X-User", "bob").Code)
	require.Equal(t, 429, ask(s, "POST", "/api/v1/batch/process", `{"operation_type":"text","items":["a","b","c","d","e","f"]}`, "X-User", "bob").Code, "a batch counts its items")
	require.Equal(t, 200, ask(s, "GET", "/healthz", "", "X-User", "ann").Code)
}

func TestMoreThanCanBeWorkedOnIsRefusedAtOnce(t *testing.T) {
	release, inside := make(chan struct{}), make(chan struct{}, 2)
	slow := map[string]func() error{"wait": func() error { inside <- struct{}{}; <-release; return nil }}
	s := serve(t, full(t), server.Options{InFlight: 2, Actions: slow, NoRate: true})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if w := ask(s, "POST", "/api/v1/optimize/performance", `{"actions":["wait"]}`); w.Code != 200 {
				t.Error(w.Body)
			}
		})
		<-inside
	}
	w := ask(s, "POST", "/api/v1/text/process", `{"text":"a"}`)
	require.Equal(t, 503, w.Code)
	require.Contains(t, w.Body.String(), `"overloaded"`)
	require.Equal(t, 200, ask(s, "GET", "/readyz", "").Code, "a busy server is not an ill one")
	close(release)
	wg.Wait()
	require.Equal(t, 200, ask(s, "POST", "/api/v1/text/process", `{"text":"a"}`).Code)
}

func TestPanicsAndErrorsInsideAreNotTold(t *testing.T) {
	var log bytes.Buffer
	s := serve(t, full(t), server.Options{
		Logger:  slog.New(slog.NewJSONHandler(&log, nil)),
		Actions: map[string]func() error{"boom": func() error { panic("the password is hunter2") }},
	})
	w := ask(s, "POST", "/api/v1/optimize/performance", `{"actions":["boom"]}`, "X-Request-Id", "abc")
	require.Equal(t, 500, w.Code)
	require.NotContains(t, w.Body.String(), "hunter2")
	require.Contains(t, w.Body.String(), `"request_id":"abc"`)
	var record struct{ Level, ID, Route, Error string }
	require.NoError(t, json.Unmarshal(log.Bytes(), &record))
	require.Equal(t, []string{"ERROR", "abc", "/api/v1/optimize/performance"}, []string{record.Level, record.ID, record.Route})
	require.Contains(t, record.Error, "hunter2")
	require.Equal(t, 400, ask(s, "POST", "/api/v1/optimize/performance", `{"actions":["none"]}`).Code)
}

func TestLogHasNoBodiesAndOneLineARequest(t *testing.T) {
	var log bytes.Buffer
	s := serve(t, full(t), server.Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
	w := ask(s, "POST", "/api/v1/text/process", `{"text":"my secret diary"}`, "X-Request-Id", "a\nb", "Authorization", "Bearer token-of-ann")
	require.Equal(t, 200, w.Code)
	require.Len(t, w.Header().Get("X-Request-Id"), 26, "an ID that could break the log is replaced")
	require.Equal(t, 1, strings.Count(log.String(), "\n"))
	require.NotContains(t, log.String(), "diary")
	require.NotContains(t, log.String(), "token-of-ann")
}

func TestHealthTellsChecksToThoseWhoMaySeeThem(t *testing.T) {
	ran := make(chan struct{})
	h, err := monitor.NewHealth(monitor.HealthOptions{
		Checks:   []monitor.Check{{Name: "db", Run: func(context.Context) error { return errors.New("db.internal refused") }}},
		OnChange: func(monitor.CheckReport) { close(ran) },
	})
	require.NoError(t, err)
	defer h.Close()
	<-ran
	s := serve(t, full(t), server.Options{Health: h})
	w := ask(s, "GET", "/health", "")
	require.Equal(t, 503, w.Code)
	require.Contains(t, w.Body.String(), "db.internal")
	w = ask(s, "GET", "/health", "", "X-Forwarded-For", "192.0.2.1")
	require.NotContains(t, w.Body.String(), "db.internal")
	require.Equal(t, 503, ask(s, "GET", "/readyz", "").Code)
	require.Equal(t, 200, ask(s, "GET", "/healthz", "").Code)
}

// seen is an auditor and an observer that remembers.
type seen struct {
	audits []server.AuditEvent
	events []quintet.Event
}

func (s *seen) Audit(e server.AuditEvent) { s.audits = append(s.audits, e) }
func (s *seen) Observe(e quintet.Event)   { s.events = append(s.events, e) }

func TestAuditAndObserverHearOfRequests(t *testing.T) {
	var all seen
	s := serve(t, full(t), server.Options{Audit: &all, Observer: &all})
	ask(s, "POST", "/api/v1/vector/delete", `{"ids":["a"]}`)
	ask(s, "GET", "/api/v1/system/info", "")
	ask(s, "GET", "/api/v1/system/info", "", "Via", "x")
	require.Len(t, all.events, 3)
	require.Equal(t, "http POST /api/v1/vector/delete", all.events[0].Pipeline+" "+all.events[0].Op)
	require.ErrorIs(t, all.events[2].Err, auth.ErrNoCredentials)
	require.Len(t, all.audits, 2, "a change and a refusal")
	require.Equal(t, "vector:delete", all.audits[0].Permission)
	require.Equal(t, "local", all.audits[0].Principal.Subject)
	require.Equal(t, 401, all.audits[1].Status)
}

func TestPagesOfOtherOriginsMayCallIfTheyAreNamed(t *testing.T) {
	s := serve(t, full(t), server.Options{Origins: []string{"https://app.example.org"}})
	preflight := func(origin string) string {
		return ask(s, "OPTIONS", "/api/v1/text/process", "", "Origin", origin, "Access-Control-Request-Method", "POST").Header().Get("Access-Control-Allow-Origin")
	}
	require.Equal(t, "https://app.example.org", preflight("https://app.example.org"))
	require.Empty(t, preflight("https://evil.example.org"))
}

func TestLongAnswersAreCompressed(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	body := `{"text":"` + strings.Repeat("some words to be counted. ", 200) + `"}`
	plain := ask(s, "POST", "/api/v1/text/process", body)
	zipped := ask(s, "POST", "/api/v1/text/process", body, "Accept-Encoding", "gzip")
	require.Equal(t, "gzip", zipped.Header().Get("Content-Encoding"))
	require.Less(t, zipped.Body.Len(), plain.Body.Len()/2)
}

func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	type operation struct {
		OperationID string
		Responses   map[string]json.RawMessage
	}
	doc := get[struct {
		OpenAPI    string
		Paths      map[string]map[string]operation
		Components struct{ Schemas map[string]json.RawMessage }
	}](t, s, "GET", "/openapi.json", "")
	require.Equal(t, "3.1.0", doc.OpenAPI)
	described, ids := 0, map[string]bool{}
	for path, ops := range doc.Paths {
		for method, op := range ops {
			described++
			require.False(t, ids[op.OperationID], op.OperationID)
			ids[op.OperationID] = true
			require.True(t, op.Responses["200"] != nil || op.Responses["204"] != nil, "%s %s", method, path)
			require.Contains(t, op.Responses, "500", "%s %s", method, path)
		}
	}
	require.Equal(t, len(s.Routes()), described)
	raw := ask(s, "GET", "/openapi.json", "").Body.String()
	for part := range strings.SplitSeq(raw, `"$ref":"#/components/schemas/`) {
		if name, _, ok := strings.Cut(part, `"`); ok && !strings.HasPrefix(part, "{") {
			require.Contains(t, doc.Components.Schemas, name)
		}
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for name, o := range map[string]server.Options{
		"negative": {MaxBody: -1}, "any origin in production": {Origins: []string{"*"}, Production: true, Auth: auth.Anonymous()},
		"nobody is asked in production": {Production: true}, "NaN": {Rate: math.NaN()},
	} {
		_, err := server.New(server.Pipelines{}, o)
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
	_, err := server.New(server.Pipelines{Text: &text.Options{TopKeywords: -1}}, server.Options{})
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestNilPipelinesHaveNoRoutes(t *testing.T) {
	s := serve(t, server.Pipelines{}, server.Options{})
	for _, path := range []string{"/api/v1/text/process", "/v1/embeddings", "/api/v1/vector/search", "/api/v1/jobs", "/metrics"} {
		require.Equal(t, 404, ask(s, "POST", path, "{}").Code, path)
	}
	require.NotContains(t, ask(s, "GET", "/openapi.json", "").Body.String(), "embeddings")
}

func TestHandleWrapsOnePipeline(t *testing.T) {
	p, err := text.New(text.Options{Tasks: text.TaskStats})
	require.NoError(t, err)
	defer p.Close()
	h := server.Handle(p)
	require.Equal(t, 2, get[text.Result](t, h, "POST", "/anything", `{"body":"two words"}`).Stats.Words)
	require.Equal(t, 405, ask(h, "GET", "/anything", "").Code)
	require.Equal(t, 400, ask(h, "POST", "/anything", `{"text":"a"}`).Code)
}

func TestServerUnderAPrefix(t *testing.T) {
	s := serve(t, full(t), server.Options{})
	mux := http.NewServeMux()
	mux.Handle("/ai/", http.StripPrefix("/ai", s))
	require.Equal(t, 200, ask(mux, "POST", "/ai/api/v1/text/process", `{"text":"a"}`).Code)
}

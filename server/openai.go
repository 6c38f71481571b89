package server

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
)

// rawJSON is JSON that is passed on as it is.
type rawJSON = json.RawMessage

// openAIRoutes are those that stock clients of other services know.
func (s *Server) openAIRoutes() (all []route) {
	post := func(pattern, tag, permission, summary string, request, response any, f func(http.ResponseWriter, *http.Request) error) {
		all = append(all, route{
			method: http.MethodPost, pattern: pattern, permission: permission, tag: tag, summary: summary,
			maxBody: 4 << 20, request: request, response: response, serve: f,
		})
	}
	if s.serving.Embedder != nil {
		post("/v1/embeddings", "embeddings", "text:embed", "Vectors of texts", EmbeddingsRequest{}, EmbeddingsResponse{}, s.embeddings)
	}
	if s.serving.Reranker != nil {
		post("/v1/rerank", "rerank", "text:rerank", "Order passages by how well they answer", RerankRequest{}, RerankResponse{}, answerWith(s.rerank))
	}
	all = append(all, route{
		method: http.MethodGet, pattern: "/v1/models", permission: "models:list", tag: "models", quick: true,
		summary: "Names of models", response: ModelList{}, serve: s.models,
	})
	return all
}

// EmbeddingsRequest is the body of POST /v1/embeddings, as OpenAI defines it.
type EmbeddingsRequest struct {
	Model          string  `json:"model"`                     // a name of GET /v1/models
	Input          rawJSON `json:"input"`                     // a string, an array of strings, or token ids: see Pipelines.Tokens
	EncodingFormat string  `json:"encoding_format,omitempty"` // "float", the default, or "base64"
	Dimensions     int     `json:"dimensions,omitempty"`      // default: those of the model
	User           string  `json:"user,omitempty"`            // ignored
}

// EmbeddingsResponse is its answer.
type EmbeddingsResponse struct {
	Object string      `json:"object"` // "list"
	Data   []Embedding `json:"data"`   // one for each input, in order
	Model  string      `json:"model"`  // that made them
	Usage  Usage       `json:"usage"`
}

// Embedding is one vector.
type Embedding struct {
	Object    string  `json:"object"`    // "embedding"
	Index     int     `json:"index"`     // of the input
	Embedding rawJSON `json:"embedding"` // numbers, or base64 of little-endian float32
}

// Usage counts the tokens that came, or the words of texts, since the embedded models have
// no tokens of their own.
type Usage struct {
	PromptTokens int `json:"prompt_tokens"` // of the inputs
	TotalTokens  int `json:"total_tokens"`  // the same
}

func (s *Server) embeddings(w http.ResponseWriter, r *http.Request) error {
	var q EmbeddingsRequest
	if err := readJSON(r, &q); err != nil {
		return err
	}
	inputs, tokens, err := s.inputs(q.Input)
	if err != nil {
		return err
	}
	if q.Model != "" && q.Model != s.serving.EmbedderName {
		return fmt.Errorf("no model %.100q: %w", q.Model, errNotFound)
	}
	if q.EncodingFormat != "" && q.EncodingFormat != "float" && q.EncodingFormat != "base64" {
		return fmt.Errorf("encoding_format %.50q, want float or base64: %w", q.EncodingFormat, quintet.ErrInput)
	}
	vectors, err := s.serving.Embedder.RunBatch(r.Context(), inputs)
	if err != nil {
		return err
	}
	for _, v := range vectors {
		if q.Dimensions != 0 && q.Dimensions != len(v) {
			return fmt.Errorf("dimensions are %d, the model has %d: %w", q.Dimensions, len(v), quintet.ErrInput)
		}
	}
	b, err := appendEmbeddings(nil, vectors, q.EncodingFormat == "base64", s.serving.EmbedderName, tokens)
	if err != nil {
		return err
	}
	sendBytes(w, http.StatusOK, b)
	return nil
}

// appendEmbeddings writes an [EmbeddingsResponse].
func appendEmbeddings(b []byte, vectors [][]float32, base64 bool, model string, tokens int) ([]byte, error) {
	name, err := json.Marshal(model)
	if err != nil {
		return nil, err
	}
	size := 100 + len(name)
	for _, v := range vectors {
		size += 60 + 6*len(v)
	}
	b = slices.Grow(b, size)
	b = append(b, `{"object":"list","data":[`...)
	for i, v := range vectors {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"object":"embedding","index":`...)
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, `,"embedding":`...)
		if base64 {
			b = appendBase64(b, v)
		} else if b, err = appendNumbers(b, v); err != nil {
			return nil, err
		}
		b = append(b, '}')
	}
	b = append(b, `],"model":`...)
	b = append(b, name...)
	b = append(b, `,"usage":{"prompt_tokens":`...)
	b = strconv.AppendInt(b, int64(tokens), 10)
	b = append(b, `,"total_tokens":`...)
	b = strconv.AppendInt(b, int64(tokens), 10)
	return append(b, "}}\n"...), nil
}

// appendBase64 writes a vector as the base64 of its little-endian float32.
func appendBase64(b []byte, v []float32) []byte {
	b = append(b, '"')
	var part [3 * 64]byte // three bytes are four letters, and twelve three numbers
	for len(v) > 0 {
		n := min(len(v), len(part)/4)
		raw := part[:0]
		for _, x := range v[:n] {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
		}
		b = base64.StdEncoding.AppendEncode(b, raw)
		v = v[n:]
	}
	return append(b, '"')
}

// appendNumbers writes a vector as numbers.
func appendNumbers(b []byte, v []float32) ([]byte, error) {
	b = append(b, '[')
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		if x-x != 0 {
			return nil, fmt.Errorf("component %d of a vector is %v, which has no JSON form", i, x)
		}
		b = strconv.AppendFloat(b, float64(x), 'g', -1, 32)
	}
	return append(b, ']'), nil
}

// TokenDecoder turns token ids into the text that they stand for, such as a
// [text.Tokenizer].
type TokenDecoder interface {
	// Decode returns the text of ids.
	Decode(ids []int32, skipSpecial bool) string
}

// inputs are the texts of a request, one or at most MaxBatch, and the number of their
// words or tokens.
func (s *Server) inputs(raw rawJSON) (texts []string, tokens int, err error) {
	var one string
	if len(raw) > 0 && raw[0] == '"' {
		if err := json.Unmarshal(raw, &one); err != nil || one == "" {
			return nil, 0, fmt.Errorf("input is empty: %w", quintet.ErrInput)
		}
		texts = []string{one}
	} else if json.Unmarshal(raw, &texts) != nil {
		texts, tokens, err = s.decoded(raw)
	}
	if err != nil {
		return nil, 0, err
	}
	if limit := s.opt.MaxBatch; len(texts) == 0 || len(texts) > limit || slices.Contains(texts, "") {
		return nil, 0, fmt.Errorf("input must have 1 to %d texts, none of them empty: %w", limit, quintet.ErrInput)
	}
	if tokens == 0 {
		for _, t := range texts {
			tokens += len(strings.Fields(t))
		}
	}
	return texts, tokens, nil
}

// decoded are the texts of lists of token ids.
func (s *Server) decoded(raw rawJSON) (texts []string, tokens int, err error) {
	var one []int32
	var many [][]int32
	if json.Unmarshal(raw, &one) == nil {
		many = [][]int32{one}
	} else if json.Unmarshal(raw, &many) != nil {
		return nil, 0, fmt.Errorf("input must be a string or an array of strings: %w", quintet.ErrInput)
	}
	if s.serving.Tokens == nil {
		return nil, 0, fmt.Errorf("input of token ids, whose vocabulary the server does not have; send texts: %w", quintet.ErrUnsupported)
	}
	for _, ids := range many {
		texts = append(texts, s.serving.Tokens.Decode(ids, true))
		tokens += len(ids)
	}
	return texts, tokens, nil
}

// RerankRequest is the body of POST /v1/rerank, as Cohere defines it.
type RerankRequest struct {
	Model           string   `json:"model,omitempty"`            // ignored: there is one
	Query           string   `json:"query"`                      // the question
	Documents       []string `json:"documents"`                  // what may answer it
	TopN            int      `json:"top_n,omitempty"`            // default: all
	ReturnDocuments bool     `json:"return_documents,omitempty"` // default: indexes and scores only
}

// RerankResponse is its answer.
type RerankResponse struct {
	Results []RerankResult `json:"results"` // the most relevant first
}

// RerankResult is one document.
type RerankResult struct {
	Index          int     `json:"index"`              // of the document
	RelevanceScore float64 `json:"relevance_score"`    // higher is better
	Document       string  `json:"document,omitempty"` // if it was asked for
}

func (s *Server) rerank(ctx context.Context, q RerankRequest) (RerankResponse, error) {
	if n := len(q.Documents); q.Query == "" || n == 0 || n > s.opt.MaxBatch || q.TopN < 0 {
		return RerankResponse{}, fmt.Errorf("want a query and 1 to %d documents: %w", s.opt.MaxBatch, quintet.ErrInput)
	}
	pairs := make([]text.Pair, len(q.Documents))
	for i, d := range q.Documents {
		pairs[i] = text.Pair{Query: q.Query, Passage: d}
	}
	scores, err := s.serving.Reranker.RunBatch(ctx, pairs)
	if err != nil {
		return RerankResponse{}, err
	}
	out := make([]RerankResult, len(scores))
	for i, score := range scores {
		out[i] = RerankResult{Index: i, RelevanceScore: score}
		if q.ReturnDocuments {
			out[i].Document = q.Documents[i]
		}
	}
	slices.SortStableFunc(out, func(a, b RerankResult) int { return cmp.Compare(b.RelevanceScore, a.RelevanceScore) })
	return RerankResponse{out[:min(len(out), cmp.Or(q.TopN, len(out)))]}, nil
}

// ModelList is the answer of GET /v1/models.
type ModelList struct {
	Object string      `json:"object"` // "list"
	Data   []ModelInfo `json:"data"`   // by name
}

// ModelInfo is one model.
type ModelInfo struct {
	ID      string `json:"id"`       // its name
	Object  string `json:"object"`   // "model"
	Created int64  `json:"created"`  // when the server started, in seconds since 1970
	OwnedBy string `json:"owned_by"` // "quintet"
}

func (s *Server) models(w http.ResponseWriter, _ *http.Request) error {
	names := slices.Sorted(maps.Keys(s.serving.Models))
	if s.serving.Embedder != nil {
		names = append([]string{s.serving.EmbedderName}, names...)
	}
	if s.serving.Transcriber != nil || s.serving.Translator != nil {
		names = append(names, s.serving.TranscriberName)
	}
	out := ModelList{Object: "list", Data: make([]ModelInfo, len(names))}
	for i, name := range names {
		out.Data[i] = ModelInfo{name, "model", s.started.Truncate(time.Second).Unix(), "quintet"}
	}
	send(w, http.StatusOK, out)
	return nil
}

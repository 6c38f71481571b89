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
		post("/v1/embeddings", "embeddings", "text:embed", "Vectors of texts", EmbeddingsRequest{}, EmbeddingsResponse{}, answerWith(s.embeddings))
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
	Input          rawJSON `json:"input"`                     // a string or an array of strings
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

// Usage counts words, since the embedded models have no tokens of their own.
type Usage struct {
	PromptTokens int `json:"prompt_tokens"` // of the inputs
	TotalTokens  int `json:"total_tokens"`  // the same
}

func (s *Server) embeddings(ctx context.Context, q EmbeddingsRequest) (EmbeddingsResponse, error) {
	inputs, err := q.inputs(s.opt.MaxBatch)
	if err != nil {
		return EmbeddingsResponse{}, err
	}
	if q.Model != "" && q.Model != s.serving.EmbedderName {
		return EmbeddingsResponse{}, fmt.Errorf("no model %.100q: %w", q.Model, errNotFound)
	}
	if q.EncodingFormat != "" && q.EncodingFormat != "float" && q.EncodingFormat != "base64" {
		return EmbeddingsResponse{}, fmt.Errorf("encoding_format %.50q, want float or base64: %w", q.EncodingFormat, quintet.ErrInput)
	}
	vectors, err := s.serving.Embedder.RunBatch(ctx, inputs)
	if err != nil {
		return EmbeddingsResponse{}, err
	}
	out := EmbeddingsResponse{Object: "list", Data: make([]Embedding, len(vectors)), Model: s.serving.EmbedderName}
	for i, v := range vectors {
		if q.Dimensions != 0 && q.Dimensions != len(v) {
			return EmbeddingsResponse{}, fmt.Errorf("dimensions are %d, the model has %d: %w", q.Dimensions, len(v), quintet.ErrInput)
		}
		encoded, err := encodeVector(v, q.EncodingFormat)
		if err != nil {
			return EmbeddingsResponse{}, err
		}
		out.Data[i] = Embedding{"embedding", i, encoded}
		out.Usage.PromptTokens += len(strings.Fields(inputs[i]))
	}
	out.Usage.TotalTokens = out.Usage.PromptTokens
	return out, nil
}

// inputs are the texts of a request: one, or at most limit.
func (q EmbeddingsRequest) inputs(limit int) ([]string, error) {
	var one string
	if json.Unmarshal(q.Input, &one) == nil && one != "" {
		return []string{one}, nil
	}
	var many []string
	if err := json.Unmarshal(q.Input, &many); err != nil {
		var tokens []json.Number
		var lists [][]json.Number
		if json.Unmarshal(q.Input, &tokens) == nil || json.Unmarshal(q.Input, &lists) == nil {
			return nil, fmt.Errorf("input of tokens, whose numbers mean another vocabulary; send texts: %w", quintet.ErrUnsupported)
		}
		return nil, fmt.Errorf("input must be a string or an array of strings: %w", quintet.ErrInput)
	}
	if len(many) == 0 || len(many) > limit || slices.Contains(many, "") {
		return nil, fmt.Errorf("input must have 1 to %d texts, none of them empty: %w", limit, quintet.ErrInput)
	}
	return many, nil
}

// encodeVector writes a vector as a client asked for it. Base64 is four times quicker.
func encodeVector(v []float32, format string) (rawJSON, error) {
	if format != "base64" {
		return json.Marshal(v)
	}
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	out := make([]byte, 1, 2+base64.StdEncoding.EncodedLen(len(b)))
	out[0] = '"'
	return append(base64.StdEncoding.AppendEncode(out, b), '"'), nil
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
	out := ModelList{Object: "list", Data: make([]ModelInfo, len(names))}
	for i, name := range names {
		out.Data[i] = ModelInfo{name, "model", s.started.Truncate(time.Second).Unix(), "quintet"}
	}
	send(w, http.StatusOK, out)
	return nil
}

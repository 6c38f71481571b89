package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/vector"
)

// vectorRoutes are those of the vector store.
func (s *Server) vectorRoutes() []route {
	if !s.vectors() {
		return nil
	}
	post := func(verb, summary string, request, response any, f func(http.ResponseWriter, *http.Request) error) route {
		return route{
			method: http.MethodPost, pattern: "/api/v1/vector/" + verb, permission: "vector:" + verb, tag: "vector",
			summary: summary, maxBody: largeBody, request: request, response: response, serve: f,
		}
	}
	return []route{
		post("search", "Find the nearest items", SearchRequest{}, SearchResponse{}, answerWith(s.search)),
		post("upsert", "Add or replace items", UpsertRequest{}, CountResponse{}, answerWith(s.upsert)),
		post("delete", "Remove items", DeleteRequest{}, CountResponse{}, answerWith(s.remove)),
	}
}

// vectors reports whether there is a store.
func (s *Server) vectors() bool { return s.serving.Vectors != nil || s.serving.VectorsOf != nil }

// store returns the store of the caller's tenant.
func (s *Server) store(ctx context.Context) (vector.Store[string], error) {
	if s.serving.VectorsOf == nil {
		return s.serving.Vectors, nil
	}
	p, _ := auth.FromContext(ctx)
	return s.serving.VectorsOf(ctx, p.Tenant)
}

// SearchRequest is the body of POST /api/v1/vector/search.
type SearchRequest struct {
	Query  string         `json:"query,omitempty"`  // a text; it needs an embedder
	Vector []float32      `json:"vector,omitempty"` // or a vector
	TopK   int            `json:"top_k,omitempty"`  // default: 10; at most 1,000
	Filter map[string]any `json:"filter,omitempty"` // see [ParseFilter]
	Exact  bool           `json:"exact,omitempty"`  // compare with every vector
}

// SearchResponse is its answer.
type SearchResponse struct {
	Results []vector.Hit[string] `json:"results"` // best first
}

func (s *Server) search(ctx context.Context, q SearchRequest) (SearchResponse, error) {
	if q.TopK < 0 || q.TopK > 1000 {
		return SearchResponse{}, fmt.Errorf("top_k is %d, want 1 to 1,000: %w", q.TopK, quintet.ErrInput)
	}
	if (q.Query == "") == (len(q.Vector) == 0) {
		return SearchResponse{}, fmt.Errorf("want a query or a vector, and not both: %w", quintet.ErrInput)
	}
	f, err := ParseFilter(q.Filter)
	if err != nil {
		return SearchResponse{}, err
	}
	v := q.Vector
	if q.Query != "" {
		if v, err = s.embed(ctx, q.Query); err != nil {
			return SearchResponse{}, err
		}
	}
	store, err := s.store(ctx)
	if err != nil {
		return SearchResponse{}, err
	}
	hits, err := store.Search(ctx, vector.Query{Vector: v, K: q.TopK, Filter: f, Exact: q.Exact})
	if hits == nil {
		hits = []vector.Hit[string]{}
	}
	return SearchResponse{hits}, err
}

func (s *Server) embed(ctx context.Context, text string) ([]float32, error) {
	if s.serving.Embedder == nil {
		return nil, fmt.Errorf("no embedder for texts: %w", quintet.ErrUnsupported)
	}
	return s.serving.Embedder.Run(ctx, text)
}

// UpsertRequest is the body of POST /api/v1/vector/upsert.
type UpsertRequest struct {
	Items []UpsertItem `json:"items"` // all or none are stored
}

// UpsertItem is an item with a vector, or a text that an embedder makes one of.
type UpsertItem struct {
	ID     string         `json:"id"`               // replaces the item of this ID
	Vector []float32      `json:"vector,omitempty"` // default: made of the text
	Text   string         `json:"text,omitempty"`   // kept with the item
	Meta   map[string]any `json:"meta,omitempty"`   // strings, numbers, booleans, lists of strings
}

// CountResponse says how many items a change was about.
type CountResponse struct {
	Count int `json:"count"` // items
}

func (s *Server) upsert(ctx context.Context, q UpsertRequest) (CountResponse, error) {
	items := make([]vector.Item[string], len(q.Items))
	for i, in := range q.Items {
		meta, err := metaOf(in.Meta)
		if err != nil {
			return CountResponse{}, fmt.Errorf("items[%d]: %w", i, err)
		}
		v := in.Vector
		if len(v) == 0 && in.Text != "" {
			if v, err = s.embed(ctx, in.Text); err != nil {
				return CountResponse{}, fmt.Errorf("items[%d]: %w", i, err)
			}
		}
		items[i] = vector.Item[string]{ID: in.ID, Vector: v, Meta: meta, Text: in.Text}
	}
	if len(items) == 0 {
		return CountResponse{}, fmt.Errorf("no items: %w", quintet.ErrInput)
	}
	store, err := s.store(ctx)
	if err != nil {
		return CountResponse{}, err
	}
	return CountResponse{len(items)}, store.Upsert(ctx, items...)
}

// metaOf makes metadata of JSON: a list must be of strings.
func metaOf(in map[string]any) (vector.Meta, error) {
	out := make(vector.Meta, len(in))
	for k, v := range in {
		list, ok := v.([]any)
		if !ok {
			out[k] = v // the store refuses other types
			continue
		}
		names := make([]string, len(list))
		for i, e := range list {
			if names[i], ok = e.(string); !ok {
				return nil, fmt.Errorf("meta %.50q: a list must be of strings: %w", k, quintet.ErrInput)
			}
		}
		out[k] = names
	}
	return out, nil
}

// DeleteRequest is the body of POST /api/v1/vector/delete.
type DeleteRequest struct {
	IDs []string `json:"ids"` // those that are not there do no harm
}

func (s *Server) remove(ctx context.Context, q DeleteRequest) (CountResponse, error) {
	store, err := s.store(ctx)
	if err != nil {
		return CountResponse{}, err
	}
	n, err := store.Delete(ctx, q.IDs...)
	return CountResponse{n}, err
}

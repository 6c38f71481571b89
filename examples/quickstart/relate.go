package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vision"
)

// A passage is a piece of an input that a search can find.
type passage struct {
	source string // the file, and the paragraph in it
	body   string
}

// Hit is a passage that answers the query.
type Hit struct {
	Source string  `json:"source"`
	Score  float64 `json:"score"` // cosine similarity
	Text   string  `json:"text"`
}

// Links is what the graph of passages and their keywords says.
type Links struct {
	Graph   graph.Result[string]   `json:"graph"`
	Central []graph.Ranked[string] `json:"central"` // the terms that passages share, most central first
}

// paragraphs splits a text at blank lines.
func paragraphs(name, body string) (out []passage) {
	body = strings.ReplaceAll(body, "\r\n", "\n")
	for p := range strings.SplitSeq(body, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, passage{fmt.Sprintf("%s, paragraph %d", name, len(out)+1), p})
		}
	}
	return out
}

// title turns the name of a file into words.
func title(name string) string {
	name = strings.TrimSuffix(name, filepath.Ext(name))
	return strings.NewReplacer("-", " ", "_", " ", ".", " ").Replace(name)
}

func describePicture(r vision.Result) string {
	p := r.Properties
	shape := "square"
	switch {
	case p.Width > p.Height:
		shape = "wide"
	case p.Width < p.Height:
		shape = "tall"
	}
	light := "evenly lit"
	switch {
	case p.MeanLuma < 85:
		light = "dark"
	case p.MeanLuma > 170:
		light = "bright"
	}
	faces := ""
	if n := len(r.Faces); n == 1 {
		faces = " with the face of a person"
	} else if n > 1 {
		faces = fmt.Sprintf(" with the faces of %d persons", n)
	}
	return fmt.Sprintf("%s: a %s, %s picture of %d by %d pixels%s.", title(r.ID), shape, light, p.Width, p.Height, faces)
}

func describeSound(r audio.Result) string {
	p := r.Properties
	return fmt.Sprintf("%s: a sound of %.1f seconds, %d channel(s) at %d Hz.", title(r.ID), p.Duration.Seconds(), p.Channels, p.Rate)
}

// search stores the passages by their vectors, answers the query and returns for
// each passage its nearest others.
func (r *Report) search(ctx context.Context, rt *optimize.Runtime, passages []passage) ([][]vector.Hit[int], error) {
	embedder, err := text.NewEmbedder(text.EmbedderOptions{Runtime: rt})
	if err != nil {
		return nil, err
	}
	defer embedder.Close()
	bodies := make([]string, len(passages))
	for i, p := range passages {
		bodies[i] = p.body
	}
	vectors, err := embedder.RunBatch(ctx, bodies)
	if err != nil {
		return nil, err
	}
	store, err := vector.New[int](vector.Options{Dim: len(vectors[0]), Runtime: rt})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	for i, v := range vectors {
		if err := store.Upsert(ctx, vector.Item[int]{ID: i, Vector: v, Text: bodies[i]}); err != nil {
			return nil, err
		}
	}
	searcher, err := vector.NewPipeline(store, vector.PipelineOptions{Runtime: rt})
	if err != nil {
		return nil, err
	}
	defer searcher.Close()

	q, err := embedder.Run(ctx, r.Query)
	if err != nil {
		return nil, fmt.Errorf("query %q: %w", r.Query, err)
	}
	hits, err := searcher.Run(ctx, vector.Query{Vector: q, K: 3})
	if err != nil {
		return nil, err
	}
	for _, h := range hits {
		r.Hits = append(r.Hits, Hit{passages[h.ID].source, h.Score, bodies[h.ID]})
	}
	queries := make([]vector.Query, len(vectors))
	for i, v := range vectors {
		queries[i] = vector.Query{Vector: v, K: 3}
	}
	return searcher.RunBatch(ctx, queries)
}

// link joins each passage with the keywords of all that occur in it and with the
// passages most like it, and asks the graph which keywords tie the most together.
func (r *Report) link(ctx context.Context, rt *optimize.Runtime, passages []passage, near [][]vector.Hit[int]) error {
	terms := map[string]bool{}
	for _, p := range passages {
		for _, k := range text.Keywords(p.body, 12) {
			for w := range strings.FieldsSeq(k.Term) {
				terms[w] = true
			}
		}
	}
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	for i, p := range passages {
		for _, t := range text.Tokens(p.body) {
			if w := strings.ToLower(t.Of(p.body)); t.Kind == text.TokenWord && terms[w] {
				b.AddEdge(p.source, w, 1)
			}
		}
		for _, h := range near[i] {
			if h.ID != i && h.Score > 0.05 {
				b.AddEdge(p.source, passages[h.ID].source, float32(h.Score))
			}
		}
	}
	g, err := b.Build()
	if err != nil {
		return err
	}
	analyser, err := graph.New[string](graph.Options{Runtime: rt})
	if err != nil {
		return err
	}
	defer analyser.Close()
	if r.Links.Graph, err = analyser.Run(ctx, g); err != nil {
		return err
	}
	ranks, err := graph.PageRank(ctx, g, graph.PageRankOptions{})
	if err != nil {
		return err
	}
	for _, node := range ranks.Top(g.Order()) {
		if terms[node.Node] && g.Degree(node.Node) > 1 && len(r.Links.Central) < 8 {
			r.Links.Central = append(r.Links.Central, node)
		}
	}
	return nil
}

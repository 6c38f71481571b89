package main

import (
	"context"
	"fmt"
	"io"

	"github.com/quintet-ai/quintet/vector"
)

// question is what to look for.
type question struct {
	text   string
	kind   string // empty for all
	people bool   // only with faces or speech
	limit  int
}

func (q question) check() error {
	switch q.kind {
	case "", kindText, kindPhoto, kindRecording:
		return nil
	}
	return fmt.Errorf("kind is %q, want text, photo or recording", q.kind)
}

func (q question) filter() vector.Filter {
	var all []vector.Filter
	if q.kind != "" {
		all = append(all, vector.Eq("kind", q.kind))
	}
	if q.people {
		all = append(all, vector.Eq("people", true))
	}
	return vector.And(all...)
}

// hit is an answer, the better the higher its score.
type hit struct {
	part
	Score float64
}

// search finds parts by their words and, with CLIP, photographs by what they show. The two
// rankings become one by their ranks, for their scores are not on one scale.
func (l *library) search(ctx context.Context, q question) ([]hit, error) {
	hits, err := l.byWords(ctx, q)
	if err != nil {
		return nil, err
	}
	if l.seen != nil {
		sights, err := l.bySight(ctx, q)
		if err != nil {
			return nil, err
		}
		if hits, err = vector.FuseRRF(vector.FuseOptions{Limit: q.limit}, hits, sights); err != nil {
			return nil, err
		}
	}
	var out []hit
	for _, h := range hits {
		out = append(out, hit{l.parts[h.ID], h.Score})
	}
	return out, nil
}

func (l *library) byWords(ctx context.Context, q question) ([]vector.Hit[string], error) {
	v, err := l.texts.Run(ctx, q.text)
	if err != nil || zero(v) {
		return nil, err
	}
	const unlike = 0.95 // the cosine distance from which parts share nothing with the question
	return l.words.Search(ctx, vector.Query{
		Vector: v, Text: q.text, K: q.limit, Filter: q.filter(), MaxDistance: unlike, Fusion: vector.ByScore,
	})
}

func (l *library) bySight(ctx context.Context, q question) ([]vector.Hit[string], error) {
	v, err := l.phrases.Run(ctx, q.text)
	if err != nil {
		return nil, err
	}
	return l.seen.Search(ctx, vector.Query{Vector: v, K: q.limit, Filter: q.filter()})
}

func printHits(out io.Writer, hits []hit) {
	if len(hits) == 0 {
		fmt.Fprintln(out, "nothing found")
	}
	for _, h := range hits {
		fmt.Fprintf(out, "%.2f  %-9s %s, %s\n      %s\n", h.Score, h.Kind, h.Path, h.Note, h.Short(200))
	}
}

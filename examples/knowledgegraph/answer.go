package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/text"
)

// answer is a sentence that says something about a question.
type answer struct {
	Path  string
	Line  int
	Text  string
	Score float64 // from 0 to 1: of the ranks, those that it names
}

// answer returns the n sentences that name most of what matters for a question.
func (l *library) answer(ctx context.Context, question string, n int) ([]answer, error) {
	seeds := l.seeds(question)
	if len(seeds) == 0 {
		return nil, nil
	}
	g, err := l.entities.Graph()
	if err != nil {
		return nil, err
	}
	near, err := graph.Retrieve(ctx, g, seeds, graph.RetrieveOptions{Push: graph.PushPageRankOptions{Damping: 0.5}})
	if err != nil {
		return nil, err
	}
	ranks := map[string]float64{}
	for _, r := range near.Nodes {
		ranks[r.Node] = r.Score
	}
	var out []answer
	for _, d := range l.entities.RankDocuments(near.Nodes, 4*n) {
		out = append(out, l.sentences(d.Node, ranks)...)
	}
	slices.SortStableFunc(out, func(a, b answer) int { return cmp.Compare(b.Score, a.Score) })
	return out[:min(n, len(out))], nil
}

// seeds are the entities that a question names, or of whose words it has some.
func (l *library) seeds(question string) map[string]float64 {
	asked := map[string]bool{}
	for _, w := range text.Lemmas(question) {
		asked[strings.ToLower(w.Of(question))] = true
		asked[strings.ToLower(w.Lemma)] = true
	}
	seeds := map[string]float64{}
	for _, e := range l.entities.Entities() {
		words, known := strings.Fields(strings.ToLower(e.Entity)), 0.0
		for _, w := range words {
			if asked[w] && len(w) > 2 {
				known++
			}
		}
		if known > 0 {
			seeds[e.Entity] = known / float64(len(words))
		}
	}
	return seeds
}

// sentences returns the sentences of a file that name an entity with a rank.
func (l *library) sentences(path string, ranks map[string]float64) (out []answer) {
	body := l.bodies[path]
	var mentions []graph.EntityMention
	for name := range ranks {
		for _, m := range l.entities.Mentions(name) {
			if m.Document == path {
				mentions = append(mentions, m)
			}
		}
	}
	for _, s := range text.Sentences(body) {
		named, score := map[string]bool{}, 0.0
		for _, m := range mentions {
			if m.Start >= s.Start && m.End <= s.End {
				named[m.Entity] = true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(named)) {
			score += ranks[name]
		}
		if score > 0 {
			out = append(out, answer{
				Path: path, Line: 1 + strings.Count(body[:s.Start], "\n"),
				Text: short(s.Of(body)), Score: score,
			})
		}
	}
	return out
}

// short returns a text on one line, the beginning of a long one.
func short(s string) string {
	const enough = 300
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= enough {
		return s
	}
	return strings.ToValidUTF8(s[:enough], "") + "…"
}

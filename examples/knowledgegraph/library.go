package main

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/files"
	"github.com/quintet-ai/quintet/internal/terminal"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
)

const (
	maxFile  = 4 << 20 // larger files are left out
	keywords = 12      // of a file
	term     = "term"  // the kind of a keyword
)

// library is the files of a folder and what they name.
type library struct {
	bodies   map[string]string // by path
	entities *graph.EntityGraph
	leftOut  int // files
}

// find finds the names in a text.
type find func(ctx context.Context, body string) ([]text.Entity, error)

// finder returns what finds names: the package's own model, or the one in a directory.
func finder(model string) (find, func() error, error) {
	if model == "" {
		none := func() error { return nil }
		return func(_ context.Context, body string) ([]text.Entity, error) { return text.Entities(body), nil }, none, nil
	}
	m, err := optimize.OpenModel(model)
	if err != nil {
		return nil, nil, err
	}
	tagger, err := text.NewEntityTagger(text.EntityTaggerOptions{Model: m})
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, body string) ([]text.Entity, error) {
		spans := text.Sentences(body)
		sentences := make([]string, len(spans))
		for i, s := range spans {
			sentences[i] = s.Of(body)
		}
		found, err := tagger.RunBatch(ctx, sentences)
		var out []text.Entity
		for i, some := range found {
			for _, e := range some {
				e.Start, e.End = e.Start+spans[i].Start, e.End+spans[i].Start
				out = append(out, e)
			}
		}
		return out, err
	}, tagger.Close, nil
}

// read reads the texts of a folder. The same name with an 's is one.
func read(ctx context.Context, folder fs.FS, names find, b *terminal.Bar) (*library, error) {
	l := &library{bodies: map[string]string{}}
	paths, err := files.List(folder)
	if err != nil {
		return nil, err
	}
	canonical := func(name string) string {
		name = strings.Join(strings.Fields(name), " ")
		return strings.TrimSuffix(strings.TrimSuffix(name, "'s"), "’s")
	}
	if l.entities, err = graph.NewEntityGraph(graph.EntityGraphOptions{Canonical: canonical}); err != nil {
		return nil, err
	}
	b.Start(len(paths))
	defer b.Stop()
	for _, path := range paths {
		if body := readText(folder, path); body == "" {
			l.leftOut++
		} else if err := l.add(ctx, path, body, names); err != nil {
			return nil, err
		}
		b.Step(1, path)
	}
	return l, ctx.Err()
}

// readText returns the content of a file, or "" if it is no text that can be read.
func readText(folder fs.FS, path string) string {
	f, err := folder.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil || len(data) > maxFile || !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return ""
	}
	return string(data)
}

// add takes in a file: its names, and its keywords where no name stands.
func (l *library) add(ctx context.Context, path, body string, names find) error {
	found, err := names(ctx, body)
	if err != nil {
		return err
	}
	doc := graph.EntityDocument{ID: path}
	taken := make([]bool, len(body))
	mention := func(name, kind string, at text.Span) {
		doc.Mentions = append(doc.Mentions, graph.Mention{Entity: name, Kind: kind, Start: at.Start, End: at.End})
		for i := at.Start; i < at.End; i++ {
			taken[i] = true
		}
	}
	for _, e := range found {
		mention(e.Of(body), e.Label, e.Span)
	}
	for _, k := range text.Keywords(body, keywords) {
		for at := range occurrences(body, k.Term) {
			if !taken[at.Start] && !taken[at.End-1] {
				mention(k.Term, term, at)
			}
		}
	}
	l.bodies[path] = body
	return l.entities.Upsert(doc)
}

// occurrences yields where a term stands in a body as whole words, in capitals or not.
func occurrences(body, term string) func(yield func(text.Span) bool) {
	return func(yield func(text.Span) bool) {
		for i := 0; i+len(term) <= len(body); i++ {
			end := i + len(term)
			if !strings.EqualFold(body[i:end], term) {
				continue
			}
			before, _ := utf8.DecodeLastRuneInString(body[:i])
			after, _ := utf8.DecodeRuneInString(body[end:])
			if !wordRune(before) && !wordRune(after) && !yield(text.Span{Start: i, End: end}) {
				return
			}
		}
	}
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

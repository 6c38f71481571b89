package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
)

// library is the passages of a folder, by the place of each: "notes/a.txt#3" is the
// fourth of a file.
type library struct {
	embedder *text.Embedder
	passages *vector.Collection[string]
}

func openLibrary(c command) (*library, error) {
	o := text.EmbedderOptions{}
	if c.model != "" {
		m, err := optimize.OpenModel(c.model)
		if err != nil {
			return nil, err
		}
		o.Model = m
	}
	e, err := text.NewEmbedder(o)
	if err != nil {
		return nil, err
	}
	dir := c.index
	if dir == "" {
		if dir, err = cached(c.folder, c.model); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	p, err := vector.Open[string](dir, vector.Options{Dim: e.Dim(), Sync: vector.SyncEvery, TextIndex: true})
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return &library{e, p}, nil
}

// cached is the directory of the index of a folder made with a model.
func cached(folder, model string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder, err = filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(folder + "\x00" + model))
	return filepath.Join(cache, "quintet", "semanticsearch", fmt.Sprintf("%x", sum[:8])), nil
}

func (l *library) close() error { return errors.Join(l.passages.Close(), l.embedder.Close()) }

// question is what to look for, and where.
type question struct {
	text, path    string
	after, before time.Time
	limit         int
}

func (q question) filter() vector.Filter {
	var all []vector.Filter
	if q.path != "" {
		all = append(all, vector.Range("path", q.path, q.path+"\U0010ffff"))
	}
	if !q.after.IsZero() {
		all = append(all, vector.AtLeast("modified", q.after))
	}
	if !q.before.IsZero() {
		all = append(all, vector.Not(vector.AtLeast("modified", q.before)))
	}
	return vector.And(all...)
}

// passage is an answer.
type passage struct {
	Path     string
	Line     int // where it begins
	Modified time.Time
	Text     string
	Score    float64
}

// Short returns at most n bytes of the passage on one line.
func (p passage) Short(n int) string {
	s := strings.Join(strings.Fields(p.Text), " ")
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

func (l *library) search(ctx context.Context, q question) ([]passage, error) {
	v, err := l.embedder.Run(ctx, q.text)
	if err != nil || zero(v) {
		return nil, err
	}
	const unlike = 0.999 // the cosine distance from which passages share nothing with the question
	hits, err := l.passages.Search(ctx, vector.Query{
		Vector: v, Text: q.text, K: q.limit, Filter: q.filter(), MaxDistance: unlike, Fusion: vector.ByScore,
	})
	if err != nil {
		return nil, err
	}
	var out []passage
	for _, h := range hits {
		item, ok, err := l.passages.Get(ctx, h.ID)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, passageOf(item, h.Score))
		}
	}
	return out, nil
}

func passageOf(item vector.Item[string], score float64) passage {
	p := passage{Text: item.Text, Score: score}
	p.Path, _ = item.Meta["path"].(string)
	p.Modified, _ = item.Meta["modified"].(time.Time)
	line, _ := item.Meta["line"].(int)
	p.Line = line
	return p
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/quintet-ai/quintet/internal/files"
	"github.com/quintet-ai/quintet/internal/terminal"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
)

// maxFile bounds the files that are read; larger ones are left out.
const maxFile = 16 << 20

// summary counts the files of an update.
type summary struct {
	files, changed, removed int
	skipped                 int // no text, too large, or not to be read
	passages                int // in the library
}

func (s summary) String() string {
	return fmt.Sprintf("%d files, %d new or changed, %d gone, %d left out; %d passages",
		s.files, s.changed, s.removed, s.skipped, s.passages)
}

// update makes the library hold what the folder holds.
func (l *library) update(ctx context.Context, folder fs.FS, b *terminal.Bar) (sum summary, err error) {
	paths, err := files.List(folder)
	if err != nil {
		return sum, err
	}
	known, err := l.known(ctx)
	if err != nil {
		return sum, err
	}
	b.Start(len(paths))
	for _, path := range paths {
		state, err := l.updateFile(ctx, folder, path, known[path])
		if err != nil {
			return sum, err
		}
		switch state {
		case skipped:
			sum.skipped++
		case changed:
			sum.changed++
			fallthrough
		default:
			sum.files++
			delete(known, path)
		}
		b.Step(1, path)
	}
	b.Stop()
	for path, n := range known {
		if err := l.forget(ctx, path, 0, n); err != nil {
			return sum, err
		}
		sum.removed++
	}
	sum.passages = l.passages.Len()
	return sum, nil
}

// known returns how many passages the library has of each file.
func (l *library) known(ctx context.Context) (map[string]int, error) {
	known := map[string]int{}
	for item, err := range l.passages.All(ctx) {
		if err != nil {
			return nil, err
		}
		path, _ := item.Meta["path"].(string)
		known[path]++
	}
	return known, nil
}

type state int

const (
	unchanged state = iota
	changed
	skipped
)

// updateFile reads a file if it is not the one of which the library has n passages.
func (l *library) updateFile(ctx context.Context, folder fs.FS, path string, n int) (state, error) {
	info, err := fs.Stat(folder, path)
	if err != nil || info.Size() > maxFile {
		return skipped, nil
	}
	if n > 0 {
		first, ok, err := l.passages.Get(ctx, place(path, 0))
		if err != nil {
			return skipped, err
		}
		if ok && first.Meta["size"] == info.Size() && info.ModTime().Equal(passageOf(first, 0).Modified) {
			return unchanged, nil
		}
	}
	body, err := readText(folder, path)
	if err != nil || body == "" {
		return skipped, nil
	}
	items, err := l.items(ctx, path, body, info)
	if err != nil {
		return skipped, err
	}
	if err := l.passages.Upsert(ctx, items...); err != nil {
		return skipped, err
	}
	return changed, l.forget(ctx, path, len(items), n)
}

// readText returns the content of a file, or "" if it is no text: valid UTF-8
// without NUL.
func readText(folder fs.FS, path string) (string, error) {
	f, err := folder.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil || !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return "", err
	}
	return string(data), nil
}

// items are the passages of a file with their vectors.
func (l *library) items(ctx context.Context, path, body string, info fs.FileInfo) ([]vector.Item[string], error) {
	var items []vector.Item[string]
	var texts []string
	line, at := 1, 0
	for _, span := range split(body) {
		line += strings.Count(body[at:span.Start], "\n")
		at = span.Start
		texts = append(texts, span.Of(body))
		items = append(items, vector.Item[string]{
			ID:   place(path, len(items)),
			Text: span.Of(body),
			Meta: vector.Meta{"path": path, "line": line, "size": info.Size(), "modified": info.ModTime().Round(0)},
		})
	}
	vectors, err := l.embedder.RunBatch(ctx, texts)
	if err != nil {
		return nil, err
	}
	var out []vector.Item[string]
	for i, v := range vectors {
		if items[i].Vector = v; !zero(v) {
			items[i].ID = place(path, len(out))
			out = append(out, items[i])
		}
	}
	return out, nil
}

// zero says that a text has nothing to be found by, such as a line of stars.
func zero(v []float32) bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}

// split cuts a body into passages of whole sentences of one paragraph or more,
// about 600 bytes each.
func split(body string) []text.Span {
	const enough = 600
	var out []text.Span
	for _, s := range text.Sentences(body) {
		if n := len(out); n > 0 && out[n-1].Len() < enough {
			out[n-1].End = s.End
			continue
		}
		out = append(out, s.Span)
	}
	return out
}

// forget deletes the passages of a file from the given one on.
func (l *library) forget(ctx context.Context, path string, from, to int) error {
	var ids []string
	for i := from; i < to; i++ {
		ids = append(ids, place(path, i))
	}
	_, err := l.passages.Delete(ctx, ids...)
	return err
}

func place(path string, passage int) string { return fmt.Sprintf("%s#%d", path, passage) }

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/quintet-ai/quintet/internal/files"
	"github.com/quintet-ai/quintet/internal/terminal"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vision"
)

// The kinds of part.
const (
	kindText      = "text"
	kindPhoto     = "photo"
	kindRecording = "recording"
)

// part is what a search finds: a passage, a photograph, or a stretch of a recording.
type part struct {
	Path, Kind string
	Note       string        // what was measured, for people
	Text       string        // what it is found by
	At         time.Duration // in a recording
	people     bool          // faces or speech
	faces      []vision.Face // in a photograph
	sight      []float32     // by CLIP
}

// Short returns at most n bytes of the text on one line.
func (p part) Short(n int) string {
	s := strings.Join(strings.Fields(p.Text), " ")
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// library is a folder that was read.
type library struct {
	*models
	folder  fs.FS
	words   *vector.Collection[string] // of all parts
	seen    *vector.Collection[string] // of photographs by CLIP; nil without
	parts   map[string]part            // by ID; written by read only
	kinds   map[string]string          // of files
	count   map[string]int             // of files by kind
	leftOut []string                   // files, and why
	thumbs  *optimize.Cache[string, []byte]
}

func newLibrary(folder fs.FS, m *models) (l *library, err error) {
	l = &library{models: m, folder: folder, parts: map[string]part{}, kinds: map[string]string{}, count: map[string]int{}}
	if l.words, err = vector.New[string](vector.Options{Dim: m.texts.Dim(), TextIndex: true}); err != nil {
		return nil, err
	}
	cost := func(_ string, jpeg []byte) int64 { return int64(len(jpeg)) }
	l.thumbs, err = optimize.NewCache(optimize.CacheOptions[string, []byte]{Bytes: 64 << 20, Cost: cost})
	return l, err
}

func (l *library) close() error {
	if l.seen != nil {
		return errors.Join(l.words.Close(), l.seen.Close())
	}
	return l.words.Close()
}

// String says what there is, and what was left out.
func (l *library) String() string {
	s := fmt.Sprintf("%d texts, %d photographs, %d recordings; %d files left out\n",
		l.count[kindText], l.count[kindPhoto], l.count[kindRecording], len(l.leftOut))
	for _, why := range l.leftOut {
		s += "  " + why + "\n"
	}
	return s
}

// read takes in all files of the folder. What cannot be read is left out.
func (l *library) read(ctx context.Context, b *terminal.Bar) error {
	paths, err := files.List(l.folder)
	if err != nil {
		return err
	}
	b.Start(len(paths))
	defer b.Stop()
	for _, path := range paths {
		parts, err := l.partsOf(ctx, path)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			l.leftOut = append(l.leftOut, fmt.Sprintf("%s: %v", path, err))
		default:
			if err := l.add(ctx, path, parts); err != nil {
				return err
			}
		}
		b.Step(1, path)
	}
	return nil
}

// add puts the parts of a file into the collections.
func (l *library) add(ctx context.Context, path string, parts []part) error {
	var bodies []string
	for _, p := range parts {
		bodies = append(bodies, p.Text)
	}
	vectors, err := l.texts.RunBatch(ctx, bodies)
	if err != nil {
		return err
	}
	for i, p := range parts {
		id := place(path, i)
		meta := vector.Meta{"kind": p.Kind, "people": p.people}
		if !zero(vectors[i]) {
			item := vector.Item[string]{ID: id, Vector: vectors[i], Text: p.Text, Meta: meta}
			if err := l.words.Upsert(ctx, item); err != nil {
				return err
			}
		}
		if p.sight != nil {
			if l.seen == nil {
				if l.seen, err = vector.New[string](vector.Options{Dim: len(p.sight)}); err != nil {
					return err
				}
			}
			if err := l.seen.Upsert(ctx, vector.Item[string]{ID: id, Vector: p.sight, Meta: meta}); err != nil {
				return err
			}
		}
		l.parts[id] = p
		l.kinds[path] = p.Kind
	}
	if len(parts) > 0 {
		l.count[parts[0].Kind]++
	}
	return nil
}

// place is the ID of a part.
func place(path string, part int) string { return fmt.Sprintf("%s#%d", path, part) }

// zero says that a text has nothing to be found by.
func zero(v []float32) bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}

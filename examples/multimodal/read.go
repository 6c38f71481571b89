package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vision"
)

// maxFile bounds the files that are read.
const maxFile = 64 << 20

// partsOf reads a file, which its content says the kind of.
func (l *library) partsOf(ctx context.Context, path string) ([]part, error) {
	f, err := l.folder.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxFile:
		return nil, fmt.Errorf("more than %d bytes", maxFile)
	case vision.Sniff(data[:min(len(data), 12)]) != "":
		return l.photo(ctx, path, data)
	case audio.Sniff(data[:min(len(data), 40)]) != "":
		return l.recording(ctx, path, data)
	case utf8.Valid(data) && bytes.IndexByte(data, 0) < 0:
		return passages(path, string(data)), nil
	}
	return nil, errors.New("no text, photograph or recording")
}

// passages cuts a text into whole sentences, about 600 bytes each.
func passages(path, body string) (out []part) {
	const enough = 600
	var spans []text.Span
	for _, s := range text.Sentences(body) {
		if n := len(spans); n > 0 && spans[n-1].Len() < enough {
			spans[n-1].End = s.End
			continue
		}
		spans = append(spans, s.Span)
	}
	for _, s := range spans {
		line := 1 + strings.Count(body[:s.Start], "\n")
		out = append(out, part{Path: path, Kind: kindText, Note: fmt.Sprintf("line %d", line), Text: s.Of(body)})
	}
	return out
}

// photo looks at a picture.
func (l *library) photo(ctx context.Context, path string, data []byte) ([]part, error) {
	picture := vision.Picture{ID: path, Data: data}
	r, err := l.look.Run(ctx, picture)
	if err != nil {
		return nil, err
	}
	p := part{Path: path, Kind: kindPhoto, people: len(r.Faces) > 0, faces: r.Faces}
	notes := []string{fmt.Sprintf("%d × %d", r.Properties.Width, r.Properties.Height)}
	found := []string{pathWords(path)}
	e := r.Properties.EXIF
	if !e.Taken.IsZero() {
		notes = append(notes, e.Taken.Format(time.DateOnly))
		found = append(found, e.Taken.Format("January 2006"))
	}
	if e.Model != "" {
		notes = append(notes, e.Model)
		found = append(found, e.Make, e.Model)
	}
	if n := len(r.Faces); n > 0 {
		notes = append(notes, plural(n, "face"))
		found = append(found, plural(n, "face"))
	}
	for _, l := range r.Labels {
		notes = append(notes, l.Label)
		found = append(found, l.Label)
	}
	colors := colorNames(r.Colors)
	p.Note = strings.Join(append(notes, colors...), " · ")
	p.Text = strings.TrimSpace(strings.Join(append(found, colors...), ", ") + "\n" + r.Text.Text)
	if l.sights != nil {
		p.sight, err = l.sights.Run(ctx, picture)
	}
	return []part{p}, err
}

// recording listens to a sound, and writes down what is said if there is a model.
func (l *library) recording(ctx context.Context, path string, data []byte) ([]part, error) {
	clip, _, err := audio.Decode(bytes.NewReader(data), audio.DecodeOptions{ID: path})
	if err != nil {
		return nil, err
	}
	r, err := l.hear.Run(ctx, clip)
	if err != nil {
		return nil, err
	}
	spoken := time.Duration(0)
	for _, s := range r.Speech {
		spoken += s.End - s.Start
	}
	p := part{Path: path, Kind: kindRecording, people: spoken > 0, Note: clock(clip.Duration()), Text: pathWords(path)}
	if spoken > 0 {
		p.Note += ", " + clock(spoken) + " spoken"
		p.At, p.Text = r.Speech[0].Start, p.Text+", speech"
	}
	if music := spoken < clip.Duration()/2; music && len(r.Tempo) > 0 && len(r.Key) > 0 {
		as := fmt.Sprintf("%.0f beats a minute, %s", r.Tempo[0].BPM, r.Key[0].Key)
		p.Note, p.Text = p.Note+", "+as+" if it is music", p.Text+", "+as
	}
	parts := []part{p}
	if l.scribe == nil || spoken == 0 {
		return parts, nil
	}
	said, err := l.scribe.Run(ctx, clip)
	for _, s := range said.Segments {
		parts = append(parts, part{
			Path: path, Kind: kindRecording, Note: "at " + clock(s.Start), Text: s.Text, At: s.Start, people: true,
		})
	}
	return parts, err
}

// pathWords are the words of a path, for names tell much.
func pathWords(path string) string {
	between := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	return strings.Join(strings.FieldsFunc(path, between), " ")
}

func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

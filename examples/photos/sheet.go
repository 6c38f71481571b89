package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"

	"github.com/quintet-ai/quintet/internal/terminal"
	"github.com/quintet-ai/quintet/vision"
)

// Sizes of the sheet in pixels.
const (
	cellWidth, cellHeight = 232, 200
	margin                = 8
	caption               = 18
	maxCells              = 600 // of one sheet
)

// writeSheet writes a PNG with all photographs, or the first of very many.
func (a *album) writeSheet(ctx context.Context, name string, folder fs.FS, b *terminal.Bar) error {
	photos := a.Photos[:min(len(a.Photos), maxCells)]
	if len(photos) == 0 {
		return errors.New("no photographs for a sheet")
	}
	columns := min(int(math.Ceil(math.Sqrt(float64(len(photos))))), 8)
	rows := (len(photos) + columns - 1) / columns
	sheet := image.NewNRGBA(image.Rect(0, 0, columns*cellWidth, rows*cellHeight))
	draw.Draw(sheet, sheet.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	b.Start(len(photos))
	defer b.Stop()
	for i, r := range photos {
		if err := ctx.Err(); err != nil {
			return err
		}
		cell, err := a.cell(folder, i)
		if err != nil {
			return fmt.Errorf("%s: %w", r.ID, err)
		}
		at := image.Pt(i%columns*cellWidth, i/columns*cellHeight)
		draw.Draw(sheet, cell.Rect.Add(at), cell, image.Point{}, draw.Src)
		b.Step(1, r.ID)
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, sheet), f.Close())
}

// cell is a photograph on white paper, framed with its name and quality.
func (a *album) cell(folder fs.FS, i int) (*image.NRGBA, error) {
	r := a.Photos[i]
	small, err := thumbnail(folder, r)
	if err != nil {
		return nil, err
	}
	cell := image.NewNRGBA(image.Rect(0, 0, cellWidth, cellHeight))
	draw.Draw(cell, cell.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	room := image.Rect(margin, margin+caption, cellWidth-margin, cellHeight-margin)
	at := room.Min.Add(room.Size().Sub(small.Rect.Size()).Div(2))
	draw.Draw(cell, small.Rect.Add(at), small, image.Point{}, draw.Over)
	frame, star := a.frame(i)
	return vision.DrawMarks(cell, []vision.Mark{{
		Box: room.Inset(-2), Color: frame,
		Label: fmt.Sprintf("%-24s %s%.2f", short(path.Base(r.ID), 24), star, r.Properties.Quality),
	}})
}

// thumbnail returns a photograph with frames around what was found.
func thumbnail(folder fs.FS, r vision.Result) (*image.NRGBA, error) {
	data, err := fs.ReadFile(folder, r.ID)
	if err != nil {
		return nil, err
	}
	m, _, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{})
	if err != nil {
		return nil, err
	}
	small, err := vision.Thumbnail(m, cellWidth-2*margin, cellHeight-2*margin-caption, vision.FitContain)
	if err != nil {
		return nil, err
	}
	return vision.DrawMarks(small, marks(r, small.Rect.Size()))
}

// marks returns frames around what was found, for a copy of a photograph of another size.
// Faces come last: they are small and lie on people.
func marks(r vision.Result, size image.Point) (all []vision.Mark) {
	x := float64(size.X) / float64(r.Properties.Width)
	y := float64(size.Y) / float64(r.Properties.Height)
	add := func(box image.Rectangle, c vision.RGB) {
		all = append(all, vision.Mark{Color: c, Box: image.Rect(
			int(float64(box.Min.X)*x), int(float64(box.Min.Y)*y),
			int(math.Ceil(float64(box.Max.X)*x)), int(math.Ceil(float64(box.Max.Y)*y)))})
	}
	for _, o := range r.Objects {
		add(o.Box, vision.RGB{R: 40, G: 110, B: 255})
	}
	for _, l := range r.Text.Lines {
		add(l.Box, vision.RGB{R: 255, G: 140})
	}
	for _, f := range r.Faces {
		add(f.Box, vision.RGB{R: 0, G: 230, B: 80})
	}
	label(all, r.Objects)
	return all
}

// label names the objects, the surest first, where the name hides neither a face nor
// another name.
func label(all []vision.Mark, objects []vision.Object) {
	var taken []image.Rectangle
	for _, m := range all[len(objects):] {
		taken = append(taken, m.Box)
	}
	for i, o := range objects {
		at := all[i].Box.Min
		field := image.Rect(at.X, at.Y-17, at.X+7*len(o.Label)+4, at.Y) // as DrawMarks has it
		if field.Min.Y < 0 {
			field = field.Add(image.Pt(0, 17))
		}
		if !slices.ContainsFunc(taken, field.Overlaps) {
			all[i].Label = o.Label
			taken = append(taken, field)
		}
	}
}

// frame returns the colour of a photograph's frame, and a star for the best of those
// that look alike.
func (a *album) frame(i int) (c vision.RGB, star string) {
	colors := []vision.RGB{{R: 200, G: 30, B: 30}, {R: 20, G: 90, B: 200}, {R: 220, G: 120}, {R: 130, G: 40, B: 160}, {G: 130, B: 120}}
	for k, d := range a.Duplicates {
		for _, p := range d.photos {
			if p != i {
				continue
			}
			if d.Best == a.Photos[i].ID {
				star = "*"
			}
			return colors[k%len(colors)], star
		}
	}
	return vision.RGB{R: 110, G: 110, B: 110}, ""
}

// short cuts a name in its middle.
func short(name string, n int) string {
	r := []rune(name)
	if len(r) <= n {
		return name
	}
	return string(r[:n/2-1]) + ".." + string(r[len(r)-n/2+1:])
}

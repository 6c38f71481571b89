package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/files"
	"github.com/quintet-ai/quintet/internal/terminal"
	"github.com/quintet-ai/quintet/vision"
)

// album is what is known of a folder.
type album struct {
	Photos     []vision.Result `json:"photos"` // in the order of their paths
	Duplicates []duplicates    `json:"duplicates,omitempty"`
	LeftOut    []leftOut       `json:"left_out,omitempty"`
}

// duplicates are photographs that look alike.
type duplicates struct {
	Paths  []string `json:"paths"`
	Best   string   `json:"best"` // of the highest quality
	photos []int
}

type leftOut struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// look analyses the pictures of a folder, a few at a time, so that few files are in
// memory at once.
func look(ctx context.Context, p *vision.Pipeline, folder fs.FS, b *terminal.Bar) (*album, error) {
	paths, err := files.List(folder)
	if err != nil {
		return nil, err
	}
	a := &album{Photos: []vision.Result{}}
	b.Start(len(paths))
	defer b.Stop()
	for some := range slices.Chunk(paths, 8) {
		var in []vision.Picture
		for _, path := range some {
			data, err := read(folder, path)
			if err != nil {
				a.LeftOut = append(a.LeftOut, leftOut{path, err.Error()})
				continue
			}
			in = append(in, vision.Picture{ID: path, Data: data})
		}
		results, err := p.RunBatch(ctx, in)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		bad := map[int]error{}
		for i, err := range quintet.ItemErrors(err) {
			bad[i] = err
			a.LeftOut = append(a.LeftOut, leftOut{in[i].ID, err.Error()})
		}
		for i, r := range results {
			if bad[i] == nil {
				a.Photos = append(a.Photos, r)
			}
		}
		b.Step(len(some), some[len(some)-1])
	}
	return a, nil
}

// read returns a file that begins like a picture and is not too large.
func read(folder fs.FS, path string) ([]byte, error) {
	const most = 32 << 20
	info, err := fs.Stat(folder, path)
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, fmt.Errorf("%d bytes, limit %d", info.Size(), most)
	}
	data, err := fs.ReadFile(folder, path)
	if err == nil && vision.Sniff(data[:min(len(data), 12)]) == "" {
		return nil, errors.New("not a picture")
	}
	return data, err
}

// findDuplicates groups photographs that look alike. Blank ones all do.
func (a *album) findDuplicates(distance int) error {
	var hashes []vision.Hash
	var of []int // the photograph of each hash
	for i, r := range a.Photos {
		if !r.Properties.Blank {
			hashes = append(hashes, r.Hashes.Perceptual)
			of = append(of, i)
		}
	}
	groups, err := vision.Duplicates(hashes, distance)
	if err != nil {
		return err
	}
	for _, g := range groups {
		var d duplicates
		best := -1.0
		for _, k := range g {
			r := a.Photos[of[k]]
			d.photos = append(d.photos, of[k])
			d.Paths = append(d.Paths, r.ID)
			if r.Properties.Quality > best {
				d.Best, best = r.ID, r.Properties.Quality
			}
		}
		a.Duplicates = append(a.Duplicates, d)
	}
	return nil
}

func (a *album) faces() (n int) {
	for _, r := range a.Photos {
		n += len(r.Faces)
	}
	return n
}

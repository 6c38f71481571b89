package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/draw"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/vision"
)

// photographs is a folder that is not part of the repository.
var photographs = filepath.Join("..", "..", "..", "shared", "data", "vision", "faces")

// photoSet is the pictures that all libraries read, as JPEG of quality 95 with
// subsampled chroma, in memory and in a folder.
type photoSet struct {
	dir           string
	large, medium []byte // 12mp.jpg, 4000 by 3000, and 1mp.jpg, 1152 by 864
}

// visionPictures is made once: a mosaic of photographs at about their own size, so
// that it has the detail of one, and the same small.
var visionPictures = sync.OnceValues(func() (*photoSet, error) {
	mosaic, err := mosaicOf([]string{"imgs_12", "imgs_16", "imgs_19", "imgs_3", "imgs_5", "imgs_9"}, 4, 3, 1000, 1000)
	if err != nil {
		return nil, err
	}
	small, err := vision.Resize(mosaic, 1152, 864, vision.Lanczos3)
	if err != nil {
		return nil, err
	}
	s := &photoSet{}
	if s.dir, err = os.MkdirTemp("", "vision"); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name    string
		m       image.Image
		quality int
		data    *[]byte
	}{{"12mp.jpg", mosaic, 95, &s.large}, {"1mp.jpg", small, 90, &s.medium}} {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, f.m, &jpeg.Options{Quality: f.quality}); err != nil {
			return nil, err
		}
		*f.data = b.Bytes()
		if err := os.WriteFile(filepath.Join(s.dir, f.name), b.Bytes(), 0o644); err != nil {
			return nil, err
		}
	}
	return s, nil
})

// mosaicOf lays photographs side by side, again and again, each cut to w by h.
func mosaicOf(names []string, columns, rows, w, h int) (image.Image, error) {
	out := image.NewRGBA(image.Rect(0, 0, columns*w, rows*h))
	for i := range columns * rows {
		m, err := photograph(names[(i+i/columns)%len(names)] + ".jpg")
		if err != nil {
			return nil, err
		}
		tile, err := vision.Thumbnail(m, w, h, vision.FitCover)
		if err != nil {
			return nil, err
		}
		at := image.Pt(i%columns*w, i/columns*h)
		draw.Draw(out, tile.Rect.Add(at), tile, image.Point{}, draw.Src)
	}
	return out, nil
}

func photograph(name string) (image.Image, error) {
	data, err := photoFile(name)
	if err != nil {
		return nil, err
	}
	m, _, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{})
	return m, err
}

func photoFile(name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(photographs, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, report.Skip("no photographs")
	}
	return data, err
}

// peopled returns the photographs with faces and the boxes of these.
func peopled() (pictures []image.Image, boxes [][]image.Rectangle, err error) {
	data, err := photoFile("boxes.json")
	if err != nil {
		return nil, nil, err
	}
	var lists map[string][][4]int
	if err := json.Unmarshal(data, &lists); err != nil {
		return nil, nil, err
	}
	for name, list := range lists {
		m, err := photograph(name)
		if err != nil {
			return nil, nil, err
		}
		var faces []image.Rectangle
		for _, b := range list {
			faces = append(faces, image.Rect(b[0], b[1], b[0]+b[2], b[1]+b[3]))
		}
		pictures, boxes = append(pictures, m), append(boxes, faces)
	}
	return pictures, boxes, nil
}

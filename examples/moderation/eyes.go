package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/quintet-ai/quintet/vision"
)

// eyes look at the pictures of posts.
type eyes struct {
	folder, blurred *os.Root // blurred is nil where no pictures are written
	faces           *vision.FaceDetector
	reader          vision.TextReader // nil without models for text
	closeReader     func() error
	written         int
}

func newEyes(c command, score float64) (e *eyes, err error) {
	e = &eyes{}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	if e.folder, err = os.OpenRoot(c.pictures); err != nil {
		return e, err
	}
	if c.blurred != "" {
		if e.blurred, err = os.OpenRoot(c.blurred); err != nil {
			return e, err
		}
	}
	if e.faces, err = vision.NewFaceDetector(vision.FaceDetectorOptions{MinScore: score}); err != nil {
		return e, err
	}
	if c.ocr == "" {
		return e, nil
	}
	r, err := vision.OpenReader(c.ocr, vision.ReaderOptions{Characters: vision.ASCII})
	if err != nil {
		return e, err
	}
	e.reader, e.closeReader = r, r.Close
	return e, nil
}

func (e *eyes) close() (err error) {
	for _, root := range []*os.Root{e.folder, e.blurred} {
		if root != nil {
			err = errors.Join(err, root.Close())
		}
	}
	if e.faces != nil {
		err = errors.Join(err, e.faces.Close())
	}
	if e.closeReader != nil {
		err = errors.Join(err, e.closeReader())
	}
	return err
}

// look returns the text in the picture of a post and says in the verdict what else
// there is. A picture that cannot be read is for somebody to look at.
func (e *eyes) look(ctx context.Context, p post, v *verdict) (read string, err error) {
	data, err := e.file(p.Image)
	if err != nil {
		v.because(review, "picture", "%v", err)
		return "", nil
	}
	picture := vision.Picture{ID: p.Image, Data: data}
	faces, err := e.faces.Run(ctx, picture)
	if err == nil && e.reader != nil {
		var page vision.Reading
		page, err = e.reader.Run(ctx, picture)
		read = page.Text
	}
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		v.because(review, "picture", "%v", err)
		return "", nil
	case len(faces) == 0:
		return read, nil
	}
	v.because(allow, "faces", "%d", len(faces))
	return read, e.blur(data, faces, v)
}

// file reads a picture of the folder, and nothing outside of it.
func (e *eyes) file(path string) ([]byte, error) {
	const most = 32 << 20
	f, err := e.folder.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("%s has more than %d bytes", path, most)
	}
	return data, err
}

// blur writes the picture again with its faces out of sight, under a name of our own.
func (e *eyes) blur(data []byte, faces []vision.Face, v *verdict) error {
	if e.blurred == nil {
		return nil
	}
	img, _, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{})
	if err != nil {
		return err
	}
	safe, err := vision.BlurFaces(img, faces)
	if err != nil {
		return err
	}
	e.written++
	v.Image = fmt.Sprintf("%06d.jpg", e.written)
	f, err := e.blurred.Create(v.Image)
	if err != nil {
		return err
	}
	return errors.Join(vision.EncodeJPEG(f, safe, vision.JPEGOptions{Quality: 85}), f.Close())
}

package video

import (
	"bytes"
	"fmt"
	"image"
	"iter"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// Scene is a run of frames that were taken at once. Frames count from 0.
type Scene struct {
	First int     // its first frame
	Last  int     // its last frame
	Score float64 // of the cut that begins it: the distance of the frames there; 0 for the first and after a fade

	// Key is the frame with the highest [vision.Properties].Sharpness, of equal ones
	// the first, that is not blank if there is one; KeyFrame is its picture as it came
	// and Sharpness its own. Without keys, Key is First and KeyFrame is empty.
	Key       int
	KeyFrame  vision.Picture
	Sharpness float64
}

// Scenes cuts a video into scenes and returns each when it has ended, in order; every
// frame is in one. A scene begins where two frames differ by much more than those around
// them do, and stay different, so that neither fast motion nor a flash is a cut; and in
// the middle of blank frames that separate two fades.
//
// It stops at the first error: one of the sequence, those of [vision.Decode] and
// [vision.Sign], with the number of the frame, [quintet.ErrInput] for a picture with
// both Data and Image or neither, or [quintet.ErrOption]. The scene that was not over is
// lost. Twice as many pictures are held as the larger of Window and MinFrames says, one
// more, and the key frame; they must not change meanwhile.
func Scenes(frames iter.Seq2[vision.Picture, error], o SceneOptions) iter.Seq2[Scene, error] {
	return func(yield func(Scene, error) bool) {
		o, err := o.withDefaults()
		if err != nil {
			yield(Scene{}, err)
			return
		}
		c := cutter{opt: o, blank: -1}
		n := 0
		for p, err := range frames {
			if err == nil {
				err = c.add(n, p)
			}
			if err != nil {
				yield(Scene{}, fmt.Errorf("video: frame %d: %w", n, err))
				return
			}
			n++
			for c.ready(false) {
				if s, ok := c.decide(); ok && !yield(s, nil) {
					return
				}
			}
		}
		for c.ready(true) {
			if s, ok := c.decide(); ok && !yield(s, nil) {
				return
			}
		}
		if n > 0 {
			yield(c.scene, nil)
		}
	}
}

// frame is one that is held.
type frame struct {
	n         int
	picture   vision.Picture
	signature *Signature
	distance  float64 // from the one before
	sharpness float64
}

// cutter decides for one frame after the other whether a scene begins with it.
type cutter struct {
	opt   SceneOptions
	held  []frame    // up to opt.reach decided ones, then those that are not
	done  int        // how many of held are decided
	scene Scene      // the one that has begun
	any   bool       // it has
	blank int        // the first of the blank frames that the last decided ones are, or -1
	lit   *Signature // the frame before that, nil if there is none
	jump  float64    // between the two
}

// add takes a frame.
func (c *cutter) add(n int, p vision.Picture) error {
	img, err := picture(p, c.opt.Decode)
	if err != nil {
		return err
	}
	f := frame{n: n, picture: p}
	if f.signature, err = Sign(img); err != nil {
		return err
	}
	if !c.opt.NoKeys {
		m, err := vision.Measure(img)
		if err != nil {
			return err
		}
		f.sharpness = m.Sharpness
	}
	if k := len(c.held); k > 0 {
		f.distance = f.signature.Distance(c.held[k-1].signature)
	}
	c.held = append(c.held, f)
	return nil
}

// picture returns the pixels of a frame.
func picture(p vision.Picture, o vision.DecodeOptions) (image.Image, error) {
	if (p.Image == nil) == (len(p.Data) == 0) {
		return nil, fmt.Errorf("picture needs either Data or Image: %w", quintet.ErrInput)
	}
	if p.Image != nil {
		return p.Image, nil
	}
	m, _, err := vision.Decode(bytes.NewReader(p.Data), o)
	return m, err
}

// ready reports whether enough frames are held to decide the next, or those that are
// left at the end.
func (c *cutter) ready(end bool) bool {
	left := len(c.held) - c.done
	return left > c.opt.reach() || end && left > 0
}

// decide takes the next frame into the scene, or returns the scene if it ended before.
func (c *cutter) decide() (s Scene, ended bool) {
	f := &c.held[c.done]
	s = c.scene
	begins, first, score := c.begins(c.done)
	switch {
	case !c.any:
		c.begin(f, f.n, 0)
	case begins && first-c.scene.First >= c.opt.MinFrames:
		s.Last, ended = first-1, true
		c.begin(f, first, score)
	}
	c.scene.Last = f.n
	c.key(f)
	if c.done == c.opt.reach() {
		c.held[0] = frame{}
		c.held = c.held[1:]
	} else {
		c.done++
	}
	return s, ended
}

func (c *cutter) begin(f *frame, first int, score float64) {
	c.any = true
	c.scene = Scene{First: first, Score: score, Key: first, Sharpness: -1}
	if c.opt.NoKeys {
		c.scene.Sharpness = 0
	}
}

// key makes a frame the key of the scene if it is better than that. A blank one has no
// edges, so it is the key of blank scenes only.
func (c *cutter) key(f *frame) {
	if s := &c.scene; !c.opt.NoKeys && f.sharpness > s.Sharpness {
		s.Key, s.KeyFrame, s.Sharpness = f.n, f.picture, f.sharpness
	}
}

// begins reports whether a scene begins with the frame at i or, after a fade, in the
// middle of the blank frames before it.
func (c *cutter) begins(i int) (yes bool, first int, score float64) {
	f := &c.held[i]
	if f.signature.Blank() {
		if c.blank < 0 {
			c.blank, c.jump, c.lit = f.n, f.distance, nil
			if i > 0 {
				c.lit = c.held[i-1].signature
			}
		}
		return false, 0, 0
	}
	if c.blank < 0 {
		return c.cut(i), f.n, f.distance
	}
	middle := (c.blank + f.n) / 2
	c.blank = -1
	switch {
	case c.lit == nil:
		return false, 0, 0 // the video begins
	case c.jump < c.opt.MinScore || f.distance < c.opt.MinScore:
		return true, middle, 0
	}
	return f.signature.Distance(c.lit) >= c.opt.MinScore, middle, 0 // or else a flash
}

// cut reports whether there is a hard cut before the frame at i.
func (c *cutter) cut(i int) bool {
	d := c.held[i].distance
	if i == 0 || d < c.opt.MinScore {
		return false
	}
	sum, n := 0.0, 0
	for k := max(i-c.opt.Window, 0); k <= min(i+c.opt.Window, len(c.held)-1); k++ {
		if k != i {
			sum += c.held[k].distance
			n++
		}
	}
	return sum*c.opt.Ratio <= d*float64(n) && !c.flash(i)
}

// flash reports whether the frames from i on are soon like those before, or those a
// while before i like the one at i: then something has come between that was short.
func (c *cutter) flash(i int) bool {
	near := c.held[i].distance / 3
	for k := i + 1; k < min(i+c.opt.MinFrames, len(c.held)); k++ {
		if c.held[k].signature.Distance(c.held[i-1].signature) < near {
			return true
		}
	}
	for k := i - 2; k >= max(i-c.opt.MinFrames, 0); k-- {
		if c.held[k].signature.Distance(c.held[i].signature) < near {
			return true
		}
	}
	return false
}

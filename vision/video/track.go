package video

import (
	"fmt"
	"image"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// TrackerOptions configures a [Tracker]. The zero value is good for a detector that runs
// on every frame.
type TrackerOptions struct {
	// MinOverlap is the area that a predicted box and a found one share over the area
	// of both, from 0 to 1, from which on they may be the same. Default: 0.3.
	MinOverlap float64

	// MaxMissed is in how many frames running an object may not be found without
	// being given up. Default: 5.
	MaxMissed int

	// MinHits is in how many frames an object must have been found before it is
	// told, so that what a detector sees once by mistake is not. In the first
	// MinHits frames all are told. Default: 3.
	MinHits int

	// MaxObjects is how many objects a frame may have. Default: 512; at most 4096.
	MaxObjects int
}

func (o TrackerOptions) withDefaults() (TrackerOptions, error) {
	switch {
	case !(o.MinOverlap >= 0 && o.MinOverlap <= 1): // nor NaN
		return o, fmt.Errorf("video: MinOverlap is %v, want 0 to 1: %w", o.MinOverlap, quintet.ErrOption)
	case o.MaxMissed < 0 || o.MinHits < 0 || o.MaxObjects < 0 || o.MaxObjects > 4096:
		return o, fmt.Errorf("video: bad limit in %+v: %w", o, quintet.ErrOption)
	}
	if o.MinOverlap == 0 {
		o.MinOverlap = 0.3
	}
	if o.MaxMissed == 0 {
		o.MaxMissed = 5
	}
	if o.MinHits == 0 {
		o.MinHits = 3
	}
	if o.MaxObjects == 0 {
		o.MaxObjects = 512
	}
	return o, nil
}

// Track is an object that is followed.
type Track struct {
	ID     int           // counts the objects, from 1
	Object vision.Object // as it was found, but for Box, which is smoothed
	Found  int           // which of the objects of the frame it is
	Hits   int           // in how many frames it was found
}

// Tracker gives the objects of one frame after the other their numbers, by the method of
// SORT (Bewley and others, ICIP 2016): a Kalman filter for each object says where its box
// should be now, and the objects found are given to the predicted ones so that the sum of
// their overlaps is as large as it can be (the Hungarian method, within each group of
// boxes that touch one another). Only objects of one class are given to one another.
//
// It is not safe for concurrent use.
type Tracker struct {
	opt    TrackerOptions
	tracks []*tracked
	last   int // the highest ID
	frames int
}

// tracked is an object that is followed, with its state.
type tracked struct {
	id, class    int
	hits, missed int
	filter       boxFilter
	box          box // predicted for this frame
}

// NewTracker returns a tracker that has seen nothing, or an error wrapping
// [quintet.ErrOption].
func NewTracker(o TrackerOptions) (*Tracker, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Tracker{opt: o}, nil
}

// Update takes the objects of the next frame, of which there may be none, and returns
// those that are followed and were found in it, by ID. More objects than MaxObjects, or
// one with an empty box, are [quintet.ErrInput], and the frame counts for nothing.
//
// Time is that of comparing each object with each that is followed, and of the cube of
// the largest group of boxes that overlap.
func (t *Tracker) Update(found []vision.Object) ([]Track, error) {
	if len(found) > t.opt.MaxObjects {
		return nil, fmt.Errorf("video: %d objects, limit %d: %w", len(found), t.opt.MaxObjects, quintet.ErrInput)
	}
	boxes := make([]box, len(found))
	for i, o := range found {
		if boxes[i] = boxOf(o.Box); o.Box.Empty() {
			return nil, fmt.Errorf("video: object %d has an empty box: %w", i, quintet.ErrInput)
		}
	}
	t.frames++
	of := t.match(found, boxes)
	var out []Track
	for k, i := range of { // tracks in the order of their numbers
		tr := t.tracks[k]
		if i < 0 {
			tr.missed++
			continue
		}
		tr.filter.correct(boxes[i])
		tr.hits, tr.missed = tr.hits+1, 0
		out = t.tell(out, tr, found[i], i)
	}
	t.tracks = slices.DeleteFunc(t.tracks, func(tr *tracked) bool { return tr.missed > t.opt.MaxMissed })
	for i, o := range found {
		if !slices.Contains(of, i) {
			t.last++
			tr := &tracked{id: t.last, class: o.Class, hits: 1, filter: newBoxFilter(boxes[i])}
			t.tracks = append(t.tracks, tr)
			out = t.tell(out, tr, o, i)
		}
	}
	return out, nil
}

// tell appends a track that is sure enough.
func (t *Tracker) tell(out []Track, tr *tracked, o vision.Object, i int) []Track {
	if tr.hits < t.opt.MinHits && t.frames > t.opt.MinHits {
		return out
	}
	o.Box = tr.filter.box().rectangle()
	return append(out, Track{ID: tr.id, Object: o, Found: i, Hits: tr.hits})
}

// match predicts all tracks and returns for each the object that it is, or -1.
func (t *Tracker) match(found []vision.Object, boxes []box) []int {
	for _, tr := range t.tracks {
		tr.filter.predict()
		tr.box = tr.filter.box()
	}
	overlap := make([][]float64, len(t.tracks))
	for k, tr := range t.tracks {
		overlap[k] = make([]float64, len(found))
		for i, o := range found {
			if o.Class == tr.class {
				if v := tr.box.overlap(boxes[i]); v >= t.opt.MinOverlap {
					overlap[k][i] = v
				}
			}
		}
	}
	return assignGroups(overlap, len(found))
}

// box is that of an object, in pixels.
type box struct{ x0, y0, x1, y1 float64 }

func boxOf(r image.Rectangle) box {
	return box{float64(r.Min.X), float64(r.Min.Y), float64(r.Max.X), float64(r.Max.Y)}
}

func (b box) area() float64 { return (b.x1 - b.x0) * (b.y1 - b.y0) }

// overlap returns the area that both cover over the area that either does.
func (b box) overlap(c box) float64 {
	w, h := min(b.x1, c.x1)-max(b.x0, c.x0), min(b.y1, c.y1)-max(b.y0, c.y0)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (b.area() + c.area() - w*h)
}

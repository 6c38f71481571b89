package video_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"iter"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/vision"
	"github.com/quintet-ai/quintet/vision/video"
)

const width, height = 160, 90

// film is a video whose scenes are known.
type film struct {
	frames []*image.NRGBA
	starts []int // of scenes but the first
}

// shot appends a scene of n frames: the view of a camera that moves over a picture, with
// boxes that run through it, as bright as light says.
func (f *film) shot(seed uint64, n, speed int, light func(i int) float64) {
	big := synth.Picture(seed, 2*width, height)
	rng := rand.New(rand.NewPCG(seed, 5))
	tint := [3]float64{0.4 + 0.6*rng.Float64(), 0.4 + 0.6*rng.Float64(), 0.4 + 0.6*rng.Float64()}
	x0, step := rng.IntN(width/2), 1+rng.IntN(3)
	for i := range n {
		m := image.NewNRGBA(image.Rect(0, 0, width, height))
		draw.Draw(m, m.Rect, big, image.Pt(min(x0+i*speed, width), 0), draw.Src)
		at := (i*step*2 + 10) % width
		draw.Draw(m, image.Rect(at, 30, at+20, 60), image.NewUniform(color.NRGBA{250, 240, 20, 255}), image.Point{}, draw.Src)
		for k := range m.Pix {
			if k%4 < 3 {
				m.Pix[k] = uint8(float64(m.Pix[k]) * tint[k%4] * light(i))
			}
		}
		f.frames = append(f.frames, m)
	}
}

func (f *film) cut() { f.starts = append(f.starts, len(f.frames)) }

func (f *film) pictures() iter.Seq2[vision.Picture, error] {
	return func(yield func(vision.Picture, error) bool) {
		for i, m := range f.frames {
			if !yield(vision.Picture{ID: fmt.Sprint(i), Image: m}, nil) {
				return
			}
		}
	}
}

func full(int) float64 { return 1 }

func scenes(t testing.TB, f *film, o video.SceneOptions) (all []video.Scene) {
	t.Helper()
	next := 0
	for s, err := range video.Scenes(f.pictures(), o) {
		require.NoError(t, err)
		require.Equal(t, next, s.First, "every frame is in one scene")
		require.GreaterOrEqual(t, s.Last, s.First)
		next = s.Last + 1
		all = append(all, s)
	}
	require.Equal(t, len(f.frames), next)
	return all
}

func starts(all []video.Scene) (at []int) {
	for _, s := range all[1:] {
		at = append(at, s.First)
	}
	return at
}

func TestScenesEndAtCutsAndFades(t *testing.T) {
	fall := func(n int) func(int) float64 { return func(i int) float64 { return max(0, 1-float64(i)/float64(n)) } }
	rise := func(n int) func(int) float64 { return func(i int) float64 { return min(1, float64(i)/float64(n)) } }
	for name, tt := range map[string]struct {
		make func(f *film)
		near int // by how many frames a start may differ
	}{
		"one scene that moves": {func(f *film) { f.shot(1, 60, 2, full) }, 0},
		"one frame":            {func(f *film) { f.shot(1, 1, 2, full) }, 0},
		"a cut":                {func(f *film) { f.shot(1, 30, 1, full); f.cut(); f.shot(2, 30, 1, full) }, 0},
		"cuts of fast motion":  {func(f *film) { f.shot(3, 20, 6, full); f.cut(); f.shot(4, 20, 6, full) }, 0},
		"a fade out":           {func(f *film) { f.shot(1, 40, 0, fall(30)) }, 0},
		"a fade through black": {func(f *film) {
			f.shot(1, 40, 1, fall(30))
			f.cut()
			f.shot(2, 40, 1, rise(30))
		}, 6},
		"a flash": {func(f *film) {
			f.shot(1, 20, 0, full)
			f.shot(1, 2, 0, func(int) float64 { return 0 })
			f.shot(1, 20, 0, full)
		}, 0},
		"another picture for a moment": {func(f *film) {
			f.shot(1, 20, 0, full)
			f.shot(2, 2, 0, full)
			f.shot(1, 20, 0, full)
		}, 0},
		"a film that begins in the dark": {func(f *film) { f.shot(1, 60, 1, func(i int) float64 { return min(1, max(0, float64(i-20)/20)) }) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := new(film)
			tt.make(f)
			got := starts(scenes(t, f, video.SceneOptions{}))
			require.Len(t, got, len(f.starts), "%v, want %v", got, f.starts)
			for i := range got {
				require.InDelta(t, f.starts[i], got[i], float64(tt.near))
			}
		})
	}
}

func TestCutsOfManyFilms(t *testing.T) {
	hits, wrong, missed := 0, 0, 0
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 9))
		f := new(film)
		for k := range uint64(6) {
			if k > 0 {
				f.cut()
			}
			f.shot(100*seed+k, 12+rng.IntN(20), rng.IntN(4), full)
		}
		got := map[int]bool{}
		for _, at := range starts(scenes(t, f, video.SceneOptions{NoKeys: true})) {
			got[at] = true
		}
		for _, at := range f.starts {
			if got[at] {
				hits++
				delete(got, at)
			} else {
				missed++
			}
		}
		wrong += len(got)
	}
	t.Logf("cuts: %d right, %d wrong, %d missed", hits, wrong, missed)
	require.GreaterOrEqual(t, hits, 39)
	require.LessOrEqual(t, wrong, 1)
}

func TestTheKeyFrameIsTheSharpest(t *testing.T) {
	f := new(film)
	f.shot(1, 20, 0, full)
	f.cut()
	f.shot(2, 20, 0, full)
	for i, m := range f.frames {
		if i == 7 || i == 33 {
			continue
		}
		soft, err := vision.Resize(m, width/3, height/3, vision.Box)
		require.NoError(t, err)
		soft, err = vision.Resize(soft, width, height, vision.Bilinear)
		require.NoError(t, err)
		f.frames[i] = soft
	}
	got := scenes(t, f, video.SceneOptions{})
	require.Len(t, got, 2)
	require.Equal(t, []int{7, 33}, []int{got[0].Key, got[1].Key})
	require.Equal(t, "33", got[1].KeyFrame.ID)
	require.Same(t, f.frames[33], got[1].KeyFrame.Image)
	m, err := vision.Measure(f.frames[33])
	require.NoError(t, err)
	require.Equal(t, m.Sharpness, got[1].Sharpness)
	require.Positive(t, got[1].Score)
	got = scenes(t, f, video.SceneOptions{NoKeys: true})
	require.Equal(t, video.Scene{First: 0, Last: 19}, got[0])
}

func TestBadFramesEndScenes(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, synth.Picture(1, 40, 30), nil))
	good := vision.Picture{Data: b.Bytes()}
	broken := fmt.Errorf("wire cut")
	for name, tt := range map[string]struct {
		bad  vision.Picture
		err  error
		want error
	}{
		"an error of the source":   {vision.Picture{}, broken, broken},
		"neither data nor picture": {vision.Picture{}, nil, quintet.ErrInput},
		"a broken file":            {vision.Picture{Data: b.Bytes()[:99]}, nil, quintet.ErrInput},
		"an empty picture":         {vision.Picture{Image: image.NewGray(image.Rectangle{})}, nil, quintet.ErrInput},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			for _, err := range video.Scenes(func(yield func(vision.Picture, error) bool) {
				_ = yield(good, nil) && yield(good, nil) && yield(tt.bad, tt.err) && yield(good, nil)
			}, video.SceneOptions{}) {
				require.ErrorIs(t, err, tt.want)
				require.ErrorContains(t, err, "video: frame 2: ")
				n++
			}
			require.Equal(t, 1, n)
		})
	}
	for _, o := range []video.SceneOptions{{MinScore: -1}, {MinScore: 2}, {Ratio: -1}, {Window: -1}, {Window: 101}, {MinFrames: -1}} {
		for _, err := range video.Scenes(nil, o) {
			require.ErrorIs(t, err, quintet.ErrOption)
		}
	}
	for range video.Scenes(func(func(vision.Picture, error) bool) {}, video.SceneOptions{}) {
		t.Fatal("a video without frames has no scene")
	}
}

func TestDistances(t *testing.T) {
	sign := func(c uint8) *video.Signature {
		m := image.NewGray(image.Rect(0, 0, 30, 20))
		for i := range m.Pix {
			m.Pix[i] = c
		}
		s, err := video.Sign(m)
		require.NoError(t, err)
		require.True(t, s.Blank())
		return s
	}
	require.Zero(t, sign(70).Distance(sign(70)))
	require.InDelta(t, 1, sign(0).Distance(sign(255)), 1e-6)
	require.InDelta(t, 0.5, sign(0).Distance(sign(128)), 0.03)
	require.Equal(t, sign(20).Distance(sign(90)), sign(90).Distance(sign(20)))
	s, err := video.Sign(synth.Picture(1, 40, 30))
	require.NoError(t, err)
	require.False(t, s.Blank())
}

func BenchmarkSign(b *testing.B) {
	for _, side := range []int{320, 1280} {
		m := synth.Picture(1, side, side*9/16)
		b.Run(fmt.Sprintf("width=%d", side), func(b *testing.B) {
			for b.Loop() {
				if _, err := video.Sign(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

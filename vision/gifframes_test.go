package vision_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

var gifColors = color.Palette{color.RGBA{}, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 255, 0, 255}, color.RGBA{0, 0, 255, 255}}

// animated is a GIF of random frames on a canvas, with all disposals.
func animated(t testing.TB, seed uint64, w, h, frames int) []byte {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	g := &gif.GIF{Config: image.Config{Width: w, Height: h, ColorModel: gifColors}}
	for i := range frames {
		x, y := rng.IntN(w), rng.IntN(h)
		box := image.Rect(x, y, x+1+rng.IntN(w-x), y+1+rng.IntN(h-y))
		m := image.NewPaletted(box, gifColors)
		for k := range m.Pix {
			m.Pix[k] = uint8(rng.IntN(4))
		}
		g.Image = append(g.Image, m)
		g.Delay = append(g.Delay, i)
		g.Disposal = append(g.Disposal, byte(rng.IntN(4)))
	}
	var b bytes.Buffer
	require.NoError(t, gif.EncodeAll(&b, g))
	return b.Bytes()
}

// naiveFrames lays the frames that image/gif reads on one another.
func naiveFrames(g *gif.GIF) (all []*image.NRGBA) {
	canvas := image.NewNRGBA(image.Rect(0, 0, g.Config.Width, g.Config.Height))
	for i, m := range g.Image {
		before := image.NewNRGBA(canvas.Rect)
		copy(before.Pix, canvas.Pix)
		draw.Draw(canvas, m.Rect, m, m.Rect.Min, draw.Over)
		seen := image.NewNRGBA(canvas.Rect)
		copy(seen.Pix, canvas.Pix)
		all = append(all, seen)
		switch g.Disposal[i] {
		case gif.DisposalBackground:
			draw.Draw(canvas, m.Rect, image.Transparent, image.Point{}, draw.Src)
		case gif.DisposalPrevious:
			canvas = before
		}
	}
	return all
}

func collect[T any](seq iter.Seq2[T, error]) (all []T, err error) {
	for v, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}

func TestGIFFramesAreWhatIsSeen(t *testing.T) {
	for seed := range uint64(40) {
		data := animated(t, seed, 7+int(seed), 5+int(seed/2), 9)
		g, err := gif.DecodeAll(bytes.NewReader(data))
		require.NoError(t, err)
		got, err := collect(vision.GIFFrames(bytes.NewReader(data), vision.Limits{}))
		require.NoError(t, err)
		want := naiveFrames(g)
		require.Len(t, got, len(want))
		for i, f := range got {
			require.Equal(t, i, f.Index)
			require.Equal(t, time.Duration(i)*10*time.Millisecond, f.Delay)
			require.Equal(t, want[i].Pix, f.Image.Pix, "seed %d, frame %d, disposals %v", seed, i, g.Disposal)
		}
	}
}

func TestAStillGIFHasOneFrame(t *testing.T) {
	m := photograph(20, 10)
	data := asGIF(t, m)
	want, _, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{})
	require.NoError(t, err)
	got, err := collect(vision.GIFFrames(bytes.NewReader(data), vision.Limits{}))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Zero(t, got[0].Delay)
	samePixels(t, want, got[0].Image)
}

func TestWhoBreaksOffGetsNoMoreFrames(t *testing.T) {
	n := 0
	for _, err := range vision.GIFFrames(bytes.NewReader(animated(t, 1, 9, 9, 9)), vision.Limits{}) {
		require.NoError(t, err)
		if n++; n == 2 {
			break
		}
	}
	require.Equal(t, 2, n)
}

func TestBadAnimations(t *testing.T) {
	good := animated(t, 3, 8, 8, 4)
	for name, tt := range map[string]struct {
		data   []byte
		frames int
	}{
		"nothing":           {nil, 0},
		"another format":    {asPNG(t, photograph(3, 3)), 0},
		"a head only":       {good[:13], 0},
		"no trailer":        {good[:len(good)-1], 4},
		"half":              {good[:len(good)/2], 1},
		"a frame too large": {append(bytes.Clone(good[:len(good)-1]), 0x2c, 0, 0, 0, 0, 9, 0, 9, 0, 0, 2, 0, 0x3b), 4},
		"a block unknown":   {append(bytes.Clone(good[:len(good)-1]), 7), 4},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := collect(vision.GIFFrames(bytes.NewReader(tt.data), vision.Limits{}))
			require.ErrorIs(t, err, quintet.ErrInput)
			require.GreaterOrEqual(t, len(got), tt.frames)
			require.LessOrEqual(t, len(got), max(tt.frames, 2)*tt.frames)
		})
	}
	_, err := collect(vision.GIFFrames(iotest.ErrReader(fmt.Errorf("wire cut")), vision.Limits{}))
	require.EqualError(t, err, "wire cut")
	_, err = collect(vision.GIFFrames(strings.NewReader(""), vision.Limits{MaxSide: -1}))
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestAnimationBombsAreRefused(t *testing.T) {
	head := gifBomb(500, 500, 1, 1, 0)[:19]
	frame := []byte{0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4c, 1, 0} // one pixel
	many := append(append(head, bytes.Repeat(frame, 100)...), 0x3b)
	for name, tt := range map[string]struct {
		data   []byte
		limits vision.Limits
		field  string
		frames int
	}{
		"a canvas of 2^32 pixels": {gifBomb(65535, 65535, 1, 1, 100), vision.Limits{}, "Side", 0},
		"a canvas for its memory": {gifBomb(7000, 7000, 1, 1, 100), vision.Limits{}, "Memory", 0},
		"a frame without data":    {gifBomb(3000, 3000, 3000, 3000, 100), vision.Limits{}, "Data", 0},
		"a frame without any":     {gifBomb(3000, 3000, 3000, 3000, 0), vision.Limits{}, "Data", 0},
		"frames without end":      {many, vision.Limits{MaxPixels: 250_000}, "Frames", 16},
		"a file too long":         {many, vision.Limits{MaxBytes: 100}, "Bytes", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var got []vision.GIFFrame
			var err error
			n := allocated(func() { got, err = collect(vision.GIFFrames(bytes.NewReader(tt.data), tt.limits)) })
			var limit *vision.LimitError
			require.ErrorAs(t, err, &limit)
			require.Equal(t, tt.field, limit.Field)
			require.Len(t, got, tt.frames)
			require.Less(t, n, uint64(tt.frames+1)*1_100_000+1<<20)
		})
	}
}

// Whatever the bytes, the frames have the size of the canvas, end with an error that has
// a cause or not at all, and are those that image/gif reads, one on the other.
func FuzzGIFFrames(f *testing.F) {
	addFiles(f)
	for seed := range uint64(5) {
		f.Add(animated(f, seed, 9, 7, 5))
	}
	l := vision.Limits{MaxPixels: 1 << 12, MaxMemory: 1 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<14 {
			return
		}
		got, err := collect(vision.GIFFrames(bytes.NewReader(data), l))
		if err != nil && !hasCause(err) {
			t.Fatalf("no cause: %v", err)
		}
		if err != nil {
			return
		}
		g, err := gif.DecodeAll(bytes.NewReader(data))
		if err != nil {
			return // it reads what stands behind a frame's data, too
		}
		want := naiveFrames(g)
		if len(got) != len(want) {
			t.Fatalf("%d frames, image/gif has %d", len(got), len(want))
		}
		for i := range want {
			if !bytes.Equal(want[i].Pix, got[i].Image.Pix) {
				t.Fatalf("frame %d differs", i)
			}
		}
	})
}

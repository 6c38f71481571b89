package vision_test

import (
	"context"
	"encoding/json"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/golden"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

func TestPipelineContract(t *testing.T) {
	photo := asJPEG(t, photograph(64, 48), 90)
	pipetest.Contract(t, pipetest.Case[vision.Picture, vision.Result]{
		Name: "vision",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[vision.Picture, vision.Result] {
			rt, err := optimize.New(optimize.Options{Workers: 3, Observer: o})
			require.NoError(t, err)
			p, err := vision.New(vision.Options{Runtime: rt})
			require.NoError(t, err)
			return p
		},
		Good: []vision.Picture{
			{ID: "a", Data: photo},
			{ID: "b", Data: asPNG(t, synth.Picture(2, 30, 40))},
			{ID: "c", Image: synth.Picture(3, 50, 20)},
			{ID: "d", Data: asGIF(t, synth.Picture(4, 20, 20))},
		},
		Bad: []vision.Picture{
			{ID: "nothing"},
			{ID: "both", Data: photo, Image: photograph(8, 8)},
			{ID: "text", Data: []byte("not a picture")},
			{ID: "truncated", Data: photo[:len(photo)/2]},
			{ID: "bomb", Data: pngBomb(20000, 20000, 8, 6, 0, 0)},
			{ID: "empty image", Image: image.NewGray(image.Rectangle{})},
			{ID: "nil image", Image: (*image.Gray)(nil)},
			{ID: "endless image", Image: image.NewUniform(color.White)},
		},
	})
}

func open(t testing.TB, o vision.Options) *vision.Pipeline {
	t.Helper()
	p, err := vision.New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func TestResultOfEachTask(t *testing.T) {
	m := photograph(90, 60)
	file := oriented(asJPEG(t, m, 90), 6)
	all, err := open(t, vision.Options{}).Run(t.Context(), vision.Picture{ID: "x", Data: file})
	require.NoError(t, err)
	require.Equal(t, "x", all.ID)
	require.Equal(t, vision.JPEG, all.Properties.Format)
	require.Equal(t, 60, all.Properties.Width, "upright")
	require.Len(t, all.Colors, 5)
	require.NotZero(t, all.Hashes)

	for name, tt := range map[string]struct {
		tasks vision.Task
		want  vision.Result
	}{
		"properties": {vision.TaskProperties, vision.Result{ID: "x", Properties: all.Properties}},
		"hashes":     {vision.TaskHashes, vision.Result{ID: "x", Hashes: all.Hashes}},
		"colors":     {vision.TaskColors, vision.Result{ID: "x", Colors: all.Colors}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := open(t, vision.Options{Tasks: tt.tasks}).Run(t.Context(), vision.Picture{ID: "x", Data: file})
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
	two, err := open(t, vision.Options{Tasks: vision.TaskColors, Colors: 2}).Run(t.Context(), vision.Picture{Image: m})
	require.NoError(t, err)
	require.Len(t, two.Colors, 2)
}

func TestLimitsHoldForDecodedPicturesToo(t *testing.T) {
	p := open(t, vision.Options{Limits: vision.Limits{MaxSide: 50}})
	for _, in := range []vision.Picture{{Image: photograph(51, 5)}, {Data: asPNG(t, photograph(51, 5))}} {
		_, err := p.Run(t.Context(), in)
		var limit *vision.LimitError
		require.ErrorAs(t, err, &limit)
		require.Equal(t, vision.LimitError{Field: "Side", Got: 51, Max: 50}, *limit)
		require.EqualError(t, err, "vision.Run: Side: 51, limit 50: invalid input")
	}
}

func TestNewRefusesBadOptions(t *testing.T) {
	for name, o := range map[string]vision.Options{
		"unknown task":       {Tasks: 1 << 20},
		"negative colours":   {Colors: -1},
		"too many colours":   {Colors: 33},
		"negative bytes":     {Limits: vision.Limits{MaxBytes: -1}},
		"negative pixels":    {Limits: vision.Limits{MaxPixels: -1}},
		"negative side":      {Limits: vision.Limits{MaxSide: -1}},
		"negative memory":    {Limits: vision.Limits{MaxMemory: -1}},
		"one of many is bad": {Tasks: vision.TaskColors, Limits: vision.Limits{MaxBytes: 5, MaxMemory: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := vision.New(o)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, "vision: ")
			require.Nil(t, p)
		})
	}
	const most = math.MaxInt64
	none := vision.Limits{MaxBytes: most, MaxPixels: most, MaxSide: math.MaxInt, MaxMemory: most}
	bomb := pngBomb(1<<31-1, 1<<31-1, 16, 6, 1, 9)
	_, err := open(t, vision.Options{Limits: none}).Run(t.Context(), vision.Picture{Data: bomb})
	require.ErrorIs(t, err, quintet.ErrInput)
}

// cancelling cancels a context when the pipeline asks for the picture's pixels.
type cancelling struct {
	image.Image
	cancel context.CancelFunc
}

func (c cancelling) At(x, y int) color.Color {
	c.cancel()
	return c.Image.At(x, y)
}

func TestCancellationEndsARunBetweenTasks(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, err := open(t, vision.Options{}).Run(ctx, vision.Picture{Image: cancelling{photograph(9, 9), cancel}})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, r)
}

func TestGoldenResult(t *testing.T) {
	in := vision.Picture{ID: "synthetic", Data: asPNG(t, photograph(160, 120))}
	r, err := open(t, vision.Options{}).Run(t.Context(), in)
	require.NoError(t, err)
	for _, v := range []*float64{
		&r.Properties.MeanLuma, &r.Properties.Contrast, &r.Properties.Entropy, &r.Properties.Sharpness,
		&r.Properties.Shadows, &r.Properties.Highlights, &r.Properties.Quality,
	} {
		*v = math.Round(*v*1e6) / 1e6 // processors differ in the last bits
	}
	for i := range r.Colors {
		r.Colors[i].Share = math.Round(r.Colors[i].Share*1e6) / 1e6
	}
	golden.JSON(t, "synthetic", r)
}

func TestResultsMakeTheRoundTripThroughJSON(t *testing.T) {
	want, err := open(t, vision.Options{}).Run(t.Context(), vision.Picture{ID: "x", Image: photograph(40, 30)})
	require.NoError(t, err)
	b, err := json.Marshal(want)
	require.NoError(t, err)
	var got vision.Result
	require.NoError(t, json.Unmarshal(b, &got))
	require.Equal(t, want, got)
}

func BenchmarkRun(b *testing.B) {
	photo := asJPEG(b, photograph(1152, 864), 95)
	for name, tasks := range map[string]vision.Task{
		"all": 0, "properties": vision.TaskProperties, "hashes": vision.TaskHashes, "colors": vision.TaskColors,
	} {
		b.Run("tasks="+name, func(b *testing.B) {
			p := open(b, vision.Options{Tasks: tasks})
			for b.Loop() {
				if _, err := p.Run(b.Context(), vision.Picture{Data: photo}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

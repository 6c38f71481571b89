package vision_test

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

func segmenter(t testing.TB, o vision.SegmenterOptions) *vision.Segmenter {
	t.Helper()
	s, err := vision.NewSegmenter(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// interpolated returns the value of a plane of columns by rows, stretched over a
// picture of w by h, at the middle of a pixel.
func interpolated(plane []float32, columns, rows, w, h, x, y int) float64 {
	gx := math.Min(math.Max((float64(x)+0.5)/float64(w)*float64(columns)-0.5, 0), float64(columns-1))
	gy := math.Min(math.Max((float64(y)+0.5)/float64(h)*float64(rows)-0.5, 0), float64(rows-1))
	sum := 0.0
	for j := range rows {
		for i := range columns {
			sum += math.Max(0, 1-math.Abs(gx-float64(i))) * math.Max(0, 1-math.Abs(gy-float64(j))) * float64(plane[j*columns+i])
		}
	}
	return sum
}

func TestSegmenterAgreesWithItsReference(t *testing.T) {
	const columns, rows, classes = 6, 5, 4
	rng := rand.New(rand.NewPCG(1, 2))
	scores := randoms(rng, classes*columns*rows, -3, 3)
	front := randoms(rng, columns*rows, 0, 1)
	numbers := make([]int64, columns*rows)
	for i := range numbers {
		numbers[i] = rng.Int64N(classes)
	}
	ofClasses := func(x, y, w, h int) int {
		class, most := 0, math.Inf(-1)
		for c := range classes {
			if v := interpolated(scores[c*columns*rows:], columns, rows, w, h, x, y); v > most {
				class, most = c, v
			}
		}
		return class
	}
	tests := map[string]struct {
		a      answer
		labels int
		want   func(x, y, w, h int) int
	}{
		"scores of classes": {answer{name: "logits", shape: []int{classes, rows, columns}, data: scores}, classes, ofClasses},
		"a foreground": {answer{name: "p", shape: []int{1, rows, columns}, data: front}, 2, func(x, y, w, h int) int {
			if interpolated(front, columns, rows, w, h, x, y) > 0.5 {
				return 1
			}
			return 0
		}},
		"logits of a foreground": {answer{name: "p", shape: []int{rows, columns}, data: scores[:columns*rows]}, 2, func(x, y, w, h int) int {
			if interpolated(scores, columns, rows, w, h, x, y) > 0 {
				return 1
			}
			return 0
		}},
		"numbers": {answer{name: "n", shape: []int{rows, columns}, ints: numbers, hidden: true}, 0, func(x, y, w, h int) int {
			return int(numbers[(2*y+1)*rows/(2*h)*columns+(2*x+1)*columns/(2*w)])
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := segmenter(t, vision.SegmenterOptions{Model: modelOf(32, 32, tt.a)})
			require.Len(t, s.Labels(), tt.labels)
			for _, size := range []image.Point{{61, 47}, {5, 4}, {1, 1}} {
				m := photograph(size.X, size.Y)
				m.Rect = m.Rect.Add(image.Pt(-3, 8))
				got, err := s.Run(t.Context(), vision.Picture{Image: m})
				require.NoError(t, err)
				require.Equal(t, m.Rect, got.Classes.Rect)
				count := map[int]int{}
				for y := range size.Y {
					for x := range size.X {
						want := tt.want(x, y, size.X, size.Y)
						count[want]++
						require.Equal(t, want, int(got.Classes.GrayAt(x-3, y+8).Y), "%d, %d of %v", x, y, size)
					}
				}
				require.Len(t, got.Segments, len(count))
				for i, g := range got.Segments {
					require.InDelta(t, float64(count[g.Class])/float64(size.X*size.Y), g.Share, 1e-9)
					require.True(t, i == 0 || got.Segments[i-1].Share >= g.Share)
					requireMask(t, got, g)
				}
			}
		})
	}
}

// requireMask holds a segment against the map.
func requireMask(t *testing.T, s vision.Segmentation, g vision.Segment) {
	t.Helper()
	mask, box := s.Mask(g.Class), image.Rectangle{}
	require.Equal(t, s.Classes.Rect, mask.Rect)
	for y := mask.Rect.Min.Y; y < mask.Rect.Max.Y; y++ {
		for x := mask.Rect.Min.X; x < mask.Rect.Max.X; x++ {
			is := int(s.Classes.GrayAt(x, y).Y) == g.Class
			require.Equal(t, is, mask.AlphaAt(x, y).A == 255)
			if is {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	require.Equal(t, box, g.Box)
}

func TestSegmentsInLettersAndTurned(t *testing.T) {
	// Of 32x32 the left half is of class 1, the right of class 0, in 2x1 cells.
	a := answer{name: "logits", shape: []int{2, 1, 2}, data: []float32{-1, 1, 1, -1}}
	contain := vision.TensorSpec{Filter: vision.Bilinear}
	s := segmenter(t, vision.SegmenterOptions{Model: modelOf(32, 32, a), Spec: contain, Labels: []string{"right", "left"}})
	m := photograph(20, 40) // 16 columns of the input, from 8 on
	for name, in := range map[string]vision.Picture{
		"decoded": {Image: m}, "stored on its side": {Data: oriented(asJPEG(t, turned(m, 8), 90), 6)},
	} {
		got, err := s.Run(t.Context(), in)
		require.NoError(t, err, name)
		require.Equal(t, []vision.Segment{
			{Label: "right", Class: 0, Share: 0.5, Box: image.Rect(10, 0, 20, 40)},
			{Label: "left", Class: 1, Share: 0.5, Box: image.Rect(0, 0, 10, 40)},
		}, got.Segments, name)
	}
	require.True(t, vision.Segmentation{}.Mask(1).Rect.Empty())
}

func TestSegmenterReadsChannelsLast(t *testing.T) {
	b := onnxpb.NewBuilder("last")
	n := onnxpb.FixedDim
	x := b.Input("x", onnxpb.Float, n(1), n(2), n(2), n(3))
	b.Rename(b.Op("Identity", x), "y")
	b.Output("y", onnxpb.Float, n(1), n(2), n(2), n(3))
	m := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	copy(m.Pix, []uint8{9, 0, 0, 255, 0, 9, 0, 255, 0, 0, 9, 255, 9, 9, 9, 255})
	s := segmenter(t, vision.SegmenterOptions{
		Model: optimize.ModelBytes(b.Model(17).Append(nil)), Spec: vision.TensorSpec{Fit: vision.FitStretch},
	})
	got, err := s.Run(t.Context(), vision.Picture{Image: m})
	require.NoError(t, err)
	require.Equal(t, []uint8{0, 1, 2, 0}, got.Classes.Pix)
}

func TestDepthAgreesWithItsReference(t *testing.T) {
	const columns, rows = 7, 3
	data := randoms(rand.New(rand.NewPCG(5, 6)), columns*rows, 2, 9)
	low, high := float64(data[0]), float64(data[0])
	for _, v := range data {
		low, high = math.Min(low, float64(v)), math.Max(high, float64(v))
	}
	for name, a := range map[string]answer{
		"[B,h,w]": {shape: []int{rows, columns}}, "[B,1,h,w]": {shape: []int{1, rows, columns}}, "[B,h,w,1]": {shape: []int{rows, columns, 1}, hidden: true},
	} {
		for _, far := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				a.name, a.data = "predicted_depth", data
				d, err := vision.NewDepth(vision.DepthOptions{Model: modelOf(32, 32, a), Distances: far})
				require.NoError(t, err)
				defer d.Close()
				got, err := d.Run(t.Context(), vision.Picture{Data: asPNG(t, photograph(33, 21))})
				require.NoError(t, err)
				require.InDelta(t, low, got.Min, 1e-6)
				require.InDelta(t, high, got.Max, 1e-6)
				require.Equal(t, image.Rect(0, 0, 33, 21), got.Near.Rect)
				for y := range 21 {
					for x := range 33 {
						want := (interpolated(data, columns, rows, 33, 21, x, y) - low) / (high - low)
						if far {
							want = 1 - want
						}
						require.InDelta(t, want*65535, float64(got.Near.Gray16At(x, y).Y), 1)
					}
				}
			})
		}
	}
}

func TestMapsThatCannotBe(t *testing.T) {
	in := vision.Picture{Image: photograph(5, 5)}
	nan := modelOf(8, 8, answer{name: "m", shape: []int{1, 2}, data: []float32{1, float32(math.NaN())}})
	flat := modelOf(8, 8, answer{name: "m", shape: []int{1, 2}, data: []float32{4, 4}})
	d, err := vision.NewDepth(vision.DepthOptions{Model: nan})
	require.NoError(t, err)
	defer d.Close()
	_, err = d.Run(t.Context(), in)
	require.ErrorIs(t, err, quintet.ErrModel)
	d, err = vision.NewDepth(vision.DepthOptions{Model: flat})
	require.NoError(t, err)
	defer d.Close()
	got, err := d.Run(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, 4.0, got.Min)
	require.Equal(t, make([]uint8, 50), got.Near.Pix)

	for name, a := range map[string]answer{
		"scores of NaN":           {name: "m", shape: []int{2, 1, 2}, data: []float32{1, 2, float32(math.NaN()), 0}},
		"a foreground of NaN":     {name: "m", shape: []int{1, 2}, data: []float32{float32(math.NaN()), 0}},
		"a negative class":        {name: "m", shape: []int{1, 2}, ints: []int64{-1, 0}},
		"a class of no byte":      {name: "m", shape: []int{1, 2}, ints: []int64{256, 0}},
		"an empty map":            {name: "m", shape: []int{0, 2}, data: []float32{}},
		"an empty map of numbers": {name: "m", shape: []int{0, 2}, ints: []int64{}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := segmenter(t, vision.SegmenterOptions{Model: modelOf(8, 8, a)}).Run(t.Context(), in)
			require.ErrorIs(t, err, quintet.ErrModel)
		})
	}
	wide := modelOf(8, 8, answer{name: "m", shape: []int{300, 2, 2}, data: make([]float32, 1200)})
	two := modelOf(8, 8, answer{name: "m", shape: []int{2, 2, 2}, data: make([]float32, 8)})
	vector := modelOf(8, 8, answer{name: "m", shape: []int{2}, data: make([]float32, 2)})
	for name, tt := range map[string]struct {
		o     vision.SegmenterOptions
		cause error
	}{
		"no model":         {vision.SegmenterOptions{}, quintet.ErrModel},
		"too many classes": {vision.SegmenterOptions{Model: wide}, quintet.ErrUnsupported},
		"one label of two": {vision.SegmenterOptions{Model: two, Labels: []string{"x"}}, quintet.ErrOption},
		"no map":           {vision.SegmenterOptions{Model: vector}, quintet.ErrModel},
		"cut off":          {vision.SegmenterOptions{Model: two, Spec: vision.TensorSpec{Fit: vision.FitCover}}, quintet.ErrOption},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := vision.NewSegmenter(tt.o)
			require.ErrorIs(t, err, tt.cause)
		})
	}
	_, err = vision.NewDepth(vision.DepthOptions{Spec: vision.TensorSpec{Fit: vision.FitCover}})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = vision.NewDepth(vision.DepthOptions{Model: two})
	require.ErrorIs(t, err, quintet.ErrModel)
}

func TestSegmenterAndDepthContract(t *testing.T) {
	a := answer{name: "m", shape: []int{2, 2}, data: []float32{-1, 2, 1, 1}, scaled: true}
	model, spec := modelOf(16, 16, a), vision.TensorSpec{Fit: vision.FitStretch}
	runtimeOf := func(t *testing.T, o quintet.Observer) *optimize.Runtime {
		rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
		require.NoError(t, err)
		return rt
	}
	pipetest.Contract(t, pipetest.Case[vision.Picture, vision.Segmentation]{
		Name: "vision.Segmenter",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[vision.Picture, vision.Segmentation] {
			s, err := vision.NewSegmenter(vision.SegmenterOptions{Model: model, Runtime: runtimeOf(t, o), Spec: spec})
			require.NoError(t, err)
			return s
		},
		Good: lights(t), Bad: badPictures(),
	})
	pipetest.Contract(t, pipetest.Case[vision.Picture, vision.DepthMap]{
		Name: "vision.Depth",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[vision.Picture, vision.DepthMap] {
			d, err := vision.NewDepth(vision.DepthOptions{Model: model, Runtime: runtimeOf(t, o), Spec: spec})
			require.NoError(t, err)
			return d
		},
		Good: lights(t), Bad: badPictures(),
	})
}

package vision_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// slowTensor is ReadTensor with the standard way: decode, resize, take pixels.
func slowTensor(t testing.TB, data []byte, spec vision.TensorSpec) []float64 {
	t.Helper()
	img, info, err := vision.Decode(bytes.NewReader(data), spec.Decode)
	require.NoError(t, err)
	w, h, left, top := spec.Width, spec.Height, 0, 0
	var m image.Image = img
	switch spec.Fit {
	case vision.FitContain:
		k := min(float64(w)/float64(info.Width), float64(h)/float64(info.Height))
		w, h = int(math.Round(float64(info.Width)*k)), int(math.Round(float64(info.Height)*k))
		left, top = (spec.Width-w)/2, (spec.Height-h)/2
		fallthrough
	case vision.FitStretch:
		m, err = vision.Resize(img, w, h, spec.Filter)
	case vision.FitCover:
		m, err = vision.Thumbnail(img, w, h, vision.FitCover) // by Lanczos3
	}
	require.NoError(t, err)
	out := make([]float64, 3*spec.Width*spec.Height)
	for y := range spec.Height {
		for x := range spec.Width {
			c := samples(spec.Fill)
			if image.Pt(x-left, y-top).In(m.Bounds()) {
				c = samples(m.At(x-left, y-top))
			}
			for i := range 3 {
				to := i
				if spec.BGR {
					to = 2 - i
				}
				at := to*spec.Width*spec.Height + y*spec.Width + x
				if spec.Layout == vision.NHWC {
					at = 3*(y*spec.Width+x) + to
				}
				std := float64(spec.Std[to])
				if std == 0 {
					std = 1
				}
				out[at] = (float64(c[i])/255 - float64(spec.Mean[to])) / std
			}
		}
	}
	return out
}

func TestReadTensorIsDecodeAndResize(t *testing.T) {
	files := map[string][]byte{
		"JPEG": asJPEG(t, photograph(332, 218), 92), "PNG": asPNG(t, photograph(332, 218)),
		"gray JPEG": asJPEG(t, grayOf(photograph(332, 218)), 92), "WebP": libraryFile(t, "gopher-doc.8bpp.lossless.webp"),
	}
	for o := range uint16(8) {
		files[fmt.Sprintf("JPEG turned %d", o+1)] = oriented(asJPEG(t, photograph(332, 218), 92), o+1)
	}
	specs := map[string]vision.TensorSpec{
		"contained":  {Width: 64, Height: 48},
		"in a frame": {Width: 48, Height: 64, Fill: vision.RGB{R: 114, G: 100, B: 90}},
		"covering":   {Width: 50, Height: 50, Fit: vision.FitCover},
		"stretched":  {Width: 70, Height: 30, Fit: vision.FitStretch, Filter: vision.Bilinear},
		"enlarged":   {Width: 400, Height: 300, Fit: vision.FitStretch, Filter: vision.CatmullRom},
		"for a net": {Width: 56, Height: 56, Layout: vision.NHWC, BGR: true,
			Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225}},
	}
	for file, data := range files {
		for name, spec := range specs {
			t.Run(file+" "+name, func(t *testing.T) {
				spec.Quality = vision.Exact
				want := slowTensor(t, data, spec)
				got := make([]float32, len(want))
				_, err := vision.ReadTensor(t.Context(), bytes.NewReader(data), spec, got)
				require.NoError(t, err)
				most := 1.5 / 255
				if spec.Std != [3]float32{} {
					most /= 0.2
				}
				worst, at := 0.0, 0
				for i := range want {
					if d := math.Abs(want[i] - float64(got[i])); d > worst {
						worst, at = d, i
					}
				}
				require.LessOrEqual(t, worst, most, "element %d", at)
			})
		}
	}
}

func grayOf(m image.Image) *image.Gray {
	g := image.NewGray(m.Bounds())
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			g.Set(x, y, m.At(x, y))
		}
	}
	return g
}

// The mean errors in 255ths that doc.go states for the shortcuts.
func TestQualitiesAreAsExactAsTheySay(t *testing.T) {
	data, err := os.ReadFile("../examples/quickstart/samples/astronaut.jpg")
	require.NoError(t, err)
	spec := vision.TensorSpec{Width: 100, Height: 100, Fit: vision.FitCover, Quality: vision.Exact}
	want := make([]float32, 3*100*100)
	_, err = vision.ReadTensor(t.Context(), bytes.NewReader(data), spec, want)
	require.NoError(t, err)
	for q, most := range map[vision.Quality]float64{vision.Balanced: 1, vision.Fast: 3} {
		got := make([]float32, len(want))
		spec.Quality = q
		_, err := vision.ReadTensor(t.Context(), bytes.NewReader(data), spec, got)
		require.NoError(t, err)
		sum := 0.0
		for i := range want {
			sum += math.Abs(float64(want[i]-got[i])) * 255
		}
		mean := sum / float64(len(want))
		t.Logf("quality %d: mean error %.2f of 255", q, mean)
		require.Less(t, mean, most)
		require.Positive(t, mean, "a shortcut was taken")
	}
}

func TestTensorsOfBytesAreRounded(t *testing.T) {
	data := asPNG(t, photograph(90, 60))
	spec := vision.TensorSpec{Width: 30, Height: 20}
	real, bytesOf := make([]float32, 1800), make([]uint8, 1800)
	_, err := vision.ReadTensor(t.Context(), bytes.NewReader(data), spec, real)
	require.NoError(t, err)
	_, err = vision.ReadTensor(t.Context(), bytes.NewReader(data), spec, bytesOf)
	require.NoError(t, err)
	for i := range real {
		require.InDelta(t, real[i]*255, bytesOf[i], 0.5001)
	}
}

func TestTheTransformLeadsBack(t *testing.T) {
	tests := map[string]struct {
		spec        vision.TensorSpec
		orientation uint16
		x, y        float64 // in the tensor
		sx, sy      float64 // in the upright picture
	}{
		"stretched":                     {vision.TensorSpec{Width: 100, Height: 100, Fit: vision.FitStretch}, 1, 50, 100, 200, 200},
		"contained, below the band":     {vision.TensorSpec{Width: 100, Height: 100}, 1, 0, 25, 0, 0},
		"covering, the corner":          {vision.TensorSpec{Width: 100, Height: 100, Fit: vision.FitCover}, 1, 0, 0, 100, 0},
		"turned, beside the band":       {vision.TensorSpec{Width: 100, Height: 100}, 6, 25, 0, 0, 0},
		"turned, the opposite corner":   {vision.TensorSpec{Width: 100, Height: 100}, 8, 75, 100, 200, 400},
		"turned and covering, a corner": {vision.TensorSpec{Width: 100, Height: 100, Fit: vision.FitCover}, 6, 0, 0, 0, 100},
	}
	data := asJPEG(t, photograph(400, 200), 80)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dst := make([]uint8, 3*tt.spec.Width*tt.spec.Height)
			tr, err := vision.ReadTensor(t.Context(), bytes.NewReader(oriented(data, tt.orientation)), tt.spec, dst)
			require.NoError(t, err)
			sx, sy := tr.ToSource(tt.x, tt.y)
			require.InDelta(t, tt.sx, sx, 1e-9)
			require.InDelta(t, tt.sy, sy, 1e-9)
			require.True(t, tr.Box(-1e3, -1e3, 1e3, 1e3).Eq(image.Rect(0, 0, tr.Width, tr.Height)), "cut at the edges")
		})
	}
}

func TestReadTensorRefusesWhatCannotBe(t *testing.T) {
	good := asJPEG(t, photograph(40, 30), 80)
	ok := vision.TensorSpec{Width: 8, Height: 8}
	with := func(change func(*vision.TensorSpec)) vision.TensorSpec {
		s := ok
		change(&s)
		return s
	}
	tests := map[string]struct {
		spec   vision.TensorSpec
		data   []byte
		length int
		want   error
	}{
		"no size":           {vision.TensorSpec{}, good, 0, quintet.ErrOption},
		"another length":    {ok, good, 191, quintet.ErrOption},
		"an unknown layout": {with(func(s *vision.TensorSpec) { s.Layout = 2 }), good, 192, quintet.ErrOption},
		"an unknown filter": {with(func(s *vision.TensorSpec) { s.Filter = 9 }), good, 192, quintet.ErrOption},
		"a mean that is NaN": {with(func(s *vision.TensorSpec) { s.Mean[1] = float32(math.NaN()) }), good, 192,
			quintet.ErrOption},
		"one std of 0": {with(func(s *vision.TensorSpec) { s.Std = [3]float32{1, 0, 1} }), good, 192, quintet.ErrOption},
		"no picture":   {ok, []byte("nothing of the kind, but longer than a header"), 192, quintet.ErrInput},
		"cut off":      {ok, good[:len(good)/2], 192, quintet.ErrInput},
		"too large": {with(func(s *vision.TensorSpec) { s.Decode.Limits.MaxPixels = 100 }), good, 192,
			quintet.ErrInput},
		"another format": {with(func(s *vision.TensorSpec) { s.Decode.Formats = []vision.Format{vision.PNG} }), good, 192,
			quintet.ErrUnsupported},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := vision.ReadTensor(t.Context(), bytes.NewReader(tt.data), tt.spec, make([]float32, tt.length))
			require.ErrorIs(t, err, tt.want)
		})
	}
	_, err := vision.ReadTensor(t.Context(), bytes.NewReader(good), with(func(s *vision.TensorSpec) { s.Mean[0] = 1 }), make([]uint8, 192))
	require.ErrorIs(t, err, quintet.ErrOption)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = vision.ReadTensor(done, bytes.NewReader(good), ok, make([]uint8, 192))
	require.ErrorIs(t, err, context.Canceled)
}

// A photograph that is too large to be decoded whole can be read at a quarter.
func TestMemoryIsThatOfTheShrunkPicture(t *testing.T) {
	data := asJPEG(t, photograph(1600, 1200), 80)
	limits := vision.Limits{MaxMemory: 1 << 20}
	_, _, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{Limits: limits})
	require.ErrorIs(t, err, quintet.ErrInput)
	spec := vision.TensorSpec{Width: 160, Height: 120, Decode: vision.DecodeOptions{Limits: limits}}
	_, err = vision.ReadTensor(t.Context(), bytes.NewReader(data), spec, make([]uint8, 3*160*120))
	require.NoError(t, err)
}

func TestReadTensorsIsReadTensorForEach(t *testing.T) {
	spec := vision.TensorSpec{Width: 20, Height: 20}
	var pictures [][]byte
	for i := range 9 {
		pictures = append(pictures, asJPEG(t, photograph(100+20*i, 90), 80))
	}
	pictures[4] = []byte("this is no picture, however long one looks at it")
	const each = 3 * 20 * 20
	dst := make([]float32, 9*each)
	transforms, err := vision.ReadTensors(t.Context(), pictures, spec, dst)
	var failed []int
	for i, err := range quintet.ItemErrors(err) {
		failed = append(failed, i)
		require.ErrorIs(t, err, quintet.ErrInput)
	}
	require.Equal(t, []int{4}, failed)
	for i, data := range pictures {
		if i == 4 {
			continue
		}
		want := make([]float32, each)
		tr, err := vision.ReadTensor(t.Context(), bytes.NewReader(data), spec, want)
		require.NoError(t, err)
		require.Equal(t, tr, transforms[i])
		require.Equal(t, want, dst[i*each:(i+1)*each])
	}
	_, err = vision.ReadTensors(t.Context(), pictures, spec, dst[1:])
	require.ErrorIs(t, err, quintet.ErrOption)
}

func BenchmarkReadTensor(b *testing.B) {
	for _, size := range [][2]int{{4000, 3000}, {1152, 864}} {
		data := asJPEG(b, photograph(size[0], size[1]), 90)
		dst := make([]float32, 3*224*224)
		for name, q := range map[string]vision.Quality{"balanced": vision.Balanced, "exact": vision.Exact, "fast": vision.Fast} {
			b.Run(fmt.Sprintf("from=%d/quality=%s", size[0], name), func(b *testing.B) {
				spec := vision.TensorSpec{Width: 224, Height: 224, Fit: vision.FitStretch, Filter: vision.Bilinear, Quality: q}
				for b.Loop() {
					if _, err := vision.ReadTensor(b.Context(), bytes.NewReader(data), spec, dst); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

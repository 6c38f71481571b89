package vision

import (
	"encoding/binary"
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/optimize"
)

// standardReader are defaulted options without the models.
func standardReader(t testing.TB, o ReaderOptions) ReaderOptions {
	t.Helper()
	o.Detection, o.Recognition = optimize.ModelBytes([]byte{1}), optimize.ModelBytes([]byte{2})
	o.Alphabet = []string{"a"}
	o, err := o.withDefaults()
	require.NoError(t, err)
	return o
}

func TestMapSize(t *testing.T) {
	tests := map[string]struct{ w, h, longest, mw, mh int }{
		"small stays, rounded":        {97, 780, 960, 96, 768},
		"large is scaled":             {4000, 3000, 960, 960, 736},
		"a pixel":                     {1, 1, 960, 32, 32},
		"a row":                       {16384, 1, 960, 960, 32},
		"a limit between the steps":   {500, 500, 100, 96, 96},
		"the least limit":             {500, 3, 32, 32, 32},
		"never above the limit":       {950, 950, 950, 928, 928},
		"half a step is rounded away": {80, 47, 960, 96, 32},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, h := textMapSize(tt.w, tt.h, tt.longest)
			require.Equal(t, [2]int{tt.mw, tt.mh}, [2]int{w, h})
		})
	}
}

// painted is a map with a tilted rectangle of probability 0.9.
func painted(w, h int, b textBox) []float32 {
	m := make([]float32, w*h)
	for i := range m {
		d := Point{float64(i%w) + 0.5, float64(i/w) + 0.5}.plus(b.middle, -1)
		if math.Abs(d.dot(b.along)) <= b.w/2 && math.Abs(d.dot(b.down())) <= b.h/2 {
			m[i] = 0.9
		}
	}
	return m
}

func TestBoxesAreWhereTheMapSays(t *testing.T) {
	o := standardReader(t, ReaderOptions{})
	for _, degrees := range []float64{0, 5, 30, 45, -20, 80} {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		want := textBox{middle: Point{90, 80}, along: Point{cos, sin}, w: 100, h: 16}
		m := textMap{p: painted(192, 160, want), w: 192, h: 160, sx: 2, sy: 2}
		boxes := m.boxes(o)
		require.Len(t, boxes, 1)
		require.InDelta(t, 180, boxes[0].middle.X, 2)
		require.InDelta(t, 160, boxes[0].middle.Y, 2)
		f := boxes[0].frame()
		require.InDelta(t, degrees, math.Atan2(f.along.Y, f.along.X)*180/math.Pi, 2)
		grown := want.grown(1.5)
		require.InDelta(t, 2*grown.h, f.height(), 6) // a pixel of the map at each edge, and what the growth makes of it
		require.InDelta(t, 2*grown.w+endRoom*f.height(), f.width(), 8)
		require.Greater(t, boxes[0].score, 0.75)
	}
}

func TestOptionsOfBoxes(t *testing.T) {
	m := textMap{p: painted(192, 160, textBox{middle: Point{90, 40}, along: Point{1, 0}, w: 100, h: 16}), w: 192, h: 160, sx: 1, sy: 1}
	for i, v := range painted(192, 160, textBox{middle: Point{90, 100}, along: Point{1, 0}, w: 60, h: 10}) {
		m.p[i] += v / 2
	}
	tests := map[string]struct {
		options ReaderOptions
		want    []float64 // heights of the middles
	}{
		"all, the best first":   {ReaderOptions{}, []float64{40, 100}},
		"score":                 {ReaderOptions{BoxThreshold: 0.5}, []float64{40}},
		"probability of pixels": {ReaderOptions{PixelThreshold: 0.5}, []float64{40}},
		"number":                {ReaderOptions{MaxLines: 1}, []float64{40}},
		"none so sure":          {ReaderOptions{PixelThreshold: 1}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []float64
			for _, b := range m.boxes(standardReader(t, tt.options)) {
				got = append(got, b.middle.Y)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// Whatever a model says, boxes are finite, not small and in order, and their corners
// lie in the picture.
func FuzzTextBoxes(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x3f\x00\x00\x00\x00"), uint8(7), uint8(9), uint16(100), uint16(50))
	f.Add([]byte("\xff\xff\xff\x7f\x00\x00\x80\x3f\x00\x00\x80\x7f"), uint8(40), uint8(3), uint16(1), uint16(9000))
	f.Fuzz(func(t *testing.T, data []byte, w, h uint8, pw, ph uint16) {
		m := textMap{w: int(w) + 1, h: int(h) + 1}
		m.sx, m.sy = float64(int(pw)+1)/float64(m.w), float64(int(ph)+1)/float64(m.h)
		m.p = make([]float32, m.w*m.h)
		for i := range m.p {
			if len(data) < 4 {
				break
			}
			m.p[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*(i%(len(data)/4)):]))
		}
		o := standardReader(t, ReaderOptions{MaxLines: 20})
		boxes := m.boxes(o)
		if len(boxes) > 20 {
			t.Fatalf("%d boxes", len(boxes))
		}
		bounds := image.Rect(-7, 3, int(pw)+1-7, int(ph)+1+3)
		last := math.Inf(1)
		for _, b := range boxes {
			if !(b.score >= o.BoxThreshold && b.score <= last) {
				t.Fatalf("score %v after %v", b.score, last)
			}
			last = b.score
			if !(min(b.w, b.h) >= minLineSide*math.Sqrt(m.sx*m.sy)-1e-9) {
				t.Fatalf("box of %v by %v", b.w, b.h)
			}
			frame := b.frame()
			if n := frame.modelWidth(); n < 1 || n > maxLineWidth {
				t.Fatalf("width %d", n)
			}
			corners, box := frame.within(bounds)
			if box.Empty() || !box.In(bounds) {
				t.Fatalf("box %v in %v", box, bounds)
			}
			for _, c := range corners {
				if !(c.X >= -7 && c.X <= float64(bounds.Max.X) && c.Y >= 3 && c.Y <= float64(bounds.Max.Y)) {
					t.Fatalf("corner %v in %v", c, bounds)
				}
			}
		}
	})
}

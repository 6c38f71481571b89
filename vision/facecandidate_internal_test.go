package vision

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDecodeReadsAnAnchor(t *testing.T) {
	part := square{x: -100, y: 40, side: 512} // two pixels of the picture each
	tests := map[string]struct {
		anchors anchors
		index   int
		at      Point // middle of the anchor
	}{
		"first of the fine layer":    {anchors{16, 2}, 0, Point{-100 + 16, 40 + 16}},
		"second of the same cell":    {anchors{16, 2}, 1, Point{-100 + 16, 40 + 16}},
		"next cell to the right":     {anchors{16, 2}, 2, Point{-100 + 48, 40 + 16}},
		"next row":                   {anchors{16, 2}, 32, Point{-100 + 16, 40 + 48}},
		"last of the fine layer":     {anchors{16, 2}, 511, Point{-100 + 496, 40 + 496}},
		"first of the coarse layer":  {anchors{8, 6}, 5, Point{-100 + 32, 40 + 32}},
		"last of the coarse layer":   {anchors{8, 6}, 383, Point{-100 + 480, 40 + 480}},
		"a cell of the coarse layer": {anchors{8, 6}, 6*(8*2+3) + 1, Point{-100 + 224, 40 + 160}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := tt.anchors.cells * tt.anchors.cells * tt.anchors.each
			logits, boxes := make([]float32, n), make([]float32, 16*n)
			for i := range logits {
				logits[i] = -9
			}
			logits[tt.index] = float32(math.Log(3)) // a score of 3/4
			copy(boxes[16*tt.index:], []float32{10, -5, 40, 60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
			got := tt.anchors.decode(nil, logits, boxes, 0.5, part)
			require.Len(t, got, 1)
			x, y := tt.at.X, tt.at.Y
			require.InDelta(t, 0.75, got[0].score, 1e-6)
			require.Equal(t, frame{x + 20 - 40, y - 10 - 60, x + 20 + 40, y - 10 + 60}, got[0].box)
			require.Equal(t, [6]Point{
				{x + 2, y + 4}, {x + 6, y + 8}, {x + 10, y + 12}, {x + 14, y + 16}, {x + 18, y + 20}, {x + 22, y + 24},
			}, got[0].points)
			require.Empty(t, tt.anchors.decode(nil, logits, boxes, 0.76, part))
		})
	}
}

func TestDecodeLeavesOutWhatIsNoBox(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	tests := map[string]struct {
		logit float32
		index int
		value float32
		want  int
	}{
		"a box":              {100, 2, 10, 1},
		"endless confidence": {inf, 2, 10, 1},
		"no confidence":      {-inf, 2, 10, 0},
		"no score":           {nan, 2, 10, 0},
		"no width":           {100, 2, 0, 0},
		"negative height":    {100, 3, -4, 0},
		"width unknown":      {100, 2, nan, 0},
		"middle far away":    {100, 0, 1e30, 0},
		"middle unknown":     {100, 1, nan, 0},
		"endless landmark":   {100, 15, -inf, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			boxes := make([]float32, 16)
			boxes[2], boxes[3] = 10, 10
			boxes[tt.index] = tt.value
			require.Len(t, anchors{1, 1}.decode(nil, []float32{tt.logit}, boxes, 0.5, square{0, 0, 100}), tt.want)
		})
	}
}

// scattered returns candidates of which some overlap, with scores that differ.
func scattered(rng *rand.Rand, n int) []candidate {
	all := make([]candidate, n)
	for i := range all {
		x, y := rng.Float64()*100, rng.Float64()*100
		c := candidate{score: (float64(i) + 1 + rng.Float64()/2) / float64(n+1)}
		c.box = frame{x, y, x + 5 + rng.Float64()*30, y + 5 + rng.Float64()*30}
		for k := range c.points {
			c.points[k] = Point{rng.Float64() * 100, rng.Float64() * 100}
		}
		all[i] = c
	}
	rng.Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// naiveMerge is merge by its description.
func naiveMerge(all []candidate) (out []candidate) {
	all = slices.Clone(all)
	for len(all) > 0 {
		best := slices.MaxFunc(all, func(a, b candidate) int { return cmp.Compare(a.score, b.score) })
		var near, rest []candidate
		for _, c := range all {
			if best.box.overlap(c.box) >= sameFace {
				near = append(near, c)
			} else {
				rest = append(rest, c)
			}
		}
		weighted := func(of func(c candidate) float64) float64 {
			sum, weight := 0.0, 0.0
			for _, c := range near {
				sum, weight = sum+c.score*of(c), weight+c.score
			}
			return sum / weight
		}
		m := candidate{score: best.score, box: frame{
			weighted(func(c candidate) float64 { return c.box.x0 }), weighted(func(c candidate) float64 { return c.box.y0 }),
			weighted(func(c candidate) float64 { return c.box.x1 }), weighted(func(c candidate) float64 { return c.box.y1 }),
		}}
		for k := range m.points {
			m.points[k] = Point{
				weighted(func(c candidate) float64 { return c.points[k].X }),
				weighted(func(c candidate) float64 { return c.points[k].Y }),
			}
		}
		out, all = append(out, m), rest
	}
	return out
}

func numbers(c candidate) []float64 {
	v := []float64{c.score, c.box.x0, c.box.y0, c.box.x1, c.box.y1}
	for _, p := range c.points {
		v = append(v, p.X, p.Y)
	}
	return v
}

func TestMergeIsWeightedNonMaximumSuppression(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 3, 10, 50, 100} {
		for range 3 {
			all := scattered(rng, n)
			seeds := map[float64]frame{}
			for _, c := range all {
				seeds[c.score] = c.box
			}
			want, got := naiveMerge(all), merge(slices.Clone(all))
			require.Len(t, got, len(want))
			for i := range want {
				require.InDeltaSlice(t, numbers(want[i]), numbers(got[i]), 1e-9)
				for _, other := range got[:i] {
					require.Greater(t, other.score, got[i].score)
					require.Less(t, seeds[other.score].overlap(seeds[got[i].score]), sameFace)
				}
			}
		}
	}
}

func TestMergeOfEqualScoresKeepsTheOrder(t *testing.T) {
	all := []candidate{
		{score: 0.5, box: frame{0, 0, 10, 10}}, {score: 0.9, box: frame{100, 0, 110, 10}},
		{score: 0.5, box: frame{50, 0, 60, 10}}, {score: 0.9, box: frame{100, 0, 110, 12}},
	}
	got := merge(all)
	require.Len(t, got, 3)
	require.InDeltaSlice(t, numbers(candidate{score: 0.9, box: frame{100, 0, 110, 11}}), numbers(got[0]), 1e-9)
	require.InDelta(t, 0, got[1].box.x0, 1e-9)
	require.InDelta(t, 50, got[2].box.x0, 1e-9)
}

func TestOverlapCountsPixels(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	random := func() (frame, image.Rectangle) {
		r := image.Rect(rng.IntN(20), rng.IntN(20), rng.IntN(20), rng.IntN(20))
		r.Max = r.Max.Add(image.Pt(1, 1))
		return frame{float64(r.Min.X), float64(r.Min.Y), float64(r.Max.X), float64(r.Max.Y)}, r
	}
	for range 300 {
		f, a := random()
		g, b := random()
		both, either := 0, 0
		for y := range 21 {
			for x := range 21 {
				p := image.Pt(x, y)
				if p.In(a) && p.In(b) {
					both++
				}
				if p.In(a) || p.In(b) {
					either++
				}
			}
		}
		require.InDelta(t, float64(both)/float64(either), f.overlap(g), 1e-12)
		require.Equal(t, f.overlap(g), g.overlap(f))
	}
}

func TestAngleFollowsTheEyes(t *testing.T) {
	for want, left := range map[float64]Point{0: {30, 10}, 45: {30, 30}, 90: {10, 40}, -90: {10, -5}, 180: {-8, 10}} {
		require.InDelta(t, want, Landmarks{RightEye: Point{10, 10}, LeftEye: left}.angle(), 1e-9)
	}
}

// FuzzModelOutputs holds any numbers of the model against the comments of Face.
func FuzzModelOutputs(f *testing.F) {
	seed := func(values ...float32) []byte {
		var b []byte
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
		return b
	}
	f.Add(seed(3, 0, 0, 50, 60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 640, 480, 0.65, 0)
	f.Add(seed(3, 1e9, -1e9, 50, 60, 1, 2), 1, 1, 0.01, 1)
	f.Add(seed(float32(math.Inf(1)), float32(math.NaN())), 5, 3000, 1.0, 3)
	f.Fuzz(func(t *testing.T, data []byte, w, h int, minScore float64, maxFaces int) {
		w, h = 1+int(uint(w)%5000), 1+int(uint(h)%5000)
		o, err := FaceDetectorOptions{MinScore: minScore, MaxFaces: maxFaces}.withDefaults()
		if err != nil || len(data) < 4 {
			return
		}
		values := make([]float32, 17*64)
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*(i%(len(data)/4)):]))
		}
		part := around(w, h)
		found := anchors{8, 1}.decode(nil, values[:64], values[64:], o.MinScore, part)
		bounds := image.Rect(-5, 9, w-5, h+9)
		finder := faceFinder{opt: o}
		faces := finder.faces(merge(found), &source{img: image.NewPaletted(image.Rectangle{}, nil), w: w, h: h})
		require.Empty(t, faces, "nothing is in an empty picture")
		faces = finder.faces(merge(found), &source{img: bounded(bounds), w: w, h: h})
		checkFaces(t, faces, bounds, o)
	})
}

func checkFaces(t *testing.T, faces []Face, bounds image.Rectangle, o FaceDetectorOptions) {
	t.Helper()
	if o.MaxFaces > 0 && len(faces) > o.MaxFaces {
		t.Fatalf("%d faces, want %d at most", len(faces), o.MaxFaces)
	}
	last := 1.0
	for _, f := range faces {
		if f.Box.Empty() || !f.Box.In(bounds) {
			t.Fatalf("box %v in a picture of %v", f.Box, bounds)
		}
		if f.Score > last || f.Score < o.MinScore {
			t.Fatalf("score %v after %v, want %v at least", f.Score, last, o.MinScore)
		}
		last = f.Score
		for _, v := range []float64{f.Angle, f.Landmarks.Nose.X, f.Landmarks.LeftEar.Y, f.Landmarks.RightEye.X} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("not finite: %+v", f)
			}
		}
	}
}

// bounded is a picture of which only the bounds are asked.
type bounded image.Rectangle

func (b bounded) Bounds() image.Rectangle { return image.Rectangle(b) }
func (bounded) ColorModel() color.Model   { return color.GrayModel }
func (bounded) At(int, int) color.Color   { return color.Black }

func BenchmarkMerge(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{20, 200, 2000} {
		all := scattered(rng, n)
		work := make([]candidate, n)
		for name, f := range map[string]func([]candidate) []candidate{"merge": merge, "naive": naiveMerge} {
			b.Run(fmt.Sprintf("n=%d/%s", n, name), func(b *testing.B) {
				for b.Loop() {
					copy(work, all)
					f(work)
				}
			})
		}
	}
}

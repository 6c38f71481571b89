package faceid_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
	"github.com/quintet-ai/quintet/vision/faceid"
)

// meanColors is a model whose vector is the mean of each channel of the input.
func meanColors(w, h int64) optimize.Model {
	b := onnxpb.NewBuilder("mean")
	batch := onnxpb.FreeDim("batch")
	x := b.Input("faces", onnxpb.Float, batch, onnxpb.FixedDim(3), onnxpb.FixedDim(h), onnxpb.FixedDim(w))
	mean := b.OpWith("ReduceMean", []onnxpb.Attribute{onnxpb.IntsAttr("axes", 2, 3), onnxpb.IntAttr("keepdims", 0)}, x)
	b.Rename(mean, "embedding")
	b.Output("embedding", onnxpb.Float, batch, onnxpb.FixedDim(3))
	return optimize.ModelBytes(b.Model(17).Append(nil))
}

// at returns the landmarks of a face whose template, of 112 pixels, is turned by an
// angle, scaled and moved.
func at(x, y, scale, angle float64) vision.Landmarks {
	sin, cos := math.Sincos(angle)
	p := func(u, v float64) vision.Point {
		u, v = (u-56)*scale, (v-56)*scale
		return vision.Point{X: x + cos*u - sin*v, Y: y + sin*u + cos*v}
	}
	return vision.Landmarks{RightEye: p(38.7946, 52.1963), LeftEye: p(74.0318, 52.0014), Nose: p(56.5252, 72.2366), Mouth: p(56.6396, 92.7848)}
}

// canvas is a picture of one colour.
func canvas(w, h int, c color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(m.Pix); i += 4 {
		m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = c.R, c.G, c.B, 255
	}
	return m
}

// disc paints one.
func disc(m *image.NRGBA, p vision.Point, r float64, c color.NRGBA) {
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			if math.Hypot(float64(x)+0.5-p.X, float64(y)+0.5-p.Y) <= r {
				m.SetNRGBA(x, y, c)
			}
		}
	}
}

func TestAlignedFacesHaveTheirPointsInPlace(t *testing.T) {
	want := at(56, 56, 1, 0)
	for name, tt := range map[string]struct {
		x, y, scale, angle float64
	}{
		"as it is":       {100, 100, 1, 0},
		"large":          {200, 200, 3.3, 0},
		"small":          {100, 100, 0.5, 0},
		"tilted":         {150, 150, 1.5, 0.5},
		"on its side":    {150, 150, 1.5, math.Pi / 2},
		"upside down":    {150, 150, 1.2, math.Pi},
		"partly outside": {300, 180, 1, -0.3},
	} {
		t.Run(name, func(t *testing.T) {
			m := canvas(400, 400, color.NRGBA{90, 90, 90, 255})
			m.Rect = m.Rect.Add(image.Pt(-13, 7)) // bounds need not begin at zero
			l := at(tt.x, tt.y, tt.scale, tt.angle)
			disc(m, l.RightEye, 4*tt.scale, color.NRGBA{255, 0, 0, 255})
			disc(m, l.LeftEye, 4*tt.scale, color.NRGBA{0, 255, 0, 255})
			disc(m, l.Mouth, 4*tt.scale, color.NRGBA{0, 0, 255, 255})
			got, err := faceid.Align(m, l, 112)
			require.NoError(t, err)
			require.Equal(t, image.Rect(0, 0, 112, 112), got.Rect)
			for c, p := range []vision.Point{want.RightEye, want.LeftEye, want.Mouth} {
				x, y, n := middle(got, c)
				const off = 0.4 // discs are made of whole pixels
				require.InDelta(t, p.X, x, off)
				require.InDelta(t, p.Y, y, off)
				require.InDelta(t, 50, n, 12, "the area of a disc")
			}
		})
	}
	half, err := faceid.Align(canvas(300, 300, color.NRGBA{90, 90, 90, 255}), at(150, 150, 1, 0), 56)
	require.NoError(t, err)
	require.Equal(t, 56, half.Rect.Dx())
}

// middle returns that of the pixels of one colour, and how many there are.
func middle(m *image.NRGBA, c int) (x, y, n float64) {
	for i := 0; i < len(m.Pix); i += 4 {
		if p := m.Pix[i : i+3]; p[c] > 170 && p[(c+1)%3] < 90 && p[(c+2)%3] < 90 {
			x, y, n = x+float64(i/4%112)+0.5, y+float64(i/4/112)+0.5, n+1
		}
	}
	return x / n, y / n, n
}

func TestFacesThatCannotBeAligned(t *testing.T) {
	m := canvas(100, 100, color.NRGBA{})
	good := at(50, 50, 0.5, 0)
	for name, tt := range map[string]struct {
		img  image.Image
		l    vision.Landmarks
		side int
		want error
	}{
		"no points":       {m, vision.Landmarks{}, 112, quintet.ErrInput},
		"not a number":    {m, at(math.NaN(), 5, 1, 0), 112, quintet.ErrInput},
		"outside":         {m, at(5000, 50, 1, 0), 112, quintet.ErrInput},
		"no picture":      {nil, good, 112, quintet.ErrInput},
		"an empty one":    {image.NewGray(image.Rectangle{}), good, 112, quintet.ErrInput},
		"a side too long": {m, good, 5000, quintet.ErrOption},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := faceid.Align(tt.img, tt.l, tt.side)
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func portraits(t testing.TB, c color.NRGBA) faceid.Portraits {
	t.Helper()
	m := canvas(200, 150, color.NRGBA{})
	draw := func(l vision.Landmarks) { disc(m, l.Nose, 60, c) }
	a, b := at(60, 70, 0.5, 0.2), at(140, 70, 0.4, 0)
	draw(a)
	draw(b)
	var buf bytes.Buffer
	require.NoError(t, png.Encode(&buf, m))
	return faceid.Portraits{Picture: vision.Picture{Data: buf.Bytes()}, Faces: []vision.Face{{Landmarks: a}, {Landmarks: b}}}
}

func TestPipelineContract(t *testing.T) {
	model := meanColors(112, 112)
	good := portraits(t, color.NRGBA{255, 40, 40, 255})
	pipetest.Contract(t, pipetest.Case[faceid.Portraits, [][]float32]{
		Name: "faceid",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[faceid.Portraits, [][]float32] {
			own := quintet.ObserverFunc(func(e quintet.Event) {
				if e.Pipeline != "vision.Embedder" { // the network tells of itself, too
					o.Observe(e)
				}
			})
			if o == nil {
				own = func(quintet.Event) {}
			}
			rt, err := optimize.New(optimize.Options{Workers: 3, Observer: own})
			require.NoError(t, err)
			e, err := faceid.New(faceid.Options{Model: model, Runtime: rt, MaxFaces: 2})
			require.NoError(t, err)
			return e
		},
		Good: []faceid.Portraits{
			good,
			{Picture: vision.Picture{Image: canvas(50, 50, color.NRGBA{9, 9, 9, 255})}},
			portraits(t, color.NRGBA{0, 255, 255, 255}),
		},
		Bad: []faceid.Portraits{
			{},
			{Picture: vision.Picture{Data: []byte("beans")}, Faces: good.Faces},
			{Picture: good.Picture, Faces: make([]vision.Face, 1)},
			{Picture: good.Picture, Faces: make([]vision.Face, 3)},
		},
	})
}

func TestVectorsAreThoseOfTheModel(t *testing.T) {
	e, err := faceid.New(faceid.Options{Model: meanColors(112, 112)})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	require.Equal(t, 3, e.Dim())
	in := faceid.Portraits{
		Picture: vision.Picture{Image: canvas(300, 300, color.NRGBA{255, 0, 127, 255})},
		Faces:   []vision.Face{{Landmarks: at(150, 150, 1, 0)}, {Landmarks: at(150, 150, 0.7, 1)}},
	}
	got, err := e.Run(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, got, 2)
	for _, v := range got { // 1, -1 and nearly 0, of length 1
		require.InDeltaSlice(t, []float32{0.7071, -0.7071, -0.0028}, v, 1e-3)
	}
	same, err := faceid.Cosine(got[0], got[1])
	require.NoError(t, err)
	require.InDelta(t, 1, same, 1e-6)
	_, err = faceid.New(faceid.Options{Model: meanColors(112, 96)})
	require.ErrorIs(t, err, quintet.ErrModel)
	_, err = faceid.New(faceid.Options{})
	require.ErrorIs(t, err, quintet.ErrModel)
	_, err = faceid.New(faceid.Options{Model: meanColors(112, 112), MaxFaces: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestScores(t *testing.T) {
	c, err := faceid.Cosine([]float32{1, 0}, []float32{3, 4})
	require.NoError(t, err)
	require.InDelta(t, 0.6, c, 1e-9)
	nan := float32(math.NaN())
	for _, bad := range [][2][]float32{{{1}, {1, 2}}, {{0, 0}, {1, 2}}, {{nan, 1}, {1, 1}}, {nil, nil}} {
		_, err := faceid.Cosine(bad[0], bad[1])
		require.ErrorIs(t, err, quintet.ErrInput)
	}
	different := []float64{0.5, 0.1, 0.2, 0.3, 0.4}
	for share, want := range map[float64]int{0: 0, 0.19: 0, 0.2: 1, 0.4: 2, 1: 5} {
		v, err := faceid.Threshold(different, share)
		require.NoError(t, err)
		n := 0
		for _, d := range different {
			if d >= v {
				n++
			}
		}
		require.Equal(t, want, n, "share %v", share)
	}
	for _, bad := range [][]float64{nil, {math.NaN()}} {
		_, err := faceid.Threshold(bad, 0)
		require.ErrorIs(t, err, quintet.ErrInput)
	}
}

func TestAGalleryKnowsPeople(t *testing.T) {
	g, err := faceid.NewGallery(faceid.GalleryOptions{MinScore: 0.5})
	require.NoError(t, err)
	for _, p := range []struct {
		name string
		v    []float32
	}{{"Ada", []float32{1, 0, 0}}, {"Ada", []float32{1, 1, 0}}, {"Bob", []float32{0, 1, 0}}, {"Cy", []float32{0, 0, 1}}} {
		require.NoError(t, g.Add(p.name, p.v))
	}
	got, err := g.Match([]float32{0, 2, 0})
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, faceid.Match{Name: "Bob", Score: 1}, got[0])
	require.Equal(t, "Ada", got[1].Name)
	require.InDelta(t, math.Sqrt(0.5), got[1].Score, 1e-7)
	got, err = g.Match([]float32{-1, 0, 0})
	require.NoError(t, err)
	require.Empty(t, got)
	require.Equal(t, 2, g.Delete("Ada"))
	require.Zero(t, g.Delete("Ada"))
	_, err = g.Match([]float32{1})
	require.ErrorIs(t, err, quintet.ErrInput)
	require.ErrorIs(t, g.Add("x", []float32{1}), quintet.ErrInput)
	require.ErrorIs(t, g.Add("x", []float32{0, 0, 0}), quintet.ErrInput)
	_, err = faceid.NewGallery(faceid.GalleryOptions{MinScore: 2})
	require.ErrorIs(t, err, quintet.ErrOption)
}

// naiveCluster joins the best pair of groups, whose mean it counts anew each time.
func naiveCluster(t testing.TB, faces [][]float32, least float64) [][]int {
	t.Helper()
	var groups [][]int
	for i := range faces {
		groups = append(groups, []int{i})
	}
	for {
		best, bi, bj := math.Inf(-1), 0, 0
		for i := range groups {
			for j := range groups[:i] {
				sum := 0.0
				for _, a := range groups[i] {
					for _, b := range groups[j] {
						c, err := faceid.Cosine(faces[a], faces[b])
						require.NoError(t, err)
						sum += c
					}
				}
				if mean := sum / float64(len(groups[i])*len(groups[j])); mean > best {
					best, bi, bj = mean, i, j
				}
			}
		}
		if best < least {
			break
		}
		groups[bj] = append(groups[bj], groups[bi]...)
		groups = slices.Delete(groups, bi, bi+1)
	}
	for _, g := range groups {
		slices.Sort(g)
	}
	slices.SortFunc(groups, slices.Compare)
	return groups
}

func TestClustersAreThoseOfTheNaiveWay(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 3))
		n, dim := 1+rng.IntN(25), 2+rng.IntN(6)
		faces := make([][]float32, n)
		for i := range faces {
			for range dim {
				faces[i] = append(faces[i], float32(rng.NormFloat64()))
			}
		}
		least := rng.Float64()*1.4 - 0.4
		got, err := faceid.Cluster(t.Context(), faces, faceid.ClusterOptions{MinScore: least})
		require.NoError(t, err)
		require.Equal(t, naiveCluster(t, faces, least), got, "seed %d", seed)
	}
}

func TestPeopleAreGrouped(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const people, each, dim = 12, 15, 64
	var faces [][]float32
	var want [][]int
	for p := range people {
		who := make([]float64, dim)
		for k := range who {
			who[k] = rng.NormFloat64()
		}
		want = append(want, nil)
		for range each {
			want[p] = append(want[p], len(faces))
			v := make([]float32, dim)
			for k := range v {
				v[k] = float32(who[k] + 0.7*rng.NormFloat64())
			}
			faces = append(faces, v)
		}
	}
	got, err := faceid.Cluster(t.Context(), faces, faceid.ClusterOptions{})
	require.NoError(t, err)
	require.Equal(t, want, got)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = faceid.Cluster(ctx, faces, faceid.ClusterOptions{})
	require.ErrorIs(t, err, context.Canceled)
	_, err = faceid.Cluster(t.Context(), [][]float32{{1}, {1, 2}}, faceid.ClusterOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = faceid.Cluster(t.Context(), nil, faceid.ClusterOptions{MinScore: -2})
	require.ErrorIs(t, err, quintet.ErrOption)
	got, err = faceid.Cluster(t.Context(), slices.Repeat([][]float32{{1, 2}}, 9), faceid.ClusterOptions{})
	require.NoError(t, err)
	require.Len(t, got, 1, "copies")
}

func ExampleCluster() {
	vectors := [][]float32{{1, 0}, {0, 1}, {0.9, 0.1}} // of an Embedder
	groups, err := faceid.Cluster(context.Background(), vectors, faceid.ClusterOptions{MinScore: 0.5})
	fmt.Println(groups, err)
	// Output: [[0 2] [1]] <nil>
}

func BenchmarkCluster(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 5))
	faces := make([][]float32, 500)
	for i := range faces {
		for range 128 {
			faces[i] = append(faces[i], float32(rng.NormFloat64()))
		}
	}
	b.Run("n=500", func(b *testing.B) {
		for b.Loop() {
			if _, err := faceid.Cluster(b.Context(), faces, faceid.ClusterOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

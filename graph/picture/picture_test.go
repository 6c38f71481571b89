package picture_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"log"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/graph/picture"
)

func ExampleWriteSVG() {
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	b.AddEdge("Oslo", "Bergen", 1)
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	l, err := graph.ForceLayout(context.Background(), g, graph.ForceLayoutOptions{})
	if err != nil {
		log.Fatal(err)
	}
	var svg strings.Builder
	if err := picture.WriteSVG(&svg, g, l, picture.Options[string]{Title: "Railways"}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Count(svg.String(), "<circle"), strings.Contains(svg.String(), ">Bergen</text>"))
	// Output: 2 true
}

// communities is a graph of four groups with a layout of it.
func communities(t testing.TB) (*graph.Graph[int], *graph.Layout[int], []int32) {
	t.Helper()
	g, err := graph.PlantedPartition(graph.PlantedPartitionOptions{Groups: 4, Size: 15, Inside: 0.4, Between: 0.02, Seed: 1})
	require.NoError(t, err)
	l, err := graph.ForceLayout(t.Context(), g, graph.ForceLayoutOptions{Iterations: 60, Workers: 1})
	require.NoError(t, err)
	groups := make([]int32, g.Order())
	for u := range groups {
		groups[u] = int32(u / 15)
	}
	return g, l, groups
}

// steps is a directed graph in layers with bends, a cycle and a loop.
func steps(t testing.TB) (*graph.Graph[string], *graph.Layout[string]) {
	t.Helper()
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("a", "b", 1)
	b.AddEdge("b", "c", 2)
	b.AddEdge("c", "d", 4)
	b.AddEdge("a", "d", 1)
	b.AddEdge("d", "b", 1)
	b.AddEdge("c", "c", 1)
	g, err := b.Build()
	require.NoError(t, err)
	l, err := graph.LayeredLayout(t.Context(), g, graph.LayeredLayoutOptions{})
	require.NoError(t, err)
	return g, l
}

// elements counts the elements of an SVG document by name and returns its texts, or
// the error of the parser.
func elements(svg string) (count map[string]int, texts []string, err error) {
	d := xml.NewDecoder(strings.NewReader(svg))
	count = map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count, texts, nil
		}
		if err != nil {
			return nil, nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			count[token.Name.Local]++
		case xml.CharData:
			if s := strings.TrimSpace(string(token)); s != "" {
				texts = append(texts, s)
			}
		}
	}
}

func TestAnSVGShowsNodesAndEdges(t *testing.T) {
	g, l, groups := communities(t)
	var svg strings.Builder
	require.NoError(t, picture.WriteSVG(&svg, g, l, picture.Options[int]{Groups: groups, Title: "Four"}))
	count, texts, err := elements(svg.String())
	require.NoError(t, err)
	require.Equal(t, g.Order(), count["circle"])
	require.Equal(t, g.Size(), count["path"])
	require.Contains(t, texts, "Four")
	for i, c := range picture.Palette() {
		require.Equal(t, i < 4, strings.Contains(svg.String(), `fill="`+c+`"`), "colour %d", i)
	}
	var again strings.Builder
	require.NoError(t, picture.WriteSVG(&again, g, l, picture.Options[int]{Groups: groups, Title: "Four"}))
	require.Equal(t, svg.String(), again.String())

	directed, layered := steps(t)
	svg.Reset()
	require.NoError(t, picture.WriteSVG(&svg, directed, layered, picture.Options[string]{}))
	count, _, err = elements(svg.String())
	require.NoError(t, err)
	require.Equal(t, 2*directed.Size()-1, count["path"], "a head for each edge but the loop")
}

func TestLabelsDoNotOverlap(t *testing.T) {
	g, l, groups := communities(t)
	o := picture.Options[int]{Groups: groups, Width: 600, Height: 400, Label: func(k int) string { return fmt.Sprint("number ", k) }}
	boxes, err := picture.LabelBoxes(g, l, o)
	require.NoError(t, err)
	require.Greater(t, len(boxes), 10)
	for i, a := range boxes {
		require.True(t, a.X0 >= 0 && a.Y0 >= 0 && a.X1 <= 600 && a.Y1 <= 400, "a label leaves the picture")
		for _, b := range boxes[:i] {
			overlap := min(a.X1, b.X1)-max(a.X0, b.X0) > 1e-9 && min(a.Y1, b.Y1)-max(a.Y0, b.Y0) > 1e-9
			require.False(t, overlap)
		}
	}
	o.MaxLabels = 3
	boxes, err = picture.LabelBoxes(g, l, o)
	require.NoError(t, err)
	require.Len(t, boxes, 3)
	o.NoLabels = true
	var svg strings.Builder
	require.NoError(t, picture.WriteSVG(&svg, g, l, o))
	require.NotContains(t, svg.String(), "number")
}

func TestAPNGShowsTheSameDrawing(t *testing.T) {
	g, l, groups := communities(t)
	var file bytes.Buffer
	o := picture.Options[int]{Groups: groups, Width: 500, Height: 300, NoLabels: true}
	require.NoError(t, picture.WritePNG(&file, g, l, o))
	m, err := png.Decode(&file)
	require.NoError(t, err)
	require.Equal(t, 500, m.Bounds().Dx())
	require.Equal(t, 300, m.Bounds().Dy())
	pixels := map[color.Color]int{}
	for y := range 300 {
		for x := range 500 {
			pixels[m.At(x, y)]++
		}
	}
	require.Greater(t, pixels[color.RGBA{0xff, 0xff, 0xff, 0xff}], 500*300/2)
	for _, c := range []color.RGBA{{0x33, 0x22, 0x88, 0xff}, {0xcc, 0x66, 0x77, 0xff}, {0x44, 0xaa, 0x99, 0xff}} {
		require.Greater(t, pixels[c], 100)
	}
	require.Zero(t, pixels[color.RGBA{0x88, 0xcc, 0xee, 0xff}], "no fifth group")

	directed, layered := steps(t)
	require.NoError(t, picture.WritePNG(&file, directed, layered, picture.Options[string]{Title: "Steps"}))
	_, err = png.Decode(&file)
	require.NoError(t, err)
}

func TestGraphsWithLittleInThemAreDrawn(t *testing.T) {
	one := graph.NewBuilder[string](graph.BuilderOptions{})
	one.AddNode("alone")
	single, err := one.Build()
	require.NoError(t, err)
	for name, g := range map[string]*graph.Graph[string]{"none": new(graph.Graph[string]), "one": single} {
		t.Run(name, func(t *testing.T) {
			l, err := graph.ForceLayout(t.Context(), g, graph.ForceLayoutOptions{})
			require.NoError(t, err)
			var out strings.Builder
			require.NoError(t, picture.WriteSVG(&out, g, l, picture.Options[string]{Scores: make([]float64, g.Order())}))
			count, _, err := elements(out.String())
			require.NoError(t, err)
			require.Equal(t, g.Order(), count["circle"])
			require.NotContains(t, out.String(), "NaN")
			require.NoError(t, picture.WritePNG(io.Discard, g, l, picture.Options[string]{}))
		})
	}
}

func TestBadDrawingsAreRefused(t *testing.T) {
	g, l, _ := communities(t)
	broken := *l
	broken.Points = append([]graph.Point{{X: math.NaN()}}, l.Points[1:]...)
	far := *l
	far.Points = append([]graph.Point{{X: -math.MaxFloat64}, {X: math.MaxFloat64}}, l.Points[2:]...)
	short := *l
	short.Points = l.Points[1:]
	bent := *l
	bent.Bends = make([][]graph.Point, 1)
	scores := func(s float64) []float64 { return append([]float64{s}, make([]float64, g.Order()-1)...) }
	tests := map[string]struct {
		g    *graph.Graph[int]
		l    *graph.Layout[int]
		o    picture.Options[int]
		want error
	}{
		"a nil graph":           {nil, l, picture.Options[int]{}, quintet.ErrInput},
		"a nil layout":          {g, nil, picture.Options[int]{}, quintet.ErrInput},
		"too few points":        {g, &short, picture.Options[int]{}, quintet.ErrInput},
		"a point that is NaN":   {g, &broken, picture.Options[int]{}, quintet.ErrInput},
		"points too far":        {g, &far, picture.Options[int]{}, quintet.ErrInput},
		"bends of another size": {g, &bent, picture.Options[int]{}, quintet.ErrInput},
		"too few groups":        {g, l, picture.Options[int]{Groups: []int32{1}}, quintet.ErrInput},
		"too few scores":        {g, l, picture.Options[int]{Scores: []float64{1}}, quintet.ErrInput},
		"a negative score":      {g, l, picture.Options[int]{Scores: scores(-1)}, quintet.ErrInput},
		"an infinite score":     {g, l, picture.Options[int]{Scores: scores(math.Inf(1))}, quintet.ErrInput},
		"a tiny picture":        {g, l, picture.Options[int]{Width: 10}, quintet.ErrOption},
		"a huge picture":        {g, l, picture.Options[int]{Height: 1 << 20}, quintet.ErrOption},
		"a negative number":     {g, l, picture.Options[int]{MaxLabels: -1}, quintet.ErrOption},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.ErrorIs(t, picture.WriteSVG(&out, tt.g, tt.l, tt.o), tt.want)
			require.ErrorIs(t, picture.WritePNG(&out, tt.g, tt.l, tt.o), tt.want)
			require.Zero(t, out.Len())
		})
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestTheErrorOfTheWriterIsReturned(t *testing.T) {
	g, l, _ := communities(t)
	require.ErrorIs(t, picture.WriteSVG(full{}, g, l, picture.Options[int]{}), errFull)
	require.ErrorIs(t, picture.WritePNG(full{}, g, l, picture.Options[int]{Width: 100, Height: 100}), errFull)
}

// FuzzWriteSVG holds that any text makes a well-formed document without elements of
// its own.
func FuzzWriteSVG(f *testing.F) {
	f.Add("<script>alert(1)</script>", "\"'&]]>")
	f.Add("\x00\x1b\ufffe", "\xff\n\t")
	f.Fuzz(func(t *testing.T, name, title string) {
		b := graph.NewBuilder[string](graph.BuilderOptions{})
		b.AddEdge(name, "other", 1)
		b.AddEdge(name, "third", 1)
		g, err := b.Build()
		require.NoError(t, err)
		l, err := graph.ForceLayout(t.Context(), g, graph.ForceLayoutOptions{Iterations: 2, Workers: 1})
		require.NoError(t, err)
		var out strings.Builder
		require.NoError(t, picture.WriteSVG(&out, g, l, picture.Options[string]{Title: title}))
		count, _, err := elements(out.String())
		require.NoError(t, err, out.String())
		require.Equal(t, g.Order(), count["circle"])
		for element := range count {
			require.Contains(t, []string{"svg", "rect", "g", "path", "circle", "title", "text"}, element)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	g, l, groups := communities(b)
	o := picture.Options[int]{Groups: groups}
	for name, write := range map[string]func(io.Writer, *graph.Graph[int], *graph.Layout[int], picture.Options[int]) error{
		"svg": picture.WriteSVG[int], "png": picture.WritePNG[int],
	} {
		b.Run("format="+name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, write(io.Discard, g, l, o))
			}
		})
	}
}

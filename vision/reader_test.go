package vision_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

func reader(t testing.TB, o vision.ReaderOptions) *vision.Reader {
	t.Helper()
	r, err := vision.NewReader(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

func TestReaderContract(t *testing.T) {
	m := flags(200, 60, map[image.Point]string{{20, 20}: "rgb"})
	data := asPNG(t, m)
	pipetest.Contract(t, pipetest.Case[vision.Picture, vision.Reading]{
		Name: "vision.Reader",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[vision.Picture, vision.Reading] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			options := flagOptions()
			options.Runtime = rt
			r, err := vision.NewReader(options)
			require.NoError(t, err)
			return r
		},
		Good: []vision.Picture{{ID: "a", Data: data}, {ID: "b", Image: flags(200, 60, map[image.Point]string{{20, 20}: "br"})}},
		Bad: []vision.Picture{
			{ID: "nothing"},
			{ID: "both", Data: data, Image: m},
			{ID: "text", Data: []byte("not a picture")},
			{ID: "truncated", Data: data[:len(data)/2]},
			{ID: "bomb", Data: pngBomb(20000, 20000, 8, 6, 0, 0)},
			{ID: "nil image", Image: (*image.Gray)(nil)},
		},
	})
}

func TestALineAndItsWords(t *testing.T) {
	m := flags(400, 100, map[image.Point]string{{40, 30}: "rg bgr"})
	got, err := reader(t, flagOptions()).Run(t.Context(), vision.Picture{Image: m})
	require.NoError(t, err)
	require.Equal(t, "rg bgr", got.Text)
	require.Len(t, got.Lines, 1)
	line := got.Lines[0]
	require.Equal(t, got.Text, line.Text)
	require.Greater(t, line.Score, 0.99)
	block := image.Rect(40, 30, 280, 50)
	require.True(t, block.In(line.Box), "%v", line.Box)
	require.True(t, line.Box.In(block.Inset(-30)), "%v", line.Box)
	require.Less(t, line.Corners[0].X, line.Corners[1].X)
	require.Less(t, line.Corners[0].Y, line.Corners[3].Y)
	require.Len(t, line.Words, 2)
	for i, want := range []image.Rectangle{image.Rect(40, 30, 120, 50), image.Rect(160, 30, 280, 50)} {
		w := line.Words[i]
		require.Equal(t, []string{"rg", "bgr"}[i], w.Text)
		require.InDelta(t, want.Min.X, w.Box.Min.X, flagSize/2, "half a character")
		require.InDelta(t, want.Max.X, w.Box.Max.X, flagSize/2)
	}

	b, err := json.Marshal(got)
	require.NoError(t, err)
	var again vision.Reading
	require.NoError(t, json.Unmarshal(b, &again))
	require.Equal(t, got, again)
}

func TestTextInEveryDirection(t *testing.T) {
	m := flags(300, 120, map[image.Point]string{{40, 20}: "rgb", {60, 80}: "br"})
	r := reader(t, flagOptions())
	for o := vision.Orientation(1); o <= 8; o++ {
		if o == 2 || o == 4 || o == 5 || o == 7 {
			continue // mirrored
		}
		turned, err := vision.Turn(m, o)
		require.NoError(t, err)
		turned.Rect = turned.Rect.Add(image.Pt(-70, 900))
		got, err := r.Run(t.Context(), vision.Picture{Image: turned})
		require.NoError(t, err)
		require.Equal(t, "rgb\nbr", got.Text, "orientation %d", o)
		for _, line := range got.Lines {
			require.True(t, line.Box.In(turned.Rect))
		}
		d := got.Lines[0].Corners
		want := map[vision.Orientation][2]bool{1: {true, false}, 3: {true, true}, 6: {false, false}, 8: {false, true}}[o]
		along := vision.Point{X: d[1].X - d[0].X, Y: d[1].Y - d[0].Y}
		level := math.Abs(along.X) > math.Abs(along.Y)
		require.Equal(t, want, [2]bool{level, min(along.X, along.Y) < -10}, "orientation %d: %v", o, d)
	}

	options := flagOptions()
	options.Orientation = optimize.Model{}
	upside, err := vision.Turn(m, 3)
	require.NoError(t, err)
	got, err := reader(t, options).Run(t.Context(), vision.Picture{Image: upside})
	require.NoError(t, err)
	require.Equal(t, "rb\nbgr", got.Text, "without a model lines stay as they are")
}

func TestRowsAreReadInOrder(t *testing.T) {
	m := flags(600, 200, map[image.Point]string{
		{300, 33}: "gr", {40, 30}: "rgb", {40, 90}: "b", {420, 150}: "rbr", {60, 150}: "bg",
	})
	got, err := reader(t, flagOptions()).Run(t.Context(), vision.Picture{Data: asJPEG(t, m, 95)})
	require.NoError(t, err)
	require.Equal(t, "rgb gr\nb\nbg rbr", got.Text)
	require.Len(t, got.Lines, 5)

	for _, batch := range []int{2, 7} {
		options := flagOptions()
		options.Batch = batch
		again, err := reader(t, options).Run(t.Context(), vision.Picture{Data: asJPEG(t, m, 95)})
		require.NoError(t, err)
		require.Equal(t, got.Text, again.Text, "in batches of %d", batch)
	}
}

func TestPicturesWithoutText(t *testing.T) {
	r := reader(t, flagOptions())
	for name, m := range map[string]image.Image{
		"a pixel": photograph(1, 1), "a white pixel": uniform(1, 1, color.White), "white": uniform(300, 200, color.White),
		"a row": uniform(5000, 1, color.White), "a column": uniform(1, 5000, color.White),
		"transparent": image.NewNRGBA(image.Rect(0, 0, 90, 90)),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := r.Run(t.Context(), vision.Picture{Image: m})
			require.NoError(t, err)
			require.Empty(t, got.Lines)
			require.Empty(t, got.Text)
		})
	}
	for name, m := range map[string]image.Image{ // something is found, and it is not far from the picture
		"black": uniform(300, 200, color.Black), "a black row": uniform(3000, 5, color.Black), "shapes": photograph(300, 200),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := r.Run(t.Context(), vision.Picture{Image: m})
			require.NoError(t, err)
			for _, line := range got.Lines {
				require.True(t, line.Box.In(m.Bounds()))
			}
		})
	}
}

func TestOptionsOfAReader(t *testing.T) {
	m := vision.Picture{Image: flags(300, 120, map[image.Point]string{{40, 20}: "rgb", {60, 80}: "br"})}
	for name, tt := range map[string]struct {
		change func(o *vision.ReaderOptions)
		want   string
	}{
		"none":            {func(*vision.ReaderOptions) {}, "rgb\nbr"},
		"characters":      {func(o *vision.ReaderOptions) { o.Characters = "rg" }, "rg\nr"},
		"one line":        {func(o *vision.ReaderOptions) { o.MaxLines = 1 }, "rgb"},
		"scaled down":     {func(o *vision.ReaderOptions) { o.MaxSide = 160 }, "rgb\nbr"},
		"no line so sure": {func(o *vision.ReaderOptions) { o.BoxThreshold = 1 }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := flagOptions()
			tt.change(&o)
			got, err := reader(t, o).Run(t.Context(), m)
			require.NoError(t, err)
			require.Equal(t, tt.want, got.Text)
		})
	}
	for name, change := range map[string]func(o *vision.ReaderOptions){
		"no detection":        func(o *vision.ReaderOptions) { o.Detection = optimize.Model{} },
		"no recognition":      func(o *vision.ReaderOptions) { o.Recognition = optimize.Model{} },
		"no alphabet":         func(o *vision.ReaderOptions) { o.Alphabet = nil },
		"alphabet too short":  func(o *vision.ReaderOptions) { o.Alphabet = o.Alphabet[:2] },
		"alphabet too long":   func(o *vision.ReaderOptions) { o.Alphabet = append(o.Alphabet, "x") },
		"foreign characters":  func(o *vision.ReaderOptions) { o.Characters = "xyz" },
		"negative prior":      func(o *vision.ReaderOptions) { o.SpacePrior = -1 },
		"no number":           func(o *vision.ReaderOptions) { o.MinScore = math.NaN() },
		"threshold above one": func(o *vision.ReaderOptions) { o.BoxThreshold = 1.1 },
		"endless growth":      func(o *vision.ReaderOptions) { o.Unclip = math.Inf(1) },
		"side too small":      func(o *vision.ReaderOptions) { o.MaxSide = 31 },
		"side too large":      func(o *vision.ReaderOptions) { o.MaxSide = 4097 },
		"negative lines":      func(o *vision.ReaderOptions) { o.MaxLines = -1 },
		"negative batch":      func(o *vision.ReaderOptions) { o.Batch = -1 },
		"negative limit":      func(o *vision.ReaderOptions) { o.Limits.MaxSide = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			o := flagOptions()
			change(&o)
			r, err := vision.NewReader(o)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, "vision: ")
			require.Nil(t, r)
		})
	}
}

func TestModelsThatAreNotForReading(t *testing.T) {
	rt, err := optimize.New(optimize.Options{})
	require.NoError(t, err)
	for name, change := range map[string]func(o *vision.ReaderOptions){
		"detection that recognises":   func(o *vision.ReaderOptions) { o.Detection = flagRecognition() },
		"recognition that detects":    func(o *vision.ReaderOptions) { o.Recognition = flagDetection() },
		"orientation that recognises": func(o *vision.ReaderOptions) { o.Orientation = flagRecognition() },
		"no model at all":             func(o *vision.ReaderOptions) { o.Recognition = optimize.ModelBytes([]byte("not a model")) },
	} {
		t.Run(name, func(t *testing.T) {
			o := flagOptions()
			o.Runtime = rt
			change(&o)
			r, err := vision.NewReader(o)
			require.ErrorIs(t, err, quintet.ErrModel)
			require.Nil(t, r)
		})
	}
	require.Zero(t, rt.SessionStats().References, "what was loaded is given back")
}

// liars is a backend whose sessions give something else than they say.
type liars struct {
	optimize.Backend
	change func(input optimize.Tensor, outputs []optimize.Tensor) []optimize.Tensor
}

func (b liars) Load(ctx context.Context, m optimize.Model, o optimize.SessionOptions) (optimize.Session, error) {
	s, err := b.Backend.Load(ctx, m, o)
	return liar{s, b}, err
}

type liar struct {
	optimize.Session
	b liars
}

func (l liar) Run(ctx context.Context, inputs []optimize.Tensor) ([]optimize.Tensor, error) {
	outputs, err := l.Session.Run(ctx, inputs)
	if err != nil {
		return nil, err
	}
	return l.b.change(inputs[0], outputs), nil
}

// lyingReader reads with models of which the one with outputs of a rank is changed.
func lyingReader(t *testing.T, rank int, change func(y optimize.Tensor) []optimize.Tensor) *vision.Reader {
	t.Helper()
	native, err := optimize.NewNative(optimize.NativeOptions{})
	require.NoError(t, err)
	o := flagOptions()
	o.Runtime, err = optimize.New(optimize.Options{Backend: liars{native, func(_ optimize.Tensor, outputs []optimize.Tensor) []optimize.Tensor {
		if outputs[0].Rank() != rank {
			return outputs
		}
		return change(outputs[0])
	}}})
	require.NoError(t, err)
	return reader(t, o)
}

func TestModelsThatGiveWhatTheyShouldNot(t *testing.T) {
	in := vision.Picture{Image: flags(300, 120, map[image.Point]string{{40, 20}: "rgb"})}
	lies := map[string]func(y optimize.Tensor) []optimize.Tensor{
		"nothing": func(optimize.Tensor) []optimize.Tensor { return nil },
		"twice":   func(y optimize.Tensor) []optimize.Tensor { return []optimize.Tensor{y, y} },
		"flat": func(y optimize.Tensor) []optimize.Tensor {
			flat, err := y.Reshape(-1)
			require.NoError(t, err)
			return []optimize.Tensor{flat}
		},
		"another type": func(y optimize.Tensor) []optimize.Tensor {
			other, err := optimize.Zeros[int32](y.Shape()...)
			require.NoError(t, err)
			return []optimize.Tensor{other}
		},
		"another size": func(y optimize.Tensor) []optimize.Tensor {
			shape := y.Shape()
			shape[len(shape)-1]++
			other, err := optimize.Zeros[float32](shape...)
			require.NoError(t, err)
			return []optimize.Tensor{other}
		},
	}
	for model, rank := range map[string]int{"detection": 4, "recognition": 3, "orientation": 2} {
		for name, lie := range lies {
			t.Run(model+" gives "+name, func(t *testing.T) {
				_, err := lyingReader(t, rank, lie).Run(t.Context(), in)
				require.ErrorIs(t, err, quintet.ErrModel)
				require.ErrorContains(t, err, model)
			})
		}
		for name, v := range map[string]float32{"NaN": float32(math.NaN()), "infinity": float32(math.Inf(1)), "a half": 0.5} {
			t.Run(model+" gives "+name, func(t *testing.T) {
				r := lyingReader(t, rank, func(y optimize.Tensor) []optimize.Tensor {
					data, err := optimize.Data[float32](y)
					require.NoError(t, err)
					for i := range data {
						data[i] = v
					}
					return []optimize.Tensor{y}
				})
				got, err := r.Run(t.Context(), in)
				require.NoError(t, err)
				for _, line := range got.Lines {
					require.True(t, line.Score >= 0 && line.Score <= 1)
				}
			})
		}
	}
}

func TestTheEndOfAContextEndsReading(t *testing.T) {
	in := vision.Picture{Image: flags(300, 120, map[image.Point]string{{40, 20}: "rgb"})}
	for model, rank := range map[string]int{"detection": 4, "orientation": 2, "recognition": 3} {
		t.Run("after "+model, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			r := lyingReader(t, rank, func(y optimize.Tensor) []optimize.Tensor {
				cancel()
				return []optimize.Tensor{y}
			})
			got, err := r.Run(ctx, in)
			if model == "recognition" && err == nil {
				return // that was the last step
			}
			require.ErrorIs(t, err, context.Canceled)
			require.Zero(t, got)
		})
	}
}

func TestLimitsHoldBeforeAReaderDecodes(t *testing.T) {
	o := flagOptions()
	o.Limits = vision.Limits{MaxSide: 100}
	r := reader(t, o)
	var limit *vision.LimitError
	_, err := r.Run(t.Context(), vision.Picture{Image: uniform(101, 5, color.White)})
	require.ErrorAs(t, err, &limit)
	bytes := allocated(func() { _, err = r.Run(t.Context(), vision.Picture{Data: pngBomb(20000, 20000, 8, 6, 0, 0)}) })
	require.ErrorAs(t, err, &limit)
	require.Less(t, bytes, uint64(1<<20))
}

func TestOpenReader(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with [brackets]")
	require.NoError(t, os.Mkdir(dir, 0o700))
	write := func(name string, data []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	_, err := vision.OpenReader(dir, vision.ReaderOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorContains(t, err, "det")
	write("toy_det_infer.onnx", []byte("not a model"))
	write("toy_rec_infer.onnx", []byte("not a model"))
	_, err = vision.OpenReader(dir, vision.ReaderOptions{})
	require.ErrorContains(t, err, "keys", "the orientation may be missing, the alphabet not")
	write("toy_keys_v1.txt", []byte("r\r\ng\nb"))
	_, err = vision.OpenReader(dir, vision.ReaderOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)

	o := flagOptions()
	o.Alphabet = nil
	r, err := vision.OpenReader(dir, o)
	require.NoError(t, err, "what the options have is not looked for")
	got, err := r.Run(t.Context(), vision.Picture{Image: flags(200, 60, map[image.Point]string{{20, 20}: "rgb"})})
	require.NoError(t, err)
	require.Equal(t, "rgb", got.Text)
	require.NoError(t, r.Close())
	write("other_keys_v1.txt", []byte("r\ng\nb"))
	_, err = vision.OpenReader(dir, o)
	require.ErrorContains(t, err, "there are 2")
	_, err = vision.OpenReader(filepath.Join(dir, "missing"), vision.ReaderOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)
}

func TestReadAlphabet(t *testing.T) {
	got, err := vision.ReadAlphabet(strings.NewReader("'\n疗\r\n\u3000\nﬁ"))
	require.NoError(t, err)
	require.Equal(t, []string{"'", "疗", "\u3000", "ﬁ"}, got)
	for name, text := range map[string]string{"empty": "", "empty line": "a\n\nb"} {
		_, err := vision.ReadAlphabet(strings.NewReader(text))
		require.ErrorIs(t, err, quintet.ErrModel, name)
	}
	broken := errors.New("broken")
	_, err = vision.ReadAlphabet(io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	_, err = vision.ReadAlphabet(bytes.NewReader(make([]byte, 1<<20)))
	require.ErrorIs(t, err, quintet.ErrModel, "a line without end")
}

func TestReaderStreams(t *testing.T) {
	r := reader(t, flagOptions())
	words := []string{"r", "gb", "brg"}
	var in iter.Seq[vision.Picture] = func(yield func(vision.Picture) bool) {
		for _, w := range words {
			if !yield(vision.Picture{Image: flags(200, 60, map[image.Point]string{{20, 20}: w})}) {
				return
			}
		}
	}
	var got []string
	for reading, err := range r.Stream(t.Context(), in) {
		require.NoError(t, err)
		got = append(got, reading.Text)
	}
	require.Equal(t, words, got)
}

// A line of print, so that the published models run in every test, not only in
// evaluations.
func TestPublishedModelsReadALine(t *testing.T) {
	m, boxes := printed(t, goFonts[0], 30, "Please mind the gap")
	wide := image.NewNRGBA(m.Rect.Inset(-20))
	draw.Draw(wide, wide.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(wide, m.Rect, m, image.Point{}, draw.Src)
	got, err := publishedReader(t, vision.ReaderOptions{Characters: vision.ASCII}).Run(t.Context(), vision.Picture{Image: wide})
	require.NoError(t, err)
	require.Equal(t, "Please mind the gap", got.Text)
	require.Len(t, got.Lines, 1)
	require.Greater(t, got.Lines[0].Score, 0.95)
	for i, w := range got.Lines[0].Words {
		require.InDelta(t, boxes[0][i].Min.X, w.Box.Min.X, 12, w.Text)
		require.InDelta(t, boxes[0][i].Max.X, w.Box.Max.X, 12, w.Text)
	}
}

// page is lines of print on a sheet.
func page(t testing.TB) image.Image {
	t.Helper()
	m, _ := printed(t, goFonts[0], 28, sampleLines...)
	return m
}

func BenchmarkReader(b *testing.B) {
	line, _ := printed(b, goFonts[0], 30, sampleLines[0])
	for name, m := range map[string]image.Image{"line": line, "page": page(b), "blank": uniform(1200, 1000, color.White)} {
		for _, backend := range []string{"native", "onnxruntime"} {
			b.Run(fmt.Sprintf("picture=%s/%s", name, backend), func(b *testing.B) {
				o := vision.ReaderOptions{Characters: vision.ASCII}
				if backend == "onnxruntime" {
					o.Runtime = ortRuntime(b)
				}
				r := publishedReader(b, o)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := r.Run(b.Context(), vision.Picture{Image: m}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

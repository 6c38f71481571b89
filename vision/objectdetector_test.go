package vision_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
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
)

// answer is an output of a generated model: the same for every picture, times its
// brightness from 0 to 1 if scaled.
type answer struct {
	name   string
	shape  []int // without the batch
	data   []float32
	ints   []int64 // instead of data
	scaled bool
	hidden bool // the file does not tell the shape
}

// modelOf makes a model that gives known answers for pictures of w by h.
func modelOf(w, h int, answers ...answer) optimize.Model {
	return optimize.ModelBytes(graphOf(w, h, answers...))
}

func graphOf(w, h int, answers ...answer) []byte {
	b := onnxpb.NewBuilder("known")
	batch := onnxpb.FreeDim("batch")
	x := b.Input("images", onnxpb.Float, batch, onnxpb.FixedDim(3), onnxpb.FixedDim(int64(h)), onnxpb.FixedDim(int64(w)))
	mean := b.OpWith("ReduceMean", []onnxpb.Attribute{onnxpb.IntsAttr("axes", 1, 2, 3), onnxpb.IntAttr("keepdims", 0)}, x)
	zero := b.Op("Mul", mean, b.Weight(onnxpb.NewTensor("", []float32{0})))
	for _, a := range answers {
		dims, ones := []int64{1}, []int64{-1}
		info := []onnxpb.Dim{batch}
		for i, n := range a.shape {
			dims, ones = append(dims, int64(n)), append(ones, 1)
			if a.hidden {
				info = append(info, onnxpb.FreeDim(fmt.Sprint(a.name, i)))
			} else {
				info = append(info, onnxpb.FixedDim(int64(n)))
			}
		}
		shape := b.Weight(onnxpb.NewTensor("", ones, int64(len(ones))))
		kind := onnxpb.Float
		var out string
		switch {
		case a.ints != nil:
			kind = onnxpb.Int64
			add := b.OpWith("Cast", []onnxpb.Attribute{onnxpb.IntAttr("to", int64(onnxpb.Int64))}, zero)
			out = b.Op("Add", b.Weight(onnxpb.NewTensor("", a.ints, dims...)), b.Op("Reshape", add, shape))
		case a.scaled:
			out = b.Op("Mul", b.Weight(onnxpb.NewTensor("", a.data, dims...)), b.Op("Reshape", mean, shape))
		default:
			out = b.Op("Add", b.Weight(onnxpb.NewTensor("", a.data, dims...)), b.Op("Reshape", zero, shape))
		}
		b.Rename(out, a.name)
		b.Output(a.name, kind, info...)
	}
	return b.Model(17).Append(nil)
}

func objects(t testing.TB, o vision.ObjectDetectorOptions) *vision.ObjectDetector {
	t.Helper()
	d, err := vision.NewObjectDetector(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

// row is an object in pixels of the model's input.
type row struct {
	x0, y0, x1, y1 float64
	class          int
	score          float64
}

// naiveNMS keeps each row that no better one of its class overlaps with.
func naiveNMS(rows []row, most float64) (kept []row) {
	slices.SortStableFunc(rows, func(a, b row) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	for _, r := range rows {
		if !slices.ContainsFunc(kept, func(k row) bool {
			w, h := math.Min(k.x1, r.x1)-math.Max(k.x0, r.x0), math.Min(k.y1, r.y1)-math.Max(k.y0, r.y0)
			both := math.Max(w, 0) * math.Max(h, 0)
			return k.class == r.class && both/((k.x1-k.x0)*(k.y1-k.y0)+(r.x1-r.x0)*(r.y1-r.y0)-both) > most
		}) {
			kept = append(kept, r)
		}
	}
	return kept
}

// The input of the generated models: 12x8, 6x4 and 3x2 cells.
const inputW, inputH, cells = 96, 64, 126

func randoms(rng *rand.Rand, n int, low, high float64) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(low + (high-low)*rng.Float64())
	}
	return out
}

// rare makes most scores low, as they are.
func rare(v []float32, rng *rand.Rand) []float32 {
	for i := range v {
		if rng.IntN(20) > 0 {
			v[i] *= 0.3
		}
	}
	return v
}

// family is a decoder with outputs and the rows that they mean.
type family struct {
	decoder vision.ObjectDecoder
	answers []answer
	labels  int
	boxes   vision.BoxFormat
	named   bool // the outputs alone do not tell
	overlap float64
	want    []row // without suppression
}

// families are generated outputs of every kind with their meaning, written down from
// the papers and exports as simply as can be.
func families() map[string]family {
	rng := rand.New(rand.NewPCG(3, 4))
	out := map[string]family{
		"YOLOX": yoloxFamily(rng), "CenterNet": centerNetFamily(rng, false), "CenterNet, logits": centerNetFamily(rng, true),
		"CenterNet, decoded": rowsFamily(rng), "DETR": detrFamily(rng, 1), "RT-DETR": detrFamily(rng, 0), "SSD": ssdFamily(rng),
		"SSD, background without a name": ssdFamily(rng), "SSD, suppressed": rankedFamily(rng, false),
		"SSD of TensorFlow": rankedFamily(rng, true), "YOLOv5": yoloFamily(rng, false, 1, 3*cells), "YOLOv8": yoloFamily(rng, true, 0, cells),
	}
	f := out["SSD, background without a name"]
	f.labels = 4
	for i := range f.want {
		f.want[i].class--
	}
	out["SSD, background without a name"] = f
	f = yoloFamily(rng, false, 0, 50)
	f.named = true
	out["YOLO of other strides without objectness"] = f
	f = yoloFamily(rng, true, 1, cells, 0, 1)
	f.boxes = vision.BoxesCornersUnit
	for i, r := range f.want {
		w, h := r.x1-r.x0, r.y1-r.y0
		x, y := (r.x0+r.x1)/2, (r.y0+r.y1)/2
		f.want[i] = row{x * inputW, y * inputH, w * inputW, h * inputH, r.class, r.score}
	}
	f.want = slices.DeleteFunc(f.want, func(r row) bool { return r.x1 <= r.x0 || r.y1 <= r.y0 })
	out["YOLO turned, with objectness and other boxes"] = f
	return out
}

func yoloxFamily(rng *rand.Rand) (f family) {
	const classes = 3
	f = family{decoder: vision.DecoderYOLOX, labels: classes, overlap: 0.45}
	data := randoms(rng, cells*(5+classes), 0, 1)
	r := 0
	for _, stride := range []int{8, 16, 32} {
		for y := range inputH / stride {
			for x := range inputW / stride {
				v := data[r*(5+classes) : (r+1)*(5+classes)]
				r++
				class, score := 0, float32(0)
				for c, s := range v[5:] {
					if s > score {
						class, score = c, s
					}
				}
				s := float64(stride)
				cx, cy := (float64(x)+float64(v[0]))*s, (float64(y)+float64(v[1]))*s
				w, h := math.Exp(float64(v[2]))*s, math.Exp(float64(v[3]))*s
				f.want = append(f.want, row{cx - w/2, cy - h/2, cx + w/2, cy + h/2, class, float64(v[4]) * float64(score)})
			}
		}
	}
	f.answers = []answer{{name: "output", shape: []int{cells, 5 + classes}, data: data}}
	return f
}

func yoloFamily(rng *rand.Rand, turned bool, objectness, n int, box ...float64) (f family) {
	box = append(box, 5, 60) // least and most of its numbers
	const classes = 7
	f = family{decoder: vision.DecoderYOLO, labels: classes, overlap: 0.45}
	size := 4 + objectness + classes
	rows, columns := make([]float32, n*size), make([]float32, n*size)
	for r := range n {
		v := append(randoms(rng, 4, box[0], box[1]), randoms(rng, objectness, 0.5, 1)...)
		v = append(v, rare(randoms(rng, classes, 0, 1), rng)...)
		object, class := float64(1), 0
		if objectness == 1 {
			object = float64(v[4])
		}
		scores := v[4+objectness:]
		for c := range scores {
			if scores[c] > scores[class] {
				class = c
			}
		}
		x, y, w, h := float64(v[0]), float64(v[1]), float64(v[2]), float64(v[3])
		f.want = append(f.want, row{x - w/2, y - h/2, x + w/2, y + h/2, class, object * float64(scores[class])})
		for k, a := range v {
			rows[r*size+k], columns[k*n+r] = a, a
		}
	}
	f.answers = []answer{{name: "output0", shape: []int{n, size}, data: rows}}
	if turned {
		f.answers = []answer{{name: "output0", shape: []int{size, n}, data: columns, hidden: true}}
	}
	return f
}

func corners(rng *rand.Rand, n int, w, h float64) (boxes []float32, rows []row) {
	for range n {
		x0, y0 := rng.Float64()*w*0.7, rng.Float64()*h*0.7
		b := []float32{float32(x0), float32(y0), float32(x0 + (w-x0)*rng.Float64()), float32(y0 + (h-y0)*rng.Float64())}
		boxes = append(boxes, b...)
		rows = append(rows, row{float64(b[0]), float64(b[1]), float64(b[2]), float64(b[3]), 0, 0})
	}
	return boxes, rows
}

func (r row) times(x, y float64) row {
	return row{r.x0 * x, r.y0 * y, r.x1 * x, r.y1 * y, r.class, r.score}
}

func ssdFamily(rng *rand.Rand) (f family) {
	const n, classes = 40, 5
	f = family{decoder: vision.DecoderSSD, labels: classes, overlap: 0.45}
	boxes, rows := corners(rng, n, 1, 1)
	scores := rare(randoms(rng, n*classes, 0, 1), rng)
	for r, b := range rows {
		for c := 1; c < classes; c++ {
			b.class, b.score = c, float64(scores[r*classes+c])
			f.want = append(f.want, b.times(inputW, inputH))
		}
	}
	f.answers = []answer{
		{name: "scores", shape: []int{n, classes}, data: scores}, {name: "boxes", shape: []int{n, 4}, data: boxes},
	}
	return f
}

func rankedFamily(rng *rand.Rand, tensorFlow bool) (f family) {
	const n, classes = 30, 4
	f = family{decoder: vision.DecoderSSD, labels: classes, overlap: 0.45}
	boxes, rows := corners(rng, n, 1, 1)
	scores := randoms(rng, n, 0, 1)
	kinds, ints := make([]float32, n), make([]int64, n)
	for r, b := range rows {
		b.class, b.score = rng.IntN(classes), float64(scores[r])
		ints[r], kinds[r] = int64(b.class), float32(b.class)
		f.want = append(f.want, b.times(inputW, inputH))
	}
	if !tensorFlow {
		f.answers = []answer{
			{name: "bboxes", shape: []int{n, 4}, data: boxes}, {name: "labels", shape: []int{n}, ints: ints},
			{name: "scores", shape: []int{n}, data: scores, hidden: true},
		}
		return f
	}
	for b := range slices.Chunk(boxes, 4) {
		b[0], b[1], b[2], b[3] = b[1], b[0], b[3], b[2]
	}
	f.answers = []answer{
		{name: "num_detections", shape: []int{}, data: []float32{n}},
		{name: "detection_boxes", shape: []int{n, 4}, data: boxes},
		{name: "detection_scores", shape: []int{n}, data: scores},
		{name: "detection_classes", shape: []int{n}, data: kinds},
		{name: "raw_detection_boxes", shape: []int{2 * n, 4}, data: append(boxes, boxes...)},
		{name: "raw_detection_scores", shape: []int{2 * n, classes}, data: make([]float32, 2*n*classes)},
	}
	return f
}

func detrFamily(rng *rand.Rand, none int) (f family) {
	const n, classes = 50, 6
	f = family{decoder: vision.DecoderDETR, labels: classes, overlap: 1}
	boxes := randoms(rng, 4*n, 0.2, 0.6)
	logits := randoms(rng, n*(classes+none), -6, 3)
	for r := range n {
		b, v := boxes[4*r:4*r+4], logits[r*(classes+none):(r+1)*(classes+none)]
		class, sum := 0, 0.0
		for c, x := range v {
			sum += math.Exp(float64(x))
			if c < classes && x > v[class] {
				class = c
			}
		}
		score := math.Exp(float64(v[class])) / sum
		if none == 0 {
			score = 1 / (1 + math.Exp(-float64(v[class])))
		}
		x, y, w, h := float64(b[0]), float64(b[1]), float64(b[2]), float64(b[3])
		f.want = append(f.want, row{x - w/2, y - h/2, x + w/2, y + h/2, class, score}.times(inputW, inputH))
	}
	f.answers = []answer{
		{name: "logits", shape: []int{n, classes + none}, data: logits}, {name: "pred_boxes", shape: []int{n, 4}, data: boxes},
		{name: "last_hidden_state", shape: []int{n, 4}, data: make([]float32, 4*n)},
	}
	return f
}

func rowsFamily(rng *rand.Rand) (f family) {
	const n = 20
	f = family{decoder: vision.DecoderCenterNet, labels: 80, overlap: 0.4}
	boxes, rows := corners(rng, n, inputW, inputH)
	var data []float32
	for r, b := range rows {
		b.class, b.score = rng.IntN(3), float64(float32(rng.Float64()))
		data = append(append(data, boxes[4*r:4*r+4]...), float32(b.score), float32(b.class))
		f.want = append(f.want, b)
	}
	f.answers = []answer{
		{name: "wh", shape: []int{4, 6, 8}, data: make([]float32, 192), hidden: true},
		{name: "detections", shape: []int{n, 6}, data: data},
	}
	return f
}

func centerNetFamily(rng *rand.Rand, logits bool) (f family) {
	const w, h, classes = inputW / 4, inputH / 4, 3
	f = family{decoder: vision.DecoderCenterNet, labels: classes, overlap: 0.4}
	heat := rare(randoms(rng, classes*w*h, 0, 1), rng)
	if logits {
		heat = randoms(rng, classes*w*h, -30, 2)
	}
	size, offset := randoms(rng, 2*w*h, 1, 9), randoms(rng, 2*w*h, 0, 1)
	for c := range classes {
		for y := range h {
			for x := range w {
				value := func(x, y int) float32 {
					if x < 0 || y < 0 || x >= w || y >= h {
						return -100
					}
					return heat[(c*h+y)*w+x]
				}
				peak := true
				for d := range 9 {
					peak = peak && value(x, y) >= value(x+d%3-1, y+d/3-1)
				}
				if !peak {
					continue
				}
				score := float64(value(x, y))
				if logits {
					score = 1 / (1 + math.Exp(-score))
				}
				cx, cy := float64(x)+float64(offset[y*w+x]), float64(y)+float64(offset[(h+y)*w+x])
				bw, bh := float64(size[y*w+x]), float64(size[(h+y)*w+x])
				f.want = append(f.want, row{cx - bw/2, cy - bh/2, cx + bw/2, cy + bh/2, c, score}.times(4, 4))
			}
		}
	}
	f.answers = []answer{
		{name: "reg", shape: []int{2, h, w}, data: offset}, {name: "hm", shape: []int{classes, h, w}, data: heat},
		{name: "wh", shape: []int{2, h, w}, data: size},
	}
	return f
}

func (f family) options() vision.ObjectDetectorOptions {
	o := vision.ObjectDetectorOptions{Model: modelOf(inputW, inputH, f.answers...), Boxes: f.boxes}
	for i := range f.labels {
		o.Labels = append(o.Labels, fmt.Sprint("thing ", i))
	}
	if f.named {
		o.Decoder = f.decoder
	}
	return o
}

// letterboxed returns what is left of rows in a picture of w by h that was scaled into
// the middle of the input.
func (f family) letterboxed(w, h int, stretch bool) (out []vision.Object) {
	kx := math.Min(inputW/float64(w), inputH/float64(h))
	ky := kx
	// The scaled picture has whole pixels, so its scale is that of their number.
	inW, inH := math.Round(float64(w)*kx), math.Round(float64(h)*ky)
	if stretch {
		inW, inH = inputW, inputH
	}
	left, top := math.Floor((inputW-inW)/2), math.Floor((inputH-inH)/2)
	kx, ky = inW/float64(w), inH/float64(h)
	var rows []row
	for _, r := range f.want {
		if r.score >= 0.35 {
			rows = append(rows, r)
		}
	}
	for _, r := range naiveNMS(rows, f.overlap) {
		at := func(x, y float64) image.Point {
			return image.Pt(int(math.Round((x-left)/kx)), int(math.Round((y-top)/ky)))
		}
		box := image.Rectangle{Min: at(r.x0, r.y0), Max: at(r.x1, r.y1)}.Intersect(image.Rect(0, 0, w, h))
		if !box.Empty() {
			out = append(out, vision.Object{Box: box, Label: fmt.Sprint("thing ", r.class), Class: r.class, Score: r.score})
		}
	}
	return out
}

func requireObjects(t *testing.T, want, got []vision.Object) {
	t.Helper()
	require.NotEmpty(t, want)
	require.Len(t, got, len(want))
	for i, w := range want {
		require.InDelta(t, w.Score, got[i].Score, 1e-6)
		w.Score = got[i].Score
		require.Equal(t, w, got[i], "object %d", i)
	}
}

func TestEveryDecoderAgreesWithItsReference(t *testing.T) {
	for name, f := range families() {
		t.Run(name, func(t *testing.T) {
			d := objects(t, f.options())
			require.Equal(t, f.decoder, d.Decoder())
			stretch := f.decoder.Spec().Fit == vision.FitStretch
			m := photograph(150, 60)
			pictures := map[string]vision.Picture{
				"wide": {Image: m}, "wide, of a file": {Data: asPNG(t, m)},
				"stored on its side": {Data: oriented(asJPEG(t, turned(m, 8), 90), 6)},
				"stored mirrored":    {Data: oriented(asJPEG(t, turned(m, 2), 90), 2)},
			}
			for name, p := range pictures {
				got, err := d.Run(t.Context(), p)
				require.NoError(t, err, name)
				requireObjects(t, f.letterboxed(150, 60, stretch), got)
			}
			got, err := d.Run(t.Context(), vision.Picture{Image: photograph(70, 201)})
			require.NoError(t, err)
			requireObjects(t, f.letterboxed(70, 201, stretch), got)
			got, err = d.Run(t.Context(), vision.Picture{Image: photograph(inputW, inputH)})
			require.NoError(t, err)
			requireObjects(t, f.letterboxed(inputW, inputH, stretch), got)
		})
	}
}

func TestNamedDecodersAreThoseThatAreFound(t *testing.T) {
	for name, f := range families() {
		t.Run(name, func(t *testing.T) {
			o := f.options()
			if name == "YOLOX" {
				o.Boxes = vision.BoxesCenter
				_, err := vision.NewObjectDetector(withDecoder(o, vision.DecoderYOLOX))
				require.ErrorIs(t, err, quintet.ErrOption)
				o.Boxes = vision.BoxesOfDecoder
			}
			want, err := objects(t, o).Run(t.Context(), vision.Picture{Image: photograph(40, 40)})
			require.NoError(t, err)
			got, err := objects(t, withDecoder(o, f.decoder)).Run(t.Context(), vision.Picture{Image: photograph(40, 40)})
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func withDecoder(o vision.ObjectDetectorOptions, d vision.ObjectDecoder) vision.ObjectDetectorOptions {
	o.Decoder = d
	return o
}

// sight is a CenterNet that sees: its heat is the red of a cell of 8x8 pixels, the
// size 4x2 cells, the offset the cell's middle.
func sight() optimize.Model {
	b := onnxpb.NewBuilder("sight")
	batch, h, w := onnxpb.FreeDim("batch"), onnxpb.FixedDim(inputH), onnxpb.FixedDim(inputW)
	x := b.Input("images", onnxpb.Float, batch, onnxpb.FixedDim(3), h, w)
	pooled := b.OpWith("AveragePool", []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", 8, 8), onnxpb.IntsAttr("strides", 8, 8)}, x)
	conv := func(name string, weights, bias []float32) {
		n := int64(len(bias))
		y := b.Op("Conv", pooled, b.Weight(onnxpb.NewTensor("", weights, n, 3, 1, 1)), b.Weight(onnxpb.NewTensor("", bias, n)))
		b.Rename(y, name)
		b.Output(name, onnxpb.Float, batch, onnxpb.FixedDim(n), onnxpb.FixedDim(inputH/8), onnxpb.FixedDim(inputW/8))
	}
	conv("hm", []float32{1. / 255, 0, 0}, []float32{0})
	conv("wh", make([]float32, 6), []float32{4, 2})
	conv("reg", make([]float32, 6), []float32{0.5, 0.5})
	return optimize.ModelBytes(b.Model(17).Append(nil))
}

// dotted is a black picture of 192 by 64 with a red square in the middle of where the
// seeing model looks at cell (8, 3) of its 12 by 8; it fills 4 by 2 cells there.
func dotted() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 192, 64))
	draw.Draw(m, m.Rect, image.NewUniform(color.Black), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(128, 16, 144, 32), image.NewUniform(color.NRGBA{R: 255, A: 255}), image.Point{}, draw.Src)
	return m
}

func TestAnObjectIsFoundWhereItIs(t *testing.T) {
	d := objects(t, vision.ObjectDetectorOptions{Model: sight(), MinScore: 0.8, Labels: []string{"dot"}})
	box := image.Rect(104, 8, 168, 40)
	// The input has bands of 16 rows above and below, so cell (8, 3) is from 24
	// to 32 of these: 16 to 32 of the picture at half its size.
	apart := *dotted()
	apart.Rect = apart.Rect.Add(image.Pt(-500, 70))
	tests := map[string]struct {
		in   vision.Picture
		want image.Rectangle
	}{
		"decoded":         {vision.Picture{Image: dotted()}, box},
		"of a file":       {vision.Picture{Data: asPNG(t, dotted())}, box},
		"turned by EXIF":  {vision.Picture{Data: oriented(asJPEG(t, turned(dotted(), 8), 100), 6)}, box},
		"bounds far away": {vision.Picture{Image: &apart}, box.Add(image.Pt(-500, 70))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := d.Run(t.Context(), tt.in)
			require.NoError(t, err)
			require.Len(t, got, 1)
			require.Equal(t, tt.want, got[0].Box)
			require.Equal(t, "dot", got[0].Label)
		})
	}
}

func TestObjectDetectorContract(t *testing.T) {
	boxes := answer{name: "boxes", shape: []int{2, 4}, data: []float32{0, 0, 0.5, 0.5, 0.5, 0.5, 1, 1}}
	scores := answer{name: "scores", shape: []int{2, 2}, data: []float32{0, 0.9, 0, 0.7}, scaled: true}
	model := modelOf(32, 32, boxes, scores)
	pipetest.Contract(t, pipetest.Case[vision.Picture, []vision.Object]{
		Name: "vision.ObjectDetector",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[vision.Picture, []vision.Object] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			spec := vision.TensorSpec{Fit: vision.FitStretch}
			d, err := vision.NewObjectDetector(vision.ObjectDetectorOptions{Model: model, Runtime: rt, Spec: spec, MinScore: 0.1})
			require.NoError(t, err)
			return d
		},
		Good: lights(t),
		Bad:  badPictures(),
	})
}

// lights are pictures of different brightness.
func lights(t testing.TB) (out []vision.Picture) {
	t.Helper()
	for i, v := range []uint8{255, 200, 120} {
		m := image.NewGray(image.Rect(0, 0, 40+i, 30))
		draw.Draw(m, m.Rect, image.NewUniform(color.Gray{v}), image.Point{}, draw.Src)
		if i == 1 {
			out = append(out, vision.Picture{Data: asPNG(t, m)})
			continue
		}
		out = append(out, vision.Picture{Image: m})
	}
	return out
}

func badPictures() []vision.Picture {
	return []vision.Picture{
		{ID: "nothing"},
		{ID: "both", Data: []byte("x"), Image: image.NewGray(image.Rect(0, 0, 1, 1))},
		{ID: "text", Data: []byte("not a picture")},
		{ID: "bomb", Data: pngBomb(20000, 20000, 8, 6, 0, 0)},
		{ID: "empty image", Image: image.NewGray(image.Rectangle{})},
		{ID: "nil image", Image: (*image.Gray)(nil)},
	}
}

func TestOptionsOfObjects(t *testing.T) {
	f := families()["YOLOX"]
	in := vision.Picture{Image: photograph(30, 20)}
	all, err := objects(t, f.options()).Run(t.Context(), in)
	require.NoError(t, err)
	require.Greater(t, len(all), 3)
	o := f.options()
	o.MaxObjects = 2
	some, err := objects(t, o).Run(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, all[:2], some)
	o = f.options()
	o.Overlap = 1
	every, err := objects(t, o).Run(t.Context(), in)
	require.NoError(t, err)
	require.Greater(t, len(every), len(all))
	o.MinScore = 1
	none, err := objects(t, o).Run(t.Context(), in)
	require.NoError(t, err)
	require.Empty(t, none)

	square := modelOf(64, 64, answer{name: "output", shape: []int{84, 84}, data: make([]float32, 84*84)})
	small := modelOf(32, 32, answer{name: "x", shape: []int{5}, data: make([]float32, 5)})
	twice := modelOf(32, 32, answer{name: "a", shape: []int{9, 4}, data: make([]float32, 36)},
		answer{name: "b", shape: []int{9, 80}, data: make([]float32, 720)})
	detr := modelOf(32, 32, answer{name: "boxes", shape: []int{9, 4}, data: make([]float32, 36)},
		answer{name: "logits", shape: []int{9, 5}, data: make([]float32, 45)})
	tests := map[string]struct {
		o     vision.ObjectDetectorOptions
		cause error
		says  string
	}{
		"no model":          {vision.ObjectDetectorOptions{}, quintet.ErrModel, "needs a Model"},
		"no ONNX":           {vision.ObjectDetectorOptions{Model: optimize.ModelBytes([]byte("x"))}, quintet.ErrModel, ""},
		"negative score":    {vision.ObjectDetectorOptions{Model: sight(), MinScore: -0.1}, quintet.ErrOption, "MinScore"},
		"no score":          {vision.ObjectDetectorOptions{Model: sight(), MinScore: math.NaN()}, quintet.ErrOption, "MinScore"},
		"large overlap":     {vision.ObjectDetectorOptions{Model: sight(), Overlap: 1.5}, quintet.ErrOption, "Overlap"},
		"negative objects":  {vision.ObjectDetectorOptions{Model: sight(), MaxObjects: -1}, quintet.ErrOption, "MaxObjects"},
		"negative batch":    {vision.ObjectDetectorOptions{Model: sight(), MaxBatch: -1}, quintet.ErrOption, "MaxBatch"},
		"no such decoder":   {vision.ObjectDetectorOptions{Model: sight(), Decoder: 9}, quintet.ErrOption, "Decoder"},
		"no such boxes":     {vision.ObjectDetectorOptions{Model: sight(), Boxes: 9}, quintet.ErrOption, "Boxes"},
		"boxes of heat":     {vision.ObjectDetectorOptions{Model: sight(), Boxes: vision.BoxesCenter}, quintet.ErrOption, "count cells"},
		"too many labels":   {vision.ObjectDetectorOptions{Model: sight(), Labels: []string{"a", "b"}}, quintet.ErrOption, "2 labels for 1"},
		"another size":      {vision.ObjectDetectorOptions{Model: sight(), Spec: vision.TensorSpec{Width: 7}}, quintet.ErrOption, "7x64"},
		"bad specification": {vision.ObjectDetectorOptions{Model: sight(), Spec: vision.TensorSpec{Filter: 77}}, quintet.ErrOption, "filter"},
		"another decoder":   {vision.ObjectDetectorOptions{Model: sight(), Decoder: vision.DecoderDETR}, quintet.ErrModel, "hm"},
		"not a detector":    {vision.ObjectDetectorOptions{Model: small}, quintet.ErrModel, "x float32[1 5]"},
		"rows or columns":   {vision.ObjectDetectorOptions{Model: square, Decoder: vision.DecoderYOLO}, quintet.ErrModel, "which dimension"},
		"scores or logits":  {vision.ObjectDetectorOptions{Model: twice}, quintet.ErrModel, "[SSD DETR]"},
		"an unknown none":   {vision.ObjectDetectorOptions{Model: detr}, quintet.ErrOption, "Labels decide"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d, err := vision.NewObjectDetector(tt.o)
			require.ErrorIs(t, err, tt.cause)
			require.ErrorContains(t, err, tt.says)
			require.Nil(t, d)
		})
	}
	require.Equal(t, "decoder 9", vision.ObjectDecoder(9).String())
	rt, err := optimize.New(optimize.Options{})
	require.NoError(t, err)
	_, err = vision.NewObjectDetector(vision.ObjectDetectorOptions{Model: twice, Runtime: rt})
	require.Error(t, err)
	require.Zero(t, rt.SessionStats().References, "the model is given back")
}

func TestLabelsThatAModelHas(t *testing.T) {
	twice := func(classes int) optimize.Model {
		return modelOf(32, 32, answer{name: "boxes", shape: []int{9, 4}, data: make([]float32, 36)},
			answer{name: "scores", shape: []int{9, classes}, data: make([]float32, 9*classes)})
	}
	require.Equal(t, vision.COCOLabels(), objects(t, vision.ObjectDetectorOptions{Model: twice(80)}).Labels())
	long := objects(t, vision.ObjectDetectorOptions{Model: twice(91)}).Labels()
	require.Equal(t, []string{"background", "person", "bicycle"}, long[:3])
	require.Equal(t, []string{"hair drier", "toothbrush"}, long[89:])
	require.Len(t, long, 91)
	require.Equal(t, []string{"LABEL_0", "LABEL_1"}, objects(t, vision.ObjectDetectorOptions{Model: twice(2)}).Labels())
	coco := vision.COCOLabels()
	require.Len(t, coco, 80)
	require.Equal(t, []string{"person", "stop sign", "backpack", "wine glass", "tv", "toothbrush"},
		[]string{coco[0], coco[11], coco[24], coco[40], coco[62], coco[79]})
}

// stub is a backend whose models give the outputs that it holds.
type stub struct {
	inputs, outputs []optimize.TensorInfo
	run             func(ctx context.Context, n int) ([]optimize.Tensor, error)
	reply           func(in optimize.Tensor) []optimize.Tensor // instead of run
}

func (s *stub) Name() string               { return "stub" }
func (s *stub) Devices() []optimize.Device { return []optimize.Device{{Name: "cpu"}} }
func (s *stub) Close() error               { return nil }
func (s *stub) Load(context.Context, optimize.Model, optimize.SessionOptions) (optimize.Session, error) {
	return stubSession{s}, nil
}

type stubSession struct{ s *stub }

func (s stubSession) Inputs() []optimize.TensorInfo  { return s.s.inputs }
func (s stubSession) Outputs() []optimize.TensorInfo { return s.s.outputs }
func (s stubSession) Device() string                 { return "cpu" }
func (s stubSession) Close() error                   { return nil }
func (s stubSession) Run(ctx context.Context, in []optimize.Tensor) ([]optimize.Tensor, error) {
	if s.s.reply != nil {
		return s.s.reply(in[0]), nil
	}
	return s.s.run(ctx, in[0].Dim(0))
}

// pictureInput is the input of a model for pictures of w by h.
func pictureInput(w, h int) []optimize.TensorInfo {
	return []optimize.TensorInfo{{Name: "images", DType: optimize.Float32, Shape: []int{-1, 3, h, w}}}
}

func (s *stub) runtime(t testing.TB) *optimize.Runtime {
	t.Helper()
	rt, err := optimize.New(optimize.Options{Backend: s})
	require.NoError(t, err)
	return rt
}

func tensorOf[T optimize.Element](t testing.TB, data []T, shape ...int) optimize.Tensor {
	t.Helper()
	x, err := optimize.NewTensor(data, shape...)
	require.NoError(t, err)
	return x
}

func TestOutputsThatCannotBe(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	info := []optimize.TensorInfo{
		{Name: "boxes", DType: optimize.Float32, Shape: []int{-1, 2, 4}},
		{Name: "scores", DType: optimize.Float32, Shape: []int{-1, 2, 3}},
	}
	boxes, scores := []float32{0, 0, 1, 1, 0, 0, 0.5, 0.5}, []float32{0, 0.5, 0, 0, 0, 0.9}
	with := func(v []float32, i int, x float32) []float32 {
		v = slices.Clone(v)
		v[i] = x
		return v
	}
	tests := map[string]struct {
		boxes, scores optimize.Tensor
		want          int // objects; -1 is an error of the model
	}{
		"as it should be":       {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, scores, 1, 2, 3), 2},
		"a score of NaN":        {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, with(scores, 0, nan), 1, 2, 3), -1},
		"an endless score":      {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, with(scores, 4, inf), 1, 2, 3), -1},
		"a logit for a score":   {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, with(scores, 4, -3), 1, 2, 3), -1},
		"a score of 1.0005":     {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, with(scores, 5, 1.0005), 1, 2, 3), 2},
		"a box of NaN":          {tensorOf(t, with(boxes, 6, nan), 1, 2, 4), tensorOf(t, scores, 1, 2, 3), -1},
		"an endless box":        {tensorOf(t, with(boxes, 6, inf), 1, 2, 4), tensorOf(t, scores, 1, 2, 3), -1},
		"a huge box":            {tensorOf(t, with(boxes, 6, math.MaxFloat32), 1, 2, 4), tensorOf(t, scores, 1, 2, 3), 2},
		"a box without area":    {tensorOf(t, with(boxes, 6, 0), 1, 2, 4), tensorOf(t, scores, 1, 2, 3), 1},
		"a box inside out":      {tensorOf(t, with(boxes, 6, -1), 1, 2, 4), tensorOf(t, scores, 1, 2, 3), 1},
		"a box outside":         {tensorOf(t, []float32{0, 0, 1, 1, 2, 2, 3, 3}, 1, 2, 4), tensorOf(t, scores, 1, 2, 3), 1},
		"no boxes":              {tensorOf(t, []float32{}, 1, 0, 4), tensorOf(t, []float32{}, 1, 0, 3), 0},
		"fewer scores":          {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, scores[:3], 1, 1, 3), -1},
		"more classes":          {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, make([]float32, 8), 1, 2, 4), -1},
		"another rank":          {tensorOf(t, boxes, 2, 4), tensorOf(t, scores, 2, 3), -1},
		"another type":          {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, make([]int64, 6), 1, 2, 3), -1},
		"no picture in a batch": {tensorOf(t, []float32{}, 0, 2, 4), tensorOf(t, []float32{}, 0, 2, 3), -1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &stub{inputs: pictureInput(32, 32), outputs: info}
			s.run = func(context.Context, int) ([]optimize.Tensor, error) {
				return []optimize.Tensor{tt.boxes, tt.scores}, nil
			}
			d := objects(t, vision.ObjectDetectorOptions{Model: optimize.ModelBytes([]byte("m")), Runtime: s.runtime(t)})
			got, err := d.Run(t.Context(), vision.Picture{Image: photograph(50, 40)})
			if tt.want < 0 {
				require.ErrorIs(t, err, quintet.ErrModel)
				return
			}
			require.NoError(t, err)
			require.Len(t, got, tt.want)
		})
	}
}

func TestAModelThatFails(t *testing.T) {
	broken := errors.New("broken")
	s := &stub{inputs: pictureInput(32, 32), outputs: []optimize.TensorInfo{{Name: "d", DType: optimize.Float32, Shape: []int{-1, 9, 6}}}}
	s.run = func(ctx context.Context, n int) ([]optimize.Tensor, error) {
		if n > 1 {
			return []optimize.Tensor{tensorOf(t, make([]float32, 54), 1, 9, 6)}, nil
		}
		return nil, broken
	}
	d := objects(t, vision.ObjectDetectorOptions{Model: optimize.ModelBytes([]byte("m")), Runtime: s.runtime(t)})
	in := vision.Picture{Image: photograph(5, 5)}
	_, err := d.Run(t.Context(), in)
	require.ErrorIs(t, err, broken)
	got, err := d.RunBatch(t.Context(), slices.Repeat([]vision.Picture{in}, 64))
	require.ErrorIs(t, err, quintet.ErrModel, "only the first of a batch has an output")
	failed := 0
	for range quintet.ItemErrors(err) {
		failed++
	}
	require.Positive(t, failed)
	require.Less(t, failed, 64)
	require.Len(t, got, 64)

	done, cancel := context.WithCancel(t.Context())
	s.run = func(context.Context, int) ([]optimize.Tensor, error) { cancel(); return nil, done.Err() }
	_, err = d.Run(done, in)
	require.ErrorIs(t, err, context.Canceled)
}

func TestGiantOutputsCostLittle(t *testing.T) {
	const n = 400_000
	data := make([]float32, 6*n)
	for i := range n {
		copy(data[6*i:], []float32{float32(i % 600), float32(i % 400), float32(i%600 + 30), float32(i%400 + 20), 0.5 + float32(i%1000)/4000, float32(i % 80)})
	}
	s := &stub{inputs: pictureInput(640, 640), outputs: []optimize.TensorInfo{{Name: "d", DType: optimize.Float32, Shape: []int{-1, n, 6}}}}
	s.run = func(context.Context, int) ([]optimize.Tensor, error) {
		return []optimize.Tensor{tensorOf(t, data, 1, n, 6)}, nil
	}
	d := objects(t, vision.ObjectDetectorOptions{
		Model: optimize.ModelBytes([]byte("m")), Runtime: s.runtime(t), Decoder: vision.DecoderCenterNet, Overlap: 1,
	})
	got, err := d.Run(t.Context(), vision.Picture{Image: photograph(64, 64)})
	require.NoError(t, err)
	require.Len(t, got, 8192)
	require.InDelta(t, 0.5+0.999/4, got[0].Score, 1e-6)
	for i := range got[1:] {
		require.GreaterOrEqual(t, got[i].Score, got[i+1].Score)
	}
}

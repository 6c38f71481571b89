package vision_test

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quintet-ai/quintet/vision"
)

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

package vision

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

const (
	maxRows  = 1000 // of an output that is told to be decoded by its shape
	maxPeaks = 100  // of a picture's heat maps that are looked at
)

// rowsHead reads rows of a box, a score and a class, as graphs give them that decode
// by themselves.
type rowsHead struct {
	output int
	format BoxFormat
	w, h   int // of the input
}

// heatHead reads heat maps, whose peaks are the centres of objects, with maps of sizes
// and offsets.
type heatHead struct {
	heat, size, offset int // outputs
	columns            int // classes
	w, h               int // of the input
}

func newCenterNetHead(s headSearch) (objectHead, error) {
	rows := func(o modelOutput) bool {
		if len(o.shape) != 3 || o.shape[2] != 6 {
			return false
		}
		boxes := slices.ContainsFunc(s.outputs, func(b modelOutput) bool { return isBoxes(b) && b.shape[1] == o.shape[1] })
		return s.named || o.shape[1] <= maxRows && !boxes // else it is of six classes
	}
	if at := s.only(rows); at >= 0 {
		return &rowsHead{at, s.boxes.or(BoxesCorners), s.w, s.h}, nil
	}
	if len(s.outputs) != 3 {
		return nil, nil
	}
	pair := func(o modelOutput) bool { return len(o.shape) == 4 && o.shape[1] == 2 }
	head := &heatHead{w: s.w, h: s.h}
	head.size = s.only(func(o modelOutput) bool { return pair(o) && o.hasWord("wh", "size") })
	head.offset = s.only(func(o modelOutput) bool { return pair(o) && o.hasWord("off", "reg") })
	if head.size < 0 || head.offset < 0 || head.size == head.offset {
		return nil, nil
	}
	head.heat = 3 - head.size - head.offset
	heat, size := s.outputs[head.heat].shape, s.outputs[head.size].shape
	if len(heat) != 4 || !slices.Equal(heat[2:], size[2:]) || !slices.Equal(size, s.outputs[head.offset].shape) {
		return nil, nil
	}
	if s.boxes != BoxesOfDecoder {
		return nil, fmt.Errorf("sizes count cells, Boxes says otherwise: %w", quintet.ErrOption)
	}
	head.columns = heat[1]
	return head, nil
}

func (h *rowsHead) classes() int { return 0 }

func (h *rowsHead) detect(outputs []optimize.Tensor, i int, least float64, to *detections) error {
	if err := shaped(outputs[h.output], -1, 6); err != nil {
		return err
	}
	data, err := item[float32](outputs[h.output], i)
	if err != nil {
		return err
	}
	for row := range slices.Chunk(data, 6) {
		score, err := probability(float64(row[4]))
		if err != nil {
			return err
		}
		if score < least {
			continue
		}
		class, err := classNumber(row[5])
		if err != nil {
			return err
		}
		if err := to.found(h.format.frame(row[0], row[1], row[2], row[3], h.w, h.h), class, score); err != nil {
			return err
		}
	}
	return nil
}

func (h *heatHead) classes() int { return h.columns }

func (h *heatHead) detect(outputs []optimize.Tensor, i int, least float64, to *detections) error {
	rows, columns := outputs[h.heat].Dim(2), outputs[h.heat].Dim(3)
	var maps [3][]float32
	for k, at := range []int{h.heat, h.size, h.offset} {
		planes := 2
		if k == 0 {
			planes = h.columns
		}
		if err := shaped(outputs[at], planes, rows, columns); err != nil {
			return err
		}
		data, err := item[float32](outputs[at], i)
		if err != nil {
			return err
		}
		maps[k] = data
	}
	cells := rows * columns
	sx, sy := float64(h.w)/float64(columns), float64(h.h)/float64(rows)
	score, err := scoresOf(maps[0])
	if err != nil {
		return err
	}
	peaks := detections{}
	for c := range h.columns {
		heat := maps[0][c*cells : (c+1)*cells]
		for at, v := range heat {
			if v := score(v); v < least || !isPeak(heat, columns, at) {
				continue
			}
			x, y := float64(at%columns)+float64(maps[2][at]), float64(at/columns)+float64(maps[2][cells+at])
			box := centred(x, y, float64(maps[1][at]), float64(maps[1][cells+at])).times(sx, sy)
			if err := peaks.found(box, c, score(v)); err != nil {
				return err
			}
		}
	}
	best := peaks.best()
	for _, p := range best[:min(len(best), maxPeaks)] {
		to.add(p)
	}
	return nil
}

// scoresOf returns what makes scores of the values of a map: nothing, or a sigmoid if
// one of them is outside 0 to 1 and they must be logits.
func scoresOf(data []float32) (func(float32) float64, error) {
	logits := false
	for _, v := range data {
		if err := finite(v); err != nil {
			return nil, err
		}
		logits = logits || v < 0 || v > 1
	}
	if logits {
		return sigmoid, nil
	}
	return func(v float32) float64 { return float64(v) }, nil
}

// isPeak reports whether no cell around is hotter.
func isPeak(heat []float32, columns, at int) bool {
	x, rows := at%columns, len(heat)/columns
	y := at / columns
	for j := max(y-1, 0); j <= min(y+1, rows-1); j++ {
		for i := max(x-1, 0); i <= min(x+1, columns-1); i++ {
			if heat[j*columns+i] > heat[at] {
				return false
			}
		}
	}
	return true
}

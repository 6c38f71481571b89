package vision

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// pick returns the index of the output with the given name or, without one, of the only
// one that fits, or of the only one of those that has one of the words in its name.
func (m *imageModel) pick(name string, fits func(modelOutput) bool, words ...string) (int, error) {
	if name != "" {
		at := slices.IndexFunc(m.outputs, func(o modelOutput) bool { return o.name == name })
		if at < 0 {
			return 0, fmt.Errorf("outputs %v, none is %s: %w", m.outputs, name, quintet.ErrOption)
		}
		if !fits(m.outputs[at]) {
			return 0, fmt.Errorf("output %v has another shape than is wanted: %w", m.outputs[at], quintet.ErrModel)
		}
		return at, nil
	}
	s := headSearch{outputs: m.outputs}
	if at := s.only(fits); at >= 0 {
		return at, nil
	}
	if at := s.only(func(o modelOutput) bool { return fits(o) && o.hasWord(words...) }); at >= 0 {
		return at, nil
	}
	return 0, fmt.Errorf("outputs %v, it is not clear which one counts: %w", m.outputs, quintet.ErrModel)
}

// isVector reports whether an output has one list of numbers for a picture.
func isVector(o modelOutput) bool {
	return o.dtype == optimize.Float32 && len(o.shape) >= 2 && o.size() > 0 && o.size() == slices.Max(o.shape[1:])
}

// size returns how many elements there are for a picture.
func (o modelOutput) size() int {
	n := 1
	for _, d := range o.shape[1:] {
		n *= d
	}
	return n
}

// vector returns the list of numbers of picture i, which are finite.
func vector(t optimize.Tensor, i, length int) ([]float32, error) {
	v, err := item[float32](t, i)
	if err != nil {
		return nil, err
	}
	if len(v) != length {
		return nil, fmt.Errorf("output %v, want %d numbers for a picture: %w", t, length, quintet.ErrModel)
	}
	for _, x := range v {
		if err := finite(x); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// softmax is exp(x) over the sum of all, computed without overflow.
func softmax(logits []float32) []float64 {
	out := make([]float64, len(logits))
	most := float64(slices.Max(logits))
	var sum float64
	for i, x := range logits {
		out[i] = math.Exp(float64(x) - most)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// isMap reports whether an output is one grid for a picture: [B,h,w], [B,1,h,w] or
// [B,h,w,1].
func isMap(o modelOutput) bool {
	n := len(o.shape)
	return n == 3 || n == 4 && (o.shape[1] == 1 || o.shape[3] == 1)
}

// mapSize returns rows and columns of a map.
func mapSize(shape []int) (rows, columns int) {
	if len(shape) == 4 && shape[1] == 1 {
		return shape[2], shape[3]
	}
	return shape[1], shape[2]
}

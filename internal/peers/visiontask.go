package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"sync"
	"time"

	"github.com/disintegration/imaging"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/vision"
)

// made is what a task makes of a picture: another picture or a tensor of 3 planes of
// 224 by 224 samples from -1 to 1.
type made struct {
	picture image.Image
	tensor  []float32
}

// visionTask is a thing that several libraries do to the same file.
type visionTask struct {
	name     string
	ours     func(*photoSet) (made, error)
	peer     string // in Go
	golang   func(*photoSet) (made, error)
	goal     float64 // milliseconds of CPU time
	faster   float64 // times than the peer in Go; 0 for no goals of ratios
	programs float64 // how long it may take, in times of each of the visionPeers
}

func visionTasks() []visionTask {
	large := func(s *photoSet) []byte { return s.large }
	medium := func(s *photoSet) []byte { return s.medium }
	return []visionTask{
		{"tensor_12mp", tensorOf(large, vision.Balanced), "imaging", imagingTensor(large), 28, 18, 0.9},
		{"tensor_1mp", tensorOf(medium, vision.Balanced), "imaging", imagingTensor(medium), 6, 0, 0},
		{"decode_12mp", decodeWhole, "image/jpeg", decodeGo, 60, 0, 0},
		{"resize_12mp", resizeLanczos, "imaging", imagingLanczos, 40, 0, 0},
	}
}

const tensorSide = 224

func tensorOf(file func(*photoSet) []byte, q vision.Quality) func(*photoSet) (made, error) {
	half := [3]float32{0.5, 0.5, 0.5}
	spec := vision.TensorSpec{
		Width: tensorSide, Height: tensorSide, Mean: half, Std: half, Fit: vision.FitStretch, Quality: q,
	}
	return func(s *photoSet) (made, error) {
		out := make([]float32, 3*tensorSide*tensorSide)
		_, err := vision.ReadTensor(context.Background(), bytes.NewReader(file(s)), spec, out)
		return made{tensor: out}, err
	}
}

// imagingTensor is what users of imaging write.
func imagingTensor(file func(*photoSet) []byte) func(*photoSet) (made, error) {
	return func(s *photoSet) (made, error) {
		m, err := jpeg.Decode(bytes.NewReader(file(s)))
		if err != nil {
			return made{}, err
		}
		small := imaging.Resize(m, tensorSide, tensorSide, imaging.Lanczos)
		out := make([]float32, 3*tensorSide*tensorSide)
		for i := range tensorSide * tensorSide {
			for c, v := range small.Pix[4*i : 4*i+3] {
				out[c*tensorSide*tensorSide+i] = float32(v)/127.5 - 1
			}
		}
		return made{tensor: out}, nil
	}
}

func decodeWhole(s *photoSet) (made, error) {
	m, _, err := vision.Decode(bytes.NewReader(s.large), vision.DecodeOptions{})
	return made{picture: m}, err
}

func decodeGo(s *photoSet) (made, error) {
	m, err := jpeg.Decode(bytes.NewReader(s.large))
	return made{picture: m}, err
}

// largePicture is 12 megapixels as a decoder gives them.
var largePicture = sync.OnceValues(func() (image.Image, error) {
	s, err := visionPictures()
	if err != nil {
		return nil, err
	}
	out, err := decodeWhole(s)
	return out.picture, err
})

func resizeLanczos(*photoSet) (made, error) {
	m, err := largePicture()
	if err != nil {
		return made{}, err
	}
	out, err := vision.Resize(m, 1152, 864, vision.Lanczos3)
	return made{picture: out}, err
}

func imagingLanczos(*photoSet) (made, error) {
	m, err := largePicture()
	if err != nil {
		return made{}, err
	}
	return made{picture: imaging.Resize(m, 1152, 864, imaging.Lanczos)}, nil
}

// outcome measures what was made.
func (m made) outcome() (o outcome) {
	if m.picture == nil {
		for _, v := range m.tensor {
			o.mean += 127.5 * (float64(v) + 1) / float64(len(m.tensor))
		}
		o.width, o.height = tensorSide, tensorSide
		return o
	}
	b := m.picture.Bounds()
	sum := uint64(0)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, b, _ := m.picture.At(x, y).RGBA()
			sum += uint64(r + g + b)
		}
	}
	return outcome{b.Dx(), b.Dy(), float64(sum) / 257 / 3 / float64(b.Dx()*b.Dy())}
}

// side does a task some times and returns the CPU time of one.
type side func(times int) (time.Duration, outcome, error)

// here is a side in this process. The outcome is not measured with it.
func here(m *report.Meter, s *photoSet, do func(*photoSet) (made, error)) side {
	return func(times int) (time.Duration, outcome, error) {
		var out made
		var err error
		took := m.Took(func() {
			for range times {
				if out, err = do(s); err != nil {
					return
				}
			}
		})
		return took / time.Duration(times), out.outcome(), err
	}
}

// roundTime is about how long a side is measured in a round.
const roundTime = 200 * time.Millisecond

// compared returns milliseconds of sides, by side and round. All must make the same.
func compared(m *report.Meter, sides ...side) ([][]float64, error) {
	out := make([][]float64, len(sides))
	times := make([]int, len(sides))
	var first outcome
	for i, do := range sides {
		took, got, err := do(1)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			first = got
		}
		if !first.alike(got) {
			return nil, fmt.Errorf("one makes %v, another %v", first, got)
		}
		times[i] = int(roundTime/max(took, time.Millisecond)) + 1
	}
	for range m.Rounds() {
		for i, do := range sides {
			took, _, err := do(times[i])
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], 1e3*took.Seconds())
		}
	}
	return out, nil
}

func visionTaskFigures() (out []report.Figure) {
	for _, t := range visionTasks() {
		out = append(out, report.Figure{
			Name: "vision/" + t.name, Unit: "ms", Goal: report.AtMost(t.goal), Parallel: true,
			Measure: func(m *report.Meter) ([]float64, error) { return t.alone(m) },
		})
		var faster, programs report.Goal
		if t.faster > 0 {
			faster, programs = report.AtLeast(t.faster), report.AtMost(t.programs)
		}
		out = append(out, report.Figure{
			Name: "vision/" + t.name + "_go", Unit: "x", Peer: t.peer, Goal: faster, Parallel: true,
			Measure: func(m *report.Meter) ([]float64, error) { return t.speedup(m) },
		})
		for _, p := range visionPeers {
			out = append(out, report.Figure{
				Name: "vision/" + t.name + "_" + p.name, Unit: "x", Peer: p.name, Goal: programs, Parallel: true,
				Measure: func(m *report.Meter) ([]float64, error) { return t.cost(m, p.open) },
			})
		}
	}
	return out
}

func (t visionTask) alone(m *report.Meter) ([]float64, error) {
	s, err := visionPictures()
	if err != nil {
		return nil, err
	}
	times, err := compared(m, here(m, s, t.ours))
	if err != nil {
		return nil, err
	}
	return times[0], nil
}

// speedup is how many times faster than the peer in Go.
func (t visionTask) speedup(m *report.Meter) ([]float64, error) {
	s, err := visionPictures()
	if err != nil {
		return nil, err
	}
	times, err := compared(m, here(m, s, t.ours), here(m, s, t.golang))
	if err != nil {
		return nil, err
	}
	return quotients(m, times[1], times[0], times), nil
}

// cost is the CPU time in that of a program.
func (t visionTask) cost(m *report.Meter, open func() (*visionPeer, error)) ([]float64, error) {
	s, err := visionPictures()
	if err != nil {
		return nil, err
	}
	p, err := open()
	if err != nil {
		return nil, err
	}
	there := func(times int) (time.Duration, outcome, error) { return p.run(t.name, times) }
	times, err := compared(m, here(m, s, t.ours), there)
	if err != nil {
		return nil, err
	}
	return quotients(m, times[0], times[1], times), nil
}

// quotients divides round by round and notes the times of both sides.
func quotients(m *report.Meter, a, b []float64, times [][]float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	m.Note("%.1f ms against %.1f ms", middle(times[0]), middle(times[1]))
	return out
}

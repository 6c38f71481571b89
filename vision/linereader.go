package vision

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// lineReader finds and reads the lines of pictures. It is safe for concurrent use.
type lineReader struct {
	opt         ReaderOptions
	detection   optimize.Session
	recognition optimize.Session
	orientation optimize.Session // nil without a model
	ctc         *ctcDecoder
}

// anyDim stands for a dimension that may be fixed or free, freeDim for one that must
// take any size.
const (
	anyDim  = -1
	freeDim = -2
)

// openLineReader loads the models. The caller closes the reader.
func openLineReader(ctx context.Context, o ReaderOptions) (*lineReader, error) {
	r := &lineReader{opt: o}
	if err := r.open(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *lineReader) open(ctx context.Context) error {
	lines := 1
	if r.opt.Batch > 1 {
		lines = freeDim
	}
	for _, m := range []struct {
		name          string
		model         optimize.Model
		session       *optimize.Session
		input, output []int
	}{
		{"detection", r.opt.Detection, &r.detection, []int{1, 3, freeDim, freeDim}, []int{1, 1, anyDim, anyDim}},
		{"recognition", r.opt.Recognition, &r.recognition,
			[]int{lines, 3, lineHeight, freeDim}, []int{lines, anyDim, anyDim}},
		{"orientation", r.opt.Orientation, &r.orientation, []int{lines, 3, lineHeight, turnWidth}, []int{lines, 2}},
	} {
		if m.model == (optimize.Model{}) {
			continue
		}
		session, err := r.opt.Runtime.Session(ctx, m.model, r.opt.Session)
		if err != nil {
			return fmt.Errorf("vision: %s: %w", m.name, err)
		}
		*m.session = session
		if err := checkTextModel(session, m.name, m.input, m.output); err != nil {
			return err
		}
	}
	classes := r.recognition.Outputs()[0]
	var err error
	r.ctc, err = newCTCDecoder(r.opt, classes)
	return err
}

func (r *lineReader) close() error {
	var errs []error
	for _, s := range []optimize.Session{r.detection, r.recognition, r.orientation} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// read returns the text of a picture.
func (r *lineReader) read(ctx context.Context, s *source) (Reading, error) {
	boxes, err := r.detect(ctx, s)
	if err != nil {
		return Reading{}, err
	}
	lines := make([]readLine, len(boxes))
	for i, b := range boxes {
		lines[i].frame = b.frame()
	}
	row := s.onWhite()
	for _, group := range groupLines(lines, r.opt.Batch) {
		if err := r.readGroup(ctx, s, row, group); err != nil {
			return Reading{}, err
		}
	}
	lines = slices.DeleteFunc(lines, func(l readLine) bool { return len(l.words) == 0 || l.score() < r.opt.MinScore })
	return reading(lines, s.img.Bounds()), nil
}

// checkTextModel holds a model against the shapes of its only input and output.
func checkTextModel(s optimize.Session, name string, input, output []int) error {
	in, out := s.Inputs(), s.Outputs()
	if len(in) != 1 || len(out) != 1 || !takesShape(in[0], input) || !takesShape(out[0], output) {
		return fmt.Errorf("vision: the %s model has the inputs %v and the outputs %v: %w", name, in, out, quintet.ErrModel)
	}
	return nil
}

func takesShape(info optimize.TensorInfo, want []int) bool {
	if info.DType != optimize.Float32 || !info.AnyRank && len(info.Shape) != len(want) {
		return false
	}
	for i, n := range info.Shape {
		if n >= 0 && want[i] != anyDim && n != want[i] {
			return false
		}
	}
	return true
}

// runTextModel runs a model on a tensor and returns its output with its shape, which
// is the wanted one where that is not anyDim.
func runTextModel(
	ctx context.Context, s optimize.Session, name string, input []float32, shape, want []int,
) ([]float32, []int, error) {
	x, err := optimize.NewTensor(input, shape...)
	if err != nil {
		return nil, nil, err
	}
	outputs, err := s.Run(ctx, []optimize.Tensor{x})
	if err != nil {
		return nil, nil, err
	}
	if len(outputs) != 1 {
		return nil, nil, fmt.Errorf("%s model gave %d outputs, want 1: %w", name, len(outputs), quintet.ErrModel)
	}
	got := outputs[0].Shape()
	data, err := optimize.Data[float32](outputs[0])
	if err != nil || !slices.EqualFunc(got, want, func(n, w int) bool { return n == w || w == anyDim }) {
		return nil, nil, fmt.Errorf("%s model gave %v, want shape %v: %w", name, outputs[0], want, quintet.ErrModel)
	}
	return data, got, nil
}

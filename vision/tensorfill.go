package vision

import "context"

// fillTensor scales the part of a picture that p names into dst. The picture was
// shrunk by n while it was decoded.
func fillTensor[T TensorElement](ctx context.Context, s *source, n int, p placement, spec TensorSpec, dst []T) error {
	w := newTensorWriter(spec, dst)
	if p.outW*p.outH < spec.Width*spec.Height {
		w.fill(spec.Fill)
	}
	row := s.colorRows(p.scaled(n, s.w, s.h), spec.Filter, p.outW, p.outH)
	start, across, down := p.steps(spec.Width)
	for y := range p.outH {
		if err := ctx.Err(); err != nil {
			return err
		}
		for c, samples := range row(y) {
			w.put(c, start+y*down, across, samples)
		}
	}
	return nil
}

// tensorWriter puts samples at their places.
type tensorWriter[T TensorElement] struct {
	dst          []T
	plane, pixel int        // from one channel, and from one pixel, to the next
	channel      [3]int     // of red, green and blue
	scale, shift [3]float32 // by channel of the picture
	bytes        bool
}

func newTensorWriter[T TensorElement](spec TensorSpec, dst []T) *tensorWriter[T] {
	w := &tensorWriter[T]{dst: dst, plane: spec.Width * spec.Height, pixel: 1, channel: [3]int{0, 1, 2}, bytes: isBytes[T]()}
	if spec.Layout == NHWC {
		w.plane, w.pixel = 1, 3
	}
	if spec.BGR {
		w.channel = [3]int{2, 1, 0}
	}
	for c, to := range w.channel {
		w.scale[c], w.shift[c] = 1/(255*spec.Std[to]), -spec.Mean[to]/spec.Std[to]
	}
	return w
}

func (w *tensorWriter[T]) fill(color RGB) {
	one := make([]float32, len(w.dst)/3)
	for c, v := range [3]uint8{color.R, color.G, color.B} {
		for i := range one {
			one[i] = float32(v)
		}
		w.put(c, 0, 1, one)
	}
}

// put writes samples of a channel from pixel at on, step pixels apart.
func (w *tensorWriter[T]) put(c, at, step int, samples []float32) {
	i, step := w.channel[c]*w.plane+at*w.pixel, step*w.pixel
	if w.bytes {
		for _, v := range samples {
			w.dst[i] = T(round(v))
			i += step
		}
		return
	}
	scale, shift := w.scale[c], w.shift[c]
	if step == 1 {
		for x, to := 0, w.dst[i:]; x < len(samples) && x < len(to); x++ {
			to[x] = T(clampSample(samples[x])*scale + shift)
		}
		return
	}
	for _, v := range samples {
		w.dst[i] = T(clampSample(v)*scale + shift)
		i += step
	}
}

// clampSample cuts what a filter rings beyond 0 and 255.
func clampSample(v float32) float32 {
	if v < 0 { // faster than the functions, which look for NaN
		return 0
	}
	if v > 255 {
		return 255
	}
	return v
}

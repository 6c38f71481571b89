package spatial_test

import (
	"math"
	"math/rand/v2"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// volume is a batch of volumes, channels first.
type volume struct {
	n, c int
	size [3]int
	v    []float32
}

func newVolume(n, c int, size [3]int) volume {
	return volume{n, c, size, make([]float32, n*c*size[0]*size[1]*size[2])}
}

func randomVolume(rng *rand.Rand, n, c int, size [3]int) volume {
	x := newVolume(n, c, size)
	for i := range x.v {
		x.v[i] = float32(rng.NormFloat64())
	}
	return x
}

// at returns the place of an element, -1 outside.
func (x *volume) at(n, c, d, h, w int) int {
	if d < 0 || h < 0 || w < 0 || d >= x.size[0] || h >= x.size[1] || w >= x.size[2] {
		return -1
	}
	return (((n*x.c+c)*x.size[0]+d)*x.size[1]+h)*x.size[2] + w
}

// tensor is x with rank spatial dimensions, channels first or last.
func (x *volume) tensor(rank int, last bool) *tensor.Tensor {
	v := x.v
	shape := append([]int{x.n}, x.size[3-rank:]...)
	if !last {
		shape = append([]int{x.n, x.c}, x.size[3-rank:]...)
		return tensor.From(v, shape...)
	}
	shape = append(shape, x.c)
	area := x.size[0] * x.size[1] * x.size[2]
	out := make([]float32, len(v))
	for n := range x.n {
		for c := range x.c {
			for p := range area {
				out[(n*area+p)*x.c+c] = v[(n*x.c+c)*area+p]
			}
		}
	}
	return tensor.From(out, shape...)
}

// sliding is a window in three dimensions.
type sliding struct {
	kernel, stride, dilation, begin, end [3]int
	groups                               int
}

// each calls f for every output place and input place that a tap joins; tap is
// the place in the kernel.
func (s *sliding) each(out [3]int, f func(o, in [3]int, tap int)) {
	for d := range out[0] {
		for h := range out[1] {
			for w := range out[2] {
				s.taps([3]int{d, h, w}, f)
			}
		}
	}
}

func (s *sliding) taps(o [3]int, f func(o, in [3]int, tap int)) {
	tap := 0
	for i := range s.kernel[0] {
		for j := range s.kernel[1] {
			for k := range s.kernel[2] {
				f(o, [3]int{
					o[0]*s.stride[0] - s.begin[0] + i*s.dilation[0],
					o[1]*s.stride[1] - s.begin[1] + j*s.dilation[1],
					o[2]*s.stride[2] - s.begin[2] + k*s.dilation[2],
				}, tap)
				tap++
			}
		}
	}
}

// naiveConv is the definition. w is out x in/groups x kernel.
func naiveConv(x, w volume, bias []float32, s sliding, out [3]int) volume {
	y := newVolume(x.n, w.n, out)
	sum := make([]float64, len(y.v))
	each := w.size[0] * w.size[1] * w.size[2]
	for n := range x.n {
		for o := range w.n {
			g := o / (w.n / s.groups)
			s.each(out, func(to, from [3]int, tap int) {
				for c := range w.c {
					if at := x.at(n, g*w.c+c, from[0], from[1], from[2]); at >= 0 {
						sum[y.at(n, o, to[0], to[1], to[2])] += float64(x.v[at]) * float64(w.v[(o*w.c+c)*each+tap])
					}
				}
			})
		}
	}
	for i := range sum {
		if bias != nil {
			sum[i] += float64(bias[i/(out[0]*out[1]*out[2])%w.n])
		}
		y.v[i] = float32(sum[i])
	}
	return y
}

// naiveConvTranspose scatters. w is in x out/groups x kernel.
func naiveConvTranspose(x, w volume, bias []float32, s sliding, out [3]int) volume {
	y := newVolume(x.n, w.c*s.groups, out)
	each := w.size[0] * w.size[1] * w.size[2]
	for i := range y.v {
		if bias != nil {
			y.v[i] = bias[i/(out[0]*out[1]*out[2])%y.c]
		}
	}
	for n := range x.n {
		for c := range x.c {
			g := c / (x.c / s.groups)
			s.each(x.size, func(from, to [3]int, tap int) {
				for o := range w.c {
					if at := y.at(n, g*w.c+o, to[0], to[1], to[2]); at >= 0 {
						y.v[at] += x.v[x.at(n, c, from[0], from[1], from[2])] * w.v[(c*w.c+o)*each+tap]
					}
				}
			})
		}
	}
	return y
}

// naivePool pools by maximum, with the place of the first maximum, or by mean
// with padding up to the given ends counted or not.
func naivePool(x volume, s sliding, out [3]int, mean, padded bool) (volume, []int64) {
	y := newVolume(x.n, x.c, out)
	index := make([]int64, len(y.v))
	count := make([]int, len(y.v))
	for i := range y.v {
		if !mean {
			y.v[i] = float32(math.Inf(-1))
		}
	}
	for n := range x.n {
		for c := range x.c {
			s.each(out, func(to, from [3]int, _ int) {
				o, at := y.at(n, c, to[0], to[1], to[2]), x.at(n, c, from[0], from[1], from[2])
				inside := true
				for i := range from {
					inside = inside && from[i] < x.size[i]+s.end[i]
				}
				if at >= 0 || padded && inside {
					count[o]++
				}
				switch {
				case at < 0:
				case mean:
					y.v[o] += x.v[at]
				case x.v[at] > y.v[o]:
					y.v[o], index[o] = x.v[at], int64(at)
				}
			})
		}
	}
	for i := range y.v {
		if mean && count[i] > 0 {
			y.v[i] /= float32(count[i])
		}
	}
	return y, index
}

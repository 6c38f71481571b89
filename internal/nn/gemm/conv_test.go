package gemm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/gemm"
)

// convolution is the definition: six loops.
func convolution(x, w []float32, s gemm.ConvShape) outputs {
	o := outputs{m: s.OutH * s.OutW, n: s.OutC, sums: make([]sum, s.OutH*s.OutW*s.OutC)}
	in, out := s.InC/s.Groups, s.OutC/s.Groups
	for oy := range s.OutH {
		for ox := range s.OutW {
			for oc := range s.OutC {
				total := &o.sums[(oy*s.OutW+ox)*s.OutC+oc]
				for ky := range s.KernelH {
					for kx := range s.KernelW {
						iy := oy*s.StrideH - s.PadTop + ky*s.DilationH
						ix := ox*s.StrideW - s.PadLeft + kx*s.DilationW
						if iy < 0 || ix < 0 || iy >= s.InH || ix >= s.InW {
							continue
						}
						for c := range in {
							v := x[(iy*s.InW+ix)*s.InStride+oc/out*in+c]
							total.add(float64(v) * float64(w[((oc*in+c)*s.KernelH+ky)*s.KernelW+kx]))
						}
					}
				}
			}
		}
	}
	return o
}

// transposedConvolution is the definition: every input adds to its outputs.
func transposedConvolution(x, w []float32, s gemm.ConvShape) outputs {
	o := outputs{m: s.OutH * s.OutW, n: s.OutC, sums: make([]sum, s.OutH*s.OutW*s.OutC)}
	in, out := s.InC/s.Groups, s.OutC/s.Groups
	for iy := range s.InH {
		for ix := range s.InW {
			for c := range s.InC {
				for ky := range s.KernelH {
					for kx := range s.KernelW {
						oy := iy*s.StrideH - s.PadTop + ky*s.DilationH
						ox := ix*s.StrideW - s.PadLeft + kx*s.DilationW
						if oy < 0 || ox < 0 || oy >= s.OutH || ox >= s.OutW {
							continue
						}
						for j := range out {
							v := w[((c*out+j)*s.KernelH+ky)*s.KernelW+kx]
							at := (oy*s.OutW+ox)*s.OutC + c/in*out + j
							o.sums[at].add(float64(x[(iy*s.InW+ix)*s.InStride+c]) * float64(v))
						}
					}
				}
			}
		}
	}
	return o
}

// outSize is the outputs along an axis with pad places added before and after.
func outSize(n, kernel, stride, dilation, before, after int) int {
	return max(0, (n+before+after-(kernel-1)*dilation-1)/stride+1)
}

// checkConv compares a convolution with its definition, computed in two bands of
// rows, and again in two bands of channels.
func checkConv(t *testing.T, rng *rand.Rand, s gemm.ConvShape, bits int) {
	t.Helper()
	label := fmt.Sprintf("%+v epilogue %d", s, bits)
	if s.InStride == 0 {
		s.InStride = s.InC
	}
	if s.OutStride == 0 {
		s.OutStride = s.OutC
	}
	x := rowsOf(rng, s.InH*s.InW, s.InC, s.InStride)
	w := random(rng, s.OutC*s.InC/s.Groups*s.KernelH*s.KernelW)
	want := convolution(x, w, s)
	e := epilogue(rng, bits, want.m, want.n)
	r := newResult(rng, want.m, want.n, s.OutStride)
	var scratch gemm.Scratch
	p := gemm.PackConv(w, s)
	band := rng.IntN(s.OutH + 1)
	gemm.Conv(r.dst, x, s, p, band, s.OutH, &scratch, e)
	gemm.Conv(r.dst, x, s, p, 0, band, &scratch, e)
	r.check(t, want, e, e.Add, s.InC/s.Groups*s.KernelH*s.KernelW, label)
	if !s.Columns() {
		return
	}
	r = newResult(rng, want.m, want.n, s.OutStride)
	cut := rng.IntN(s.OutC/16+1) * 16
	gemm.ConvColumns(r.dst, x, s, p, cut, s.OutC, &scratch, e)
	gemm.ConvColumns(r.dst, x, s, p, 0, cut, &scratch, e)
	r.check(t, want, e, e.Add, s.InC/s.Groups*s.KernelH*s.KernelW, "by columns: "+label)
}

func checkConvTranspose(t *testing.T, rng *rand.Rand, s gemm.ConvShape, bits int) {
	t.Helper()
	label := fmt.Sprintf("transposed %+v epilogue %d", s, bits)
	s.InStride, s.OutStride = max(s.InStride, s.InC), max(s.OutStride, s.OutC)
	x := rowsOf(rng, s.InH*s.InW, s.InC, s.InStride)
	w := random(rng, s.OutC*s.InC/s.Groups*s.KernelH*s.KernelW)
	want := transposedConvolution(x, w, s)
	e := epilogue(rng, bits, want.m, want.n)
	r := newResult(rng, want.m, want.n, s.OutStride)
	var scratch gemm.Scratch
	gemm.ConvTranspose(r.dst, x, s, gemm.PackConvTranspose(w, s), &scratch, e)
	r.check(t, want, e, e.Add, s.InC/s.Groups*s.KernelH*s.KernelW, label)
}

// square is a shape with the same numbers in both axes.
func square(in, inC, outC, kernel, stride, dilation, pad, groups int) gemm.ConvShape {
	out := outSize(in, kernel, stride, dilation, pad, pad)
	return gemm.ConvShape{
		InH: in, InW: in, InC: inC, OutH: out, OutW: out, OutC: outC, KernelH: kernel, KernelW: kernel,
		StrideH: stride, StrideW: stride, DilationH: dilation, DilationW: dilation,
		PadTop: pad, PadLeft: pad, Groups: groups,
	}
}

func TestConvolutionsAgreeWithTheDefinition(t *testing.T) {
	shapes := map[string]gemm.ConvShape{
		"three by three":                square(9, 16, 24, 3, 1, 1, 1, 1),
		"stem of a photograph":          square(17, 3, 20, 3, 2, 1, 1, 1),
		"stem of seven":                 square(19, 3, 16, 7, 2, 1, 3, 1),
		"grey stem":                     square(12, 1, 8, 5, 1, 1, 2, 1),
		"stem with dilation":            square(12, 3, 8, 3, 1, 2, 2, 1),
		"pointwise":                     square(7, 20, 17, 1, 1, 1, 0, 1),
		"pointwise with stride":         square(9, 20, 17, 1, 2, 1, 0, 1),
		"pointwise in groups":           square(7, 12, 18, 1, 1, 1, 0, 3),
		"groups":                        square(8, 12, 18, 3, 1, 1, 1, 3),
		"groups of one channel":         square(8, 6, 18, 3, 1, 1, 1, 6),
		"depthwise 3":                   square(11, 40, 40, 3, 1, 1, 1, 40),
		"depthwise 3 stride 2":          square(11, 16, 16, 3, 2, 1, 1, 16),
		"depthwise 5":                   square(11, 9, 9, 5, 1, 1, 2, 9),
		"depthwise 7":                   square(11, 33, 33, 7, 1, 1, 3, 33),
		"depthwise with dilation":       square(11, 12, 12, 3, 1, 3, 3, 12),
		"depthwise, kernel over image":  square(3, 12, 12, 7, 1, 1, 3, 12),
		"depthwise, padding over image": square(2, 12, 12, 3, 1, 1, 5, 12),
		"padding over image":            square(2, 12, 12, 3, 1, 1, 5, 1),
		"long signal": {
			InH: 1, InW: 1000, InC: 1, OutH: 1, OutW: outSize(1000, 400, 160, 1, 0, 0), OutC: 20,
			KernelH: 1, KernelW: 400, StrideH: 1, StrideW: 160, DilationH: 1, DilationW: 1, Groups: 1,
		},
		"signal with dilation": {
			InH: 1, InW: 50, InC: 24, OutH: 1, OutW: 50, OutC: 20, KernelH: 1, KernelW: 3,
			StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 4, PadLeft: 4, Groups: 1,
		},
		"more outputs than pixels": {
			InH: 4, InW: 4, InC: 8, OutH: 6, OutW: 4, OutC: 8, KernelH: 1, KernelW: 1,
			StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1,
		},
	}
	both(t, func(t *testing.T) {
		for name, s := range shapes {
			t.Run(name, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(1, 2))
				for _, bits := range []int{0, 9, 15} {
					checkConv(t, rng, s, bits)
				}
				s.InStride, s.OutStride = s.InC+3, s.OutC+2
				checkConv(t, rng, s, 11)
			})
		}
	})
}

// anyShape makes a small shape out of random numbers; size of dst is bounded.
func anyShape(rng *rand.Rand) gemm.ConvShape {
	s := gemm.ConvShape{
		InH: 1 + rng.IntN(9), InW: 1 + rng.IntN(20), KernelH: 1 + rng.IntN(5), KernelW: 1 + rng.IntN(5),
		StrideH: 1 + rng.IntN(3), StrideW: 1 + rng.IntN(3), DilationH: 1 + rng.IntN(2), DilationW: 1 + rng.IntN(2),
		PadTop: rng.IntN(4), PadLeft: rng.IntN(4), Groups: 1,
	}
	switch rng.IntN(4) {
	case 0:
		s.Groups = 1 + rng.IntN(44)
		s.InC, s.OutC = s.Groups, s.Groups
	case 1:
		s.Groups = 1 + rng.IntN(4)
		s.InC, s.OutC = s.Groups*(1+rng.IntN(6)), s.Groups*(1+rng.IntN(20))
	default:
		s.InC, s.OutC = 1+rng.IntN(20), 1+rng.IntN(40)
	}
	s.OutH = outSize(s.InH, s.KernelH, s.StrideH, s.DilationH, s.PadTop, rng.IntN(4))
	s.OutW = outSize(s.InW, s.KernelW, s.StrideW, s.DilationW, s.PadLeft, rng.IntN(4))
	s.InStride, s.OutStride = s.InC+rng.IntN(3), s.OutC+rng.IntN(3)
	return s
}

// anyTransposed turns a shape round: the output is the larger side.
func anyTransposed(rng *rand.Rand) gemm.ConvShape {
	s := anyShape(rng)
	s.InH, s.InW = 1+rng.IntN(5), 1+rng.IntN(9)
	s.PadTop, s.PadLeft = rng.IntN(3), rng.IntN(3)
	s.OutH = max(0, (s.InH-1)*s.StrideH+(s.KernelH-1)*s.DilationH+1-s.PadTop-rng.IntN(3))
	s.OutW = max(0, (s.InW-1)*s.StrideW+(s.KernelW-1)*s.DilationW+1-s.PadLeft-rng.IntN(3)+rng.IntN(2))
	return s
}

func TestRandomConvolutionsAgreeWithTheDefinition(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for range 120 {
			checkConv(t, rng, anyShape(rng), rng.IntN(16))
		}
	})
}

func TestRandomTransposedConvolutionsAgreeWithTheDefinition(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for range 120 {
			checkConvTranspose(t, rng, anyTransposed(rng), rng.IntN(16))
		}
	})
}

func FuzzConv(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		rng := rand.New(rand.NewPCG(a, b))
		checkConv(t, rng, anyShape(rng), rng.IntN(16))
		checkConvTranspose(t, rng, anyTransposed(rng), rng.IntN(16))
	})
}

func TestConvolutionsInSeveralChunks(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		checkConv(t, rng, square(33, 40, 17, 3, 2, 1, 1, 1), 9)
		checkConv(t, rng, square(13, 512, 3, 3, 1, 1, 1, 1), 3)
		checkConv(t, rng, square(7, 600, 16, 7, 1, 1, 0, 1), 15)
		checkConv(t, rng, square(60, 3, 9, 7, 2, 1, 3, 1), 9)
	})
}

func TestConvolutionsDoNotAllocateOnceWarm(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	shapes := []gemm.ConvShape{
		square(9, 16, 24, 3, 1, 1, 1, 1),
		square(17, 3, 20, 3, 2, 1, 1, 1), square(7, 20, 17, 1, 1, 1, 0, 1),
		square(11, 40, 40, 3, 1, 1, 1, 40),
	}
	var scratch gemm.Scratch
	for _, s := range shapes {
		x, w := random(rng, s.InH*s.InW*s.InC), random(rng, s.OutC*s.InC/s.Groups*s.KernelH*s.KernelW)
		dst, p := make([]float32, s.OutH*s.OutW*s.OutC), gemm.PackConv(w, s)
		require.Zero(t, testing.AllocsPerRun(10, func() {
			gemm.Conv(dst, x, s, p, 0, s.OutH, &scratch, gemm.Epilogue{})
		}), "%+v", s)
	}
	s := square(9, 16, 24, 3, 2, 1, 1, 1)
	s.InH, s.InW, s.OutH, s.OutW = 5, 5, 9, 9
	dst, x := make([]float32, 81*24), random(rng, 25*16)
	p := gemm.PackConvTranspose(random(rng, 16*24*9), s)
	require.Zero(t, testing.AllocsPerRun(10, func() {
		gemm.ConvTranspose(dst, x, s, p, &scratch, gemm.Epilogue{})
	}))
}

func TestImpossibleConvolutionsPanic(t *testing.T) {
	good := square(5, 4, 6, 3, 1, 1, 1, 1)
	w := make([]float32, 4*6*9)
	p := gemm.PackConv(w, good)
	dst, x := make([]float32, 25*6), make([]float32, 25*4)
	run := func(change func(s *gemm.ConvShape)) func() {
		return func() {
			s := good
			change(&s)
			gemm.Conv(dst, x, s, p, 0, s.OutH, new(gemm.Scratch), gemm.Epilogue{})
		}
	}
	require.NotPanics(t, run(func(*gemm.ConvShape) {}))
	for name, f := range map[string]func(){
		"image larger than x":    run(func(s *gemm.ConvShape) { s.InH = 6 }),
		"output larger than dst": run(func(s *gemm.ConvShape) { s.OutH = 6 }),
		"no stride":              run(func(s *gemm.ConvShape) { s.StrideW = 0 }),
		"other weights":          run(func(s *gemm.ConvShape) { s.OutC, s.OutStride = 5, 6 }),
		"no groups":              run(func(s *gemm.ConvShape) { s.Groups = 0 }),
		"beyond int32":           run(func(s *gemm.ConvShape) { s.InH = math.MaxInt32 }),
		"short weights":          func() { gemm.PackConv(w[1:], good) },
		"transposed weights": func() {
			gemm.ConvTranspose(dst, x, good, p, new(gemm.Scratch), gemm.Epilogue{})
		},
	} {
		t.Run(name, func(t *testing.T) { require.Panics(t, f) })
	}
}

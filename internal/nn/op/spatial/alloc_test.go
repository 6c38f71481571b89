package spatial_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// pool is memory that is used again, buffer by buffer.
type pool struct {
	all  [][]byte
	bufs []*tensor.Buffer
	free []int
}

func (p *pool) Get(n int) ([]byte, *tensor.Buffer, error) {
	for i, id := range p.free {
		if len(p.all[id]) == n {
			p.free = append(p.free[:i], p.free[i+1:]...)
			p.bufs[id].Refs = 1
			return p.all[id], p.bufs[id], nil
		}
	}
	id := len(p.all)
	p.all = append(p.all, tensor.Alloc(n))
	p.bufs = append(p.bufs, &tensor.Buffer{Refs: 1, ID: id})
	return p.all[id], p.bufs[id], nil
}

func (p *pool) Put(b *tensor.Buffer) { p.free = append(p.free, b.ID) }

// job is a node ready to run again and again.
type job struct {
	o       op.Op
	c       *op.Ctx
	in, out []*tensor.Tensor
}

// prepare makes a job of a fused node, with all inputs but the first constant.
func prepare(t testing.TB, name string, attrs []onnxpb.Attribute, in ...*tensor.Tensor) *job {
	t.Helper()
	var constant []int
	for i := 1; i < len(in); i++ {
		if in[i] != nil && i < 3 {
			constant = append(constant, i)
		}
	}
	o, _, err := optest.Build(domains, node(true, name, attrs), 1, in, constant...)
	require.NoError(t, err)
	out := []*tensor.Tensor{new(tensor.Tensor)}
	return &job{o, &op.Ctx{Mem: new(pool), Outs: out}, in, out}
}

func (j *job) run(t testing.TB) {
	err := j.o.Run(j.c, j.in, j.out)
	j.c.EndScratch()
	if err != nil {
		t.Fatal(err)
	}
}

// jobs are the paths that matter, on a picture of size x size pixels.
func jobs(t testing.TB, size, channels int) map[string]*job {
	rng := rand.New(rand.NewPCG(25, 26))
	random := func(shape ...int) *tensor.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return tensor.From(randomVolume(rng, 1, 1, [3]int{1, 1, n}).v, shape...)
	}
	list, text := onnxpb.IntsAttr, onnxpb.TextAttr
	type attrs = []onnxpb.Attribute
	x, v := random(1, size, size, channels), random(channels)
	same, half := list("pads", 1, 1, 1, 1), list("strides", 2, 2)
	linear, scales := text("mode", "linear"), tensor.From([]float32{1, 1, 2, 2}, 4)
	return map[string]*job{
		"op=Conv3x3":   prepare(t, "Conv", attrs{same, text("activation", "Relu")}, x, random(channels, channels, 3, 3), v, x),
		"op=Conv1x1":   prepare(t, "Conv", attrs{text("activation", "Silu")}, x, random(channels, channels, 1, 1), v),
		"op=Depthwise": prepare(t, "Conv", attrs{same, onnxpb.IntAttr("group", int64(channels))}, x, random(channels, 1, 3, 3), v),
		"op=Conv1D":    prepare(t, "Conv", attrs{list("pads", 1, 1)}, random(1, size*size, channels), random(channels, channels, 3), v),
		"op=Conv3D": prepare(t, "Conv", attrs{list("pads", 1, 1, 1, 1, 1, 1)}, random(1, 4, size/2, size/2, channels),
			random(channels, channels, 3, 3, 3), v),
		"op=ConvTranspose": prepare(t, "ConvTranspose", attrs{half}, x, random(channels, channels, 2, 2), v),
		"op=MaxPool":       prepare(t, "MaxPool", attrs{list("kernel_shape", 3, 3), half, same}, x),
		"op=MaxPool2x2":    prepare(t, "MaxPool", attrs{list("kernel_shape", 2, 2), half}, x),
		"op=MaxPool5x5":    prepare(t, "MaxPool", attrs{list("kernel_shape", 5, 5), list("pads", 2, 2, 2, 2)}, x),
		"op=AveragePool":   prepare(t, "AveragePool", attrs{list("kernel_shape", 3, 3), half, same}, x),
		"op=GlobalAverage": prepare(t, "GlobalAveragePool", nil, x),
		"op=GlobalMax":     prepare(t, "GlobalMaxPool", nil, x),
		"op=Nearest":       prepare(t, "Resize", attrs{text("coordinate_transformation_mode", "asymmetric")}, x, nil, scales),
		"op=Linear":        prepare(t, "Resize", attrs{linear}, x, nil, scales),
		"op=Cubic":         prepare(t, "Resize", attrs{text("mode", "cubic")}, x, nil, scales),
		"op=GridSample":    prepare(t, "GridSample", nil, x, random(1, size, size, 2)),
		"op=BatchNorm":     prepare(t, "BatchNormalization", nil, x, v, v, v, v),
		"op=InstanceNorm":  prepare(t, "InstanceNormalization", nil, x, v, v),
	}
}

func TestRunsDoNotAllocate(t *testing.T) {
	for name, j := range jobs(t, 12, 16) {
		t.Run(name, func(t *testing.T) {
			require.Zero(t, testing.AllocsPerRun(5, func() { j.run(t) }))
		})
	}
}

func BenchmarkChannelsLast(b *testing.B) {
	for _, size := range []struct{ pixels, channels int }{{56, 64}, {112, 16}, {14, 256}} {
		for name, j := range jobs(b, size.pixels, size.channels) {
			b.Run(fmt.Sprintf("%s/pixels=%d/channels=%d", name, size.pixels, size.channels), func(b *testing.B) {
				for b.Loop() {
					j.run(b)
				}
				b.ReportMetric(float64(j.out[0].Len())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Melem/s")
			})
		}
	}
}

// BenchmarkNaive is what the definitions of the tests take for op=Conv3x3 and
// op=MaxPool of BenchmarkChannelsLast.
func BenchmarkNaive(b *testing.B) {
	rng := rand.New(rand.NewPCG(33, 34))
	one, three := [3]int{1, 1, 1}, [3]int{1, 3, 3}
	s := sliding{kernel: three, stride: one, dilation: one, begin: [3]int{0, 1, 1}, end: [3]int{0, 1, 1}, groups: 1}
	x, w := randomVolume(rng, 1, 256, [3]int{1, 14, 14}), randomVolume(rng, 256, 256, three)
	b.Run("op=Conv3x3/pixels=14/channels=256", func(b *testing.B) {
		for b.Loop() {
			naiveConv(x, w, nil, s, x.size)
		}
	})
	s.stride = [3]int{1, 2, 2}
	b.Run("op=MaxPool/pixels=14/channels=256", func(b *testing.B) {
		for b.Loop() {
			naivePool(x, s, s.outSize(x.size, false), false, false)
		}
	})
}

package testmodel

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// PictureOptions are the sizes of a picture classifier. Zero means what the
// published network has, given behind each field.
type PictureOptions struct {
	Seed      uint64
	Size      int  // 224, height and width of the input in pixels
	Classes   int  // 1000
	Thin      int  // 1; divides the numbers of channels, which are then rounded up to 8
	BatchNorm bool // keep BatchNormalization instead of folding it into the convolution before it
}

func (o PictureOptions) withDefaults() PictureOptions {
	for p, def := range map[*int]int{&o.Size: 224, &o.Classes: 1000, &o.Thin: 1} {
		if *p == 0 {
			*p = def
		}
	}
	return o
}

// ResNet18 returns the network of He, Zhang, Ren, Sun, CVPR 2016, with 18
// layers. Input: x, float32[batch,3,Size,Size]. Output: y, float32[batch,Classes].
func ResNet18(o PictureOptions) *onnxpb.Model {
	p := newPicture("resnet18", o)
	x := p.conv("conv1", p.x, convolution{out: p.thin(64), kernel: 7, stride: 2, act: relu})
	x.name = p.OpWith("MaxPool", attrs(onnxpb.IntsAttr("kernel_shape", 3, 3), onnxpb.IntsAttr("pads", 1, 1, 1, 1),
		onnxpb.IntsAttr("strides", 2, 2)), x.name)
	for stage, width := range []int{64, 128, 256, 512} {
		for block := range 2 {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			x = p.basicBlock(fmt.Sprintf("layer%d.%d", stage+1, block), x, p.thin(width), stride)
		}
	}
	return p.classify(x)
}

// basicBlock is two convolutions beside a shortcut.
func (p *picture) basicBlock(name string, x plane, out, stride int) plane {
	y := p.conv(name+".conv1", x, convolution{out: out, kernel: 3, stride: stride, act: relu})
	y = p.conv(name+".conv2", y, convolution{out: out, kernel: 3, stride: 1})
	if stride != 1 || x.channels != out {
		x = p.conv(name+".downsample", x, convolution{out: out, kernel: 1, stride: stride})
	}
	return plane{p.Op("Relu", p.Op("Add", y.name, x.name)), out}
}

// MobileNetV2 returns the network of Sandler, Howard, Zhu, Zhmoginov, Chen, CVPR
// 2018. Input: x, float32[batch,3,Size,Size]. Output: y, float32[batch,Classes].
func MobileNetV2(o PictureOptions) *onnxpb.Model {
	p := newPicture("mobilenetv2", o)
	x := p.conv("features.0", p.x, convolution{out: p.thin(32), kernel: 3, stride: 2, act: relu6})
	stages := []struct{ expand, out, count, stride int }{
		{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1},
	}
	n := 0
	for _, s := range stages {
		for i := range s.count {
			stride := s.stride
			if i > 0 {
				stride = 1
			}
			n++
			x = p.invertedResidual(fmt.Sprintf("features.%d", n), x, s.expand, p.thin(s.out), stride)
		}
	}
	x = p.conv(fmt.Sprintf("features.%d", n+1), x, convolution{out: p.thin(1280), kernel: 1, stride: 1, act: relu6})
	return p.classify(x)
}

// invertedResidual widens, filters each channel alone and narrows again.
func (p *picture) invertedResidual(name string, x plane, expand, out, stride int) plane {
	y := x
	if expand > 1 {
		y = p.conv(name+".expand", y, convolution{out: x.channels * expand, kernel: 1, stride: 1, act: relu6})
	}
	filter := convolution{out: y.channels, kernel: 3, stride: stride, depthwise: true, act: relu6}
	y = p.conv(name+".depthwise", y, filter)
	y = p.conv(name+".project", y, convolution{out: out, kernel: 1, stride: 1})
	if stride == 1 && x.channels == out {
		y.name = p.Op("Add", x.name, y.name)
	}
	return y
}

// picture is a classifier being built.
type picture struct {
	net
	o         PictureOptions
	x         plane
	zero, six string
}

// plane is a value of shape [batch,channels,height,width].
type plane struct {
	name     string
	channels int
}

func newPicture(name string, o PictureOptions) *picture {
	o = o.withDefaults()
	p := &picture{net: newNet(name, o.Seed), o: o}
	size := onnxpb.FixedDim(int64(o.Size))
	p.x = plane{p.Input("x", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(3), size, size), 3}
	p.zero, p.six = p.scalar("zero", 0), p.scalar("six", 6)
	return p
}

// thin is the number of channels that stands for the published one.
func (p *picture) thin(channels int) int {
	return max((channels/p.o.Thin+7)/8*8, 8)
}

type activation int

const (
	none activation = iota
	relu
	relu6
)

// convolution is a square one with padding that keeps the size at stride 1.
type convolution struct {
	out, kernel, stride int
	depthwise           bool
	act                 activation
}

func (p *picture) conv(name string, x plane, c convolution) plane {
	in, group := x.channels, 1
	if c.depthwise {
		in, group = 1, x.channels
	}
	// The deviation keeps the second moment of what a ReLU lets through.
	deviation := math.Sqrt(2 / float64(in*c.kernel*c.kernel))
	w := p.normal(name+".weight", deviation, c.out, in, c.kernel, c.kernel)
	k, s, pad := int64(c.kernel), int64(c.stride), int64(c.kernel-1)/2
	at := attrs(onnxpb.IntsAttr("dilations", 1, 1), onnxpb.IntAttr("group", int64(group)),
		onnxpb.IntsAttr("kernel_shape", k, k), onnxpb.IntsAttr("pads", pad, pad, pad, pad), onnxpb.IntsAttr("strides", s, s))
	var y string
	if p.o.BatchNorm {
		y = p.batchNorm(name+".bn", p.OpWith("Conv", at, x.name, w), c.out)
	} else {
		y = p.OpWith("Conv", at, x.name, w, p.normal(name+".bias", 0.05, c.out))
	}
	switch c.act {
	case relu:
		y = p.Op("Relu", y)
	case relu6:
		y = p.Op("Clip", y, p.zero, p.six)
	}
	return plane{y, c.out}
}

func (p *picture) batchNorm(name, x string, channels int) string {
	gain, bias := p.around(name+".weight", 1, 0.05, channels), p.normal(name+".bias", 0.05, channels)
	mean := p.normal(name+".running_mean", 0.05, channels)
	variance := p.around(name+".running_var", 1, 0.05, channels)
	return p.OpWith("BatchNormalization", attrs(onnxpb.FloatAttr("epsilon", 1e-5)), x, gain, bias, mean, variance)
}

// classify ends the network with the mean over the pixels and a linear layer.
func (p *picture) classify(x plane) *onnxpb.Model {
	flat := p.OpWith("Flatten", attrs(onnxpb.IntAttr("axis", 1)), p.Op("GlobalAveragePool", x.name))
	w := p.normal("fc.weight", 1/math.Sqrt(float64(x.channels)), p.o.Classes, x.channels)
	y := p.OpWith("Gemm", attrs(onnxpb.FloatAttr("alpha", 1), onnxpb.FloatAttr("beta", 1), onnxpb.IntAttr("transB", 1)),
		flat, w, p.normal("fc.bias", 0.02, p.o.Classes))
	p.Rename(y, "y")
	p.Output("y", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(int64(p.o.Classes)))
	return p.Model(17)
}

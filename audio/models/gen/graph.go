package main

import (
	"fmt"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// The sizes of the network.
const (
	window = 576 // samples that the network sees of a frame, 64 of them from before it
	pad    = 64  // samples that are mirrored behind them
	fft    = 256 // samples of a transform
	hop    = 128 // from one transform to the next
	bins   = fft/2 + 1
	state  = 128 // numbers of the hidden state, and of the cell state
)

// weights finds the constants of the branch for 16 kHz by the end of their names.
type weights struct {
	byName map[string]*onnxpb.Tensor
	err    error // of the first that is not there or not as expected
}

// prefix begins the names of the constants of the branch for 16 kHz.
const prefix = "If_0_then_branch__Inline_0__"

func newWeights(m *onnxpb.Model) *weights {
	w := &weights{byName: map[string]*onnxpb.Tensor{}}
	for g := range m.Graph.All() {
		for _, n := range g.Nodes {
			if a := n.Attr("value"); n.Is("Constant") && a != nil && a.Tensor != nil {
				w.byName[n.Output(0)] = a.Tensor
			}
		}
	}
	return w
}

// take returns the elements of the named constant, which must have the given
// dimensions.
func (w *weights) take(name string, dims ...int64) []float32 {
	n := int64(1)
	for _, d := range dims {
		n *= d
	}
	t := w.byName[prefix+name]
	if t == nil {
		return w.fail(n, "there is no constant %s", name)
	}
	if fmt.Sprint(t.Dims) != fmt.Sprint(dims) {
		return w.fail(n, "%s has dimensions %v, want %v", name, t.Dims, dims)
	}
	v, err := t.Float32s()
	if err != nil {
		return w.fail(n, "%s: %v", name, err)
	}
	return v
}

func (w *weights) fail(n int64, format string, a ...any) []float32 {
	if w.err == nil {
		w.err = fmt.Errorf(format, a...)
	}
	return make([]float32, n)
}

// convert returns the network for 16 kHz of the published model as one that takes
// any number of frames that follow one another: all but the recurrent layer then
// works on many frames at once.
func convert(published *onnxpb.Model) (*onnxpb.Model, error) {
	w := newWeights(published)
	b := onnxpb.NewBuilder("silero_vad_v6_16k")
	many := onnxpb.FreeDim("frames")
	one, wide := onnxpb.FixedDim(1), onnxpb.FixedDim(state)
	x := b.Input("input", onnxpb.Float, many, onnxpb.FixedDim(window))
	h := b.Input("h", onnxpb.Float, one, one, wide)
	c := b.Input("c", onnxpb.Float, one, one, wide)

	recurrent(b, w, encoder(b, w, spectrum(b, w, x)), h, c)
	b.Output("output", onnxpb.Float, many)
	b.Output("hN", onnxpb.Float, one, one, wide)
	b.Output("cN", onnxpb.Float, one, one, wide)
	return b.Model(16), w.err
}

// spectrum is the magnitude of four transforms of each frame: [frames, bins, 4].
func spectrum(b *onnxpb.Builder, w *weights, x string) string {
	x = b.OpWith("Pad", []onnxpb.Attribute{onnxpb.TextAttr("mode", "reflect")}, x, ints(b, 0, 0, 0, pad))
	x = b.Op("Unsqueeze", x, ints(b, 1))
	basis := w.take("stft.forward_basis_buffer", 2*bins, 1, fft) // cosines, then sines, under a window
	square := func(part []float32) string {
		s := b.OpWith("Conv", []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", fft), onnxpb.IntsAttr("strides", hop)},
			x, floats(b, part, bins, 1, fft))
		return b.Op("Mul", s, s)
	}
	return b.Op("Sqrt", b.Op("Add", square(basis[:bins*fft]), square(basis[bins*fft:])))
}

// encoder is four convolutions along time, the last two of which see one moment:
// [frames, 128, 1].
func encoder(b *onnxpb.Builder, w *weights, x string) string {
	in := int64(bins)
	for i, layer := range []struct{ out, stride int64 }{{128, 1}, {64, 2}, {64, 2}, {128, 1}} {
		name := fmt.Sprintf("encoder.%d.reparam_conv.", i)
		x = b.Op("Relu", b.OpWith("Conv", []onnxpb.Attribute{
			onnxpb.IntsAttr("kernel_shape", 3), onnxpb.IntsAttr("strides", layer.stride), onnxpb.IntsAttr("pads", 1, 1),
		}, x, floats(b, w.take(name+"weight", layer.out, in, 3), layer.out, in, 3),
			floats(b, w.take(name+"bias", layer.out), layer.out)))
		in = layer.out
	}
	return x
}

// recurrent carries the state from frame to frame and says how probable speech is.
func recurrent(b *onnxpb.Builder, w *weights, x, h, c string) {
	x = b.Op("Reshape", x, ints(b, -1, 1, state))
	bias := append(gates(w.take("decoder.rnn.bias_ih", 4*state)), gates(w.take("decoder.rnn.bias_hh", 4*state))...)
	b.Add(onnxpb.NewNode("LSTM", []string{
		x,
		floats(b, gates(w.take("decoder.rnn.weight_ih", 4*state, state)), 1, 4*state, state),
		floats(b, gates(w.take("decoder.rnn.weight_hh", 4*state, state)), 1, 4*state, state),
		floats(b, bias, 1, 8*state), "", h, c,
	}, []string{"Y", "hN", "cN"}, onnxpb.IntAttr("hidden_size", state)))
	y := b.Op("Reshape", b.Op("Relu", "Y"), ints(b, -1, state))
	y = b.OpWith("Gemm", nil, y, floats(b, w.take("decoder.decoder.2.weight", 1, state, 1), state, 1),
		floats(b, w.take("decoder.decoder.2.bias", 1), 1))
	b.Rename(b.Op("Sigmoid", b.Op("Reshape", y, ints(b, -1))), "output")
}

// gates brings the rows of the four gates from the order of PyTorch (input,
// forget, cell, output) into that of ONNX (input, output, forget, cell).
func gates(v []float32) []float32 {
	n := len(v) / 4
	out := make([]float32, 0, len(v))
	for _, gate := range []int{0, 3, 1, 2} {
		out = append(out, v[gate*n:(gate+1)*n]...)
	}
	return out
}

func floats(b *onnxpb.Builder, v []float32, dims ...int64) string {
	return b.Weight(onnxpb.NewTensor("", v, dims...))
}

func ints(b *onnxpb.Builder, v ...int64) string {
	return b.Weight(onnxpb.NewTensor("", v, int64(len(v))))
}

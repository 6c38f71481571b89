package onnxpb_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
)

// chain is a model of n small nodes: all structure, no weights.
func chain(n int) *onnxpb.Model {
	b := onnxpb.NewBuilder("chain")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"))
	for range n {
		x = b.OpWith("LeakyRelu", []onnxpb.Attribute{onnxpb.FloatAttr("alpha", 0.1)}, x)
	}
	b.Output(x, onnxpb.Float, onnxpb.FreeDim("n"))
	return b.Model(17)
}

func BenchmarkRead(b *testing.B) {
	encoder := testmodel.Encoder(testmodel.EncoderOptions{Layers: 1}).Append(nil)
	nodes := chain(100_000).Append(nil)
	for _, bench := range []struct {
		name string
		data []byte
	}{{"weights", encoder}, {"nodes=100000", nodes}} {
		b.Run(fmt.Sprintf("%s/model", bench.name), func(b *testing.B) {
			b.SetBytes(int64(len(bench.data)))
			b.ReportAllocs()
			for b.Loop() {
				_, err := onnxpb.Read(bench.data)
				require.NoError(b, err)
			}
		})
		b.Run(fmt.Sprintf("%s/info", bench.name), func(b *testing.B) {
			b.SetBytes(int64(len(bench.data)))
			b.ReportAllocs()
			for b.Loop() {
				_, err := onnxpb.ReadInfo(bench.data)
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, bench := range []struct {
		name string
		m    *onnxpb.Model
	}{{"weights", testmodel.Encoder(testmodel.EncoderOptions{Layers: 1})}, {"nodes=100000", chain(100_000)}} {
		b.Run(bench.name, func(b *testing.B) {
			dst := make([]byte, 0, bench.m.Size())
			b.SetBytes(int64(cap(dst)))
			b.ReportAllocs()
			for b.Loop() {
				bench.m.Append(dst)
			}
		})
	}
}

func BenchmarkElements(b *testing.B) {
	const n = 1 << 20
	raw := onnxpb.NewTensor("w", make([]float32, n), n)
	typed := &onnxpb.Tensor{DataType: onnxpb.Float, Dims: []int64{n}, FloatData: make([]float32, n)}
	half := &onnxpb.Tensor{DataType: onnxpb.Float16, Dims: []int64{n}, Raw: make([]byte, 2*n)}
	for name, t := range map[string]*onnxpb.Tensor{"float32=raw": raw, "float32=typed": typed, "float16=raw": half} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(4 * n)
			for b.Loop() {
				_, err := t.Float32s()
				require.NoError(b, err)
			}
		})
	}
}

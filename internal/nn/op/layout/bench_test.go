package layout_test

import (
	"testing"

	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func BenchmarkTranspose(b *testing.B) {
	for name, tt := range map[string]struct {
		x    *tensor.Tensor
		perm []int64
	}{
		"heads=12x128x32":  {counting[float32](1, 128, 12, 32), []int64{0, 2, 1, 3}},
		"keys=12x128x32":   {counting[float32](1, 128, 12, 32), []int64{0, 2, 3, 1}},
		"nchw=64x112x112":  {counting[float32](1, 64, 112, 112), []int64{0, 2, 3, 1}},
		"nhwc=64x112x112":  {counting[float32](1, 112, 112, 64), []int64{0, 3, 1, 2}},
		"bytes=64x112x112": {counting[uint8](1, 64, 112, 112), []int64{0, 2, 3, 1}},
	} {
		run := prepare(b, node("Transpose", 1, onnxpb.IntsAttr("perm", tt.perm...)), 13, tt.x)
		b.Run(name+"/op=ours", func(b *testing.B) {
			b.SetBytes(int64(2 * len(tt.x.Data)))
			for b.Loop() {
				_ = run()
			}
		})
		b.Run(name+"/op=copy", func(b *testing.B) {
			dst := make([]byte, len(tt.x.Data))
			b.SetBytes(int64(2 * len(tt.x.Data)))
			for b.Loop() {
				copy(dst, tt.x.Data)
			}
		})
	}
}

func BenchmarkEmbedding(b *testing.B) {
	table := counting[float32](30522, 384)
	index := make([]int64, 128)
	for i := range index {
		index[i] = int64(i * 7919 % 30522)
	}
	run := prepare(b, node("Gather", 1), 13, table, tensor.From(index, 1, 128))
	b.SetBytes(128 * 384 * 4)
	for b.Loop() {
		_ = run()
	}
}

// BenchmarkSmall is of what dynamic shapes are computed with on every run.
func BenchmarkSmall(b *testing.B) {
	axis := onnxpb.IntAttr("axis", 0)
	for name, run := range map[string]func() error{
		"op=Shape":     prepare(b, node("Shape", 1), 13, counting[float32](1, 2, 3)),
		"op=Gather":    prepare(b, node("Gather", 1, axis), 13, ints(1, 2, 3), integer(1)),
		"op=Unsqueeze": prepare(b, node("Unsqueeze", 1), 13, integer(1), ints(0)),
		"op=Concat":    prepare(b, node("Concat", 1, axis), 13, ints(1), ints(2), ints(-1)),
		"op=Slice":     prepare(b, node("Slice", 1), 13, ints(1, 2, 3), ints(0), ints(1), ints(0)),
		"op=Reshape":   prepare(b, node("Reshape", 1), 13, counting[float32](1, 2, 3), ints(0, -1)),
		"op=Expand":    prepare(b, node("Expand", 1), 13, ints(1), ints(4)),
		"op=Squeeze":   prepare(b, node("Squeeze", 1), 13, ints(1), ints(0)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = run()
			}
		})
	}
}

func BenchmarkTopK(b *testing.B) {
	x := counting[float32](1, 8400)
	v := tensor.Of[float32](x)
	for i := range v {
		v[i] = float32(i * 7919 % 8400)
	}
	run := prepare(b, node("TopK", 2), 13, x, ints(100))
	for b.Loop() {
		_ = run()
	}
}

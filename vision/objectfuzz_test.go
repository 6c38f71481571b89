package vision_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

// hostile makes numbers of bytes, now and then one that should not be.
func hostile(data []byte, n int) []float32 {
	odd := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.MaxFloat32, -5, 7}
	out := make([]float32, n)
	for i := range out {
		if len(data) == 0 {
			break
		}
		b := data[i%len(data)] + byte(i/len(data))
		if out[i] = float32(b) / 249; b >= 250 {
			out[i] = odd[b-250]
		}
	}
	return out
}

// shapes are the outputs of each decoder for an input of 64 by 32 and n rows.
func shapes(kind uint8, n int) (vision.ObjectDecoder, []optimize.TensorInfo) {
	out := func(name string, shape ...int) optimize.TensorInfo {
		return optimize.TensorInfo{Name: name, DType: optimize.Float32, Shape: append([]int{-1}, shape...)}
	}
	switch kind % 8 {
	case 0:
		return vision.DecoderYOLOX, []optimize.TensorInfo{out("o", 42, 8)}
	case 1:
		return vision.DecoderYOLO, []optimize.TensorInfo{out("o", 7, n+8)}
	case 2:
		return vision.DecoderYOLO, []optimize.TensorInfo{out("o", n+9, 8)}
	case 3:
		return vision.DecoderSSD, []optimize.TensorInfo{out("boxes", n, 4), out("scores", n, 4)}
	case 4:
		return vision.DecoderSSD, []optimize.TensorInfo{out("boxes", n, 4), out("scores", n), out("classes", n)}
	case 5:
		return vision.DecoderDETR, []optimize.TensorInfo{out("boxes", n, 4), out("logits", n, 3+int(kind>>7))}
	case 6:
		return vision.DecoderCenterNet, []optimize.TensorInfo{out("rows", n, 6)}
	}
	return vision.DecoderCenterNet, []optimize.TensorInfo{out("hm", 3, n, 2), out("wh", 2, n, 2), out("reg", 2, n, 2)}
}

// FuzzObjectDetector holds the promise of Object and Run against any numbers: an error
// of the model, or objects inside of the picture, the highest score first.
func FuzzObjectDetector(f *testing.F) {
	for kind := range uint8(8) {
		f.Add(kind, uint8(5), uint16(40), uint16(30), []byte{10, 60, 90, 130, 200, 240, 120})
		f.Add(kind, uint8(0), uint16(1), uint16(300), []byte{250, 251, 1})
	}
	f.Fuzz(func(t *testing.T, kind, n uint8, w, h uint16, data []byte) {
		decoder, infos := shapes(kind, int(n))
		s := &stub{inputs: pictureInput(64, 32), outputs: infos}
		s.run = func(context.Context, int) ([]optimize.Tensor, error) {
			var out []optimize.Tensor
			for k, info := range infos {
				shape := append([]int{1}, info.Shape[1:]...)
				size := 1
				for _, d := range shape {
					size *= d
				}
				out = append(out, tensorOf(t, hostile(data[min(k, len(data)):], size), shape...))
			}
			return out, nil
		}
		d, err := vision.NewObjectDetector(vision.ObjectDetectorOptions{
			Model: optimize.ModelBytes([]byte("m")), Runtime: s.runtime(t), Decoder: decoder, Labels: []string{"a", "b", "c"},
			Boxes: vision.BoxFormat(kind / 8 % 6), MinScore: 0.2,
		})
		if err != nil {
			require.True(t, errors.Is(err, quintet.ErrOption) || errors.Is(err, quintet.ErrModel), "%v", err)
			return
		}
		defer d.Close()
		bounds := image.Rect(-7, 3, -6+int(w%500), 4+int(h%500))
		got, err := d.Run(t.Context(), vision.Picture{Image: image.NewGray(bounds)})
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrModel)
			require.Nil(t, got)
		}
		for i, o := range got {
			require.False(t, o.Box.Empty())
			require.True(t, o.Box.In(bounds), "%v in %v", o.Box, bounds)
			require.True(t, o.Score >= 0.2 && o.Score <= 1, "%v", o.Score)
			require.True(t, i == 0 || got[i-1].Score >= o.Score)
			require.Equal(t, d.Labels()[o.Class], o.Label)
		}
	})
}

func BenchmarkObjectDecoder(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	const rows, classes = 8400, 80
	data := rare(randoms(rng, rows*(5+classes), 0, 0.36), rng)
	shapes := map[string][]int{"YOLOX": {rows, 5 + classes}, "YOLO": {4 + classes, rows}}
	for name, shape := range shapes {
		b.Run(fmt.Sprintf("decoder=%s/rows=%d", name, rows), func(b *testing.B) {
			s := &stub{inputs: pictureInput(640, 640), outputs: []optimize.TensorInfo{
				{Name: "o", DType: optimize.Float32, Shape: append([]int{-1}, shape...)},
			}}
			s.run = func(context.Context, int) ([]optimize.Tensor, error) {
				n := shape[0] * shape[1]
				return []optimize.Tensor{tensorOf(b, data[:n], append([]int{1}, shape...)...)}, nil
			}
			d := objects(b, vision.ObjectDetectorOptions{Model: optimize.ModelBytes([]byte("m")), Runtime: s.runtime(b)})
			in := vision.Picture{Image: image.NewGray(image.Rect(0, 0, 64, 64))}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Run(b.Context(), in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

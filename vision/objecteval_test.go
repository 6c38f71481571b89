package vision_test

import (
	"image"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

// published returns a model that is not part of the repository.
func published(t *testing.T, name string) optimize.Model {
	t.Helper()
	m, err := optimize.OpenModel(filepath.Join(evaluation, "../models", name))
	if err != nil {
		t.Skipf("no models for the evaluation: %v", err)
	}
	return m
}

// TestEvaluateObjectsOfCenterNet counts what a real network finds, with the options'
// defaults, in photographs whose things people counted.
func TestEvaluateObjectsOfCenterNet(t *testing.T) {
	model := published(t, "centernet-coco-converted.onnx")
	_, pictures, boxes := groups(t)
	_, pictures["astronaut"] = portrait(t)
	boxes["astronaut"] = []image.Rectangle{herFace}
	d := objects(t, vision.ObjectDetectorOptions{Model: model})
	require.Equal(t, vision.DecoderCenterNet, d.Decoder())
	persons, others, all := 0, 0, 0
	for name, m := range pictures {
		got, err := d.Run(t.Context(), vision.Picture{Image: m})
		require.NoError(t, err)
		taken := make([]bool, len(got))
		all += len(boxes[name])
		for _, face := range boxes[name] {
			middle := face.Min.Add(face.Max).Div(2)
			for i, o := range got {
				if o.Label == "person" && !taken[i] && middle.In(o.Box) {
					taken[i] = true
					persons++
					break
				}
			}
		}
		for _, person := range taken {
			if !person {
				others++
			}
		}
	}
	t.Logf("%d pictures: %d of %d persons with a face, %d other objects", len(pictures), persons, all, others)
	require.GreaterOrEqual(t, persons, 46)
	require.LessOrEqual(t, others, 11) // people behind, a laptop, a tie
}

// TestEvaluateObjectsOfSSD reads the boxes of a real detector of faces. Those of the
// data are its own, of twice the size.
func TestEvaluateObjectsOfSSD(t *testing.T) {
	model := published(t, "ultraface-rfb-320.onnx")
	_, pictures, boxes := groups(t)
	const mean, std = 127. / 255, 128. / 255
	spec := vision.TensorSpec{Mean: [3]float32{mean, mean, mean}, Std: [3]float32{std, std, std}, Fit: vision.FitStretch, Filter: vision.Bilinear}
	d := objects(t, vision.ObjectDetectorOptions{Model: model, Labels: []string{"face"}, MinScore: 0.7, Overlap: 0.3, Spec: spec})
	require.Equal(t, vision.DecoderSSD, d.Decoder())
	hits, wrong, all := 0, 0, 0
	for name, m := range pictures {
		got, err := d.Run(t.Context(), vision.Picture{Image: m})
		require.NoError(t, err)
		var faces []vision.Face
		for _, o := range got {
			require.Equal(t, "face", o.Label)
			faces = append(faces, vision.Face{Box: o.Box})
		}
		h, w := match(boxes[name], faces)
		hits, wrong, all = hits+h, wrong+w, all+len(boxes[name])
	}
	t.Logf("%d photographs: %d of %d faces, %d false", len(pictures), hits, all, wrong)
	require.GreaterOrEqual(t, hits, all-1)
	require.LessOrEqual(t, wrong, 1)
}

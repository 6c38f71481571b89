package docs_test

import (
	"bytes"
	"fmt"
	"os"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
	"github.com/quintet-ai/quintet/vision/video"
)

func Example_visionLook() {
	data, err := os.ReadFile("../examples/quickstart/samples/astronaut.jpg")
	check(err)
	p, err := vision.New(vision.Options{Tasks: vision.TaskProperties | vision.TaskHashes | vision.TaskColors | vision.TaskFaces})
	check(err)
	r, err := p.Run(ctx, vision.Picture{ID: "a.jpg", Data: data})
	check(err)
	fmt.Println(r.Properties.Width, r.Properties.Height, len(r.Faces), r.Hashes.Perceptual, len(r.Colors))
	check(p.Close())
	// Output: 512 512 1 c2924c5532bddfc8 5
}

func Example_visionThumbnail() {
	file, err := os.Open("../examples/quickstart/samples/astronaut.jpg")
	check(err)
	out := new(bytes.Buffer)
	var faces []vision.Face
	img, info, err := vision.Decode(file, vision.DecodeOptions{Formats: []vision.Format{vision.JPEG, vision.PNG}})
	check(err)
	small, err := vision.Thumbnail(img, 200, 200, vision.FitSmart, faces...) // keeps the faces in
	check(err)
	check(vision.EncodeJPEG(out, small, vision.JPEGOptions{Quality: 85})) // without EXIF
	fmt.Println(info.Format, small.Bounds().Size())
	// Output: jpeg (200,200)
}

func Example_visionBlur() {
	file, err := os.Open("../examples/quickstart/samples/astronaut.jpg")
	check(err)
	img, _, err := vision.Decode(file, vision.DecodeOptions{})
	check(err)
	d, err := vision.NewFaceDetector(vision.FaceDetectorOptions{MinScore: 0.5}) // rather one too many
	check(err)
	faces, err := d.Run(ctx, vision.Picture{Image: img})
	check(err)
	safe, err := vision.BlurFaces(img, faces)
	check(err)
	left, err := d.Run(ctx, vision.Picture{Image: safe})
	check(err)
	fmt.Println(len(faces), "before,", len(left), "after")
	// Output: 1 before, 0 after
}

func Example_visionDuplicates() {
	hashes := []vision.Hash{0xff00ff00ff00ff00, 0x123456789abcdef0, 0xff00ff00ff00ff01}
	groups, err := vision.Duplicates(hashes, 5) // 5 finds copies, 10 variants
	check(err)
	fmt.Println(groups)
	// Output: [[0 2]]
}

func Example_visionTensor() {
	file, err := os.Open("../examples/quickstart/samples/astronaut.jpg")
	check(err)
	tensor := make([]float32, 3*224*224)
	t, err := vision.ReadTensor(ctx, file, vision.ImageNetSpec(224, 224), tensor)
	check(err)
	fmt.Println(t.Box(76, 33, 121, 78)) // a box that the model found, in the photograph
	// Output: (173,75)-(277,179)
}

func Example_visionModel() {
	var data []byte
	m, err := optimize.OpenModel("models/yolox_s.onnx")
	check(err)
	d, err := vision.NewObjectDetector(vision.ObjectDetectorOptions{Model: m, Labels: vision.COCOLabels()})
	check(err)
	objects, err := d.Run(ctx, vision.Picture{Data: data})
	check(err)
	for _, o := range objects {
		fmt.Println(o.Label, o.Score, o.Box)
	}
}

func Example_visionVideo() {
	v, err := vision.OpenY4M(os.Stdin, vision.Limits{}) // ffmpeg -i a.mp4 -f yuv4mpegpipe -
	check(err)
	for scene, err := range video.Scenes(v.Frames(), video.SceneOptions{}) {
		check(err)
		fmt.Println(scene.First, scene.Last)
	}
}
